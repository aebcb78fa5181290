//! What goes where in a plan's view: one sorting of the changes for all formats, so that two views cannot disagree.

use std::collections::{BTreeMap, BTreeSet};

use deskform_model::source::Place;
use deskform_model::{Kind, NaturalKey};
use deskform_planner::plan::{PersonTarget, Reason};
use deskform_planner::{Action, Change, Plan};

use super::roster::Roster;
use crate::saved::PlanReport;

/// A change and where it is declared.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// The change.
    pub change: &'a Change,
    /// Where it is declared; nothing for what is no longer declared.
    pub place: Option<&'a Place>,
}

/// The parts of a plan's view, in the order in which every format shows them: danger first, people before files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// What cannot be done.
    Refused,
    /// Permissions and seats that are switched off.
    AccessLost,
    /// Both halves of replacements; shifts are not among them.
    Replaced,
    /// People and seats that go.
    Removed,
    /// Seats that somebody works on: an edit takes effect at once.
    SeatsAtOnce,
    /// All other writes except shifts.
    Other,
    /// Shifts that are written to: removals first, then edits, then new ones.
    Shifts,
    /// Only the ledger learns: taken over, moved, refreshed.
    Recorded,
    /// Only taken out of the ledger.
    Forgotten,
}

impl Section {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Refused,
        Self::AccessLost,
        Self::Replaced,
        Self::Removed,
        Self::SeatsAtOnce,
        Self::Other,
        Self::Shifts,
        Self::Recorded,
        Self::Forgotten,
    ];

    /// What stands above it.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Refused => "cannot change, left out by apply",
            Self::AccessLost => "access taken away",
            Self::Replaced => "replaced",
            Self::Removed => "removed",
            Self::SeatsAtOnce => "seats in use that change at once",
            Self::Other => "other changes",
            Self::Shifts => "shifts",
            Self::Recorded => "only the ledger changes",
            Self::Forgotten => "no longer in the ledger",
        }
    }

    /// Whether a reviewer must not miss it: it is never folded away, and the last to be left out for want of room.
    pub fn is_danger(self) -> bool {
        matches!(self, Self::Refused | Self::AccessLost | Self::Replaced | Self::Removed | Self::SeatsAtOnce)
    }

    fn of(change: &Change) -> Self {
        let kind = change.kind();
        match &change.action {
            Action::Refuse { .. } => Self::Refused,
            Action::Record { .. } => Self::Recorded,
            Action::Forget { .. } => Self::Forgotten,
            _ if kind == Kind::Shift => Self::Shifts,
            _ if matches!(change.reason, Reason::Replaced | Reason::ReplaceAsked) => Self::Replaced,
            Action::Delete { .. } if kind != Kind::Permission => Self::Removed,
            // Somebody who is only now created has no access that a permission could take away.
            _ if change.closes_access() && !matches!(change.person, Some(PersonTarget::New(_))) => Self::AccessLost,
            Action::Delete { .. } => Self::Removed,
            Action::Update { .. } if kind == Kind::Agent => Self::SeatsAtOnce,
            Action::Create { .. } | Action::Update { .. } | Action::Restore { .. } => Self::Other,
        }
    }
}

/// The changes of a plan by section. Within a section they stand by address.
#[derive(Debug, Default)]
pub struct Outline<'a> {
    sections: BTreeMap<Section, Vec<Item<'a>>>,
    /// Who is called differently.
    renamed: Renamed<'a>,
}

impl<'a> Outline<'a> {
    /// Sorts a plan's changes into sections.
    pub fn of(report: &'a PlanReport) -> Self {
        let mut outline = Self { renamed: Renamed::of(&report.plan), ..Self::default() };
        for (change, place) in report.plan.changes.iter().zip(&report.places) {
            outline.sections.entry(Section::of(change)).or_default().push(Item { change, place: place.as_ref() });
        }
        if let Some(shifts) = outline.sections.get_mut(&Section::Shifts) {
            shifts.sort_by_key(|item| match item.change.action {
                Action::Delete { .. } => 0,
                Action::Update { .. } => 1,
                _ => 2,
            });
        }
        outline
    }

    /// The changes of one section; often none.
    pub fn get(&self, section: Section) -> &[Item<'a>] {
        self.sections.get(&section).map_or(&[], Vec::as_slice)
    }

    /// The shifts as a roster.
    pub fn roster(&self) -> Roster<'a> {
        Roster::of(self.get(Section::Shifts), &self.renamed)
    }

    /// The sections that hold something, in order.
    pub fn sections(&self) -> impl Iterator<Item = (Section, &[Item<'a>])> {
        self.sections.iter().map(|(section, items)| (*section, items.as_slice()))
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

    fn count(&mut self, action: &Action) {
        match action {
            Action::Create { .. } => self.add += 1,
            Action::Update { .. } => self.change += 1,
            Action::Restore { .. } => self.restore += 1,
            Action::Delete { .. } => self.remove += 1,
            Action::Record { .. } | Action::Forget { .. } | Action::Refuse { .. } => {}
        }
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
        let (mut people, mut last) = (BTreeSet::new(), None);
        let renamed = Renamed::of(plan);
        for change in &plan.changes {
            let tally = if change.kind() == Kind::Shift { &mut counts.shifts } else { &mut counts.others };
            tally.count(&change.action);
            match &change.action {
                Action::Record { .. } if change.bookkeeping.adopted => counts.take_over += 1,
                Action::Record { .. } if change.bookkeeping.moved_from.is_some() => counts.moved += 1,
                Action::Record { .. } => counts.refresh += 1,
                Action::Forget { .. } => counts.forget += 1,
                Action::Refuse { .. } => counts.refused += 1,
                Action::Create { .. } | Action::Update { .. } | Action::Restore { .. } | Action::Delete { .. } => {}
            }
            if change.action.writes()
                && let Some(person) = renamed.shift_person(change)
                && last != Some(person)
            {
                people.insert(person);
                last = Some(person);
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

/// What is written to, kind by kind; kinds of which nothing is are not in it.
pub fn per_kind(plan: &Plan) -> BTreeMap<Kind, Tally> {
    let mut kinds: BTreeMap<Kind, Tally> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| change.action.writes()) {
        kinds.entry(change.kind()).or_default().count(&change.action);
    }
    kinds
}

/// Who is called differently by a plan: what goes still has the old name.
#[derive(Clone, Debug, Default)]
pub struct Renamed<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Renamed<'a> {
    /// Those of a plan.
    pub fn of(plan: &'a Plan) -> Self {
        let people = plan.changes.iter().filter(|change| change.kind() == Kind::Support);
        let renamed = people.filter_map(|change| {
            let from = change.bookkeeping.moved_from.as_ref()?;
            Some((from.label.as_str(), change.address.label.as_str()))
        });
        Self(renamed.collect())
    }

    /// Whose shift it is, as they are called now.
    pub fn shift_person(&self, change: &'a Change) -> Option<&'a str> {
        let NaturalKey::Shift { .. } = change.key else { return None };
        let person = change.address.label.rsplit_once('/').map_or("", |(person, _)| person);
        match change.action {
            Action::Delete { .. } => Some(self.0.get(person).copied().unwrap_or(person)),
            _ => Some(person),
        }
    }
}

/// The numbers per kind that are not zero, with the kind's noun.
pub fn present(numbers: &BTreeMap<Kind, usize>) -> impl Iterator<Item = (Kind, usize)> {
    numbers.iter().filter(|(_, number)| **number > 0).map(|(kind, number)| (*kind, *number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn danger_stands_before_everything_else() {
        let safe = Section::ALL.iter().position(|section| !section.is_danger()).expect("some are safe");
        assert!(Section::ALL[safe..].iter().all(|section| !section.is_danger()));
        assert!(Section::ALL.is_sorted());
    }
}
