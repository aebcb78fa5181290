//! Why there can be no plan, as text.

use std::io::{self, Write};

use deskform_model::source::Sources;
use deskform_planner::PlanProblem;

use crate::ui::{ERROR, HINT};

/// Writes every problem with its place and what to do about it.
///
/// # Errors
/// When the writer fails.
pub fn write(problems: &[PlanProblem], sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    for problem in problems {
        writeln!(out, "{ERROR}error[{}]{ERROR:#}: {problem}", problem.code())?;
        if let Some(origin) = problem.origin() {
            let position = sources.position(origin);
            writeln!(out, " --> {}:{}:{}", sources.get(origin.source).path, position.line, position.column)?;
        }
        writeln!(out, "  = {HINT}help{HINT:#}: {}\n", problem.help())?;
    }
    Ok(())
}
