//! When a field changes, and why (design.md section 3: "In sync", "Reasons per field").

use deskform_model::{FieldKey, Kind, Value};
use deskform_planner::plan::{Action, Before, FieldReason, NoteKind, Refusal};
use deskform_planner::policy::Drift;

use crate::world::{World, agent, support, text, with};

fn reasons(world: &World) -> Vec<(String, FieldReason)> {
    let plan = world.plan();
    let Some(change) = plan.changes.first() else { return Vec::new() };
    match &change.action {
        Action::Update { fields, .. } => fields.iter().map(|field| (field.field.name(change.kind()), field.why)).collect(),
        other => panic!("no update: {other:?}"),
    }
}

#[test]
fn your_change_drift_and_both_are_told_apart() {
    let mut world = World::applied(vec![support("a", "1", &[("name", text("甲")), ("mobile", text("1")), ("email", text("a@b"))])]);
    world.declare(support("a", "1", &[("name", text("乙")), ("mobile", text("1")), ("email", text("c@d"))]));
    world.drift("support/a", "mobile", text("2"));
    world.drift("support/a", "email", text("x@y"));
    assert_eq!(
        reasons(&world),
        [("name".into(), FieldReason::YourChange), ("email".into(), FieldReason::Both), ("mobile".into(), FieldReason::Drift)]
    );
}

#[test]
fn kept_drift_is_shown_and_left() {
    let mut world = World::applied(vec![agent("8001", &[("skillGroup", text("售后"))])]);
    world.policy.drift_of_field.insert((Kind::Agent, Kind::Agent.key("skillGroup").unwrap()), Drift::Keep);
    world.drift("agent/8001", "skillGroup", text("售前"));
    let plan = world.plan();
    assert!(plan.is_empty());
    assert!(matches!(&plan.notes[0].what, NoteKind::DriftKept { live, .. } if *live == text("售前")));
    // Your own change goes out all the same.
    world.declare(agent("8001", &[("skillGroup", text("投诉"))]));
    assert_eq!(reasons(&world), [("skillGroup".into(), FieldReason::Both)]);
}

#[test]
fn a_label_that_is_read_back_as_an_id_is_in_sync() {
    let mut world = World::applied(vec![support("a", "1", &[("customFields.field_1", text("一线"))])]);
    let id = world.entry("support/a").id();
    let key = FieldKey::Custom("field_1".into());
    world.drift("support/a", "customFields.field_1", text("4464896"));
    world.ledger.entries.get_mut(&id).unwrap().seen.as_mut().unwrap().insert(key, text("4464896"));
    assert!(world.plan().is_empty());
}

#[test]
fn what_cannot_be_read_is_compared_with_what_was_last_sent() {
    let mut world = World::applied(vec![agent("8001", &[("role", text("客服"))])]);
    assert!(world.plan().is_empty());
    world.declare(agent("8001", &[("role", text("班长"))]));
    let plan = world.plan();
    let Action::Update { fields, .. } = &plan.changes[0].action else { panic!("an update") };
    assert_eq!(fields[0].before, Before::LastSet(text("客服"), "2026-11-30T09:00:00".into()));
}

#[test]
fn an_absent_field_is_released_once() {
    let mut world = World::applied(vec![support("a", "1", &[("mobile", text("1"))])]);
    world.declare(support("a", "1", &[]));
    let plan = world.plan();
    assert!(!plan.has_writes());
    assert_eq!(plan.changes[0].bookkeeping.released, [Kind::Support.key("mobile").unwrap()]);
}

#[test]
fn null_clears_and_an_empty_live_text_is_already_null() {
    let mut world = World::applied(vec![support("a", "1", &[("mobile", text("1"))])]);
    world.declare(support("a", "1", &[("mobile", Value::Null)]));
    assert_eq!(world.summary(), ["update [mobile] support/a"]);
    world.drift("support/a", "mobile", Value::Null);
    assert!(!world.plan().has_writes());
}

#[test]
fn ignored_fields_are_set_on_create_and_left_alone() {
    let key = Kind::Support.key("mobile").unwrap();
    let mut world = World::applied(vec![support("a", "1", &[("mobile", text("1"))])]);
    world.declare(with(support("a", "1", &[("mobile", text("9"))]), |lifecycle| lifecycle.ignore.push(key)));
    world.drift("support/a", "mobile", text("2"));
    assert!(world.plan().is_empty());
}

#[test]
fn a_fixed_field_is_refused_unless_replacing_is_allowed() {
    let mut world = World::applied(vec![agent("8001", &[("video", Value::Flag(false))])]);
    world.declare(agent("8001", &[("video", Value::Flag(true))]));
    assert_eq!(world.summary(), ["refuse agent/8001"]);
    world.declare(with(agent("8001", &[("video", Value::Flag(true))]), |lifecycle| lifecycle.replace = true));
    assert_eq!(world.summary(), ["delete agent/8001", "create agent/8001"]);
}

#[test]
fn what_is_not_owned_is_never_replaced() {
    let mut world = World::applied(vec![agent("8001", &[("video", Value::Flag(false))])]);
    world.disown("agent/8001");
    world.declare(with(agent("8001", &[("video", Value::Flag(true))]), |lifecycle| lifecycle.replace = true));
    assert_eq!(world.summary(), ["refuse agent/8001"]);
}

#[test]
fn after_call_seconds_cannot_go_back_to_zero() {
    let mut world = World::applied(vec![agent("8001", &[("afterCallSeconds", Value::Number(10))])]);
    world.declare(agent("8001", &[("afterCallSeconds", Value::Number(0))]));
    let plan = world.plan();
    assert!(matches!(&plan.changes[0].action, Action::Refuse { why } if matches!(why[0], Refusal::BelowMinimum { min: 1, .. })));
}

#[test]
fn a_new_password_version_is_set_on_a_seat_and_refused_on_a_support() {
    let password = |version| ("password", Value::Secret { version });
    let mut world = World::applied(vec![agent("8001", &[password(1)]), support("a", "1", &[password(1)])]);
    // No reply ever has a password.
    for object in world.observed.supports.iter_mut().chain(&mut world.observed.agents) {
        object.values = object
            .values
            .iter()
            .filter(|(_, value)| !matches!(value, Value::Secret { .. }))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
    }
    assert!(world.plan().is_empty());
    world.declare(agent("8001", &[password(2)]));
    world.declare(support("a", "1", &[password(2)]));
    assert_eq!(world.summary(), ["refuse support/a", "update [password] agent/8001"]);
}

#[test]
fn what_the_platform_already_has_is_only_recorded() {
    let mut world = World::applied(vec![support("a", "1", &[("mobile", text("1"))])]);
    world.declare(support("a", "1", &[("mobile", text("2"))]));
    world.drift("support/a", "mobile", text("2"));
    assert_eq!(world.summary(), ["record support/a"]);
}

#[test]
fn a_field_that_was_never_read_back_is_compared_with_what_was_sent() {
    let mut world = World::applied(vec![support("a", "1", &[("mobile", text("1"))])]);
    let id = world.entry("support/a").id();
    world.ledger.entries.get_mut(&id).unwrap().seen = None;
    assert!(world.plan().is_empty());
    world.drift("support/a", "mobile", text("2"));
    assert_eq!(reasons(&world), [("mobile".into(), FieldReason::Drift)]);
}

#[test]
fn a_drop_down_that_was_never_read_back_is_not_drift_and_is_recorded_anew() {
    let mut person = support("a", "1", &[("mobile", text("1"))]);
    let key = FieldKey::Custom("field_1".into());
    person.values.insert(key.clone(), text("下拉选项内容"));
    let mut world = World::applied(vec![person]);
    let id = world.entry("support/a").id();
    world.observed.supports[0].values.insert(key.clone(), text("4464896"));
    world.ledger.entries.get_mut(&id).unwrap().seen = None;
    assert_eq!(world.summary(), ["record support/a"], "a run was cut off before it could read");

    world.ledger.entries.get_mut(&id).unwrap().seen = Some(world.observed.supports[0].values.clone());
    assert!(world.plan().is_empty());
    world.observed.supports[0].values.insert(key, text("999"));
    assert_eq!(world.summary(), ["update [customFields.field_1] support/a"], "once it was read, a change is drift");
}

#[test]
fn an_update_remembers_what_the_plan_saw_of_the_other_fields() {
    let mut world = World::applied(vec![support("a", "1", &[("mobile", text("1")), ("qq", text("5"))])]);
    world.declare(support("a", "1", &[("mobile", text("2")), ("qq", text("5"))]));
    let plan = world.plan();
    let deskform_planner::Action::Update { saw, .. } = &plan.changes[0].action else { panic!("{plan:?}") };
    assert_eq!(saw.named(Kind::Support, "qq"), Some(&text("5")));
    assert_eq!(saw.named(Kind::Support, "mobile"), None);
}

#[test]
fn an_ignored_field_that_left_the_manifest_is_not_released_again_and_again() {
    let key = Kind::Support.key("mobile").unwrap();
    let mut world = World::applied(vec![support("a", "1", &[("mobile", text("1"))])]);
    world.declare(with(support("a", "1", &[]), |lifecycle| lifecycle.ignore.push(key)));
    assert!(world.plan().is_empty(), "{:?}", world.summary());
}
