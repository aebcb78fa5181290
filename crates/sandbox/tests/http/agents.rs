use crate::centre::{Centre, answer, options};
use deskform_sandbox::Options;
use serde_json::{Value, json};

async fn create(centre: &Centre, body: Value) -> Value {
    let created = centre.agent("create/v2", body).await;
    assert_eq!(created.body["code"], 0, "{created:?}");
    created.body["data"].clone()
}

async fn one(centre: &Centre, id: &str) -> Value {
    let one = centre.agent("one/v2", json!({"operatorId": id})).await;
    assert_eq!(one.body["code"], 0, "{one:?}");
    one.body["data"].clone()
}

#[tokio::test]
async fn a_bare_create_fills_in_the_documented_defaults() {
    let centre = Centre::start().await;
    let created = create(&centre, json!({})).await;
    let agent = &created[0];
    assert_eq!(agent["operatorPassword"].as_str().unwrap().len(), 6);
    let id = agent["operatorId"].as_str().unwrap();
    let shown = one(&centre, id).await;
    assert_eq!(shown.as_object().unwrap().len(), 27);
    assert_eq!((&shown["sipNumber"], &shown["sipPassword"]), (&agent["sipNumber"], &agent["sipPassword"]));
    for (field, default) in [
        ("operatorType", 0),
        ("afterInterval", 0),
        ("isHidePhone", 0),
        ("isrecord", 1),
        ("outcallflag", 0),
        ("isaudio", 1),
        ("isvideo", 0),
        ("ismessage", 1),
        ("judge", 1),
        ("status", 1),
    ] {
        assert_eq!(shown[field], default, "{field}");
    }
    assert_eq!(shown["name"], Value::Null);
    // 2023-12-01 12:00 in UTC+8
    assert_eq!(shown["ctime"], 1_701_403_200_000_i64);
}

#[tokio::test]
async fn a_batch_makes_consecutive_ids_of_the_same_width_or_none() {
    let centre = Centre::start().await;
    let batch = create(&centre, json!({"operatorId": "0098", "batchFlag": 1, "batchSize": 3, "sipFlag": 0})).await;
    let ids: Vec<_> = batch.as_array().unwrap().iter().map(|agent| agent["operatorId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["0098", "0099", "0100"]);
    assert!(batch[0].get("sipNumber").is_none());
    let refused = centre.agent("create/v2", json!({"operatorId": "0097", "batchFlag": 1, "batchSize": 2})).await;
    assert_eq!((refused.status, &refused.body["code"]), (200, &json!(409)));
    assert_eq!(centre.agent("one/v2", json!({"operatorId": "0097"})).await.body["code"], 404);
    let text = centre.agent("create/v2", json!({"operatorId": "seat", "batchFlag": 1})).await;
    assert_eq!(text.body["code"], 400);
}

#[tokio::test]
async fn an_edit_changes_what_is_sent_and_ignores_what_only_a_create_can_set() {
    let centre = Centre::start().await;
    create(&centre, json!({"operatorId": "8001", "name": "n", "email": "a@example.com", "afterInterval": 0})).await;
    let before = one(&centre, "8001").await;
    let edit = json!({
        "operatorId": "8001", "showcaller": "01012345678", "afterInterval": 10, "mainGroupName": "售后", "status": 0,
        "email": "b@example.com", "isaudio": 0, "isvideo": 1, "ismessage": 0, "judge": 0,
    });
    let edited = centre.agent("edit/v2", edit).await;
    let mut keys: Vec<_> = edited.body["data"].as_object().unwrap().keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, ["mainGroupName", "operatorId", "sipNumber", "sipPassword"]);
    let mut expected = before;
    expected["showcaller"] = json!("01012345678");
    expected["afterInterval"] = json!(10);
    expected["mainGroupName"] = json!("售后");
    expected["maingroupid"] = json!(1);
    expected["status"] = json!(0);
    assert_eq!(one(&centre, "8001").await, expected);
}

#[tokio::test]
async fn a_sip_number_is_bound_and_unbound_by_edits() {
    let centre = Centre::start().await;
    let taken = create(&centre, json!({"operatorId": "8001"})).await[0]["sipNumber"].clone();
    create(&centre, json!({"operatorId": "8002", "sipFlag": 0})).await;
    assert_eq!(one(&centre, "8002").await["sipNumber"], Value::Null);
    let conflict = centre.agent("edit/v2", json!({"operatorId": "8002", "sipnumber": taken})).await;
    assert_eq!(conflict.body["code"], 409);
    let both = json!({"operatorId": "8001", "sipnumber": "8799999999", "unbindSip": 1});
    assert_eq!(centre.agent("edit/v2", both).await.body["data"]["sipNumber"], Value::Null);
    let free = centre.agent("edit/v2", json!({"operatorId": "8002", "sipnumber": taken})).await;
    assert_eq!(free.body["data"]["sipNumber"], taken);
    assert!(free.body["data"]["sipPassword"].is_string());
}

#[tokio::test]
async fn values_out_of_bounds_or_of_another_type_are_refused_and_named() {
    let centre = Centre::start().await;
    create(&centre, json!({"operatorId": "8001"})).await;
    for (call, body, named) in [
        ("create/v2", json!({"afterInterval": -1}), "afterInterval"),
        ("create/v2", json!({"outcallflag": 4}), "outcallflag"),
        ("create/v2", json!({"isrecord": "1"}), "isrecord"),
        ("create/v2", json!({"operatorId": 8002}), "operatorId"),
        ("create/v2", json!({"password": "short"}), "password"),
        ("create/v2", json!({"batchFlag": 1, "batchSize": 1001}), "batchSize"),
        ("edit/v2", json!({"operatorId": "8001", "afterInterval": 0}), "afterInterval"),
        ("edit/v2", json!({"name": "n"}), "operatorId"),
        ("del/v2", json!({"operatorIds": "8001"}), "operatorIds"),
        ("del/v2", json!({"operatorIds": []}), "operatorIds"),
        ("page", json!({"pageSize": 9}), "pageSize"),
        ("page", json!({"pageSize": 101}), "pageSize"),
        ("page", json!({"pageNumber": 0}), "pageNumber"),
        ("editPwd", json!({"operatorId": "8001", "password": "5A8DD3AD0756A93DED72B823B19DD877"}), "password"),
        ("editPwd", json!({"operatorId": "8001"}), "password"),
    ] {
        let refused = centre.agent(call, body).await;
        assert_eq!((refused.status, &refused.body["code"]), (200, &json!(400)), "{call} {refused:?}");
        assert!(refused.body["msg"].as_str().unwrap().contains(named), "{call} {refused:?}");
        assert!(refused.body.get("data").is_none());
    }
    assert_eq!(centre.agent("page", json!({})).await.body["data"]["total"], 1);
}

#[tokio::test]
async fn pages_count_and_filter_exactly() {
    let centre = Centre::start().await;
    create(&centre, json!({"operatorId": "8001", "batchFlag": 1, "batchSize": 21, "bindSkillName": "售后"})).await;
    centre.agent("edit/v2", json!({"operatorId": "8001", "mainGroupName": "售前"})).await;
    let page = async |body: Value| centre.agent("page", body).await.body["data"].clone();
    let last = page(json!({"pageNumber": 3})).await;
    assert_eq!(last["result"][0]["operatorId"], "8021");
    assert_eq!(last["result"].as_array().unwrap().len(), 1);
    let counts = ["pageSize", "total", "pageNumber", "pageTotal"].map(|name| last[name].as_i64().unwrap());
    assert_eq!(counts, [10, 21, 3, 3]);
    assert_eq!(page(json!({"mainGroupName": "售后"})).await["total"], 20);
    assert_eq!(page(json!({"operatorId": "80"})).await["total"], 0);
    let sip = one(&centre, "8005").await["sipNumber"].clone();
    let found = page(json!({"sipNumber": sip})).await;
    assert_eq!((&found["total"], &found["result"][0]["operatorId"]), (&json!(1), &json!("8005")));
    assert_eq!(found["result"][0], one(&centre, "8005").await);
}

#[tokio::test]
async fn one_unknown_id_keeps_all_agents_of_a_deletion() {
    let centre = Centre::start().await;
    create(&centre, json!({"operatorId": "8001"})).await;
    let refused = centre.agent("del/v2", json!({"operatorIds": ["8001", "8002"]})).await;
    assert_eq!(refused.body["code"], 404);
    one(&centre, "8001").await;
    let deleted = centre.agent("del/v2", json!({"operatorIds": ["8001"]})).await;
    assert_eq!(deleted.body, json!({"code": 0, "msg": "success"}));
    let gone = centre.agent("one/v2", json!({"operatorId": "8001"})).await;
    assert_eq!((&gone.body["code"], gone.body.get("data")), (&json!(404), None));
}

#[tokio::test]
async fn token_company_and_content_type_are_required() {
    let centre = Centre::start().await;
    let path = "/api/v1/config/openapi/agent/page";
    let body = json!({"abbreviate": "demo"});
    let without = answer(centre.request("POST", path).json(&body)).await;
    assert_eq!((without.status, &without.body["code"]), (401, &json!(401)));
    let wrong = answer(centre.request("POST", path).header("token", "other").json(&body)).await;
    assert_eq!(wrong.status, 401);
    let with = || centre.request("POST", path).header("token", "test-token");
    assert_eq!(answer(with().json(&json!({"abbreviate": "other"}))).await.body["code"], 403);
    assert_eq!(answer(with().json(&json!({}))).await.body["code"], 400);
    assert_eq!(answer(with().body(body.to_string())).await.body["code"], 400);
    assert_eq!(answer(centre.request("GET", path).header("token", "test-token")).await.status, 405);
}

#[tokio::test]
async fn the_success_code_can_be_chosen() {
    let centre = Centre::with(Options { success_code: 200, ..options() }).await;
    assert_eq!(centre.agent("page", json!({})).await.body["code"], 200);
}
