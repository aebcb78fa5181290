//! What goes where in a plan's view: one sorting of the changes for all formats, so that two views cannot disagree.

use std::collections::{BTreeMap, BTreeSet};

use deskform_model::source::Place;
use deskform_model::{Kind, NaturalKey};
use deskform_planner::plan::{PersonTarget, Reason};
use deskform_planner::{Action, Change, Plan};

use crate::saved::PlanReport;

/// A change and where it is declared.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// The change.
    pub change: &'a Change,
    /// Where it is declared; nothing for what is no longer declared.
    pub place: Option<&'a Place>,
}

/// The changes of a plan by section, in the order in which views show them. Within a section they stand by address.
#[derive(Debug, Default)]
pub struct Outline<'a> {
    /// What cannot be done.
    pub refused: Vec<Item<'a>>,
    /// Deletions, access that is taken away, and both halves of replacements; shifts are not among them.
    pub danger: Vec<Item<'a>>,
    /// All other writes except shifts.
    pub ordinary: Vec<Item<'a>>,
    /// Shifts that are written to: removals first, then edits, then new ones.
    pub shifts: Vec<Item<'a>>,
    /// Only the ledger learns: taken over, moved, refreshed.
    pub recorded: Vec<Item<'a>>,
    /// Only taken out of the ledger.
    pub forgotten: Vec<Item<'a>>,
}

impl<'a> Outline<'a> {
    /// Sorts a plan's changes into sections.
    pub fn of(report: &'a PlanReport) -> Self {
        let mut outline = Self::default();
        for (change, place) in report.plan.changes.iter().zip(&report.places) {
            outline.section(change).push(Item { change, place: place.as_ref() });
        }
        outline.shifts.sort_by_key(|item| match item.change.action {
            Action::Delete { .. } => 0,
            Action::Update { .. } => 1,
            _ => 2,
        });
        outline
    }

    fn section(&mut self, change: &Change) -> &mut Vec<Item<'a>> {
        match &change.action {
            Action::Refuse { .. } => &mut self.refused,
            Action::Record { .. } => &mut self.recorded,
            Action::Forget { .. } => &mut self.forgotten,
            Action::Create { .. } | Action::Update { .. } | Action::Restore { .. } | Action::Delete { .. } => {
                // Somebody who is only now created has no access that a permission could take away.
                let closes = change.closes_access() && !matches!(change.person, Some(PersonTarget::New(_)));
                let dangerous = matches!(change.action, Action::Delete { .. }) || closes || change.reason == Reason::Replaced;
                match change.kind() {
                    Kind::Shift => &mut self.shifts,
                    _ if dangerous => &mut self.danger,
                    _ => &mut self.ordinary,
                }
            }
        }
    }
}

/// How many changes of each sort a plan holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Created.
    pub add: usize,
    /// Edited.
    pub change: usize,
    /// Deleted.
    pub remove: usize,
    /// Taken out of the recycle bin.
    pub restore: usize,
}

impl Tally {
    /// All of them.
    pub fn total(self) -> usize {
        self.add + self.change + self.remove + self.restore
    }
}

/// The numbers at the end of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Everything but shifts.
    pub others: Tally,
    /// Shifts.
    pub shifts: Tally,
    /// People whose shifts change.
    pub shift_people: usize,
    /// Taken over without a difference.
    pub take_over: usize,
    /// The same object under a new address, without a difference.
    pub moved: usize,
    /// Other changes of the ledger alone.
    pub refresh: usize,
    /// Taken out of the ledger.
    pub forget: usize,
    /// Cannot be done.
    pub refused: usize,
    /// Declared and as it should be.
    pub unchanged: usize,
}

impl Counts {
    /// Counts a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut counts = Self { unchanged: plan.unchanged.values().sum(), ..Self::default() };
        let mut people = BTreeSet::new();
        for change in &plan.changes {
            let tally = if change.kind() == Kind::Shift { &mut counts.shifts } else { &mut counts.others };
            match &change.action {
                Action::Create { .. } => tally.add += 1,
                Action::Update { .. } => tally.change += 1,
                Action::Restore { .. } => tally.restore += 1,
                Action::Delete { .. } => tally.remove += 1,
                Action::Record { .. } if change.bookkeeping.adopted => counts.take_over += 1,
                Action::Record { .. } if change.bookkeeping.moved_from.is_some() => counts.moved += 1,
                Action::Record { .. } => counts.refresh += 1,
                Action::Forget { .. } => counts.forget += 1,
                Action::Refuse { .. } => counts.refused += 1,
            }
            if change.action.writes()
                && let Some(person) = shift_person(change)
            {
                people.insert(person);
            }
        }
        counts.shift_people = people.len();
        counts
    }

    /// Whether a platform would be written to.
    pub fn writes(&self) -> bool {
        self.others.total() + self.shifts.total() > 0
    }
}

/// Whose shift it is, as its address names them.
fn shift_person(change: &Change) -> Option<&str> {
    matches!(change.key, NaturalKey::Shift { .. }).then(|| change.address.label.rsplit_once('/').map_or("", |(person, _)| person))
}

/// The numbers per kind that are not zero, with the kind's noun.
pub fn present(numbers: &BTreeMap<Kind, usize>) -> impl Iterator<Item = (Kind, usize)> {
    numbers.iter().filter(|(_, number)| **number > 0).map(|(kind, number)| (*kind, *number))
}
