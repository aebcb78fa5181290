//! What we send against the request bodies of the platforms' documents (`tests/contract/`): every field of ours under the platform's name,
//! in the platform's type.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::PathBuf;

use deskform_applier::Request;
use deskform_applier::writes::{agent, duty, support};
use deskform_model::kind::Module;
use deskform_model::time::{parse_date, parse_time};
use deskform_model::{FieldKey, Kind, RemoteId, Value, Values};
use deskform_planner::overnight::Piece;
use deskform_planner::plan::{Before, FieldChange, FieldReason};
use serde_json::{Value as Json, json};

fn documented(case: &str) -> Json {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/contract").join(case).join("request.json");
    serde_json::from_str(&fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
}

fn id(text: &str) -> RemoteId {
    RemoteId::new(text).unwrap()
}

fn text(text: &str) -> Value {
    Value::text(text)
}

fn values(kind: Kind, pairs: &[(&str, Value)]) -> Values {
    pairs.iter().map(|(name, value)| (kind.key(name).unwrap(), value.clone())).collect()
}

fn changes(kind: Kind, pairs: &[(&str, Value)]) -> Vec<FieldChange> {
    let change = |(name, after): &(&str, Value)| FieldChange {
        field: kind.key(name).unwrap(),
        before: Before::Unknown,
        after: after.clone(),
        why: FieldReason::YourChange,
    };
    pairs.iter().map(change).collect()
}

/// Compares method, path and query, with `${name}` in the documented ones filled in.
#[track_caller]
fn assert_head(request: &Request, documented: &Json, names: &[(&str, &str)]) {
    let fill = |text: &str| names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value));
    assert_eq!(request.method.as_str(), documented["method"].as_str().unwrap());
    assert_eq!(request.path, fill(documented["path"].as_str().unwrap()));
    let query: Vec<(String, String)> =
        documented["query"].as_object().into_iter().flatten().map(|(name, value)| (name.clone(), fill(value.as_str().unwrap()))).collect();
    assert_eq!(request.query.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Vec<_>>(), query);
}

/// Compares a call-centre body. The tenant's fields are the client's; what we never send is taken out of the documented one by name.
#[track_caller]
fn assert_agent(request: &Request, case: &str, never_sent: &[&str]) {
    let mut documented = documented(case);
    assert_head(request, &documented, &[]);
    let body = documented["body"].as_object_mut().unwrap();
    for name in ["abbreviate", "companyId"].iter().chain(never_sent) {
        body.remove(*name);
    }
    assert_eq!(*request.body.as_ref().unwrap().json(), documented["body"]);
}

#[test]
fn create_support() {
    let mut all = values(
        Kind::Support,
        &[
            ("account", text("13900000001")),
            ("groups", Value::set(["344124", "344214", "344215", "344216", "344217"].map(Into::into))),
            ("staffNumber", text("001")),
            ("name", text("管理员")),
            ("gender", text("female")),
            ("email", Value::Null),
            ("landline", Value::Null),
            ("mobile", text("13900000001")),
            ("qq", Value::Null),
            ("admin", Value::Flag(true)),
        ],
    );
    let files = ["file1.org", "file2.org"].map(|name| (name.into(), format!("https://example.com/{name}").into()));
    let custom = [
        ("field_1", text("下拉选项内容")),
        ("field_2", text("文本内容")),
        ("field_3", text("多行文本内容")),
        ("field_4", text("5")),
        ("field_5", text("12.00")),
        ("field_6", text("是")),
        ("field_7", text("2023-02-12")),
        ("field_8", text("go.*d")),
        ("field_9", Value::Files(files.into())),
        ("field_10", text("苹果,香蕉")),
        ("field_11", Value::List(vec!["北京市".into(), "丰台区".into(), "丰科万达".into()])),
    ];
    for (key, value) in custom {
        all.insert(FieldKey::Custom(key.into()), value);
    }
    let request = support::create(&all, None);
    let mut documented = documented("create-support/documented");
    assert_head(&request, &documented, &[]);
    // The order of custom fields means nothing.
    let mut body = request.body.unwrap().json().into_owned();
    for body in [&mut body, &mut documented["body"]] {
        body["support"]["custom_fields"].as_array_mut().unwrap().sort_by_key(|field| field["key"].to_string());
    }
    assert_eq!(body, documented["body"]);
}

#[test]
fn create_support_with_the_least_that_is_required() {
    let request = support::create(&values(Kind::Support, &[("account", text("zhang-san")), ("staffNumber", text("888"))]), None);
    assert_eq!(request.body.unwrap().json().into_owned(), documented("create-support/least-that-is-required")["body"]);
}

#[test]
fn the_first_password_of_a_support_is_plain() {
    let all = values(Kind::Support, &[("account", text("a")), ("staffNumber", text("1")), ("password", Value::Secret { version: 1 })]);
    let request = support::create(&all, Some(&"plain-text".into()));
    assert_eq!(
        request.body.unwrap().json().into_owned(),
        json!({ "support": { "sPassportName": "a", "sNum": "1", "password": "plain-text" } })
    );
}

#[test]
fn update_support() {
    let fields = [("name", text("张三"))];
    let request = support::update(&id("7"), &values(Kind::Support, &fields), &changes(Kind::Support, &fields)).unwrap();
    let documented = documented("update-support/documented");
    assert_head(&request, &documented, &[("sid", "7")]);
    assert_eq!(request.body.unwrap().json().into_owned(), documented["body"]);
}

#[test]
fn one_changed_custom_field_sends_all_that_are_ours() {
    let custom = |key: &str| FieldKey::Custom(key.into());
    let mut all = values(Kind::Support, &[("name", text("张三"))]);
    all.insert(custom("field_2"), text("new"));
    all.insert(custom("field_4"), text("5"));
    let change = FieldChange { field: custom("field_2"), before: Before::Unknown, after: text("new"), why: FieldReason::YourChange };
    let request = support::update(&id("7"), &all, &[change]).unwrap();
    let fields = json!([{ "key": "field_2", "value": "new" }, { "key": "field_4", "value": "5" }]);
    assert_eq!(request.body.unwrap().json().into_owned(), json!({ "support": { "custom_fields": fields } }));
}

#[test]
fn delete_and_restore_support() {
    let documented_delete = documented("delete-support/documented");
    let request = support::delete(&id("7"));
    assert_head(&request, &documented_delete, &[("sid", "7")]);
    assert_eq!((request.body, documented_delete.get("body")), (None, None));
    let documented_restore = documented("restore-support/documented");
    let request = support::restore(&id("7"));
    assert_head(&request, &documented_restore, &[("sid", "7")]);
    assert_eq!(request.body.unwrap().json().into_owned(), documented_restore["body"]);
}

#[test]
fn set_permission_on_and_off() {
    for (case, enabled) in [("set-permission/on", true), ("set-permission/off", false)] {
        let request = support::set_permission(&id("7"), Module::CallCenter, enabled);
        let documented = documented(case);
        assert_head(&request, &documented, &[("sid", "7")]);
        assert_eq!(request.body.unwrap().json().into_owned(), documented["body"], "{case}");
    }
}

fn piece(date: &str, start: &str, end: &str) -> Piece {
    Piece { date: parse_date(date).unwrap(), start: parse_time(start).unwrap(), end: parse_time(end).unwrap() }
}

#[test]
fn create_schedules() {
    let afternoon = piece("2023-11-07", "15:00", "16:00");
    let shift = |name: &str, remark: Value, url: Value| values(Kind::Shift, &[("name", text(name)), ("remark", remark), ("url", url)]);
    let documented = documented("create-schedules/documented");
    let elements = documented["body"]["duty"].as_array().unwrap();

    let first = shift("周三15:00-16:00", text("备注备注一些东西"), text("http://example.com/duty"));
    let request = duty::create(&id("${a}"), &[(afternoon, &first)]);
    assert_head(&request, &documented, &[]);
    assert_eq!(request.body.unwrap().json().into_owned(), json!({ "duty": [elements[0]] }));

    let second = [shift("是个名", text("备注备注一些东西"), Value::Null), shift("周三18:00-19:00", Value::Null, Value::Null)];
    let request = duty::create(&id("${b}"), &[(afternoon, &second[0]), (afternoon, &second[1])]);
    assert_eq!(request.body.unwrap().json().into_owned(), json!({ "duty": [elements[1]] }));
}

#[test]
fn duties_are_grouped_by_day_and_a_night_shift_lands_on_two() {
    let values = values(Kind::Shift, &[("name", text("夜班"))]);
    let duties = [
        (piece("2026-12-03", "22:00", "23:59"), &values),
        (piece("2026-12-04", "00:00", "06:00"), &values),
        (piece("2026-12-03", "08:00", "12:00"), &values),
    ];
    let request = duty::create(&id("1"), &duties);
    let days: Vec<(String, usize)> = request.body.unwrap().json().into_owned()["duty"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| (day["date"].as_str().unwrap().to_owned(), day["schedules"].as_array().unwrap().len()))
        .collect();
    assert_eq!(days, [("2026-12-03".to_owned(), 2), ("2026-12-04".to_owned(), 1)]);
}

#[test]
fn update_schedule_always_sends_all_five_fields() {
    let all = values(
        Kind::Shift,
        &[("name", text("周三15:00-16:00")), ("remark", text("备注备注一些东西")), ("url", text("http://example.com/duty"))],
    );
    let afternoon = piece("2023-11-07", "15:00", "16:00");
    let request = duty::update(&id("1_2/3"), &afternoon, &all);
    let documented = documented("update-schedule/documented");
    assert_head(&request, &documented, &[("duty", "1_2/3")]);
    assert_eq!(request.body.unwrap().json().into_owned(), documented["body"]);
    let request = duty::update(&id("1"), &afternoon, &Values::new());
    assert_eq!(
        request.body.unwrap().json().into_owned()["duty"],
        json!({ "start_time": "15:00", "end_time": "16:00", "name": "", "remark": "", "url": "" })
    );
}

#[test]
fn delete_schedule() {
    let request = duty::delete(&id("5_6"));
    assert_head(&request, &documented("delete-schedule/documented"), &[("duty", "5_6")]);
    assert!(request.body.is_none());
}

fn seat() -> Values {
    values(
        Kind::Agent,
        &[
            ("operatorId", text("8001")),
            ("name", text("张三")),
            ("type", text("leader")),
            ("afterCallSeconds", Value::Number(10)),
            ("boundPhone", text("13900000001")),
            ("callerId", text("01000000000")),
            ("outboundCalls", text("forbidden")),
            ("hideNumber", Value::Flag(true)),
            ("recordCalls", Value::Flag(false)),
            ("ttsContent", text("您好")),
            ("role", text("班长")),
            ("initialSkill.name", text("售后")),
            ("initialSkill.level", Value::Number(5)),
            ("email", text("zhang@example.com")),
            ("audio", Value::Flag(true)),
            ("video", Value::Flag(true)),
            ("message", Value::Flag(false)),
            ("satisfactionSurvey", Value::Flag(false)),
            ("password", Value::Secret { version: 1 }),
        ],
    )
}

#[test]
fn create_agent() {
    let request = agent::create(&seat(), Some(&"plain-text".into()));
    // Seats are made one by one, and a SIP number is the default.
    assert_agent(&request, "create-agent/every-field", &["batchFlag", "batchSize", "sipFlag"]);
}

#[test]
fn a_declared_sip_number_or_none_keeps_the_platform_from_attaching_one() {
    for sip in [Value::Null, text("870001")] {
        let all = values(Kind::Agent, &[("operatorId", text("1")), ("sipNumber", sip), ("skillGroup", text("售后"))]);
        assert_eq!(
            agent::create(&all, None).body.unwrap().json().into_owned(),
            json!({ "operatorId": "1", "sipFlag": 0, "bindSkillName": "售后" })
        );
    }
}

#[test]
fn the_completing_edit_sends_what_only_an_edit_sets_and_the_seat_does_not_show() {
    let only_edit = [("skillGroup", text("售后")), ("enabled", Value::Flag(true)), ("sipNumber", text("870001"))];
    let mut all = values(Kind::Agent, &only_edit);
    all.insert(Kind::Agent.key("name").unwrap(), text("张三"));
    let everything = json!({ "operatorId": "1", "mainGroupName": "售后", "status": 1, "sipnumber": "870001" });
    assert_eq!(agent::complete(&id("1"), &all, None).unwrap().body.unwrap().json().into_owned(), everything);
    let live = values(Kind::Agent, &[("skillGroup", text("售后")), ("enabled", Value::Flag(false)), ("sipNumber", Value::Null)]);
    let rest = json!({ "operatorId": "1", "status": 1, "sipnumber": "870001" });
    assert_eq!(agent::complete(&id("1"), &all, Some(&live)).unwrap().body.unwrap().json().into_owned(), rest);
    assert!(agent::complete(&id("1"), &all, Some(&values(Kind::Agent, &only_edit))).is_none());
    let unbound = values(Kind::Agent, &[("sipNumber", Value::Null)]);
    assert!(!agent::needs_completion(&unbound), "a seat that was made without a number has none to unbind");
}

#[test]
fn edit_agent() {
    let fields = [
        ("afterCallSeconds", Value::Number(30)),
        ("boundPhone", text("13900000002")),
        ("name", text("李四")),
        ("type", text("agent")),
        ("callerId", text("01000000001")),
        ("sipNumber", text("8700009999")),
        ("enabled", Value::Flag(false)),
        ("ttsContent", text("再见")),
        ("role", text("客服")),
        ("hideNumber", Value::Flag(false)),
        ("recordCalls", Value::Flag(true)),
        ("outboundCalls", text("allowed")),
        ("skillGroup", text("售前")),
        ("password", Value::Secret { version: 2 }),
    ];
    let request = agent::update(&id("8001"), &changes(Kind::Agent, &fields)).unwrap();
    // Whether an edit takes it plain or as a digest is not documented (api-spec.md A9).
    assert_agent(&request, "edit-agent/every-field", &["password"]);
}

#[test]
fn unbinding_a_sip_number_is_never_sent_with_a_number() {
    let request = agent::update(&id("8001"), &changes(Kind::Agent, &[("sipNumber", Value::Null)])).unwrap();
    assert_agent(&request, "edit-agent/unbind-sip", &["sipnumber"]);
}

#[test]
fn a_password_alone_is_no_edit() {
    assert!(agent::update(&id("8001"), &changes(Kind::Agent, &[("password", Value::Secret { version: 2 })])).is_none());
}

#[test]
fn edit_agent_password() {
    let request = agent::set_password(&id("8001"), &"plain-text".into());
    let body = request.body.as_ref().unwrap().json().into_owned();
    let digest = body["password"].as_str().unwrap();
    assert!(digest.len() == 32 && digest.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)), "{digest}");
    // The document's digest is of a text that it does not give.
    let mut documented = documented("edit-agent-password/md5");
    documented["body"]["password"] = digest.into();
    assert_head(&request, &documented, &[]);
    assert_eq!(body, json!({ "operatorId": documented["body"]["operatorId"], "password": documented["body"]["password"] }));
}

#[test]
fn delete_agents_one_a_call() {
    let request = agent::delete(&id("8001"));
    let documented = documented("delete-agents/two");
    assert_head(&request, &documented, &[]);
    assert_eq!(request.body.unwrap().json().into_owned(), json!({ "operatorIds": [documented["body"]["operatorIds"][0]] }));
}
