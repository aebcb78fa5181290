//! Who came when: planned shifts joined with sign-ins.
//!
//! A sign-in counts for a shift from [`Tolerance::early_by`] before its start to its end, for one shift at most. A shift belongs to the day on
//! which it begins, so a night shift of the report's last day is looked at to its end, and one that began the day before the report is not
//! counted. The caller gives one day of shifts and sign-ins more on both sides than the report has, so that what belongs to a neighbouring
//! day is not taken for something else.
//!
//! Limits: nothing is known of when somebody leaves (the helpdesk has no sign-out), and nothing here asks who a sign-in's owner is; [`Owners`]
//! finds that out by staff number and name, because a sign-in shows nothing else (api-spec.md 3.1).

mod join;
mod live;
mod owner;

use std::collections::BTreeMap;

use deskform_model::Text;
use deskform_model::time::{Date, DateTime};

pub use join::adherence;
pub use live::shifts_of_duties;
pub use owner::{NoOwner, Ownerless, Owners};

/// What is compared.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// First day of the report.
    pub first: Date,
    /// Last day of the report.
    pub last: Date,
    /// What time it is: whoever is not due yet is not missing.
    pub now: DateTime,
    /// What is still in time.
    pub tolerance: Tolerance,
    /// Everybody who is reported on.
    pub people: &'a [Member],
    /// Shifts from the day before the first to the day after the last, in any order.
    pub shifts: &'a [PlannedShift],
    /// Sign-ins of the same days, in any order.
    pub sign_ins: &'a [SignIn],
    /// Days on which people are on leave or at rest.
    pub days_off: &'a [DayOff],
}

/// What is still in time, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// How long before a shift a sign-in counts for it already.
    pub early_by: i64,
    /// How long after its start a sign-in is still in time.
    pub late_after: i64,
}

/// Somebody who is reported on. Everything else names people by their position in [`Inputs::people`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// What people call them: the manifest's name, or how they are referred to.
    pub label: Text,
    /// The name that colleagues see; may be empty.
    pub name: Text,
    /// The staff number; may be empty.
    pub staff_number: Text,
    /// Whether the helpdesk knows them. Nobody else can sign in.
    pub known: bool,
}

/// A shift that somebody should work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedShift {
    /// Whose.
    pub person: usize,
    /// When it begins.
    pub begins: DateTime,
    /// When it ends.
    pub ends: DateTime,
    /// What it is called; may be empty.
    pub name: Text,
}

/// A sign-in whose owner is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Whose.
    pub person: usize,
    /// `checkinTime`.
    pub at: DateTime,
}

/// A free day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayOff {
    /// Whose.
    pub person: usize,
    /// When.
    pub date: Date,
    /// Whether it is leave; rest is nothing to report.
    pub leave: bool,
    /// What it is called (`年假`); may be empty.
    pub name: Text,
}

/// Who came when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// In the order of [`Inputs::people`], those without anything to say included.
    pub people: Vec<PersonReport>,
    /// All of them together.
    pub total: Tally,
    /// Shifts that began before the first day and run into it; they belong to the day before and are not counted.
    pub run_in: usize,
    /// Shifts of the last day that end after it; sign-ins until then are looked at.
    pub run_out: usize,
}

/// What one person did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonReport {
    /// In the order of time.
    pub lines: Vec<Line>,
    /// How many of what.
    pub tally: Tally,
}

/// One shift, one day of leave, or one sign-in that belongs to no shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The day it belongs to.
    pub date: Date,
    /// When the shift begins and ends.
    pub hours: Option<(DateTime, DateTime)>,
    /// The name of the shift or the leave; may be empty.
    pub name: Text,
    /// When the person signed in for it.
    pub sign_in: Option<DateTime>,
    /// Further sign-ins for the same shift; the first one counts.
    pub again: Vec<DateTime>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a shift, or what a sign-in or a day is without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Signed in no later than tolerated.
    OnTime,
    /// Signed in later than tolerated.
    Late {
        /// Whole minutes after the shift's start.
        minutes: i64,
    },
    /// Nobody signed in, and it is too late to be in time.
    Missing,
    /// Nobody signed in yet, and there is time left.
    NotDue,
    /// A sign-in that belongs to no shift.
    Unplanned,
    /// A day of leave.
    OnLeave,
    /// A shift of somebody whom the helpdesk does not know, so that nobody could sign in.
    Unknown,
}

impl Outcome {
    /// All words, in the order in which totals show them.
    pub const WORDS: [&'static str; 7] = ["onTime", "late", "missing", "notDue", "unplanned", "onLeave", "unknown"];

    /// The word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::OnTime => "onTime",
            Self::Late { .. } => "late",
            Self::Missing => "missing",
            Self::NotDue => "notDue",
            Self::Unplanned => "unplanned",
            Self::OnLeave => "onLeave",
            Self::Unknown => "unknown",
        }
    }
}

/// How many lines have which outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<&'static str, usize>,
    /// Minutes of all that were late together.
    pub late_minutes: i64,
    /// Sign-ins beyond the first for a shift.
    pub again: usize,
}

impl Tally {
    /// How many lines have the outcome of this word.
    pub fn of(&self, word: &str) -> usize {
        self.counts.get(word).copied().unwrap_or_default()
    }

    fn count(&mut self, line: &Line) {
        *self.counts.entry(line.outcome.word()).or_default() += 1;
        self.again += line.again.len();
        if let Outcome::Late { minutes } = line.outcome {
            self.late_minutes += minutes;
        }
    }

    fn add(&mut self, other: &Self) {
        for (word, count) in &other.counts {
            *self.counts.entry(word).or_default() += count;
        }
        self.late_minutes += other.late_minutes;
        self.again += other.again;
    }
}
