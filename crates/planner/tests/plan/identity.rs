//! Names carry no identity: moving, renaming and taking over.

use deskform_model::{Address, Value};
use deskform_planner::plan::{Action, Reason};

use crate::world::{World, absent, agent, declared, permission, released, shift, support, text};

fn everything() -> Vec<deskform_model::Resource> {
    vec![
        support("zhang-san", "139", &[("mobile", text("132")), ("groups", Value::set(["2".into(), "1".into()]))]),
        permission(&declared("zhang-san"), true),
        shift(&declared("zhang-san"), "2026-12-03", "09:00", "18:00", "早班"),
        shift(&declared("zhang-san"), "2026-12-04", "22:00", "06:00", "夜班"),
        agent("8001", &[("name", text("张三")), ("role", text("客服"))]),
    ]
}

#[test]
fn what_was_applied_needs_nothing() {
    let plan = World::applied(everything()).plan();
    assert!(plan.is_empty(), "{:?}", plan.changes);
    assert_eq!(plan.unchanged.values().sum::<usize>(), 5);
    assert!(plan.notes.is_empty());
}

#[test]
fn an_empty_world_is_created_whole() {
    let world = World::new(everything());
    assert_eq!(
        world.summary(),
        [
            "create support/zhang-san",
            "create permission/zhang-san/callCenter",
            "create shift/zhang-san/2026-12-03T09:00",
            "create shift/zhang-san/2026-12-04T22:00",
            "create agent/8001",
        ]
    );
}

#[test]
fn the_same_inputs_in_another_order_give_the_same_plan() {
    let mut world = World::new(everything());
    let first = world.plan();
    world.desired.reverse();
    assert_eq!(first, world.plan());
}

#[test]
fn renaming_a_document_moves_and_changes_nothing() {
    let mut world = World::applied(everything());
    for resource in &mut world.desired {
        resource.address.label = resource.address.label.replace("zhang-san", "张三").into();
        if let deskform_model::NaturalKey::Permission { person, .. } | deskform_model::NaturalKey::Shift { person, .. } = &mut resource.key
        {
            *person = declared("张三");
        }
    }
    let plan = world.plan();
    assert!(!plan.has_writes());
    assert_eq!(plan.changes.len(), 4, "{:?}", world.summary());
    assert!(plan.changes.iter().all(|change| change.bookkeeping.moved_from.is_some()));
}

#[test]
fn what_exists_and_is_not_owned_is_taken_over() {
    let mut world = World::applied(everything());
    for address in ["support/zhang-san", "agent/8001", "shift/zhang-san/2026-12-04T22:00"] {
        world.disown(address);
    }
    let plan = world.plan();
    let adopted: Vec<String> =
        plan.changes.iter().filter(|change| change.bookkeeping.adopted).map(|change| change.address.to_string()).collect();
    assert_eq!(adopted, ["support/zhang-san", "shift/zhang-san/2026-12-04T22:00", "agent/8001"]);
    // The role cannot be read and is written once more; the rest is only recorded.
    assert_eq!(world.summary()[2], "update [role] agent/8001");
}

#[test]
fn a_live_shift_of_other_hours_is_left_alone_and_counted() {
    let mut world = World::applied(everything());
    let other = shift(&declared("zhang-san"), "2026-12-03", "19:00", "20:00", "早班");
    world.duties(&crate::world::id("1"), &other);
    let plan = world.plan();
    assert!(plan.is_empty());
    assert_eq!(plan.unmanaged[&deskform_model::Kind::Shift], 1);
}

#[test]
fn adoption_can_be_refused() {
    let mut world = World::applied(everything());
    world.disown("agent/8001");
    world.policy.adopt = false;
    assert_eq!(world.summary(), ["refuse agent/8001"]);
}

#[test]
fn gone_from_both_is_forgotten() {
    let mut world = World::applied(everything());
    world.vanish("agent/8001");
    world.undeclare("agent/8001");
    assert_eq!(world.summary(), ["forget agent/8001"]);
}

#[test]
fn what_vanished_is_made_again_and_the_old_entry_is_void() {
    let mut world = World::applied(everything());
    world.vanish("shift/zhang-san/2026-12-04T22:00");
    let plan = world.plan();
    assert_eq!(plan.changes.len(), 1);
    assert_eq!(plan.changes[0].reason, Reason::Vanished);
    assert_eq!(plan.changes[0].bookkeeping.voids, [world.entry("shift/zhang-san/2026-12-04T22:00").id()]);
}

#[test]
fn a_tombstone_deletes_what_somebody_else_made() {
    let mut world = World::applied(vec![agent("8001", &[])]);
    world.disown("agent/8001");
    world.declare(absent(agent("8001", &[])));
    assert_eq!(world.summary(), ["delete agent/8001"]);
    world.observed.agents.clear();
    assert!(world.plan().is_empty());
}

#[test]
fn released_is_kept_and_forgotten() {
    let mut world = World::applied(vec![agent("8001", &[])]);
    world.declare(released(agent("8001", &[])));
    assert_eq!(world.summary(), ["forget agent/8001"]);
    world.disown("agent/8001");
    assert!(world.plan().is_empty());
}

#[test]
fn a_tombstone_switches_a_permission_off_once() {
    let mut world = World::applied(vec![support("a", "1", &[]), permission(&declared("a"), true)]);
    world.declare(absent(permission(&declared("a"), true)));
    let plan = world.plan();
    assert_eq!(world.summary(), ["update [enabled] permission/a/callCenter"]);
    assert!(plan.changes[0].closes_access());
    let mut applied = World::applied(vec![support("a", "1", &[]), permission(&declared("a"), false)]);
    applied.declare(absent(permission(&declared("a"), true)));
    assert!(applied.plan().is_empty());
}

#[test]
fn a_replaced_object_is_found_by_the_ledgers_id_and_refused() {
    let mut world = World::applied(vec![support("a", "1", &[])]);
    world.declare(support("a", "2", &[]));
    let plan = world.plan();
    assert_eq!(world.summary(), ["refuse support/a"]);
    assert!(matches!(plan.changes[0].action, Action::Refuse { .. }));
    assert_eq!(plan.changes[0].address, Address::support("a"));
}
