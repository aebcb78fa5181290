//! How changes are packed into steps.
#![allow(clippy::unwrap_used, missing_docs)]

use deskform_applier::steps::{Step, StepKind, StepOptions, steps};
use deskform_model::kind::Module;
use deskform_model::secret::{SecretRef, SecretSource};
use deskform_model::time::{self, Date};
use deskform_model::{Address, Kind, NaturalKey, Person, RemoteId, Text, Value, Values};
use deskform_planner::Plan;
use deskform_planner::ledger::EntryId;
use deskform_planner::plan::{Action, Bookkeeping, Change, ChangeId, ForgetReason, PersonTarget, Reason, Refusal};

fn id(text: &str) -> RemoteId {
    RemoteId::new(text).unwrap()
}

fn change(address: Address, key: NaturalKey, action: Action, person: Option<PersonTarget>, waits_for: &[usize]) -> Change {
    Change {
        address,
        key,
        title: Text::default(),
        action,
        reason: Reason::New,
        bookkeeping: Bookkeeping::default(),
        person,
        waits_for: waits_for.iter().copied().map(ChangeId).collect(),
        origin: None,
        protect: false,
        valid_until: None,
    }
}

fn create() -> Action {
    Action::Create { values: Values::new(), secret: None }
}

fn support(name: &str) -> Change {
    change(Address::support(name), NaturalKey::Support { account: name.into() }, create(), None, &[])
}

fn shift(person: PersonTarget, date: Date, action: Action, waits_for: &[usize]) -> Change {
    let (start, end) = ("22:00", "06:00");
    let who = Person::Id(format!("{person:?}").into());
    let pairs = [("start", Value::text(start)), ("end", Value::text(end)), ("name", Value::Null)];
    let values: Values = pairs.into_iter().map(|(name, value)| (Kind::Shift.key(name).unwrap(), value)).collect();
    let action = if let Action::Create { secret, .. } = action { Action::Create { values, secret } } else { action };
    let start = time::parse_time(start).unwrap();
    change(Address::shift(&who, date, start), NaturalKey::Shift { person: who.clone(), date, start }, action, Some(person), waits_for)
}

fn days(from: &str, count: usize) -> Vec<Date> {
    std::iter::successors(time::parse_date(from), |date| time::next_day(*date)).take(count).collect()
}

fn plan(changes: Vec<Change>) -> Plan {
    Plan { changes, ..Plan::default() }
}

fn pack(plan: &Plan) -> Vec<Step> {
    steps(plan, &StepOptions::default())
}

fn sizes(plan: &Plan) -> Vec<usize> {
    pack(plan).iter().map(|step| step.changes.len()).collect()
}

fn live(id_text: &str) -> PersonTarget {
    PersonTarget::Live(id(id_text))
}

#[test]
fn a_month_of_one_persons_shifts_is_one_request_and_a_day_more_is_two() {
    let month = |count| plan(days("2026-12-01", count).into_iter().map(|date| shift(live("1"), date, create(), &[])).collect());
    assert_eq!(sizes(&month(31)), [31]);
    assert_eq!(sizes(&month(32)), [31, 1]);
    assert_eq!(sizes(&month(93)), [31, 31, 31]);
}

#[test]
fn shifts_far_apart_are_not_packed_because_a_look_would_have_to_list_everything_between() {
    let dates = ["2026-12-01", "2027-03-01", "2027-03-02"];
    let changes = dates.iter().map(|date| shift(live("1"), time::parse_date(date).unwrap(), create(), &[])).collect();
    assert_eq!(sizes(&plan(changes)), [1, 2]);
}

#[test]
fn shifts_of_different_people_or_with_different_waits_are_not_packed() {
    let date = time::parse_date("2026-12-01").unwrap();
    let new = || PersonTarget::New(ChangeId(0));
    let changes = vec![
        support("a"),
        shift(new(), date, create(), &[0]),
        shift(new(), date, create(), &[0]),
        shift(live("1"), date, create(), &[]),
        shift(live("2"), date, create(), &[]),
        shift(live("2"), date, create(), &[4]),
    ];
    let plan = plan(changes);
    let packed: Vec<Vec<usize>> = pack(&plan).iter().map(|step| step.changes.iter().map(|id| id.0).collect()).collect();
    assert_eq!(packed, [vec![0], vec![1, 2], vec![3], vec![4], vec![5]]);
}

#[test]
fn waits_between_changes_become_waits_between_steps() {
    let date = days("2026-12-01", 2);
    let new = || PersonTarget::New(ChangeId(0));
    let delete = || Action::Delete { remotes: vec![id("9")], last: Values::new(), successor: None };
    let plan = plan(vec![
        support("a"),
        shift(new(), date[0], create(), &[0]),
        shift(new(), date[1], create(), &[0]),
        shift(live("1"), date[0], delete(), &[1, 2]),
    ]);
    let waits: Vec<Vec<usize>> = pack(&plan).into_iter().map(|step| step.waits_for).collect();
    assert_eq!(waits, [vec![], vec![0], vec![1]]);
}

#[test]
fn access_is_closed_first_and_the_rest_keeps_the_plans_order() {
    let person = Person::Id("1".into());
    let off = Action::Delete { remotes: vec![id("1")], last: Values::new(), successor: None };
    let key = NaturalKey::Permission { person: person.clone(), module: Module::CallCenter };
    let permission = change(Address::permission(&person, Module::CallCenter), key, off, Some(live("1")), &[]);
    let plan = plan(vec![support("a"), support("b"), permission]);
    let mut ranked: Vec<(usize, usize)> = pack(&plan).iter().map(|step| (step.rank, step.changes[0].0)).collect();
    ranked.sort_unstable();
    assert_eq!(ranked.into_iter().map(|(_, change)| change).collect::<Vec<_>>(), [2, 0, 1]);
}

#[test]
fn what_writes_no_platform_is_told_apart() {
    let seat = |action| change(Address::agent("1"), NaturalKey::Agent { operator_id: "1".into() }, action, None, &[]);
    let plan = plan(vec![
        seat(Action::Record { remotes: vec![id("1")], values: Values::new() }),
        seat(Action::Forget { id: EntryId::new(Kind::Agent, &id("1")), why: ForgetReason::Gone }),
        seat(Action::Refuse { why: vec![Refusal::AdoptionRefused] }),
        seat(create()),
    ]);
    let kinds: Vec<(StepKind, bool)> = pack(&plan).iter().map(|step| (step.kind, step.platform.is_some())).collect();
    assert_eq!(kinds, [(StepKind::Book, false), (StepKind::Book, false), (StepKind::Refuse, false), (StepKind::Create, true)]);
}

fn seat(number: &str, more: &[(&str, Value)], waits_for: &[usize]) -> Change {
    let basic = [("operatorId", Value::text(number)), ("role", Value::text("客服"))];
    let pairs = basic.iter().chain(more);
    let values: Values = pairs.map(|(name, value)| (Kind::Agent.key(name).unwrap(), value.clone())).collect();
    let create = Action::Create { values, secret: None };
    change(Address::agent(number), NaturalKey::Agent { operator_id: number.into() }, create, None, waits_for)
}

fn with_secret(mut seat: Change, variable: &str) -> Change {
    if let Action::Create { secret, .. } = &mut seat.action {
        *secret = Some(SecretRef { source: SecretSource::Env(variable.into()), version: 1 });
    }
    seat
}

/// The numbers of each step's seats.
fn packed_seats(seats: Vec<Change>) -> Vec<Vec<String>> {
    let plan = plan(seats);
    let number = |id: &ChangeId| plan.get(*id).address.to_string().replace("agent/", "");
    pack(&plan).iter().map(|step| step.changes.iter().map(number).collect()).collect()
}

#[test]
fn equal_seats_that_follow_each_other_are_one_step_whatever_their_order_in_the_plan() {
    let seats = ["8033", "8031", "80320", "8032", "8035"].map(|number| seat(number, &[], &[]));
    assert_eq!(packed_seats(seats.to_vec()), [vec!["8031", "8032", "8033"], vec!["80320"], vec!["8035"]]);
}

#[test]
fn numbers_of_another_width_and_with_letters_stand_alone() {
    let seats = ["0099", "0100", "99", "100", "A-1", "A-2"].map(|number| seat(number, &[], &[]));
    assert_eq!(packed_seats(seats.to_vec()), [vec!["0099", "0100"], vec!["99"], vec!["100"], vec!["A-1"], vec!["A-2"]]);
}

#[test]
fn what_a_creation_sends_must_be_equal_and_what_an_edit_adds_need_not() {
    let name = |text| [("name", Value::text(text))];
    let seats = vec![
        seat("1", &name("a"), &[]),
        seat("2", &[name("a")[0].clone(), ("enabled", Value::Flag(false))], &[]),
        seat("3", &name("b"), &[]),
        // The skill of a new seat is its main group where nothing else is said.
        seat("4", &[name("b")[0].clone(), ("skillGroup", Value::text("售后"))], &[]),
        // One with a number of its own is made without one.
        seat("5", &[name("b")[0].clone(), ("sipNumber", Value::text("8700007777"))], &[]),
    ];
    assert_eq!(packed_seats(seats), [vec!["1", "2"], vec!["3"], vec!["4"], vec!["5"]]);
}

#[test]
fn seats_with_other_secrets_or_other_waits_are_made_apart() {
    let plain = |number| seat(number, &[], &[]);
    let seats = vec![
        with_secret(plain("1"), "FIRST_DAY"),
        with_secret(plain("2"), "FIRST_DAY"),
        with_secret(plain("3"), "SEAT_3"),
        plain("4"),
        seat("5", &[], &[0]),
        seat("6", &[], &[0]),
    ];
    assert_eq!(packed_seats(seats), [vec!["1", "2"], vec!["3"], vec!["4"], vec!["5", "6"]]);
}

#[test]
fn ten_thousand_seats_are_ten_calls() {
    let seats = (10_000..20_000).map(|number| seat(&number.to_string(), &[], &[])).collect();
    assert_eq!(sizes(&plan(seats)), [1_000; 10]);
}

#[test]
fn a_large_plan_is_packed_person_by_person() {
    let people = 2_000;
    let mut changes: Vec<Change> = (0..people).map(|n| support(&format!("p{n}"))).collect();
    for date in days("2026-12-01", 30) {
        changes.extend((0..people).map(|n| shift(PersonTarget::New(ChangeId(n)), date, create(), &[n])));
    }
    assert_eq!(pack(&plan(changes)).len(), 2 * people);
}
