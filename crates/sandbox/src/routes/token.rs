//! The token endpoint of OAuth2 client credentials (api-spec.md section 8): the key pair as HTTP Basic, `grant_type` in a form.

use axum::http::header::CONTENT_TYPE;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::TokenCall;
use crate::auth::basic_credentials;
use crate::envelope::{Rejection, Reply};

pub(crate) fn give(call: &TokenCall<'_>) -> Result<Reply, Rejection> {
    let options = call.options;
    match basic_credentials(call.headers) {
        Some((id, secret)) if id == options.client_id && secret == options.client_secret => {}
        _ => return Err(Rejection::InvalidClient),
    }
    let content_type = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = content_type.split(';').next().unwrap_or("").trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Rejection::invalid("Content-Type", "is not application/x-www-form-urlencoded"));
    }
    // Nothing in the one value that is accepted needs decoding.
    let form = std::str::from_utf8(call.body).unwrap_or_default();
    match form.split('&').find_map(|pair| pair.strip_prefix("grant_type=")) {
        Some("client_credentials") => {}
        Some(_) => return Err(Rejection::UnsupportedGrant),
        None => return Err(Rejection::Missing("grant_type".to_owned())),
    }
    let token = random_token(call.database)?;
    call.tokens.give(token.clone(), options.token_lifetime);
    Reply::new(&json!({
        "access_token": token,
        "expires_in": options.token_lifetime.as_secs(),
        "token_type": "Bearer",
        "scope": Value::Null,
    }))
}

fn random_token(database: &Connection) -> rusqlite::Result<String> {
    database.query_row("SELECT lower(hex(randomblob(20)))", [], |row| row.get(0))
}
