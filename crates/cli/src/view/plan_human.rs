//! A plan as text in the style that readers of Terraform know, with danger first and people before files (design.md section 3).

use std::io::{self, Write};

use anstyle::Style;
use deskform_model::printable::printable;
use deskform_model::{Kind, RemoteId, Value};
use deskform_planner::plan::{Bookkeeping, NoteKind, Reason};
use deskform_planner::{Action, Change, Plan};

use super::field_human::{field_changes, new_values};
use super::layout::{blanks, pad, width};
use super::plan_outline::{Counts, Item, Outline, Tally, present};
use super::plural::{Noun, count, word};
use super::shift_human::{begins_at, shift_hours, shift_name};
use super::{scope_human, words};
use crate::saved::PlanReport;
use crate::ui::{ADD, CHANGE, FAINT, REMOVE, STRONG};

/// Where origins begin; a longer headline pushes its own.
const ORIGIN_COLUMN: usize = 58;

/// A plan and what its text needs besides.
#[derive(Clone, Copy, Debug)]
pub struct PlanHuman<'a> {
    /// The plan and what is said about it.
    pub report: &'a PlanReport,
    /// Whether remote ids, the origins of shifts and every note are wanted.
    pub verbose: bool,
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
            let deed = if self.report.about.destroy { "remove everything that its ledger owns" } else { "perform the following actions" };
            writeln!(out, "deskform will {deed}:\n")?;
        }
        self.section(out, "cannot change, left out by apply:", &outline.refused)?;
        self.section(out, "removals, replacements and access taken away:", &outline.danger)?;
        let heading = if outline.refused.is_empty() && outline.danger.is_empty() { "" } else { "other changes:" };
        self.section(out, heading, &outline.ordinary)?;
        self.shifts(out, &outline.shifts, &counts)?;
        self.section(out, "only the ledger changes:", &outline.recorded)?;
        self.section(out, "no longer in the ledger:", &outline.forgotten)?;
        self.notes(out)?;
        self.summary(out, &counts)
    }

    fn section(&self, out: &mut dyn Write, heading: &str, changes: &[Item<'_>]) -> io::Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        if !heading.is_empty() {
            writeln!(out, "  {STRONG}{heading}{STRONG:#}")?;
        }
        for item in changes {
            headline(out, item)?;
            self.details(out, item.change)?;
        }
        writeln!(out)
    }

    /// The indented lines below a headline.
    fn details(&self, out: &mut dyn Write, change: &Change) -> io::Result<()> {
        let kind = change.kind();
        match &change.action {
            Action::Create { values, secret: _ } => new_values(out, kind, values)?,
            Action::Update { fields, remotes: _, values: _, saw: _, secret: _ } => field_changes(out, kind, fields)?,
            Action::Restore { fields, remote: _, values: _ } => {
                writeln!(out, "      taken out of the recycle bin")?;
                field_changes(out, kind, fields)?;
            }
            Action::Refuse { why } => {
                for refusal in why {
                    writeln!(out, "      {REMOVE}!{REMOVE:#} {}", words::refusal(kind, refusal))?;
                }
            }
            Action::Delete { remotes: _, last, successor: Some(successor) } if kind == Kind::Agent => {
                if let Some(lost) = words::lost_with_seat(last, &self.plan().get(*successor).action) {
                    writeln!(out, "      {lost}")?;
                }
            }
            Action::Delete { .. } | Action::Record { .. } | Action::Forget { .. } => {}
        }
        let books = &change.bookkeeping;
        if let Some(before) = &books.moved_from {
            writeln!(out, "      was {before}")?;
        }
        if !books.released.is_empty() {
            let names: Vec<String> = books.released.iter().map(|field| field.name(kind)).collect();
            writeln!(out, "      no longer managed: {}", names.join(", "))?;
        }
        if self.verbose {
            let ids: Vec<&str> = remotes(&change.action).map(RemoteId::as_str).collect();
            if !ids.is_empty() {
                writeln!(out, "      {FAINT}id {}{FAINT:#}", ids.join(", "))?;
            }
        }
        Ok(())
    }

    fn shifts(&self, out: &mut dyn Write, shifts: &[Item<'_>], counts: &Counts) -> io::Result<()> {
        if shifts.is_empty() {
            return Ok(());
        }
        let Tally { add, change, remove, restore: _ } = counts.shifts;
        let signs: Vec<String> =
            [("+", add), ("~", change), ("-", remove)].into_iter().filter(|(_, n)| *n > 0).map(|(sign, n)| format!("{sign}{n}")).collect();
        let people = count(counts.shift_people, Noun::Person);
        writeln!(out, "  {STRONG}shifts of {people}: {}{STRONG:#}", signs.join(" "))?;
        let address_column = shifts.iter().map(|shift| width(&shift.change.address.to_string())).max().unwrap_or_default() + 2;
        let name_column = shifts.iter().map(|shift| width(&shift_name(shift.change))).max().unwrap_or_default();
        for Item { change: shift, place } in shifts {
            let (mark, style) = mark(&shift.action);
            write!(out, "  {style}{mark}{style:#} {}", pad(&shift.address.to_string(), address_column))?;
            let name = if name_column == 0 { String::new() } else { pad(&shift_name(shift), name_column) + " " };
            write!(out, "{name}{}", shift_hours(shift))?;
            // That a removed shift is no longer declared goes without saying: there may be hundreds.
            if let Some(reason) = words::reason(Kind::Shift, shift.reason).filter(|_| shift.reason != Reason::NotDeclared) {
                write!(out, " ({reason})")?;
            }
            if self.verbose
                && let Some(place) = place
            {
                write!(out, "  {FAINT}{place}{FAINT:#}")?;
            }
            writeln!(out)?;
            // A new shift's values stand on its line; what an edit changes does not.
            if matches!(shift.action, Action::Create { .. }) {
                self.remark_and_link(out, shift)?;
            } else {
                self.details(out, shift)?;
            }
        }
        writeln!(out)
    }

    fn remark_and_link(&self, out: &mut dyn Write, shift: &Change) -> io::Result<()> {
        if !self.verbose {
            return Ok(());
        }
        for name in ["remark", "url"] {
            if let Some(value) = shift.values().and_then(|values| values.named(Kind::Shift, name))
                && *value != Value::Null
            {
                let codec = Kind::Shift.key(name).map(|key| key.field(Kind::Shift).codec);
                writeln!(out, "      + {name} : {}", codec.map(|codec| words::show(&codec, value)).unwrap_or_default())?;
            }
        }
        Ok(())
    }

    fn notes(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut ended = 0;
        let mut any = false;
        for (note, place) in self.plan().notes.iter().zip(&self.report.note_places) {
            // A month's roster leaves hundreds of these behind; they are counted.
            if note.what == NoteKind::Ended && !self.verbose {
                ended += 1;
                continue;
            }
            if !std::mem::replace(&mut any, true) {
                writeln!(out, "  {STRONG}to know:{STRONG:#}")?;
            }
            write!(out, "  . {}", titled(&note.address.to_string(), &note.title))?;
            write!(out, ": {}", words::note(note.address.kind, &note.what))?;
            if let Some(place) = place {
                write!(out, "  {FAINT}{place}{FAINT:#}")?;
            }
            writeln!(out)?;
        }
        if ended > 0 {
            if !any {
                writeln!(out, "  {STRONG}to know:{STRONG:#}")?;
            }
            any = true;
            writeln!(out, "  . {} declared for a time that is over; left as they are", are(ended, Noun::Shift))?;
        }
        if any { writeln!(out) } else { Ok(()) }
    }

    fn summary(&self, out: &mut dyn Write, counts: &Counts) -> io::Result<()> {
        if let Some(scope) = &self.plan().scope {
            scope_human::write(scope, self.verbose, out)?;
        }
        if self.plan().is_empty() {
            let noun = word(counts.unchanged, Noun::Resource);
            let verb = if counts.unchanged == 1 { "is" } else { "are" };
            writeln!(out, "{STRONG}No changes.{STRONG:#} {} {noun} {verb} as declared.", counts.unchanged)?;
        } else {
            let noun = word(counts.unchanged, Noun::Resource);
            writeln!(out, "{STRONG}Plan:{STRONG:#} {}. {} {noun} unchanged.", plan_line(counts), counts.unchanged)?;
        }
        let unmanaged: Vec<String> = present(&self.plan().unmanaged).map(|(kind, n)| count(n, words::unmanaged(kind))).collect();
        if !unmanaged.is_empty() {
            let total: usize = self.plan().unmanaged.values().sum();
            writeln!(out, "{} here {} not managed.", unmanaged.join(", "), if total == 1 { "is" } else { "are" })?;
        }
        if !self.plan().ledger_known {
            writeln!(out, "There is no ledger yet. Without a ledger nothing is deleted.")?;
        }
        if let Some(until) = self.plan().valid_until {
            let begins = self.plan().changes.iter().any(|change| begins_at(change, until));
            let event = if begins { "begins" } else { "ends" };
            writeln!(out, "Valid until {}, when the first shift that it changes {event}.", until.strftime("%Y-%m-%d %H:%M"))?;
        }
        Ok(())
    }
}

fn headline(out: &mut dyn Write, item: &Item<'_>) -> io::Result<()> {
    let (mark, style) = mark(&item.change.action);
    let head = head(item.change);
    write!(out, "  {style}{mark}{style:#} {head}")?;
    if let Some(place) = item.place {
        let gap = blanks(width(&head) + 4, ORIGIN_COLUMN, 2);
        write!(out, "{gap}{FAINT}{place}{FAINT:#}")?;
    }
    writeln!(out)
}

/// `1 to change; shifts 12 to add, 1 to remove; 3 to take over`.
fn plan_line(counts: &Counts) -> String {
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

/// Address, name and reasons.
fn head(change: &Change) -> String {
    let mut head = titled(&change.address.to_string(), &change.title);
    let deletion = match change.action {
        Action::Delete { .. } => words::deletion(change.kind()),
        _ => None,
    };
    let forget = match &change.action {
        Action::Forget { why, id: _ } => Some(words::forget(*why)),
        // The reasons of a refusal have lines of their own.
        Action::Refuse { .. } => None,
        Action::Record { .. } if change.bookkeeping == Bookkeeping::default() => Some(words::refresh()),
        _ => words::reason(change.kind(), change.reason),
    };
    let said: Vec<&str> = [forget, deletion].into_iter().flatten().collect();
    if !said.is_empty() {
        head.push_str(&format!(" ({})", said.join("; ")));
    }
    head
}

fn titled(address: &str, title: &str) -> String {
    if title.is_empty() { address.to_owned() } else { format!("{address} {}", printable(title)) }
}

fn mark(action: &Action) -> (&'static str, Style) {
    match action {
        Action::Create { .. } | Action::Restore { .. } => ("+", ADD),
        Action::Update { .. } => ("~", CHANGE),
        Action::Delete { .. } => ("-", REMOVE),
        Action::Record { .. } => ("=", FAINT),
        Action::Forget { .. } => ("x", FAINT),
        Action::Refuse { .. } => ("!", REMOVE),
    }
}

fn remotes(action: &Action) -> impl Iterator<Item = &RemoteId> {
    let (some, all, one) = match action {
        Action::Update { remotes, .. } => (remotes.as_slice(), [].as_slice(), None),
        Action::Delete { remotes, .. } | Action::Record { remotes, .. } => ([].as_slice(), remotes.as_slice(), None),
        Action::Restore { remote, .. } => ([].as_slice(), [].as_slice(), Some(remote)),
        Action::Create { .. } | Action::Forget { .. } | Action::Refuse { .. } => ([].as_slice(), [].as_slice(), None),
    };
    some.iter().flatten().chain(all).chain(one)
}

/// `1 shift is`, `2 shifts are`.
fn are(number: usize, noun: Noun) -> String {
    format!("{} {}", count(number, noun), if number == 1 { "is" } else { "are" })
}
