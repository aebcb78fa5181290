//! Requests as values. A [`Request`] says what to send and never sends itself; [`crate::Client`] does that.
//!
//! The functions here build every request that reads. Paths are literal, one function an endpoint (api-spec.md A21); ids are opaque
//! and percent-encoded (H33) and cannot be empty, because [`RemoteId`] cannot (H1).

use std::borrow::Cow;
use std::fmt;

use deskform_model::time::{self, Date, DateTime};
use deskform_model::{Platform, RemoteId};
use serde_json::{Map, Value as Json, json};

/// Most rows that a page may hold: `per_page` of the helpdesk, `pageSize` of the call centre (api-spec.md H4, A22). Always sent.
pub const PAGE_SIZE: usize = 100;

const AGENTS: &str = "/api/v1/config/openapi/agent";

/// How a request reaches its platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads of the helpdesk.
    Get,
    /// Creations of the helpdesk, and everything on the call centre.
    Post,
    /// Changes of the helpdesk.
    Put,
    /// Removals of the helpdesk.
    Delete,
}

impl Method {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// Whether sending a request twice has the effect of sending it once (api-spec.md section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Reads and idempotent writes: sent again after trouble.
    Safe,
    /// Creations: sent once. After a lost answer somebody has to look first.
    Unsafe,
}

/// What wraps the content of a successful reply (api-spec.md 1.1, section 5). A reply without it is a failure, whatever its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapper {
    /// `{"support": ...}`: the content stands under this key.
    Key(&'static str),
    /// `{"code": 0, "message" | "msg": ..., "data": ...}`: a success code, and the content, if any, under `data`.
    Envelope,
    /// The envelope under this key: `{"signIn": {"code": "0", ...}}`.
    EnvelopeIn(&'static str),
}

/// JSON that a request carries.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// To be written when it is sent.
    Tree(Json),
    /// Written already: of a long list a tree is many times as large.
    Text(String),
}

impl Body {
    /// It as a tree.
    pub fn json(&self) -> Cow<'_, Json> {
        match self {
            Self::Tree(json) => Cow::Borrowed(json),
            Self::Text(text) => Cow::Owned(serde_json::from_str(text).expect("what writes bodies writes JSON")),
        }
    }
}

/// What it holds may be secret.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body(..)")
    }
}

impl From<Json> for Body {
    fn from(json: Json) -> Self {
        Self::Tree(json)
    }
}

/// One request. What it carries may be secret, so `Debug` shows neither body nor query.
#[derive(Clone, PartialEq)]
pub struct Request {
    /// Which platform it goes to.
    pub platform: Platform,
    /// How.
    pub method: Method,
    /// Below the platform's base URL: begins with `/`, percent-encoded, without query.
    pub path: String,
    /// Query parameters, not yet encoded.
    pub query: Vec<(&'static str, String)>,
    /// The JSON body. The client adds what every call-centre body holds (`abbreviate`, `companyId`).
    pub body: Option<Body>,
    /// Whether it may be sent again.
    pub repeatable: Repeat,
    /// What a successful reply looks like.
    pub wrapper: Wrapper,
    /// What to call it in a `Requestid` header, where those are sent: the same for a creation that is sent again. Without one each
    /// sending gets its own.
    pub id: Option<String>,
}

impl Request {
    /// A request without query and body.
    pub fn new(platform: Platform, method: Method, path: impl Into<String>, repeatable: Repeat, wrapper: Wrapper) -> Self {
        Self { platform, method, path: path.into(), query: Vec::new(), body: None, repeatable, wrapper, id: None }
    }

    /// A call-centre request: `POST` below the agents' prefix, with these fields and the tenant's in its body (api-spec.md section 5).
    pub fn call_center(endpoint: &str, repeatable: Repeat, body: Map<String, Json>) -> Self {
        let path = format!("{AGENTS}/{endpoint}");
        Self::new(Platform::CallCenter, Method::Post, path, repeatable, Wrapper::Envelope).body(Json::Object(body))
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Sets the id.
    pub fn id(mut self, id: String) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = Some(body.into());
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { platform, method, path, repeatable, wrapper, query: _, body: _, id: _ } = self;
        write!(f, "Request({platform:?} {} {path} {repeatable:?} {wrapper:?})", method.as_str())
    }
}

/// An id as one segment of a path: everything but letters, digits, `-`, `_`, `.` and `~` is percent-encoded (api-spec.md H33).
///
/// Every path that holds an id appends `.json` to it, so an id of dots alone never becomes a step up.
pub fn path_segment(id: &RemoteId) -> String {
    let mut segment = String::with_capacity(id.as_str().len());
    for byte in id.as_str().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => segment.push(char::from(byte)),
            _ => segment.push_str(&format!("%{byte:02X}")),
        }
    }
    segment
}

/// `GET /api/v1/supports.json`: one page of the supports in service, from 1. The order by creation keeps pages stable (api-spec.md
/// 2.2, H4, H15).
pub fn list_supports(page: usize) -> Request {
    Request::new(Platform::Helpdesk, Method::Get, "/api/v1/supports.json", Repeat::Safe, Wrapper::Key("supports"))
        .query("created_order", "asc")
        .query("page", page.to_string())
        .query("per_page", PAGE_SIZE.to_string())
}

/// `GET /api/v1/supports/{id}.json`: all fields of one support, custom fields included; finds recycled ones too (api-spec.md 2.2,
/// H9, H20).
pub fn get_support(id: &RemoteId) -> Request {
    let path = format!("/api/v1/supports/{}.json", path_segment(id));
    Request::new(Platform::Helpdesk, Method::Get, path, Repeat::Safe, Wrapper::Key("support"))
}

/// `GET /api/v1/supportgroups/supports/search.json`: supports whose account resembles this one. Fuzzy, and not paged for accounts: the
/// caller filters (api-spec.md 2.2, H24).
pub fn search_supports_by_account(account: &str) -> Request {
    search_supports("sPassportName", account)
}

/// The same by any of the fields that can be searched: `sPassportName`, `name`, `sNum` and `mobile`, the last in pages (api-spec.md 2.2,
/// H24).
pub fn search_supports(api: &str, text: &str) -> Request {
    let path = "/api/v1/supportgroups/supports/search.json";
    Request::new(Platform::Helpdesk, Method::Get, path, Repeat::Safe, Wrapper::Key("supports"))
        .query("query", format!("{api}:{text}"))
        .query("sort_by", "createDT")
        .query("sort_order", "asc")
}

/// `GET /api/v1/plate_service_state/{id}.json`: one person's presence in one module (api-spec.md 2.2). `plate` is not the permissions'
/// `mType` (H28).
pub fn get_presence(id: &RemoteId, plate: u8) -> Request {
    Request::new(Platform::Helpdesk, Method::Get, presence_path(id), Repeat::Safe, Wrapper::Key(PRESENCE)).query("plate", plate.to_string())
}

/// What wraps presence, in requests and replies.
pub(crate) const PRESENCE: &str = "plate_service_state";

pub(crate) fn presence_path(id: &RemoteId) -> String {
    format!("/api/v1/{PRESENCE}/{}.json", path_segment(id))
}

/// `GET /api/v1/signin.json`: one page of the log of sign-ins, from 1, the oldest first: a log only grows, so rows keep their pages
/// (api-spec.md 3.1, H4). Whether the bounds are about the record or about the time in it is not known (H47).
pub fn list_sign_ins(person: Option<&RemoteId>, first: Option<DateTime>, last: Option<DateTime>, page: usize) -> Request {
    let mut request =
        Request::new(Platform::Helpdesk, Method::Get, SIGN_INS, Repeat::Safe, Wrapper::Envelope).query("created_order", "asc");
    for (name, moment) in [("created_start", first), ("created_end", last)] {
        if let Some(moment) = moment {
            request = request.query(name, time::format_date_time(moment));
        }
    }
    if let Some(person) = person {
        request = request.query("sId", person.as_str());
    }
    request.query("page", page.to_string()).query("per_page", PAGE_SIZE.to_string())
}

/// Where sign-ins are listed and added.
pub(crate) const SIGN_INS: &str = "/api/v1/signin.json";

/// `GET /api/v1/schedules.json`: everybody's duties of these days, both included. Both dates are always sent, because what the platform
/// does without them is not known (api-spec.md 3.2, H32, H42).
pub fn list_duties(first: Date, last: Date) -> Request {
    Request::new(Platform::Helpdesk, Method::Get, "/api/v1/schedules.json", Repeat::Safe, Wrapper::Envelope)
        .query("startDT", first.to_string())
        .query("endDT", last.to_string())
}

/// `POST .../agent/page`: one page of the seats, from 1 (api-spec.md section 5, A21, A22). Its document does not list `companyId`, which
/// the client adds where it is configured (A20).
pub fn list_agents(page: usize) -> Request {
    let mut body = Map::new();
    body.insert("pageNumber".into(), json!(page));
    body.insert("pageSize".into(), json!(PAGE_SIZE));
    Request::call_center("page", Repeat::Safe, body)
}

/// The same, filtered by number; whether the filter is exact is not said (A23).
pub fn find_agents(operator_id: &RemoteId, page: usize) -> Request {
    let mut body = Map::new();
    body.insert("operatorId".into(), json!(operator_id.as_str()));
    body.insert("pageNumber".into(), json!(page));
    body.insert("pageSize".into(), json!(PAGE_SIZE));
    Request::call_center("page", Repeat::Safe, body)
}

/// `POST .../agent/one/v2`: one seat. `mainGroupName` is not sent, its purpose is unknown (api-spec.md section 5, A16).
pub fn get_agent(operator_id: &RemoteId) -> Request {
    let mut body = Map::new();
    body.insert("operatorId".into(), json!(operator_id.as_str()));
    Request::call_center("one/v2", Repeat::Safe, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> RemoteId {
        RemoteId::new(text).expect("not empty")
    }

    #[test]
    fn an_id_cannot_leave_its_path_segment() {
        assert_eq!(get_support(&id("../x?y#z")).path, "/api/v1/supports/..%2Fx%3Fy%23z.json");
        assert_eq!(get_support(&id("张")).path, "/api/v1/supports/%E5%BC%A0.json");
        assert_eq!(get_support(&id("..")).path, "/api/v1/supports/...json");
    }

    #[test]
    fn lists_always_ask_for_a_page_and_its_size() {
        let request = list_supports(3);
        assert!(request.query.contains(&("page", "3".to_owned())) && request.query.contains(&("per_page", "100".to_owned())));
        assert_eq!(list_agents(2).body, Some(json!({ "pageNumber": 2, "pageSize": 100 }).into()));
    }

    #[test]
    fn debug_shows_neither_body_nor_query() {
        let request = get_support(&id("1")).query("q", "planted-query").body(json!({ "password": "planted-body" }));
        assert!(!format!("{request:?}").contains("planted"));
    }
}
