//! Every scripted fault as a client meets it.

use std::time::Duration;

use crate::centre::{Centre, options};
use deskform_sandbox::{Faults, Options};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const SUPPORTS: &str = "/api/v1/supports.json";
const SCHEDULES: &str = "/api/v1/schedules.json";

async fn centre(rule: &str) -> Centre {
    let faults = Faults::parse(&format!("rules: [{{{rule}}}]")).expect("a valid script");
    Centre::with(Options { faults, ..options() }).await
}

fn set(centre: &Centre, rules: &str) {
    centre.sandbox.set_faults(Faults::parse(&format!("rules: [{rules}]")).expect("a valid script")).expect("it can be set");
}

fn zhang() -> Value {
    json!({"support": {"sPassportName": "zhang", "sNum": "001"}})
}

/// A creation as the client sees it: status, headers and body, or the error of the transport.
async fn create(centre: &Centre) -> Result<(u16, reqwest::header::HeaderMap, String), reqwest::Error> {
    let response = centre.request("POST", SUPPORTS).basic_auth("admin", Some("admin-pass")).json(&zhang()).send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok((status, headers, response.text().await?))
}

/// How many supports there are besides the administrator.
async fn created(centre: &Centre) -> u64 {
    let list = centre.helpdesk("GET", SUPPORTS, None).await.body;
    let (count, shown) = (list["count"].as_u64().unwrap(), list["supports"].as_array().unwrap().len() as u64);
    assert_eq!(count, shown);
    count - 1
}

#[tokio::test]
async fn a_status_comes_with_retry_after_in_seconds_or_as_a_date() {
    let centre = centre("at: create-support, call: 1, fault: status, status: 429, retryAfter: 7").await;
    let (status, headers, body) = create(&centre).await.unwrap();
    assert_eq!((status, headers["retry-after"].to_str().unwrap()), (429, "7"));
    assert!(body.contains("Too Many Requests"), "{body}");
    assert_eq!(created(&centre).await, 0);

    set(&centre, "{at: create-support, call: 1, fault: status, status: 503, retryAfterDate: 90}");
    let (status, headers, _) = create(&centre).await.unwrap();
    let date = headers["retry-after"].to_str().unwrap();
    let until = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).expect("an HTTP date");
    let ahead = until.duration_since(jiff::Timestamp::now()).as_secs();
    assert_eq!(status, 503);
    assert!(date.ends_with("GMT") && (80..=90).contains(&ahead), "{date} is {ahead} s ahead");
    assert_eq!(create(&centre).await.unwrap().0, 200, "the second call is left alone");
}

#[tokio::test]
async fn an_answer_can_be_replaced_before_or_after_the_request_is_carried_out() {
    for (fault, status, holds) in [
        ("fault: status, status: 502", 502, "Bad Gateway"),
        ("fault: status, status: 504", 504, "Gateway Timeout"),
        ("fault: html", 200, "<html>"),
        ("fault: error-code, code: 100047, message: later", 200, r#""errcode":"100047""#),
    ] {
        for (carried_out, count) in [(false, 0), (true, 1)] {
            let centre = centre(&format!("at: create-support, {fault}, carriedOut: {carried_out}")).await;
            let (got, _, body) = create(&centre).await.unwrap();
            assert_eq!(got, status, "{fault}");
            assert!(body.contains(holds), "{body}");
            assert_eq!(created(&centre).await, count, "{fault}, carriedOut: {carried_out}");
        }
    }
}

#[tokio::test]
async fn error_codes_are_in_the_words_of_the_platform() {
    let centre = centre("at: [list-schedules, get-agent], fault: error-code, code: 5001, message: busy").await;
    let duties = centre.helpdesk("GET", SCHEDULES, None).await;
    assert_eq!((duties.status, duties.body), (200, json!({"code": "5001", "message": "busy"})));
    let agent = centre.agent("one/v2", json!({"operatorId": "8001"})).await;
    assert_eq!((agent.status, agent.body), (200, json!({"code": 5001, "msg": "busy"})));
}

/// Sends a creation over a connection of its own and returns everything that comes back, or the error of the last read.
async fn raw_create(centre: &Centre) -> (String, Option<std::io::ErrorKind>) {
    let address = centre.sandbox.helpdesk_url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let body = zhang().to_string();
    // admin:admin-pass
    let head = format!(
        "POST {SUPPORTS} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Basic YWRtaW46YWRtaW4tcGFzcw==\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let error = loop {
        match stream.read_buf(&mut answer).await {
            Ok(0) => break None,
            Ok(_) => {}
            Err(error) => break Some(error.kind()),
        }
    };
    (String::from_utf8_lossy(&answer).into_owned(), error)
}

#[tokio::test]
async fn a_reset_is_a_reset_before_or_after_the_request_is_carried_out() {
    for (carried_out, count) in [(false, 0), (true, 1)] {
        let centre = centre(&format!("at: create-support, fault: reset, carriedOut: {carried_out}")).await;
        let (answer, error) = raw_create(&centre).await;
        assert_eq!((answer.as_str(), error), ("", Some(std::io::ErrorKind::ConnectionReset)));
        assert!(create(&centre).await.is_err_and(|error| error.is_request()));
        assert_eq!(created(&centre).await, count);
    }
}

#[tokio::test]
async fn a_broken_body_ends_before_its_announced_length() {
    let centre = centre("at: create-support, fault: broken-body").await;
    let (answer, _) = raw_create(&centre).await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and some of the body");
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    let length: usize = length.expect("a length is announced").parse().unwrap();
    assert!(head.starts_with("HTTP/1.1 200") && !body.is_empty() && body.len() < length, "{} of {length}", body.len());
    assert_eq!(created(&centre).await, 1);
}

#[tokio::test]
async fn truncated_json_is_whole_http() {
    let centre = centre("at: create-support, fault: truncated-json").await;
    let (status, _, body) = create(&centre).await.unwrap();
    let error = serde_json::from_str::<Value>(&body).unwrap_err();
    assert!(status == 200 && error.is_eof() && !body.is_empty(), "{error}: {body}");
    assert_eq!(created(&centre).await, 1);
}

/// Sends a creation that this fault delays by so many milliseconds.
async fn delayed(fault: &str, milliseconds: u64) -> impl Future<Output = reqwest::Result<reqwest::Response>> {
    let centre = centre(&format!("at: create-support, fault: {fault}, milliseconds: {milliseconds}")).await;
    let request = centre.request("POST", SUPPORTS).basic_auth("admin", Some("admin-pass")).json(&zhang());
    async move {
        let answer = request.send().await;
        drop(centre);
        answer
    }
}

#[tokio::test]
async fn a_slow_head_and_a_slow_body_are_late_and_whole() {
    const HOUR: u64 = 3_600_000;
    let (moment, long) = (Duration::from_millis(300), Duration::from_secs(60));
    assert!(timeout(moment, delayed("slow-head", HOUR).await).await.is_err(), "nothing comes");
    let mut response = timeout(long, delayed("slow-body", HOUR).await).await.expect("the head comes").unwrap();
    let rest = async { while response.chunk().await.unwrap().is_some() {} };
    assert!(timeout(moment, rest).await.is_err(), "the body does not come to its end");
    for fault in ["slow-head", "slow-body"] {
        let answer: Value = delayed(fault, 50).await.await.unwrap().json().await.unwrap();
        assert_eq!(answer["support"]["sPassportName"], "zhang", "{fault}");
    }
}

#[tokio::test]
async fn a_hanging_request_is_never_answered_and_others_are() {
    for (carried_out, count) in [(false, 0), (true, 1)] {
        let centre = centre(&format!("at: create-support, fault: hang, carriedOut: {carried_out}")).await;
        assert!(timeout(Duration::from_millis(300), create(&centre)).await.is_err());
        assert_eq!(created(&centre).await, count);
    }
}

async fn duty(centre: &Centre, sid: i64) {
    let duty =
        json!({"duty": [{"sid": sid.to_string(), "date": "2023-12-04", "schedules": [{"start_time": "09:00", "end_time": "18:00"}]}]});
    assert_eq!(centre.helpdesk("POST", SCHEDULES, Some(duty)).await.status, 200);
}

#[tokio::test]
async fn fresh_objects_are_missing_from_lists_and_found_by_id() {
    let centre = Centre::start().await;
    let old = centre.support("old").await;
    set(&centre, "{at: lists, fault: lag, milliseconds: 200000}");
    let fresh = centre.support("fresh").await;
    duty(&centre, fresh).await;
    centre.agent("create/v2", json!({"operatorId": "8001"})).await;

    let list = centre.helpdesk("GET", SUPPORTS, None).await.body;
    let shown: Vec<_> = list["supports"].as_array().unwrap().iter().map(|support| support["sId"].as_i64().unwrap()).collect();
    assert_eq!((shown, &list["count"]), (vec![1, old], &json!(2)));
    let search = centre.helpdesk("GET", "/api/v1/supportgroups/supports/search.json?query=sPassportName:fresh", None).await.body;
    assert_eq!(search["supports"], json!([]));
    assert_eq!(centre.helpdesk("GET", SCHEDULES, None).await.body["data"]["duty"], json!([]));
    assert_eq!(centre.agent("page", json!({})).await.body["data"]["total"], 0);
    assert_eq!(centre.helpdesk("GET", &format!("/api/v1/supports/{fresh}.json"), None).await.status, 200);
    assert_eq!(centre.agent("one/v2", json!({"operatorId": "8001"})).await.body["code"], 0);

    set(&centre, "{at: list-supports, fault: lag, milliseconds: 60001}");
    assert_eq!(created(&centre).await, 1, "another script knows how young they are");
    set(&centre, "");
    assert_eq!(created(&centre).await, 2);
    assert_eq!(centre.agent("page", json!({})).await.body["data"]["total"], 1);
}

#[tokio::test]
async fn a_lag_ends_and_begins_again_for_whoever_comes_back_from_the_bin() {
    const LONG: &str = "{at: lists, fault: lag, milliseconds: 3600000}";
    const SHORT: &str = "{at: lists, fault: lag, milliseconds: 5}";
    let centre = Centre::start().await;
    set(&centre, LONG);
    let shown = async || while created(&centre).await == 0 {};
    let id = centre.support("zhang").await;
    assert_eq!(created(&centre).await, 0);
    set(&centre, SHORT);
    timeout(Duration::from_secs(60), shown()).await.expect("it is shown in the end");
    centre.helpdesk("DELETE", &format!("/api/v1/supports/{id}.json"), None).await;
    centre.helpdesk("PUT", &format!("/api/v1/servicers/{id}.json"), Some(json!({"support": {"isStat": "1"}}))).await;
    set(&centre, LONG);
    assert_eq!(created(&centre).await, 0);
    set(&centre, SHORT);
    timeout(Duration::from_secs(60), shown()).await.expect("it is shown again in the end");
}

#[tokio::test]
async fn a_row_that_moves_between_pages_is_on_none_of_them() {
    let centre = Centre::start().await;
    for name in ["a", "b", "c", "d"] {
        centre.support(name).await;
    }
    set(&centre, "{at: list-supports, call: 2, fault: moved-rows, rows: 1}");
    let mut accounts = Vec::new();
    for page in 1..=3 {
        let list = centre.helpdesk("GET", &format!("{SUPPORTS}?per_page=2&page={page}"), None).await.body;
        assert_eq!(list["count"], 5);
        accounts.extend(list["supports"].as_array().unwrap().iter().map(|support| support["sPassportName"].as_str().unwrap().to_owned()));
    }
    assert_eq!(accounts, ["admin", "a", "c", "d", "d"]);
}

#[tokio::test]
async fn a_count_can_lie_on_both_platforms() {
    let centre = centre("at: lists, fault: lying-count, by: -3").await;
    for name in ["a", "b", "c", "d"] {
        centre.support(name).await;
    }
    let list = centre.helpdesk("GET", SUPPORTS, None).await.body;
    assert_eq!((&list["count"], list["supports"].as_array().unwrap().len()), (&json!(2), 5));
    set(&centre, "{at: lists, fault: lying-count, by: 3}");
    assert_eq!(centre.agent("page", json!({})).await.body["data"]["total"], 3);
    let search = centre.helpdesk("GET", "/api/v1/supportgroups/supports/search.json?query=name:a", None).await.body;
    assert_eq!(search["count"], "4");
}
