//! What is declared and what is owned, brought together day by day.

use std::collections::HashMap;
use std::iter;

use deskform_model::time::{Date, DateTime};
use deskform_model::{Resource, Values};

use super::super::Whereabouts;
use super::interval;
use super::live::LiveDay;
use crate::ledger::Entry;
use crate::overnight::Live;
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
    pub(super) whereabouts: Whereabouts,
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
    fn new(entry: &'a Entry, date: Date, live: &LiveDay<'_>) -> Option<Self> {
        let live = live.owned(entry);
        // The hours of a night of which a half is missing say nothing about when it ends.
        let whole = live.as_ref().filter(|live| live.remotes.iter().all(Option::is_some));
        let values: &Values = whole.map_or(&entry.set, |live| &live.values);
        let interval = interval(date, values)?;
        Some(Self { entry, live, interval, given: false })
    }
}

/// Whose and when: a number of [`Days::people`], and the day.
type At = (usize, Date);

/// All shifts that are declared or owned, in two flat lists: there are ten thousands of days, and nearly all hold one shift of each.
#[derive(Default)]
pub(super) struct Days<'a> {
    people: HashMap<PersonTarget, usize>,
    desired: Vec<(At, Desired<'a>)>,
    owned: Vec<(At, &'a Entry)>,
}

impl<'a> Days<'a> {
    pub(super) fn with_capacity(desired: usize, owned: usize) -> Self {
        Self { people: HashMap::new(), desired: Vec::with_capacity(desired), owned: Vec::with_capacity(owned) }
    }

    pub(super) fn declare(&mut self, date: Date, shift: Desired<'a>) {
        let person = self.number(shift.whereabouts.target.clone());
        self.desired.push(((person, date), shift));
    }

    pub(super) fn own(&mut self, person: PersonTarget, date: Date, entry: &'a Entry) {
        let person = self.number(person);
        self.owned.push(((person, date), entry));
    }

    fn number(&mut self, person: PersonTarget) -> usize {
        let next = self.people.len();
        *self.people.entry(person).or_insert(next)
    }

    /// Plans them one by one, by person and date.
    pub(super) fn for_each<'l>(
        mut self,
        live: &mut LiveDay<'l>,
        mut plan: impl FnMut(&PersonTarget, Date, &mut Day<'a>, &mut LiveDay<'l>),
    ) {
        let mut people: Vec<(PersonTarget, usize)> = self.people.into_iter().collect();
        people.sort_unstable();
        let mut place = vec![0; people.len()];
        people.iter().enumerate().for_each(|(to, (_, number))| place[*number] = to);
        self.desired.iter_mut().for_each(|((person, _), _)| *person = place[*person]);
        self.owned.iter_mut().for_each(|((person, _), _)| *person = place[*person]);
        self.desired.sort_by_key(|(at, _)| *at);
        self.owned.sort_by_key(|(at, _)| *at);

        let (mut desired, mut owned) = (self.desired.into_iter().peekable(), self.owned.into_iter().peekable());
        let mut day = Day::default();
        while let Some(at) = desired.peek().map(|(at, _)| *at).into_iter().chain(owned.peek().map(|(at, _)| *at)).min() {
            day.desired.extend(iter::from_fn(|| desired.next_if(|(of, _)| *of == at)).map(|(_, shift)| shift));
            let entries = iter::from_fn(|| owned.next_if(|(of, _)| *of == at)).map(|(_, entry)| entry);
            day.owned.extend(entries.filter_map(|entry| Owned::new(entry, at.1, live)));
            plan(&people[at.0].0, at.1, &mut day, live);
            day.desired.clear();
            day.owned.clear();
        }
    }
}
