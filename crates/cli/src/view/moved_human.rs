//! In what the world differs from what a saved plan saw, as text.

use std::io::{self, Write};

use deskform_model::Kind;
use deskform_planner::recheck::{Moved, Movement};

use super::words;
use crate::saved::PlanReport;
use crate::ui::{ERROR, FAINT};

/// So many objects are named; what is wrong with a plan shows in the first.
const SHOWN: usize = 20;

/// Writes a line for each object that moved.
///
/// # Errors
/// When the writer fails.
pub fn write(moved: &[Moved], report: &PlanReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{ERROR}not as the plan saw it{ERROR:#}:")?;
    for Moved { address, what } in moved.iter().take(SHOWN) {
        let place = report.plan.changes.iter().position(|change| change.address == *address);
        let place = place.and_then(|at| report.places.get(at)?.as_ref()).map(|place| format!("  {FAINT}{place}{FAINT:#}"));
        writeln!(out, "  {address}: {}{}", movement(address.kind, what), place.unwrap_or_default())?;
    }
    match moved.len().saturating_sub(SHOWN) {
        0 => writeln!(out),
        more => writeln!(out, "  and {more} more\n"),
    }
}

fn movement(kind: Kind, what: &Movement) -> String {
    match what {
        Movement::Exists => "was to be created and exists now".to_owned(),
        Movement::Gone => "is gone".to_owned(),
        Movement::PersonGone => "its person is gone".to_owned(),
        Movement::Field { field, planned, found } => {
            let show = |value: &Option<_>| value.as_ref().map_or("?".to_owned(), |value| words::show(&field.field(kind).codec, value));
            format!("{} : {} when it was planned, {} now", field.name(kind), show(planned), show(found))
        }
    }
}
