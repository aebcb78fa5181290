//! Creates whose answers were lost: what they made is ours, once each (design.md section 4, "Recovery").

use std::borrow::Cow;
use std::time::Duration;

use deskform_model::{Kind, NaturalKey, Person, RemoteId, Resource, Value};
use deskform_planner::claims::{Healed, Reading, heal};
use deskform_planner::ledger::Intent;
use deskform_planner::{LiveObject, needs};

use crate::world::{World, agent, declared, id, shift, support, text};

const SETTLE: Duration = Duration::from_secs(2);

fn team() -> World {
    World::applied(vec![support("zhang", "139", &[])])
}

/// Writes down that `resource` is about to be created, at `at`.
fn intend(world: &mut World, resource: &Resource, at: &str) -> u64 {
    let number = world.ledger.next_intent();
    let mut key = resource.key.clone();
    if let NaturalKey::Shift { person, .. } = &mut key {
        *person = Person::Id("1".into());
    }
    let (address, set) = (resource.address.clone(), resource.values.clone());
    world.ledger.intents.insert(number, Intent { number, address, key, set, at: at.into(), support: None });
    number
}

fn late(world: &World) -> Reading {
    Reading { now: world.now, settle: SETTLE, waited: true }
}

/// The plan after recovery.
fn healed_summary(world: &World) -> Vec<String> {
    let mut healed = World::new(world.desired.clone());
    healed.observed = world.observed.clone();
    healed.ledger = heal(&world.ledger, &world.observed, &late(world)).ledger.into_owned();
    healed.policy = world.policy.clone();
    healed.summary()
}

fn night() -> Resource {
    shift(&declared("zhang"), "2026-12-03", "22:00", "06:00", "night")
}

fn ids(healed: &Healed<'_>) -> Vec<Vec<RemoteId>> {
    healed.claimed.iter().map(|claim| claim.entry.remotes.clone()).collect()
}

#[test]
fn a_ledger_without_open_intents_is_not_copied() {
    let world = team();
    let healed = heal(&world.ledger, &world.observed, &late(&world));
    assert!(matches!(healed.ledger, Cow::Borrowed(ledger) if std::ptr::eq(ledger, &raw const world.ledger)));
    assert!(healed.records().is_empty());
}

#[test]
fn what_an_intent_made_is_owned_and_nothing_is_created_twice() {
    let early = shift(&declared("zhang"), "2026-12-03", "09:00", "18:00", "early");
    let (person, seat) = (support("li", "138", &[]), agent("8001", &[("name", text("zhang"))]));
    let mut world = team();
    for resource in [&early, &person, &seat] {
        intend(&mut world, resource, "2026-12-01T07:59:59");
        world.declare(resource.clone());
    }
    world.duties(&id("1"), &early);
    world.observed.supports.push(LiveObject { remote: id("2"), key: person.key.clone(), values: person.values.clone() });
    world.observed.agents.push(LiveObject { remote: id("8001"), key: seat.key.clone(), values: seat.values.clone() });
    let healed = heal(&world.ledger, &world.observed, &late(&world));
    assert_eq!((healed.claimed.len(), healed.void.len(), healed.open.len()), (3, 0, 0));
    assert!(healed.ledger.intents.is_empty());
    assert_eq!(healed_summary(&world), [""; 0], "in sync, and not even to be taken over");
}

#[test]
fn what_was_made_is_owned_although_the_manifests_no_longer_want_it() {
    let early = shift(&declared("zhang"), "2026-12-03", "09:00", "18:00", "early");
    let mut world = team();
    intend(&mut world, &early, "2026-12-01T07:59:59");
    world.duties(&id("1"), &early);
    assert_eq!(healed_summary(&world), ["delete shift/zhang/2026-12-03T09:00"]);
}

#[test]
fn equal_intents_and_equal_objects_are_a_multiset() {
    let early = shift(&declared("zhang"), "2026-12-03", "09:00", "18:00", "early");
    for (intents, live) in [(1, 2), (2, 2), (2, 1), (3, 2)] {
        let mut world = team();
        for _ in 0..intents {
            intend(&mut world, &early, "2026-12-01T07:59:59");
        }
        for _ in 0..live {
            world.duties(&id("1"), &early);
        }
        let healed = heal(&world.ledger, &world.observed, &late(&world));
        let mut claimed = ids(&healed);
        claimed.sort();
        claimed.dedup();
        assert_eq!(claimed.len(), intents.min(live), "{intents} intents, {live} live");
        assert_eq!(healed.void.len(), intents - intents.min(live), "{intents} intents, {live} live");
    }
}

#[test]
fn an_object_that_is_owned_already_is_not_claimed() {
    let early = shift(&declared("zhang"), "2026-12-03", "09:00", "18:00", "early");
    let mut world = team();
    world.apply(&early);
    intend(&mut world, &early, "2026-12-01T07:59:59");
    intend(&mut world, &support("zhang", "139", &[]), "2026-12-01T07:59:59");
    assert_eq!(heal(&world.ledger, &world.observed, &late(&world)).void.len(), 2);
}

#[test]
fn another_name_hour_day_or_person_is_another_shift() {
    let wanted = shift(&declared("zhang"), "2026-12-03", "09:00", "18:00", "early");
    for other in [
        shift(&declared("zhang"), "2026-12-03", "09:00", "18:00", "late"),
        shift(&declared("zhang"), "2026-12-03", "09:00", "17:00", "early"),
        shift(&declared("zhang"), "2026-12-04", "09:00", "18:00", "early"),
    ] {
        let mut world = team();
        intend(&mut world, &wanted, "2026-12-01T07:59:59");
        world.duties(&id("1"), &other);
        assert!(heal(&world.ledger, &world.observed, &late(&world)).claimed.is_empty());
    }
    let mut world = team();
    intend(&mut world, &wanted, "2026-12-01T07:59:59");
    world.duties(&id("2"), &wanted);
    assert!(heal(&world.ledger, &world.observed, &late(&world)).claimed.is_empty());
}

#[test]
fn a_night_shift_is_claimed_with_both_its_duties_or_with_the_one_of_a_single_one() {
    let mut world = team();
    intend(&mut world, &night(), "2026-12-01T07:59:59");
    let both = world.duties(&id("1"), &night());
    assert_eq!(ids(&heal(&world.ledger, &world.observed, &late(&world))), [both]);

    let mut single = world.observed.duties[0].clone();
    single.values.insert(Kind::Shift.key("end").unwrap(), text("06:00"));
    world.observed.duties = vec![single.clone()];
    assert_eq!(ids(&heal(&world.ledger, &world.observed, &late(&world))), [vec![single.remote]]);
}

#[test]
fn half_a_night_shift_is_claimed_and_the_other_half_is_missing() {
    let mut world = team();
    intend(&mut world, &night(), "2026-12-01T07:59:59");
    world.declare(night());
    let both = world.duties(&id("1"), &night());
    world.observed.duties.truncate(1);
    assert_eq!(ids(&heal(&world.ledger, &world.observed, &late(&world))), [vec![both[0].clone()]]);
    assert_eq!(healed_summary(&world), ["update [end] shift/zhang/2026-12-03T22:00"]);
}

#[test]
fn the_second_half_alone_is_ours_and_goes_when_the_night_is_made_anew() {
    let mut world = team();
    intend(&mut world, &night(), "2026-12-01T07:59:59");
    world.declare(night());
    world.duties(&id("1"), &night());
    world.observed.duties.remove(0);
    assert_eq!(healed_summary(&world), ["delete shift/zhang/2026-12-03T22:00", "create shift/zhang/2026-12-03T22:00"]);
}

#[test]
fn a_half_that_was_posted_to_complete_a_night_joins_its_entry() {
    for missing in [0, 1] {
        let mut world = team();
        world.declare(night());
        world.apply(&night());
        let gone = world.entry("shift/zhang/2026-12-03T22:00").remotes[missing].clone();
        let mut again = world.observed.duties.iter().find(|duty| duty.remote == gone).unwrap().clone();
        again.remote = id("made-anew");
        world.observed.duties.retain(|duty| duty.remote != gone);
        intend(&mut world, &night(), "2026-12-01T07:59:59");
        world.observed.duties.push(again);
        let healed = heal(&world.ledger, &world.observed, &late(&world));
        assert_eq!(healed.claimed[0].entry.remotes[missing], id("made-anew"));
        assert_eq!(healed.ledger.of_kind(Kind::Shift).count(), 1, "the entry without its half is void");
        assert_eq!(healed_summary(&world), [""; 0]);
    }
}

#[test]
fn a_night_is_made_whole_before_anything_is_claimed_as_a_half() {
    let mut world = team();
    // The first intent's first half never came; the second one's night did.
    intend(&mut world, &night(), "2026-12-01T07:59:59");
    intend(&mut world, &night(), "2026-12-01T07:59:59");
    world.duties(&id("1"), &night());
    let first = world.observed.duties[0].clone();
    world.observed.duties.push(deskform_planner::Duty { remote: id("lonely"), ..first });
    let healed = heal(&world.ledger, &world.observed, &late(&world));
    let mut sizes: Vec<usize> = ids(&healed).iter().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 2]);
}

#[test]
fn an_intent_is_void_only_when_the_lists_were_read_late_enough() {
    let early = shift(&declared("zhang"), "2026-12-03", "09:00", "18:00", "early");
    for (at, waited, settle, open) in [
        ("2026-12-01T07:59:59", false, SETTLE, true),
        ("2026-12-01T07:51:00", false, SETTLE, true),
        ("2026-12-01T07:49:00", false, SETTLE, false),
        ("2026-12-01T07:59:59", true, SETTLE, false),
        ("2026-12-01T07:59:59", false, Duration::ZERO, false),
        // The clock was put back, or stands still.
        ("2026-12-02T08:00:00", false, SETTLE, true),
    ] {
        let mut world = team();
        intend(&mut world, &early, at);
        let healed = heal(&world.ledger, &world.observed, &Reading { now: world.now, settle, waited });
        assert_eq!(!healed.open.is_empty(), open, "{at} {waited} {settle:?}");
        assert_eq!(healed.void.is_empty(), open);
        assert_eq!(healed.ledger.intents.len(), healed.open.len());
    }
}

#[test]
fn a_half_is_not_claimed_while_the_other_may_still_appear() {
    let mut world = team();
    intend(&mut world, &night(), "2026-12-01T07:59:59");
    world.duties(&id("1"), &night());
    world.observed.duties.truncate(1);
    let healed = heal(&world.ledger, &world.observed, &Reading { waited: false, ..late(&world) });
    assert_eq!((healed.claimed.len(), healed.open.len()), (0, 1));
}

#[test]
fn a_plan_says_what_may_still_appear() {
    let early = shift(&declared("zhang"), "2026-12-03", "09:00", "18:00", "early");
    let mut world = team();
    intend(&mut world, &early, "2026-12-01T07:59:59");
    assert_eq!(world.notes(), ["shift/zhang/2026-12-03T09:00 MayStillAppear"]);
}

#[test]
fn an_intent_of_a_shift_that_is_over_ends_without_a_look() {
    let over = shift(&declared("zhang"), "2026-11-20", "09:00", "18:00", "early");
    let mut world = team();
    intend(&mut world, &over, "2026-12-01T07:59:59");
    let healed = heal(&world.ledger, &world.observed, &Reading { waited: false, ..late(&world) });
    assert_eq!(healed.void.len(), 1);
    let desired = deskform_model::Desired::new(Vec::new(), Vec::new(), 0);
    assert_eq!(needs(&desired, &world.ledger, world.now).duties, None);
}

#[test]
fn a_seat_that_may_lack_its_completing_edit_is_completed() {
    let seat = agent("8001", &[("name", text("zhang")), ("enabled", Value::Flag(false))]);
    let mut world = World::new(vec![seat.clone()]);
    intend(&mut world, &seat, "2026-12-01T07:59:59");
    let mut shown = seat.values.clone();
    shown.insert(Kind::Agent.key("enabled").unwrap(), Value::Flag(true));
    world.observed.agents.push(LiveObject { remote: id("8001"), key: seat.key.clone(), values: shown });
    assert_eq!(healed_summary(&world), ["update [enabled] agent/8001"]);
}

#[test]
fn lists_are_read_for_what_open_intents_are_about() {
    let early = shift(&declared("zhang"), "2026-12-20", "09:00", "18:00", "early");
    let mut world = World::new(Vec::new());
    for resource in [&early, &support("li", "138", &[]), &agent("8001", &[])] {
        intend(&mut world, resource, "2026-12-01T07:59:59");
    }
    let desired = deskform_model::Desired::new(Vec::new(), Vec::new(), 0);
    let needs = needs(&desired, &world.ledger, world.now);
    assert!(needs.supports && needs.agents);
    assert_eq!(needs.duties.map(|(_, last)| last.to_string()).as_deref(), Some("2026-12-21"));
}
