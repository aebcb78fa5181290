//! What expanding manifests reads and what it produces.

use std::collections::BTreeSet;

use super::Staff;
use super::schedule::ShiftTypes;
use crate::Text;
use crate::diagnostic::Diagnostic;
use crate::load::LoadOptions;
use crate::resource::{DayOff, Resource};
use crate::source::Sources;

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
}

/// What some manifests became.
#[derive(Default)]
pub(crate) struct Expansion {
    /// One for each object.
    pub(crate) resources: Vec<Resource>,
    /// Free days.
    pub(crate) days_off: Vec<DayOff>,
    /// What was wrong.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The label pairs by which references chose people.
    pub(crate) used_labels: BTreeSet<(Text, Text)>,
}

impl Expansion {
    /// Notes a problem.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Takes in what came after.
    pub(crate) fn append(&mut self, mut later: Self) {
        self.resources.append(&mut later.resources);
        self.days_off.append(&mut later.days_off);
        self.diagnostics.append(&mut later.diagnostics);
        self.used_labels.append(&mut later.used_labels);
    }
}
