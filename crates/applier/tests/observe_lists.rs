//! Lists that move, lie or break while they are read.
#![allow(clippy::unwrap_used, missing_docs)]

mod scripted;

use std::collections::BTreeSet;

use deskform_applier::{ClientOptions, ObserveError, Reader};
use deskform_model::time;
use deskform_model::{RemoteId, Value};
use deskform_planner::{Needs, Observed};
use scripted::{Answer, Seen, Server, json as reply};
use serde_json::{Value as Json, json};

fn item(id: usize) -> Json {
    json!({
        "sId": id, "sPassportName": format!("a{id:04}"), "sNum": "1", "name": "", "gnder": "1", "email": "", "fixnumber": "",
        "mobile": "", "QQ": "", "isAdmin": "0", "groupId": "",
    })
}

fn page_of(seen: &Seen, name: &str) -> usize {
    seen.parameter(name).unwrap().parse().unwrap()
}

fn list(ids: impl IntoIterator<Item = usize>, count: impl Into<Json>, next: Json) -> Answer {
    let supports: Vec<Json> = ids.into_iter().map(item).collect();
    reply("200 OK", json!({ "supports": supports, "count": count.into(), "next_page": next, "previous_page": null }))
}

async fn observe(server: &Server, needs: Needs) -> Result<Observed, ObserveError> {
    Reader::new(server.client()).observe(&needs, &mut |_| {}).await
}

fn supports() -> Needs {
    Needs { supports: true, ..Needs::default() }
}

fn ids(observed: &Observed) -> Vec<usize> {
    observed.supports.iter().map(|object| object.remote.as_str().parse().unwrap()).collect()
}

#[tokio::test]
async fn pages_are_fetched_by_the_first_ones_count_and_links_are_never_followed() {
    let server = Server::start(|seen, _| {
        let page = page_of(seen, "page");
        let last = (page * 100).min(250);
        list((page - 1) * 100 + 1..=last, "250", if last < 250 { json!("https://evil.example.com/?page=2") } else { json!("") })
    })
    .await;
    assert_eq!(ids(&observe(&server, supports()).await.unwrap()), (1..=250).collect::<Vec<_>>());
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_server_that_caps_its_pages_is_read_to_the_end() {
    let server = Server::start(|seen, _| {
        let page = page_of(seen, "page");
        list((page - 1) * 40 + 1..=(page * 40).min(90), 90, Json::Null)
    })
    .await;
    assert_eq!(ids(&observe(&server, supports()).await.unwrap()).len(), 90);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn without_a_count_pages_are_read_until_one_brings_nothing_new() {
    let server = Server::start(|seen, _| {
        // Behind the end it repeats the last page, as some do.
        let page = page_of(seen, "page").min(3);
        list((page - 1) * 10 + 1..=page * 10, Json::Null, Json::Null)
    })
    .await;
    assert_eq!(ids(&observe(&server, supports()).await.unwrap()), (1..=30).collect::<Vec<_>>());
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_count_that_is_too_small_does_not_end_the_list_while_a_page_follows() {
    let server = Server::start(|seen, _| {
        let page = page_of(seen, "page");
        list((page - 1) * 10 + 1..=page * 10, 10, if page < 3 { json!("more") } else { Json::Null })
    })
    .await;
    assert_eq!(ids(&observe(&server, supports()).await.unwrap()).len(), 30);
}

#[tokio::test]
async fn rows_that_moved_to_another_page_make_the_list_be_read_again() {
    let server = Server::start(|seen, number| match (page_of(seen, "page"), number) {
        (1, _) => list(1..=100, 150, Json::Null),
        // Somebody was created meanwhile: 100 appears again and 150 is not to be seen.
        (2, 2) => list(100..=149, 150, Json::Null),
        (2, _) => list(101..=150, 150, Json::Null),
        _ => list([], 150, Json::Null),
    })
    .await;
    assert_eq!(ids(&observe(&server, supports()).await.unwrap()), (1..=150).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_count_that_changed_makes_the_list_be_read_again() {
    let server = Server::start(|seen, number| match (page_of(seen, "page"), number) {
        (1, 1) => list(1..=100, 110, Json::Null),
        (1, _) => list(1..=100, 111, Json::Null),
        (_, _) => list(101..=111, 111, Json::Null),
    })
    .await;
    assert_eq!(ids(&observe(&server, supports()).await.unwrap()).len(), 111);
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_list_that_never_comes_whole_is_an_error_with_its_numbers() {
    let server =
        Server::start(|seen, _| if page_of(seen, "page") == 1 { list(1..=90, 100, Json::Null) } else { list([], 100, Json::Null) }).await;
    let error = observe(&server, supports()).await.unwrap_err();
    assert!(matches!(error, ObserveError::Incomplete { expected: 100, found: 90, .. }), "{error}");
    assert!(error.to_string().starts_with("/api/v1/supports.json announced 100 objects and showed 90"), "{error}");
}

#[tokio::test]
async fn an_empty_list_is_empty_only_when_the_platform_says_so() {
    let server = Server::start(|_, _| reply("200 OK", r#"{"supports":null,"count":"0"}"#)).await;
    assert!(observe(&server, supports()).await.unwrap().supports.is_empty());
    let server = Server::start(|_, _| reply("200 OK", r#"{"supports":null,"count":"3"}"#)).await;
    assert!(matches!(observe(&server, supports()).await, Err(ObserveError::Unreadable { .. })));
    let server = Server::start(|_, _| reply("200 OK", r#"{"code":0,"msg":"ok"}"#)).await;
    let agents = Needs { agents: true, ..Needs::default() };
    assert!(matches!(observe(&server, agents).await, Err(ObserveError::Unreadable { .. })));
}

#[tokio::test]
async fn all_unreadable_objects_are_reported_together_and_ten_are_named() {
    let server = Server::start(|_, _| {
        let supports: Vec<Json> = (1..=14).map(|id| json!({ "sId": id, "sPassportName": "a", "gnder": "7" })).collect();
        reply("200 OK", json!({ "supports": supports, "count": 14 }))
    })
    .await;
    match observe(&server, supports()).await {
        Err(ObserveError::Unreadable { objects, total }) => {
            assert_eq!((objects.len(), total), (10, 14));
            assert!(objects.iter().all(|object| object.to_string().contains("gnder")));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn elided_items_are_read_by_id_when_they_are_ours_or_cannot_be_matched() {
    let server = Server::start(|seen, _| {
        let elided = |id: usize| json!({ "sId": id, "sPassportName": format!("a{id:04}"), "name": "x" });
        if seen.line.contains("supports.json") {
            let supports = json!([elided(1), elided(2), { "sId": 3, "name": "x" }]);
            return reply("200 OK", json!({ "supports": supports, "count": 3 }));
        }
        let id = seen.line.split(['/', '.']).nth(4).unwrap().parse().unwrap();
        reply("200 OK", json!({ "support": item(id) }))
    })
    .await;
    let support_ids = BTreeSet::from([RemoteId::new("1").unwrap()]);
    let observed = observe(&server, Needs { support_ids, ..supports() }).await.unwrap();
    assert_eq!(ids(&observed), [1, 2, 3]);
    let gender = |at: usize| observed.supports[at].values.named(deskform_model::Kind::Support, "gender").cloned();
    assert_eq!([gender(0), gender(1), gender(2)], [Some(Value::text("female")), None, Some(Value::text("female"))]);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_reply_about_somebody_else_is_an_error() {
    let server = Server::start(|seen, _| {
        if seen.line.contains("supports.json") { list([], 0, Json::Null) } else { reply("200 OK", json!({ "support": item(11) })) }
    })
    .await;
    let support_ids = BTreeSet::from([RemoteId::new("123").unwrap()]);
    let error = observe(&server, Needs { support_ids, ..supports() }).await.unwrap_err();
    assert_eq!(error.to_string(), "asked for 123, the reply is about 11");
}

#[tokio::test]
async fn somebody_found_by_id_without_a_standing_is_in_service_and_an_empty_reply_is_nobody() {
    let server = Server::start(|seen, _| match &seen.line {
        line if line.contains("supports.json") => list([], 0, Json::Null),
        line if line.contains("/5.json") => reply("200 OK", json!({ "support": item(5) })),
        line if line.contains("/6.json") => reply("200 OK", json!({ "support": [] })),
        _ => reply("404 Not Found", json!({ "status": 404, "message": "no" })),
    })
    .await;
    let support_ids = ["5", "6", "7"].map(|id| RemoteId::new(id).unwrap()).into();
    let observed = observe(&server, Needs { support_ids, ..supports() }).await.unwrap();
    assert_eq!((ids(&observed), observed.recycled.len()), (vec![5], 0));
}

#[tokio::test]
async fn a_seat_that_is_not_there_is_said_so_in_three_ways_and_trouble_is_not_one_of_them() {
    for (status, body, absent) in [
        ("200 OK", r#"{"code":0,"msg":"ok"}"#, true),
        ("200 OK", r#"{"code":0,"msg":"ok","data":null}"#, true),
        ("200 OK", r#"{"code":1205,"msg":"no such agent"}"#, true),
        ("200 OK", r#"{"code":404,"msg":"no such agent"}"#, true),
        ("200 OK", r#"{"code":401,"msg":"token"}"#, false),
        ("200 OK", r#"{"code":1001,"msg":"Token expired"}"#, false),
        ("200 OK", r#"{"code":500,"msg":"busy"}"#, false),
        ("502 Bad Gateway", "<html>", false),
    ] {
        // A code of the platform's own may mean anything; what it means, the list tells.
        let list = r#"{"code":0,"msg":"ok","data":{"result":[],"total":0,"pageNumber":1,"pageTotal":0}}"#;
        let server =
            Server::start(move |seen, _| if seen.line.contains("agent/page") { reply("200 OK", list) } else { reply(status, body) }).await;
        let found = Reader::new(server.client()).read_agent(&RemoteId::new("8001").unwrap()).await;
        assert_eq!(matches!(found, Ok(None)), absent, "{body}: {found:?}");
    }
}

#[tokio::test]
async fn a_seat_that_is_refused_and_listed_is_there() {
    let list =
        r#"{"code":0,"msg":"ok","data":{"result":[{"operatorId":"80010"},{"operatorId":"8001"}],"total":2,"pageNumber":1,"pageTotal":1}}"#;
    let refusal = r#"{"code":1205,"msg":"busy"}"#;
    let server = Server::start(move |seen, _| reply("200 OK", if seen.line.contains("agent/page") { list } else { refusal })).await;
    let found = Reader::new(server.client()).read_agent(&RemoteId::new("8001").unwrap()).await;
    assert_eq!(found.unwrap().unwrap().remote.as_str(), "8001");
}

#[tokio::test]
async fn seats_are_read_by_the_returned_number_of_pages_and_each_once() {
    let server = Server::start(|seen, _| {
        let page = page_of(seen, "pageNumber");
        // Pages of ten whatever is asked for, and every page repeats the last seat of the one before.
        let from = (page - 1) * 9 + 1;
        let result: Vec<Json> = (from..from + 10).map(|id| json!({ "operatorId": format!("{id:04}") })).collect();
        reply(
            "200 OK",
            json!({ "code": 200, "msg": "ok", "data": {
            "result": result, "pageSize": 10, "total": 28, "pageNumber": page, "pageTotal": 3,
        } }),
        )
    })
    .await;
    let observed = observe(&server, Needs { agents: true, ..Needs::default() }).await.unwrap();
    let seats: Vec<String> = observed.agents.iter().map(|seat| seat.remote.to_string()).collect();
    assert_eq!(seats, (1..=28).map(|id| format!("{id:04}")).collect::<Vec<_>>());
    assert_eq!(server.seen().len(), 3);
}

fn duty(id: usize, date: &str) -> Json {
    let schedules = json!([[{ "dutyId": format!("{id}_{date}"), "start_time": "09:00", "end_time": "10:00" }]]);
    json!({ "sid": id, "date": date, "schedules": schedules })
}

fn duties(duties: impl IntoIterator<Item = Json>) -> Answer {
    let duty: Vec<Json> = duties.into_iter().collect();
    reply("200 OK", json!({ "code": "0", "message": "ok", "data": { "duty": duty } }))
}

fn from(first: &str, last: &str) -> Needs {
    let date = |text| time::parse_date(text).unwrap();
    Needs { duties: Some((date(first), date(last))), ..Needs::default() }
}

/// First and last day of every request, sorted.
fn windows(server: &Server) -> Vec<String> {
    let window = |seen: &Seen| format!("{} {}", seen.parameter("startDT").unwrap(), seen.parameter("endDT").unwrap());
    let mut windows: Vec<String> = server.seen().iter().map(window).collect();
    windows.sort();
    windows
}

#[tokio::test]
async fn duties_are_asked_for_by_the_month_with_both_dates_and_taken_once() {
    // Whatever is asked for, everything of two days comes, one of them never asked for.
    let server = Server::start(|_, _| duties([duty(7, "2026-12-01"), duty(7, "2027-05-01"), duty(7, "2026-12-01")])).await;
    let observed = observe(&server, from("2026-12-01", "2027-01-31")).await.unwrap();
    assert_eq!(observed.duties.len(), 1);
    assert_eq!(windows(&server), ["2026-12-01 2026-12-07", "2026-12-08 2027-01-07", "2027-01-08 2027-01-31"]);
}

#[tokio::test]
async fn a_large_centre_is_asked_for_fewer_days_at_once() {
    let server = Server::start(|seen, _| {
        let first = seen.parameter("startDT").unwrap();
        duties((0..14_000).map(|id| duty(id, &first)))
    })
    .await;
    let observed = observe(&server, from("2026-12-01", "2026-12-27")).await.unwrap();
    assert_eq!(observed.duties.len(), 3 * 14_000);
    assert_eq!(windows(&server), ["2026-12-01 2026-12-07", "2026-12-08 2026-12-17", "2026-12-18 2026-12-27"]);
}

#[tokio::test]
async fn a_window_whose_reply_is_too_large_is_halved() {
    let server = Server::start(|seen, _| {
        let (first, last) = (seen.parameter("startDT").unwrap(), seen.parameter("endDT").unwrap());
        if first == last { duties([duty(1, &first)]) } else { reply("200 OK", "x".repeat(3000)) }
    })
    .await;
    let client = deskform_applier::Client::new(ClientOptions { max_reply: 2000, ..server.options() }).unwrap();
    let needs = from("2026-12-01", "2026-12-03");
    let observed = Reader::new(client).observe(&needs, &mut |_| {}).await.unwrap();
    let days: Vec<String> = observed.duties.iter().map(|duty| duty.date.to_string()).collect();
    assert_eq!(days, ["2026-12-01", "2026-12-02", "2026-12-03"]);
}

#[tokio::test]
async fn one_failed_request_fails_the_reading() {
    let server = Server::start(|seen, _| match page_of(seen, "page") {
        1 => list(1..=100, 300, Json::Null),
        2 => reply("403 Forbidden", json!({ "status": 403, "message": "only an administrator" })),
        _ => list(201..=300, 300, Json::Null),
    })
    .await;
    match observe(&server, supports()).await {
        Err(ObserveError::Request(error)) => assert!(error.is_authentication()),
        other => panic!("{other:?}"),
    }
}
