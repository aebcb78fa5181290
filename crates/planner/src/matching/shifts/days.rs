//! What is declared and what is owned, brought together day by day.

use std::collections::HashMap;
use std::iter;

use deskform_model::time::{Date, DateTime};
use deskform_model::{NaturalKey, Resource, Values};

use super::super::Whereabouts;
use super::interval;
use crate::ledger::Entry;
use crate::observed::Duty;
use crate::overnight::{self, Live};
use crate::plan::PersonTarget;

/// One person's day: what is declared and what is owned.
#[derive(Default)]
pub(super) struct Day<'a> {
    pub(super) desired: Vec<Desired<'a>>,
    pub(super) owned: Vec<Owned<'a>>,
}

/// A declared shift.
pub(super) struct Desired<'a> {
    pub(super) resource: &'a Resource,
    pub(super) whereabouts: &'a Whereabouts,
    pub(super) interval: (DateTime, DateTime),
    /// The position of the owned shift that it is.
    pub(super) owned: Option<usize>,
}

/// An owned shift.
pub(super) struct Owned<'a> {
    pub(super) entry: &'a Entry,
    /// `None` when its duties are gone.
    pub(super) live: Option<Live>,
    pub(super) interval: (DateTime, DateTime),
    /// Whether a declared shift is this one.
    pub(super) given: bool,
}

impl<'a> Owned<'a> {
    /// What an entry of that day is now; `None` when it has no hours.
    fn new(Held { entry, date, duties, .. }: Held<'a>) -> Option<Self> {
        let live = overnight::put_together(entry, duties);
        // The hours of a night of which a half is missing say nothing about when it ends.
        let whole = live.as_ref().filter(|live| live.remotes.iter().all(Option::is_some));
        let values: &Values = whole.map_or(&entry.set, |live| &live.values);
        let interval = interval(date, values)?;
        Some(Self { entry, live, interval, given: false })
    }
}

/// Consecutive declared shifts of one person.
struct Run<'a> {
    /// A number of [`Days::people`].
    person: usize,
    whereabouts: Whereabouts,
    shifts: &'a [Resource],
}

impl Run<'_> {
    /// Those that have hours, with their dates.
    fn shifts(&self) -> impl Iterator<Item = (Date, Desired<'_>)> {
        self.shifts.iter().filter_map(|resource| {
            let NaturalKey::Shift { date, .. } = &resource.key else { return None };
            let interval = interval(*date, &resource.values)?;
            Some((*date, Desired { resource, whereabouts: &self.whereabouts, interval, owned: None }))
        })
    }
}

/// An entry and the duties that were found for it.
#[derive(Clone, Copy)]
struct Held<'a> {
    /// A number of [`Days::people`].
    person: usize,
    date: Date,
    entry: &'a Entry,
    duties: [Option<&'a Duty>; 2],
}

/// All shifts that are declared or owned, in flat lists: there are ten thousands of days, and nearly all hold one shift of each.
#[derive(Default)]
pub(super) struct Days<'a> {
    people: HashMap<PersonTarget, usize>,
    declared: Vec<Run<'a>>,
    owned: Vec<Held<'a>>,
}

impl<'a> Days<'a> {
    pub(super) fn with_capacity(owned: usize) -> Self {
        Self { people: HashMap::new(), declared: Vec::new(), owned: Vec::with_capacity(owned) }
    }

    /// Adds shifts of one person.
    pub(super) fn declare(&mut self, whereabouts: Whereabouts, shifts: &'a [Resource]) {
        let person = self.number(whereabouts.target.clone());
        self.declared.push(Run { person, whereabouts, shifts });
    }

    pub(super) fn own(&mut self, person: PersonTarget, date: Date, entry: &'a Entry, duties: [Option<&'a Duty>; 2]) {
        let person = self.number(person);
        self.owned.push(Held { person, date, entry, duties });
    }

    fn number(&mut self, person: PersonTarget) -> usize {
        let next = self.people.len();
        *self.people.entry(person).or_insert(next)
    }

    /// Plans them one by one, by person and date.
    pub(super) fn for_each(mut self, mut plan: impl FnMut(&PersonTarget, Date, &mut Day<'_>)) {
        let mut people: Vec<(PersonTarget, usize)> = self.people.into_iter().collect();
        people.sort_unstable();
        let mut place = vec![0; people.len()];
        people.iter().enumerate().for_each(|(to, (_, number))| place[*number] = to);
        self.declared.iter_mut().for_each(|run| run.person = place[run.person]);
        self.owned.iter_mut().for_each(|held| held.person = place[held.person]);
        self.declared.sort_by_key(|run| run.person);
        self.owned.sort_by_key(|held| (held.person, held.date));

        let (mut runs, mut owned) = (self.declared.iter().peekable(), self.owned.iter().peekable());
        let mut day = Day::default();
        for (number, (person, _)) in people.iter().enumerate() {
            let runs = iter::from_fn(|| runs.next_if(|run| run.person == number));
            let mut desired: Vec<(Date, Desired<'_>)> = runs.flat_map(Run::shifts).collect();
            desired.sort_by_key(|(date, _)| *date);
            let mut desired = desired.into_iter().peekable();
            loop {
                let next = owned.peek().filter(|held| held.person == number).map(|held| held.date);
                let Some(date) = desired.peek().map(|(date, _)| *date).into_iter().chain(next).min() else { break };
                day.desired.extend(iter::from_fn(|| desired.next_if(|(of, _)| *of == date)).map(|(_, shift)| shift));
                let entries = iter::from_fn(|| owned.next_if(|held| (held.person, held.date) == (number, date)));
                day.owned.extend(entries.copied().filter_map(Owned::new));
                plan(person, date, &mut day);
                day.desired.clear();
                day.owned.clear();
            }
        }
    }
}
