use crate::centre::Centre;
use serde_json::{Value, json};

const SIGN_IN: &str = "/api/v1/signin.json";

fn sign_in() -> Value {
    json!({
        "checkinTime": "2023-12-01 09:00:00",
        "current": {"address": "北京市", "landmark": "东城区", "latitude": "39.9", "longitude": "116.4"},
    })
}

#[tokio::test]
async fn the_documented_codes_of_presence_are_answered() {
    let centre = Centre::start().await;
    let path = |id: i64, plate: &str| format!("/api/v1/plate_service_state/{id}.json?plate={plate}");
    let unknown = centre.helpdesk("GET", &path(99, "1"), None).await;
    assert_eq!(unknown.body, json!({"code": "10011", "message": "该客服不存在"}));
    assert_eq!(centre.helpdesk("GET", &path(1, "4"), None).await.body["code"], "10012");
    let put = json!({"plate_service_state": {"plate": "3", "state": "睡觉"}});
    assert_eq!(centre.helpdesk("PUT", &path(1, "3"), Some(put)).await.body["code"], "10013");
    assert_eq!(centre.helpdesk("GET", &path(1, "3"), None).await.body["plate_service_state"]["state"], "离线");
}

#[tokio::test]
async fn presence_is_kept_per_plate() {
    let centre = Centre::start().await;
    let put = json!({"plate_service_state": {"plate": 2, "state": "在线"}});
    let set = centre.helpdesk("PUT", "/api/v1/plate_service_state/1.json", Some(put)).await;
    assert_eq!(set.body, json!({"plate_service_state": {"sId": 1, "plate": "2", "state": "在线"}}));
    let get = async |plate: i64| {
        let path = format!("/api/v1/plate_service_state/1.json?plate={plate}");
        centre.helpdesk("GET", &path, None).await.body["plate_service_state"]["state"].clone()
    };
    assert_eq!((get(2).await, get(1).await), (json!("在线"), json!("离线")));
}

#[tokio::test]
async fn a_permission_is_refused_for_whom_it_does_not_know_and_for_other_modules() {
    let centre = Centre::start().await;
    let put = async |id: i64, permission: Value| {
        let path = format!("/api/v1/permissions/{id}.json");
        centre.helpdesk("PUT", &path, Some(json!({"permission": permission}))).await
    };
    let unknown = put(99, json!({"mType": "4", "state": "0"})).await;
    assert_eq!((unknown.status, unknown.body), (403, json!({"status": 403, "message": "The sId does not exist"})));
    assert_eq!(put(1, json!({"mType": "3", "state": "0"})).await.status, 400);
    assert_eq!(put(1, json!({"mType": "4", "state": "2"})).await.status, 400);
    assert_eq!(put(1, json!({"mType": "4"})).await.status, 400);
    let number = put(1, json!({"mType": 4, "state": 1})).await;
    assert_eq!(number.body, json!({"permission": {"sId": "1", "mType": "4", "state": "1"}}));
}

#[tokio::test]
async fn a_sign_in_belongs_to_the_calling_account() {
    let centre = Centre::start().await;
    let body = json!({"support": {"sPassportName": "li", "sNum": "009", "name": "李四", "isAdmin": "1"}});
    centre.helpdesk("POST", "/api/v1/supports.json", Some(body)).await;
    let body = Some(json!({"signIn": sign_in()}));
    let created = centre.helpdesk_as("li", "initial-pass", "POST", SIGN_IN, body).await;
    assert_eq!((&created.body["signIn"]["code"], &created.body["signIn"]["data"]["sNum"]), (&json!("0"), &json!("009")));
    let listed = centre.helpdesk("GET", SIGN_IN, None).await;
    assert_eq!(
        listed.body,
        json!({"code": "0", "message": "success", "data": {
            "signIn": [{
                "name": "李四", "sNum": "009", "tags": [], "checkinTime": "2023-12-01 09:00:00",
                "clockingPoint": "北京市东城区,经度:116.4、纬度:39.9",
            }],
            "count": 1, "next_page": "", "previous_page": "",
        }})
    );
}

#[tokio::test]
async fn sign_ins_are_filtered_by_support_and_paged_with_empty_links() {
    let centre = Centre::start().await;
    for _ in 0..3 {
        centre.helpdesk("POST", SIGN_IN, Some(json!({"signIn": sign_in()}))).await;
    }
    let page = centre.helpdesk("GET", &format!("{SIGN_IN}?sId=1&per_page=2&page=2"), None).await.body["data"].clone();
    assert_eq!((page["signIn"].as_array().unwrap().len(), &page["count"]), (1, &json!(3)));
    assert_eq!(page["next_page"], "");
    assert_eq!(page["previous_page"], "https://www.bangwo8.com/api/v1/signin.json?sId=1&per_page=2&page=1");
    let none = centre.helpdesk("GET", &format!("{SIGN_IN}?sId=2"), None).await;
    assert_eq!(none.body["data"]["count"], 0);
    // The filter is about the record, which was made at 12:00, not about the time in it.
    let later = centre.helpdesk("GET", &format!("{SIGN_IN}?created_start=2023-12-01%2011:00:00"), None).await;
    assert_eq!(later.body["data"]["count"], 3);
}

#[tokio::test]
async fn a_wrong_sign_in_is_refused_inside_its_wrapper() {
    let centre = Centre::start().await;
    let file = json!({"fileName": "a.jpg", "fileUrl": "https://example.com/a.jpg"});
    for (field, value) in [
        ("remark", json!("字".repeat(141))),
        ("attachments", json!(vec![file; 10])),
        ("attachments", json!([{"fileName": "a.jpg"}])),
        ("checkinTime", json!("2023-12-01")),
        ("current", json!({"address": "a", "landmark": "b", "latitude": "1"})),
        ("current", json!([])),
    ] {
        let mut body = sign_in();
        body[field] = value;
        let refused = centre.helpdesk("POST", SIGN_IN, Some(json!({"signIn": body}))).await;
        assert_eq!((refused.status, &refused.body["signIn"]["code"]), (400, &json!("400")), "{field}");
    }
    assert_eq!(centre.helpdesk("GET", SIGN_IN, None).await.body["data"]["count"], 0);
}
