//! Shifts: by person and day, because the platform's ids say nothing and its hours and names need not be unique (api-spec.md H37).
//!
//! Within a day, first what the ledger owns is given to what is declared: the identical, then the same name, then the same start, then
//! the rest in order. Then live duties that nobody owns, but only when start, end and name are equal. Everything else live is left
//! alone. A shift that has ended is a fact, and one in progress keeps its start (design.md section 3, "Time").

mod live;

use std::collections::{BTreeSet, HashMap};

use deskform_model::kind::shift::{END, NAME, START};
use deskform_model::time::{self, Date, DateTime};
use deskform_model::{Ensure, FieldKey, Kind, NaturalKey, RemoteId, Resource, Value, Values};

use self::live::LiveDay;
use super::{Existing, People, Planner, Settled, Whereabouts, of_kind, resolved, same_object};
use crate::ledger::Entry;
use crate::overnight::{self, Live};
use crate::plan::{Action, ForgetReason, NoteKind, PersonTarget, Reason};

/// All days of which something is declared or owned.
#[derive(Default)]
struct Days<'a> {
    days: HashMap<(PersonTarget, Date), Day<'a>>,
}

impl<'a> Days<'a> {
    fn of(&mut self, person: &PersonTarget, date: Date) -> &mut Day<'a> {
        self.days.entry((person.clone(), date)).or_default()
    }

    /// By person and date. They are looked up by the tens of thousands before, which is cheaper without an order.
    fn sorted(self) -> Vec<((PersonTarget, Date), Day<'a>)> {
        let mut days: Vec<_> = self.days.into_iter().collect();
        days.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        days
    }
}

/// One person's day: what is declared and what is owned.
#[derive(Default)]
struct Day<'a> {
    desired: Vec<Desired<'a>>,
    owned: Vec<Owned<'a>>,
}

struct Desired<'a> {
    resource: &'a Resource,
    whereabouts: Whereabouts,
    interval: (DateTime, DateTime),
}

struct Owned<'a> {
    entry: &'a Entry,
    /// `None` when its duties are gone.
    live: Option<Live>,
    interval: (DateTime, DateTime),
}

pub(super) fn plan<'a>(planner: &mut Planner<'a>, people: &People<'a>) {
    let inputs = planner.inputs;
    let mut live = LiveDay::new(inputs.observed, inputs.ledger);
    let mut days = Days::default();
    for resource in of_kind(inputs.desired, Kind::Shift) {
        let NaturalKey::Shift { person, date, .. } = &resource.key else { continue };
        let Some(interval) = interval(*date, &resource.values) else { continue };
        let before = planner.problems.len();
        let found = planner.find(people, person, resource);
        // Who worked a shift that is over may have left since; nothing is done about it anyway.
        if interval.1 <= inputs.now {
            planner.problems.truncate(before);
        }
        let Some(whereabouts) = found else { continue };
        days.of(&whereabouts.target, *date).desired.push(Desired { resource, whereabouts, interval });
    }
    for entry in inputs.ledger.of_kind(Kind::Shift) {
        let (NaturalKey::Shift { date, .. }, Some(owner)) = (&entry.key, entry.owner().cloned().and_then(RemoteId::new)) else { continue };
        let live = live.owned(entry);
        // The hours of a night of which a half is missing say nothing about when it ends.
        let whole = live.as_ref().filter(|live| live.remotes.iter().all(Option::is_some));
        let values = whole.map_or(&entry.set, |live| &live.values);
        let Some(interval) = interval(*date, values) else { continue };
        let owned = Owned { entry, live, interval };
        days.of(&PersonTarget::Live(owner), *date).owned.push(owned);
    }
    for ((person, date), day) in days.sorted() {
        plan_day(planner, people, &mut live, (&person, date), day);
    }
    planner.plan.unmanaged.insert(Kind::Shift, live.unowned_from(inputs.now));
}

fn interval(date: Date, values: &Values) -> Option<(DateTime, DateTime)> {
    overnight::hours(values).map(|(start, end)| time::interval(date, start, end))
}

fn plan_day(
    planner: &mut Planner<'_>,
    people: &People<'_>,
    live: &mut LiveDay<'_>,
    (person, date): (&PersonTarget, Date),
    mut day: Day<'_>,
) {
    let now = planner.inputs.now;
    day.desired.sort_by_key(|desired| desired.interval);
    day.owned.sort_by_cached_key(|owned| (owned.interval, owned.entry.id()));
    let pairs = pair(&day, now);
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut previous: Option<&Resource> = None;
    for (at, desired) in day.desired.iter().enumerate() {
        if let Some(other) =
            previous.filter(|other| other.values.get(&FieldKey::Known(START)) == desired.resource.values.get(&FieldKey::Known(START)))
        {
            planner.problems.push(same_object(other, desired.resource));
            continue;
        }
        previous = Some(desired.resource);
        match pairs[at] {
            Some(owned) => {
                used.insert(owned);
                keep(planner, live, (person, date), desired, &day.owned[owned]);
            }
            None => unowned(planner, live, person, date, desired),
        }
    }
    for (at, owned) in day.owned.iter().enumerate() {
        if !used.contains(&at) {
            leave(planner, people, owned);
        }
    }
}

/// How well an owned shift fits a declared one; the better fits are given away first.
#[derive(Clone, Copy)]
enum Fit {
    Identical,
    SameName,
    SameStart,
    AnyOfTheDay,
}

/// Gives owned shifts to declared ones: for each declared shift the position of the owned one, best fits first.
fn pair(day: &Day<'_>, now: DateTime) -> Vec<Option<usize>> {
    let mut pairs: Vec<Option<usize>> = vec![None; day.desired.len()];
    let mut free: Vec<bool> = vec![true; day.owned.len()];
    for fit in [Fit::Identical, Fit::SameName, Fit::SameStart, Fit::AnyOfTheDay] {
        for (desired, pair) in day.desired.iter().zip(&mut pairs).filter(|(_, pair)| pair.is_none()) {
            *pair = (0..day.owned.len()).find(|at| free[*at] && fits(desired, &day.owned[*at], fit, now));
            if let Some(at) = *pair {
                free[at] = false;
            }
        }
    }
    pairs
}

fn fits(desired: &Desired<'_>, owned: &Owned<'_>, fit: Fit, now: DateTime) -> bool {
    let wanted = &desired.resource.values;
    let same = |field: u8| wanted.get(&FieldKey::Known(field)) == owned.entry.set.get(&FieldKey::Known(field));
    // A tombstone takes what it names and nothing else.
    if desired.resource.lifecycle.ensure != Ensure::Present {
        return same(START) && same(END) && same(NAME);
    }
    // What has ended or is gone pairs with nothing but itself; what runs, with nothing that begins later.
    let running = owned.interval.0 <= now;
    let open = desired.interval.1 > now
        && (owned.interval.1 > now || is_first_half(desired, owned))
        && owned.live.is_some()
        && (!running || desired.interval.0 <= now || same(START));
    match fit {
        Fit::Identical => *wanted == owned.entry.set,
        Fit::SameName => open && same(NAME) && wanted.get(&FieldKey::Known(NAME)) != Some(&Value::Null),
        Fit::SameStart => open && same(START),
        Fit::AnyOfTheDay => open,
    }
}

/// Whether the owned shift is the first half of a night whose second half was never made: it ends with its day, and the night goes on.
/// Making the whole night again would make the first half twice.
fn is_first_half(desired: &Desired<'_>, owned: &Owned<'_>) -> bool {
    let (wanted, set) = (&desired.resource.values, &owned.entry.set);
    let goes_on = desired.interval.1.date() > desired.interval.0.date();
    goes_on && overnight::hour(wanted, START) == overnight::hour(set, START) && overnight::hour(set, END) == Some(overnight::LAST_MINUTE)
}

/// A declared shift that the ledger owns.
fn keep(
    planner: &mut Planner<'_>,
    duties: &mut LiveDay<'_>,
    (person, date): (&PersonTarget, Date),
    desired: &Desired<'_>,
    owned: &Owned<'_>,
) {
    let now = planner.inputs.now;
    let resource = desired.resource;
    planner.account_for(owned.entry);
    match (resource.lifecycle.ensure, &owned.live) {
        (Ensure::Released, _) => {
            planner.forget(owned.entry, ForgetReason::Released);
            return;
        }
        (Ensure::Absent, Some(live)) => {
            bury(planner, desired, owned, live);
            return;
        }
        (Ensure::Absent, None) => {
            planner.forget(owned.entry, ForgetReason::Gone);
            return;
        }
        (Ensure::Present, _) => {}
    }
    if desired.interval.1 <= now || (owned.interval.1 <= now && !is_first_half(desired, owned)) {
        end(planner, owned);
        if owned.live.as_ref().is_none_or(|live| !agrees(&live.values, &resource.values)) {
            planner.note(resource, NoteKind::Ended);
        }
        return;
    }
    let key = resolved(&resource.key, &desired.whereabouts);
    // Its duties are gone. Somebody may have entered it again by hand, or the list has other ids than the answer had (api-spec.md H33).
    let found;
    let (live, rebound) = match &owned.live {
        Some(live) => (live, false),
        None => {
            found = match person {
                PersonTarget::Live(id) => duties.take_equal(id, date, &resource.values, planner.inputs.policy.overnight),
                PersonTarget::New(_) => None,
            };
            let Some(found) = &found else {
                planner.create(resource, key, Some(desired.whereabouts.clone()), Some(owned.entry));
                touch(planner, desired.interval);
                return;
            };
            (found, true)
        }
    };
    // Two duties that are no longer one shift have to become one, even where the first alone is as declared.
    let mended;
    let live = if live.torn {
        mended = Live { values: torn_values(&live.values, &resource.values), ..live.clone() };
        &mended
    } else {
        live
    };
    let mut pinned;
    let mut resource = resource;
    if owned.interval.0 <= now {
        let start = FieldKey::Known(START);
        let (live_start, want) =
            (live.values.get(&start).cloned().unwrap_or(Value::Null), resource.values.get(&start).cloned().unwrap_or(Value::Null));
        if live_start != want {
            planner.note(resource, NoteKind::StartPinned { live: live_start.clone(), want });
            pinned = resource.clone();
            pinned.values.insert(start, live_start);
            resource = &pinned;
        }
    }
    let existing = Existing {
        resource,
        remotes: live.remotes.clone(),
        live: &live.values,
        entry: Some(owned.entry),
        person: Some(desired.whereabouts.clone()),
        key,
        rebound,
    };
    if let Settled::Planned(id) = planner.settle(existing)
        && planner.plan.get(id).action.writes()
    {
        touch(planner, desired.interval);
        touch(planner, owned.interval);
    }
}

/// What a torn shift shows: an end that differs from the one that is wanted.
fn torn_values(live: &Values, wanted: &Values) -> Values {
    let end = FieldKey::Known(END);
    let mut values = live.clone();
    if values.get(&end) == wanted.get(&end) {
        values.insert(end, Value::Null);
    }
    values
}

/// A declared shift that the ledger does not own: a live one that is just like it, or a new one.
fn unowned(planner: &mut Planner<'_>, live: &mut LiveDay<'_>, person: &PersonTarget, date: Date, desired: &Desired<'_>) {
    let resource = desired.resource;
    let ended = desired.interval.1 <= planner.inputs.now;
    let found = match person {
        PersonTarget::Live(id) if resource.lifecycle.ensure != Ensure::Released => {
            live.take_equal(id, date, &resource.values, planner.inputs.policy.overnight)
        }
        _ => None,
    };
    let key = resolved(&resource.key, &desired.whereabouts);
    let whereabouts = Some(desired.whereabouts.clone());
    match (resource.lifecycle.ensure, found) {
        (Ensure::Released, _) | (Ensure::Absent, None) => {}
        (Ensure::Absent, Some(found)) => {
            if desired.interval.0 <= planner.inputs.now {
                planner.note(resource, NoteKind::InProgressKept);
                return;
            }
            let action = Action::Delete { remotes: found.remotes.into_iter().flatten().collect(), last: found.values, successor: None };
            planner.push(Planner::change_of(resource, key, whereabouts, action, Reason::EnsureAbsent));
            touch(planner, desired.interval);
        }
        (Ensure::Present, None) if ended => planner.note(resource, NoteKind::Ended),
        (Ensure::Present, Some(_)) if ended => {}
        (Ensure::Present, None) => {
            planner.create(resource, key, whereabouts, None);
            touch(planner, desired.interval);
        }
        (Ensure::Present, Some(found)) => {
            let existing =
                Existing { resource, remotes: found.remotes, live: &found.values, entry: None, person: whereabouts, key, rebound: false };
            if let Settled::Planned(id) = planner.settle(existing)
                && planner.plan.get(id).action.writes()
            {
                touch(planner, desired.interval);
            }
        }
    }
}

/// An owned shift that is declared absent, whatever the absence setting says.
fn bury(planner: &mut Planner<'_>, desired: &Desired<'_>, owned: &Owned<'_>, live: &Live) {
    let now = planner.inputs.now;
    if owned.interval.1 <= now {
        end(planner, owned);
        return;
    }
    if owned.interval.0 <= now {
        planner.note(desired.resource, NoteKind::InProgressKept);
        return;
    }
    let action = Action::Delete { remotes: live.remotes.iter().flatten().cloned().collect(), last: live.values.clone(), successor: None };
    let key = resolved(&desired.resource.key, &desired.whereabouts);
    let mut change = Planner::change_of(desired.resource, key, Some(desired.whereabouts.clone()), action, Reason::EnsureAbsent);
    change.protect |= owned.entry.protect;
    change.bookkeeping.voids.push(owned.entry.id());
    planner.push(change);
    touch(planner, owned.interval);
}

/// An owned shift that nothing declares.
fn leave(planner: &mut Planner<'_>, people: &People<'_>, owned: &Owned<'_>) {
    let now = planner.inputs.now;
    if owned.interval.1 <= now {
        end(planner, owned);
        return;
    }
    let Some(live) = &owned.live else {
        planner.forget(owned.entry, ForgetReason::Gone);
        return;
    };
    if owned.interval.0 <= now {
        planner.account_for(owned.entry);
        let what = NoteKind::InProgressKept;
        planner.plan.notes.push(crate::plan::Note {
            address: owned.entry.address.clone(),
            title: owned.entry.title.clone(),
            what,
            origin: None,
        });
        return;
    }
    let theirs = owned.entry.owner().cloned().and_then(RemoteId::new);
    if theirs.is_some_and(|id| people.released.contains(&id)) {
        planner.forget(owned.entry, ForgetReason::Released);
        return;
    }
    let remotes = live.remotes.iter().flatten().cloned().collect();
    if planner.absent(owned.entry, remotes, live.values.clone()) {
        touch(planner, owned.interval);
    }
}

/// An owned shift that has ended: a fact, which leaves the ledger at the next apply.
fn end(planner: &mut Planner<'_>, owned: &Owned<'_>) {
    planner.account_for(owned.entry);
    planner.plan.ended.push(owned.entry.id());
}

/// Whether a live shift is as declared in everything that it shows.
fn agrees(live: &Values, desired: &Values) -> bool {
    live.iter().all(|(key, value)| desired.get(key) == Some(value))
}

/// The change that was planned last holds until the first start or end after now of the shift that it is about.
fn touch(planner: &mut Planner<'_>, interval: (DateTime, DateTime)) {
    let now = planner.inputs.now;
    let next = [interval.0, interval.1].into_iter().find(|moment| *moment > now);
    if let Some(change) = planner.plan.changes.last_mut() {
        change.valid_until = change.valid_until.into_iter().chain(next).min();
    }
}
