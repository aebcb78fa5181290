//! What is owned and no longer declared.

use deskform_model::Kind;
use deskform_planner::brake::{self, Brake, Limit, Settings};
use deskform_planner::plan::NoteKind;
use deskform_planner::policy::Absence;

use crate::world::{World, agent, declared, permission, shift, support, with};

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

#[test]
fn no_manifests_and_too_many_deletions_are_refused() {
    let mut world = World::applied(vec![support("a", "1", &[]), permission(&declared("a"), true)]);
    world.desired.clear();
    let plan = world.plan();
    let settings = Settings {
        limits: [(Kind::Permission, Limit { max_deletions: Some(0), max_deletion_percent: None })].into(),
        manifests: 0,
        destroy: false,
    };
    let brakes = brake::check(&plan, &settings);
    assert!(matches!(brakes[0], Brake::NoManifests { owned: 2 }));
    assert!(matches!(brakes[1], Brake::TooManyDeletions { kind: Kind::Permission, deletions: 1, owned: 1, .. }));
    assert!(brake::check(&plan, &Settings { destroy: true, ..settings }).is_empty());
}

#[test]
fn protection_outlives_the_manifest() {
    let mut world = World::applied(vec![with(agent("8001", &[]), |lifecycle| lifecycle.protect = true)]);
    world.undeclare("agent/8001");
    world.policy.absence.insert(Kind::Agent, Absence::Delete);
    assert!(matches!(
        brake::check(&world.plan(), &Settings { manifests: 1, ..Settings::default() })[..],
        [Brake::Protected { count: 1, .. }]
    ));
    // Removing it while the manifest exists is a change that the ledger learns.
    world.declare(agent("8001", &[]));
    assert_eq!(world.summary(), ["record agent/8001"]);
}

#[test]
fn a_protected_permission_is_not_switched_off_by_a_tombstone_in_one_go() {
    use crate::world::absent;
    let protected = with(permission(&declared("a"), true), |lifecycle| lifecycle.protect = true);
    let mut world = World::applied(vec![support("a", "1", &[]), protected]);
    world.declare(absent(permission(&declared("a"), true)));
    let brakes = brake::check(&world.plan(), &Settings { manifests: 2, ..Settings::default() });
    assert!(matches!(brakes[..], [Brake::Protected { count: 1, .. }]), "{brakes:?}");
}
