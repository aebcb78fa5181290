//! Narrowed plans: what was selected, what it needs, and nothing else.

use deskform_model::{Address, Desired, Kind, Resource, Value};
use deskform_planner::ledger::Intent;
use deskform_planner::plan::{Action, Change, PersonTarget, Plan};
use deskform_planner::policy::Absence;
use deskform_planner::scope::{Held, HeldBack, LeftOut, ScopeError, Selector};
use deskform_planner::{Inputs, Narrowing, Needs, PlanProblem, Selection, brake, needs_narrowed, plan_narrowed};
use proptest::prelude::*;

use crate::converge::{any_manifests, carry_out};
use crate::world::{World, absent, agent, declared, describe, permission, shift, support, text, with};

fn only(targets: &[&str]) -> Narrowing {
    Narrowing { targets: selectors(targets), ..Narrowing::default() }
}

fn without(excludes: &[&str]) -> Narrowing {
    Narrowing { excludes: selectors(excludes), ..Narrowing::default() }
}

fn no_delete() -> Narrowing {
    Narrowing { no_delete: true, ..Narrowing::default() }
}

fn replacing(address: &str) -> Narrowing {
    Narrowing { replace: [Address::parse(address).unwrap()].into(), ..Narrowing::default() }
}

fn selectors(texts: &[&str]) -> Vec<Selector> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// The manifests of a world. Everybody whose name begins with `t` is of the team `tier1`.
fn manifests(world: &World) -> Desired {
    let mut desired = Desired::new(world.desired.clone(), Vec::new(), world.desired.len());
    let team = world.desired.iter().filter(|resource| resource.kind() == Kind::Support && resource.address.label.starts_with('t'));
    desired.labels = team.map(|resource| (resource.address.label.clone(), [("team".into(), "tier1".into())].into())).collect();
    desired
}

fn chosen(world: &World, narrowing: &Narrowing) -> Result<Selection, ScopeError> {
    narrowing.choose(&manifests(world), &world.ledger, &world.policy)
}

fn needed(world: &World, narrowing: &Narrowing) -> Needs {
    needs_narrowed(&manifests(world), &world.ledger, world.now, &chosen(world, narrowing).unwrap())
}

/// Plans with nothing read but what the narrowed plan needs.
fn try_narrowed(world: &World, narrowing: &Narrowing) -> Result<Plan, Vec<PlanProblem>> {
    let desired = manifests(world);
    let selection = chosen(world, narrowing).unwrap();
    let needs = needs_narrowed(&desired, &world.ledger, world.now, &selection);
    let mut observed = world.observed.clone();
    if !needs.supports {
        observed.supports.clear();
        observed.recycled.clear();
    }
    if needs.duties.is_none() {
        observed.duties.clear();
    }
    if !needs.agents {
        observed.agents.clear();
    }
    let ledger = selection.decidable(&world.ledger);
    let (policy, now) = (&world.policy, world.now);
    plan_narrowed(Inputs { desired: &desired, observed: &observed, ledger: &ledger, ledger_known: true, policy, now }, &selection)
}

fn narrowed(world: &World, narrowing: &Narrowing) -> Plan {
    try_narrowed(world, narrowing).expect("a plan")
}

fn told(world: &World, narrowing: &Narrowing) -> Vec<String> {
    narrowed(world, narrowing).changes.iter().map(describe).collect()
}

fn linked(operator: &str, person: &str) -> Resource {
    Resource { support: Some(Box::new(declared(person))), ..agent(operator, &[]) }
}

fn early(person: &str) -> Resource {
    shift(&declared(person), "2026-12-02", "06:00", "14:00", "early")
}

/// Two people with permission, shift and seat each; nothing of it exists.
fn team() -> Vec<Resource> {
    ["tom", "ann"]
        .into_iter()
        .zip(["8001", "8002"])
        .flat_map(|(name, seat)| [support(name, name, &[]), permission(&declared(name), true), early(name), linked(seat, name)])
        .collect()
}

#[test]
fn a_shift_brings_along_the_person_whom_it_needs() {
    let world = World::new(team());
    let narrowing = only(&["shift/tom/*"]);
    assert_eq!(told(&world, &narrowing), ["create support/tom", "create shift/tom/2026-12-02T06:00"]);
    let plan = narrowed(&world, &narrowing);
    assert_eq!(plan.changes[1].person, Some(PersonTarget::New(deskform_planner::ChangeId(0))));
    let scope = plan.scope.expect("narrowed");
    assert_eq!(scope.pulled_in, [Address::support("tom")]);
    let left = |declared| LeftOut { declared, owned: 0 };
    let expected = [(Kind::Support, left(1)), (Kind::Permission, left(2)), (Kind::Shift, left(1)), (Kind::Agent, left(2))];
    assert_eq!(scope.left_out, expected.into());
}

#[test]
fn a_label_selects_people_and_everything_that_is_theirs() {
    let world = World::new(team());
    let expected = ["create support/tom", "create permission/tom/callCenter", "create shift/tom/2026-12-02T06:00", "create agent/8001"];
    assert_eq!(told(&world, &only(&["team=tier1"])), expected);
    assert!(told(&world, &without(&["label:team=tier1"])).iter().all(|line| line.contains("ann") || line.contains("8002")));
}

#[test]
fn what_a_labelled_person_owns_and_no_longer_declares_is_selected_too() {
    let mut world = World::applied(team());
    world.undeclare("shift/tom/2026-12-02T06:00");
    world.undeclare("shift/ann/2026-12-02T06:00");
    assert_eq!(told(&world, &only(&["team=tier1"])), ["delete shift/tom/2026-12-02T06:00"]);
}

#[test]
fn removing_a_person_brings_along_what_goes_before() {
    let mut world = World::applied(team());
    for address in ["permission/tom/callCenter", "shift/tom/2026-12-02T06:00", "agent/8001"] {
        world.undeclare(address);
    }
    world.policy.absence.insert(Kind::Agent, Absence::Delete);
    world.declare(absent(support("tom", "tom", &[])));
    let expected = ["delete support/tom", "delete permission/tom/callCenter", "delete shift/tom/2026-12-02T06:00", "delete agent/8001"];
    assert_eq!(told(&world, &only(&["support/tom"])), expected);
    // Without one of them the person cannot go.
    let kept = without(&["agent"]);
    let plan = narrowed(&world, &kept);
    assert!(plan.changes.iter().all(|change| change.kind() != Kind::Support), "{:?}", told(&world, &kept));
    let held = plan.scope.expect("narrowed").held_back;
    assert_eq!(held, [Held { address: Address::support("tom"), title: "".into(), why: HeldBack::Waits }]);
}

#[test]
fn what_waits_for_something_excluded_stays_behind_with_it() {
    let world = World::new(team());
    let plan = narrowed(&world, &without(&["support/tom"]));
    assert!(plan.changes.iter().all(|change| !change.address.to_string().contains("tom")), "{:?}", plan.changes);
    let scope = plan.scope.expect("narrowed");
    let held: Vec<String> = scope.held_back.iter().map(|held| held.address.to_string()).collect();
    assert_eq!(held, ["permission/tom/callCenter", "shift/tom/2026-12-02T06:00", "agent/8001"]);
    assert_eq!(scope.left_out, [(Kind::Support, LeftOut { declared: 1, owned: 0 })].into());
}

#[test]
fn nobody_is_pulled_in_for_something_that_is_excluded() {
    let world = World::new(team());
    let narrowing = Narrowing { excludes: selectors(&["shift"]), ..only(&["shift/tom/*", "permission/ann/*"]) };
    assert_eq!(told(&world, &narrowing), ["create support/ann", "create permission/ann/callCenter"]);
}

#[test]
fn a_platform_that_nothing_needs_is_not_read_and_nothing_of_it_is_planned() {
    let world = World::applied(team());
    let people = needed(&world, &only(&["support/tom"]));
    assert!(people.supports && people.duties.is_none() && !people.agents);
    assert!(narrowed(&world, &only(&["support/tom"])).is_empty());
    let mut unlinked = World::applied(vec![support("ann", "ann", &[]), agent("8001", &[]), linked("8002", "ann")]);
    unlinked.drift("agent/8001", "name", text("somebody"));
    unlinked.declare(agent("8001", &[("name", text("Tom"))]));
    let seat = needed(&unlinked, &only(&["agent/8001"]));
    assert!(seat.agents && !seat.supports && seat.duties.is_none());
    assert_eq!(told(&unlinked, &only(&["agent/8001"])), ["update [name] agent/8001"]);
    assert!(needed(&unlinked, &only(&["agent/8002"])).supports, "a seat waits for its person");
}

#[test]
fn somebody_who_might_be_replaced_is_no_reason_to_ask_the_other_platform() {
    let mut world = World::applied(team());
    world.declare(with(support("tom", "tom", &[]), |lifecycle| lifecycle.replace = true));
    assert!(!needed(&world, &only(&["support/tom"])).agents);
    world.declare(with(support("tom", "another", &[]), |lifecycle| lifecycle.replace = true));
    let needs = needed(&world, &only(&["permission/tom/*"]));
    assert!(needs.agents && needs.duties.is_some(), "everything that is theirs moves along");
    assert!(told(&world, &only(&["permission/tom/*"])).contains(&"record agent/8001".to_owned()));
}

#[test]
fn only_people_whom_the_plan_is_about_are_read_one_by_one() {
    let custom = |name: &str| {
        let mut person = support(name, name, &[]);
        person.values.insert(deskform_model::FieldKey::Custom("field_1".into()), text("x"));
        person
    };
    let world = World::applied(vec![custom("tom"), custom("ann"), early("tom")]);
    let accounts: Vec<_> = needed(&world, &only(&["shift/tom/*"])).detail_accounts.into_iter().collect();
    assert_eq!(accounts, ["tom"]);
}

#[test]
fn nothing_of_what_is_left_out_is_changed_taken_over_forgotten_or_noted() {
    let mut world = World::applied(team());
    world.drift("support/ann", "staffNumber", text("999"));
    world.drift("support/tom", "staffNumber", text("998"));
    world.vanish("shift/ann/2026-12-02T06:00");
    world.undeclare("shift/ann/2026-12-02T06:00");
    world.disown("permission/ann/callCenter");
    world.undeclare("agent/8002");
    assert_eq!(told(&world, &only(&["support/tom"])), ["update [staffNumber] support/tom"]);
    let plan = narrowed(&world, &only(&["team=tier1"]));
    assert_eq!(plan.changes.len(), 1, "{:?}", plan.changes);
    assert!(plan.notes.is_empty(), "{:?}", plan.notes);
    let scope = plan.scope.expect("narrowed");
    assert_eq!(scope.left_out[&Kind::Shift], LeftOut { declared: 0, owned: 1 });
    assert_eq!(scope.left_out[&Kind::Agent], LeftOut { declared: 0, owned: 1 });
}

#[test]
fn problems_of_what_is_left_out_stop_nobody() {
    let mut world = World::applied(vec![support("tom", "tom", &[]), support("ann", "ann", &[])]);
    let unknown = deskform_model::Person::Account("nobody".into());
    world.declare(shift(&unknown, "2026-12-02", "06:00", "14:00", ""));
    world.drift("support/tom", "staffNumber", text("998"));
    assert!(world.try_plan().is_err());
    assert_eq!(told(&world, &only(&["support/tom"])), ["update [staffNumber] support/tom"]);
    assert!(try_narrowed(&world, &only(&["shift"])).is_err());
    // That of a person whom something selected refers to is one of the selection.
    world.observed.supports.push(world.observed.supports[0].clone());
    world.observed.supports[2].remote = crate::world::id("3");
    world.declare(early("tom"));
    assert!(try_narrowed(&world, &only(&["shift/tom/*"])).is_err());
}

#[test]
fn a_shift_that_moved_is_known_by_both_of_its_addresses() {
    let mut world = World::applied(vec![support("tom", "tom", &[]), early("tom")]);
    world.undeclare("shift/tom/2026-12-02T06:00");
    world.declare(shift(&declared("tom"), "2026-12-02", "08:00", "16:00", "early"));
    let update = ["update [start end] shift/tom/2026-12-02T08:00"];
    for target in ["shift/tom/2026-12-02T06:00", "shift/tom/2026-12-02T08:00"] {
        assert_eq!(told(&world, &only(&[target])), update, "{target}");
        assert!(told(&world, &without(&[target])).is_empty(), "{target}");
    }
}

#[test]
fn an_intent_of_a_platform_that_is_not_read_stays_open() {
    let mut world = World::applied(vec![support("tom", "tom", &[])]);
    let seat = agent("8001", &[]);
    let intent = Intent {
        number: 1,
        address: seat.address.clone(),
        key: seat.key.clone(),
        set: seat.values.clone(),
        at: "2026-11-01T08:00:00".into(),
        support: None,
    };
    world.ledger.intents.insert(1, intent);
    world.declare(seat);
    let people = chosen(&world, &only(&["support"])).unwrap();
    assert!(people.decidable(&world.ledger).intents.is_empty());
    assert!(!needed(&world, &only(&["support"])).agents);
    assert_eq!(chosen(&world, &only(&["agent"])).unwrap().decidable(&world.ledger).intents.len(), 1);
}

#[test]
fn a_selector_that_matches_nothing_names_the_nearest() {
    let world = World::applied(team());
    let refused = |narrowing: &Narrowing| chosen(&world, narrowing).expect_err("nothing matches").to_string();
    let told = refused(&only(&["support", "support/tmo"]));
    assert_eq!(told, "--target support/tmo matches nothing that is declared or in the ledger (did you mean support/tom?)");
    assert!(refused(&only(&["shift/tmo/*"])).ends_with("(did you mean shift/tom/*?)"));
    assert!(refused(&only(&["team=tier2"])).ends_with("(did you mean team=tier1?)"));
    assert!(refused(&without(&["agent/9"])).starts_with("--exclude agent/9 matches nothing"));
    let empty = World::applied(vec![support("ann", "ann", &[])]);
    assert!(chosen(&empty, &only(&["shift"])).is_err());
}

#[test]
fn what_only_the_ledger_knows_can_be_selected() {
    let mut world = World::applied(team());
    world.undeclare("shift/ann/2026-12-02T06:00");
    assert_eq!(told(&world, &only(&["shift/ann/2026-12-02T06:00"])), ["delete shift/ann/2026-12-02T06:00"]);
}

#[test]
fn without_deleting_removals_and_whole_replacements_stay_behind() {
    let mut world = World::applied(team());
    world.declare(shift(&declared("ann"), "2026-12-04", "06:00", "14:00", ""));
    world.undeclare("shift/ann/2026-12-02T06:00");
    world.declare(with(support("tom", "another", &[]), |lifecycle| lifecycle.replace = true));
    world.declare(with(agent("8003", &[("audio", Value::Flag(true))]), |lifecycle| lifecycle.replace = true));
    world.apply(&agent("8003", &[("audio", Value::Flag(false))]));
    let plan = narrowed(&world, &no_delete());
    assert_eq!(plan.changes.iter().map(describe).collect::<Vec<_>>(), ["create shift/ann/2026-12-04T06:00"]);
    let held: Vec<(String, HeldBack)> =
        plan.scope.expect("told").held_back.into_iter().map(|held| (held.address.to_string(), held.why)).collect();
    let why = |address: &str| held.iter().filter(|(held, _)| held == address).map(|(_, why)| *why).collect::<Vec<_>>();
    assert_eq!(why("shift/ann/2026-12-02T06:00"), [HeldBack::Removes]);
    assert_eq!(why("support/tom"), [HeldBack::Replaces]);
    assert_eq!(why("agent/8003"), [HeldBack::Replaces]);
}

#[test]
fn a_permission_that_is_declared_absent_is_left_on_without_deleting() {
    let mut world = World::applied(vec![support("tom", "tom", &[]), permission(&declared("tom"), true)]);
    world.declare(absent(permission(&declared("tom"), true)));
    assert!(narrowed(&world, &no_delete()).is_empty());
}

#[test]
fn a_seat_is_replaced_when_it_is_asked_for() {
    let world = World::applied(team());
    let plan = narrowed(&world, &replacing("agent/8001"));
    assert_eq!(plan.changes.iter().map(describe).collect::<Vec<_>>(), ["delete agent/8001", "create agent/8001"]);
    assert_eq!(plan.scope, None, "nothing is left out");
    assert_eq!(plan.unchanged[&Kind::Agent], 1);
}

#[test]
fn asking_for_a_replacement_permits_another_account() {
    let mut world = World::applied(team());
    world.declare(support("tom", "another", &[]));
    assert!(world.summary().contains(&"refuse support/tom".to_owned()));
    let told = told(&world, &replacing("support/tom"));
    assert_eq!(told[..2], ["delete support/tom".to_owned(), "create support/tom".to_owned()]);
}

#[test]
fn what_is_not_live_not_owned_removed_or_has_the_same_account_is_not_replaced() {
    let mut world = World::applied(team());
    world.vanish("agent/8001");
    world.disown("agent/8002");
    world.declare(absent(agent("8003", &[])));
    let refused = |address: &str| try_narrowed(&world, &replacing(address)).expect_err(address)[0].to_string();
    assert_eq!(refused("agent/8001"), "agent/8001 cannot be replaced: it is not on its platform");
    assert_eq!(refused("agent/8002"), "agent/8002 cannot be replaced: the ledger does not own it");
    assert!(refused("agent/8003").contains("its manifest says"));
    assert!(refused("support/tom").contains("stays taken"));
    let error = chosen(&world, &replacing("agent/8004")).expect_err("not declared").to_string();
    assert!(error.starts_with("--replace agent/8004 is not declared (did you mean agent/800"), "{error}");
    let left_out = Narrowing { targets: selectors(&["support"]), ..replacing("agent/8001") };
    assert!(matches!(chosen(&world, &left_out), Err(ScopeError::ReplaceLeftOut { .. })));
}

#[test]
fn a_protected_seat_that_is_to_be_replaced_is_still_protected() {
    let world = World::applied(vec![with(agent("8001", &[]), |lifecycle| lifecycle.protect = true)]);
    let plan = narrowed(&world, &replacing("agent/8001"));
    assert!(plan.changes[0].removes() && plan.changes[0].protect);
}

#[test]
fn a_narrowed_plan_is_valid_until_the_first_of_its_own_shifts_begins() {
    let world = World::new(vec![
        support("tom", "tom", &[]),
        shift(&declared("tom"), "2026-12-01", "09:00", "12:00", ""),
        shift(&declared("tom"), "2026-12-05", "09:00", "12:00", ""),
    ]);
    let until = |narrowing: &Narrowing| narrowed(&world, narrowing).valid_until.map(|until| until.to_string());
    assert_eq!(until(&Narrowing::default()).as_deref(), Some("2026-12-01T09:00:00"));
    assert_eq!(until(&only(&["shift/tom/2026-12-05*"])).as_deref(), Some("2026-12-05T09:00:00"));
    assert_eq!(until(&only(&["support"])), None);
}

#[test]
fn administrators_are_counted_as_the_narrowed_plan_leaves_them() {
    let admin = |name: &str| support(name, name, &[("admin", Value::Flag(true))]);
    let mut world = World::applied(vec![admin("tom"), admin("ann")]);
    world.declare(absent(admin("tom")));
    world.declare(absent(admin("ann")));
    assert_eq!(narrowed(&world, &Narrowing::default()).admins.left, 0);
    assert_eq!(narrowed(&world, &only(&["support/tom"])).admins.left, 1);
}

/// What the brakes find in a narrowed plan, with no more than two deletions of a kind allowed.
fn braked(world: &World, narrowing: &Narrowing) -> Vec<&'static str> {
    let limit = brake::Limit { max_deletions: Some(2), max_deletion_percent: None };
    let settings = brake::Settings::new(Kind::ALL.map(|kind| (kind, limit)).into(), &manifests(world), false);
    let releases = brake::Releases { allow: &[], documents: &[], today: world.now.date() };
    brake::check(&narrowed(world, narrowing), &settings, &releases).refused.iter().map(brake::Brake::code).collect()
}

#[test]
fn brakes_count_what_the_narrowed_plan_does() {
    let days = ["2026-12-02", "2026-12-03", "2026-12-04"];
    let shifts = days.iter().map(|day| shift(&declared("tom"), day, "06:00", "14:00", ""));
    let mut world =
        World::applied([support("tom", "tom", &[]), support("ann", "ann", &[]), early("ann")].into_iter().chain(shifts).collect());
    for day in days {
        world.undeclare(&format!("shift/tom/{day}T06:00"));
    }
    assert_eq!(braked(&world, &Narrowing::default()), ["too-many-deletions"]);
    assert!(braked(&world, &only(&["shift/tom/2026-12-02*"])).is_empty());
    assert!(braked(&world, &only(&["shift/ann/*"])).is_empty());
    world.undeclare("shift/ann/2026-12-02T06:00");
    assert_eq!(braked(&world, &only(&["shift/ann/*"])), ["kind-vanished"], "nobody declares a shift any more");
    assert!(braked(&world, &only(&["support"])).is_empty());
    world.desired.clear();
    assert_eq!(braked(&world, &only(&["shift/ann/*"])), ["no-manifests"]);
    assert!(braked(&world, &only(&["support"])).is_empty());
}

/// Two changes are the same deed when kind, address and action are.
fn is_same(one: &Change, other: &Change) -> bool {
    let links = |action: &Action| match action {
        Action::Delete { remotes, last, successor } => Action::Delete {
            remotes: remotes.clone(),
            last: last.clone(),
            // Positions differ.
            successor: successor.map(|_| deskform_planner::ChangeId(0)),
        },
        other => other.clone(),
    };
    one.address == other.address && links(&one.action) == links(&other.action) && one.waits_for.len() >= other.waits_for.len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_narrowed_plan_is_a_part_of_the_whole_and_the_rest_can_follow(
        first in any_manifests(),
        second in any_manifests(),
        targets in prop::collection::vec(prop::sample::select(vec!["support", "shift", "agent/8001", "shift/a/*", "*/b*", "permission"]), 0..3),
        excludes in prop::collection::vec(prop::sample::select(vec!["support/a", "shift/b/*", "agent", "permission/*"]), 0..2),
        no_delete in any::<bool>(),
    ) {
        let mut world = World::new(first);
        let plan = world.plan();
        carry_out(&mut world, &plan);
        world.desired = second;
        let narrowing = Narrowing { targets: selectors(&targets), excludes: selectors(&excludes), no_delete, ..Narrowing::default() };
        prop_assume!(chosen(&world, &narrowing).is_ok());
        let whole = world.plan();
        let part = narrowed(&world, &narrowing);
        for change in &part.changes {
            prop_assert!(whole.changes.iter().any(|other| is_same(other, change)), "{}\nwhole: {:?}", describe(change), world.summary());
            prop_assert!(!no_delete || !change.removes());
        }
        let selection = chosen(&world, &narrowing).unwrap();
        let scope = part.scope.clone().unwrap_or_default();
        for change in whole.changes.iter().filter(|change| selection.covers(&change.address)) {
            let done = part.changes.iter().any(|other| is_same(change, other));
            let held = scope.held_back.iter().any(|held| held.address == change.address);
            prop_assert!(done || held, "{} is neither done nor held back", describe(change));
        }
        carry_out(&mut world, &part);
        let rest = world.plan();
        carry_out(&mut world, &rest);
        // Another account for somebody whose manifest does not allow it is refused for good.
        let refused = |change: &Change| matches!(change.action, Action::Refuse { .. });
        prop_assert!(world.plan().changes.iter().all(refused), "left: {:?}", world.summary());
    }
}
