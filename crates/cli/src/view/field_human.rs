//! Fields in a plan's text: the values of something new, and what changes in something that is there.

use std::io::{self, Write};

use deskform_model::codec::Codec;
use deskform_model::printable::printable;
use deskform_model::{Kind, Value, Values};
use deskform_planner::plan::{Before, FieldChange};
use similar::{ChangeTag, TextDiff};

use super::layout::{pad, width};
use super::words;
use crate::ui::{ADD, CHANGE, FAINT, REMOVE};

/// Writes a line for every value that is not empty.
///
/// # Errors
/// When the writer fails.
pub fn new_values(out: &mut dyn Write, kind: Kind, values: &Values) -> io::Result<()> {
    let column = values.iter().map(|(key, _)| width(&key.name(kind))).max().unwrap_or_default();
    for (key, value) in values.iter().filter(|(_, value)| **value != Value::Null) {
        let name = pad(&key.name(kind), column);
        writeln!(out, "      {ADD}+{ADD:#} {name} : {}", words::show(&key.field(kind).codec, value))?;
    }
    Ok(())
}

/// Writes every field that differs: old and new, who changed it, and whether it could be read.
///
/// # Errors
/// When the writer fails.
pub fn field_changes(out: &mut dyn Write, kind: Kind, fields: &[FieldChange]) -> io::Result<()> {
    let column = fields.iter().map(|change| width(&change.field.name(kind))).max().unwrap_or_default();
    for change in fields {
        field_change(out, kind, change, column)?;
    }
    Ok(())
}

fn field_change(out: &mut dyn Write, kind: Kind, change: &FieldChange, column: usize) -> io::Result<()> {
    let FieldChange { field, before, after, why } = change;
    let codec = field.field(kind).codec;
    write!(out, "      {CHANGE}~{CHANGE:#} {} :", pad(&field.name(kind), column))?;
    let notes = match before {
        Before::Live(_) => None,
        Before::LastSet(_, at) => Some(format!("(not readable; last set on {})", at.split('T').next().unwrap_or_default())),
        Before::Unknown => Some("(not readable; never set from here)".to_owned()),
    };
    let known = match before {
        Before::Live(value) | Before::LastSet(value, _) => Some(value),
        Before::Unknown => None,
    };
    let tail = || [notes.as_deref(), words::field_reason(*why)].into_iter().flatten().fold(String::new(), |tail, part| tail + "  " + part);
    match (known, after) {
        (Some(Value::Set(old)), Value::Set(new)) => {
            let gone = old.iter().filter(|member| !new.contains(member)).map(|member| format!("- {member}"));
            let come = new.iter().filter(|member| !old.contains(member)).map(|member| format!("+ {member}"));
            writeln!(out, " {}{}", gone.chain(come).collect::<Vec<_>>().join(", "), tail())
        }
        (Some(old), new) if matches!(codec, Codec::Lines { .. }) && (is_long(old) || is_long(new)) => {
            writeln!(out, "{}", tail())?;
            line_diff(out, lines(old), lines(new))
        }
        (Some(old), new) => writeln!(out, " {} -> {}{}", words::show(&codec, old), words::show(&codec, new), tail()),
        (None, new) => writeln!(out, " ? -> {}{}", words::show(&codec, new), tail()),
    }
}

fn is_long(value: &Value) -> bool {
    value.as_text().is_some_and(|text| text.contains('\n'))
}

fn lines(value: &Value) -> &str {
    value.as_text().map(|text| text.as_str()).unwrap_or_default()
}

/// The lines that differ with two unchanged ones around them. Control characters are made visible: the text comes from a platform.
fn line_diff(out: &mut dyn Write, old: &str, new: &str) -> io::Result<()> {
    let diff = TextDiff::from_lines(old, new);
    for (at, group) in diff.grouped_ops(2).iter().enumerate() {
        if at > 0 {
            writeln!(out, "          ...")?;
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ("-", REMOVE),
                ChangeTag::Insert => ("+", ADD),
                ChangeTag::Equal => (" ", FAINT),
            };
            let line = printable(change.value().trim_end_matches(['\n', '\r']));
            let ending = if change.missing_newline() { "  (no line break at the end)" } else { "" };
            writeln!(out, "          {style}{sign} {line}{style:#}{ending}")?;
        }
    }
    Ok(())
}
