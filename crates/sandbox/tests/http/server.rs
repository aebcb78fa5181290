use crate::centre::{Centre, answer, options};
use deskform_sandbox::{Data, Options, Sandbox, StartError};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_file_keeps_everything_over_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let on_file = || Options { data: Data::File(folder.path().join("sandbox.db")), ..options() };
    let first = Centre::with(on_file()).await;
    let id = first.support("zhang").await;
    let duty = json!({"duty": [{"sid": id.to_string(), "date": "2023-12-04", "schedules": [
        {"name": "早班", "start_time": "09:00", "end_time": "18:00"},
    ]}]});
    first.helpdesk("POST", "/api/v1/schedules.json", Some(duty)).await;
    first.agent("create/v2", json!({"operatorId": "8001", "name": "张三"})).await;
    first.helpdesk("DELETE", &format!("/api/v1/supports/{id}.json"), None).await;
    let agent = first.agent("one/v2", json!({"operatorId": "8001"})).await.body;
    let duties = first.helpdesk("GET", "/api/v1/schedules.json", None).await.body;
    assert_eq!(duties["data"]["duty"]["sid"], id.to_string());
    first.sandbox.stop().await;

    let second = Centre::with(on_file()).await;
    assert_eq!(second.agent("one/v2", json!({"operatorId": "8001"})).await.body, agent);
    assert_eq!(second.helpdesk("GET", "/api/v1/schedules.json", None).await.body, duties);
    let recycled = second.helpdesk("GET", &format!("/api/v1/supports/{id}.json"), None).await;
    assert_eq!(recycled.body["support"]["isStat"], "0");
    assert_eq!(second.helpdesk("GET", "/api/v1/supports.json", None).await.body["count"], 1);
}

#[tokio::test]
async fn a_file_of_a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let newer = rusqlite::Connection::open(&file).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let refused = Sandbox::start(Options { data: Data::File(file), ..options() }).await;
    assert!(matches!(refused, Err(StartError::NewerFormat { found: 99, .. })), "{refused:?}");
}

#[tokio::test]
async fn what_cannot_be_opened_or_listened_on_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing").join("sandbox.db");
    let refused = Sandbox::start(Options { data: Data::File(missing), ..options() }).await;
    assert!(matches!(refused, Err(StartError::Data { .. })), "{refused:?}");

    let running = Sandbox::start(options()).await.unwrap();
    let address = running.helpdesk_url().trim_start_matches("http://").parse().unwrap();
    let refused = Sandbox::start(Options { listen: address, ..options() }).await;
    assert!(matches!(refused, Err(StartError::Listen { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_stopped_sandbox_frees_its_port() {
    let running = Sandbox::start(options()).await.unwrap();
    let address = running.helpdesk_url().trim_start_matches("http://").parse().unwrap();
    running.stop().await;
    let again = Sandbox::start(Options { listen: address, ..options() }).await;
    assert!(again.is_ok(), "{again:?}");
}

#[tokio::test]
async fn a_dropped_sandbox_stops() {
    let centre = Centre::start().await;
    let url = format!("{}/api/v1/supports.json", centre.sandbox.helpdesk_url());
    drop(centre);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let refused = async {
        while client.get(&url).send().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), refused).await.expect("the port is closed");
}

#[tokio::test]
async fn the_journal_shows_requests_without_credentials() {
    let centre = Centre::start().await;
    centre.support("zhang").await;
    let request = centre.request("GET", "/api/v1/supports.json?page=2").header("Cookie", "a=secret-cookie");
    answer(request.header("X-Trace", "t1").basic_auth("admin", Some("wrong"))).await;
    centre.agent("page", json!({})).await;
    let journal = centre.sandbox.journal();
    let seen: Vec<_> = journal.iter().map(|entry| (entry.method.as_str(), entry.path.as_str(), entry.status)).collect();
    assert_eq!(
        seen,
        [
            ("POST", "/api/v1/supports.json", Some(200)),
            ("GET", "/api/v1/supports.json?page=2", Some(401)),
            ("POST", "/api/v1/config/openapi/agent/page", Some(200)),
        ]
    );
    assert!(journal[0].body.contains("zhang"));
    assert!(journal[1].headers.contains(&("x-trace".to_owned(), "t1".to_owned())));
    let written = format!("{journal:?}");
    for secret in ["admin-pass", "YWRtaW4", "test-token", "secret-cookie"] {
        assert!(!written.contains(secret), "{secret}");
    }
    centre.sandbox.clear_journal();
    assert_eq!(centre.sandbox.journal(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_concurrent_creates_of_one_account_one_succeeds() {
    let centre = std::sync::Arc::new(Centre::start().await);
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let centre = std::sync::Arc::clone(&centre);
            tokio::spawn(async move {
                let body = json!({"support": {"sPassportName": "zhang", "sNum": "1"}});
                centre.helpdesk("POST", "/api/v1/supports.json", Some(body)).await.status
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1], statuses[19]), (200, 409, 409));
    assert_eq!(centre.helpdesk("GET", "/api/v1/supports.json", None).await.body["count"], 2);
}
