//! What refuses a plan, and what lets it pass all the same.

use deskform_model::{Address, Desired, Kind, Value};
use deskform_planner::brake::{
    self, Brake, KindVanished, LastAdmin, Limit, Lineage, Protected, Releases, ReplacesPerson, Settings, Verdict,
};
use deskform_planner::policy::Absence;

use crate::world::{World, absent, agent, declared, permission, shift, support, text, with};

/// Everything that the brakes find with these limits and nothing released.
fn refused_with(world: &World, limits: &[(Kind, Limit)]) -> Vec<Brake> {
    judged(world, limits, &[]).refused
}

fn refused(world: &World) -> Vec<Brake> {
    refused_with(world, &[])
}

fn judged(world: &World, limits: &[(Kind, Limit)], allow: &[&str]) -> Verdict {
    let desired = Desired::new(world.desired.clone(), Vec::new(), world.desired.len());
    let settings = Settings::new(limits.iter().copied().collect(), &desired, world.policy.destroy);
    let allow: Vec<_> = allow.iter().map(|text| text.parse().unwrap()).collect();
    brake::check(&world.plan(), &settings, &Releases { allow: &allow, documents: &[], today: world.now.date() })
}

fn admin(name: &str, account: &str) -> deskform_model::Resource {
    support(name, account, &[("admin", Value::Flag(true))])
}

fn addresses(texts: &[&str]) -> Vec<Address> {
    texts.iter().map(|text| Address::parse(text).unwrap()).collect()
}

#[test]
fn an_empty_set_of_manifests_and_too_many_deletions_are_told_apart() {
    let mut world = World::applied(vec![support("a", "1", &[]), permission(&declared("a"), true)]);
    world.desired.clear();
    let none = Limit { max_deletions: Some(0), max_deletion_percent: None };
    let codes = |world: &World| refused_with(world, &[(Kind::Permission, none)]).iter().map(Brake::code).collect::<Vec<_>>();
    assert_eq!(codes(&world), ["no-manifests", "too-many-deletions"]);
    world.policy.destroy = true;
    assert_eq!(codes(&world), Vec::<&str>::new(), "destroy is asked for by name");
}

#[test]
fn a_brake_tells_what_how_many_and_the_first_five() {
    let shifts = (1..=7).map(|day| shift(&declared("a"), &format!("2026-12-{:02}", day + 1), "09:00", "18:00", ""));
    let mut world = World::applied([support("a", "1", &[])].into_iter().chain(shifts).collect());
    world.desired.truncate(2);
    let limit = Limit { max_deletions: Some(100), max_deletion_percent: Some(30) };
    let brakes = refused_with(&world, &[(Kind::Shift, limit)]);
    assert_eq!(brakes.len(), 1);
    assert_eq!(brakes[0].message(), "the plan deletes 6 of 7 shifts; at most 30 % may go at once");
    assert_eq!(brakes[0].number(), 6);
    assert_eq!(
        brakes[0].first(),
        addresses(&[
            "shift/a/2026-12-03T09:00",
            "shift/a/2026-12-04T09:00",
            "shift/a/2026-12-05T09:00",
            "shift/a/2026-12-06T09:00",
            "shift/a/2026-12-07T09:00"
        ])
    );
}

#[test]
fn a_kind_of_which_nothing_is_declared_any_more_is_refused() {
    let mut world = World::applied(vec![support("a", "1", &[]), permission(&declared("a"), true)]);
    world.undeclare("permission/a/callCenter");
    let vanished = KindVanished { kind: Kind::Permission, deletions: 1, first: addresses(&["permission/a/callCenter"]) };
    let brakes = refused(&world);
    assert_eq!(brakes, [Brake::KindVanished(vanished)]);
    assert_eq!(brakes[0].message(), "no permission is declared any more, and the plan deletes 1 permission");
}

#[test]
fn a_kind_that_is_kept_or_named_by_a_tombstone_has_not_vanished() {
    let mut world = World::applied(vec![support("a", "1", &[]), agent("8001", &[]), agent("8002", &[])]);
    world.undeclare("agent/8001");
    world.undeclare("agent/8002");
    assert_eq!(refused(&world), [], "seats are kept");
    world.policy.absence.insert(Kind::Agent, Absence::Delete);
    assert_eq!(refused(&world).len(), 1);
    world.declare(absent(agent("8001", &[])));
    assert_eq!(refused(&world), [], "a tombstone shows that the file is there");
}

#[test]
fn protection_outlives_the_manifest() {
    let mut world = World::applied(vec![support("a", "1", &[]), agent("8002", &[]), {
        with(agent("8001", &[]), |lifecycle| lifecycle.protect = true)
    }]);
    world.undeclare("agent/8001");
    world.policy.absence.insert(Kind::Agent, Absence::Delete);
    let brakes = refused(&world);
    assert_eq!(brakes, [Brake::Protected(Protected { kind: Kind::Agent, count: 1, first: addresses(&["agent/8001"]) })]);
    assert_eq!(brakes[0].message(), "the plan deletes 1 seat, which is protected");
    // Removing it while the manifest exists is a change that the ledger learns.
    world.declare(agent("8001", &[]));
    assert_eq!(world.summary(), ["record agent/8001"]);
}

#[test]
fn destroy_respects_protection() {
    let mut world = World::applied(vec![with(agent("8001", &[]), |lifecycle| lifecycle.protect = true)]);
    world.desired.clear();
    world.policy.destroy = true;
    assert!(matches!(refused(&world)[..], [Brake::Protected(_)]));
}

#[test]
fn replacing_a_person_is_refused_until_it_is_released() {
    let mut world = World::applied(vec![support("a", "1", &[]), support("b", "2", &[])]);
    world.declare(with(support("a", "9", &[]), |lifecycle| lifecycle.replace = true));
    let brakes = refused(&world);
    assert_eq!(brakes, [Brake::ReplacesPerson(ReplacesPerson { people: 1, first: addresses(&["support/a"]) })]);
    assert_eq!(brakes[0].message(), "the plan gives 1 person a new account and recycles the old one");
    assert_eq!(judged(&world, &[], &["replaces-person"]).refused, []);
}

#[test]
fn replacing_a_seat_is_no_brake() {
    let mut world = World::applied(vec![agent("8001", &[("audio", Value::Flag(true))])]);
    world.declare(with(agent("8001", &[("audio", Value::Flag(false))]), |lifecycle| lifecycle.replace = true));
    assert_eq!(world.summary(), ["delete agent/8001", "create agent/8001"]);
    assert_eq!(refused(&world), []);
}

#[test]
fn deleting_or_demoting_the_last_admin_is_refused() {
    let mut world = World::applied(vec![admin("a", "1"), support("b", "2", &[])]);
    let last = || vec![Brake::LastAdmin(LastAdmin { removed: 1, first: addresses(&["support/a"]) })];
    world.declare(absent(admin("a", "1")));
    assert_eq!(refused(&world), last());
    world.declare(support("a", "1", &[("admin", Value::Flag(false))]));
    assert_eq!(refused(&world), last());
    assert_eq!(last()[0].message(), "the plan removes or demotes the last administrator of the helpdesk");
}

#[test]
fn an_admin_may_go_while_another_one_is_left() {
    let mut world = World::applied(vec![admin("a", "1"), admin("b", "2")]);
    world.declare(absent(admin("a", "1")));
    assert_eq!(refused(&world), []);
    assert_eq!(world.plan().admins.left, 1);
    world.declare(support("b", "2", &[("admin", Value::Flag(false))]));
    assert_eq!(refused(&world), [Brake::LastAdmin(LastAdmin { removed: 2, first: addresses(&["support/a", "support/b"]) })]);
}

#[test]
fn an_admin_whom_nobody_declares_counts() {
    let mut world = World::applied(vec![admin("a", "1"), admin("b", "2")]);
    world.undeclare("support/b");
    world.disown("support/b");
    world.declare(absent(admin("a", "1")));
    assert_eq!(refused(&world), []);
}

#[test]
fn an_admin_whom_the_plan_makes_promotes_or_restores_counts() {
    let mut world = World::applied(vec![admin("a", "1"), support("b", "2", &[("admin", Value::Flag(false))]), admin("c", "3")]);
    world.recycle("support/c");
    world.undeclare("support/c");
    world.declare(absent(admin("a", "1")));
    assert!(matches!(refused(&world)[..], [Brake::LastAdmin(_)]));
    let base = world.desired.clone();
    for new in [admin("b", "2"), admin("c", "3"), support("c", "3", &[]), admin("d", "4")] {
        world.desired.clone_from(&base);
        world.declare(new);
        assert_eq!(refused(&world), [], "{:?}", world.summary());
    }
}

#[test]
fn a_plan_that_takes_no_admin_away_is_not_asked_who_is_left() {
    let mut world = World::applied(vec![support("a", "1", &[("mobile", text("1"))])]);
    world.declare(absent(support("a", "1", &[])));
    assert_eq!(refused(&world), []);
}

#[test]
fn a_protected_permission_is_not_switched_off_by_a_tombstone_in_one_go() {
    let protected = with(permission(&declared("a"), true), |lifecycle| lifecycle.protect = true);
    let mut world = World::applied(vec![support("a", "1", &[]), protected]);
    world.declare(absent(permission(&declared("a"), true)));
    let brakes = refused(&world);
    assert!(matches!(&brakes[..], [Brake::Protected(found)] if found.count == 1), "{brakes:?}");
}

/// What the brakes find when the manifests lack what was applied last.
fn behind(world: &World, lineage: Lineage, allow: &[&str]) -> Verdict {
    let desired = Desired::new(world.desired.clone(), Vec::new(), world.desired.len());
    let settings = Settings { lineage, ..Settings::new([].into(), &desired, false) };
    let allow: Vec<_> = allow.iter().map(|text| text.parse().unwrap()).collect();
    brake::check(&world.plan(), &settings, &Releases { allow: &allow, documents: &[], today: world.now.date() })
}

fn lacking() -> Lineage {
    Lineage::Behind { ledger: "their-merge".into(), ours: "my-branch".into() }
}

#[test]
fn a_branch_that_lacks_what_was_applied_last_changes_and_removes_nothing() {
    let mut world = World::applied(vec![
        support("a", "1", &[("mobile", text("1"))]),
        support("b", "2", &[]),
        permission(&declared("a"), true),
        permission(&declared("b"), true),
    ]);
    world.declare(support("a", "1", &[("mobile", text("2"))]));
    world.undeclare("permission/b/callCenter");
    let refused = behind(&world, lacking(), &[]).refused;
    assert_eq!(refused.len(), 1);
    assert_eq!((refused[0].code(), refused[0].number()), ("behind", 2));
    assert_eq!(refused[0].first(), addresses(&["support/a", "permission/b/callCenter"]));
    assert_eq!(
        refused[0].message(),
        "revision their-merge was applied last and is not part of my-branch, and the plan changes or removes 2 objects"
    );
    assert!(behind(&world, lacking(), &["behind"]).refused.is_empty());
    for lineage in [Lineage::Unknown, Lineage::Same, Lineage::Ahead] {
        assert!(behind(&world, lineage, &[]).refused.is_empty());
    }
}

#[test]
fn what_is_new_takes_nothing_back_and_who_comes_out_of_the_bin_may() {
    let mut world = World::applied(vec![support("a", "1", &[]), support("b", "2", &[])]);
    world.declare(support("c", "3", &[]));
    assert!(behind(&world, lacking(), &[]).refused.is_empty());
    world.recycle("support/b");
    assert_eq!(behind(&world, lacking(), &[]).refused.len(), 1);
}
