//! An apply as text: what happens while it runs, and what became of every step.

use std::io::{self, Write};

use deskform_applier::{ChangeOutcome, Event, Fate, Outcome, StepError, Stop};
use deskform_model::printable::printable;
use deskform_planner::{Action, Change, Plan};

use super::plural::{Noun, count};
use super::{credentials_human, talk, words};
use crate::error::with_causes;
use crate::saved::PlanReport;
use crate::ui::{ERROR, HINT, WARNING};

/// The line that an event is worth where no bar can be drawn; most are worth none.
pub fn line(event: &Event, plan: &Plan) -> Option<String> {
    match event {
        Event::Started { changes, steps: _ } => Some(format!("applying {}", count(*changes, Noun::Change))),
        Event::StepFinished { changes, step: _ } => match changes.as_slice() {
            // A month of somebody's shifts is one step.
            [(id, first, fate), _, ..] if changes.iter().all(|(_, _, other)| other == fate) => {
                let more = format!("{first} and {} more", changes.len() - 1);
                Some(finished(&more, plan.get(*id), fate))
            }
            changes => {
                let lines = changes.iter().map(|(id, address, fate)| finished(&address.to_string(), plan.get(*id), fate));
                Some(lines.collect::<Vec<_>>().join("\n"))
            }
        },
        Event::Stopping { under_way, why } => Some(stopping(*under_way, *why)),
        Event::Paused(pause) => Some(talk::paused(pause)),
        Event::Waiting { wait, objects } => Some(talk::waiting_for_lists(*wait, *objects)),
        Event::LookingFor { objects } => Some(format!("looking for {} whose answers were lost", count(*objects, Noun::Object))),
        Event::ReadBack { kinds } => Some(format!("reading back: {}", kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", "))),
        Event::Rewritten { address, field, sent: _, shown: _ } => Some(format!("the platform changed {field} of {address}")),
        Event::NotShown { .. } => not_shown(event),
        Event::Unasked { .. } => unasked(event),
        Event::StepStarted { .. } | Event::LedgerSaved { .. } => None,
    }
}

/// A run stops before its end, told on a bar as well: the first Ctrl-C is answered, and nobody takes another reason for one.
pub fn stopping(under_way: usize, why: Stop) -> String {
    let rest = (under_way > 0).then(|| format!("{} under way will be finished", count(under_way, Noun::Step)));
    match (why, rest) {
        (Stop::Asked, Some(rest)) => format!("stopping: {rest}; once more stops at once"),
        (Stop::Asked, None) => "stopping: nothing is under way".to_owned(),
        (Stop::Ledger, Some(rest)) => format!("the ledger cannot be saved, so nothing more is sent: {rest}"),
        (Stop::Ledger, None) => "the ledger cannot be saved, so nothing more is sent".to_owned(),
        (Stop::Credentials, Some(rest)) => format!("credentials cannot be handed over, so nothing more is sent: {rest}"),
        (Stop::Credentials, None) => "credentials cannot be handed over, so nothing more is sent".to_owned(),
    }
}

/// A value that the platform changed, told once and wherever progress goes.
pub fn rewritten(event: &Event) -> Option<String> {
    let Event::Rewritten { address, field, sent, shown } = event else { return None };
    let codec = address.kind.key(field).map(|key| key.field(address.kind).codec);
    let show = |value| codec.map(|codec| words::show(&codec, value)).unwrap_or_default();
    Some(format!("{address} {field}: {} was sent, the platform shows {}; it counts as in sync from now on", show(sent), show(shown)))
}

/// What lists lack although it was written, told once and wherever progress goes.
pub fn not_shown(event: &Event) -> Option<String> {
    let Event::NotShown { addresses } = event else { return None };
    let which = match &addresses[..] {
        [address] => format!("{address} yet"),
        all => format!("{} yet: {}", count(all.len(), Noun::Object), talk::first(all.iter())),
    };
    Some(format!("no list shows {which}; if that takes the platform longer than `settle`, raise it before the next apply"))
}

/// Seats that nobody asked for, told once and wherever progress goes.
pub fn unasked(event: &Event) -> Option<String> {
    let Event::Unasked { operator_ids } = event else { return None };
    let numbers: Vec<&str> = operator_ids.iter().take(10).map(|id| id.as_str()).collect();
    let more = operator_ids.len().checked_sub(numbers.len()).filter(|more| *more > 0);
    let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
    let seats = count(operator_ids.len(), Noun::Seat);
    Some(format!("the platform made {seats} that nobody asked for: {}{more}; they are not managed, look at them", numbers.join(", ")))
}

fn finished(address: &str, change: &Change, fate: &Fate) -> String {
    match fate {
        Fate::Applied => format!("{address}: {}", deed(&change.action)),
        Fate::Failed(error) => format!("{address}: failed: {}", error.message),
        Fate::Unknown(error) => format!("{address}: unknown: {}", error.message),
        Fate::Stale(error) => format!("{address}: stale: {}", error.message),
        Fate::Blocked { by } => format!("{address}: blocked by {by}"),
        Fate::Refused => format!("{address}: cannot be changed, left out"),
        Fate::NotStarted => format!("{address}: not started"),
    }
}

fn deed(action: &Action) -> &'static str {
    match action {
        Action::Create { .. } => "created",
        Action::Update { .. } => "changed",
        Action::Restore { .. } => "restored",
        Action::Delete { .. } => "removed",
        Action::Record { .. } => "recorded",
        Action::Forget { .. } => "forgotten",
        Action::Refuse { .. } => "left out",
    }
}

/// What is left to be said at the end.
#[derive(Clone, Copy, Debug)]
pub struct ApplyHuman<'a> {
    /// What was to be done.
    pub report: &'a PlanReport,
    /// What became of it.
    pub outcome: &'a Outcome,
    /// The command that goes on from here.
    pub next: &'a str,
}

impl ApplyHuman<'_> {
    /// Writes the summary: open access first, then everything that is not done, the numbers, and the next command.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for open in self.outcome.open_access() {
            let change = self.report.plan.get(open.id);
            let why = self.why(open);
            writeln!(out, "{ERROR}STILL OPEN{ERROR:#}: {}: {why}", self.titled(change))?;
            Self::advice(open, out)?;
        }
        let rest = || self.outcome.changes.iter().filter(|change| !change.fate.is_applied() && !change.closes_access);
        let began = |change: &&ChangeOutcome| !matches!(change.fate, Fate::NotStarted);
        for change in rest().filter(began).chain(rest().filter(|change| !began(change))) {
            let place = self.report.places.get(change.id.0).and_then(Option::as_ref);
            let origin = place.map(|place| format!("  {place}")).unwrap_or_default();
            writeln!(out, "{}: {}{origin}", self.titled(self.report.plan.get(change.id)), self.why(change))?;
            Self::advice(change, out)?;
        }
        if let Some(error) = &self.outcome.ledger_error {
            writeln!(out, "{ERROR}the ledger could not be saved{ERROR:#}: {}; nothing was sent after that", with_causes(error))?;
        }
        if let Some(error) = &self.outcome.read_back_error {
            writeln!(out, "{WARNING}what was written could not be read back{WARNING:#}: {}", with_causes(error))?;
        }
        writeln!(out, "{}", summary(self.outcome))?;
        credentials_human::write(&self.outcome.credentials, out)?;
        if !self.outcome.is_complete() || self.outcome.interrupted {
            writeln!(out, "Next: {}", self.next)?;
        }
        Ok(())
    }

    /// What helps with one that is not done.
    fn advice(change: &ChangeOutcome, out: &mut dyn Write) -> io::Result<()> {
        let Some(error) = error(&change.fate) else { return Ok(()) };
        if let Some(id) = &error.request_id {
            writeln!(out, "  request id: {id}")?;
        }
        match error.hint {
            Some(hint) => writeln!(out, "  {HINT}hint{HINT:#}: {hint}"),
            None => Ok(()),
        }
    }

    fn titled(&self, change: &Change) -> String {
        if change.title.is_empty() { change.address.to_string() } else { format!("{} {}", change.address, printable(&change.title)) }
    }

    fn why(&self, change: &ChangeOutcome) -> String {
        match &change.fate {
            Fate::Applied => "done".to_owned(),
            Fate::Failed(error) => format!("failed: {}", error.message),
            Fate::Unknown(error) => format!("nobody knows whether it was done: {}", error.message),
            Fate::Stale(error) => format!("has changed since the plan: {}", error.message),
            Fate::Blocked { by } => format!("waits for {by}, which was not done"),
            Fate::NotStarted => "not started".to_owned(),
            Fate::Refused => match &self.report.plan.get(change.id).action {
                Action::Refuse { why } => {
                    let why: Vec<String> = why.iter().map(|why| words::refusal(change.address.kind, why)).collect();
                    format!("cannot change: {}", why.join("; "))
                }
                _ => "cannot change".to_owned(),
            },
        }
    }
}

fn error(fate: &Fate) -> Option<&StepError> {
    match fate {
        Fate::Failed(error) | Fate::Unknown(error) | Fate::Stale(error) => Some(error),
        Fate::Applied | Fate::Blocked { .. } | Fate::Refused | Fate::NotStarted => None,
    }
}

/// How many changes ended how; the fates in the order of the design.
pub fn fates(outcome: &Outcome) -> [(&'static str, usize); 7] {
    let mut fates = [("applied", 0), ("failed", 0), ("unknown", 0), ("blocked", 0), ("stale", 0), ("refused", 0), ("not started", 0)];
    for change in &outcome.changes {
        let at = match change.fate {
            Fate::Applied => 0,
            Fate::Failed(_) => 1,
            Fate::Unknown(_) => 2,
            Fate::Blocked { .. } => 3,
            Fate::Stale(_) => 4,
            Fate::Refused => 5,
            Fate::NotStarted => 6,
        };
        fates[at].1 += 1;
    }
    fates
}

/// `Applied: 12 changes.` or `Applied in part: 10 applied, 1 failed, 1 blocked.`
pub fn summary(outcome: &Outcome) -> String {
    if outcome.is_complete() {
        return format!("Applied: {}.", count(outcome.changes.len(), Noun::Change));
    }
    format!("Applied in part: {}.", counts(outcome))
}

/// `10 applied, 1 failed, 1 blocked`.
pub fn counts(outcome: &Outcome) -> String {
    let parts = fates(outcome).into_iter().filter(|(word, number)| *number > 0 || *word == "applied");
    parts.map(|(word, number)| format!("{number} {word}")).collect::<Vec<_>>().join(", ")
}
