//! Shifts: pairing within a day, the clock, and the two halves of a night.

use deskform_model::{Kind, Person, Resource, Value};
use deskform_planner::plan::{Action, NoteKind};
use deskform_planner::policy::Drift;

use crate::world::{World, absent, declared, id, shift, support, text};

fn a() -> Person {
    declared("a")
}

fn world(shifts: Vec<Resource>) -> World {
    let mut all = vec![support("a", "1", &[])];
    all.extend(shifts);
    World::applied(all)
}

#[test]
fn a_changed_hour_is_an_update_of_the_same_duty() {
    let mut world = world(vec![shift(&a(), "2026-12-03", "09:00", "18:00", "早班")]);
    world.undeclare("shift/a/2026-12-03T09:00");
    world.declare(shift(&a(), "2026-12-03", "10:00", "18:00", "早班"));
    assert_eq!(world.summary(), ["update [start] shift/a/2026-12-03T10:00"]);
    let plan = world.plan();
    assert_eq!(plan.changes[0].bookkeeping.moved_from, Some(world.entry("shift/a/2026-12-03T09:00").address.clone()));
}

#[test]
fn identical_shifts_pair_before_names_and_starts() {
    let mut world = world(vec![shift(&a(), "2026-12-03", "09:00", "12:00", "早班"), shift(&a(), "2026-12-03", "13:00", "18:00", "早班")]);
    world.undeclare("shift/a/2026-12-03T09:00");
    world.declare(shift(&a(), "2026-12-03", "18:30", "20:00", "早班"));
    assert_eq!(world.summary(), ["update [start end] shift/a/2026-12-03T18:30"]);
}

#[test]
fn another_day_is_another_shift() {
    let mut world = world(vec![shift(&a(), "2026-12-03", "09:00", "18:00", "早班")]);
    world.undeclare("shift/a/2026-12-03T09:00");
    world.declare(shift(&a(), "2026-12-04", "09:00", "18:00", "早班"));
    assert_eq!(world.summary(), ["delete shift/a/2026-12-03T09:00", "create shift/a/2026-12-04T09:00"]);
}

#[test]
fn a_night_that_became_a_day_updates_one_half_and_drops_the_other() {
    let mut world = world(vec![shift(&a(), "2026-12-03", "22:00", "06:00", "夜班")]);
    world.declare(shift(&a(), "2026-12-03", "22:00", "23:30", "夜班"));
    let plan = world.plan();
    assert_eq!(world.summary(), ["update [end] shift/a/2026-12-03T22:00"]);
    assert!(matches!(&plan.changes[0].action, Action::Update { remotes, .. } if remotes.len() == 2));
}

#[test]
fn a_missing_half_of_a_night_is_drift_whichever_half_it_is() {
    for (half, field) in [(0, "start"), (1, "end")] {
        let mut world = world(vec![shift(&a(), "2026-12-03", "22:00", "06:00", "夜班")]);
        let gone = world.entry("shift/a/2026-12-03T22:00").remotes[half].clone();
        world.observed.duties.retain(|duty| duty.remote != gone);
        assert_eq!(world.summary(), [format!("update [{field}] shift/a/2026-12-03T22:00")]);
        let plan = world.plan();
        assert!(
            matches!(&plan.changes[0].action, Action::Update { remotes, .. } if remotes[half].is_none() && remotes[1 - half].is_some())
        );
    }
}

#[test]
fn a_shift_until_midnight_is_in_sync_with_its_duty_until_2359() {
    let world = world(vec![shift(&a(), "2026-12-03", "16:00", "00:00", "晚班")]);
    assert!(world.plan().is_empty(), "{:?}", world.summary());
}

#[test]
fn an_equal_live_night_of_two_duties_is_taken_over_as_one() {
    let mut world = world(vec![]);
    let night = shift(&a(), "2026-12-03", "22:00", "06:00", "夜班");
    world.duties(&id("1"), &night);
    world.declare(night);
    assert_eq!(world.summary(), ["record shift/a/2026-12-03T22:00"]);
    assert_eq!(world.plan().unmanaged[&Kind::Shift], 0);
}

#[test]
fn a_shift_that_has_ended_is_a_fact() {
    let ended = || shift(&a(), "2026-12-01", "05:00", "07:00", "早班");
    // Never created.
    let mut fresh = world(vec![]);
    fresh.declare(ended());
    assert!(fresh.plan().is_empty());
    assert!(matches!(fresh.plan().notes[0].what, NoteKind::Ended));
    // Never deleted, and out of the ledger soon.
    let mut owned = world(vec![ended()]);
    owned.undeclare("shift/a/2026-12-01T05:00");
    assert!(owned.plan().is_empty());
    assert_eq!(owned.plan().ended.len(), 1);
    // Never changed.
    let mut changed = world(vec![ended()]);
    changed.declare(shift(&a(), "2026-12-01", "05:00", "07:30", "早班"));
    assert!(changed.plan().is_empty());
}

#[test]
fn a_shift_in_progress_keeps_its_start_and_is_not_deleted() {
    let running = || shift(&a(), "2026-12-01", "06:00", "14:00", "早班");
    let mut world = world(vec![running()]);
    world.undeclare("shift/a/2026-12-01T06:00");
    assert!(world.plan().is_empty());
    assert!(matches!(world.plan().notes[0].what, NoteKind::InProgressKept));

    world.declare(shift(&a(), "2026-12-01", "07:00", "15:00", "早班"));
    assert_eq!(world.summary(), ["update [end] shift/a/2026-12-01T07:00"]);
    assert!(world.notes().iter().any(|note| note.contains("StartPinned")));
}

#[test]
fn a_night_shift_that_began_yesterday_is_in_progress() {
    let mut world = world(vec![shift(&a(), "2026-11-30", "22:00", "09:00", "夜班")]);
    world.declare(shift(&a(), "2026-11-30", "22:00", "10:00", "夜班"));
    assert_eq!(world.summary(), ["update [end] shift/a/2026-11-30T22:00"]);
}

#[test]
fn a_plan_is_valid_until_the_first_shift_that_it_changes_begins() {
    let mut world = world(vec![shift(&a(), "2026-12-02", "09:00", "18:00", "早班")]);
    world.declare(shift(&a(), "2026-12-03", "06:00", "14:00", "早班"));
    assert_eq!(world.plan().valid_until.map(|until| until.to_string()), Some("2026-12-03T06:00:00".into()));
    world.undeclare("shift/a/2026-12-03T06:00");
    assert_eq!(world.plan().valid_until, None);
}

#[test]
fn drift_of_a_shift_can_be_kept() {
    let mut world = world(vec![shift(&a(), "2026-12-03", "09:00", "18:00", "早班")]);
    world.drift_duty("shift/a/2026-12-03T09:00", 0, "end", text("17:00"));
    assert_eq!(world.summary(), ["update [end] shift/a/2026-12-03T09:00"]);
    world.policy.drift_of_kind.insert(Kind::Shift, Drift::Keep);
    assert!(world.plan().is_empty());
    assert_eq!(world.notes().len(), 1);
}

#[test]
fn a_text_changed_in_one_half_of_a_night_is_drift() {
    for half in [0, 1] {
        let mut world = world(vec![shift(&a(), "2026-12-03", "22:00", "06:00", "夜班")]);
        world.drift_duty("shift/a/2026-12-03T22:00", half, "name", text("大夜"));
        assert_eq!(world.summary(), ["update [name] shift/a/2026-12-03T22:00"]);
    }
}

#[test]
fn people_who_left_may_stand_in_rosters_of_days_that_are_over() {
    let mut world = world(vec![]);
    world.declare(shift(&Person::Account("gone".into()), "2026-11-20", "09:00", "18:00", "早班"));
    assert!(world.plan().is_empty());
}

#[test]
fn a_tombstone_removes_a_live_shift_that_is_just_like_it() {
    let mut world = world(vec![]);
    let extra = shift(&a(), "2026-12-03", "09:00", "18:00", "培训");
    world.duties(&id("1"), &extra);
    world.declare(absent(extra));
    assert_eq!(world.summary(), ["delete shift/a/2026-12-03T09:00"]);
    world.observed.duties.clear();
    assert!(world.plan().is_empty());
}

#[test]
fn a_link_that_no_call_shows_is_written_once_after_a_lost_ledger() {
    let linked = || {
        let mut shift = shift(&a(), "2026-12-03", "09:00", "18:00", "早班");
        shift.values.insert(Kind::Shift.key("url").unwrap(), text("https://example.com"));
        shift
    };
    let mut world = world(vec![linked()]);
    assert!(world.plan().is_empty());
    world.disown("shift/a/2026-12-03T09:00");
    assert_eq!(world.summary(), ["update [url] shift/a/2026-12-03T09:00"]);
    world.declare(shift(&a(), "2026-12-03", "09:00", "18:00", "早班"));
    assert_eq!(world.summary(), ["record shift/a/2026-12-03T09:00"], "nothing to write where nothing is wanted");
    assert_eq!(world.desired.last().unwrap().values.named(Kind::Shift, "url"), Some(&Value::Null));
}

#[test]
fn a_night_that_lost_its_first_half_has_not_ended() {
    let mut world = world(vec![shift(&a(), "2026-12-01", "22:00", "06:00", "夜班")]);
    let gone = world.entry("shift/a/2026-12-01T22:00").remotes[0].clone();
    world.observed.duties.retain(|duty| duty.remote != gone);
    // 00:00 to 06:00 alone would lie before now, which is 08:00.
    assert_eq!(world.summary(), ["update [start] shift/a/2026-12-01T22:00"]);
    assert!(world.plan().ended.is_empty());
}

#[test]
fn a_tombstone_removes_an_owned_shift_whatever_absence_says() {
    let mut world = world(vec![shift(&a(), "2026-12-03", "09:00", "18:00", "早班")]);
    world.policy.absence.insert(Kind::Shift, deskform_planner::policy::Absence::Keep);
    world.declare(absent(shift(&a(), "2026-12-03", "09:00", "18:00", "早班")));
    assert_eq!(world.summary(), ["delete shift/a/2026-12-03T09:00"]);
}

#[test]
fn a_tombstone_takes_what_it_names_and_nothing_else() {
    let mut world = world(vec![shift(&a(), "2026-12-03", "06:00", "14:00", "培训")]);
    world.undeclare("shift/a/2026-12-03T06:00");
    world.declare(absent(shift(&a(), "2026-12-03", "05:00", "06:00", "培训")));
    world.declare(shift(&a(), "2026-12-03", "06:00", "15:00", "培训"));
    assert_eq!(world.summary(), ["update [end] shift/a/2026-12-03T06:00"]);
}

#[test]
fn a_duty_under_another_id_is_found_again_and_not_made_twice() {
    let mut world = world(vec![shift(&a(), "2026-12-03", "22:00", "06:00", "夜班")]);
    let void = world.entry("shift/a/2026-12-03T22:00").id();
    for (at, duty) in world.observed.duties.iter_mut().enumerate() {
        duty.remote = id(&format!("listed-{at}"));
    }
    let plan = world.plan();
    assert_eq!(world.summary(), ["record shift/a/2026-12-03T22:00"]);
    assert_eq!(plan.changes[0].bookkeeping.voids, [void]);
}

#[test]
fn a_running_shift_does_not_become_one_that_begins_later() {
    let mut world = world(vec![shift(&a(), "2026-12-01", "06:00", "14:00", "早班")]);
    world.undeclare("shift/a/2026-12-01T06:00");
    world.declare(shift(&a(), "2026-12-01", "15:00", "23:00", "晚班"));
    assert_eq!(world.summary(), ["create shift/a/2026-12-01T15:00"]);
    assert!(world.notes().iter().any(|note| note.contains("InProgressKept")));
}

#[test]
fn people_who_left_may_have_worked_this_morning() {
    let mut world = world(vec![]);
    world.declare(shift(&Person::Account("gone".into()), "2026-12-01", "05:00", "07:00", "早班"));
    assert!(world.plan().is_empty());
}

#[test]
fn a_night_whose_change_to_a_day_was_cut_off_still_loses_its_second_half() {
    let mut world = world(vec![shift(&a(), "2026-12-03", "22:00", "06:00", "夜班")]);
    // The first half was changed, and then the run ended.
    for (field, value) in [("start", "07:00"), ("end", "15:00"), ("name", "早班")] {
        world.drift_duty("shift/a/2026-12-03T22:00", 0, field, text(value));
    }
    world.undeclare("shift/a/2026-12-03T22:00");
    world.declare(shift(&a(), "2026-12-03", "07:00", "15:00", "早班"));
    let plan = world.plan();
    assert_eq!(world.summary(), ["update [end] shift/a/2026-12-03T07:00"]);
    assert!(matches!(&plan.changes[0].action, Action::Update { remotes, .. } if remotes.len() == 2));
}

#[test]
fn a_running_night_of_which_only_the_first_half_was_made_gets_its_second() {
    // Claimed after a cut-off run: the first half of last night, which is over.
    let mut world = world(vec![shift(&a(), "2026-11-30", "22:00", "23:59", "夜班")]);
    world.declare(shift(&a(), "2026-11-30", "22:00", "09:00", "夜班"));
    assert_eq!(world.summary(), ["update [end] shift/a/2026-11-30T22:00"]);
    assert!(world.plan().ended.is_empty());
    // Without a night that goes on it is a fact like any other.
    world.undeclare("shift/a/2026-11-30T22:00");
    assert!(world.plan().is_empty());
    assert_eq!(world.plan().ended.len(), 1);
}
