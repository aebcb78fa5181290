//! The sentences of a plan that are about no single change, for every format: notes, numbers, and how long it holds.

use deskform_model::source::Place;
use deskform_planner::Plan;
use deskform_planner::plan::NoteKind;

use super::change_detail::titled;
use super::plan_outline::{Counts, Tally, present};
use super::plural::{Noun, count, word};
use super::shift_look::begins_at;
use super::words;
use crate::saved::PlanReport;

/// Something to know that is no change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteLine<'a> {
    /// What there is to know.
    pub text: String,
    /// Where what it is about is declared.
    pub place: Option<&'a Place>,
}

/// The notes of a plan. Shifts that are over are counted unless `each` is wanted: a month's roster leaves hundreds behind.
pub fn notes(report: &PlanReport, each: bool) -> Vec<NoteLine<'_>> {
    let mut ended = 0;
    let mut lines = Vec::new();
    for (note, place) in report.plan.notes.iter().zip(&report.note_places) {
        if note.what == NoteKind::Ended && !each {
            ended += 1;
            continue;
        }
        let about = titled(&note.address.to_string(), &note.title);
        lines.push(NoteLine { text: format!("{about}: {}", words::note(note.address.kind, &note.what)), place: place.as_ref() });
    }
    if ended > 0 {
        let are = if ended == 1 { "is" } else { "are" };
        lines.push(NoteLine { text: format!("{} {are} over; left as they are", count(ended, Noun::Shift)), place: None });
    }
    lines
}

/// What the plan comes to: the first words of it, and the numbers.
pub fn result(plan: &Plan, counts: &Counts) -> (&'static str, String) {
    let noun = word(counts.unchanged, Noun::Resource);
    if plan.is_empty() {
        let verb = if counts.unchanged == 1 { "is" } else { "are" };
        return ("No changes.", format!("{} {noun} {verb} as declared.", counts.unchanged));
    }
    ("Plan:", format!("{}. {} {noun} unchanged.", numbers(counts), counts.unchanged))
}

/// What is not managed, that there is no ledger, and until when the plan holds, as far as it applies.
pub fn closing(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    let unmanaged: Vec<String> = present(&plan.unmanaged).map(|(kind, n)| count(n, words::unmanaged(kind))).collect();
    if !unmanaged.is_empty() {
        let total: usize = plan.unmanaged.values().sum();
        lines.push(format!("{} here {} not managed.", unmanaged.join(", "), if total == 1 { "is" } else { "are" }));
    }
    if !plan.ledger_known {
        lines.push("There is no ledger yet. Without a ledger nothing is deleted.".to_owned());
    }
    if let Some(until) = plan.valid_until {
        let begins = plan.changes.iter().any(|change| begins_at(change, until));
        let event = if begins { "begins" } else { "ends" };
        lines.push(format!("Valid until {}, when the first shift that it changes {event}.", until.strftime("%Y-%m-%d %H:%M")));
    }
    lines
}

/// `shifts of 2 people: +12 ~1 -1`.
pub fn shifts_heading(counts: &Counts) -> String {
    let Tally { add, change, remove, restore: _ } = counts.shifts;
    let signs = [("+", add), ("~", change), ("-", remove)].into_iter().filter(|(_, n)| *n > 0);
    let signs: Vec<String> = signs.map(|(sign, n)| format!("{sign}{n}")).collect();
    format!("shifts of {}: {}", count(counts.shift_people, Noun::Person), signs.join(" "))
}

/// `1 to change; shifts 12 to add, 1 to remove; 3 to take over`.
fn numbers(counts: &Counts) -> String {
    let tally = |tally: Tally| {
        let parts = [("add", tally.add), ("change", tally.change), ("restore", tally.restore), ("remove", tally.remove)];
        parts.into_iter().filter(|(_, n)| *n > 0).map(|(verb, n)| format!("{n} to {verb}")).collect::<Vec<_>>().join(", ")
    };
    let mut parts = Vec::new();
    if counts.others.total() > 0 {
        parts.push(tally(counts.others));
    }
    if counts.shifts.total() > 0 {
        parts.push(format!("shifts {}", tally(counts.shifts)));
    }
    if parts.is_empty() {
        parts.push("nothing to change".to_owned());
    }
    let books = [("take over", counts.take_over), ("move", counts.moved), ("refresh", counts.refresh), ("forget", counts.forget)];
    let books: Vec<String> = books.into_iter().filter(|(_, n)| *n > 0).map(|(verb, n)| format!("{n} to {verb}")).collect();
    if !books.is_empty() {
        parts.push(books.join(", "));
    }
    if counts.refused > 0 {
        parts.push(format!("{} cannot change", counts.refused));
    }
    parts.join("; ")
}
