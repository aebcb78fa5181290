//! A long plan at a glance: what a reader must not miss, on one screen.

use std::io::{self, Write};

use super::change_detail::{head, mark};
use super::layout::fit;
use super::plan_outline::{Counts, Outline};
use super::{headline, plan_words};
use crate::saved::PlanReport;
use crate::ui::{ERROR, FAINT, STRONG};

/// Lines that are not changes: the frame, the sentence, the numbers, the prompt below.
const FRAME: usize = 8;

/// A plan that is longer than its reader's screen.
#[derive(Clone, Copy, Debug)]
pub struct Glance<'a> {
    /// The plan.
    pub report: &'a PlanReport,
    /// Lines of the screen.
    pub rows: usize,
    /// Columns of the screen.
    pub columns: usize,
}

impl Glance<'_> {
    /// Writes the sentence, brakes, dangerous changes as far as there is room, and the numbers.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let outline = Outline::of(self.report);
        let counts = Counts::of(&self.report.plan);
        let brakes = &self.report.brakes.refused;
        writeln!(out, "{STRONG}at a glance:{STRONG:#} {}", headline::sentence(self.report, &outline, &counts))?;
        for brake in brakes {
            writeln!(out, "  {ERROR}brake[{}]{ERROR:#}: {}", brake.code, brake.message)?;
        }
        let dangers = || outline.sections().filter(|(section, _)| section.is_danger());
        let number: usize = dangers().map(|(_, items)| items.len()).sum();
        let room = self.rows.saturating_sub(FRAME + brakes.len() + dangers().count()).max(1);
        let mut left = room;
        for (section, items) in dangers() {
            if left > 0 {
                writeln!(out, "  {STRONG}{}:{STRONG:#}", section.heading())?;
            }
            for item in items.iter().take(left) {
                let (mark, style) = mark(&item.change.action);
                writeln!(out, "  {style}{mark}{style:#} {}", fit(&head(item.change), self.columns.saturating_sub(4)))?;
            }
            left = left.saturating_sub(items.len());
        }
        if number > room {
            writeln!(out, "  and {} more of these below", number - room)?;
        }
        let (strong, rest) = plan_words::result(&self.report.plan, &counts);
        writeln!(out, "{STRONG}{strong}{STRONG:#} {rest}")?;
        writeln!(out, "{FAINT}{}{FAINT:#}\n", "-".repeat(self.columns.min(80)))
    }
}
