//! What is said about a change, as indented lines of text.

use std::io::{self, Write};

use super::change_detail::{Detail, DiffLine};
use super::layout::{pad, width};
use crate::ui::{ADD, CHANGE, FAINT, REMOVE};

/// Writes a line for each detail, more for a line diff; values stand below each other.
///
/// # Errors
/// When the writer fails.
pub fn write(out: &mut dyn Write, details: &[Detail]) -> io::Result<()> {
    let column = details.iter().filter_map(name).map(width).max().unwrap_or_default();
    for detail in details {
        match detail {
            Detail::New { name, value } => writeln!(out, "      {ADD}+{ADD:#} {} : {value}", pad(name, column))?,
            Detail::Changed { name, before, after, notes } => {
                writeln!(out, "      {CHANGE}~{CHANGE:#} {} : {before} -> {after}{}", pad(name, column), tail(notes))?;
            }
            Detail::Members { name, gone, come, notes } => {
                let gone = gone.iter().map(|member| format!("- {member}"));
                let come = come.iter().map(|member| format!("+ {member}"));
                let members = gone.chain(come).collect::<Vec<_>>().join(", ");
                writeln!(out, "      {CHANGE}~{CHANGE:#} {} : {members}{}", pad(name, column), tail(notes))?;
            }
            Detail::Lines { name, diff, notes } => {
                writeln!(out, "      {CHANGE}~{CHANGE:#} {} :{}", pad(name, column), tail(notes))?;
                line_diff(out, diff)?;
            }
            Detail::Refused(why) => writeln!(out, "      {REMOVE}!{REMOVE:#} {why}")?,
            Detail::Said(words) => writeln!(out, "      {words}")?,
            Detail::Ids(ids) => writeln!(out, "      {FAINT}{ids}{FAINT:#}")?,
        }
    }
    Ok(())
}

fn name(detail: &Detail) -> Option<&str> {
    match detail {
        Detail::New { name, .. } | Detail::Changed { name, .. } | Detail::Members { name, .. } | Detail::Lines { name, .. } => Some(name),
        Detail::Refused(_) | Detail::Said(_) | Detail::Ids(_) => None,
    }
}

fn tail(notes: &[String]) -> String {
    notes.iter().fold(String::new(), |tail, note| tail + "  " + note)
}

fn line_diff(out: &mut dyn Write, diff: &[DiffLine]) -> io::Result<()> {
    for DiffLine { sign, line } in diff {
        let style = match sign {
            '-' => REMOVE,
            '+' => ADD,
            '.' => {
                writeln!(out, "          {line}")?;
                continue;
            }
            _ => FAINT,
        };
        writeln!(out, "          {style}{sign} {line}{style:#}")?;
    }
    Ok(())
}
