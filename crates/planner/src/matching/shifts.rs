//! Shifts: by person and day, because the platform's ids say nothing and its hours and names need not be unique (api-spec.md H37).
//!
//! Within a day, first what the ledger owns is given to what is declared: the identical, then the same name, then the same start, then
//! the rest in order. Then live duties that nobody owns, but only when start, end and name are equal. Everything else live is left
//! alone. A shift that has ended is a fact, and one in progress keeps its start (design.md section 3, "Time").

mod days;
mod live;

use std::slice;

use deskform_model::kind::shift::{END, NAME, START};
use deskform_model::time::{self, Date, DateTime};
use deskform_model::{Ensure, FieldKey, Kind, NaturalKey, RemoteId, Resource, Value, Values};

use self::days::{Day, Days, Desired, Owned};
use self::live::LiveDay;
use super::{Existing, People, Planner, Settled, same_object};
use crate::overnight::{self, Live};
use crate::plan::{Action, ForgetReason, NoteKind, PersonTarget, Reason};

pub(super) fn plan<'a>(planner: &mut Planner<'a>, people: &People<'a>) {
    let inputs = planner.inputs;
    let mut live = LiveDay::new(inputs.observed);
    let mut days = Days::with_capacity(planner.plan.owned.get(&Kind::Shift).copied().unwrap_or_default());
    declare(planner, people, &mut days);
    for entry in inputs.ledger.of_kind(Kind::Shift) {
        let duties = live.own(entry);
        let (NaturalKey::Shift { date, .. }, Some(owner)) = (&entry.key, entry.owner().cloned().and_then(RemoteId::new)) else { continue };
        days.own(PersonTarget::Live(owner), *date, entry, duties);
    }
    days.for_each(|person, date, day| plan_day(planner, people, &mut live, (person, date), day));
    planner.plan.unmanaged.insert(Kind::Shift, live.unowned_from(inputs.now));
}

/// Finds out whose the declared shifts are. Those of one person follow each other, so that nobody is looked for once a shift.
fn declare<'a>(planner: &mut Planner<'a>, people: &People<'a>, days: &mut Days<'a>) {
    let inputs = planner.inputs;
    for own in inputs.desired.of_kind(Kind::Shift).chunk_by(|a, b| a.key.person() == b.key.person()) {
        let Some(person) = own[0].key.person() else { continue };
        let before = planner.problems.len();
        let found = planner.find(people, person, &own[0]);
        if planner.problems.len() == before {
            found.into_iter().for_each(|whereabouts| days.declare(whereabouts, own));
            continue;
        }
        planner.problems.truncate(before);
        for resource in own {
            let before = planner.problems.len();
            let found = planner.find(people, person, resource);
            // Who worked a shift that is over may have left since; nothing is done about it anyway.
            if is_over(resource, inputs.now) {
                planner.problems.truncate(before);
            }
            found.into_iter().for_each(|whereabouts| days.declare(whereabouts, slice::from_ref(resource)));
        }
    }
}

/// Whether a declared shift has ended. One without hours never begins.
fn is_over(resource: &Resource, now: DateTime) -> bool {
    let NaturalKey::Shift { date, .. } = &resource.key else { return true };
    interval(*date, &resource.values).is_none_or(|(_, ends)| ends <= now)
}

fn interval(date: Date, values: &Values) -> Option<(DateTime, DateTime)> {
    overnight::hours(values).map(|(start, end)| time::interval(date, start, end))
}

fn plan_day(
    planner: &mut Planner<'_>,
    people: &People<'_>,
    live: &mut LiveDay<'_>,
    (person, date): (&PersonTarget, Date),
    Day { desired, owned }: &mut Day<'_>,
) {
    desired.sort_by_key(|desired| desired.interval);
    owned.sort_by_cached_key(|owned| (owned.interval, owned.entry.id()));
    pair(desired, owned, planner.inputs.now);
    let mut previous: Option<&Resource> = None;
    for desired in &*desired {
        if let Some(other) =
            previous.filter(|other| other.values.get(&FieldKey::Known(START)) == desired.resource.values.get(&FieldKey::Known(START)))
        {
            planner.problems.push(same_object(other, desired.resource));
            desired.owned.into_iter().for_each(|at| owned[at].given = false);
            continue;
        }
        previous = Some(desired.resource);
        match desired.owned {
            Some(at) => keep(planner, live, (person, date), desired, &owned[at]),
            None => unowned(planner, live, person, date, desired),
        }
    }
    for owned in owned.iter().filter(|owned| !owned.given) {
        leave(planner, people, owned);
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

/// Gives owned shifts to declared ones, best fits first.
fn pair(desired: &mut [Desired<'_>], owned: &mut [Owned<'_>], now: DateTime) {
    for fit in [Fit::Identical, Fit::SameName, Fit::SameStart, Fit::AnyOfTheDay] {
        for desired in desired.iter_mut().filter(|desired| desired.owned.is_none()) {
            desired.owned = owned.iter().position(|owned| !owned.given && fits(desired, owned, fit, now));
            desired.owned.into_iter().for_each(|at| owned[at].given = true);
        }
    }
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
    let whereabouts = Some(desired.whereabouts);
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
                planner.create(resource, whereabouts, Some(owned.entry));
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
    let existing =
        Existing { resource, remotes: &live.remotes, live: &live.values, entry: Some(owned.entry), person: whereabouts, rebound };
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
    let whereabouts = Some(desired.whereabouts);
    match (resource.lifecycle.ensure, found) {
        (Ensure::Released, _) | (Ensure::Absent, None) => {}
        (Ensure::Absent, Some(found)) => {
            if desired.interval.0 <= planner.inputs.now {
                planner.note(resource, NoteKind::InProgressKept);
                return;
            }
            let action = Action::Delete { remotes: found.remotes.into_iter().flatten().collect(), last: found.values, successor: None };
            planner.push(Planner::change_of(resource, whereabouts, action, Reason::EnsureAbsent));
            touch(planner, desired.interval);
        }
        (Ensure::Present, None) if ended => planner.note(resource, NoteKind::Ended),
        (Ensure::Present, Some(_)) if ended => {}
        (Ensure::Present, None) => {
            planner.create(resource, whereabouts, None);
            touch(planner, desired.interval);
        }
        (Ensure::Present, Some(found)) => {
            let (remotes, live) = (&found.remotes, &found.values);
            let existing = Existing { resource, remotes, live, entry: None, person: whereabouts, rebound: false };
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
    let mut change = Planner::change_of(desired.resource, Some(desired.whereabouts), action, Reason::EnsureAbsent);
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
