//! How deskform signs in to the helpdesk.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::credential::Credential;

/// How deskform signs in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Auth {
    /// HTTP basic authentication.
    Basic(Basic),
    /// OAuth2 client credentials.
    #[serde(rename = "oauth2")]
    OAuth2(OAuth2),
}

impl Auth {
    /// Everything that it signs in with.
    pub fn credentials(&self) -> [&Credential; 2] {
        match self {
            Self::Basic(basic) => [&basic.account, &basic.password],
            Self::OAuth2(oauth2) => [&oauth2.client_id, &oauth2.client_secret],
        }
    }
}

impl JsonSchema for Auth {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Auth".into()
    }

    fn inline_schema() -> bool {
        true
    }

    /// Both ways as keys of one object, of which one is given: what is wrong inside one of them is told then.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (basic, oauth2) = (Basic::json_schema(generator), OAuth2::json_schema(generator));
        json_schema!({
            "type": "object",
            "additionalProperties": false,
            "properties": { "basic": basic, "oauth2": oauth2 },
            "oneOf": [{ "required": ["basic"] }, { "required": ["oauth2"] }],
        })
    }
}

/// HTTP Basic: account and password of a support.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Basic {
    /// The account.
    pub account: Credential,
    /// Its password.
    pub password: Credential,
}

/// OAuth2 client credentials: a key pair that the main account makes in the back office.
// Public facts alone, see api-spec.md section 8.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OAuth2 {
    /// The key pair's SecretID.
    pub client_id: Credential,
    /// The key pair's Secret.
    pub client_secret: Credential,
    /// Where tokens are given; without it /api/token.php of the helpdesk.
    pub token_url: Option<String>,
    /// The account that the key pair belongs to, where it is a support: deskform never removes or demotes who it signs in as.
    #[schemars(length(min = 1))]
    pub account: Option<String>,
}
