//! The endpoints of both platforms, one file per resource.
//!
//! [`ENDPOINTS`] is the whole surface; a handler is a plain function from a call to a reply that runs inside one
//! transaction.

mod agents;
mod paging;
mod permissions;
mod plate_service_state;
mod schedules;
mod search;
mod servicers;
mod sign_ins;
mod supports;
pub(crate) mod token;

use std::collections::BTreeMap;

use axum::extract::Query;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};
use rusqlite::Connection;
use serde_json::Value;

use crate::auth::{Caller, Role, Tokens};
use crate::envelope::{Form, Rejection, Reply};
use crate::fields::{self, Object};
use crate::options::Options;

/// One documented endpoint.
#[derive(Debug)]
pub struct Endpoint {
    /// A name of our own in kebab-case: `list-supports`.
    pub name: &'static str,
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// The path, with `{id}` where the number of a support stands.
    pub path: &'static str,
    pub(crate) work: Work,
}

/// All documented endpoints of both platforms, in the order of the documents, and the one that gives tokens.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    ENDPOINTS.iter()
}

/// Whose endpoint it is and what answers it.
#[derive(Debug)]
pub(crate) enum Work {
    Helpdesk {
        role: Role,
        form: Form,
        work: fn(&HelpdeskCall<'_>) -> Result<Reply, Rejection>,
    },
    CallCenter {
        work: fn(&AgentCall<'_>) -> Result<Reply, Rejection>,
    },
    /// Gives tokens of the helpdesk.
    Token,
}

const fn helpdesk(
    name: &'static str,
    method: &'static str,
    path: &'static str,
    role: Role,
    form: Form,
    work: fn(&HelpdeskCall<'_>) -> Result<Reply, Rejection>,
) -> Endpoint {
    Endpoint { name, method, path, work: Work::Helpdesk { role, form, work } }
}

const fn call_center(name: &'static str, path: &'static str, work: fn(&AgentCall<'_>) -> Result<Reply, Rejection>) -> Endpoint {
    Endpoint { name, method: "POST", path, work: Work::CallCenter { work } }
}

use Form::{Bare, Envelope, EnvelopeInSignIn, Permission};
use Role::{Administrator, AnySupport};

const SUPPORTS: &str = "/api/v1/supports.json";
const SUPPORT: &str = "/api/v1/supports/{id}.json";
const SHOW_MANY: &str = "/api/v1/supports/show_many.json";
const SEARCH: &str = "/api/v1/supportgroups/supports/search.json";
const SERVICER: &str = "/api/v1/servicers/{id}.json";
const PERMISSION: &str = "/api/v1/permissions/{id}.json";
const PLATE: &str = "/api/v1/plate_service_state/{id}.json";
const SIGN_IN: &str = "/api/v1/signin.json";
const SCHEDULES: &str = "/api/v1/schedules.json";

pub(crate) static ENDPOINTS: &[Endpoint] = &[
    helpdesk("list-supports", "GET", SUPPORTS, Administrator, Bare, supports::list),
    helpdesk("get-support", "GET", SUPPORT, AnySupport, Bare, supports::get),
    helpdesk("show-many-supports", "GET", SHOW_MANY, Administrator, Bare, supports::show_many),
    helpdesk("create-support", "POST", SUPPORTS, Administrator, Bare, supports::create),
    helpdesk("update-support", "PUT", SUPPORT, AnySupport, Bare, supports::update),
    helpdesk("delete-support", "DELETE", SUPPORT, Administrator, Bare, supports::recycle),
    helpdesk("search-supports", "GET", SEARCH, Administrator, Bare, search::search),
    helpdesk("restore-support", "PUT", SERVICER, Administrator, Bare, servicers::set_standing),
    helpdesk("set-permission", "PUT", PERMISSION, Administrator, Permission, permissions::set),
    helpdesk("get-plate-service-state", "GET", PLATE, Administrator, Envelope, plate_service_state::get),
    helpdesk("set-plate-service-state", "PUT", PLATE, Administrator, Envelope, plate_service_state::set),
    helpdesk("list-sign-ins", "GET", SIGN_IN, Administrator, Envelope, sign_ins::list),
    helpdesk("create-sign-in", "POST", SIGN_IN, Administrator, EnvelopeInSignIn, sign_ins::create),
    helpdesk("list-schedules", "GET", SCHEDULES, Administrator, Envelope, schedules::list),
    helpdesk("create-schedules", "POST", SCHEDULES, Administrator, Envelope, schedules::create),
    helpdesk("update-schedule", "PUT", SCHEDULES, Administrator, Envelope, schedules::update),
    helpdesk("delete-schedule", "DELETE", SCHEDULES, Administrator, Envelope, schedules::delete),
    call_center("create-agent", "/api/v1/config/openapi/agent/create/v2", agents::create),
    call_center("edit-agent", "/api/v1/config/openapi/agent/edit/v2", agents::edit),
    call_center("delete-agents", "/api/v1/config/openapi/agent/del/v2", agents::delete),
    call_center("get-agent", "/api/v1/config/openapi/agent/one/v2", agents::one),
    call_center("page-agents", "/api/v1/config/openapi/agent/page", agents::page),
    call_center("edit-agent-password", "/api/v1/config/openapi/agent/editPwd", agents::edit_password),
    // Not in the documents (api-spec.md section 8).
    Endpoint { name: "get-token", method: "POST", path: "/api/token.php", work: Work::Token },
];

/// One authenticated call of the helpdesk.
pub(crate) struct HelpdeskCall<'a> {
    pub(crate) database: &'a Connection,
    pub(crate) options: &'a Options,
    pub(crate) caller: Caller,
    /// The number in the path; 0 when the path has none.
    pub(crate) id: i64,
    pub(crate) uri: &'a Uri,
    pub(crate) body: &'a [u8],
}

impl HelpdeskCall<'_> {
    /// The query parameters, decoded; of a repeated one the last. Empty ones count as absent.
    pub(crate) fn query(&self) -> Result<BTreeMap<String, String>, Rejection> {
        let Query(mut parameters) =
            Query::<BTreeMap<String, String>>::try_from_uri(self.uri).map_err(|_| Rejection::invalid("query", "is not readable"))?;
        parameters.retain(|_, value| !value.is_empty());
        Ok(parameters)
    }

    /// The object inside the wrapper that every request body of the helpdesk has.
    pub(crate) fn wrapped(&self, wrapper: &str) -> Result<Object, Rejection> {
        let mut body = fields::json(self.body)?;
        match body.get_mut(wrapper).map(Value::take) {
            Some(Value::Object(object)) => Ok(object),
            Some(_) => Err(Rejection::invalid(wrapper, "is not an object")),
            None => Err(Rejection::Missing(wrapper.to_owned())),
        }
    }
}

/// The number in the path, or 0 for endpoints without one.
pub(crate) fn resource_id(endpoint: &Endpoint, uri: &Uri) -> Result<i64, Rejection> {
    let Some((before, after)) = endpoint.path.split_once("{id}") else {
        return Ok(0);
    };
    let id = uri.path().strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    let id = id.ok_or(Rejection::NoSuchResource)?;
    // Whatever is not a number cannot be the number of a support.
    id.parse().ok().filter(|id| *id > 0).ok_or(Rejection::NoSuchSupport)
}

/// One request for a token.
pub(crate) struct TokenCall<'a> {
    pub(crate) database: &'a Connection,
    pub(crate) options: &'a Options,
    pub(crate) tokens: &'a Tokens,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// One call of the call centre with a valid token, for the right company.
pub(crate) struct AgentCall<'a> {
    pub(crate) database: &'a Connection,
    pub(crate) options: &'a Options,
    pub(crate) body: Object,
}

impl<'a> AgentCall<'a> {
    /// Checks what every call centre request must have: the content type and the company.
    pub(crate) fn new(database: &'a Connection, options: &'a Options, headers: &HeaderMap, body: &[u8]) -> Result<Self, Rejection> {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let media_type = content_type.split(';').next().unwrap_or("").trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Rejection::invalid("Content-Type", "is not application/json"));
        }
        let Value::Object(body) = fields::json(body)? else {
            return Err(Rejection::invalid("body", "is not an object"));
        };
        match body.get("abbreviate") {
            Some(Value::String(abbreviate)) if *abbreviate == options.abbreviate => {}
            Some(Value::String(_)) => return Err(Rejection::WrongTenant),
            Some(_) => return Err(Rejection::invalid("abbreviate", "is not a string")),
            None => return Err(Rejection::Missing("abbreviate".to_owned())),
        }
        Ok(Self { database, options, body })
    }
}
