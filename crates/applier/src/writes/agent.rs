//! Seats: api-spec.md section 5. The client adds the tenant's fields.

use deskform_model::field::{CREATE, EDIT, Field, KEY, READ};
use deskform_model::{FieldKey, Kind, RemoteId, Value, Values};
use deskform_planner::plan::FieldChange;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value as Json};

use super::put;
use crate::request::{Repeat, Request};
use crate::secret::md5_hex;

/// `create/v2` for one seat. The password is plain here (api-spec.md A9); a seat whose SIP number is declared does not get one attached,
/// because the edit that completes it binds its own, or none.
pub fn create(values: &Values, password: Option<&SecretString>) -> Request {
    Request::call_center("create/v2", Repeat::Unsafe, creation(values, password))
}

fn creation(values: &Values, password: Option<&SecretString>) -> Map<String, Json> {
    let mut body = Map::new();
    for (field, value) in creating(values) {
        field.codec.put(field, Kind::Agent.platform(), false, value, &mut body);
    }
    if brings_its_sip(values) {
        body.insert("sipFlag".into(), 0.into());
    }
    if let Some(password) = password {
        body.insert("password".into(), password.expose_secret().into());
    }
    body
}

/// `create/v2` for so many seats that are alike, from this one's number upwards (api-spec.md section 5.1, `batchFlag`). What the numbers in
/// between are, and whether all are made, is not documented (A11): the reply says which.
pub fn create_batch(first: &Values, password: Option<&SecretString>, seats: usize) -> Request {
    let mut body = creation(first, password);
    body.insert("batchFlag".into(), 1.into());
    body.insert("batchSize".into(), seats.into());
    Request::call_center("create/v2", Repeat::Unsafe, body)
}

/// Whether a creation sends the same for both, their numbers aside.
pub fn are_made_alike(one: &Values, other: &Values) -> bool {
    brings_its_sip(one) == brings_its_sip(other) && beside_key(one).eq(beside_key(other))
}

fn beside_key(values: &Values) -> impl Iterator<Item = (&'static str, &Value)> {
    creating(values).filter(|(field, _)| !field.has(KEY)).map(|(field, value)| (field.name, value))
}

/// Whether a live seat looks as a creation with these values would have made it, as far as replies tell.
pub fn looks_as_made(values: &Values, live: &Values) -> bool {
    creating(values)
        .filter(|(field, _)| field.has(READ))
        .all(|(field, value)| live.named(Kind::Agent, field.name).unwrap_or(&Value::Null) == value)
}

/// What a creation sends. Some fields fall back to others.
fn creating(values: &Values) -> impl Iterator<Item = (&'static Field, &Value)> {
    let named = |name: &str| values.named(Kind::Agent, name);
    let fields = Kind::Agent.fields().iter().filter(|field| field.has(CREATE));
    fields.filter_map(move |field| Some((field, named(field.name).or_else(|| named(field.falls_back_to?))?)))
}

fn brings_its_sip(values: &Values) -> bool {
    values.named(Kind::Agent, "sipNumber").is_some()
}

/// Whether a new seat needs fields that only an edit can set (api-spec.md A14).
pub fn needs_completion(values: &Values) -> bool {
    completing(values, None).next().is_some()
}

/// The `edit/v2` that completes a new seat: what only an edit can set and the seat does not show already. The main skill group may have
/// come with the initial skill, so `live` is asked first (api-spec.md A15); without it everything is sent.
pub fn complete(id: &RemoteId, values: &Values, live: Option<&Values>) -> Option<Request> {
    let mut body = Map::new();
    for (key, value) in completing(values, live) {
        put(Kind::Agent, key, value, true, &mut body);
    }
    (!body.is_empty()).then(|| edit_request(id, body))
}

fn completing<'a>(values: &'a Values, live: Option<&'a Values>) -> impl Iterator<Item = (&'a FieldKey, &'a Value)> {
    values.iter().filter(move |(key, value)| {
        let field = key.field(Kind::Agent);
        // A new seat that was made without a SIP number has none to unbind.
        let nothing_bound = field.name == "sipNumber"
            && **value == Value::Null
            && live.is_none_or(|live| live.get(key).is_none_or(|sip| *sip == Value::Null));
        field.has(EDIT) && !field.has(CREATE) && !nothing_bound && live.and_then(|live| live.get(key)) != Some(*value)
    })
}

/// `edit/v2` with the changed fields alone (api-spec.md A27); `None` when no change is one that an edit takes. A SIP number is bound or
/// unbound, never both (A13).
pub fn update(id: &RemoteId, fields: &[FieldChange]) -> Option<Request> {
    let mut body = Map::new();
    for change in fields.iter().filter(|change| change.field.field(Kind::Agent).has(EDIT)) {
        put(Kind::Agent, &change.field, &change.after, true, &mut body);
    }
    (!body.is_empty()).then(|| edit_request(id, body))
}

fn edit_request(id: &RemoteId, mut body: Map<String, Json>) -> Request {
    body.insert("operatorId".into(), id.as_str().into());
    Request::call_center("edit/v2", Repeat::Safe, body)
}

/// `editPwd`: the MD5 of the UTF-8 text as 32 lower-case hexadecimal digits (api-spec.md section 5, A9).
pub fn set_password(id: &RemoteId, password: &SecretString) -> Request {
    let digest = md5_hex(password);
    let mut body = Map::new();
    body.insert("operatorId".into(), id.as_str().into());
    body.insert("password".into(), digest.expose_secret().into());
    Request::call_center("editPwd", Repeat::Safe, body)
}

/// `del/v2` for one seat: what happens to the others when one id is unknown is not documented (api-spec.md A18).
pub fn delete(id: &RemoteId) -> Request {
    let body = Map::from_iter([("operatorIds".to_owned(), Json::from(vec![id.as_str()]))]);
    Request::call_center("del/v2", Repeat::Safe, body)
}
