//! Rosters: one line a person, one sign a day.

use super::Schedule;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::document::{Entry, Node};
use crate::manifest::reference;
use crate::source::{Sources, Span};
use crate::time::Date;

/// The sign of a day that the roster says nothing about.
const NOT_OURS: char = '.';

/// Adds what the lines of `spec.roster` say about these days, of which there is at least one.
pub(super) fn expand(roster: &Node, days: &[Date], schedule: &mut Schedule<'_, '_>) {
    let Some(last_day) = days.last().copied() else { return };
    // As many as there can be, and never more than there are letters, whatever the dates say.
    let signs = |row: &Entry| schedule.context.sources.text(row.value.span).len().min(days.len());
    let room = roster.entries().iter().map(signs).sum();
    schedule.out.resources.reserve(room);
    for row in roster.entries() {
        if row.value.is_refused() {
            let purpose = schedule.purpose(last_day);
            reference::named(&row.key, row.key_span, purpose, schedule.context, schedule.out);
            continue;
        }
        let line = Line::of(&row.value, schedule.context.sources);
        let signs: Vec<(usize, char)> = line.text.char_indices().filter(|(_, sign)| !sign.is_whitespace()).collect();
        let last_used = signs.iter().zip(days).rev().find(|((_, sign), _)| *sign != NOT_OURS).map(|(_, day)| *day);
        // A line of nothing but dots is about nobody's day, but a name in it that is wrong is still a mistake.
        let purpose = schedule.purpose(last_used.unwrap_or(last_day));
        let person = reference::named(&row.key, row.key_span, purpose, schedule.context, schedule.out);
        if let Some(problem) = wrong_length(&line, &signs, days) {
            schedule.out.report(problem);
            for (at, sign) in signs.iter().filter(|(_, sign)| *sign != NOT_OURS) {
                schedule.knows(*sign, line.place(*at, sign.len_utf8()));
            }
            continue;
        }
        for ((at, sign), day) in signs.iter().zip(days).filter(|((_, sign), _)| *sign != NOT_OURS) {
            let place = line.place(*at, sign.len_utf8());
            match &person {
                Some(person) => schedule.add_sign(*sign, person, *day, place),
                None => {
                    schedule.knows(*sign, place);
                }
            }
        }
    }
}

/// Looks at the lines of a roster whose days are not known: names and signs can be wrong all the same.
pub(super) fn look(roster: &Node, schedule: &mut Schedule<'_, '_>) {
    for row in roster.entries() {
        let purpose = schedule.purpose(schedule.context.options.today);
        reference::named(&row.key, row.key_span, purpose, schedule.context, schedule.out);
        if row.value.is_refused() {
            continue;
        }
        let line = Line::of(&row.value, schedule.context.sources);
        for (at, sign) in line.text.char_indices().filter(|(_, sign)| !sign.is_whitespace() && *sign != NOT_OURS) {
            schedule.knows(sign, line.place(at, sign.len_utf8()));
        }
    }
}

/// The text of a roster line and how to find its characters in the file.
struct Line<'a> {
    text: &'a str,
    whole: Span,
    /// Where the text begins inside `whole`; `None` when escapes or folding make the two differ.
    begins: Option<usize>,
}

impl<'a> Line<'a> {
    fn of(node: &'a Node, sources: &'a Sources) -> Self {
        let whole = node.span;
        let raw = sources.text(whole);
        // `1122` is a number to YAML; as signs it is what is written.
        let Some(text) = node.as_str() else { return Self { text: raw, whole, begins: Some(0) } };
        let unquoted = raw.get(1..raw.len().saturating_sub(1));
        let begins = if raw == text { Some(0) } else { (unquoted == Some(text)).then_some(1) };
        Self { text, whole, begins }
    }

    fn place(&self, at: usize, length: usize) -> Span {
        self.begins.map_or(self.whole, |begins| self.whole.slice(begins + at, length))
    }
}

/// A line must have one sign a day. The caret goes under the last sign of a short line and under all that is left over of a long one.
fn wrong_length(line: &Line<'_>, signs: &[(usize, char)], days: &[Date]) -> Option<Diagnostic> {
    let (from, to) = (*days.first()?, *days.last()?);
    let last = signs.last().map_or((0, 0), |(at, sign)| (*at, at + sign.len_utf8()));
    if signs.len() < days.len() {
        let problem = Meaning::RosterTooShort { signs: signs.len(), from, to, days: days.len() };
        let at = if signs.is_empty() { line.whole } else { line.place(last.0, last.1 - last.0) };
        return Some(Diagnostic::meaning(problem, at));
    }
    let (surplus, _) = signs.get(days.len())?;
    let problem = Meaning::RosterTooLong { signs: signs.len(), from, to, days: days.len() };
    Some(Diagnostic::meaning(problem, line.place(*surplus, last.1 - surplus)))
}
