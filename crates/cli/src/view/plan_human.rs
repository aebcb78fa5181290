//! A plan as text in the style that readers of Terraform know, with danger first and people before files (design.md section 3).

use std::io::{self, Write};

use deskform_model::Kind;
use deskform_model::source::Place;
use deskform_planner::plan::Reason;
use deskform_planner::{Action, Change, Plan};

use super::change_detail::{Detail, details, head, mark, new_values};
use super::layout::{blanks, pad, width};
use super::people::People;
use super::plan_outline::{Counts, Item, Outline, Section};
use super::plan_words::{self, NoteLine};
use super::roster::Roster;
use super::roster_human::RosterHuman;
use super::shift_look::{Look, hours_and_day};
use super::{field_human, headline, scope_human, words};
use crate::saved::PlanReport;
use crate::ui::{FAINT, STRONG};

/// Where origins begin at most; a longer headline pushes its own.
const ORIGIN_COLUMN: usize = 58;
/// Where origins begin at least: the longest places stand below their headlines.
const LEAST_ORIGIN_COLUMN: usize = 30;

/// A plan and what its text needs besides.
#[derive(Clone, Copy, Debug)]
pub struct PlanHuman<'a> {
    /// The plan and what is said about it.
    pub report: &'a PlanReport,
    /// Whether remote ids, each shift by itself and every note are wanted.
    pub verbose: bool,
    /// The columns that the reader has.
    pub columns: usize,
}

impl PlanHuman<'_> {
    fn plan(&self) -> &Plan {
        &self.report.plan
    }

    /// Writes the whole plan.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let outline = Outline::of(self.report);
        let counts = Counts::of(&self.report.plan);
        if !self.plan().is_empty() {
            writeln!(out, "{}\n", headline::sentence(self.report, &outline, &counts))?;
            let deed = if self.report.about.destroy { "remove everything that its ledger owns" } else { "perform the following actions" };
            writeln!(out, "deskform will {deed}:\n")?;
        }
        let people = People::of(self.plan());
        let alone = outline.sections().all(|(section, _)| !section.is_danger());
        for (section, items) in outline.sections() {
            match section {
                Section::Shifts => self.shifts(out, (items, &outline.roster()), &counts, &people)?,
                Section::Other if alone => self.section(out, "", items, &people)?,
                _ => self.section(out, section.heading(), items, &people)?,
            }
        }
        self.notes(out)?;
        self.summary(out, &counts)
    }

    fn section(&self, out: &mut dyn Write, heading: &str, changes: &[Item<'_>], people: &People<'_>) -> io::Result<()> {
        if !heading.is_empty() {
            writeln!(out, "  {STRONG}{heading}:{STRONG:#}")?;
        }
        let column = self.origin_column(changes.iter().filter_map(|item| item.place));
        for Item { change, place } in changes {
            let (mark, style) = mark(&change.action);
            let head = head(change);
            writeln!(out, "  {style}{mark}{style:#} {head}{}", self.origin(width(&head) + 4, column, *place))?;
            field_human::write(out, &details(self.plan(), people, change, self.verbose))?;
        }
        writeln!(out)
    }

    /// Where the origins of a section begin, so that they end within the line.
    fn origin_column<'a>(&self, places: impl Iterator<Item = &'a Place>) -> usize {
        let longest = places.map(|place| width(&place.to_string())).max().unwrap_or_default();
        self.columns.saturating_sub(longest).clamp(LEAST_ORIGIN_COLUMN, ORIGIN_COLUMN)
    }

    /// A place behind `taken` columns of its line, or on a line of its own where it does not fit.
    fn origin(&self, taken: usize, column: usize, place: Option<&Place>) -> String {
        let Some(place) = place.map(ToString::to_string) else { return String::new() };
        let gap = blanks(taken, column, 2);
        if taken + gap.len() + width(&place) <= self.columns {
            return format!("{gap}{FAINT}{place}{FAINT:#}");
        }
        format!("\n      {FAINT}{place}{FAINT:#}")
    }

    fn shifts(
        &self,
        out: &mut dyn Write,
        (shifts, roster): (&[Item<'_>], &Roster<'_>),
        counts: &Counts,
        people: &People<'_>,
    ) -> io::Result<()> {
        writeln!(out, "  {STRONG}{}{STRONG:#}", plan_words::shifts_heading(counts))?;
        let grid = RosterHuman { roster, columns: self.columns };
        if self.verbose {
            grid.swaps(out)?;
            self.each_shift(out, shifts, people)?;
        } else {
            grid.write(out)?;
        }
        writeln!(out)
    }

    /// A line for each shift.
    fn each_shift(&self, out: &mut dyn Write, shifts: &[Item<'_>], people: &People<'_>) -> io::Result<()> {
        let name = |shift: &Change| Look::of(shift).name().into_owned();
        let address_column = shifts.iter().map(|shift| width(&shift.change.address.to_string())).max().unwrap_or_default() + 2;
        let name_column = shifts.iter().map(|shift| width(&name(shift.change))).max().unwrap_or_default();
        for Item { change: shift, place } in shifts {
            let (mark, style) = mark(&shift.action);
            write!(out, "  {style}{mark}{style:#} {}", pad(&shift.address.to_string(), address_column))?;
            let name = if name_column == 0 { String::new() } else { pad(&name(shift), name_column) + " " };
            write!(out, "{name}{}", hours_and_day(shift))?;
            // That a removed shift is no longer declared goes without saying: there may be hundreds.
            if let Some(reason) = words::reason(Kind::Shift, shift.reason).filter(|_| shift.reason != Reason::NotDeclared) {
                write!(out, " ({reason})")?;
            }
            if let Some(place) = place {
                write!(out, "  {FAINT}{place}{FAINT:#}")?;
            }
            writeln!(out)?;
            // A new shift's hours stand on its line; what an edit changes does not.
            match &shift.action {
                Action::Create { values, secret: _ } => {
                    let more = |detail: &Detail| matches!(detail, Detail::New { name, .. } if matches!(&**name, "remark" | "url"));
                    let values = new_values(Kind::Shift, values).filter(more).collect::<Vec<_>>();
                    field_human::write(out, &values)?;
                }
                _ => field_human::write(out, &details(self.plan(), people, shift, true))?,
            }
        }
        Ok(())
    }

    fn notes(&self, out: &mut dyn Write) -> io::Result<()> {
        let notes = plan_words::notes(self.report, self.verbose);
        if notes.is_empty() {
            return Ok(());
        }
        writeln!(out, "  {STRONG}to know:{STRONG:#}")?;
        for NoteLine { text, place } in &notes {
            writeln!(out, "  . {text}{}", self.origin(4 + width(text), 0, *place))?;
        }
        writeln!(out)
    }

    fn summary(&self, out: &mut dyn Write, counts: &Counts) -> io::Result<()> {
        if let Some(scope) = &self.plan().scope {
            scope_human::write(scope, self.verbose, out)?;
        }
        let (strong, rest) = plan_words::result(self.plan(), counts);
        writeln!(out, "{STRONG}{strong}{STRONG:#} {rest}")?;
        plan_words::closing(self.plan()).iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}
