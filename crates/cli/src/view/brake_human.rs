//! Brakes as text: what refuses the plan above and how to go on, and what lets it pass.

use std::io::{self, Write};

use deskform_model::printable::printable;
use deskform_model::time::Date;

use crate::saved::{BrakeReport, BrakeWords, ReleasedByWords, ReleasedWords, WarningWords};
use crate::ui::{ERROR, HINT, WARNING};

/// So long a proposed document counts: a review should not take longer.
pub const PROPOSED_DAYS: i64 = 7;

/// What the brakes say about a plan.
#[derive(Clone, Copy, Debug)]
pub struct BrakeHuman<'a> {
    /// What they say.
    pub brakes: &'a BrakeReport,
    /// Today, where a Release document can help; it is shown ready to be pasted.
    pub documents_from: Option<Date>,
}

impl BrakeHuman<'_> {
    /// Writes first what is released, then what refuses the plan with the first resources concerned.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for ReleasedWords { brake, released_by } in &self.brakes.released {
            writeln!(out, "\n{WARNING}brake[{}]{WARNING:#}: {}", brake.code, brake.message)?;
            match released_by {
                ReleasedByWords::Flag(allow) => writeln!(out, "  released by --allow {allow}")?,
                ReleasedByWords::Document { name: _, until, reason, source } => {
                    writeln!(out, "  released by {source} until {until}: {}", printable(reason))?;
                }
            }
        }
        self.brakes.refused.iter().try_for_each(|brake| self.refused(brake, out))
    }

    fn refused(&self, brake: &BrakeWords, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n{ERROR}brake[{}]{ERROR:#}: {}", brake.code, brake.message)?;
        for address in &brake.first {
            writeln!(out, "  - {address}")?;
        }
        let more = brake.count.saturating_sub(brake.first.len());
        if more > 0 && !brake.first.is_empty() {
            writeln!(out, "  and {more} more")?;
        }
        writeln!(out, "  {HINT}hint{HINT:#}: {}", brake.help)?;
        let allow = &brake.allow;
        let Some(today) = self.documents_from else {
            return writeln!(out, "  {HINT}hint{HINT:#}: if it is meant, add --allow {allow}");
        };
        writeln!(out, "  {HINT}hint{HINT:#}: if it is meant, add --allow {allow}, or put this among the manifests:\n")?;
        let until = today.saturating_add(jiff::Span::new().days(PROPOSED_DAYS));
        brake.document(until).lines().try_for_each(|line| writeln!(out, "    {line}"))
    }
}

/// A permission that permits nothing, with its place.
pub fn unused(unused: &WarningWords) -> String {
    match &unused.source {
        Some(source) => format!("{source}: {}", unused.message),
        None => unused.message.clone(),
    }
}
