use crate::centre::{Centre, answer};
use serde_json::{Value, json};

const LIST: &str = "/api/v1/supports.json";
const SEARCH: &str = "/api/v1/supportgroups/supports/search.json";

fn accounts(body: &Value) -> Vec<&str> {
    body["supports"].as_array().unwrap().iter().map(|support| support["sPassportName"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_default_account_is_a_support_like_any_other() {
    let centre = Centre::start().await;
    let list = centre.helpdesk("GET", LIST, None).await;
    assert_eq!(list.body["count"], 1);
    assert_eq!(list.body["supports"][0]["sPassportName"], "admin");
    assert_eq!(list.body["supports"][0]["isAdmin"], "1");
    let found = centre.helpdesk("GET", &format!("{SEARCH}?query=sPassportName:adm"), None).await;
    assert_eq!(accounts(&found.body), ["admin"]);
}

#[tokio::test]
async fn a_created_support_is_read_back_with_strings_and_custom_fields_only_one_by_one() {
    let centre = Centre::start().await;
    let body = json!({"support": {
        "sPassportName": "zhang", "sNum": "007", "name": "张三", "gnder": 2, "groupId": "344124,344214",
        "password": "zhang-pass",
        "custom_fields": [{"key": "field_2", "value": "text"}, {"key": "field_11", "value": ["a", "b"]}],
    }});
    let created = centre.helpdesk("POST", LIST, Some(body)).await;
    assert_eq!(created.status, 200);
    let id = created.body["support"]["sId"].as_i64().expect("a number");
    assert_eq!(created.headers["location"], format!("https://www.bangwo8.com/api/v1/supports/{id}.json").as_str());

    let one = centre.helpdesk("GET", &format!("/api/v1/supports/{id}.json"), None).await;
    assert_eq!(
        one.body,
        json!({"support": {
            "sId": id.to_string(), "sPassportName": "zhang", "groupId": "344124,344214", "sNum": "007",
            "name": "张三", "gnder": "2", "email": "", "fixnumber": "", "mobile": "", "QQ": "", "isAdmin": "0",
            "createDT": "2023-12-01 12:00:00",
            "custom_fields": [{"key": "field_2", "value": "text"}, {"key": "field_11", "value": ["a", "b"]}],
        }})
    );
    let mut item = one.body["support"].clone();
    item.as_object_mut().unwrap().remove("custom_fields");
    item["sId"] = json!(id);
    let list = centre.helpdesk("GET", LIST, None).await;
    assert_eq!(list.body["supports"][1], item);
}

#[tokio::test]
async fn a_drop_down_is_written_as_a_label_and_read_as_the_same_id_every_time() {
    let centre = Centre::start().await;
    let id = centre.support("zhang").await;
    let path = format!("/api/v1/supports/{id}.json");
    let mut read = Vec::new();
    for label in ["下拉选项内容", "another", "4464896", "another"] {
        let body = json!({"support": {"custom_fields": [{"key": "field_1", "value": label}]}});
        assert_eq!(centre.helpdesk("PUT", &path, Some(body)).await.status, 200);
        let one = centre.helpdesk("GET", &path, None).await;
        read.push(one.body["support"]["custom_fields"][0]["value"].as_str().unwrap().to_owned());
    }
    assert_eq!(read[0], "4464896");
    assert_ne!(read[1], read[0]);
    assert_eq!((&read[2], &read[3]), (&read[0], &read[1]));
}

#[tokio::test]
async fn an_update_changes_what_is_sent_and_silently_keeps_account_and_password() {
    let centre = Centre::start().await;
    let id = centre.support("zhang").await;
    let path = format!("/api/v1/supports/{id}.json");
    let fields = json!({"support": {"mobile": "100", "custom_fields": [{"key": "field_2", "value": "kept"}]}});
    centre.helpdesk("PUT", &path, Some(fields)).await;
    let changes = json!({"support": {
        "sPassportName": "other", "password": "other", "name": "李四",
        "custom_fields": [{"key": "field_3", "value": "new"}],
    }});
    let updated = centre.helpdesk("PUT", &path, Some(changes)).await;
    assert_eq!(updated.body["support"]["sId"], id);
    let one = centre.helpdesk_as("zhang", "initial-pass", "GET", &path, None).await;
    let support = &one.body["support"];
    assert_eq!((&support["sPassportName"], &support["name"], &support["mobile"]), (&json!("zhang"), &json!("李四"), &json!("100")));
    assert_eq!(support["custom_fields"], json!([{"key": "field_2", "value": "kept"}, {"key": "field_3", "value": "new"}]));
}

#[tokio::test]
async fn a_recycled_support_is_found_only_by_its_number_and_keeps_its_account() {
    let centre = Centre::start().await;
    let id = centre.support("zhang").await;
    let path = format!("/api/v1/supports/{id}.json");
    let deleted = centre.helpdesk("DELETE", &path, None).await;
    assert_eq!(deleted.body["support"]["sId"], id.to_string());
    assert!(deleted.body["support"].get("isStat").is_none());

    assert_eq!(accounts(&centre.helpdesk("GET", LIST, None).await.body), ["admin"]);
    let many = centre.helpdesk("GET", &format!("/api/v1/supports/show_many.json?ids=1,{id},99"), None).await;
    assert_eq!(accounts(&many.body), ["admin"]);
    let found = centre.helpdesk("GET", &format!("{SEARCH}?query=sPassportName:zhang"), None).await;
    assert_eq!(found.body["count"], "0");
    assert_eq!(centre.helpdesk("GET", &path, None).await.body["support"]["isStat"], "0");
    assert_eq!(centre.helpdesk("DELETE", &path, None).await.status, 404);
    assert_eq!(centre.helpdesk_as("zhang", "initial-pass", "GET", &path, None).await.status, 401);

    let again = json!({"support": {"sPassportName": "zhang", "sNum": "1"}});
    assert_eq!(centre.helpdesk("POST", LIST, Some(again)).await.status, 409);

    // The documented example of a restore sends no Content-Type.
    let restore = centre.request("PUT", &format!("/api/v1/servicers/{id}.json")).basic_auth("admin", Some("admin-pass"));
    let restored = answer(restore.body(r#"{"support": {"isStat": "1"}}"#)).await;
    assert_eq!(restored.body, json!({"support": {"sId": id.to_string(), "isStat": "1"}}));
    assert_eq!(accounts(&centre.helpdesk("GET", LIST, None).await.body), ["admin", "zhang"]);
    assert!(centre.helpdesk("GET", &path, None).await.body["support"].get("isStat").is_none());
}

#[tokio::test]
async fn pages_are_linked_on_the_vendors_host() {
    let centre = Centre::start().await;
    for number in 0..4 {
        centre.support(&format!("account-{number}")).await;
    }
    let first = centre.helpdesk("GET", &format!("{LIST}?per_page=2"), None).await;
    assert_eq!((first.body["count"].as_i64(), &first.body["previous_page"]), (Some(5), &Value::Null));
    assert_eq!(first.body["next_page"], "https://www.bangwo8.com/api/v1/supports.json?per_page=2&page=2");
    let last = centre.helpdesk("GET", &format!("{LIST}?per_page=2&page=3"), None).await;
    assert_eq!((accounts(&last.body), &last.body["next_page"]), (vec!["account-3"], &Value::Null));
    let beyond = centre.helpdesk("GET", &format!("{LIST}?per_page=2&page=4"), None).await;
    assert_eq!(accounts(&beyond.body), [""; 0]);
    for wrong in ["page=0", "per_page=x", "created_order=up", "created_start=yesterday"] {
        assert_eq!(centre.helpdesk("GET", &format!("{LIST}?{wrong}"), None).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn at_most_a_hundred_supports_are_on_a_page() {
    let centre = Centre::start().await;
    for number in 0..100 {
        centre.support(&format!("account-{number}")).await;
    }
    let page = centre.helpdesk("GET", &format!("{LIST}?per_page=500"), None).await;
    assert_eq!((accounts(&page.body).len(), page.body["count"].as_i64()), (100, Some(101)));
    assert_eq!(page.body["next_page"], "https://www.bangwo8.com/api/v1/supports.json?per_page=100&page=2");
}

#[tokio::test]
async fn the_list_is_filtered_and_ordered_by_creation() {
    let centre = Centre::start().await;
    centre.support("zhang").await;
    let list = async |query: &str| {
        let list = centre.helpdesk("GET", &format!("{LIST}?{query}"), None).await;
        accounts(&list.body).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(list("created_order=desc").await, ["zhang", "admin"]);
    assert_eq!(list("created_start=2023-12-01%2012:00:00&created_end=2023-12-01").await.len(), 2);
    assert_eq!(list("created_start=2023-12-01%2012:00:01").await.len(), 0);
    assert_eq!(list("created_end=2023-11-30").await.len(), 0);
}

#[tokio::test]
async fn only_a_search_by_mobile_is_paged() {
    let centre = Centre::start().await;
    for number in 0..12 {
        let body = json!({"support": {
            "sPassportName": format!("account-{number}"), "sNum": format!("9{number}"), "mobile": "13900000000",
        }});
        assert_eq!(centre.helpdesk("POST", LIST, Some(body)).await.status, 200);
    }
    let search = async |query: &str| centre.helpdesk("GET", &format!("{SEARCH}?query={query}"), None).await.body;
    let by_name = search("sPassportName:COUNT-").await;
    assert_eq!((accounts(&by_name).len(), &by_name["count"]), (12, &json!("12")));
    assert_eq!((&by_name["next_page"], &by_name["previous_page"]), (&json!(""), &json!("")));
    let first = search("mobile:139").await;
    assert_eq!((accounts(&first).len(), &first["count"]), (10, &json!("12")));
    assert!(first["next_page"].as_str().unwrap().starts_with("https://www.bangwo8.com/api/v1/supportgroups/"));
    let second = search("mobile:139&page=2").await;
    assert_eq!((accounts(&second), &second["next_page"]), (vec!["account-10", "account-11"], &json!("")));
    for wrong in ["", "?query=zhang", "?query=email:x", "?query=name:", "?query=name:x&sort_by=name"] {
        assert_eq!(centre.helpdesk("GET", &format!("{SEARCH}{wrong}"), None).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn what_is_missing_or_wrong_in_a_create_is_refused_and_named() {
    let centre = Centre::start().await;
    for (support, named) in [
        (json!({"sNum": "1"}), "sPassportName"),
        (json!({"sPassportName": "a"}), "sNum"),
        (json!({"sPassportName": "a", "sNum": "1", "gnder": "3"}), "gnder"),
        (json!({"sPassportName": "a", "sNum": "1", "isAdmin": "yes"}), "isAdmin"),
        (json!({"sPassportName": "a", "sNum": "1", "name": ["x"]}), "name"),
        (json!({"sPassportName": "a", "sNum": "1", "custom_fields": [{"key": "field_1"}]}), "value"),
    ] {
        let refused = centre.helpdesk("POST", LIST, Some(json!({"support": support}))).await;
        assert_eq!((refused.status, &refused.body["status"]), (400, &json!(400)));
        assert!(refused.body["message"].as_str().unwrap().contains(named), "{refused:?}");
    }
    let unwrapped = centre.helpdesk("POST", LIST, Some(json!({"sPassportName": "a", "sNum": "1"}))).await;
    assert_eq!(unwrapped.body, json!({"status": 400, "message": "support is required"}));
    assert_eq!(centre.helpdesk("GET", LIST, None).await.body["count"], 1);
}

#[tokio::test]
async fn who_may_do_what_follows_the_documents() {
    let centre = Centre::start().await;
    let id = centre.support("zhang").await;
    let path = format!("/api/v1/supports/{id}.json");
    let as_zhang =
        async |method: &str, path: &str, body: Option<Value>| centre.helpdesk_as("zhang", "initial-pass", method, path, body).await.status;
    assert_eq!(as_zhang("GET", &path, None).await, 200);
    assert_eq!(as_zhang("PUT", &path, Some(json!({"support": {"name": "n"}}))).await, 200);
    assert_eq!(as_zhang("GET", LIST, None).await, 403);
    assert_eq!(as_zhang("DELETE", &path, None).await, 403);

    let wrong = centre.helpdesk_as("admin", "wrong", "GET", LIST, None).await;
    assert_eq!((wrong.status, &wrong.body["status"]), (401, &json!(401)));
    assert!(wrong.headers.contains_key("www-authenticate"));
    assert_eq!(answer(centre.request("GET", LIST)).await.status, 401);
    assert_eq!(answer(centre.request("GET", LIST).bearer_auth("x")).await.status, 401);
    assert_eq!(centre.helpdesk("DELETE", "/api/v1/supports/1.json", None).await.status, 403);
}

#[tokio::test]
async fn unknown_numbers_paths_and_methods_are_answered_in_json() {
    let centre = Centre::start().await;
    for path in ["/api/v1/supports/99.json", "/api/v1/supports/x.json"] {
        let answer = centre.helpdesk("GET", path, None).await;
        assert_eq!((answer.status, &answer.body["status"]), (404, &json!(404)), "{path}");
    }
    for path in ["/api/v1/supports/1", "/api/v1/tickets.json"] {
        assert_eq!(centre.helpdesk("GET", path, None).await.status, 404, "{path}");
    }
    assert_eq!(centre.helpdesk("PATCH", LIST, None).await.status, 405);
}
