//! What a narrowed plan left out, as text: nobody takes it for the whole.

use std::collections::BTreeMap;
use std::io::{self, Write};

use deskform_model::Kind;
use deskform_model::printable::printable;
use deskform_planner::scope::{Held, LeftOut, Scope, Selector};

use super::plan_outline::present;
use super::plural::{Noun, count};
use super::words;
use crate::ui::{STRONG, WARNING};

/// So many addresses are listed where --verbose does not ask for all.
const LISTED: usize = 20;

/// Writes what the plan was narrowed to, what that leaves out, what comes along, and what is held back.
///
/// # Errors
/// When the writer fails.
pub fn write(scope: &Scope, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    let Scope { targets, excludes, no_delete, left_out, pulled_in, held_back } = scope;
    let flags = flags(targets, excludes, *no_delete);
    writeln!(out, "{WARNING}This is not the whole plan:{WARNING:#} {}", printable(&flags))?;
    if !targets.is_empty() || !excludes.is_empty() {
        writeln!(out, "  left out: {}", amounts(left_out))?;
    }
    let limit = if verbose { usize::MAX } else { LISTED };
    if !pulled_in.is_empty() {
        writeln!(out, "  {STRONG}pulled in, because what was selected needs it:{STRONG:#}")?;
        let lines = pulled_in.iter().map(ToString::to_string);
        list(lines, pulled_in.len(), limit, out)?;
    }
    if !held_back.is_empty() {
        writeln!(out, "  {STRONG}selected, and left out as well:{STRONG:#}")?;
        let line = |held: &Held| {
            let title = if held.title.is_empty() { String::new() } else { format!(" {}", printable(&held.title)) };
            format!("{}{title} ({})", held.address, words::held_back(held.why))
        };
        list(held_back.iter().map(line), held_back.len(), limit, out)?;
    }
    writeln!(out)
}

/// The flags that narrow, as they are given.
pub fn flags(targets: &[Selector], excludes: &[Selector], no_delete: bool) -> String {
    let targets = targets.iter().map(|selector| format!("--target {selector}"));
    let excludes = excludes.iter().map(|selector| format!("--exclude {selector}"));
    let all: Vec<String> = targets.chain(excludes).chain(no_delete.then(|| "--no-delete".to_owned())).collect();
    all.join(" ")
}

/// `3 people, 300 shifts (2 no longer declared)`.
fn amounts(left_out: &BTreeMap<Kind, LeftOut>) -> String {
    let totals: BTreeMap<Kind, usize> = left_out.iter().map(|(kind, left)| (*kind, left.declared + left.owned)).collect();
    let parts: Vec<String> = present(&totals)
        .map(|(kind, total)| {
            let noun = if kind == Kind::Shift { Noun::Shift } else { words::unmanaged(kind) };
            let owned = left_out.get(&kind).map_or(0, |left| left.owned);
            let undeclared = if owned > 0 { format!(" ({owned} no longer declared)") } else { String::new() };
            format!("{}{undeclared}", count(total, noun))
        })
        .collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

fn list(lines: impl Iterator<Item = String>, total: usize, limit: usize, out: &mut dyn Write) -> io::Result<()> {
    for line in lines.take(limit) {
        writeln!(out, "  . {line}")?;
    }
    match total.saturating_sub(limit) {
        0 => Ok(()),
        more => writeln!(out, "  . and {more} more (--verbose lists all)"),
    }
}
