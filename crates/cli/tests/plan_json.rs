//! The JSON of a plan: keys that programs rely on, and no secret.
#![allow(clippy::unwrap_used, missing_docs)]

mod plans;

use deskform_cli::view::plan_json::PlanJson;
use deskform_model::{Kind, Value};
use deskform_planner::brake::{Brake, NoManifests, Verdict};
use deskform_planner::plan::{Before, ChangeId, FieldReason, Note, NoteKind, Reason, Refusal};
use deskform_planner::{Action, Plan};
use plans::{address, change, changed, date_time, id, origin, plan, shift, sources, values};
use serde_json::{Value as Json, json};

fn object(plan: &Plan, verdict: &Verdict) -> Json {
    let sources = sources();
    let now = date_time("2026-12-01T08:00:00");
    let mut out = Vec::new();
    PlanJson { plan, verdict, sources: &sources, project: "acme", environment: "", now }.write(&mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn an_empty_plan_is_a_whole_object() {
    let plan = Plan { unchanged: [(Kind::Support, 3)].into(), ..plan(vec![]) };
    let json = object(&plan, &Verdict::default());
    assert_eq!(json["formatVersion"], 1);
    assert_eq!((&json["empty"], &json["changes"], &json["brakes"]), (&json!(true), &json!([]), &json!([])));
    assert_eq!((&json["now"], &json["unchanged"]), (&json!("2026-12-01T08:00:00"), &json!({ "support": 3 })));
    assert_eq!(json["counts"]["unchanged"], 3);
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
    let mut edit = change(
        "agent/8001",
        "张三",
        Action::Update {
            remotes: vec![Some(id("8001"))],
            values: values(Kind::Agent, &[]),
            fields,
            saw: values(Kind::Agent, &[]),
            secret: None,
        },
        Reason::Both,
    );
    edit.origin = Some(origin(3));
    let json = object(&plan(vec![edit]), &Verdict::default());
    let edit = &json["changes"][0];
    assert_eq!((&edit["action"], &edit["reason"], &edit["title"]), (&json!("update"), &json!("both"), &json!("张三")));
    assert_eq!(edit["origin"], json!({ "path": "manifests/tier1.yaml", "line": 3, "column": 1 }));
    assert_eq!(
        edit["fields"],
        json!([
            { "field": "callerId", "before": { "live": "1" }, "after": "2", "why": "drift" },
            { "field": "role", "before": { "lastSet": "a", "at": "2026-11-20T08:00:00" }, "after": null, "why": "your-change" },
            { "field": "password", "before": { "lastSet": { "secret": true }, "at": "x" }, "after": { "secret": true, "version": 2 }, "why": "your-change" },
            { "field": "type", "before": { "unknown": true }, "after": "leader", "why": "unrecorded" },
        ])
    );
    assert!(!json.to_string().contains("leaked"));
}

#[test]
fn order_replacement_refusals_notes_and_brakes_are_told() {
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
    assert_eq!((&json["changes"][0]["waitsFor"], &json["changes"][0]["replacedBy"]), (&json!(["support/a"]), &json!("support/a")));
    assert_eq!(json["changes"][1]["values"], json!({ "groups": ["2"] }));
    assert_eq!(json["changes"][2]["refusals"][0]["code"], "adoption-refused");
    assert_eq!(json["notes"][0]["code"], "no-longer-declared");
    assert_eq!((&json["brakes"][0]["code"], &json["brakes"][0]["count"]), (&json!("no-manifests"), &json!(4)));
    assert_eq!(
        (&json["counts"]["remove"], &json["counts"]["shifts"]["add"], &json["counts"]["cannotChange"]),
        (&json!(1), &json!(1), &json!(1))
    );
}
