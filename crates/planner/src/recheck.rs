//! Holds a saved plan against the world again, before the first write (design.md section 4: apply executes a plan value, nothing else).
//!
//! Each change is one of four: still to be done as it was planned; done already, by an earlier apply of the same plan; too late, because
//! its shift has begun or ended since; or moved: what it was planned against is not there any more. One moved change refuses the whole
//! plan, because its reader agreed to all of it.
//!
//! Limits: pure. It asks whether the plan is still true and not whether it is still wanted: manifests are not looked at.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use deskform_model::field::READ;
use deskform_model::time::{self, Date, DateTime};
use deskform_model::{Address, FieldKey, Kind, NaturalKey, Person, RemoteId, Text, Value, Values};

use crate::ledger::{Entry, EntryId, Ledger};
use crate::needs::Needs;
use crate::observed::{Duty, LiveObject, Observed};
use crate::overnight;
use crate::plan::{Action, Before, Change, ChangeId, FieldChange, PersonTarget, Plan, Refusal};
use crate::policy::Overnight;

/// A saved plan that still holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Rechecked {
    /// What is left of it. Changes that are too late are refusals in it.
    pub plan: Plan,
    /// How many changes were done already.
    pub done: usize,
}

/// A change whose object is not as the plan saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// What it is called.
    pub address: Address,
    /// In what it moved.
    pub what: Movement,
}

/// In what an object differs from what a plan saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Movement {
    /// It was to be created, and it is there.
    Exists,
    /// It is not there any more.
    Gone,
    /// A field has another value.
    Field {
        /// The field.
        field: FieldKey,
        /// What the plan saw; nothing where nothing was known.
        planned: Option<Value>,
        /// What is there now, or what the ledger says was last sent of a field that no call shows; nothing where nothing is known.
        found: Option<Value>,
    },
    /// The person that it belongs to is not there.
    PersonGone,
}

/// Adds to a reading what a saved plan is about.
pub fn widen(needs: &mut Needs, plan: &Plan, now: DateTime) {
    let mut dates: BTreeSet<Date> = BTreeSet::new();
    for change in &plan.changes {
        match &change.key {
            NaturalKey::Agent { .. } => needs.agents = true,
            NaturalKey::Support { account } => {
                needs.supports = true;
                if change.values().is_some_and(|values| values.iter().any(|(key, _)| matches!(key, FieldKey::Custom(_)))) {
                    needs.detail_accounts.insert(account.clone());
                }
            }
            NaturalKey::Permission { .. } => needs.supports = true,
            NaturalKey::Shift { date, .. } => {
                needs.supports = true;
                dates.insert(*date);
            }
        }
        if let Action::Restore { remote, .. } = &change.action {
            needs.recycled_ids.insert(remote.clone());
        }
    }
    let first = time::previous_day(now.date()).unwrap_or(now.date());
    // The second half of a night shift lies on the day after.
    if let Some(last) = dates.last().copied().and_then(time::next_day).filter(|last| *last >= first) {
        let (begin, end) = needs.duties.unwrap_or((first, last));
        needs.duties = Some((begin.min(first), end.max(last)));
    }
}

/// Holds a saved plan against what is there now. `overnight` is how the plan sends shifts over midnight.
///
/// # Errors
/// Every change whose object has moved, in the order of the plan.
pub fn recheck(plan: Plan, observed: &Observed, ledger: &Ledger, now: DateTime, overnight: Overnight) -> Result<Rechecked, Vec<Moved>> {
    let world = World::new(observed, ledger, overnight);
    let mut finding: Vec<Finding> = Vec::with_capacity(plan.changes.len());
    // A seat is replaced under its own key: what stands there may be the old one or, after its successor was made, the new one.
    let replaced: BTreeSet<ChangeId> = plan
        .changes
        .iter()
        .filter_map(|change| match &change.action {
            Action::Delete { successor, .. } => *successor,
            _ => None,
        })
        .collect();
    for (at, change) in plan.changes.iter().enumerate() {
        finding.push(world.find(&plan, change, replaced.contains(&ChangeId(at))));
    }
    for (at, change) in plan.changes.iter().enumerate() {
        if let Action::Delete { successor: Some(successor), .. } = &change.action
            && change.kind() == Kind::Agent
            && matches!(finding[successor.0], Finding::Done(_))
        {
            finding[at] = Finding::Done(None);
        }
        let late = change.valid_until.is_some_and(|until| until <= now);
        if late && !matches!(finding[at], Finding::Done(_)) {
            finding[at] = Finding::TooLate;
        }
    }
    let moved: Vec<Moved> = plan
        .changes
        .iter()
        .zip(&finding)
        .filter_map(|(change, finding)| match finding {
            Finding::Moved(what) => Some(Moved { address: change.address.clone(), what: what.clone() }),
            _ => None,
        })
        .collect();
    if moved.is_empty() { Ok(remaining(plan, &finding, ledger)) } else { Err(moved) }
}

/// What became of one change.
#[derive(Clone, Debug)]
enum Finding {
    Pending,
    /// With the id of a person whom it made.
    Done(Option<RemoteId>),
    TooLate,
    Moved(Movement),
}

/// Takes out what is done, and leaves out what is too late.
fn remaining(plan: Plan, finding: &[Finding], ledger: &Ledger) -> Rechecked {
    let mut places: Vec<Option<ChangeId>> = Vec::with_capacity(finding.len());
    let mut next = 0;
    for found in finding {
        let stays = !matches!(found, Finding::Done(_));
        places.push(stays.then_some(ChangeId(next)));
        next += usize::from(stays);
    }
    let done = finding.len() - next;
    let mut changes = Vec::with_capacity(next);
    for (change, found) in plan.changes.into_iter().zip(finding) {
        if matches!(found, Finding::Done(_)) {
            continue;
        }
        let mut change = change;
        change.waits_for = change.waits_for.into_iter().filter_map(|id| places[id.0]).collect();
        if let Some(PersonTarget::New(id)) = &change.person {
            change.person = match (&finding[id.0], places[id.0]) {
                (_, Some(id)) => Some(PersonTarget::New(id)),
                (Finding::Done(Some(remote)), None) => Some(PersonTarget::Live(remote.clone())),
                (_, None) => None,
            };
            // An existing person is known by the id alone.
            if let Some(PersonTarget::Live(remote)) = &change.person {
                change.key = with_person(&change.key, remote.text());
            }
        }
        if let Action::Delete { successor, .. } = &mut change.action {
            *successor = successor.and_then(|id| places[id.0]);
        }
        if let (Finding::TooLate, Some(since)) = (found, change.valid_until) {
            change.action = Action::Refuse { why: vec![Refusal::TooLate { since }] };
        }
        changes.push(change);
    }
    let valid_until = changes.iter().filter(|change| change.action.writes()).filter_map(|change| change.valid_until).min();
    let ended = plan.ended.into_iter().filter(|id| ledger.entries.contains_key(id)).collect();
    Rechecked { plan: Plan { changes, valid_until, ended, ..plan }, done }
}

fn with_person(key: &NaturalKey, id: &Text) -> NaturalKey {
    let person = Person::Id(id.clone());
    match key {
        NaturalKey::Permission { module, .. } => NaturalKey::Permission { person, module: *module },
        NaturalKey::Shift { date, start, .. } => NaturalKey::Shift { person, date: *date, start: *start },
        NaturalKey::Support { .. } | NaturalKey::Agent { .. } => key.clone(),
    }
}

/// What is there now, by id and by key.
struct World<'a> {
    supports: BTreeMap<&'a RemoteId, &'a LiveObject>,
    accounts: BTreeMap<&'a NaturalKey, &'a LiveObject>,
    recycled: BTreeMap<&'a RemoteId, &'a LiveObject>,
    seats: BTreeMap<&'a NaturalKey, &'a LiveObject>,
    duties: HashMap<&'a RemoteId, &'a Duty>,
    /// Duties that the ledger does not own, by person and day.
    strangers: HashMap<(&'a RemoteId, Date), Vec<&'a Duty>>,
    entries: BTreeMap<&'a NaturalKey, &'a Entry>,
    ledger: &'a Ledger,
    overnight: Overnight,
}

impl<'a> World<'a> {
    fn new(observed: &'a Observed, ledger: &'a Ledger, overnight: Overnight) -> Self {
        let owned: BTreeSet<&RemoteId> = ledger.of_kind(Kind::Shift).flat_map(|entry| &entry.remotes).collect();
        let mut strangers: HashMap<_, Vec<_>> = HashMap::new();
        for duty in observed.duties.iter().filter(|duty| !owned.contains(&duty.remote)) {
            strangers.entry((&duty.person, duty.date)).or_default().push(duty);
        }
        Self {
            supports: observed.supports.iter().map(|live| (&live.remote, live)).collect(),
            accounts: observed.supports.iter().map(|live| (&live.key, live)).collect(),
            recycled: observed.recycled.iter().map(|live| (&live.remote, live)).collect(),
            seats: observed.agents.iter().map(|live| (&live.key, live)).collect(),
            duties: observed.duties.iter().map(|duty| (&duty.remote, duty)).collect(),
            strangers,
            entries: ledger.entries.values().map(|entry| (&entry.key, entry)).collect(),
            ledger,
            overnight,
        }
    }

    fn find(&self, plan: &Plan, change: &Change, replaces: bool) -> Finding {
        let (key, person) = match &change.person {
            None => (change.key.clone(), None),
            Some(PersonTarget::Live(id)) => {
                // What takes something away needs nobody: the same plan may have taken the person away by now.
                let takes_away = matches!(change.action, Action::Delete { .. } | Action::Forget { .. });
                if !takes_away && !self.supports.contains_key(id) && !self.is_restored(plan, id) {
                    return Finding::Moved(Movement::PersonGone);
                }
                (change.key.clone(), Some(id.clone()))
            }
            Some(PersonTarget::New(id)) => match self.entries.get(&plan.get(*id).key) {
                Some(entry) => {
                    let remote = entry.remotes.first().cloned();
                    let key = remote.as_ref().map_or_else(|| change.key.clone(), |remote| with_person(&change.key, remote.text()));
                    (key, remote)
                }
                // Nothing can be there of somebody who is not made yet.
                None => return Finding::Pending,
            },
        };
        match &change.action {
            Action::Create { values, .. } => self.creation(&key, person.as_ref(), values, replaces),
            Action::Update { remotes, fields, saw, values, .. } => {
                let ids = || remotes.iter().flatten();
                let entry = self.entry(change.kind(), ids().next(), &key);
                let Some(live) = self.live(change, &key, ids(), entry, values) else { return Finding::Moved(Movement::Gone) };
                match edit(change.kind(), fields, Some(saw), &live, entry) {
                    Finding::Done(_) if !entry.is_some_and(|entry| is_linked(entry, person.as_ref())) => Finding::Pending,
                    finding => finding,
                }
            }
            Action::Restore { remote, values, fields } => match (self.recycled.get(remote), self.supports.get(remote)) {
                (_, Some(_)) => match self.entries.get(&key) {
                    Some(entry) if entry.set == *values => Finding::Done(None),
                    _ => Finding::Moved(Movement::Exists),
                },
                (Some(bin), None) => edit(Kind::Support, fields, None, &bin.values, None),
                (None, None) => Finding::Moved(Movement::Gone),
            },
            Action::Delete { remotes, last, .. } => {
                let entry = self.entry(change.kind(), remotes.first(), &key);
                match (self.live(change, &key, remotes.iter(), entry, last), entry) {
                    // What no call shows is gone when the ledger let go of it.
                    (_, None) if change.kind() == Kind::Permission => Finding::Done(None),
                    (Some(live), _) => removal(change.kind(), last, &live),
                    (None, Some(_)) => Finding::Moved(Movement::Gone),
                    (None, None) => Finding::Done(None),
                }
            }
            Action::Record { remotes, values } => {
                let entry = self.entry(change.kind(), remotes.first(), &key);
                let recorded = |entry: &Entry| {
                    entry.address == change.address
                        && entry.set == *values
                        && entry.protect == change.protect
                        && entry.remotes == *remotes
                        && is_linked(entry, person.as_ref())
                };
                if entry.is_some_and(recorded) {
                    return Finding::Done(None);
                }
                match self.live(change, &key, remotes.iter(), entry, values) {
                    Some(_) => Finding::Pending,
                    None => Finding::Moved(Movement::Gone),
                }
            }
            Action::Forget { id, .. } => {
                if self.ledger.entries.contains_key(id) {
                    Finding::Pending
                } else {
                    Finding::Done(None)
                }
            }
            Action::Refuse { .. } => Finding::Pending,
        }
    }

    /// Whether the plan itself takes the person out of the bin.
    fn is_restored(&self, plan: &Plan, id: &RemoteId) -> bool {
        self.recycled.contains_key(id)
            && plan.changes.iter().any(|change| matches!(&change.action, Action::Restore { remote, .. } if remote == id))
    }

    fn entry(&self, kind: Kind, remote: Option<&RemoteId>, key: &NaturalKey) -> Option<&'a Entry> {
        let by_id = remote.filter(|_| kind != Kind::Permission).and_then(|remote| self.ledger.entries.get(&EntryId::new(kind, remote)));
        by_id.or_else(|| self.entries.get(key).copied())
    }

    /// What an object shows now; nothing when it is gone. Of a permission nothing can be read, and it is there as long as its person is.
    fn live<'b>(
        &self,
        change: &Change,
        key: &NaturalKey,
        remotes: impl Iterator<Item = &'b RemoteId>,
        entry: Option<&Entry>,
        values: &Values,
    ) -> Option<Values> {
        match change.kind() {
            Kind::Permission => entry.map(|entry| entry.set.clone()).or_else(|| Some(Values::new())),
            Kind::Support => remotes.into_iter().next().and_then(|id| self.supports.get(id)).map(|live| live.values.clone()),
            Kind::Agent => self.seats.get(key).map(|live| live.values.clone()),
            Kind::Shift => {
                let find = |id: &RemoteId| self.duties.get(id).copied();
                let joined = match entry {
                    Some(entry) => overnight::joined(entry, find),
                    None => overnight::joined(&stand_in(change, key, remotes.cloned().collect(), values), find),
                };
                joined.map(|live| live.values)
            }
        }
    }

    fn creation(&self, key: &NaturalKey, person: Option<&RemoteId>, values: &Values, replaces: bool) -> Finding {
        let entry = self.entries.get(key).copied();
        if let Some(entry) = entry {
            let there = match key {
                NaturalKey::Support { .. } => entry.remotes.first().is_some_and(|id| self.supports.contains_key(id)),
                NaturalKey::Agent { .. } => self.seats.contains_key(key),
                NaturalKey::Permission { .. } => true,
                NaturalKey::Shift { .. } => entry.remotes.iter().all(|id| self.duties.contains_key(id)),
            };
            if there && entry.set == *values {
                let remote = matches!(key, NaturalKey::Support { .. }).then(|| entry.remotes.first().cloned()).flatten();
                return Finding::Done(remote);
            }
            // A shift that the same plan moves away may still stand where a new one begins.
            let moves = matches!(key, NaturalKey::Shift { .. });
            return if !there || replaces || moves { Finding::Pending } else { Finding::Moved(Movement::Exists) };
        }
        let exists = match key {
            NaturalKey::Support { .. } => self.accounts.contains_key(key),
            NaturalKey::Agent { .. } => self.seats.contains_key(key) && !replaces,
            NaturalKey::Permission { .. } => false,
            NaturalKey::Shift { date, .. } => person.is_some_and(|person| self.is_there(person, *date, values)),
        };
        if exists { Finding::Moved(Movement::Exists) } else { Finding::Pending }
    }

    /// Whether somebody made an equal shift that nobody owns: a plan would have taken it over.
    fn is_there(&self, person: &RemoteId, date: Date, values: &Values) -> bool {
        let Some((start, end)) = overnight::hours(values) else { return false };
        let name = values.named(Kind::Shift, "name").unwrap_or(&Value::Null);
        overnight::pieces(date, start, end, self.overnight).iter().all(|piece| {
            let day = self.strangers.get(&(person, piece.date));
            day.is_some_and(|duties| duties.iter().any(|duty| overnight::is_piece(duty, piece, name)))
        })
    }
}

/// Whether the ledger knows whose seat it is.
fn is_linked(entry: &Entry, person: Option<&RemoteId>) -> bool {
    entry.key.kind() != Kind::Agent || entry.support.as_ref() == person
}

/// A shift that is not in the ledger, as far as the joining of its duties needs it.
fn stand_in(change: &Change, key: &NaturalKey, remotes: Vec<RemoteId>, values: &Values) -> Entry {
    Entry {
        address: change.address.clone(),
        key: key.clone(),
        remotes,
        set: values.clone(),
        seen: None,
        at: Text::default(),
        protect: false,
        support: None,
        title: Text::default(),
    }
}

/// Compares an edit's fields with what is there: as before, as wanted, or neither.
fn edit(kind: Kind, fields: &[FieldChange], saw: Option<&Values>, live: &Values, entry: Option<&Entry>) -> Finding {
    let mut done = entry.is_some();
    for change in fields {
        let sent = entry.and_then(|entry| entry.set.get(&change.field));
        let now = live.get(&change.field);
        let as_wanted = sent == Some(&change.after)
            && entry.and_then(|entry| entry.seen.as_ref()).is_none_or(|seen| now.is_none() || seen.get(&change.field) == now);
        let (as_before, planned) = match &change.before {
            Before::Live(before) => (now == Some(before) || (now.is_none() && *before == Value::Null), Some(before)),
            Before::LastSet(before, _) => (sent == Some(before), Some(before)),
            Before::Unknown => (sent.is_none(), None),
        };
        if !as_before && !as_wanted {
            let found = if matches!(change.before, Before::Live(_)) { now } else { sent };
            let found = found.cloned();
            return Finding::Moved(Movement::Field { field: change.field.clone(), planned: planned.cloned(), found });
        }
        done &= as_wanted;
    }
    for (key, value) in saw.into_iter().flat_map(Values::iter) {
        let now = live.get(key);
        if now != Some(value) && key.field(kind).has(READ) {
            return Finding::Moved(Movement::Field { field: key.clone(), planned: Some(value.clone()), found: now.cloned() });
        }
    }
    if done { Finding::Done(None) } else { Finding::Pending }
}

/// Compares what is to be removed with what the plan's reader saw of it.
fn removal(kind: Kind, last: &Values, live: &Values) -> Finding {
    for (key, value) in last.iter() {
        let Some(now) = live.get(key).filter(|now| *now != value) else { continue };
        if key.field(kind).has(READ) || kind == Kind::Permission {
            return Finding::Moved(Movement::Field { field: key.clone(), planned: Some(value.clone()), found: Some(now.clone()) });
        }
    }
    Finding::Pending
}
