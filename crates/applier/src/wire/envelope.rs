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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SUPPORT: Wrapper = Wrapper::Key("support");
    const SIGN_IN: Wrapper = Wrapper::EnvelopeIn("signIn");

    fn judge(wrapper: Wrapper, status: u16, body: &Json) -> Result<(), Failure> {
        super::judge(wrapper, status, body, &BTreeSet::from([0, 200]))
    }

    #[test]
    fn every_documented_success_is_one() {
        for (wrapper, body) in [
            (SUPPORT, json!({ "support": { "sId": 11, "name": "张三" } })),
            (Wrapper::Key("supports"), json!({ "supports": [], "count": "0", "next_page": "", "previous_page": "" })),
            (Wrapper::Key("permission"), json!({ "permission": { "sId": "3232", "mType": "4", "state": "0" } })),
            (Wrapper::Envelope, json!({ "code": "0", "message": "ok", "data": { "duty": [] } })),
            (Wrapper::Envelope, json!({ "code": "0", "message": "success", "data": {} })),
            (Wrapper::Envelope, json!({ "code": 0, "msg": "" })),
            (Wrapper::Envelope, json!({ "code": 200, "msg": "ok", "data": null })),
            (Wrapper::Envelope, json!({ "status": "0", "message": "Insert ok", "data": false })),
            (SIGN_IN, json!({ "signIn": { "code": "0", "message": "success", "data": {} } })),
        ] {
            assert_eq!(judge(wrapper, 200, &body), Ok(()), "{body}");
        }
    }

    #[test]
    fn a_code_is_found_as_number_or_text_under_any_of_its_names_whatever_the_status() {
        for (wrapper, status, body, code, message) in [
            (
                Wrapper::Key("permission"),
                200,
                json!({ "status": 403, "message": "The sId does not exist" }),
                "403",
                "The sId does not exist",
            ),
            (
                Wrapper::Key("permission"),
                403,
                json!({ "status": 403, "message": "The sId does not exist" }),
                "403",
                "The sId does not exist",
            ),
            (SUPPORT, 404, json!({ "errcode": "100047", "errmsg": "Invalid resource URI" }), "100047", "Invalid resource URI"),
            (Wrapper::Envelope, 200, json!({ "code": "10011", "message": "该客服不存在" }), "10011", "该客服不存在"),
            (Wrapper::Envelope, 400, json!({ "code": 10013, "message": "x" }), "10013", "x"),
            (Wrapper::Envelope, 200, json!({ "code": 1, "msg": "no", "data": {} }), "1", "no"),
            (Wrapper::Envelope, 200, json!({ "code": "E_TOKEN", "msg": "no" }), "E_TOKEN", "no"),
            (SIGN_IN, 200, json!({ "signIn": { "code": "400", "message": "remark" } }), "400", "remark"),
            (SIGN_IN, 401, json!({ "code": "401", "message": "who" }), "401", "who"),
            (SUPPORT, 200, json!({ "support": { "sId": 1 }, "errcode": 7 }), "7", ""),
        ] {
            let refused = Failure::Refused { code: Some(code.into()), message: message.into() };
            assert_eq!(judge(wrapper, status, &body), Err(refused), "{body}");
        }
    }

    #[test]
    fn a_status_that_is_no_success_is_never_one() {
        let failure = judge(SUPPORT, 500, &json!({ "support": { "sId": 1 } }));
        assert!(matches!(failure, Err(Failure::WrongShape { .. })));
        let failure = judge(Wrapper::Envelope, 503, &json!({ "code": 0, "msg": "busy" }));
        assert_eq!(failure, Err(Failure::Refused { code: None, message: "busy".into() }));
    }

    #[test]
    fn success_codes_are_a_setting() {
        let body = json!({ "code": 200, "msg": "ok" });
        assert!(super::judge(Wrapper::Envelope, 200, &body, &BTreeSet::from([0])).is_err());
        assert!(super::judge(Wrapper::Envelope, 200, &json!({ "code": 1000, "msg": "ok" }), &BTreeSet::from([1000])).is_ok());
    }

    #[test]
    fn a_2xx_without_its_wrapper_is_not_a_success() {
        for body in [json!({}), json!([]), json!("ok"), json!({ "supports": [] }), json!({ "message": "ok" }), Json::Null] {
            assert!(matches!(judge(SUPPORT, 200, &body), Err(Failure::WrongShape { .. })), "{body}");
        }
        assert!(judge(Wrapper::Envelope, 200, &json!({ "data": {} })).is_err());
        assert!(judge(SIGN_IN, 200, &json!({ "code": "0" })).is_err());
    }

    #[test]
    fn content_is_what_the_wrapper_holds() {
        assert_eq!(content(SUPPORT, &mut json!({ "support": 1 })), json!(1));
        assert_eq!(content(Wrapper::Envelope, &mut json!({ "code": 0, "data": [2] })), json!([2]));
        assert_eq!(content(Wrapper::Envelope, &mut json!({ "code": 0 })), Json::Null);
        assert_eq!(content(SIGN_IN, &mut json!({ "signIn": { "code": 0, "data": 3 } })), json!(3));
    }
}
