use crate::centre::{Answer, Centre, options};
use deskform_sandbox::{Options, Overnight};
use serde_json::{Value, json};

const SCHEDULES: &str = "/api/v1/schedules.json";

fn day(sid: i64, date: &str, duties: Value) -> Value {
    json!({"sid": sid.to_string(), "date": date, "schedules": duties})
}

async fn post(centre: &Centre, days: Value) -> Answer {
    centre.helpdesk("POST", SCHEDULES, Some(json!({"duty": days}))).await
}

async fn listed(centre: &Centre, from: &str, to: &str) -> Value {
    let answer = centre.helpdesk("GET", &format!("{SCHEDULES}?startDT={from}&endDT={to}"), None).await;
    assert_eq!((answer.status, &answer.body["code"], &answer.body["message"]), (200, &json!("0"), &json!("ok")));
    answer.body["data"]["duty"].clone()
}

#[tokio::test]
async fn one_person_on_one_day_is_an_object_and_anything_else_an_array() {
    let centre = Centre::start().await;
    let sid = centre.support("zhang").await;
    assert_eq!(listed(&centre, "2023-12-04", "2023-12-04").await, json!([]));
    let times = json!({"start_time": "09:00", "end_time": "18:00"});
    post(&centre, json!([day(sid, "2023-12-04", json!([times, times]))])).await;
    let one = listed(&centre, "2023-12-04", "2023-12-04").await;
    assert_eq!((&one["sid"], &one["date"]), (&json!(sid.to_string()), &json!("2023-12-04")));
    assert_eq!(one["schedules"].as_array().unwrap().len(), 1);
    assert_eq!(one["schedules"][0].as_array().unwrap().len(), 2);

    post(&centre, json!([day(sid, "2023-12-05", json!([times])), day(1, "2023-12-04", json!([times]))])).await;
    let many = listed(&centre, "2023-12-01", "2023-12-31").await;
    let groups: Vec<_> = many.as_array().unwrap().iter().map(|group| (group["date"].clone(), group["sid"].clone())).collect();
    let expected = [("2023-12-04", 1), ("2023-12-04", sid), ("2023-12-05", sid)];
    assert_eq!(groups, expected.map(|(date, sid)| (json!(date), json!(sid.to_string()))));
}

#[tokio::test]
async fn texts_are_echoed_by_a_create_only_if_sent_and_the_url_is_never_listed() {
    let centre = Centre::start().await;
    let full = json!({"name": "早班", "remark": "r", "start_time": "09:00:00", "end_time": "18:00", "url": "http://x"});
    let bare = json!({"start_time": "19:00", "end_time": "20:00"});
    let created = post(&centre, json!([day(1, "2023-12-04", json!([full, bare]))])).await;
    assert_eq!(created.body["message"], "success");
    let duties = &created.body["data"]["duty"][0]["schedules"];
    assert_eq!((&duties[0]["url"], &duties[0]["remark"]), (&json!("http://x"), &json!("r")));
    assert!(duties[1].get("url").is_none() && duties[1].get("remark").is_none());
    assert!(duties[0].get("status").is_none());
    let id = duties[0]["dutyId"].as_str().unwrap();
    assert!(id.starts_with("1_2023-12-04_"), "{id}");

    let listed = listed(&centre, "2023-12-04", "2023-12-04").await;
    assert_eq!(
        listed["schedules"][0][0],
        json!({"dutyId": id, "name": "早班", "remark": "r", "start_time": "09:00", "end_time": "18:00", "status": "1"})
    );
    assert_eq!(listed["schedules"][0][1]["remark"], "");
}

#[tokio::test]
async fn one_wrong_duty_refuses_the_whole_create() {
    let centre = Centre::start().await;
    let good = json!({"start_time": "09:00", "end_time": "18:00"});
    let long = "三".repeat(31);
    for (wrong, code) in [
        (day(99, "2023-12-04", json!([good])), "10011"),
        (day(1, "2023-12-4", json!([good])), "400"),
        (day(1, "2023-12-04", json!([])), "400"),
        (day(1, "2023-12-04", json!([{"start_time": "09:00"}])), "400"),
        (day(1, "2023-12-04", json!([{"start_time": "18:00", "end_time": "09:00"}])), "400"),
        (day(1, "2023-12-04", json!([{"start_time": "09:00", "end_time": "09:00"}])), "400"),
        (day(1, "2023-12-04", json!([{"start_time": "09:00", "end_time": "24:00"}])), "400"),
        (day(1, "2023-12-04", json!([{"name": long, "start_time": "09:00", "end_time": "10:00"}])), "400"),
    ] {
        let refused = post(&centre, json!([day(1, "2023-12-04", json!([good])), wrong])).await;
        assert!(refused.status >= 400);
        assert_eq!(refused.body["code"], code, "{refused:?}");
    }
    assert_eq!(listed(&centre, "2023-12-01", "2023-12-31").await, json!([]));
    let longest = json!({"name": "三".repeat(30), "start_time": "09:00", "end_time": "10:00"});
    assert_eq!(post(&centre, json!([day(1, "2023-12-04", json!([longest]))])).await.status, 200);
}

#[tokio::test]
async fn an_overnight_duty_is_taken_only_when_the_option_says_so() {
    let overnight = json!([day(1, "2023-12-04", json!([{"start_time": "22:00", "end_time": "06:00"}]))]);
    let equal = json!([day(1, "2023-12-04", json!([{"start_time": "22:00", "end_time": "22:00"}]))]);
    let rejecting = Centre::start().await;
    assert_eq!(post(&rejecting, overnight.clone()).await.status, 400);
    let accepting = Centre::with(Options { overnight: Overnight::Accept, ..options() }).await;
    assert_eq!(post(&accepting, overnight).await.status, 200);
    assert_eq!(post(&accepting, equal).await.status, 400);
}

#[tokio::test]
async fn an_update_keeps_what_is_not_sent_and_shows_the_url() {
    let centre = Centre::start().await;
    let duty = json!({"name": "n", "remark": "r", "url": "http://x", "start_time": "09:00", "end_time": "10:00"});
    let created = post(&centre, json!([day(1, "2023-12-04", json!([duty]))])).await;
    let id = created.body["data"]["duty"][0]["schedules"][0]["dutyId"].as_str().unwrap();
    let path = format!("{SCHEDULES}?dutyId={id}");
    let body = json!({"duty": {"name": "", "start_time": "11:00", "end_time": "12:00"}});
    let updated = centre.helpdesk("PUT", &path, Some(body)).await;
    assert_eq!(
        updated.body["data"]["duty"],
        json!({"sid": "1", "date": "2023-12-04", "schedules": [{
            "dutyId": id, "name": "", "remark": "r", "url": "http://x", "start_time": "11:00", "end_time": "12:00",
            "status": "1",
        }]})
    );
    let without_times = centre.helpdesk("PUT", &path, Some(json!({"duty": {"name": "m"}}))).await;
    assert_eq!((without_times.status, &without_times.body["code"]), (400, &json!("400")));
}

#[tokio::test]
async fn a_duty_that_has_started_cannot_be_deleted() {
    // It is 2023-12-01 12:00.
    let centre = Centre::start().await;
    let duties = json!([{"start_time": "11:59", "end_time": "18:00"}, {"start_time": "12:00", "end_time": "18:00"}]);
    let created = post(&centre, json!([day(1, "2023-12-01", duties)])).await;
    let id = |index: usize| created.body["data"]["duty"][0]["schedules"][index]["dutyId"].as_str().unwrap().to_owned();
    let delete = async |id: &str| centre.helpdesk("DELETE", &format!("{SCHEDULES}?dutyId={id}"), None).await;

    let refused = delete(&id(0)).await;
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!("400")));
    assert!(refused.body["message"].as_str().unwrap().contains("cannot be deleted"));
    let deleted = delete(&id(1)).await;
    assert_eq!((deleted.status, &deleted.body["message"]), (200, &json!("ok")));
    let shown = &deleted.body["data"]["duty"]["schedules"][0];
    assert_eq!((&shown["dutyId"], shown.get("url")), (&json!(id(1)), None));
    let again = delete(&id(1)).await;
    assert_eq!((again.status, &again.body["code"]), (404, &json!("404")));
    assert_eq!(delete("1_2023-12-02_nonsense").await.status, 404);
    assert_eq!(listed(&centre, "2023-12-01", "2023-12-01").await["schedules"][0].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_deleted_number_is_never_given_to_another_duty() {
    let centre = Centre::start().await;
    let body = json!([day(1, "2023-12-04", json!([{"start_time": "09:00", "end_time": "10:00"}]))]);
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let created = post(&centre, body.clone()).await;
        let id = created.body["data"]["duty"][0]["schedules"][0]["dutyId"].as_str().unwrap().to_owned();
        assert_eq!(centre.helpdesk("DELETE", &format!("{SCHEDULES}?dutyId={id}"), None).await.status, 200);
        ids.insert(id);
    }
    assert_eq!(ids.len(), 3);
}
