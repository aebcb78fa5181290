//! A plan as annotations on the lines of manifests, for GitHub Actions.
//!
//! What stops the plan is an error, what takes something away a warning, everything else worth knowing a notice. What is no longer declared
//! has no line and is told without one. Annotations name fields and never values: whoever sees the pull request sees them, and what lives on
//! a platform may be somebody's phone number.

use std::collections::BTreeMap;
use std::io::{self, Write};

use deskform_model::source::Place;
use deskform_model::{Address, Kind};
use deskform_planner::Action;
use deskform_planner::plan::{Note, NoteKind, Reason, Refusal};

use super::annotation::{self, Annotation, Level, Spot};
use super::plan_outline::{Counts, Item, Outline, Section};
use super::plural::{Noun, count};
use super::{scope_human, words};
use crate::saved::{BrakeWords, PlanReport};

/// Writes the annotations of a plan. `folder` stands before the paths to make them paths from the root of the repository.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &PlanReport, folder: &str, out: &mut dyn Write) -> io::Result<()> {
    annotation::write(&Annotations::of(report, folder).all, out)
}

struct Annotations<'a> {
    folder: &'a str,
    /// Where each address is declared.
    places: BTreeMap<String, &'a Place>,
    all: Vec<Annotation>,
}

impl<'a> Annotations<'a> {
    fn of(report: &'a PlanReport, folder: &'a str) -> Self {
        let mut annotations = Self { folder, places: BTreeMap::new(), all: Vec::new() };
        let outline = Outline::of(report);
        if !report.brakes.refused.is_empty() {
            let places = report.plan.changes.iter().zip(&report.places);
            annotations.places = places.filter_map(|(change, place)| Some((change.address.to_string(), place.as_ref()?))).collect();
        }
        if let Some(scope) = &report.plan.scope {
            // Nobody may take it for the whole.
            let flags = scope_human::flags(&scope.targets, &scope.excludes, scope.no_delete);
            annotations.add(Level::Warning, None, "plan", format!("this is not the whole plan: {flags}"));
        }
        for brake in &report.brakes.refused {
            annotations.brake(Level::Error, brake);
        }
        for item in outline.get(Section::Refused) {
            annotations.refused(item);
        }
        for section in [Section::AccessLost, Section::Replaced, Section::Removed] {
            for item in outline.get(section) {
                annotations.danger(item);
            }
        }
        for warning in &report.brakes.warnings {
            annotations.add(Level::Warning, warning.source.as_ref(), "release", warning.message.clone());
        }
        annotations.add(Level::Notice, None, "plan", summary(&Counts::of(&report.plan)));
        for released in &report.brakes.released {
            annotations.brake(Level::Notice, &released.brake);
        }
        for (note, place) in report.plan.notes.iter().zip(&report.note_places) {
            annotations.add(Level::Notice, place.as_ref(), &note.address.to_string(), note_words(note));
        }
        annotations
    }

    fn add(&mut self, level: Level, place: Option<&Place>, title: &str, message: String) {
        let spot = place.map(|place| Spot { path: format!("{}{}", self.folder, place.path), line: place.line, column: place.column });
        self.all.push(Annotation { level, spot, title: title.to_owned(), message });
    }

    /// At the first of the objects that it concerns and that is still declared.
    fn brake(&mut self, level: Level, brake: &BrakeWords) {
        let place = brake.first.iter().find_map(|address| self.places.get(address).copied());
        let message = match level {
            Level::Error => format!("{}\n{}", brake.message, brake.help),
            Level::Warning | Level::Notice => format!("released: {}", brake.message),
        };
        self.add(level, place, &format!("brake {}", brake.code), message);
    }

    fn refused(&mut self, item: &Item<'_>) {
        let Action::Refuse { why } = &item.change.action else { return };
        let address = &item.change.address;
        let why: Vec<String> = why.iter().map(|why| refusal(address.kind, why)).collect();
        self.add(Level::Error, item.place, &named(address, item), format!("cannot change: {}", why.join("; ")));
    }

    fn danger(&mut self, item: &Item<'_>) {
        let change = item.change;
        let kind = change.kind();
        let replaced = matches!(change.reason, Reason::Replaced | Reason::ReplaceAsked);
        let what = match &change.action {
            Action::Delete { .. } => match words::deletion(kind) {
                Some(how) => format!("is deleted ({how})"),
                None => "is deleted".to_owned(),
            },
            Action::Create { .. } if replaced => "is made anew".to_owned(),
            _ => "loses access".to_owned(),
        };
        let message = match words::reason(kind, change.reason) {
            Some(why) => format!("{what}: {why}"),
            None => what,
        };
        self.add(Level::Warning, item.place, &named(&change.address, item), message);
    }
}

/// `support/zhang-san 张三`.
fn named(address: &Address, item: &Item<'_>) -> String {
    match item.change.title.as_str() {
        "" => address.to_string(),
        title => format!("{address} {title}"),
    }
}

fn summary(counts: &Counts) -> String {
    if !counts.writes() && counts.refused == 0 {
        return "No changes on the platforms.".to_owned();
    }
    let Counts { others, shifts, shift_people, .. } = *counts;
    let numbers = [
        (others.add, "to add"),
        (others.change, "to change"),
        (others.restore, "to restore"),
        (others.remove, "to remove"),
        (counts.refused, "that cannot change"),
    ];
    let mut parts: Vec<String> =
        numbers.into_iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    if shifts.total() > 0 {
        let signs = [(shifts.add, '+'), (shifts.change, '~'), (shifts.remove, '-')];
        let signs: Vec<String> =
            signs.into_iter().filter(|(number, _)| *number > 0).map(|(number, sign)| format!("{sign}{number}")).collect();
        parts.push(format!("shifts of {} {}", count(shift_people, Noun::Person), signs.join(" ")));
    }
    format!("{}. Nothing is changed before the plan is applied.", parts.join(", "))
}

fn refusal(kind: Kind, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Fixed { field, .. } => {
            format!("{} is fixed once created; `lifecycle: {{replace: allow}}` would delete it and create it anew", field.name(kind))
        }
        Refusal::BelowMinimum { field, min, .. } => format!("{} is below {min}, the smallest that an edit accepts", field.name(kind)),
        other => words::refusal(kind, other),
    }
}

fn note_words(note: &Note) -> String {
    match &note.what {
        NoteKind::DriftKept { field, .. } => {
            format!("{} differs on the platform and is kept as it is there", field.name(note.address.kind))
        }
        other => words::note(note.address.kind, other),
    }
}
