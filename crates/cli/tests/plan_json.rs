//! The JSON of a plan: what tools for Terraform read, what apply needs, and no secret.
#![allow(clippy::unwrap_used, missing_docs)]

mod plans;

use deskform_cli::saved;
use deskform_model::{Kind, Value};
use deskform_planner::brake::{Brake, NoManifests, Verdict};
use deskform_planner::plan::{Before, ChangeId, FieldReason, Note, NoteKind, PersonTarget, Reason, Refusal};
use deskform_planner::{Action, Plan};
use plans::{address, change, changed, id, json as object, origin, plan, report, shift, values};
use serde_json::json;

#[test]
fn an_empty_plan_is_a_whole_object() {
    let plan = Plan { unchanged: [(Kind::Support, 3)].into(), ..plan(vec![]) };
    let json = object(&plan, &Verdict::default());
    assert_eq!((&json["format_version"], &json["applyable"], &json["resource_changes"]), (&json!("1.2"), &json!(false), &json!([])));
    let ours = &json["deskform"];
    assert_eq!((&ours["formatVersion"], &ours["empty"], &ours["changes"]), (&json!(1), &json!(true), &json!([])));
    assert_eq!((&ours["unchanged"], &ours["counts"]["unchanged"]), (&json!({ "support": 3 }), &json!(3)));
}

#[test]
fn an_edit_tells_what_is_known_of_each_field_and_hides_secrets() {
    let fields = vec![
        changed(Kind::Agent, "callerId", Before::Live(Value::text("1")), Value::text("2"), FieldReason::Drift),
        changed(Kind::Agent, "role", Before::LastSet(Value::text("a"), "2026-11-20T08:00:00".into()), Value::Null, FieldReason::YourChange),
        changed(
            Kind::Agent,
            "password",
            Before::LastSet(Value::text("leaked"), "x".into()),
            Value::Secret { version: 2 },
            FieldReason::YourChange,
        ),
        changed(Kind::Agent, "type", Before::Unknown, Value::text("leader"), FieldReason::Unrecorded),
    ];
    let wanted = values(
        Kind::Agent,
        &[
            ("callerId", Value::text("2")),
            ("role", Value::Null),
            ("password", Value::Secret { version: 2 }),
            ("type", Value::text("leader")),
            ("name", Value::text("张三")),
        ],
    );
    let action = Action::Update { remotes: vec![Some(id("8001"))], values: wanted, fields, saw: values(Kind::Agent, &[]), secret: None };
    let mut edit = change("agent/8001", "张三", action, Reason::Both);
    edit.origin = Some(origin(3));
    let json = object(&plan(vec![edit]), &Verdict::default());
    let entry = &json["resource_changes"][0];
    assert_eq!((&entry["address"], &entry["type"], &entry["name"]), (&json!("agent/8001"), &json!("agent"), &json!("8001")));
    let delta = &entry["change"];
    assert_eq!(delta["actions"], json!(["update"]));
    assert_eq!(delta["before"], json!({ "id": "8001", "callerId": "1", "role": "a", "password": {}, "type": null, "name": "张三" }));
    assert_eq!(
        delta["after"],
        json!({ "id": "8001", "callerId": "2", "role": null, "password": { "version": 2 }, "type": "leader", "name": "张三" })
    );
    assert_eq!((&delta["before_sensitive"], &delta["after_unknown"]), (&json!({ "password": true }), &json!({})));
    let drift = &json["resource_drift"][0]["change"];
    assert_eq!((&drift["before"]["callerId"], &drift["after"]["callerId"]), (&json!("2"), &json!("1")));
    let ours = &json["deskform"]["changes"][0];
    assert_eq!(ours["source"], json!({ "path": "manifests/tier1.yaml", "line": 3, "column": 1 }));
    assert_eq!(
        (&ours["reason"], &ours["fields"][0]["why"], &ours["fields"][3]["before"]),
        (&json!("both"), &json!("drift"), &json!("unknown"))
    );
}

#[test]
fn both_halves_of_a_replacement_are_one_entry_and_what_cannot_be_done_is_none() {
    let mut old = change(
        "support/a",
        "",
        Action::Delete { remotes: vec![id("1")], last: values(Kind::Support, &[]), successor: Some(ChangeId(1)) },
        Reason::Replaced,
    );
    old.waits_for = vec![ChangeId(1)];
    let new = change(
        "support/a",
        "",
        Action::Create { values: values(Kind::Support, &[("groups", Value::set(["2".into()]))]), secret: None },
        Reason::Replaced,
    );
    let refused = change("agent/1", "", Action::Refuse { why: vec![Refusal::AdoptionRefused] }, Reason::New);
    let note = Note { address: address("agent/2"), title: "".into(), what: NoteKind::NoLongerDeclared, origin: None };
    let plan = Plan { notes: vec![note], ..plan(vec![old, new, refused, shift("a", "2026-12-01", "09:00", "18:00", "", "create")]) };
    let json = object(&plan, &Verdict { refused: vec![Brake::NoManifests(NoManifests { owned: 4 })], ..Verdict::default() });
    let entries: Vec<_> =
        json["resource_changes"].as_array().unwrap().iter().map(|entry| (&entry["address"], &entry["change"]["actions"])).collect();
    assert_eq!(entries, [(&json!("support/a"), &json!(["create", "delete"])), (&json!("shift/a/2026-12-01T09:00"), &json!(["create"]))]);
    let replaced = &json["resource_changes"][0];
    assert_eq!(
        (&replaced["action_reason"], &replaced["change"]["after"]),
        (&json!("replace_because_cannot_update"), &json!({ "groups": ["2"] }))
    );
    let ours = &json["deskform"];
    assert_eq!((&ours["changes"][0]["waitsFor"], &ours["changes"][0]["successor"]), (&json!([1]), &json!(1)));
    assert_eq!(
        (&ours["changes"][2]["refusals"][0]["code"], &ours["notes"][0]["code"]),
        (&json!("adoption-refused"), &json!("no-longer-declared"))
    );
    assert_eq!((&ours["brakes"]["refused"][0]["code"], &ours["brakes"]["refused"][0]["count"]), (&json!("no-manifests"), &json!(4)));
    assert_eq!(
        (&ours["counts"]["remove"], &ours["counts"]["shifts"]["add"], &ours["counts"]["cannotChange"]),
        (&json!(1), &json!(1), &json!(1))
    );
}

#[test]
fn a_plan_is_read_back_as_it_was_and_nothing_else_is_read() {
    let mut new = change(
        "permission/a/callCenter",
        "",
        Action::Create { values: values(Kind::Permission, &[("enabled", Value::Flag(true))]), secret: None },
        Reason::New,
    );
    new.person = Some(PersonTarget::New(ChangeId(1)));
    new.waits_for = vec![ChangeId(1)];
    let person = change(
        "support/a",
        "张三",
        Action::Create { values: values(Kind::Support, &[("groups", Value::set(["2".into()]))]), secret: None },
        Reason::New,
    );
    let plan = plan(vec![new, person, shift("a", "2026-12-01", "09:00", "18:00", "早班", "update")]);
    let saved = report(&plan, &Verdict { refused: vec![Brake::NoManifests(NoManifests { owned: 4 })], ..Verdict::default() });
    let mut text = Vec::new();
    saved::write::write(&saved, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(saved::read(&text).unwrap(), saved);

    let error = |text: &str| saved::read(text).unwrap_err().to_string();
    assert!(error(&text[..text.len() / 2]).contains("not whole"));
    assert!(error("{}").contains("no plan of deskform") && error("[1]").contains("no plan of deskform"));
    assert!(error("plan").contains("not whole"));
    assert!(error(&text.replace("18:00", "19:00")).contains("was changed"));
    // Both sides were edited alike: what the reviewers' yes was for is another plan.
    assert!(error(&text.replace("\"create\"", "\"delete\"")).contains("was changed"));
    assert!(error(&text.replace("\"complete\":true", "\"complete\":false")).contains("line 3"));
    assert!(error(&text.replace("\"formatVersion\":1", "\"formatVersion\":2")).contains("format 2"));
    let version = format!("\"writtenBy\":\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(error(&text.replace(&version, "\"writtenBy\":\"0.0.1\"")).contains("deskform 0.0.1 wrote it"));
}

#[test]
fn what_an_edit_makes_it_say_is_never_believed() {
    let fields = vec![changed(Kind::Support, "admin", Before::Live(Value::Flag(false)), Value::Flag(true), FieldReason::YourChange)];
    let wanted = values(Kind::Support, &[("admin", Value::Flag(true)), ("email", Value::Null)]);
    let saw = values(Kind::Support, &[("email", Value::Null)]);
    let edit = change(
        "support/a",
        "张三",
        Action::Update { remotes: vec![Some(id("7"))], values: wanted, fields, saw, secret: None },
        Reason::YourChange,
    );
    let mut text = Vec::new();
    saved::write::write(&report(&plan(vec![edit]), &Verdict::default()), &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let error = |text: &str| saved::read(text).unwrap_err().to_string();
    // A policy that looks at `resource_changes` would see no new administrator.
    let harmless = text.replace("\"admin\":true", "\"admin\":false");
    assert!(harmless != text && error(&harmless).contains("support/a is not to become what its values say in admin"));
    // A write that no view shows, because nothing seems to differ.
    let hidden = text.replace("\"email\":null", "\"email\":\"hidden\"");
    assert!(hidden != text && error(&hidden).contains("its fingerprint is another"));
    let unknown = text.replace("\"ledgerKnown\":true", "\"ledgerKnown\":false");
    assert!(unknown != text && error(&unknown).contains("its digest is of another text"));
}
