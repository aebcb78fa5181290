//! Refusals, and the forms in which the two platforms wrap what they say.
//!
//! One [`Rejection`] is rendered differently per endpoint, because the platforms are not of one mind (api-spec.md 1.1).

use axum::http::header::{CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

/// Why the server does not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Rejection {
    #[error("the body is not valid JSON")]
    NotJson(#[source] serde_json::Error),
    #[error("{0} is required")]
    Missing(String),
    #[error("{field} {problem}")]
    Invalid { field: String, problem: String },
    #[error("account or password is wrong")]
    Unauthenticated,
    #[error("The client credentials are invalid")]
    InvalidClient,
    #[error("Grant type is not supported")]
    UnsupportedGrant,
    #[error("only an administrator may do this")]
    NotAdministrator,
    #[error("abbreviate does not belong to this token")]
    WrongTenant,
    #[error("invalid resource URI")]
    NoSuchResource,
    #[error("the support does not exist")]
    NoSuchSupport,
    #[error("sPassportName already exists")]
    AccountTaken,
    #[error("the calling account cannot be deleted")]
    OwnAccount,
    #[error("plate is not one of 1, 2, 3")]
    WrongPlate,
    #[error("state is not configured")]
    UnknownPresence,
    #[error("the duty does not exist")]
    NoSuchDuty,
    #[error("a duty before the current time cannot be deleted")]
    PastDuty,
    #[error("the agent does not exist")]
    NoSuchAgent,
    #[error("operatorId already exists")]
    AgentTaken,
    #[error("the sip number belongs to another agent")]
    SipTaken,
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
    #[error("the reply cannot be written")]
    Unwritable(#[source] serde_json::Error),
}

impl Rejection {
    /// A value that breaks a rule: `{field} {problem}`.
    pub(crate) fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), problem: problem.into() }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotJson(_) | Self::Missing(_) | Self::Invalid { .. } | Self::WrongPlate | Self::UnknownPresence | Self::PastDuty => {
                StatusCode::BAD_REQUEST
            }
            Self::UnsupportedGrant => StatusCode::BAD_REQUEST,
            Self::Unauthenticated | Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::NotAdministrator | Self::WrongTenant | Self::OwnAccount => StatusCode::FORBIDDEN,
            Self::NoSuchResource | Self::NoSuchSupport | Self::NoSuchDuty | Self::NoSuchAgent => StatusCode::NOT_FOUND,
            Self::AccountTaken | Self::AgentTaken | Self::SipTaken => StatusCode::CONFLICT,
            Self::Database(_) | Self::Unwritable(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The documented error codes (api-spec.md section 4).
    fn documented_code(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::NoSuchSupport => Some(("10011", "该客服不存在")),
            Self::WrongPlate => Some(("10012", "功能模块输入不正确")),
            Self::UnknownPresence => Some(("10013", "输入的客服状态在后台无匹配值")),
            _ => None,
        }
    }
}

impl Rejection {
    /// The word of OAuth2 (RFC 6749 section 5.2).
    fn oauth_error(&self) -> &'static str {
        match self {
            Self::InvalidClient => "invalid_client",
            Self::UnsupportedGrant => "unsupported_grant_type",
            Self::Database(_) | Self::Unwritable(_) => "server_error",
            _ => "invalid_request",
        }
    }
}

/// How an endpoint wraps its refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `{"status": 404, "message": "..."}`: supports and servicers.
    Bare,
    /// The same, but an unknown sId is the documented 403: permissions.
    Permission,
    /// `{"code": "10011", "message": "..."}`: presence, schedules and the reading of sign-ins.
    Envelope,
    /// The envelope inside the wrapper `signIn`: the writing of sign-ins.
    EnvelopeInSignIn,
    /// `{"code": 404, "msg": "..."}` under HTTP 200: the call centre.
    CallCenter,
    /// `{"error": "invalid_client", "error_description": "..."}`: the token endpoint.
    OAuth,
}

/// Renders a refusal in the form of the endpoint that makes it.
pub(crate) fn refusal(rejection: &Rejection, form: Form) -> Response {
    let status = rejection.status();
    let body = match form {
        Form::Permission if matches!(rejection, Rejection::NoSuchSupport) => {
            let body = json!({"status": 403, "message": "The sId does not exist"});
            return json_response(StatusCode::FORBIDDEN, body.to_string());
        }
        Form::Bare | Form::Permission => json!({"status": status.as_u16(), "message": rejection.to_string()}),
        Form::Envelope => coded(rejection, status),
        Form::EnvelopeInSignIn => json!({"signIn": coded(rejection, status)}),
        Form::OAuth => json!({"error": rejection.oauth_error(), "error_description": rejection.to_string()}),
        Form::CallCenter => {
            // Only what keeps a call from being understood at all has an HTTP status of its own.
            let http = match rejection {
                Rejection::Unauthenticated | Rejection::Database(_) | Rejection::Unwritable(_) => status,
                _ => StatusCode::OK,
            };
            return json_response(http, json!({"code": status.as_u16(), "msg": rejection.to_string()}).to_string());
        }
    };
    let mut response = json_response(status, body.to_string());
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"helpdesk\""));
    }
    response
}

fn coded(rejection: &Rejection, status: StatusCode) -> Value {
    match rejection.documented_code() {
        Some((code, message)) => json!({"code": code, "message": message}),
        None => json!({"code": status.as_u16().to_string(), "message": rejection.to_string()}),
    }
}

/// What a handler answers when it did what it was asked; the HTTP status is always 200, also for a creation.
#[derive(Debug)]
pub(crate) struct Reply {
    body: String,
    location: Option<String>,
}

impl Reply {
    /// A reply with this body.
    pub(crate) fn new(body: &impl Serialize) -> Result<Self, Rejection> {
        let body = serde_json::to_string(body).map_err(Rejection::Unwritable)?;
        Ok(Self { body, location: None })
    }

    /// The helpdesk's envelope `{"code": "0", "message": ..., "data": ...}`.
    pub(crate) fn enveloped(message: &'static str, data: &impl Serialize) -> Result<Self, Rejection> {
        Self::new(&Envelope { code: "0", message, data })
    }

    /// Adds a `Location` header.
    pub(crate) fn located_at(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    code: &'static str,
    message: &'static str,
    data: &'a T,
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = json_response(StatusCode::OK, self.body);
        if let Some(location) = self.location.and_then(|location| HeaderValue::try_from(location).ok()) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}

/// A response with a JSON body.
pub(crate) fn json_response(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}
