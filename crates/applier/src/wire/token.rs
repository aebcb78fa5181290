//! The reply of the token endpoint: `{"access_token", "expires_in": 3600, "token_type": "Bearer", "scope": null}`, or
//! `{"error": "invalid_client", "error_description": ...}` (api-spec.md section 8, RFC 6749 section 5).

use std::collections::BTreeSet;
use std::time::Duration;

use deskform_model::codec::scalar_text;
use secrecy::SecretString;
use serde_json::Value as Json;

use super::envelope::{self, Failure};
use crate::request::Wrapper;

/// What was given.
pub(crate) struct Given {
    pub(crate) token: SecretString,
    /// How long it is good for, when the reply says so.
    pub(crate) lifetime: Option<Duration>,
}

/// Reads a reply. A token is one only with a 2xx status, as text without blanks, of the kind `Bearer`; the kind may be left out.
pub(crate) fn read(status: u16, body: &Json) -> Result<Given, Failure> {
    let text = |key: &str| body.get(key).and_then(scalar_text);
    if let Some(code) = text("error").filter(|code| !code.is_empty()) {
        return Err(Failure::Refused { code: Some(code), message: text("error_description").unwrap_or_default() });
    }
    // What stands before the endpoint may refuse in the helpdesk's own words.
    envelope::judge(Wrapper::Key("access_token"), status, body, &BTreeSet::from([0, 200]))?;
    let wrong = |expected: &str| Failure::WrongShape { expected: expected.to_owned() };
    let token = body["access_token"].as_str().filter(|token| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
    let token = token.ok_or_else(|| wrong("an \"access_token\" that is text"))?;
    if text("token_type").is_some_and(|kind| !kind.is_empty() && !kind.eq_ignore_ascii_case("bearer")) {
        return Err(wrong("the \"token_type\" Bearer"));
    }
    let seconds: Option<u64> = text("expires_in").and_then(|seconds| seconds.parse().ok());
    Ok(Given { token: token.into(), lifetime: seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs) })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    use super::*;

    fn given(body: &Json) -> Option<(String, Option<u64>)> {
        let given = read(200, body).ok()?;
        Some((given.token.expose_secret().to_owned(), given.lifetime.map(|lifetime| lifetime.as_secs())))
    }

    #[test]
    fn a_token_comes_with_its_lifetime_as_number_or_text_or_without() {
        for (body, seconds) in [
            (json!({ "access_token": "t", "expires_in": 3600, "token_type": "Bearer", "scope": null }), Some(3600)),
            (json!({ "access_token": "t", "expires_in": "60", "token_type": "bearer" }), Some(60)),
            (json!({ "access_token": "t" }), None),
            (json!({ "access_token": "t", "expires_in": 0 }), None),
            (json!({ "access_token": "t", "expires_in": null }), None),
        ] {
            assert_eq!(given(&body), Some(("t".to_owned(), seconds)), "{body}");
        }
    }

    #[test]
    fn what_cannot_be_sent_as_a_bearer_token_is_none() {
        for body in [
            json!({ "access_token": "" }),
            json!({ "access_token": 7 }),
            json!({ "access_token": "two words" }),
            json!({ "access_token": "line\r\nX-Evil: 1" }),
            json!({ "access_token": "t", "token_type": "mac" }),
            json!([]),
        ] {
            assert!(matches!(read(200, &body), Err(Failure::WrongShape { .. })), "{body}");
        }
        assert!(read(500, &json!({ "access_token": "t" })).is_err());
    }

    #[test]
    fn refusals_are_told_in_the_words_of_oauth_and_in_the_helpdesks() {
        let refused = |status, body: Json| match read(status, &body) {
            Err(Failure::Refused { code, message }) => (code.unwrap_or_default().to_string(), message.to_string()),
            _ => panic!("{body} is a refusal"),
        };
        let body = json!({ "error": "invalid_client", "error_description": "The client credentials are invalid" });
        let told = ("invalid_client".to_owned(), "The client credentials are invalid".to_owned());
        // Whatever the status: some servers say it under 200.
        assert_eq!((refused(401, body.clone()), refused(200, body)), (told.clone(), told));
        assert_eq!(refused(404, json!({ "errcode": "100047", "errmsg": "Invalid resource URI" })).0, "100047");
    }
}
