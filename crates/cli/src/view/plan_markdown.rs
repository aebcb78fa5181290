//! A plan as Markdown, for a comment on a pull request.
//!
//! The first line says in plain words what it does; then numbers, brakes, and the changes, dangerous ones open and the rest folded. The whole
//! never exceeds [`LIMIT`] characters: what does not fit is left out from the least dangerous end ([`super::markdown_room`]), and the comment says what and how
//! much.

use std::io::{self, Write};

use deskform_model::printable::printable;
use deskform_model::time::Date;

use super::brake_human::BrakeHuman;
use super::change_detail::{details, head, mark};
use super::layout::fit;
use super::markdown::{code, length};
use super::markdown_room::{Form, Part, Piece, Room};
use super::people::People;
use super::plan_outline::{Counts, Item, Outline, Section, Tally, per_kind};
use super::roster::{Cell, Roster, week};
use super::{field_human, headline, plan_words, scope_human, words};
use crate::mask::Mask;
use crate::saved::PlanReport;

/// Characters of the whole. GitHub refuses comments of more than 65,536; the rest is for whoever puts words around.
pub const LIMIT: usize = 60_000;

/// A plan and what its Markdown needs besides.
#[derive(Clone, Copy, Debug)]
pub struct PlanMarkdown<'a> {
    /// The plan and what is said about it.
    pub report: &'a PlanReport,
    /// Today, where a Release document can help against a brake.
    pub documents_from: Option<Date>,
    /// What masks phone numbers and e-mail addresses, if they are to be masked.
    pub mask: Option<&'a Mask>,
}

impl PlanMarkdown<'_> {
    /// Writes the document.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let outline = Outline::of(self.report);
        let counts = Counts::of(&self.report.plan);
        let (top, bottom) = (self.top(&outline, &counts), self.bottom());
        let mut room = Room::new(LIMIT.saturating_sub(length(&top) + length(&bottom)));
        write!(out, "{top}")?;
        let people = People::of(&self.report.plan);
        let sections = |danger| outline.sections().filter(move |(section, _)| section.is_danger() == danger);
        let dangers = sections(true).map(|(section, items)| self.section(section, items, &people));
        for part in self.scope().into_iter().chain(self.brakes()).chain(dangers) {
            write!(out, "{}", room.fit(part))?;
        }
        let roster = outline.roster();
        let folded = || {
            let parts = sections(false).map(|(section, items)| match section {
                Section::Shifts => self.shifts(&roster, &counts),
                _ => self.section(section, items, &people),
            });
            parts.chain(self.notes())
        };
        room.reserve(folded());
        for part in folded() {
            write!(out, "{}", room.fit(part))?;
        }
        write!(out, "{}{bottom}", room.notice(LIMIT))
    }

    /// A value or a text with values, masked if that is wanted.
    fn masked(&self, text: &str) -> String {
        self.mask.map_or_else(|| text.to_owned(), |mask| mask.apply(text).into_owned())
    }

    fn top(&self, outline: &Outline<'_>, counts: &Counts) -> String {
        let mut top = format!("{}\n\n", headline::sentence(self.report, outline, counts));
        let kinds = per_kind(&self.report.plan);
        if !kinds.is_empty() {
            top.push_str("| | add | change | restore | remove |\n|---|--:|--:|--:|--:|\n");
            for (kind, Tally { add, change, remove, restore }) in kinds {
                let number = |number: usize| if number == 0 { String::new() } else { number.to_string() };
                let cells = [add, change, restore, remove].map(number).join(" | ");
                top.push_str(&format!("| {} | {cells} |\n", words::many(kind)));
            }
            top.push('\n');
        }
        top
    }

    /// What must be in, whatever the size: numbers, validity, what it is about, the fingerprint.
    fn bottom(&self) -> String {
        let plan = &self.report.plan;
        let (strong, rest) = plan_words::result(plan, &Counts::of(plan));
        let mut bottom = format!("**{strong}** {rest}\n");
        for line in plan_words::closing(plan) {
            bottom.push_str(&format!("{line}\n"));
        }
        let about = &self.report.about;
        let name = |text: &str| code(&self.masked(&fit(text, 80)));
        bottom.push_str(&format!("Project {}", name(&about.project)));
        if !about.environment.is_empty() {
            bottom.push_str(&format!(", environment {}", name(&about.environment)));
        }
        bottom.push_str(&format!(".\n\nFingerprint: {}\n", self.report.fingerprint()));
        bottom
    }

    /// What a narrowed plan left out.
    fn scope(&self) -> Option<Part<'_>> {
        let scope = self.report.plan.scope.as_ref()?;
        let text = self.plain(|out| scope_human::write(scope, false, out));
        let pieces = Box::new(std::iter::once(Piece::plain(text.trim_end().to_owned() + "\n", 0)));
        Some(Part {
            heading: "Not the whole plan".to_owned(),
            noun: "the selection",
            open: true,
            form: Form::Code("text"),
            changes: 0,
            pieces,
        })
    }

    fn brakes(&self) -> Option<Part<'_>> {
        let brakes = &self.report.brakes;
        if brakes.refused.is_empty() && brakes.released.is_empty() {
            return None;
        }
        let text = self.plain(|out| BrakeHuman { brakes, documents_from: self.documents_from }.write(out));
        let heading = if brakes.refused.is_empty() { "Brakes, released" } else { "Brakes refuse this plan" };
        let text = text.trim_start_matches('\n').to_owned();
        let pieces = Box::new(std::iter::once(Piece::plain(text, 0)));
        Some(Part { heading: heading.to_owned(), noun: "brakes", open: true, form: Form::Code("text"), changes: 0, pieces })
    }

    fn section<'p>(&'p self, section: Section, items: &'p [Item<'p>], people: &'p People<'p>) -> Part<'p> {
        let piece = move |item: &'p Item<'p>| {
            let (mark, _) = mark(&item.change.action);
            let place = item.place.map(|place| format!("  {}", printable(&place.to_string()))).unwrap_or_default();
            let line = self.masked(&format!("{mark} {}{place}\n", head(item.change)));
            let below = details(&self.report.plan, people, item.change, false);
            if below.is_empty() {
                return Piece::plain(line, 1);
            }
            let write = move || self.plain(|out| field_human::write(out, &below));
            Piece { line, details: Some(Box::new(write)), changes: 1 }
        };
        let heading = words::capital(section.heading());
        Part {
            heading: if section.is_danger() { heading } else { format!("{heading} ({})", items.len()) },
            noun: section.heading(),
            open: section.is_danger(),
            form: Form::Code("diff"),
            changes: items.len(),
            pieces: Box::new(items.iter().map(piece)),
        }
    }

    /// Swaps and legend, a table for each week, remarks.
    fn shifts<'p>(&'p self, roster: &'p Roster<'p>, counts: &Counts) -> Part<'p> {
        let line = |text: String| Piece::plain(text, 0);
        let swaps = roster.swaps.iter().map(move |swap| line(format!("- swap: {}\n", code(&self.masked(&swap.to_string())))));
        let signs = roster.signs.iter().map(|(look, sign)| format!("{} {}", code(sign), code(&self.masked(&look.text()))));
        let signs = signs.collect::<Vec<_>>().join(", ");
        let gap = if roster.swaps.is_empty() { "" } else { "\n" };
        let legend = line(format!("{gap}{signs}. `+` added, `~` changed, `-` removed; an empty field is no change.\n"));
        let weeks = roster.weeks().into_iter().flat_map(move |monday| self.week(roster, monday));
        let remarks = roster.remarks.iter().enumerate().map(move |(at, remark)| {
            let gap = if at == 0 { "\n" } else { "" };
            line(format!("{gap}- {}\n", code(&self.masked(&remark.line()))))
        });
        Part {
            heading: words::capital(&plan_words::shifts_heading(counts)),
            noun: Section::Shifts.heading(),
            open: false,
            form: Form::Plain,
            changes: counts.shifts.total(),
            pieces: Box::new(swaps.chain([legend]).chain(weeks).chain(remarks)),
        }
    }

    /// The rows of one week, the first with the table's head above it.
    fn week<'p>(&'p self, roster: &'p Roster<'p>, monday: Date) -> impl Iterator<Item = Piece<'p>> + 'p {
        let days: Vec<Date> = week(monday).collect();
        let heads = days.iter().map(|day| format!(" {} {} |", words::weekday(day.weekday()), day.day()));
        let mut head = Some(format!("\n| {monday} |{}\n|---|---|---|---|---|---|---|---|\n", heads.collect::<String>()));
        roster.people.iter().filter_map(move |(person, changed)| {
            let cell = |cells: &[Cell<'_>]| {
                let signs = cells.iter().map(|cell| format!("{}{}", cell.mark.letter(), roster.sign(&cell.look)));
                format!("`{}`", signs.collect::<Vec<_>>().join(" "))
            };
            let changes = days.iter().filter_map(|day| changed.get(day)).map(Vec::len).sum();
            if changes == 0 {
                return None;
            }
            let cells = days.iter().map(|day| changed.get(day).map(|cells| cell(cells)).unwrap_or_default());
            let row = format!("| {} | {} |\n", code(&self.masked(person)), cells.collect::<Vec<_>>().join(" | "));
            Some(Piece::plain(head.take().unwrap_or_default() + &row, changes))
        })
    }

    fn notes(&self) -> Option<Part<'_>> {
        let notes = plan_words::notes(self.report, false);
        let number = notes.len();
        let piece = |note: plan_words::NoteLine<'_>| {
            let place = note.place.map(|place| format!("  {}", printable(&place.to_string()))).unwrap_or_default();
            Piece::plain(self.masked(&format!("{}{place}\n", note.text)), 1)
        };
        (number > 0).then(|| Part {
            heading: format!("To know ({number})"),
            noun: "notes",
            open: false,
            form: Form::Code("text"),
            changes: number,
            pieces: Box::new(notes.into_iter().map(piece)),
        })
    }

    /// What a view for terminals writes, without its colours.
    fn plain(&self, view: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
        let mut plain = anstream::StripStream::new(Vec::new());
        // Nothing fails that writes to memory.
        let _ = view(&mut plain);
        self.masked(&String::from_utf8_lossy(&plain.into_inner()))
    }
}
