//! What waits for what.

use crate::world::{World, agent, declared, permission, shift, support};

#[test]
fn a_person_comes_before_permission_shifts_and_linked_seat() {
    let mut seat = agent("8001", &[]);
    seat.support = Some(Box::new(declared("a")));
    let world = World::new(vec![
        seat,
        shift(&declared("a"), "2026-12-03", "09:00", "18:00", ""),
        permission(&declared("a"), true),
        support("a", "1", &[]),
    ]);
    let plan = world.plan();
    for change in &plan.changes[1..] {
        let first: Vec<String> = change.waits_for.iter().map(|id| plan.get(*id).address.to_string()).collect();
        assert_eq!(first, ["support/a"], "{}", change.address);
    }
}

#[test]
fn what_is_new_comes_before_what_goes_within_a_day() {
    let person = declared("a");
    let mut world = World::applied(vec![
        support("a", "1", &[]),
        shift(&person, "2026-12-03", "09:00", "12:00", "早班"),
        shift(&person, "2026-12-03", "13:00", "18:00", "午班"),
        shift(&person, "2026-12-04", "09:00", "12:00", "早班"),
    ]);
    world.undeclare("shift/a/2026-12-03T13:00");
    world.undeclare("shift/a/2026-12-04T09:00");
    world.declare(shift(&person, "2026-12-03", "09:00", "18:00", "早班"));
    let plan = world.plan();
    assert_eq!(
        world.summary(),
        ["update [end] shift/a/2026-12-03T09:00", "delete shift/a/2026-12-03T13:00", "delete shift/a/2026-12-04T09:00"]
    );
    assert_eq!(plan.changes[1].waits_for.len(), 1);
    assert!(plan.changes[2].waits_for.is_empty(), "other days do not wait");
}

#[test]
fn a_replaced_seat_is_deleted_before_its_number_is_used_again() {
    use crate::world::with;
    use deskform_model::Value;
    let mut world = World::applied(vec![agent("8001", &[("video", Value::Flag(false))])]);
    world.declare(with(agent("8001", &[("video", Value::Flag(true))]), |lifecycle| lifecycle.replace = true));
    let plan = world.plan();
    assert_eq!(plan.changes[1].waits_for.iter().map(|id| id.0).collect::<Vec<_>>(), [0]);
}
