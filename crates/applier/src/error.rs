//! What can go wrong between building a client and reading a reply, and what to do about it.
//!
//! No message ever holds a credential, a query or an unshortened body: the client redacts what it quotes before it gets here.

use std::fmt;
use std::sync::Arc;

use deskform_model::{Platform, Text};

use crate::request::{Method, Request};
use crate::retry::Trouble;

/// Settings with which no client can be built. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Not an absolute `http` or `https` URL without credentials, query and fragment.
    #[error("the url of the {} is not usable: {problem}", platform_name(*.platform))]
    Url {
        /// Whose.
        platform: Platform,
        /// Why.
        problem: &'static str,
    },
    /// Credentials would travel in the clear (api-spec.md X1).
    #[error("the url of the {} begins with http:// and its host is not this machine", platform_name(*.platform))]
    Insecure {
        /// Whose.
        platform: Platform,
    },
    /// A credential holds characters that no HTTP header can.
    #[error("the credentials of the {} hold characters that cannot be sent", platform_name(*.platform))]
    Credentials {
        /// Whose.
        platform: Platform,
    },
    /// The HTTP library refused the settings (no certificates, a proxy variable that is no URL).
    #[error("the http client cannot be set up")]
    Setup(#[source] reqwest::Error),
}

/// A request that failed, after all attempts.
#[derive(Debug)]
pub struct RequestError {
    /// Where it went.
    pub platform: Platform,
    /// How.
    pub method: Method,
    /// The path, without query.
    pub path: String,
    /// How often it was sent or tried.
    pub attempts: u32,
    /// What the platform, or else deskform, calls the last attempt in its logs, if either does.
    pub request_id: Option<String>,
    /// What went wrong the last time.
    pub fault: Box<Fault>,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.method.as_str(), self.path, self.fault)
    }
}

/// The message says the fault already, so the cause is the fault's own.
impl std::error::Error for RequestError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.fault)
    }
}

/// What went wrong with one attempt.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The settings name no such platform.
    #[error("the platform is not configured")]
    NotConfigured,
    /// The request could not even be built.
    #[error("the request cannot be built")]
    Unsendable(#[source] reqwest::Error),
    /// No connection; not a byte was sent.
    #[error("cannot connect to {host}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// Why.
        source: reqwest::Error,
    },
    /// No complete reply in time.
    #[error("no complete reply in time")]
    TimedOut(#[source] reqwest::Error),
    /// The connection broke after something may have been sent.
    #[error("the connection broke before the reply was complete")]
    Lost(#[source] reqwest::Error),
    /// The reply points elsewhere; redirects are never followed, because credentials would go with them.
    #[error("status {status} redirects to {target}")]
    Redirected {
        /// The HTTP status.
        status: u16,
        /// The host it points to, or a word that says that there is none.
        target: String,
    },
    /// A well-formed refusal: by HTTP status, or by a code inside any reply (api-spec.md section 4, H44, X7).
    #[error("refused with status {status}{}{}", optional(", code ", code.as_deref()), optional(": ", (!message.is_empty()).then_some(message)))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The platform's `code`, `errcode` or `status`.
        code: Option<Text>,
        /// The platform's text, shortened and redacted.
        message: String,
    },
    /// Not JSON at all.
    #[error("status {status} with {} instead of json{}", if *.html { "an html page" } else { "text" }, optional(": ", Some(excerpt)))]
    NotJson {
        /// The HTTP status.
        status: u16,
        /// Whether it looks like a page for people.
        html: bool,
        /// Its beginning, redacted.
        excerpt: String,
    },
    /// JSON that ends too early.
    #[error("status {status} with a reply that ends in the middle: {excerpt}")]
    Truncated {
        /// The HTTP status.
        status: u16,
        /// Its beginning, redacted.
        excerpt: String,
    },
    /// JSON of another shape.
    #[error("status {status} without {expected}: {excerpt}")]
    WrongShape {
        /// The HTTP status.
        status: u16,
        /// What the reply should have held.
        expected: String,
        /// Its beginning, redacted.
        excerpt: String,
    },
    /// There is no access token, so the request was not sent.
    #[error(transparent)]
    NoToken(TokenFault),
    /// More than the client is willing to hold.
    #[error("status {status} with a reply of more than {limit} bytes")]
    TooLarge {
        /// The HTTP status.
        status: u16,
        /// The limit in bytes.
        limit: usize,
    },
}

/// Why no access token can be had: what went wrong with the request for one, told to everybody who waited for it.
#[derive(Clone, Debug)]
pub struct TokenFault(pub Arc<Fault>);

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no access token: {}", self.0)
    }
}

/// The message says the fault already, so the cause is the fault's own.
impl std::error::Error for TokenFault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.0)
    }
}

impl RequestError {
    pub(crate) fn new(request: &Request, attempts: u32, fault: Fault) -> Self {
        Self {
            platform: request.platform,
            method: request.method,
            path: request.path.clone(),
            attempts,
            request_id: None,
            fault: Box::new(fault),
        }
    }

    /// The HTTP status of the reply, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.fault.http_status()
    }

    /// The platform's code, if the reply was a refusal with one.
    pub fn code(&self) -> Option<&str> {
        if let Fault::Refused { code, .. } = &*self.fault { code.as_deref() } else { None }
    }

    /// Whether the platform may have carried the request out. False only when it certainly did not: nothing was sent, or a
    /// well-formed refusal blames the request itself. An unknown code may hide a half-done write (api-spec.md A2).
    pub fn may_have_arrived(&self) -> bool {
        match &*self.fault {
            fault if fault.is_throttled() => false,
            Fault::NotConfigured | Fault::Unsendable(_) | Fault::Unreachable { .. } | Fault::NoToken(_) => false,
            // 303 says that the answer to what was done is elsewhere.
            Fault::Redirected { status, .. } => *status == 303,
            Fault::Refused { .. } => !(self.fault.is_final() || matches!(self.fault.meant_status(), 400..=407 | 409..=499)),
            Fault::NotJson { status, .. } => *status != 401,
            Fault::TimedOut(_) | Fault::Lost(_) | Fault::Truncated { .. } | Fault::WrongShape { .. } | Fault::TooLarge { .. } => true,
        }
    }

    /// Whether this is a well-formed answer that refuses the request, and not for want of credentials or time.
    pub fn refuses_request(&self) -> bool {
        matches!(&*self.fault, Fault::Refused { .. }) && !self.fault.is_throttled() && !self.is_authentication()
    }

    /// Whether the credentials were not accepted, or the account may not do this. Says nothing about whether an object exists.
    pub fn is_authentication(&self) -> bool {
        match &*self.fault {
            Fault::Refused { .. } => match self.fault.meant_status() {
                401 | 407 => true,
                // 403 is also the documented answer to an unknown sId (api-spec.md H27).
                403 => !self.fault.says_unknown(),
                _ => self.fault.blames_credentials(),
            },
            Fault::NotJson { status, .. } | Fault::WrongShape { status, .. } => matches!(status, 401 | 407),
            Fault::NoToken(TokenFault(fault)) => fault.refuses_key_pair(),
            _ => false,
        }
    }

    /// Whether trying anything else with the same credentials would fail as well, and could lock the account (api-spec.md A3).
    pub fn refuses_credentials(&self) -> bool {
        let said = self.status() == Some(401) || self.code() == Some("401") || matches!(&*self.fault, Fault::NoToken(_));
        said && self.is_authentication()
    }

    /// Whether a well-formed refusal says that the object does not exist (api-spec.md section 4, H20, H27).
    pub fn is_not_found(&self) -> bool {
        match &*self.fault {
            Fault::Refused { code, .. } => {
                self.fault.meant_status() == 404 && code.as_deref() != Some(BAD_URI) || self.fault.says_unknown()
            }
            _ => false,
        }
    }

    /// Whether the platform refused with a code of its own that no document explains, without saying that it is unwell or that the
    /// credentials are wrong. On a read of one object that is how some say that there is none (api-spec.md A2, A17).
    pub(crate) fn is_unexplained_refusal(&self) -> bool {
        matches!(&*self.fault, Fault::Refused { code: Some(_), .. })
            && (200..300).contains(&self.fault.meant_status())
            && !self.is_authentication()
    }

    /// What a person can do about it, as a lower-case fragment.
    pub fn hint(&self) -> Option<&'static str> {
        if self.is_authentication() {
            return Some(match (self.platform, self.fault.meant_status()) {
                _ if matches!(&*self.fault, Fault::NoToken(_)) => {
                    "check clientId and clientSecret of the helpdesk in the project file and its environment variables"
                }
                (Platform::Helpdesk, 403) => "the account must be an administrator of the helpdesk",
                (Platform::Helpdesk, _) => "check account and password of the helpdesk in the project file and its environment variables",
                (Platform::CallCenter, _) => {
                    "check token and abbreviate of the call centre in the project file and its environment variables"
                }
            });
        }
        Some(match &*self.fault {
            Fault::NotConfigured => "add the platform to the project file",
            Fault::NoToken(_) => "check tokenUrl in the project file; without it tokens come from /api/token.php of the helpdesk",
            Fault::Unreachable { source, .. } if looks_like_tls(source) => {
                "the certificate or the encryption was not accepted: check the url, the clock and the certificates of this machine"
            }
            Fault::Unreachable { .. } => "check the url in the project file, the network and the proxy variables",
            Fault::TimedOut(_) | Fault::Lost(_) | Fault::Truncated { .. } => {
                "try again; if it goes on, lower concurrency in the project file"
            }
            Fault::Redirected { .. } => "set the url in the project file to the address that it redirects to, if that is your platform",
            Fault::NotJson { .. } => "check that the url is the platform's api; a gateway or proxy in between may have answered",
            Fault::Refused { status: 429 | 503, .. } => "the platform is busy: lower requestsPerSecond in the project file or try later",
            Fault::Refused { status: 500.., .. } => "the platform had an internal problem: try later",
            Fault::Refused { status: 200..=299, code: Some(_), .. } if self.platform == Platform::CallCenter => {
                "if this code means success on your call centre, add it to successCodes in the project file"
            }
            Fault::WrongShape { .. } => "check that the url is the platform's api; its reply may have changed",
            Fault::TooLarge { .. } | Fault::Unsendable(_) | Fault::Refused { .. } => return None,
        })
    }
}

/// 10011 unknown support, 10012 wrong module, 10013 unknown presence (api-spec.md section 4), 100047 unknown path (section 8).
const DOCUMENTED: [&str; 4] = [UNKNOWN_SUPPORT, "10012", "10013", BAD_URI];
const UNKNOWN_SUPPORT: &str = "10011";
const BAD_URI: &str = "100047";
/// The one documented refusal that comes without a code of its own (api-spec.md H27).
const UNKNOWN_SID: &str = "sId does not exist";
/// What an undocumented code is about when its text says so, in lower case (api-spec.md A3).
const ABOUT_CREDENTIALS: [&str; 4] = ["token", "unauthor", "鉴权", "认证"];

/// What OAuth2 calls a key pair that it does not accept (RFC 6749 section 5.2).
const ABOUT_KEY_PAIRS: [&str; 2] = ["invalid_client", "unauthorized_client"];

impl Fault {
    pub(crate) fn trouble(&self) -> Trouble {
        match self {
            Self::Unreachable { .. } => Trouble::NotSent,
            Self::NoToken(TokenFault(fault)) => match fault.trouble() {
                _ if fault.is_final_for_token() => Trouble::Final,
                trouble @ (Trouble::NotSent | Trouble::Final | Trouble::Hopeless) => trouble,
                // Whatever became of the request for a token, the request itself was turned away before anything was done.
                Trouble::Lost | Trouble::Unclear | Trouble::Passing | Trouble::Throttled => Trouble::Throttled,
            },
            _ if self.is_throttled() => Trouble::Throttled,
            Self::TimedOut(_) | Self::Lost(_) | Self::Truncated { .. } => Trouble::Lost,
            Self::NotConfigured | Self::Unsendable(_) | Self::Redirected { .. } | Self::TooLarge { .. } => Trouble::Hopeless,
            _ if self.is_final() => Trouble::Final,
            Self::Refused { .. } if !matches!(self.meant_status(), 408 | 425 | 500..) => Trouble::Unclear,
            Self::Refused { .. } | Self::NotJson { .. } | Self::WrongShape { .. } => Trouble::Passing,
        }
    }

    /// Whether the platform was asked too much: such a request is turned away before anything is done, whatever the reply looks like.
    pub(crate) fn is_throttled(&self) -> bool {
        match self {
            Self::Refused { .. } => self.meant_status() == 429,
            _ => self.http_status() == Some(429),
        }
    }

    /// Whether the same request would be refused again (design.md section 4, "Retries"). A 401 counts in any form: repeating wrong
    /// credentials may lock the account (api-spec.md A3).
    fn is_final(&self) -> bool {
        match self {
            Self::Refused { code, .. } => {
                matches!(self.meant_status(), 400 | 401 | 403 | 404)
                    || code.as_deref().is_some_and(|code| DOCUMENTED.contains(&code))
                    || self.blames_credentials()
            }
            Self::NotJson { status, .. } | Self::WrongShape { status, .. } => *status == 401,
            _ => false,
        }
    }

    /// Whether a token endpoint that says this would say it again.
    pub(crate) fn is_final_for_token(&self) -> bool {
        self.is_final() || self.refuses_key_pair()
    }

    /// Whether a token endpoint does not accept the key pair.
    fn refuses_key_pair(&self) -> bool {
        match self {
            Self::Refused { code, .. } => {
                matches!(self.meant_status(), 401 | 403) || code.as_deref().is_some_and(|code| ABOUT_KEY_PAIRS.contains(&code))
            }
            _ => self.http_status() == Some(401),
        }
    }

    /// Whether a token was not accepted: another one may be.
    pub(crate) fn refuses_token(&self) -> bool {
        !matches!(self, Self::NoToken(_)) && (self.http_status() == Some(401) || self.meant_status() == 401)
    }

    fn says_unknown(&self) -> bool {
        matches!(self, Self::Refused { code, message, .. } if code.as_deref() == Some(UNKNOWN_SUPPORT) || message.contains(UNKNOWN_SID))
    }

    /// Whether a refusal inside a success looks like one of the credentials (api-spec.md A3).
    fn blames_credentials(&self) -> bool {
        let Self::Refused { message, .. } = self else { return false };
        let message = message.to_lowercase();
        self.meant_status() < 300 && ABOUT_CREDENTIALS.iter().any(|word| message.contains(word))
    }

    pub(crate) fn http_status(&self) -> Option<u16> {
        match self {
            Self::Redirected { status, .. }
            | Self::Refused { status, .. }
            | Self::NotJson { status, .. }
            | Self::Truncated { status, .. }
            | Self::WrongShape { status, .. }
            | Self::TooLarge { status, .. } => Some(*status),
            Self::NoToken(TokenFault(fault)) => fault.http_status(),
            Self::NotConfigured | Self::Unsendable(_) | Self::Unreachable { .. } | Self::TimedOut(_) | Self::Lost(_) => None,
        }
    }

    /// The status that a refusal means: HTTP's, or inside a success the code, where that is one of HTTP's (api-spec.md H27).
    fn meant_status(&self) -> u16 {
        match (self, self.http_status()) {
            (Self::Refused { code: Some(code), .. }, Some(status)) if status < 400 => {
                code.parse().ok().filter(|code| (400..600).contains(code)).unwrap_or(status)
            }
            (_, status) => status.unwrap_or_default(),
        }
    }
}

fn looks_like_tls(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        let text = error.to_string().to_lowercase();
        if ["certificate", "tls", "handshake", "corrupt message"].iter().any(|word| text.contains(word)) {
            return true;
        }
        cause = error.source();
    }
    false
}

fn optional(lead: &str, text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).map(|text| format!("{lead}{text}")).unwrap_or_default()
}

fn platform_name(platform: Platform) -> &'static str {
    match platform {
        Platform::Helpdesk => "helpdesk",
        Platform::CallCenter => "call centre",
    }
}
