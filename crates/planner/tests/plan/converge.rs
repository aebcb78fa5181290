//! Whatever the manifests, the platforms and the ledger were: a plan that was carried out leaves nothing to do, keeps to its own order, and
//! never deletes what the ledger does not own.

use std::collections::BTreeMap;

use deskform_model::{Kind, NaturalKey, Person, RemoteId, Resource, Value, Values};
use deskform_planner::ledger::{Entry, EntryId, Record, Recycled};
use deskform_planner::overnight;
use deskform_planner::plan::{Action, Change, ChangeId, PersonTarget};
use deskform_planner::policy::Overnight;
use deskform_planner::recheck::recheck;
use deskform_planner::saved::ChangeDocument;
use deskform_planner::{Duty, LiveObject, Plan};
use proptest::prelude::*;

use crate::world::{World, agent, declared, id, permission, shift, support, text};

/// Carries out a plan the way a perfect platform and applier would.
pub(crate) fn carry_out(world: &mut World, plan: &Plan) {
    carry_out_until(world, plan, usize::MAX);
}

/// The same, cut off after so many changes; says how many of them did anything.
fn carry_out_until(world: &mut World, plan: &Plan, most: usize) -> usize {
    let mut done = 0;
    for entry in &plan.ended {
        world.ledger.entries.remove(entry);
    }
    let mut made: BTreeMap<ChangeId, RemoteId> = BTreeMap::new();
    let mut left: Vec<usize> = (0..plan.changes.len()).collect();
    while !left.is_empty() && plan.changes.len() - left.len() < most {
        let ready = left.iter().position(|at| plan.changes[*at].waits_for.iter().all(|id| !left.contains(&id.0)));
        let at = left.remove(ready.expect("an order without a circle"));
        let change = &plan.changes[at];
        done += usize::from(!matches!(change.action, Action::Refuse { .. }));
        if let Action::Delete { remotes, .. } = &change.action {
            let named = change.reason == deskform_planner::plan::Reason::EnsureAbsent;
            assert!(named || owned(world, change, remotes), "{} is not owned", change.address);
        }
        for void in &change.bookkeeping.voids {
            world.ledger.entries.remove(void);
        }
        let person = match &change.person {
            Some(PersonTarget::Live(id)) => Some(id.clone()),
            Some(PersonTarget::New(id)) => Some(made[id].clone()),
            None => None,
        };
        if let Some(remote) = carry_out_one(world, change, person) {
            made.insert(ChangeId(at), remote);
        }
    }
    done
}

fn carry_out_one(world: &mut World, change: &Change, person: Option<RemoteId>) -> Option<RemoteId> {
    match &change.action {
        Action::Create { values, .. } => {
            let remotes = match &change.key {
                NaturalKey::Support { .. } => {
                    let remote = id(&format!("s{}", world.observed.supports.len() + world.ledger.recycled.len() + 100));
                    world.observed.supports.push(LiveObject {
                        remote: remote.clone(),
                        key: change.key.clone(),
                        values: shown(Kind::Support, values),
                    });
                    vec![remote]
                }
                NaturalKey::Agent { operator_id } => {
                    let remote = id(operator_id);
                    world.observed.agents.push(LiveObject {
                        remote: remote.clone(),
                        key: change.key.clone(),
                        values: shown(Kind::Agent, values),
                    });
                    vec![remote]
                }
                NaturalKey::Permission { .. } => vec![person.clone().expect("a person")],
                NaturalKey::Shift { date, .. } => write_duties(world, person.as_ref().expect("a person"), *date, values),
            };
            own(world, change, remotes.clone(), values.clone(), person);
            remotes.into_iter().next()
        }
        Action::Update { remotes, values, .. } => {
            let live: Vec<RemoteId> = remotes.iter().flatten().cloned().collect();
            let remotes = match &change.key {
                NaturalKey::Shift { date, .. } => {
                    world.observed.duties.retain(|duty| !live.contains(&duty.remote));
                    write_duties(world, person.as_ref().expect("a person"), *date, values)
                }
                _ => live.clone(),
            };
            if let Some(first) = live.first().filter(|_| change.kind() == Kind::Shift) {
                world.ledger.entries.remove(&EntryId::new(Kind::Shift, first));
            }
            write_object(world, change.kind(), &remotes[0], values);
            own(world, change, remotes, values.clone(), person);
            None
        }
        Action::Restore { remote, values, .. } => {
            let at = world.observed.recycled.iter().position(|object| object.remote == *remote).expect("in the bin");
            let object = world.observed.recycled.remove(at);
            world.observed.supports.push(object);
            if let NaturalKey::Support { account } = &change.key {
                world.ledger.record(Record::LeftBin { account: account.clone() });
            }
            write_object(world, Kind::Support, remote, values);
            own(world, change, vec![remote.clone()], values.clone(), None);
            Some(remote.clone())
        }
        Action::Delete { remotes, last, .. } => {
            let gone = world
                .observed
                .supports
                .extract_if(.., |object| change.kind() == Kind::Support && remotes.contains(&object.remote))
                .collect::<Vec<_>>();
            if let (NaturalKey::Support { account }, Some(object)) = (&change.key, gone.into_iter().next()) {
                let recycled = Box::new(Recycled { remote: object.remote.clone(), address: change.address.clone(), set: last.clone() });
                world.observed.recycled.push(object);
                world.ledger.record(Record::Recycled { account: account.clone(), recycled });
            }
            world.observed.agents.retain(|object| change.kind() != Kind::Agent || !remotes.contains(&object.remote));
            world.observed.duties.retain(|duty| change.kind() != Kind::Shift || !remotes.contains(&duty.remote));
            world.ledger.entries.retain(|_, entry| entry.key.kind() != change.kind() || !remotes.contains(&entry.remotes[0]));
            None
        }
        Action::Record { remotes, values } => {
            own(world, change, remotes.clone(), values.clone(), person);
            None
        }
        Action::Forget { id, .. } => {
            world.ledger.entries.remove(id);
            None
        }
        Action::Refuse { .. } => None,
    }
}

fn owned(world: &World, change: &Change, remotes: &[RemoteId]) -> bool {
    world.ledger.of_kind(change.kind()).any(|entry| entry.remotes.iter().any(|remote| remotes.contains(remote)))
}

fn shown(kind: Kind, values: &Values) -> Values {
    let readable = |key: &deskform_model::FieldKey| key.field(kind).has(deskform_model::field::READ);
    values.iter().filter(|(key, _)| readable(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn write_object(world: &mut World, kind: Kind, remote: &RemoteId, values: &Values) {
    let objects = match kind {
        Kind::Support => &mut world.observed.supports,
        Kind::Agent => &mut world.observed.agents,
        Kind::Permission | Kind::Shift => return,
    };
    let object = objects.iter_mut().find(|object| object.remote == *remote).expect("live");
    for (key, value) in shown(kind, values).iter() {
        object.values.insert(key.clone(), value.clone());
    }
}

fn write_duties(world: &mut World, person: &RemoteId, date: deskform_model::time::Date, values: &Values) -> Vec<RemoteId> {
    let (start, end) = overnight::hours(values).expect("hours");
    let pieces = overnight::pieces(date, start, end, Overnight::Split);
    let mut remotes = Vec::new();
    for piece in pieces {
        let remote = id(&format!("d{}", world.fresh()));
        let mut shown = values.clone();
        shown.remove(&Kind::Shift.key("url").expect("a field"));
        for (field, time) in [("start", piece.start), ("end", piece.end)] {
            shown.insert(Kind::Shift.key(field).expect("a field"), text(&deskform_model::time::format_time(time)));
        }
        world.observed.duties.push(Duty { remote: remote.clone(), person: person.clone(), date: piece.date, values: shown });
        remotes.push(remote);
    }
    remotes
}

/// Writes the ledger as the applier does after a step and the read that follows it.
fn own(world: &mut World, change: &Change, remotes: Vec<RemoteId>, set: Values, person: Option<RemoteId>) {
    let mut key = change.key.clone();
    if let (NaturalKey::Permission { person: owner, .. } | NaturalKey::Shift { person: owner, .. }, Some(person)) = (&mut key, &person) {
        *owner = Person::Id(person.text().clone());
    }
    let mut entry = Entry {
        address: change.address.clone(),
        key,
        remotes,
        set,
        seen: None,
        at: "2026-12-01T08:00:00".into(),
        protect: change.protect,
        support: (change.kind() == Kind::Agent).then_some(person).flatten(),
        title: change.title.clone(),
    };
    entry.seen = match change.kind() {
        Kind::Support => {
            world.observed.supports.iter().find(|object| object.remote == entry.remotes[0]).map(|object| object.values.clone())
        }
        Kind::Agent => world.observed.agents.iter().find(|object| object.remote == entry.remotes[0]).map(|object| object.values.clone()),
        Kind::Shift => {
            let duties = &world.observed.duties;
            overnight::joined(&entry, |remote| duties.iter().find(|duty| duty.remote == *remote)).map(|live| live.values)
        }
        Kind::Permission => None,
    };
    let id: EntryId = entry.id();
    world.ledger.entries.insert(id, entry);
}

/// A handful of people, days, hours and seats, so that collisions are the rule.
fn any_resource() -> impl Strategy<Value = Resource> {
    let person = prop::sample::select(vec!["a", "b", "c"]);
    let hours =
        prop::sample::select(vec![("06:00", "14:00"), ("07:00", "09:30"), ("09:00", "18:00"), ("14:00", "00:00"), ("22:00", "06:00")]);
    let date = prop::sample::select(vec!["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03"]);
    let name = prop::sample::select(vec!["", "早班", "夜班"]);
    prop_oneof![
        (person.clone(), 0..2u8, any::<bool>(), 0..2u8).prop_map(|(name, mobile, admin, account)| {
            let mobile = if mobile == 0 { Value::Null } else { text("132") };
            let someone = support(name, &format!("account-{name}-{account}"), &[("mobile", mobile), ("admin", Value::Flag(admin))]);
            crate::world::with(someone, |lifecycle| lifecycle.replace = true)
        }),
        (person.clone(), any::<bool>()).prop_map(|(name, on)| permission(&declared(name), on)),
        (person.clone(), date, hours, name).prop_map(|(person, date, (start, end), name)| shift(&declared(person), date, start, end, name)),
        (prop::sample::select(vec!["8001", "8002"]), any::<bool>(), 0..3i64, prop::option::of(person)).prop_map(
            |(operator, video, seconds, person)| {
                let mut seat =
                    agent(operator, &[("video", Value::Flag(video)), ("afterCallSeconds", Value::Number(seconds)), ("role", text("客服"))]);
                seat.support = person.map(declared).map(Box::new);
                crate::world::with(seat, |lifecycle| lifecycle.replace = true)
            }
        ),
    ]
}

/// A set of manifests that the model would accept: everybody who is referred to is declared, and nobody works twice at a time.
pub(crate) fn any_manifests() -> impl Strategy<Value = Vec<Resource>> {
    prop::collection::vec(any_resource(), 0..14).prop_map(|resources| {
        let mut by_address: BTreeMap<_, Resource> = resources.into_iter().map(|resource| (resource.address.clone(), resource)).collect();
        let people: Vec<Person> = by_address.values().flat_map(|resource| resource.people().cloned().collect::<Vec<_>>()).collect();
        for person in people {
            if let Person::Declared(name) = &person {
                let someone = support(name, &format!("account-{name}-0"), &[]);
                by_address.entry(someone.address.clone()).or_insert(someone);
            }
        }
        let mut busy: Vec<(Person, _)> = Vec::new();
        by_address.retain(|_, resource| {
            let NaturalKey::Shift { person, date, .. } = &resource.key else { return true };
            let (start, end) = overnight::hours(&resource.values).expect("hours");
            let (from, to) = deskform_model::time::interval(*date, start, end);
            let free = !busy.iter().any(|(other, (a, b))| other == person && from < *b && *a < to);
            if free {
                busy.push((person.clone(), (from, to)));
            }
            free
        });
        by_address.into_values().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn apply_then_plan_is_empty(
        first in any_manifests(),
        second in any_manifests(),
        lose in prop::collection::vec(0..20usize, 0..3),
        destroyed in prop::collection::vec(0..20usize, 0..3),
        cut in 0..8usize,
    ) {
        let mut world = World::new(first);
        let plan = world.plan();
        carry_out(&mut world, &plan);
        prop_assert!(world.plan().is_empty(), "first: {:?}", world.summary());

        // Somebody deletes things behind our back, and the ledger loses a few entries.
        for at in destroyed {
            let duties = &mut world.observed.duties;
            if at < duties.len() {
                duties.remove(at);
            }
        }
        for at in lose {
            if let Some(id) = world.ledger.entries.keys().nth(at).cloned() {
                world.ledger.entries.remove(&id);
            }
        }
        world.desired = second;
        let plan = world.plan();
        let told = world.summary();
        let recheck = |world: &World, plan: &Plan| recheck(plan.clone(), &world.observed, &world.ledger, world.now, Overnight::Split);

        // A saved plan that nothing has happened to is still the plan, and comes out of its document as it went in.
        let same = recheck(&world, &plan).map_err(|moved| TestCaseError::fail(format!("{moved:?}")))?;
        prop_assert_eq!((&same.plan, same.done), (&plan, 0));
        for change in &plan.changes {
            let text = serde_json::to_string(&ChangeDocument::of(change)).expect("JSON");
            let read = serde_json::from_str::<ChangeDocument<'_>>(&text).expect("a document").read(plan.changes.len());
            prop_assert_eq!(read, Ok(Change { origin: None, ..change.clone() }));
        }

        // A part of it is done; what is left is still true, and does the rest.
        let done = carry_out_until(&mut world, &plan, cut);
        let rest = recheck(&world, &plan).map_err(|moved| TestCaseError::fail(format!("{moved:?}\n{told:?}")))?;
        prop_assert!(rest.done >= done, "{told:?}");
        carry_out(&mut world, &rest.plan);
        // What nobody owned any more cannot be replaced, and says so for good.
        let refused = |change: &Change| matches!(change.action, Action::Refuse { .. });
        prop_assert!(world.plan().changes.iter().all(refused), "second: {:?}\nafter: {told:?}", world.summary());
    }
}
