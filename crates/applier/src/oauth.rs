//! Access tokens of the helpdesk: OAuth2 client credentials (api-spec.md section 8, RFC 6749 section 4.4).
//!
//! One [`Tokens`] serves all requests of a client. The token lives in memory alone. It is renewed a little before it ends, and when the
//! platform refuses it. Whoever comes while a token is being asked for waits for that one answer, failures included, so that eight workers
//! send one request; a key pair that was refused is not shown to the platform again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::client::redact::Redactor;
use crate::client::transport::{Received, receive};
use crate::error::Fault;
use crate::wire::envelope::Failure;
use crate::wire::token::{self, Given};

/// How long before its end a token is renewed; one that lives shortly when a fifth of its time is left.
const MARGIN: Duration = Duration::from_secs(60);

const FORM: &str = "grant_type=client_credentials";

/// No reply with a token is longer, in bytes.
const LARGEST_REPLY: usize = 64 << 10;

/// A key pair, where tokens are given for it, and the token in use.
pub(crate) struct Tokens {
    http: reqwest::Client,
    url: Url,
    /// The key pair as HTTP Basic.
    authorization: HeaderValue,
    redactor: Redactor,
    held: Mutex<Held>,
    /// Counts answers of the platform, so that whoever waited for one can tell that it has come.
    answers: AtomicU64,
}

/// The last answer of the platform.
#[derive(Default)]
struct Held {
    token: Option<Arc<Token>>,
    failure: Option<NoToken>,
}

/// One token.
pub(crate) struct Token {
    /// The whole header.
    pub(crate) header: HeaderValue,
    text: SecretString,
    /// When it is renewed; `None` when the platform did not say how long it is good for.
    renew: Option<Instant>,
}

/// Why there is no token: the answer to everybody who waited for one.
#[derive(Clone)]
pub(crate) struct NoToken {
    pub(crate) fault: Arc<Fault>,
    pub(crate) retry_after: Option<String>,
}

impl Token {
    /// The token itself, for taking it out of what is quoted.
    pub(crate) fn text(&self) -> &str {
        self.text.expose_secret()
    }

    fn new(Given { token, lifetime }: Given, asked: Instant) -> Option<Self> {
        let mut header = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).ok()?;
        header.set_sensitive(true);
        // Counted from when it was asked for: it may have been given long before its reply was here.
        let renew = lifetime.and_then(|lifetime| asked.checked_add(lifetime - MARGIN.min(lifetime / 5)));
        Some(Self { header, text: token, renew })
    }
}

impl Tokens {
    /// `url` is where tokens are given; `authorization` the key pair as HTTP Basic.
    pub(crate) fn new(http: reqwest::Client, url: Url, authorization: HeaderValue, redactor: Redactor) -> Self {
        Self { http, url, authorization, redactor, held: Mutex::default(), answers: AtomicU64::new(0) }
    }

    /// The token in use, or a new one.
    pub(crate) async fn get(&self) -> Result<Arc<Token>, NoToken> {
        let before = self.answers.load(Ordering::Acquire);
        let mut held = self.held.lock().await;
        if let Some(token) = held.token.as_ref().filter(|token| token.renew.is_none_or(|renew| Instant::now() < renew)) {
            return Ok(Arc::clone(token));
        }
        if let Some(failure) = &held.failure {
            let waited_for_it = self.answers.load(Ordering::Acquire) != before;
            if waited_for_it || failure.fault.is_final_for_token() {
                return Err(failure.clone());
            }
        }
        let answer = self.ask().await;
        self.answers.fetch_add(1, Ordering::Release);
        match answer {
            Ok(token) => {
                let token = Arc::new(token);
                *held = Held { token: Some(Arc::clone(&token)), failure: None };
                Ok(token)
            }
            Err(failure) => {
                *held = Held { token: None, failure: Some(failure.clone()) };
                Err(failure)
            }
        }
    }

    /// The platform did not accept a token: the next one who needs it asks for another, unless somebody has done so already.
    pub(crate) async fn refused(&self, refused: &Arc<Token>) {
        let mut held = self.held.lock().await;
        if held.token.as_ref().is_some_and(|token| Arc::ptr_eq(token, refused)) {
            held.token = None;
        }
    }

    async fn ask(&self) -> Result<Token, NoToken> {
        let asked = Instant::now();
        let request = self
            .http
            .post(self.url.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(FORM);
        let no_token = |fault, retry_after| NoToken { fault: Arc::new(fault), retry_after };
        let Received { status, retry_after, body, .. } =
            receive(request, &self.url, LARGEST_REPLY).await.map_err(|failed| no_token(failed.fault, failed.retry_after))?;
        let given = self.judge(status, &body).map_err(|fault| no_token(fault, retry_after.clone()))?;
        Token::new(given, asked).ok_or_else(|| no_token(self.wrong(status, "an \"access_token\" that can be sent", &body), retry_after))
    }

    fn judge(&self, status: u16, body: &[u8]) -> Result<Given, Fault> {
        let json = self.redactor.parse(status, body)?;
        token::read(status, &json).map_err(|failure| match failure {
            Failure::Refused { code, message } => Fault::Refused {
                status,
                code: code.map(|code| self.redactor.excerpt(&code).into()),
                message: self.redactor.excerpt(&message),
            },
            Failure::WrongShape { expected } => self.wrong(status, &expected, body),
        })
    }

    fn wrong(&self, status: u16, expected: &str, body: &[u8]) -> Fault {
        Fault::WrongShape { status, expected: expected.to_owned(), excerpt: self.redactor.excerpt(&String::from_utf8_lossy(body)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renewed_after(lifetime: Option<u64>) -> Option<Duration> {
        let asked = Instant::now();
        let given = Given { token: "t".into(), lifetime: lifetime.map(Duration::from_secs) };
        Token::new(given, asked).expect("it can be sent").renew.map(|renew| renew - asked)
    }

    #[test]
    fn a_token_is_renewed_a_minute_before_its_end_or_after_four_fifths_of_it() {
        assert_eq!(renewed_after(Some(3600)), Some(Duration::from_secs(3540)));
        assert_eq!(renewed_after(Some(10)), Some(Duration::from_secs(8)));
        assert_eq!(renewed_after(None), None);
        assert_eq!(renewed_after(Some(u64::MAX)), None, "later than any clock can say");
    }
}
