//! Presence: api-spec.md section 2.2.

use deskform_model::{Platform, RemoteId};
use serde_json::json;

use crate::request::{Method, PRESENCE, Repeat, Request, Wrapper, presence_path};

/// `PUT /api/v1/plate_service_state/{id}.json`. Sending it twice has the effect of sending it once (api-spec.md section 7).
pub fn set(id: &RemoteId, plate: u8, name: &str) -> Request {
    Request::new(Platform::Helpdesk, Method::Put, presence_path(id), Repeat::Safe, Wrapper::Key(PRESENCE))
        .body(json!({ PRESENCE: { "plate": plate.to_string(), "state": name } }))
}
