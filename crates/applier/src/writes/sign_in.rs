//! Sign-ins: api-spec.md section 3.1.

use deskform_model::{Platform, time};
use serde_json::{Map, Value as Json, json};

use crate::live::sign_ins::Draft;
use crate::request::{Method, Repeat, Request, SIGN_INS, Wrapper};

/// What wraps a sign-in, in the request and around the envelope of the reply (api-spec.md 1.1).
const SIGN_IN: &str = "signIn";

/// `POST /api/v1/signin.json`. Never sent twice: a sign-in has no id and cannot be taken back (api-spec.md H46).
pub fn create(draft: &Draft) -> Request {
    let Draft { at, remark, attachments, tags, address, landmark, latitude, longitude } = draft;
    let mut body = Map::new();
    body.insert("checkinTime".into(), time::format_date_time(*at).into());
    body.insert("current".into(), json!({ "address": address, "landmark": landmark, "latitude": latitude, "longitude": longitude }));
    if let Some(remark) = remark {
        body.insert("remark".into(), remark.as_str().into());
    }
    if !attachments.is_empty() {
        let attachments: Vec<Json> = attachments.iter().map(|(name, url)| json!({ "fileName": name, "fileUrl": url })).collect();
        body.insert("attachments".into(), attachments.into());
    }
    if !tags.is_empty() {
        body.insert("tags".into(), json!(tags));
    }
    Request::new(Platform::Helpdesk, Method::Post, SIGN_INS, Repeat::Unsafe, Wrapper::EnvelopeIn(SIGN_IN)).body(json!({ SIGN_IN: body }))
}
