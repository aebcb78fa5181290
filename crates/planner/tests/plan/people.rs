//! People: the recycle bin, replacement, references.

use deskform_model::{Person, Value};
use deskform_planner::PlanProblem;
use deskform_planner::plan::{Action, PersonTarget};

use crate::world::{World, absent, declared, id, permission, released, shift, support, text, with};

#[test]
fn an_account_in_the_bin_is_restored_and_brought_up_to_date() {
    let mut world = World::applied(vec![support("a", "1", &[("mobile", text("1"))])]);
    world.recycle("support/a");
    assert_eq!(world.summary(), ["restore [] support/a"]);
    world.declare(support("a", "1", &[("mobile", text("2"))]));
    assert_eq!(world.summary(), ["restore [mobile] support/a"]);
}

#[test]
fn an_account_that_left_the_bin_is_created() {
    let mut world = World::applied(vec![support("a", "1", &[])]);
    world.recycle("support/a");
    world.observed.recycled.clear();
    assert_eq!(world.summary(), ["create support/a"]);
}

#[test]
fn what_a_restored_person_needs_waits_for_the_restore() {
    let mut world = World::applied(vec![support("a", "1", &[])]);
    world.recycle("support/a");
    world.declare(permission(&declared("a"), true));
    let plan = world.plan();
    let waiting = plan.changes.iter().find(|change| matches!(change.action, Action::Create { .. })).unwrap();
    assert_eq!(waiting.person, Some(PersonTarget::Live(id("1"))));
    assert!(matches!(plan.get(waiting.waits_for[0]).action, Action::Restore { .. }));
}

#[test]
fn replacing_a_person_moves_everything_before_the_old_account_goes() {
    let mut world = World::applied(vec![
        support("a", "1", &[]),
        permission(&declared("a"), true),
        shift(&declared("a"), "2026-12-03", "09:00", "18:00", "早班"),
    ]);
    world.declare(with(support("a", "2", &[]), |lifecycle| lifecycle.replace = true));
    assert_eq!(
        world.summary(),
        [
            "delete support/a",
            "create support/a",
            "delete permission/a/callCenter",
            "create permission/a/callCenter",
            "delete shift/a/2026-12-03T09:00",
            "create shift/a/2026-12-03T09:00",
        ]
    );
    let plan = world.plan();
    let waits = |at: usize| plan.changes[at].waits_for.iter().map(|id| id.0).collect::<Vec<_>>();
    assert_eq!(waits(0), [1, 2, 3, 4, 5], "the old account goes last");
    assert_eq!(waits(2), [1, 3], "the old permission after the new one");
    assert_eq!(waits(4), [1, 5], "the old shift after the new one");
    assert_eq!(waits(3), [1]);
}

#[test]
fn a_refused_person_blocks_what_depends_on_them() {
    let mut world = World::applied(vec![support("a", "1", &[])]);
    world.declare(support("a", "2", &[]));
    world.declare(permission(&declared("a"), true));
    let plan = world.plan();
    assert_eq!(plan.changes[1].waits_for.len(), 1);
    assert!(matches!(plan.get(plan.changes[1].waits_for[0]).action, Action::Refuse { .. }));
}

#[test]
fn a_person_goes_after_permission_shift_and_seat() {
    let mut world = World::applied(vec![
        support("a", "1", &[]),
        permission(&declared("a"), true),
        shift(&declared("a"), "2026-12-03", "09:00", "18:00", "早班"),
    ]);
    world.desired.clear();
    world.declare(absent(support("a", "1", &[])));
    let plan = world.plan();
    assert_eq!(world.summary(), ["delete support/a", "delete permission/a/callCenter", "delete shift/a/2026-12-03T09:00"]);
    assert_eq!(plan.changes[0].waits_for.len(), 2);
    assert!(plan.changes[1].waits_for.is_empty(), "access is taken away before anything else waits");
}

#[test]
fn references_by_account_and_id_find_people_who_are_not_declared() {
    let mut world = World::applied(vec![support("a", "139", &[])]);
    world.desired.clear();
    world.ledger.entries.clear();
    world.declare(permission(&Person::Account("139".into()), true));
    assert_eq!(world.plan().changes[0].person, Some(PersonTarget::Live(id("1"))));
    world.desired.clear();
    world.declare(permission(&Person::Id("7".into()), true));
    assert!(matches!(&world.try_plan().unwrap_err()[..], [PlanProblem::UnknownId { .. }]));
}

#[test]
fn the_same_permission_through_two_references_is_a_problem() {
    let mut world = World::applied(vec![support("a", "139", &[])]);
    world.declare(permission(&declared("a"), true));
    world.declare(permission(&Person::Id("1".into()), false));
    assert!(matches!(&world.try_plan().unwrap_err()[..], [PlanProblem::SameObject { .. }]));
}

#[test]
fn the_own_account_is_neither_recycled_nor_demoted() {
    let admin = || support("boss", "admin", &[("admin", Value::Flag(true))]);
    let mut world = World::applied(vec![admin()]);
    world.declare(absent(admin()));
    assert!(matches!(&world.try_plan().unwrap_err()[..], [PlanProblem::OwnAccount { deed: "deleted", .. }]));
    world.declare(support("boss", "admin", &[("admin", Value::Flag(false))]));
    assert!(matches!(&world.try_plan().unwrap_err()[..], [PlanProblem::OwnAccount { deed: "demoted", .. }]));
}

#[test]
fn two_live_supports_of_one_account_are_reported_not_picked() {
    let mut world = World::applied(vec![support("a", "139", &[])]);
    let mut twin = world.observed.supports[0].clone();
    twin.remote = id("77");
    world.observed.supports.push(twin);
    assert!(matches!(&world.try_plan().unwrap_err()[..], [PlanProblem::AmbiguousAccount { ids, .. }] if ids.len() == 2));
}

#[test]
fn swapped_accounts_move_and_are_not_replaced() {
    let mut world = World::applied(vec![support("a", "1", &[]), support("b", "2", &[])]);
    world.declare(support("a", "2", &[]));
    world.declare(support("b", "1", &[]));
    let plan = world.plan();
    assert!(!plan.has_writes());
    assert!(plan.changes.iter().all(|change| change.bookkeeping.moved_from.is_some()));
}

#[test]
fn what_belongs_to_a_released_person_is_released_and_not_taken_away() {
    let mut world = World::applied(vec![
        support("a", "1", &[]),
        permission(&declared("a"), true),
        shift(&declared("a"), "2026-12-03", "09:00", "18:00", "早班"),
    ]);
    // Their permission came by a label, which no longer chooses them.
    world.desired.clear();
    world.declare(released(support("a", "1", &[])));
    assert_eq!(world.summary(), ["forget support/a", "forget permission/a/callCenter", "forget shift/a/2026-12-03T09:00"]);
    // The same where the permission says so itself.
    world.declare(released(permission(&declared("a"), true)));
    world.declare(released(shift(&declared("a"), "2026-12-03", "09:00", "18:00", "早班")));
    assert_eq!(world.summary(), ["forget support/a", "forget permission/a/callCenter", "forget shift/a/2026-12-03T09:00"]);
}

#[test]
fn an_account_that_was_theirs_before_comes_out_of_the_bin() {
    let replaced = |account| with(support("a", account, &[]), |lifecycle| lifecycle.replace = true);
    let mut world = World::applied(vec![replaced("1")]);
    world.recycle("support/a");
    let second = replaced("2");
    world.apply(&second);
    world.desired = vec![replaced("1"), permission(&declared("a"), true)];
    let plan = world.plan();
    assert_eq!(world.summary(), ["delete support/a", "restore [] support/a", "create permission/a/callCenter"]);
    assert_eq!(plan.changes[0].waits_for.iter().map(|id| id.0).collect::<Vec<_>>(), [1, 2], "the old account goes last");
}

#[test]
fn a_replacement_that_was_broken_off_goes_on() {
    let replaced = |account| with(support("a", account, &[]), |lifecycle| lifecycle.replace = true);
    let mut world = World::applied(vec![replaced("1")]);
    let new = replaced("2");
    world.apply(&new);
    world.desired = vec![new];
    // The new account is there, the old one was not deleted.
    assert_eq!(world.summary(), ["delete support/a"]);
}

#[test]
fn a_permission_that_left_the_manifests_of_somebody_in_the_bin_is_switched_off_after_the_restore() {
    let mut world = World::applied(vec![support("a", "1", &[]), permission(&declared("a"), true)]);
    let object = world.observed.supports.remove(0);
    world.observed.recycled.push(object);
    world.undeclare("permission/a/callCenter");
    assert_eq!(world.summary(), ["restore [] support/a", "delete permission/a/callCenter"]);
    assert_eq!(world.plan().changes[1].waits_for.len(), 1);
}

#[test]
fn access_is_taken_from_somebody_who_cannot_be_as_declared() {
    let mut world = World::applied(vec![support("a", "1", &[]), permission(&declared("a"), true)]);
    world.declare(support("a", "2", &[]));
    world.declare(permission(&declared("a"), false));
    let plan = world.plan();
    assert_eq!(world.summary(), ["refuse support/a", "update [enabled] permission/a/callCenter"]);
    assert!(plan.changes[1].waits_for.is_empty());
}

#[test]
fn a_reference_by_an_account_that_two_people_have_is_a_problem() {
    let mut world = World::applied(vec![support("a", "139", &[])]);
    let mut twin = world.observed.supports[0].clone();
    twin.remote = id("77");
    world.observed.supports.push(twin);
    world.desired.clear();
    world.declare(permission(&Person::Account("139".into()), true));
    assert!(matches!(&world.try_plan().unwrap_err()[..], [PlanProblem::AmbiguousAccount { ids, .. }] if ids.len() == 2));
}

#[test]
fn a_custom_field_that_somebody_emptied_is_drift() {
    let mut world = World::applied(vec![support("a", "1", &[("customFields.field_2", text("甲"))])]);
    let values = &mut world.observed.supports[0].values;
    values.remove(&deskform_model::FieldKey::Custom("field_2".into()));
    assert_eq!(world.summary(), ["update [customFields.field_2] support/a"]);
}
