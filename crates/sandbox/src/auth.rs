//! Who calls: HTTP Basic or a token on the helpdesk, the `token` header on the call centre.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use rusqlite::Connection;

use crate::envelope::Rejection;
use crate::store::supports;

/// Who may call an endpoint of the helpdesk, as its documents say under "调用者权限".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// 管理员
    Administrator,
    /// 所有客服
    AnySupport,
}

/// The support that makes a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// Its `sId`.
    pub(crate) id: i64,
    /// Whether its `isAdmin` is 1.
    pub(crate) administrator: bool,
}

/// The tokens that were given and have not ended. They live as long as the process.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<BTreeMap<String, Instant>>);

impl Tokens {
    /// Gives a token for this long.
    pub(crate) fn give(&self, token: String, lifetime: Duration) {
        let now = Instant::now();
        let mut tokens = self.lock();
        tokens.retain(|_, end| *end > now);
        tokens.insert(token, now + lifetime);
    }

    /// Takes all tokens back.
    pub(crate) fn revoke(&self) {
        self.lock().clear();
    }

    fn hold(&self, token: &str) -> bool {
        self.lock().get(token).is_some_and(|end| *end > Instant::now())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finds the calling support and checks that it has the role. Who shows a token is the administrator that always exists: the key pair is
/// made by the main account.
pub(crate) fn helpdesk_caller(
    database: &Connection,
    headers: &HeaderMap,
    role: Role,
    tokens: &Tokens,
    administrator: &str,
) -> Result<Caller, Rejection> {
    let caller = match bearer_token(headers) {
        Some(token) if tokens.hold(token) => supports::called(database, administrator)?,
        Some(_) => None,
        None => {
            let (account, password) = basic_credentials(headers).ok_or(Rejection::Unauthenticated)?;
            supports::sign_on(database, &account, &password)?
        }
    };
    let caller = caller.ok_or(Rejection::Unauthenticated)?;
    if role == Role::Administrator && !caller.administrator {
        return Err(Rejection::NotAdministrator);
    }
    Ok(caller)
}

/// Checks the call centre's `token` header.
pub(crate) fn check_token(headers: &HeaderMap, expected: &str) -> Result<(), Rejection> {
    match headers.get("token").and_then(|value| value.to_str().ok()) {
        Some(token) if token == expected => Ok(()),
        _ => Err(Rejection::Unauthenticated),
    }
}

fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Account and password of HTTP Basic.
pub(crate) fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(decode_base64(encoded.trim())?).ok()?;
    let (account, password) = text.split_once(':')?;
    Some((account.to_owned(), password.to_owned()))
}

/// Decodes standard base64, padded or not. The one use here does not earn a dependency.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    for group in digits.chunks(4) {
        if group.len() == 1 {
            return None;
        }
        let mut bits = 0u32;
        for digit in group {
            let value = match digit {
                b'A'..=b'Z' => digit - b'A',
                b'a'..=b'z' => digit - b'a' + 26,
                b'0'..=b'9' => digit - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        bits <<= 6 * (4 - group.len());
        let [_, first, second, third] = bits.to_be_bytes();
        bytes.extend_from_slice(&[first, second, third][..group.len() - 1]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode_base64;

    #[test]
    fn base64_is_decoded_at_every_length() {
        assert_eq!(decode_base64("").as_deref(), Some(&b""[..]));
        assert_eq!(decode_base64("YQ==").as_deref(), Some(&b"a"[..]));
        assert_eq!(decode_base64("YWI=").as_deref(), Some(&b"ab"[..]));
        assert_eq!(decode_base64("YWRtaW46YWRtaW4tcGFzcw==").as_deref(), Some(&b"admin:admin-pass"[..]));
        assert_eq!(decode_base64("5byg").as_deref(), Some("张".as_bytes()));
    }

    #[test]
    fn what_is_not_base64_is_refused() {
        assert_eq!(decode_base64("a"), None);
        assert_eq!(decode_base64("YWRt*W46"), None);
    }
}
