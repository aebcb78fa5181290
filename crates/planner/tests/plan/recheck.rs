//! When a saved plan is still true, what of it is done, and what refuses it.

use deskform_model::Value;
use deskform_planner::Plan;
use deskform_planner::plan::{Action, Refusal};
use deskform_planner::policy::Overnight;
use deskform_planner::recheck::{Moved, Movement, Rechecked, recheck};

use crate::converge::carry_out;
use crate::world::{World, absent, agent, declared, permission, shift, support, text};

fn check(world: &World, plan: &Plan) -> Result<Rechecked, Vec<String>> {
    let told = |moved: Vec<Moved>| moved.iter().map(|moved| format!("{} {}", moved.address, movement(&moved.what))).collect();
    recheck(plan.clone(), &world.observed, &world.ledger, world.now, Overnight::Split).map_err(told)
}

fn movement(what: &Movement) -> String {
    match what {
        Movement::Exists => "exists".to_owned(),
        Movement::Gone => "gone".to_owned(),
        Movement::PersonGone => "person gone".to_owned(),
        Movement::Field { planned, found, .. } => {
            let show = |value: &Option<Value>| value.as_ref().and_then(Value::as_text).map_or("?".to_owned(), ToString::to_string);
            format!("{} is {}", show(planned), show(found))
        }
    }
}

/// A person, a seat and a night shift that are there, with edits of all three planned.
fn edited() -> (World, Plan) {
    let a = || declared("a");
    let mut world = World::applied(vec![
        support("a", "1", &[("mobile", text("1"))]),
        agent("8001", &[("name", text("甲"))]),
        shift(&a(), "2026-12-03", "22:00", "06:00", "夜班"),
    ]);
    world.declare(support("a", "1", &[("mobile", text("2"))]));
    world.declare(agent("8001", &[("name", text("乙"))]));
    world.declare(shift(&a(), "2026-12-03", "22:00", "05:00", "夜班"));
    let plan = world.plan();
    assert_eq!(plan.changes.len(), 3);
    (world, plan)
}

#[test]
fn nothing_happened_and_the_plan_is_as_it_was() {
    let (world, plan) = edited();
    assert_eq!(check(&world, &plan), Ok(Rechecked { plan, done: 0 }));
}

#[test]
fn a_field_that_moved_refuses_the_plan_and_is_named_with_both_values() {
    let (mut world, plan) = edited();
    world.drift("support/a", "mobile", text("9"));
    assert_eq!(check(&world, &plan), Err(vec!["support/a 1 is 9".into()]));
    let (mut world, plan) = edited();
    // A field that the plan leaves alone counts as well: its reader saw what it is.
    world.drift("support/a", "staffNumber", text("7"));
    assert_eq!(check(&world, &plan), Err(vec!["support/a 001 is 7".into()]));
    let (mut world, plan) = edited();
    world.drift_duty("shift/a/2026-12-03T22:00", 1, "end", text("04:00"));
    assert_eq!(check(&world, &plan), Err(vec!["shift/a/2026-12-03T22:00 06:00 is 04:00".into()]));
}

#[test]
fn what_is_gone_refuses_the_plan() {
    let (mut world, plan) = edited();
    world.vanish("agent/8001");
    assert_eq!(check(&world, &plan), Err(vec!["agent/8001 gone".into()]));
}

#[test]
fn what_was_to_be_made_and_is_there_refuses_the_plan() {
    let mut world = World::new(vec![support("a", "1", &[]), agent("8001", &[])]);
    let plan = world.plan();
    let mut other = World::new(vec![agent("8001", &[("name", text("别人"))])]);
    let made = other.plan();
    carry_out(&mut other, &made);
    world.observed.agents = other.observed.agents;
    assert_eq!(check(&world, &plan), Err(vec!["agent/8001 exists".into()]));
}

#[test]
fn what_belongs_to_somebody_who_is_gone_refuses_the_plan() {
    let mut world = World::applied(vec![support("a", "1", &[])]);
    world.declare(permission(&declared("a"), true));
    let plan = world.plan();
    world.vanish("support/a");
    assert_eq!(check(&world, &plan), Err(vec!["permission/a/callCenter person gone".into()]));
}

#[test]
fn what_is_done_becomes_nothing_and_its_person_is_known() {
    let mut world = World::new(vec![support("a", "1", &[]), permission(&declared("a"), true)]);
    let plan = world.plan();
    world.desired.truncate(1);
    let part = world.plan();
    carry_out(&mut world, &part);
    let rest = check(&world, &plan).expect("still true");
    assert_eq!((rest.done, rest.plan.changes.len()), (1, 1));
    let left = &rest.plan.changes[0];
    assert!(
        left.waits_for.is_empty()
            && left.key.person()
                == world.entry("support/a").remotes.first().map(|id| deskform_model::Person::Id(id.text().clone())).as_ref()
    );
    carry_out(&mut world, &rest.plan);
    assert!(check(&world, &plan).expect("still true").plan.is_empty());
}

#[test]
fn a_removal_is_of_what_its_reader_saw() {
    let mut world = World::applied(vec![agent("8001", &[("name", text("甲"))])]);
    world.declare(absent(agent("8001", &[])));
    let plan = world.plan();
    assert!(check(&world, &plan).is_ok());
    world.drift("agent/8001", "name", text("乙"));
    assert_eq!(check(&world, &plan), Err(vec!["agent/8001 甲 is 乙".into()]));
}

#[test]
fn a_shift_that_has_begun_is_left_out_and_the_others_stay() {
    let mut world = World::applied(vec![support("a", "1", &[])]);
    world.declare(shift(&declared("a"), "2026-12-02", "09:00", "18:00", "早班"));
    world.declare(shift(&declared("a"), "2026-12-03", "09:00", "18:00", "早班"));
    let plan = world.plan();
    world.now = "2026-12-02T09:00:00".parse().expect("a moment");
    let rest = check(&world, &plan).expect("still true");
    let late = |action: &Action| matches!(action, Action::Refuse { why } if matches!(why[..], [Refusal::TooLate { .. }]));
    assert_eq!(rest.plan.changes.iter().map(|change| late(&change.action)).collect::<Vec<_>>(), [true, false]);
    assert_eq!(rest.plan.valid_until, Some("2026-12-03T09:00:00".parse().expect("a moment")));
}
