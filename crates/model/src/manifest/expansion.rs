//! What expanding manifests reads and what it produces.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Staff;
use super::schedule::ShiftTypes;
use crate::Text;
use crate::diagnostic::Diagnostic;
use crate::load::LoadOptions;
use crate::release::Release;
use crate::resource::{DayOff, Resource};
use crate::source::Sources;

/// The most objects that manifests may expand to, three times the largest centre. A few lines with labels and ranges of dates could
/// otherwise ask for more than any machine holds, and strangers' pull requests are validated too.
pub(crate) const MOST_OBJECTS: usize = 1_000_000;

/// Counts objects, across threads, up to [`MOST_OBJECTS`].
#[derive(Default)]
pub(crate) struct Budget(AtomicUsize);

impl Budget {
    /// Whether there is room for one more.
    fn takes_one(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) < MOST_OBJECTS
    }

    /// Takes room for this many at once.
    pub(crate) fn spend(&self, objects: usize) {
        self.0.fetch_add(objects, Ordering::Relaxed);
    }

    /// Whether more was asked for than there is room for.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.0.load(Ordering::Relaxed) > MOST_OBJECTS
    }
}

/// What every reader may look at. Shared by the threads that expand.
pub(crate) struct Context<'a> {
    /// The texts: rosters are read sign by sign as they were written.
    pub(crate) sources: &'a Sources,
    /// What the caller said.
    pub(crate) options: &'a LoadOptions,
    /// Who is declared.
    pub(crate) staff: &'a Staff<'a>,
    /// The project's shift types.
    pub(crate) shift_types: &'a ShiftTypes,
    /// How much may still be added.
    pub(crate) budget: &'a Budget,
}

/// What some manifests became.
#[derive(Default)]
pub(crate) struct Expansion {
    /// One for each object.
    pub(crate) resources: Vec<Resource>,
    /// Free days.
    pub(crate) days_off: Vec<DayOff>,
    /// Permission to pass brakes.
    pub(crate) releases: Vec<Release>,
    /// What was wrong.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The label pairs by which references chose people.
    pub(crate) used_labels: BTreeSet<(Text, Text)>,
}

impl Expansion {
    /// Adds an object if there is room.
    pub(crate) fn add(&mut self, resource: Resource, context: &Context<'_>) {
        if context.budget.takes_one() {
            self.resources.push(resource);
        }
    }

    /// Adds a free day if there is room.
    pub(crate) fn add_day_off(&mut self, day: DayOff, context: &Context<'_>) {
        if context.budget.takes_one() {
            self.days_off.push(day);
        }
    }

    /// Notes a problem.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Takes in what came after.
    pub(crate) fn append(&mut self, mut later: Self) {
        self.resources.append(&mut later.resources);
        self.days_off.append(&mut later.days_off);
        self.releases.append(&mut later.releases);
        self.diagnostics.append(&mut later.diagnostics);
        self.used_labels.append(&mut later.used_labels);
    }
}
