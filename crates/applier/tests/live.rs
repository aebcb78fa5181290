//! What the platforms offer beside desired state, against servers that answer in every form that the documents leave open.
#![allow(clippy::unwrap_used, missing_docs)]

mod scripted;

use deskform_applier::live::presence::{self, Plate, PresenceError};
use deskform_applier::live::restore;
use deskform_applier::live::search::{self, SearchField};
use deskform_applier::live::sign_ins::{self, Draft, Filter};
use deskform_applier::{Client, ObserveError};
use deskform_model::RemoteId;
use deskform_model::time::parse_date_time;
use scripted::{Server, json};
use serde_json::{Value as Json, json};

fn id(text: &str) -> RemoteId {
    RemoteId::new(text).unwrap()
}

fn row(number: usize) -> Json {
    json!({ "name": "张三", "sNum": "001", "checkinTime": format!("2026-12-01 09:{:02}:{:02}", number / 60, number % 60) })
}

async fn list(client: &Client) -> Result<Vec<sign_ins::SignIn>, ObserveError> {
    sign_ins::list(client, &Filter::default(), &mut |_, _| ()).await
}

#[tokio::test]
async fn a_log_is_read_to_its_end_whatever_the_server_makes_of_the_page_size() {
    for count in [json!(7), json!("7"), json!(null), json!(1)] {
        let told = count.clone();
        // Three rows a page, whatever was asked for; a link as long as there is more.
        let server = Server::start(move |seen, _| {
            let page: usize = seen.parameter("page").unwrap().parse().unwrap();
            let rows: Vec<Json> = (1..=7).skip((page - 1) * 3).take(3).map(row).collect();
            let next = if page < 3 { "https://elsewhere.example/next" } else { "" };
            json("200 OK", json!({ "code": "0", "message": "success", "data": { "signIn": rows, "count": told, "next_page": next } }))
        })
        .await;
        assert_eq!(list(&server.client()).await.unwrap().len(), 7, "count {count}");
        assert!(server.seen().iter().all(|seen| seen.parameter("per_page").as_deref() == Some("100")));
    }
}

#[tokio::test]
async fn a_log_that_does_not_come_whole_is_an_error() {
    let server = Server::start(|seen, _| {
        let page = seen.parameter("page").unwrap();
        let rows: Vec<Json> = if page == "1" { (1..=2).map(row).collect() } else { Vec::new() };
        json("200 OK", json!({ "code": 0, "data": { "signIn": rows, "count": 5 } }))
    })
    .await;
    assert!(matches!(list(&server.client()).await, Err(ObserveError::Incomplete { expected: 5, found: 2, .. })));
}

#[tokio::test]
async fn a_server_that_shows_the_first_page_for_ever_is_noticed() {
    let server = Server::start(|_, _| {
        let rows: Vec<Json> = (1..=2).map(row).collect();
        json("200 OK", json!({ "code": "0", "data": { "signIn": rows, "next_page": "https://x.example" } }))
    })
    .await;
    assert!(matches!(list(&server.client()).await, Err(ObserveError::Incomplete { .. })));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn what_is_absent_from_a_sign_in_is_empty_and_attachments_have_two_forms() {
    let rows = json!([
        { "name": "张三", "sNum": 1, "checkinTime": "2026-12-01 09:00:00" },
        { "name": "李四", "sNum": "002", "checkinTime": "2026-12-01 09:00:01", "remark": "", "tags": "早班,前台",
          "attachments": "https://a.example/1.png,https://a.example/2.png", "clockingPoint": "北京市,经度:116.4、纬度:39.9" },
        { "name": "李四", "sNum": "002", "checkinTime": "2026-12-01 09:00:02", "remark": "到", "tags": null,
          "attachments": [{ "fileName": "1.png", "fileUrl": "https://a.example/1.png" }],
          "current": { "address": "北京市", "landmark": "东城区", "latitude": 39.9, "longitude": "116.4" } },
    ]);
    let server =
        Server::start(move |_, _| json("200 OK", json!({ "code": "0", "data": { "signIn": rows, "count": 3, "next_page": null } }))).await;
    let found = list(&server.client()).await.unwrap();
    assert_eq!(
        (found[0].staff_number.as_str(), found[0].attachments.len(), found[0].tags.len(), found[0].remark.clone()),
        ("1", 0, 0, None)
    );
    assert_eq!((found[1].attachments.len(), found[1].tags.len(), found[1].remark.clone()), (2, 2, None));
    assert_eq!((found[2].attachments.len(), found[2].place.as_str()), (1, "北京市东城区,经度:116.4、纬度:39.9"));
}

#[tokio::test]
async fn an_unreadable_row_is_named_by_its_place() {
    let server =
        Server::start(|_, _| json("200 OK", json!({ "code": "0", "data": { "signIn": [row(1), { "name": "x" }], "count": 2 } }))).await;
    let error = list(&server.client()).await.unwrap_err().to_string();
    assert!(error.contains("sign-in 2 of page 1") && error.contains("checkinTime"), "{error}");
}

#[tokio::test]
async fn the_platform_is_asked_for_more_days_than_are_wanted_and_the_rest_is_left_out_here() {
    let server = Server::start(|_, _| {
        let at = |time: &str| json!({ "name": "张三", "sNum": "001", "checkinTime": time });
        let rows = [at("2026-11-30 23:59:59"), at("2026-12-01 00:00:00"), at("2026-12-02 23:59:59"), at("2026-12-03 00:00:00")];
        json("200 OK", json!({ "code": "0", "data": { "signIn": rows, "count": 4 } }))
    })
    .await;
    let filter = Filter { person: Some(id("7")), from: parse_date_time("2026-12-01 00:00:00"), to: parse_date_time("2026-12-02 23:59:59") };
    let found = sign_ins::list(&server.client(), &filter, &mut |_, _| ()).await.unwrap();
    assert_eq!(found.len(), 2);
    let seen = &server.seen()[0];
    assert_eq!(seen.parameter("sId").as_deref(), Some("7"));
    let bounds = [seen.parameter("created_start").unwrap(), seen.parameter("created_end").unwrap()];
    assert!(bounds[0].starts_with("2026-11-24") && bounds[1].starts_with("2026-12-09"), "{bounds:?}");
}

#[tokio::test]
async fn a_sign_in_whose_answer_is_lost_is_sent_once() {
    for status in ["502 Bad Gateway", "500 Internal Server Error"] {
        let server = Server::start(move |_, _| json(status, "<html>")).await;
        let text = |text: &str| text.into();
        let draft = Draft {
            at: parse_date_time("2026-12-01 09:00:00").unwrap(),
            remark: None,
            attachments: vec![("a.png".into(), "https://a.example/a.png".into())],
            tags: Vec::new(),
            address: text("北京市"),
            landmark: text("东城区"),
            latitude: text("39.9"),
            longitude: text("116.4"),
        };
        let error = sign_ins::create(&server.client(), &draft).await.unwrap_err();
        assert!(error.may_have_arrived(), "{status}");
        let seen = server.seen();
        assert_eq!(seen.len(), 1, "{status}");
        let body: Json = serde_json::from_str(&seen[0].body).unwrap();
        let expected = json!({ "signIn": {
            "checkinTime": "2026-12-01 09:00:00",
            "attachments": [{ "fileName": "a.png", "fileUrl": "https://a.example/a.png" }],
            "current": { "address": "北京市", "landmark": "东城区", "latitude": "39.9", "longitude": "116.4" },
        }});
        assert_eq!(body, expected);
    }
}

#[tokio::test]
async fn presence_is_set_again_after_trouble_and_with_the_modules_own_number() {
    let server = Server::start(|_, number| match number {
        1 => json("502 Bad Gateway", "<html>"),
        _ => json("200 OK", json!({ "plate_service_state": { "sId": 7, "plate": "3", "state": "在线" } })),
    })
    .await;
    assert_eq!(presence::write(&server.client(), &id("7"), Plate::CallCenter, "在线").await.unwrap(), "在线");
    let bodies: Vec<Json> = server.seen().iter().map(|seen| serde_json::from_str(&seen.body).unwrap()).collect();
    assert_eq!(bodies, [json!({ "plate_service_state": { "plate": "3", "state": "在线" } }), bodies[0].clone()]);
}

#[tokio::test]
async fn the_three_documented_codes_are_told_apart_whatever_their_form_and_never_sent_again() {
    let cases = [
        ("200 OK", json!({ "code": "10011", "message": "该客服不存在" }), "10011"),
        ("400 Bad Request", json!({ "status": 10012, "message": "功能模块输入不正确" }), "10012"),
        ("404 Not Found", json!({ "errcode": 10013, "errmsg": "无匹配值" }), "10013"),
    ];
    for (status, body, code) in cases {
        let server = Server::start(move |_, _| json(status, &body)).await;
        let error = presence::write(&server.client(), &id("7"), Plate::Chat, "x").await.unwrap_err();
        let told = match error {
            PresenceError::UnknownPerson(_) => "10011",
            PresenceError::WrongModule(_) => "10012",
            PresenceError::UnknownState(_) => "10013",
            _ => "other",
        };
        assert_eq!((told, server.seen().len(), error.may_have_arrived()), (code, 1, false));
    }
}

#[tokio::test]
async fn presence_of_somebody_or_something_else_is_an_error() {
    for reply in [json!({ "sId": 8, "plate": "2", "state": "在线" }), json!({ "sId": "7", "plate": 1, "state": "在线" })] {
        let server = Server::start(move |_, _| json("200 OK", json!({ "plate_service_state": reply }))).await;
        let error = presence::read(&server.client(), &id("7"), Plate::Chat).await.unwrap_err();
        assert!(matches!(error, PresenceError::OtherReply { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_search_by_mobile_turns_pages_until_nobody_new_comes() {
    let person = |number: usize| json!({ "sId": number.to_string(), "sPassportName": format!("a{number}"), "mobile": "138" });
    for turns_pages in [true, false] {
        let server = Server::start(move |seen, _| {
            let page: usize = seen.parameter("page").map_or(1, |page| page.parse().unwrap());
            let first = if turns_pages { (page - 1) * 10 } else { 0 };
            let people: Vec<Json> = (first..first + 10).filter(|number| *number < 23).map(person).collect();
            json("200 OK", json!({ "supports": people, "count": "23" }))
        })
        .await;
        let found = search::search(&server.client(), SearchField::Mobile, "138").await.unwrap();
        assert_eq!(found.len(), if turns_pages { 23 } else { 10 });
    }
    let server = Server::start(move |_, _| json("200 OK", json!({ "supports": [person(1)], "count": "1" }))).await;
    search::search(&server.client(), SearchField::Name, "张").await.unwrap();
    assert_eq!((server.seen().len(), server.seen()[0].parameter("page")), (1, None));
}

#[tokio::test]
async fn a_restore_shows_and_never_hides_and_is_about_the_one_who_was_asked_for() {
    let server = Server::start(|_, _| json("200 OK", json!({ "support": { "sId": "7", "isStat": "1" } }))).await;
    restore::restore(&server.client(), &id("7")).await.unwrap();
    assert_eq!(server.seen()[0].body, r#"{"support":{"isStat":"1"}}"#);
    assert!(matches!(restore::restore(&server.client(), &id("8")).await, Err(ObserveError::OtherObject { .. })));
}
