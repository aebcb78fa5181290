//! What a client has to know.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use deskform_model::Text;
use secrecy::SecretString;

use crate::lane::Pace;
use crate::retry::RetryPolicy;

/// What a client has to know. A platform that is not given cannot be talked to.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// The helpdesk.
    pub helpdesk: Option<HelpdeskOptions>,
    /// The call centre.
    pub call_center: Option<CallCenterOptions>,
    /// How often and how long is tried.
    pub retry: RetryPolicy,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long one attempt may take from connecting to the last byte.
    pub attempt_timeout: Duration,
    /// How many bytes a reply may have, unpacked.
    pub max_reply: usize,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            helpdesk: None,
            call_center: None,
            retry: RetryPolicy::default(),
            connect_timeout: Duration::from_secs(10),
            attempt_timeout: Duration::from_secs(30),
            max_reply: 64 << 20,
        }
    }
}

/// Where the helpdesk is and who calls it.
#[derive(Clone)]
pub struct HelpdeskOptions {
    /// Base URL; `https` unless the host is this machine.
    pub url: String,
    /// How it is signed in to.
    pub auth: HelpdeskAuth,
    /// How fast.
    pub pace: Pace,
    /// Sends a random `Requestid` with every request, the same one when it is repeated. Not in the documents (api-spec.md section 8).
    pub request_ids: bool,
}

impl HelpdeskOptions {
    /// HTTP Basic, the usual pace, no request ids.
    pub fn new(url: impl Into<String>, account: impl Into<Text>, password: SecretString) -> Self {
        Self::with_auth(url, HelpdeskAuth::Basic { account: account.into(), password })
    }

    /// The usual pace, no request ids.
    pub fn with_auth(url: impl Into<String>, auth: HelpdeskAuth) -> Self {
        Self { url: url.into(), auth, pace: Pace::default(), request_ids: false }
    }
}

/// How the helpdesk is signed in to.
#[derive(Clone)]
pub enum HelpdeskAuth {
    /// HTTP Basic.
    Basic {
        /// A support's account.
        account: Text,
        /// Its password.
        password: SecretString,
    },
    /// OAuth2 client credentials (api-spec.md section 8).
    OAuth2 {
        /// The key pair's SecretID.
        client_id: SecretString,
        /// Its Secret.
        client_secret: SecretString,
        /// Where tokens are given: an absolute URL, `https` unless the host is this machine; `/api/token.php` of the helpdesk without it.
        token_url: Option<String>,
        /// The account that the key pair belongs to, where it is known.
        account: Option<Text>,
    },
}

impl HelpdeskAuth {
    /// The account that requests are made with, where it is known.
    pub fn account(&self) -> Option<&Text> {
        match self {
            Self::Basic { account, .. } => Some(account),
            Self::OAuth2 { account, .. } => account.as_ref(),
        }
    }

    /// What no message may hold.
    pub(super) fn secret(&self) -> &SecretString {
        match self {
            Self::Basic { password, .. } => password,
            Self::OAuth2 { client_secret, .. } => client_secret,
        }
    }
}

/// Without anything that is secret, or may be somebody's phone number.
impl fmt::Debug for HelpdeskAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic { .. } => "Basic",
            Self::OAuth2 { .. } => "OAuth2",
        })
    }
}

/// Where the call centre is and which tenant calls it.
#[derive(Clone)]
pub struct CallCenterOptions {
    /// Base URL; `https` unless the host is this machine.
    pub url: String,
    /// The `token` header.
    pub token: SecretString,
    /// Company abbreviation, in every body.
    pub abbreviate: Text,
    /// Company id, in every body where it is given (api-spec.md A20).
    pub company_id: Option<i64>,
    /// Values of `code` that mean success (api-spec.md A1).
    pub success_codes: BTreeSet<i64>,
    /// How fast.
    pub pace: Pace,
}

impl CallCenterOptions {
    /// The usual pace and success codes, no company id.
    pub fn new(url: impl Into<String>, token: SecretString, abbreviate: impl Into<Text>) -> Self {
        Self {
            url: url.into(),
            token,
            abbreviate: abbreviate.into(),
            company_id: None,
            success_codes: BTreeSet::from([0, 200]),
            pace: Pace::default(),
        }
    }
}

/// Without credentials.
impl fmt::Debug for HelpdeskOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, auth, pace, request_ids } = self;
        let mut shown = f.debug_struct("HelpdeskOptions");
        shown.field("url", url).field("auth", auth).field("pace", pace).field("request_ids", request_ids).finish()
    }
}

/// Without token.
impl fmt::Debug for CallCenterOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, token: _, abbreviate, company_id, success_codes, pace } = self;
        f.debug_struct("CallCenterOptions")
            .field("url", url)
            .field("abbreviate", abbreviate)
            .field("company_id", company_id)
            .field("success_codes", success_codes)
            .field("pace", pace)
            .finish_non_exhaustive()
    }
}
