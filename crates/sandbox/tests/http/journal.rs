//! The journal, in memory and as a file.

use std::time::Duration;

use crate::centre::{Centre, options};
use deskform_sandbox::{Faults, Options, Sandbox, StartError};
use serde_json::{Value, json};

#[tokio::test]
async fn every_request_is_a_line_with_its_faults_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.jsonl");
    let faults = Faults::parse(
        "rules: [{at: delete-agents, fault: reset, carriedOut: true}, {at: get-agent, fault: hang}, {at: lists, fault: lag, milliseconds: 1}]",
    )
    .unwrap();
    let centre = Centre::with(Options { faults, journal: Some(file.clone()), ..options() }).await;
    centre.agent("create/v2", json!({"operatorId": "8001", "password": "planted-secret"})).await;
    centre.helpdesk("GET", "/api/v1/supports.json?page=1", None).await;
    let call = |name: &str| {
        let body = json!({"abbreviate": "demo", "operatorId": "8001", "operatorIds": ["8001"]});
        centre.request("POST", &format!("/api/v1/config/openapi/agent/{name}")).header("token", "test-token").json(&body).send()
    };
    call("del/v2").await.unwrap_err();
    tokio::time::timeout(Duration::from_millis(300), call("one/v2")).await.unwrap_err();
    centre.request("GET", "/nowhere").send().await.unwrap();

    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = lines.iter().map(|line| json!([line["endpoint"], line["status"], line["fault"]])).collect();
    assert_eq!(
        told,
        [
            json!(["create-agent", 200, null]),
            json!(["list-supports", 200, "lag"]),
            json!(["delete-agents", null, "reset after it was carried out"]),
            json!(["get-agent", null, "hang"]),
            json!([null, 404, null]),
        ]
    );
    assert_eq!((&lines[0]["body"]["operatorId"], &lines[0]["body"]["password"]), (&json!("8001"), &json!("(secret)")));
    assert_eq!((&lines[1]["method"], &lines[1]["path"]), (&json!("GET"), &json!("/api/v1/supports.json?page=1")));
    assert!(lines.iter().all(|line| line["at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok()));
    for secret in ["planted-secret", "admin-pass", "YWRtaW4", "test-token"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let memory = centre.sandbox.journal();
    assert_eq!(memory.len(), lines.len());
    assert!(memory.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

#[tokio::test]
async fn a_journal_that_cannot_be_opened_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Sandbox::start(Options { journal: Some(folder.path().to_owned()), ..options() }).await;
    assert!(matches!(refused, Err(StartError::Journal { .. })), "{refused:?}");
}
