//! Access tokens: when they are asked for, how often, and what is told when there is none.
#![allow(clippy::unwrap_used, missing_docs)]

mod scripted;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deskform_applier::request::{get_support, list_supports};
use deskform_applier::{Client, ClientError, ClientOptions, Fault, HelpdeskAuth, Method, Repeat, Request, RequestError, Wrapper};
use deskform_model::{Platform, RemoteId};
use deskform_sandbox::{Options, Running, Sandbox};
use scripted::{Answer, Seen, Server, json as reply, options};
use serde_json::json;

fn with_key_pair(url: &str, secret: &str) -> ClientOptions {
    let mut options = options(url);
    let helpdesk = options.helpdesk.as_mut().unwrap();
    helpdesk.auth = HelpdeskAuth::OAuth2 {
        client_id: "test-client".into(),
        client_secret: secret.into(),
        token_url: None,
        account: Some("admin".into()),
    };
    options
}

fn client(url: &str) -> Client {
    Client::new(with_key_pair(url, "test-client-secret")).unwrap()
}

fn read() -> Request {
    get_support(&RemoteId::new("7").unwrap())
}

fn create() -> Request {
    Request::new(Platform::Helpdesk, Method::Post, "/api/v1/supports.json", Repeat::Unsafe, Wrapper::Key("support")).body(json!({}))
}

fn asks_for_a_token(seen: &Seen) -> bool {
    seen.line.starts_with("POST /api/token.php ")
}

fn token(text: &str, seconds: u64) -> Answer {
    reply("200 OK", json!({ "access_token": text, "expires_in": seconds, "token_type": "Bearer", "scope": null }))
}

fn support() -> Answer {
    reply("200 OK", r#"{"support":{"sId":7}}"#)
}

async fn sandbox(lifetime: Duration) -> Running {
    Sandbox::start(Options { token_lifetime: lifetime, ..Options::default() }).await.unwrap()
}

fn tokens_given(sandbox: &Running) -> usize {
    sandbox.journal().iter().filter(|entry| entry.endpoint == Some("get-token")).count()
}

/// Sends this many reads at once.
async fn at_once(client: &Client, requests: usize) -> Vec<Result<(), RequestError>> {
    let sent = (0..requests).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.send(&list_supports(1)).await.map(drop) })
    });
    let mut results = Vec::new();
    for task in sent.collect::<Vec<_>>() {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test]
async fn the_key_pair_goes_to_the_token_endpoint_and_the_token_to_the_helpdesk() {
    let server = Server::start(|seen, _| if asks_for_a_token(seen) { token("planted-token-1", 3600) } else { support() }).await;
    let client = client(&server.url);
    client.send(&read()).await.unwrap();
    client.send(&read()).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert_eq!((seen[0].line.as_str(), seen[0].body.as_str()), ("POST /api/token.php HTTP/1.1", "grant_type=client_credentials"));
    // test-client:test-client-secret
    assert_eq!(seen[0].header("authorization"), Some("Basic dGVzdC1jbGllbnQ6dGVzdC1jbGllbnQtc2VjcmV0"));
    assert_eq!(seen[0].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert!(seen[1..].iter().all(|seen| seen.header("authorization") == Some("Bearer planted-token-1")));
    assert_eq!(client.caller().map(|account| account.as_str()), Some("admin"));
}

#[tokio::test]
async fn a_token_is_asked_for_as_the_vendors_page_shows() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/contract/get-token/documented/request.json");
    let documented: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let server = Server::start(|seen, _| if asks_for_a_token(seen) { token("t", 3600) } else { support() }).await;
    client(&server.url).send(&read()).await.unwrap();
    let seen = &server.seen()[0];
    let [method, path] = ["method", "path"].map(|part| documented[part].as_str().unwrap());
    assert_eq!(seen.line, format!("{method} {path} HTTP/1.1"));
    assert_eq!(seen.header("content-type"), documented["headers"]["Content-Type"].as_str());
    let form: Vec<String> =
        documented["form"].as_object().unwrap().iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect();
    assert_eq!(seen.body, form.join("&"));
}

#[tokio::test]
async fn the_token_endpoint_may_be_elsewhere_but_never_in_the_clear() {
    let server = Server::start(|_, _| support()).await;
    let tokens = Server::start(|_, _| token("t", 3600)).await;
    let with_url = |url: &str| {
        let mut options = with_key_pair(&format!("{}/gate", server.url), "s");
        let HelpdeskAuth::OAuth2 { token_url, .. } = &mut options.helpdesk.as_mut().unwrap().auth else { unreachable!() };
        *token_url = Some(url.to_owned());
        Client::new(options)
    };
    with_url(&format!("{}/getToken.json", tokens.url)).unwrap().send(&read()).await.unwrap();
    assert_eq!(tokens.seen()[0].line, "POST /getToken.json HTTP/1.1");
    assert!(matches!(with_url("http://tokens.example.com/"), Err(ClientError::Insecure { .. })));
    // Without one it is below the helpdesk's own address.
    client(&format!("{}/gate", server.url)).send(&read()).await.unwrap_err();
    assert!(server.seen().iter().any(|seen| seen.line == "POST /gate/api/token.php HTTP/1.1"));
}

#[tokio::test]
async fn eight_workers_ask_for_one_token() {
    let sandbox = sandbox(Duration::from_secs(3600)).await;
    let client = client(sandbox.helpdesk_url());
    assert!(at_once(&client, 8).await.iter().all(Result::is_ok));
    assert_eq!(tokens_given(&sandbox), 1);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_so_that_nobody_is_refused() {
    // The first one lives for a second, so it is renewed after 0.8 of one; nothing is refused here, whatever its token.
    let server = Server::start(|seen, number| match number {
        1 if asks_for_a_token(seen) => token("first", 1),
        _ if asks_for_a_token(seen) => token("second", 3600),
        _ => reply("200 OK", r#"{"supports":[]}"#),
    })
    .await;
    let client = client(&server.url);
    client.send(&list_supports(1)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(850)).await;
    let before = server.seen().len();
    assert!(at_once(&client, 8).await.iter().all(Result::is_ok));
    let seen = server.seen();
    assert_eq!(seen.iter().filter(|seen| asks_for_a_token(seen)).count(), 2);
    let lists: Vec<_> = seen[before..].iter().filter(|seen| !asks_for_a_token(seen)).collect();
    assert_eq!(lists.len(), 8);
    assert!(lists.iter().all(|seen| seen.header("authorization") == Some("Bearer second")));
}

#[tokio::test]
async fn a_token_that_is_taken_back_is_renewed_once_for_all_workers() {
    let sandbox = sandbox(Duration::from_secs(3600)).await;
    let client = client(sandbox.helpdesk_url());
    client.send(&list_supports(1)).await.unwrap();
    sandbox.revoke_tokens();
    assert!(at_once(&client, 8).await.iter().all(Result::is_ok));
    assert_eq!(tokens_given(&sandbox), 2);
}

#[tokio::test]
async fn a_creation_that_was_refused_for_its_token_is_sent_again() {
    let server = Server::start(|seen, number| match number {
        _ if asks_for_a_token(seen) => token(&format!("t{number}"), 3600),
        2 => reply("401 Unauthorized", r#"{"status":401,"message":"token expired"}"#),
        _ => support(),
    })
    .await;
    client(&server.url).send(&create()).await.unwrap();
    let tokens: Vec<_> = server.seen().iter().filter_map(|seen| seen.header("authorization").map(str::to_owned)).collect();
    assert_eq!((tokens.len(), &tokens[1], &tokens[3]), (4, &"Bearer t1".to_owned(), &"Bearer t3".to_owned()));
}

#[tokio::test]
async fn a_second_refusal_is_the_answer() {
    let server = Server::start(|seen, number| {
        if asks_for_a_token(seen) {
            token(&format!("planted-token-{number}"), 3600)
        } else {
            reply("401 Unauthorized", format!(r#"{{"message":"no such token: {}"}}"#, seen.header("authorization").unwrap()))
        }
    })
    .await;
    let error = client(&server.url).send(&read()).await.unwrap_err();
    assert_eq!(server.seen().len(), 4);
    assert!(error.is_authentication() && !error.may_have_arrived(), "{error}");
    assert!(!error.to_string().contains("planted"), "{error}");
}

#[tokio::test]
async fn a_wrong_secret_is_told_clearly_and_shown_to_the_platform_once() {
    let sandbox = sandbox(Duration::from_secs(3600)).await;
    let client = Client::new(with_key_pair(sandbox.helpdesk_url(), "planted-wrong-secret")).unwrap();
    for error in at_once(&client, 8).await.into_iter().map(Result::unwrap_err) {
        assert_eq!(
            error.to_string(),
            "GET /api/v1/supports.json: no access token: refused with status 401, code invalid_client: The client credentials are invalid"
        );
        assert!(error.refuses_credentials() && !error.may_have_arrived());
        assert!(error.hint().unwrap().starts_with("check clientId and clientSecret"), "{:?}", error.hint());
    }
    assert_eq!(tokens_given(&sandbox), 1);
}

#[tokio::test]
async fn trouble_at_the_token_endpoint_is_waited_for_even_by_creations() {
    let server = Server::start(|seen, number| match number {
        1 => reply("503 Unavailable", "<html>maintenance</html>"),
        2 => Answer { bytes: Vec::new(), close: true },
        _ if asks_for_a_token(seen) => token("t", 3600),
        _ => support(),
    })
    .await;
    client(&server.url).send(&create()).await.unwrap();
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn workers_that_wait_share_a_failure() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = Server::start(move |_, _| {
        count.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(50));
        reply("500 Oops", r#"{"error":"server_error"}"#)
    })
    .await;
    let mut options = with_key_pair(&server.url, "s");
    options.retry.attempts = 1;
    let client = Client::new(options).unwrap();
    assert!(at_once(&client, 8).await.iter().all(|result| matches!(&*result.as_ref().unwrap_err().fault, Fault::NoToken(_))));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_the_token_endpoint_says_is_quoted_without_secrets() {
    for body in [
        r#"{"access_token":"planted-given","token_type":"mac"}"#.to_owned(),
        r#"{"access_token":"planted-given","expires"#.to_owned(),
        r#"{"error":"invalid_client","error_description":"planted-key-secret is wrong"}"#.to_owned(),
        "you sent dGVzdC1jbGllbnQ6cGxhbnRlZC1rZXktc2VjcmV0".to_owned(),
    ] {
        let server = Server::start(move |_, _| reply("400 Bad Request", &body)).await;
        let mut options = with_key_pair(&server.url, "planted-key-secret");
        options.retry.attempts = 1;
        let error = Client::new(options.clone()).unwrap().send(&read()).await.unwrap_err();
        let told = format!("{error} {error:?} {options:?}");
        assert!(!told.contains("planted") && !told.contains("dGVzdC1jbGllbnQ6"), "{told}");
    }
}
