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
    /// Account of HTTP Basic.
    pub account: Text,
    /// Password of HTTP Basic.
    pub password: SecretString,
    /// How fast.
    pub pace: Pace,
    /// Sends a random `Requestid` with every request, the same one when it is repeated. Not in the documents (api-spec.md section 8).
    pub request_ids: bool,
}

impl HelpdeskOptions {
    /// The usual pace, no request ids.
    pub fn new(url: impl Into<String>, account: impl Into<Text>, password: SecretString) -> Self {
        Self { url: url.into(), account: account.into(), password, pace: Pace::default(), request_ids: false }
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

/// Without account and password: an account may be somebody's phone number.
impl fmt::Debug for HelpdeskOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, account: _, password: _, pace, request_ids } = self;
        f.debug_struct("HelpdeskOptions").field("url", url).field("pace", pace).field("request_ids", request_ids).finish_non_exhaustive()
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
