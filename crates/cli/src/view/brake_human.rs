//! Brakes as text: what refuses the plan above, and how to go on.

use std::io::{self, Write};

use deskform_planner::brake::Brake;

use crate::ui::{ERROR, HINT};

/// Writes every brake with the first resources that it concerns.
///
/// # Errors
/// When the writer fails.
pub fn write(brakes: &[Brake], out: &mut dyn Write) -> io::Result<()> {
    for brake in brakes {
        writeln!(out, "\n{ERROR}brake[{}]{ERROR:#}: {}", brake.code(), brake.message())?;
        for address in brake.first() {
            writeln!(out, "  - {address}")?;
        }
        writeln!(out, "  {HINT}hint{HINT:#}: {}", brake.help())?;
    }
    Ok(())
}
