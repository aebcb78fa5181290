//! Drift: what somebody else changed, whatever the manifests want by now.

use deskform_model::{Address, Desired, Kind, Value};
use deskform_planner::drift::{self, Report};
use deskform_planner::policy::Drift;
use deskform_planner::{Narrowing, Selection};

use crate::world::{World, agent, declared, id, permission, shift, support, text, with};

fn report(world: &World) -> Report {
    report_of(world, &Selection::default())
}

fn report_of(world: &World, selection: &Selection) -> Report {
    let desired = Desired::new(world.desired.clone(), Vec::new(), world.desired.len());
    drift::drift(&desired, &world.observed, &world.ledger, &world.policy, world.now, selection)
}

fn desk() -> World {
    World::applied(vec![
        support("zhang", "1", &[("mobile", text("132"))]),
        permission(&declared("zhang"), true),
        shift(&declared("zhang"), "2026-12-02", "09:00", "18:00", "早班"),
        shift(&declared("zhang"), "2026-12-03", "22:00", "06:00", "夜班"),
        agent("8001", &[("name", text("张三")), ("skillGroup", text("售后"))]),
    ])
}

fn told(list: &[drift::Drifted]) -> Vec<String> {
    let fields = |drifted: &drift::Drifted| {
        let kind = drifted.address.kind;
        let field = |drift: &drift::FieldDrift| format!("{} {:?} {:?}", drift.field.name(kind), drift.seen, drift.live);
        drifted.fields.iter().map(field).collect::<Vec<_>>().join(", ")
    };
    list.iter().map(|drifted| format!("{}: {}", drifted.address, fields(drifted))).collect()
}

#[test]
fn what_nobody_touched_has_not_drifted_whatever_the_manifests_want_now() {
    let mut world = desk();
    world.declare(support("zhang", "1", &[("mobile", text("999"))]));
    world.undeclare("shift/zhang/2026-12-02T09:00");
    let report = report(&world);
    assert!(report.is_empty(), "{report:?}");
    assert_eq!(report.compared, [(Kind::Support, 1), (Kind::Shift, 2), (Kind::Agent, 1)].into());
    assert_eq!(report.unreadable, 1);
}

#[test]
fn kept_and_reverted_fields_of_one_object_are_told_apart() {
    let mut world = desk();
    world.policy.drift_of_field.insert((Kind::Agent, Kind::Agent.key("skillGroup").unwrap()), Drift::Keep);
    world.drift("agent/8001", "name", text("李四"));
    world.drift("agent/8001", "skillGroup", text("售前"));
    let report = report(&world);
    assert_eq!(told(&report.kept), ["agent/8001: skillGroup Text(\"售后\") Text(\"售前\")"]);
    assert_eq!(told(&report.reverted), ["agent/8001: name Text(\"张三\") Text(\"李四\")"]);
}

#[test]
fn what_vanished_is_told_and_who_lies_in_the_bin() {
    let mut world = desk();
    world.vanish("shift/zhang/2026-12-02T09:00");
    world.vanish("agent/8001");
    let person = world.observed.supports.remove(0);
    world.observed.recycled.push(person);
    let gone: Vec<(String, bool)> = report(&world).vanished.iter().map(|gone| (gone.address.to_string(), gone.recycled)).collect();
    let expected = [("support/zhang", true), ("shift/zhang/2026-12-02T09:00", false), ("agent/8001", false)];
    assert_eq!(gone, expected.map(|(address, recycled)| (address.to_owned(), recycled)));
}

#[test]
fn half_a_night_is_drift_of_its_end() {
    let mut world = desk();
    let second = world.entry("shift/zhang/2026-12-03T22:00").remotes[1].clone();
    world.observed.duties.retain(|duty| duty.remote != second);
    assert_eq!(told(&report(&world).reverted), ["shift/zhang/2026-12-03T22:00: end Text(\"06:00\") Text(\"23:59\")"]);
}

#[test]
fn shifts_that_are_over_are_facts() {
    let mut world = desk();
    world.now = "2026-12-02T18:00".parse().unwrap();
    world.vanish("shift/zhang/2026-12-02T09:00");
    let report = report(&world);
    assert!(report.is_empty(), "{report:?}");
    assert_eq!(report.compared[&Kind::Shift], 1);
}

#[test]
fn a_field_that_a_manifest_leaves_alone_does_not_drift() {
    let mut world = desk();
    world.drift("support/zhang", "mobile", text("999"));
    assert_eq!(report(&world).reverted.len(), 1);
    let mobile = Kind::Support.key("mobile").unwrap();
    world.declare(with(support("zhang", "1", &[("mobile", text("132"))]), |lifecycle| lifecycle.ignore = vec![mobile]));
    assert!(report(&world).is_empty());
}

#[test]
fn a_value_that_the_platform_rewrote_is_compared_with_what_it_showed() {
    let mut world = desk();
    let entry_id = world.entry("support/zhang").id();
    let mobile = Kind::Support.key("mobile").unwrap();
    let rewritten = text("+86 132");
    world.ledger.entries.get_mut(&entry_id).unwrap().seen.as_mut().unwrap().insert(mobile.clone(), rewritten.clone());
    world.drift("support/zhang", "mobile", rewritten);
    assert!(report(&world).is_empty());
}

#[test]
fn an_emptied_custom_field_is_drift_and_its_owner_is_read_by_id() {
    let custom = deskform_model::FieldKey::Custom("field_1".into());
    let mut person = support("zhang", "1", &[]);
    person.values.insert(custom.clone(), text("x"));
    let mut world = World::applied(vec![person]);
    let needs = drift::needs(&world.ledger, world.now, &Selection::default());
    assert_eq!(needs.detail_accounts.into_iter().collect::<Vec<_>>(), ["1"]);
    world.observed.supports[0].values.remove(&custom);
    let found = report(&world);
    assert_eq!((&found.reverted[0].fields[0].seen, &found.reverted[0].fields[0].live), (&text("x"), &Value::Null));
}

#[test]
fn only_what_was_selected_is_read_and_compared() {
    let mut world = desk();
    world.vanish("agent/8001");
    world.drift("support/zhang", "mobile", text("999"));
    let narrowing = Narrowing { targets: vec!["support".parse().unwrap()], ..Narrowing::default() };
    let desired = Desired::new(world.desired.clone(), Vec::new(), 1);
    let selection = narrowing.choose(&desired, &world.ledger, &world.policy).unwrap();
    let needs = drift::needs(&world.ledger, world.now, &selection);
    assert!(needs.supports && !needs.agents && needs.duties.is_none());
    let report = report_of(&world, &selection);
    assert_eq!((report.vanished.len(), report.reverted.len()), (0, 1));
    assert_eq!(report.reverted[0].address, Address::support("zhang"));
}

#[test]
fn what_is_not_owned_does_not_drift() {
    let mut world = desk();
    world.disown("agent/8001");
    world.drift("support/zhang", "mobile", text("132"));
    world.observed.agents[0].remote = id("9");
    assert!(report(&world).is_empty());
}
