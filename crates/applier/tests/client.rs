//! What the client sends and how it takes what comes back, over real HTTP.
#![allow(clippy::unwrap_used, missing_docs)]

mod scripted;

use std::error::Error as _;
use std::time::{Duration, Instant};

use deskform_applier::request::{get_support, list_agents, list_supports};
use deskform_applier::{Client, ClientError, ClientOptions, Fault, HelpdeskOptions, Method, Repeat, Request, RequestError, Wrapper};
use deskform_model::{Platform, RemoteId};
use scripted::{Answer, Server, json as reply, options, with_headers};
use serde_json::json;

fn create() -> Request {
    Request::new(Platform::Helpdesk, Method::Post, "/api/v1/supports.json", Repeat::Unsafe, Wrapper::Key("support"))
        .body(json!({ "support": { "sPassportName": "a", "password": "planted-new" } }))
}

fn read() -> Request {
    get_support(&RemoteId::new("7").unwrap())
}

async fn failure(request: Request, answer: impl Fn() -> Answer + Send + Sync + 'static) -> (RequestError, usize) {
    let server = Server::start(move |_, _| answer()).await;
    let error = server.client().send(&request).await.unwrap_err();
    let sent = server.seen().len();
    (error, sent)
}

#[tokio::test]
async fn the_helpdesk_gets_basic_credentials_and_the_programs_name() {
    let server = Server::start(|_, _| reply("200 OK", r#"{"support":{"sId":7}}"#)).await;
    let found = server.client().send(&read()).await.unwrap();
    assert_eq!(found.content, json!({ "sId": 7 }));
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "GET /api/v1/supports/7.json HTTP/1.1");
    // planted-account:planted-password
    assert_eq!(seen.header("authorization"), Some("Basic cGxhbnRlZC1hY2NvdW50OnBsYW50ZWQtcGFzc3dvcmQ="));
    assert!(seen.header("user-agent").unwrap().starts_with("deskform/"));
    assert_eq!(seen.header("requestid"), None);
}

#[tokio::test]
async fn every_call_centre_body_holds_the_tenant() {
    let server = Server::start(|_, _| reply("200 OK", r#"{"code":200,"msg":"ok"}"#)).await;
    server.client().send(&list_agents(1)).await.unwrap();
    let mut options = server.options();
    options.call_center.as_mut().unwrap().company_id = Some(1001);
    Client::new(options).unwrap().send(&list_agents(1)).await.unwrap();
    let bodies: Vec<serde_json::Value> = server.seen().iter().map(|seen| serde_json::from_str(&seen.body).unwrap()).collect();
    assert_eq!(bodies[0], json!({ "abbreviate": "acme", "pageNumber": 1, "pageSize": 100 }));
    assert_eq!(bodies[1], json!({ "abbreviate": "acme", "companyId": 1001, "pageNumber": 1, "pageSize": 100 }));
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /api/v1/config/openapi/agent/page HTTP/1.1");
    assert_eq!((seen.header("token"), seen.header("content-type")), (Some("planted-token"), Some("application/json")));
    assert_eq!(seen.header("authorization"), None);
}

#[tokio::test]
async fn a_prefix_in_the_base_url_is_kept() {
    let server = Server::start(|_, _| reply("200 OK", r#"{"supports":[]}"#)).await;
    let client = Client::new(options(&format!("{}/gate/", server.url))).unwrap();
    client.send(&list_supports(2)).await.unwrap();
    assert_eq!(server.seen()[0].line, "GET /gate/api/v1/supports.json?created_order=asc&page=2&per_page=100 HTTP/1.1");
}

#[tokio::test]
async fn a_request_id_is_an_option_and_stays_the_same_when_repeated() {
    let server =
        Server::start(
            |_, number| {
                if number == 1 { reply("503 Unavailable", r#"{"message":"x"}"#) } else { reply("200 OK", r#"{"support":{}}"#) }
            },
        )
        .await;
    let mut options = server.options();
    options.helpdesk.as_mut().unwrap().request_ids = true;
    Client::new(options).unwrap().send(&read()).await.unwrap();
    let ids: Vec<_> = server.seen().iter().map(|seen| seen.header("requestid").unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids[0].len() == 32 && ids[0] == ids[1]);
}

#[tokio::test]
async fn credentials_never_travel_in_the_clear() {
    let helpdesk = HelpdeskOptions::new("http://www.example.com", "a", "b".into());
    let error = Client::new(ClientOptions { helpdesk: Some(helpdesk), ..ClientOptions::default() }).unwrap_err();
    assert!(matches!(error, ClientError::Insecure { platform: Platform::Helpdesk }), "{error}");
}

#[tokio::test]
async fn a_platform_that_is_not_configured_is_named() {
    let error = Client::new(ClientOptions::default()).unwrap().send(&list_agents(1)).await.unwrap_err();
    assert!(matches!(*error.fault, Fault::NotConfigured) && !error.may_have_arrived());
}

#[tokio::test]
async fn reads_are_repeated_and_creations_are_not() {
    let flaky = || {
        Server::start(|_, number| if number < 3 { reply("500 Oops", r#"{"message":"x"}"#) } else { reply("200 OK", r#"{"support":{}}"#) })
    };
    let server = flaky().await;
    server.client().send(&read()).await.unwrap();
    assert_eq!(server.seen().len(), 3);

    let server = flaky().await;
    let error = server.client().send(&create()).await.unwrap_err();
    assert_eq!((server.seen().len(), error.attempts, error.status()), (1, 1, Some(500)));
    assert!(error.may_have_arrived());
}

#[tokio::test]
async fn a_lost_answer_to_a_creation_is_uncertain_and_not_repeated() {
    let (error, sent) = failure(create(), || Answer { bytes: Vec::new(), close: true }).await;
    assert_eq!(sent, 1);
    assert!(matches!(*error.fault, Fault::Lost(_)) && error.may_have_arrived(), "{error:?}");
}

#[tokio::test]
async fn a_reply_that_breaks_off_is_read_again() {
    let server = Server::start(|_, number| {
        let mut whole = reply("200 OK", r#"{"support":{"sId":7}}"#);
        if number == 1 {
            whole.bytes.truncate(whole.bytes.len() - 4);
            whole.close = true;
        }
        whole
    })
    .await;
    server.client().send(&read()).await.unwrap();
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn an_unreachable_host_is_tried_a_few_times_even_for_creations_and_nothing_arrived() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::new(options(&url)).unwrap().send(&create()).await.unwrap_err();
    assert!(matches!(*error.fault, Fault::Unreachable { .. }), "{error:?}");
    assert_eq!(error.attempts, 4);
    assert!(!error.may_have_arrived());
    let host = url.trim_start_matches("http://");
    assert_eq!(error.to_string(), format!("POST /api/v1/supports.json: cannot connect to {host}"));
    assert!(error.source().is_some() && error.hint().is_some());
}

#[tokio::test]
async fn a_host_without_tls_is_told_from_one_that_is_not_there() {
    let server = Server::start(|_, _| reply("400 Bad Request", "")).await;
    let client = Client::new(options(&server.url.replace("http://", "https://"))).unwrap();
    let error = client.send(&read()).await.unwrap_err();
    assert!(matches!(*error.fault, Fault::Unreachable { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("certificate"), "{error:?}");
}

#[tokio::test]
async fn no_reply_in_time_is_uncertain() {
    let server = Server::start(|_, _| Answer { bytes: b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{".to_vec(), close: false }).await;
    let client = Client::new(ClientOptions { attempt_timeout: Duration::from_millis(500), ..server.options() }).unwrap();
    let error = client.send(&create()).await.unwrap_err();
    assert!(matches!(*error.fault, Fault::TimedOut(_)) && error.may_have_arrived(), "{error:?}");
}

#[tokio::test]
async fn well_formed_refusals_and_documented_codes_are_final() {
    for (status, body) in [
        ("400 Bad Request", r#"{"status":400,"message":"x"}"#),
        ("403 Forbidden", r#"{"status":403,"message":"x"}"#),
        ("404 Not Found", r#"{"status":404,"message":"x"}"#),
        ("401 Unauthorized", "<html>sign in</html>"),
        ("200 OK", r#"{"status":403,"message":"The sId does not exist"}"#),
        ("200 OK", r#"{"code":"10011","message":"x"}"#),
        ("409 Conflict", r#"{"errcode":"10012","errmsg":"x"}"#),
        ("200 OK", r#"{"code":1001,"msg":"Token expired"}"#),
    ] {
        let (error, sent) = failure(read(), move || reply(status, body)).await;
        assert_eq!(sent, 1, "{body}");
        assert!(!error.may_have_arrived(), "{body}");
    }
}

#[tokio::test]
async fn everything_else_is_tried_again_and_unexplained_refusals_less_often() {
    for (status, body, attempts) in [
        ("400 Bad Request", "<html>gateway</html>", 8),
        ("404 Not Found", "{}", 8),
        ("429 Too Many", r#"{"status":429,"message":"x"}"#, 8),
        ("502 Bad Gateway", "<html>gateway</html>", 8),
        ("500 Oops", r#"{"status":500,"message":"x"}"#, 8),
        ("200 OK", r#"{"code":503,"message":"x"}"#, 8),
        ("200 OK", "<html>maintenance</html>", 8),
        ("200 OK", r#"{"support":{"sId"#, 8),
        ("200 OK", "{}", 8),
        ("200 OK", "", 8),
        ("409 Conflict", r#"{"status":409,"message":"x"}"#, 3),
        ("200 OK", r#"{"errcode":"5","errmsg":"x"}"#, 3),
    ] {
        let (error, sent) = failure(read(), move || reply(status, body)).await;
        assert_eq!((sent, error.attempts), (attempts, attempts as u32), "{status} {body}");
    }
}

#[tokio::test]
async fn a_creation_that_was_refused_did_not_happen_and_one_with_a_strange_reply_may_have() {
    for (status, body, uncertain) in [
        ("400 Bad Request", r#"{"status":400,"message":"x"}"#, false),
        ("409 Conflict", r#"{"status":409,"message":"x"}"#, false),
        ("200 OK", r#"{"code":409,"msg":"operatorId exists"}"#, false),
        ("408 Timeout", r#"{"status":408,"message":"x"}"#, true),
        ("200 OK", r#"{"code":9,"msg":"system error"}"#, true),
        ("502 Bad Gateway", "<html>gateway</html>", true),
        ("200 OK", "<html>gateway</html>", true),
        ("200 OK", "{}", true),
        ("200 OK", r#"{"support":"#, true),
    ] {
        let (error, sent) = failure(create(), move || reply(status, body)).await;
        assert_eq!((sent, error.may_have_arrived()), (1, uncertain), "{status} {body}");
    }
}

#[tokio::test]
async fn a_creation_that_was_too_much_was_not_carried_out_and_is_sent_again() {
    for body in [r#"{"status":429,"message":"x"}"#, "<html>too many</html>", "{}"] {
        let server =
            Server::start(move |_, number| if number == 1 { reply("429 Too Many", body) } else { reply("200 OK", r#"{"support":{}}"#) })
                .await;
        server.client().send(&create()).await.unwrap();
        assert_eq!(server.seen().len(), 2, "{body}");
    }
    let (error, _) = failure(create(), move || reply("429 Too Many", "{}")).await;
    assert!(!error.may_have_arrived());
}

#[tokio::test]
async fn an_error_names_the_exchange_as_the_platform_does() {
    let server = Server::start(|_, _| with_headers("400 Bad", "X-Request-Id: gate-7\r\n", r#"{"message":"x"}"#)).await;
    let error = server.client().send(&create()).await.unwrap_err();
    assert_eq!(error.request_id.as_deref(), Some("gate-7"));

    let server = Server::start(|_, _| reply("400 Bad", r#"{"message":"x"}"#)).await;
    let mut options = server.options();
    options.helpdesk.as_mut().unwrap().request_ids = true;
    let error = Client::new(options).unwrap().send(&create().id("mine".into())).await.unwrap_err();
    assert_eq!(error.request_id.as_deref(), Some("mine"));
    assert_eq!(server.seen()[0].header("requestid"), Some("mine"));
}

#[tokio::test]
async fn errors_say_what_came_instead() {
    let message = |request, status, body| async move { failure(request, move || reply(status, body)).await.0.to_string() };
    let path = "POST /api/v1/supports.json: ";
    for (status, body, expected) in [
        ("409 Conflict", r#"{"status":409,"message":"taken"}"#, "refused with status 409, code 409: taken"),
        ("200 OK", "<html>x</html>", "status 200 with an html page instead of json: <html>x</html>"),
        ("200 OK", "{\"support\":\r\n{", "status 200 with a reply that ends in the middle: {\"support\": {"),
        ("200 OK", "[1]", "status 200 without the object \"support\": [1]"),
    ] {
        assert_eq!(message(create(), status, body).await, format!("{path}{expected}"));
    }
}

#[tokio::test]
async fn a_missing_object_is_told_from_a_missing_right() {
    for (status, body, not_found, authentication) in [
        ("404 Not Found", r#"{"status":404,"message":"x"}"#, true, false),
        ("403 Forbidden", r#"{"status":403,"message":"The sId does not exist"}"#, true, false),
        ("200 OK", r#"{"status":403,"message":"The sId does not exist"}"#, true, false),
        ("403 Forbidden", r#"{"status":403,"message":"only an administrator"}"#, false, true),
        ("401 Unauthorized", r#"{"status":401,"message":"x"}"#, false, true),
        ("401 Unauthorized", "", false, true),
        ("200 OK", r#"{"code":1001,"msg":"Token expired"}"#, false, true),
        ("404 Not Found", r#"{"errcode":"100047","errmsg":"Invalid resource URI"}"#, false, false),
        ("200 OK", r#"{"code":"10011","message":"x"}"#, true, false),
    ] {
        let (error, _) = failure(create(), move || reply(status, body)).await;
        assert_eq!((error.is_not_found(), error.is_authentication()), (not_found, authentication), "{status} {body}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_names_its_host() {
    let (error, sent) = failure(read(), || with_headers("302 Found", "Location: https://user:pw@evil.example.com/login?x=1\r\n", "")).await;
    assert_eq!(sent, 1);
    assert_eq!(error.to_string(), "GET /api/v1/supports/7.json: status 302 redirects to evil.example.com");
}

#[tokio::test]
async fn a_reply_without_end_is_cut_off() {
    let server = Server::start(|_, _| reply("200 OK", "x".repeat(2000))).await;
    let client = Client::new(ClientOptions { max_reply: 1000, ..server.options() }).unwrap();
    let error = client.send(&read()).await.unwrap_err();
    assert!(matches!(*error.fault, Fault::TooLarge { limit: 1000, .. }), "{error:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn retry_after_pauses_everybody_in_the_lane() {
    let server = Server::start(|seen, number| match number {
        1 => with_headers("429 Too Many", "Retry-After: 1\r\n", r#"{"message":"slow down"}"#),
        _ if seen.line.contains("supports.json") => reply("200 OK", r#"{"supports":[]}"#),
        _ => reply("200 OK", r#"{"support":{}}"#),
    })
    .await;
    let client = server.client();
    let start = Instant::now();
    let (one, list) = (read(), list_supports(1));
    // The other one is told to wait before this one wants to be sent.
    let told = tokio::sync::Notify::new();
    let mut tell = |_| told.notify_one();
    let (first, second) = tokio::join!(client.telling_pauses(&mut tell, client.send(&one)), async {
        told.notified().await;
        client.send(&list).await.map(|_| start.elapsed())
    });
    first.unwrap();
    assert!(second.unwrap() >= Duration::from_millis(950));
}

#[tokio::test]
async fn no_message_and_no_debug_form_holds_a_secret() {
    // The server repeats everything that it was sent, credentials included, in every way that a reply can be wrong.
    for (status, shape) in [
        ("400 Bad Request", r#"{"status":400,"message":"MARK"}"#),
        ("500 Oops", r#"{"code":"MARK","message":"MARK"}"#),
        ("200 OK", "<html>MARK</html>"),
        ("200 OK", r#"{"support":"MARK"#),
        ("200 OK", r#"{"other":"MARK"}"#),
        ("200 OK", r#"{"operatorPassword":"planted-by-the-platform"}"#),
    ] {
        for request in
            [create(), Request::call_center("create/v2", Repeat::Unsafe, create().body.unwrap().json().as_object().unwrap().clone())]
        {
            let server = Server::start(move |seen, _| {
                let echo = format!("{} {} planted-password planted-token", seen.head.replace("\r\n", " "), seen.body);
                reply(status, shape.replace("MARK", &echo.replace('"', "'")))
            })
            .await;
            let (options, client) = (server.options(), server.client());
            let error = client.send(&request).await.unwrap_err();
            let secret = ["planted-password", "planted-token", "planted-new", "planted-by-the-platform", "cGxhbnRlZC1hY2NvdW50"];
            for text in [format!("{error}"), format!("{error:?}"), format!("{client:?}"), format!("{options:?}"), format!("{request:?}")] {
                assert!(!secret.iter().any(|secret| text.contains(secret)), "{status} {shape}: {text}");
            }
        }
    }
}
