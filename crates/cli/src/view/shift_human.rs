//! Shifts in a plan's text: what one line says.

use std::borrow::Cow;

use deskform_model::printable::printable;
use deskform_model::time::{DateTime, Time, parse_time};
use deskform_model::{Kind, NaturalKey, Value, Values};
use deskform_planner::plan::Before;
use deskform_planner::{Action, Change};

use super::words;

/// The values that a shift's line shows: the wanted ones, or the last ones of a removal.
fn shift_values(change: &Change) -> Option<&Values> {
    match &change.action {
        Action::Delete { last, .. } => Some(last),
        _ => change.values(),
    }
}

/// The shift's name; empty when it has none.
pub fn shift_name(change: &Change) -> Cow<'_, str> {
    printable(match shift_values(change).and_then(|values| values.named(Kind::Shift, "name")) {
        Some(Value::Text(name)) => name,
        Some(_) => "",
        None => &change.title,
    })
}

/// Whether a shift begins at this moment, as it is or as it will be.
pub fn begins_at(change: &Change, moment: DateTime) -> bool {
    let NaturalKey::Shift { date, start, .. } = &change.key else { return false };
    let begins = |start: Time| date.to_datetime(start) == moment;
    let moved = || match &change.action {
        Action::Update { fields, .. } => fields.iter().any(|field| match &field.before {
            Before::Live(Value::Text(text)) if field.field.name(Kind::Shift) == "start" => parse_time(text).is_some_and(begins),
            _ => false,
        }),
        _ => false,
    };
    begins(*start) || moved()
}

/// `06:00-14:00 Thu`.
pub fn shift_hours(change: &Change) -> String {
    let time = |name| {
        let value = shift_values(change).and_then(|values| values.named(Kind::Shift, name));
        value.and_then(Value::as_text).map_or_else(|| "?".to_owned(), ToString::to_string)
    };
    let weekday = match &change.key {
        NaturalKey::Shift { date, .. } => words::weekday(date.weekday()),
        _ => "",
    };
    format!("{}-{} {weekday}", time("start"), time("end"))
}
