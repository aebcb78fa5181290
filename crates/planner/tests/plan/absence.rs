//! What is owned and no longer declared.

use deskform_model::Kind;
use deskform_planner::plan::NoteKind;
use deskform_planner::policy::Absence;

use crate::world::{World, agent, declared, permission, shift, support};

#[test]
fn people_and_seats_are_kept_permissions_and_shifts_go() {
    let mut world = World::applied(vec![
        support("a", "1", &[]),
        permission(&declared("a"), true),
        shift(&declared("a"), "2026-12-03", "09:00", "18:00", "早班"),
        agent("8001", &[]),
    ]);
    world.desired.clear();
    assert_eq!(world.summary(), ["delete permission/a/callCenter", "delete shift/a/2026-12-03T09:00"]);
    let kept: Vec<_> = world.plan().notes.into_iter().map(|note| (note.address.to_string(), note.what)).collect();
    assert_eq!(kept, [("support/a".to_owned(), NoteKind::NoLongerDeclared), ("agent/8001".to_owned(), NoteKind::NoLongerDeclared)]);
}

#[test]
fn the_setting_decides_per_kind() {
    let mut world = World::applied(vec![agent("8001", &[])]);
    world.desired.clear();
    world.policy.absence.insert(Kind::Agent, Absence::Delete);
    assert_eq!(world.summary(), ["delete agent/8001"]);
}

#[test]
fn nothing_is_deleted_that_the_ledger_does_not_own() {
    let mut world =
        World::applied(vec![support("a", "1", &[]), shift(&declared("a"), "2026-12-03", "09:00", "18:00", ""), agent("8001", &[])]);
    world.policy.destroy = true;
    world.desired.clear();
    world.ledger.entries.clear();
    let plan = world.plan();
    assert!(plan.is_empty());
    assert_eq!(plan.unmanaged.values().sum::<usize>(), 3);
}

#[test]
fn a_permission_that_is_off_is_only_forgotten() {
    let mut world = World::applied(vec![support("a", "1", &[]), permission(&declared("a"), false)]);
    world.undeclare("permission/a/callCenter");
    assert_eq!(world.summary(), ["forget permission/a/callCenter"]);
}

#[test]
fn destroy_takes_everything_that_is_owned() {
    let mut world = World::applied(vec![support("a", "1", &[]), permission(&declared("a"), true), agent("8001", &[])]);
    world.desired.clear();
    world.policy.destroy = true;
    assert_eq!(world.summary(), ["delete support/a", "delete permission/a/callCenter", "delete agent/8001"]);
}
