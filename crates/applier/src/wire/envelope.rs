//! Whether a reply is a success: decided by what wraps its content, not by its status or content type (api-spec.md 1.1, X7).

use std::collections::BTreeSet;

use deskform_model::Text;
use deskform_model::codec::scalar_text;
use serde_json::Value as Json;

use crate::request::Wrapper;

/// Where a code may stand (api-spec.md section 4, H44, section 8).
const CODES: [&str; 3] = ["code", "errcode", "status"];
/// Where a text may stand: helpdesk, call centre, newer helpdesk pages.
const MESSAGES: [&str; 3] = ["message", "msg", "errmsg"];

/// Why a parsed reply is not a success.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The platform says no.
    Refused { code: Option<Text>, message: Text },
    /// Something else than the expected wrapper.
    WrongShape { expected: String },
}

/// Judges a reply. A success has a 2xx status, no code outside `success` and the wrapper that the request announces.
pub(crate) fn judge(wrapper: Wrapper, status: u16, body: &Json, success: &BTreeSet<i64>) -> Result<(), Failure> {
    let envelope = match wrapper {
        Wrapper::EnvelopeIn(key) => body.get(key).unwrap_or(body),
        Wrapper::Key(_) | Wrapper::Envelope => body,
    };
    let message = MESSAGES.iter().find_map(|key| scalar_text(envelope.get(key)?));
    let codes: Vec<Text> = CODES.iter().filter_map(|key| scalar_text(envelope.get(key)?)).filter(|code| !code.is_empty()).collect();
    let refusal = codes.iter().find(|code| code.parse().map_or(true, |code: i64| !success.contains(&code)));
    let is_2xx = (200..300).contains(&status);
    if refusal.is_some() || (!is_2xx && (message.is_some() || !codes.is_empty())) {
        return Err(Failure::Refused { code: refusal.cloned(), message: message.unwrap_or_default() });
    }
    let is_wrapped = match wrapper {
        Wrapper::Key(key) => body.get(key).is_some(),
        Wrapper::Envelope => !codes.is_empty(),
        Wrapper::EnvelopeIn(key) => body.get(key).is_some() && !codes.is_empty(),
    };
    if is_2xx && is_wrapped { Ok(()) } else { Err(Failure::WrongShape { expected: expectation(wrapper) }) }
}

fn expectation(wrapper: Wrapper) -> String {
    match wrapper {
        Wrapper::Key(key) => format!("the object \"{key}\""),
        Wrapper::Envelope => "a \"code\"".to_owned(),
        Wrapper::EnvelopeIn(key) => format!("a \"code\" in \"{key}\""),
    }
}

/// The content below the wrapper; null when an envelope has none.
pub(crate) fn content(wrapper: Wrapper, body: &mut Json) -> Json {
    let content = match wrapper {
        Wrapper::Key(key) => body.get_mut(key),
        Wrapper::Envelope => body.get_mut("data"),
        Wrapper::EnvelopeIn(key) => body.get_mut(key).and_then(|envelope| envelope.get_mut("data")),
    };
    content.map(Json::take).unwrap_or_default()
}
