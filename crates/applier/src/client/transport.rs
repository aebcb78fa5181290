//! One platform over HTTP: URL, credentials, limits, and one attempt of a request.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use deskform_model::{Platform, Text};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;

use super::Reply;
use super::options::{CallCenterOptions, ClientOptions, HelpdeskAuth, HelpdeskOptions};
use super::redact::Redactor;
use crate::error::{ClientError, Fault, TokenFault};
use crate::oauth::{NoToken, Token, Tokens};
use crate::request::{Body, Method, Request};
use crate::wire::envelope::{self, Failure};
use crate::wire::rows::{self, Streamed};

const USER_AGENT: &str = concat!("deskform/", env!("CARGO_PKG_VERSION"));

/// Where platforms, and the gateways in front of them, write what they call an exchange.
const REQUEST_IDS: [&str; 3] = ["x-request-id", "requestid", "request-id"];

/// How one platform is talked to.
pub(super) struct Transport {
    http: reqwest::Client,
    road: Road,
    base: Url,
    credentials: Credentials,
    success: BTreeSet<i64>,
    max_reply: usize,
    request_ids: bool,
    redactor: Redactor,
}

/// What decides how the HTTP library is set up.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Road {
    /// Proxies are for other machines.
    to_this_machine: bool,
    /// Whether anything is asked by `https`. Reading the system's certificates takes longer than many a whole run.
    by_tls: bool,
}

impl Road {
    fn to<'a>(base: &'a Url, others: impl IntoIterator<Item = &'a Url>) -> Self {
        let by_tls = std::iter::once(base).chain(others).any(|url| url.scheme() != "http");
        Self { to_this_machine: is_loopback(base), by_tls }
    }
}

enum Credentials {
    Basic { authorization: HeaderValue },
    OAuth(Tokens),
    Token { token: HeaderValue, abbreviate: Text, company_id: Option<i64> },
}

/// A request with everything that stays the same in all its attempts.
pub(super) struct Prepared<'a> {
    request: &'a Request,
    url: Url,
    body: Option<Cow<'a, [u8]>>,
    request_id: Option<String>,
}

/// An attempt that failed.
pub(crate) struct Failed {
    pub(crate) fault: Fault,
    pub(crate) retry_after: Option<String>,
    /// What the platform calls this exchange in its logs.
    pub(super) request_id: Option<String>,
    /// The token that was not accepted, where it was for that.
    pub(super) token: Option<Arc<Token>>,
}

/// What came back, unread.
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Prepared<'_> {
    /// What deskform calls the request, in all its attempts.
    pub(super) fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self { fault, retry_after: None, request_id: None, token: None }
    }
}

impl From<NoToken> for Failed {
    fn from(NoToken { fault, retry_after }: NoToken) -> Self {
        Self { retry_after, ..Fault::NoToken(TokenFault(fault)).into() }
    }
}

impl Transport {
    pub(super) fn helpdesk(options: &HelpdeskOptions, client: &ClientOptions) -> Result<Self, ClientError> {
        let platform = Platform::Helpdesk;
        let base = base_url(platform, &options.url)?;
        let token_url = match &options.auth {
            HelpdeskAuth::OAuth2 { token_url: Some(url), .. } => Some(base_url(platform, url)?),
            _ => None,
        };
        let road = Road::to(&base, &token_url);
        let http = http_client(road, client)?;
        let (user, secret) = match &options.auth {
            HelpdeskAuth::Basic { account, password } => (account.as_str(), password),
            HelpdeskAuth::OAuth2 { client_id, client_secret, .. } => (client_id.expose_secret(), client_secret),
        };
        let authorization = basic(&http, &base, user, secret).ok_or(ClientError::Credentials { platform })?;
        // What a server repeats may be the header as it came.
        let redactor = credentials(client, authorization.to_str().ok().and_then(|header| header.split_once(' ')).map(|(_, text)| text));
        let credentials = match &options.auth {
            HelpdeskAuth::Basic { .. } => Credentials::Basic { authorization },
            HelpdeskAuth::OAuth2 { .. } => {
                let url = token_url.unwrap_or_else(|| below(&base, "/api/token.php"));
                Credentials::OAuth(Tokens::new(http.clone(), url, authorization, redactor.clone()))
            }
        };
        Ok(Self {
            redactor,
            http,
            road,
            base,
            credentials,
            // "0" where there is a code; 200 because `status` elsewhere repeats HTTP's (api-spec.md 1.1).
            success: BTreeSet::from([0, 200]),
            max_reply: client.max_reply,
            request_ids: options.request_ids,
        })
    }

    /// `beside` is the other platform's, whose HTTP client serves both where they are reached alike.
    pub(super) fn call_center(options: &CallCenterOptions, client: &ClientOptions, beside: Option<&Self>) -> Result<Self, ClientError> {
        let platform = Platform::CallCenter;
        let base = base_url(platform, &options.url)?;
        let road = Road::to(&base, None);
        let http = match beside {
            Some(other) if other.road == road => other.http.clone(),
            _ => http_client(road, client)?,
        };
        let mut token = HeaderValue::from_str(options.token.expose_secret()).map_err(|_| ClientError::Credentials { platform })?;
        token.set_sensitive(true);
        Ok(Self {
            http,
            road,
            base,
            redactor: credentials(client, None),
            credentials: Credentials::Token { token, abbreviate: options.abbreviate.clone(), company_id: options.company_id },
            success: options.success_codes.clone(),
            max_reply: client.max_reply,
            request_ids: false,
        })
    }

    pub(super) fn prepare<'a>(&self, request: &'a Request) -> Prepared<'a> {
        let mut url = below(&self.base, &request.path);
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let body = request.body.as_ref().map(|body| self.written(body));
        Prepared { request, url, body, request_id: self.request_id(request) }
    }

    /// The request's own id, where somebody may send it a second time; otherwise one for its attempts.
    fn request_id(&self, request: &Request) -> Option<String> {
        self.request_ids.then(|| request.id.clone().or_else(random_id)).flatten()
    }

    /// The one place that adds the tenant to a call-centre body (api-spec.md section 5, A20).
    fn written<'a>(&self, body: &'a Body) -> Cow<'a, [u8]> {
        let Credentials::Token { abbreviate, company_id, .. } = &self.credentials else {
            return match body {
                Body::Tree(json) => Cow::Owned(written(json)),
                Body::Text(text) => Cow::Borrowed(text.as_bytes()),
            };
        };
        let mut json = body.json().into_owned();
        if let Json::Object(map) = &mut json {
            map.insert("abbreviate".into(), Json::from(abbreviate.as_str()));
            if let Some(id) = company_id {
                map.insert("companyId".into(), Json::from(*id));
            }
        }
        Cow::Owned(written(&json))
    }

    /// Sends once and judges the reply. Where a token is needed, it is had first.
    pub(super) async fn attempt(&self, prepared: &Prepared<'_>, streamed: Option<&mut Streamed<'_>>) -> Result<Reply, Failed> {
        let token = match &self.credentials {
            Credentials::OAuth(tokens) => Some(tokens.get().await?),
            Credentials::Basic { .. } | Credentials::Token { .. } => None,
        };
        let request = self.build(prepared, token.as_deref());
        let Received { status, retry_after, location, request_id, body } = receive(request, &self.base, self.max_reply).await?;
        self.judge(prepared.request, token.as_deref(), status, location, &body, streamed).map_err(|fault| {
            let request_id = request_id.map(|id| self.redactor.excerpt(&id));
            let token = token.filter(|_| fault.refuses_token());
            Failed { fault, retry_after, request_id, token }
        })
    }

    /// The platform did not accept this token.
    pub(super) async fn refuse(&self, token: &Arc<Token>) {
        if let Credentials::OAuth(tokens) = &self.credentials {
            tokens.refused(token).await;
        }
    }

    fn build(&self, prepared: &Prepared<'_>, bearer: Option<&Token>) -> reqwest::RequestBuilder {
        let method = match prepared.request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self.http.request(method, prepared.url.clone());
        builder = match (&self.credentials, bearer) {
            (Credentials::Basic { authorization }, _) => builder.header(AUTHORIZATION, authorization.clone()),
            (Credentials::OAuth(_), Some(bearer)) => builder.header(AUTHORIZATION, bearer.header.clone()),
            (Credentials::OAuth(_), None) => builder,
            (Credentials::Token { token, .. }, _) => builder.header("token", token.clone()),
        };
        if prepared.request.method != Method::Get {
            // Sent without a body too, as the documents' removals do (api-spec.md 2.2).
            builder = builder.header(CONTENT_TYPE, "application/json");
        }
        if let Some(body) = &prepared.body {
            builder = builder.body(body.to_vec());
        }
        if let Some(id) = &prepared.request_id {
            builder = builder.header("Requestid", id);
        }
        builder
    }

    fn judge(
        &self,
        request: &Request,
        bearer: Option<&Token>,
        status: u16,
        location: Option<String>,
        bytes: &[u8],
        mut streamed: Option<&mut Streamed<'_>>,
    ) -> Result<Reply, Fault> {
        let quoting = || {
            let redactor = match &request.body {
                Some(body) => self.redactor.clone().with_body(&body.json()),
                None => self.redactor.clone(),
            };
            bearer.iter().fold(redactor, |redactor, token| redactor.with(token.text()))
        };
        let parsed = match &mut streamed {
            Some(streamed) => rows::parse(bytes, streamed),
            None => serde_json::from_slice(bytes),
        };
        let body: Json = match parsed {
            Ok(body) => body,
            Err(_) => {
                // What is readable in some other way is all in the tree.
                streamed.into_iter().for_each(|streamed| streamed.rows.begin());
                quoting().parse(status, bytes)?
            }
        };
        match envelope::judge(request.wrapper, status, &body, &self.success) {
            Ok(()) => Ok(Reply::new(status, location, request.wrapper, body)),
            Err(Failure::Refused { code, message }) => {
                let quoting = quoting();
                let code = code.map(|code| quoting.excerpt(&code).into());
                Err(Fault::Refused { status, code, message: quoting.excerpt(&message) })
            }
            Err(Failure::WrongShape { expected }) => {
                Err(Fault::WrongShape { status, expected, excerpt: quoting().excerpt(&String::from_utf8_lossy(bytes)) })
            }
        }
    }
}

/// Sends a request and takes in what comes back, up to a limit in bytes. Redirects are not followed: credentials would go with them.
pub(crate) async fn receive(request: reqwest::RequestBuilder, base: &Url, limit: usize) -> Result<Received, Failed> {
    let mut response = request.send().await.map_err(transport_fault)?;
    let status = response.status().as_u16();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let retry_after = header(RETRY_AFTER);
    let location = header(LOCATION);
    let request_id = REQUEST_IDS.iter().find_map(|name| header(HeaderName::from_static(name)));
    if (300..400).contains(&status) {
        return Err(Fault::Redirected { status, target: redirect_target(base, location.as_deref()) }.into());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(transport_fault)? {
        if body.len() + chunk.len() > limit {
            return Err(Fault::TooLarge { status, limit }.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Received { status, retry_after, location, request_id, body })
}

fn redirect_target(base: &Url, location: Option<&str>) -> String {
    let target = location.and_then(|location| base.join(location).ok());
    match target.as_ref().and_then(Url::host_str) {
        Some(host) if Some(host) == base.host_str() => format!("another address on {host}"),
        Some(host) => host.to_owned(),
        None => "no address".to_owned(),
    }
}

fn written(json: &Json) -> Vec<u8> {
    serde_json::to_vec(json).expect("a tree of JSON can always be written")
}

/// A path below a base URL, which may have one of its own.
fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

/// The header of HTTP Basic. The HTTP library encodes it, so that nothing here has to.
fn basic(http: &reqwest::Client, base: &Url, account: &str, password: &SecretString) -> Option<HeaderValue> {
    let request = http.get(base.clone()).basic_auth(account, Some(password.expose_secret())).build().ok()?;
    request.headers().get(AUTHORIZATION).cloned()
}

/// All credentials of both platforms: one machine may serve both, and a quotation must hold neither's.
fn credentials(options: &ClientOptions, encoded: Option<&str>) -> Redactor {
    let password = options.helpdesk.as_ref().map(|helpdesk| helpdesk.auth.secret().expose_secret().to_owned());
    let token = options.call_center.as_ref().map(|center| center.token.expose_secret().to_owned());
    Redactor::new(password.into_iter().chain(token).chain(encoded.map(str::to_owned)))
}

fn http_client(road: Road, options: &ClientOptions) -> Result<reqwest::Client, ClientError> {
    let mut headers = HeaderMap::new();
    headers.insert(reqwest::header::ACCEPT, HeaderValue::from_static("application/json"));
    let mut builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .default_headers(headers)
        .connect_timeout(options.connect_timeout)
        .timeout(options.attempt_timeout)
        .redirect(redirect::Policy::none())
        // One layer retries, and it knows which requests are safe to repeat.
        .retry(reqwest::retry::never())
        // Shorter than servers usually keep a connection: a request that is lost on a dying one may not be repeated blindly.
        .pool_idle_timeout(std::time::Duration::from_secs(20));
    if road.to_this_machine {
        builder = builder.no_proxy();
    }
    if !road.by_tls {
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(ClientError::Setup)
}

fn base_url(platform: Platform, text: &str) -> Result<Url, ClientError> {
    let problem = |problem| ClientError::Url { platform, problem };
    let url = Url::parse(text).map_err(|_| problem("it is not an absolute url"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(problem("it does not begin with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(problem("it holds credentials, which belong under auth"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(problem("it has a query or a fragment"));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(ClientError::Insecure { platform });
    }
    Ok(url)
}

/// Whether a host is this machine by name or address. Names are not resolved.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn transport_fault(error: reqwest::Error) -> Fault {
    let host = error.url().map(|url| url.authority().rsplit('@').next().unwrap_or_default().to_owned()).unwrap_or_default();
    let error = error.without_url();
    if error.is_builder() {
        Fault::Unsendable(error)
    } else if error.is_connect() {
        Fault::Unreachable { host, source: error }
    } else if error.is_timeout() {
        Fault::TimedOut(error)
    } else {
        Fault::Lost(error)
    }
}

fn random_id() -> Option<String> {
    let (high, low) = (getrandom::u64().ok()?, getrandom::u64().ok()?);
    Some(format!("{high:016x}{low:016x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_refused_unless_the_host_is_this_machine() {
        for (url, usable) in [
            ("https://www.example.com", true),
            ("https://www.example.com/prefix/", true),
            ("http://127.0.0.1:8080", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:8080", true),
            ("http://localhost:8080", true),
            ("http://www.example.com", false),
            ("http://localhost.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://0.0.0.0", false),
            ("ftp://127.0.0.1", false),
            ("https:www", true),
            ("www.example.com", false),
            ("https://a:b@example.com", false),
            ("https://example.com?x=1", false),
        ] {
            assert_eq!(base_url(Platform::Helpdesk, url).is_ok(), usable, "{url}");
        }
    }
}
