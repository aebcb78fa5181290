//! What a shift looks like to a reader: its name and hours, as they are and as they were.

use std::borrow::Cow;

use deskform_model::printable::printable;
use deskform_model::time::{DateTime, Time, parse_time};
use deskform_model::{Kind, NaturalKey, Value, Values};
use deskform_planner::plan::Before;
use deskform_planner::{Action, Change};

use super::words;

/// Name and hours. Everybody's early shift has one look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look<'a> {
    /// `HH:MM`, or `?`.
    pub start: &'a str,
    /// `HH:MM`, or `?`.
    pub end: &'a str,
    /// The name; may be empty.
    pub name: &'a str,
}

impl<'a> Look<'a> {
    /// What the shift will be, or was last when it is removed.
    pub fn of(change: &'a Change) -> Self {
        let values = match &change.action {
            Action::Delete { last, .. } => Some(last),
            _ => change.values(),
        };
        let text = |name| values.and_then(|values: &Values| values.named(Kind::Shift, name)).and_then(Value::as_text);
        let time = |name| text(name).map_or("?", |time| time.as_str());
        let named = values.is_some_and(|values| values.named(Kind::Shift, "name").is_some());
        let name = if named { text("name").map_or("", |name| name.as_str()) } else { &change.title };
        Self { start: time("start"), end: time("end"), name }
    }

    /// What the platform shows of a shift that is edited; the same as [`Look::of`] where name and hours stay.
    pub fn before(change: &'a Change) -> Self {
        let mut look = Self::of(change);
        let Action::Update { fields, .. } = &change.action else { return look };
        for field in fields {
            let Before::Live(value) = &field.before else { continue };
            let text = value.as_text().map_or("", |text| text.as_str());
            match field.field.field(Kind::Shift).name {
                "start" => look.start = text,
                "end" => look.end = text,
                "name" => look.name = text,
                _ => {}
            }
        }
        look
    }

    /// `早班 06:00-14:00`.
    pub fn text(&self) -> String {
        let hours = self.hours();
        if self.name.is_empty() { hours } else { format!("{} {hours}", printable(self.name)) }
    }

    /// The name, made harmless; empty when it has none.
    pub fn name(&self) -> Cow<'a, str> {
        printable(self.name)
    }

    /// `06:00-14:00`.
    pub fn hours(&self) -> String {
        format!("{}-{}", printable(self.start), printable(self.end))
    }

    /// The name, or the hours of a shift without one.
    pub fn short(&self) -> Cow<'a, str> {
        if self.name.is_empty() { Cow::Owned(self.hours()) } else { printable(self.name) }
    }
}

/// Whether a shift begins at this moment, as it is or as it will be.
pub fn begins_at(change: &Change, moment: DateTime) -> bool {
    let NaturalKey::Shift { date, start, .. } = &change.key else { return false };
    let begins = |start: Time| date.to_datetime(start) == moment;
    begins(*start) || parse_time(Look::before(change).start).is_some_and(begins)
}

/// `06:00-14:00 Thu`.
pub fn hours_and_day(change: &Change) -> String {
    let weekday = match &change.key {
        NaturalKey::Shift { date, .. } => words::weekday(date.weekday()),
        _ => "",
    };
    format!("{} {weekday}", Look::of(change).hours())
}
