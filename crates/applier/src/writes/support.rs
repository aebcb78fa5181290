//! Supports and their permissions: api-spec.md section 2.2.

use deskform_model::field::{CREATE, EDIT};
use deskform_model::kind::Module;
use deskform_model::{FieldKey, Kind, Platform, RemoteId, Value, Values};
use deskform_planner::plan::FieldChange;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value as Json, json};

use super::put;
use crate::request::{Method, Repeat, Request, Wrapper, path_segment};

/// `POST /api/v1/supports.json`. Without a password the platform's default applies (api-spec.md H7).
pub fn create(values: &Values, password: Option<&SecretString>) -> Request {
    let mut body = Map::new();
    for (key, value) in values.iter().filter(|(key, _)| key.field(Kind::Support).has(CREATE)) {
        put(Kind::Support, key, value, false, &mut body);
    }
    put_custom_fields(values, &mut body);
    if let Some(password) = password {
        body.insert("password".into(), password.expose_secret().into());
    }
    support(Method::Post, "/api/v1/supports.json".into(), Repeat::Unsafe, body)
}

/// `PUT /api/v1/supports/{id}.json` with the changed fields alone; `None` when no change is one that an edit takes.
///
/// When one custom field changes, all that are ours are sent: whether the platform merges or replaces them is not known (api-spec.md H9).
pub fn update(id: &RemoteId, values: &Values, fields: &[FieldChange]) -> Option<Request> {
    let mut body = Map::new();
    let fields = || fields.iter().filter(|change| change.field.field(Kind::Support).has(EDIT));
    for change in fields() {
        put(Kind::Support, &change.field, &change.after, true, &mut body);
    }
    if fields().any(|change| matches!(change.field, FieldKey::Custom(_))) {
        let mut values = values.clone();
        for change in fields() {
            values.insert(change.field.clone(), change.after.clone());
        }
        put_custom_fields(&values, &mut body);
    }
    let path = format!("/api/v1/supports/{}.json", path_segment(id));
    (!body.is_empty()).then(|| support(Method::Put, path, Repeat::Safe, body))
}

/// `DELETE /api/v1/supports/{id}.json`: into the recycle bin (api-spec.md H19).
pub fn delete(id: &RemoteId) -> Request {
    let path = format!("/api/v1/supports/{}.json", path_segment(id));
    Request::new(Platform::Helpdesk, Method::Delete, path, Repeat::Safe, Wrapper::Key("support"))
}

/// `PUT /api/v1/servicers/{id}.json`: out of the recycle bin. Never sent with `isStat` 0, which might hide or delete (api-spec.md H22).
pub fn restore(id: &RemoteId) -> Request {
    let body = Map::from_iter([("isStat".to_owned(), Json::from("1"))]);
    support(Method::Put, format!("/api/v1/servicers/{}.json", path_segment(id)), Repeat::Safe, body)
}

/// `PUT /api/v1/permissions/{id}.json`. The encoding of `state` is inverted (api-spec.md H25).
pub fn set_permission(person: &RemoteId, module: Module, enabled: bool) -> Request {
    let mut body = Map::from_iter([("mType".to_owned(), Json::from(module.code().to_string()))]);
    for field in Kind::Permission.fields() {
        field.codec.put(field, Platform::Helpdesk, true, &Value::Flag(enabled), &mut body);
    }
    let path = format!("/api/v1/permissions/{}.json", path_segment(person));
    Request::new(Platform::Helpdesk, Method::Put, path, Repeat::Safe, Wrapper::Key("permission")).body(json!({ "permission": body }))
}

fn support(method: Method, path: String, repeatable: Repeat, body: Map<String, Json>) -> Request {
    Request::new(Platform::Helpdesk, method, path, repeatable, Wrapper::Key("support")).body(json!({ "support": body }))
}

fn put_custom_fields(values: &Values, body: &mut Map<String, Json>) {
    let custom: Vec<Json> = values
        .iter()
        .filter_map(|(key, value)| {
            let FieldKey::Custom(name) = key else { return None };
            Some(json!({ "key": name, "value": key.field(Kind::Support).codec.to_wire(Platform::Helpdesk, value)? }))
        })
        .collect();
    if !custom.is_empty() {
        body.insert("custom_fields".into(), custom.into());
    }
}
