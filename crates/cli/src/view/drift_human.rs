//! Drift as text: what is gone, what the `drift` setting reverts, and what it keeps.

use std::io::{self, Write};

use deskform_model::Kind;
use deskform_model::printable::printable;
use deskform_planner::drift::{Drifted, Report};

use super::layout::{pad, width};
use super::plan_outline::present;
use super::plural::{Noun, count};
use super::{scope_human, words};
use crate::args::scope::ScopeArgs;
use crate::ui::{CHANGE, FAINT, REMOVE, STRONG, WARNING};

/// A report and what it was narrowed to.
#[derive(Clone, Copy, Debug)]
pub struct DriftHuman<'a> {
    /// The report.
    pub report: &'a Report,
    /// What was looked at.
    pub selectors: &'a ScopeArgs,
}

impl DriftHuman<'_> {
    /// Writes the whole report.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Report { kept, reverted, vanished, compared: _, unreadable: _ } = self.report;
        if !vanished.is_empty() {
            writeln!(out, "  {STRONG}gone from the platform:{STRONG:#}")?;
            for gone in vanished {
                let place = if gone.recycled { " (in the recycle bin)" } else { "" };
                let head = titled(&gone.address.to_string(), &gone.title);
                writeln!(out, "  {REMOVE}-{REMOVE:#} {head}{place}  {FAINT}last applied {}{FAINT:#}", moment(&gone.at))?;
            }
            writeln!(out)?;
        }
        section("changed on the platform, and the `drift` setting reverts it:", reverted, out)?;
        section("changed on the platform, and the `drift` setting keeps it:", kept, out)?;
        self.summary(out)
    }

    fn summary(&self, out: &mut dyn Write) -> io::Result<()> {
        let Report { kept, reverted, vanished, compared, unreadable } = self.report;
        let ScopeArgs { target, exclude } = self.selectors;
        if !target.is_empty() || !exclude.is_empty() {
            let flags = scope_human::flags(target, exclude, false);
            writeln!(out, "{WARNING}This is not everything:{WARNING:#} {}", printable(&flags))?;
        }
        let noun = |kind| if kind == Kind::Shift { Noun::Shift } else { words::unmanaged(kind) };
        let parts: Vec<String> = present(compared).map(|(kind, number)| count(number, noun(kind))).collect();
        let looked = if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
        if self.report.is_empty() {
            writeln!(out, "{STRONG}No drift.{STRONG:#} Compared {looked}.")?;
        } else {
            let (gone, back, stay) = (vanished.len(), reverted.len(), kept.len());
            writeln!(out, "{STRONG}Drift:{STRONG:#} {gone} gone, {back} to be reverted, {stay} kept. Compared {looked}.")?;
        }
        match *unreadable {
            0 => Ok(()),
            number => writeln!(out, "{} cannot be read: no call shows them.", count(number, Noun::Permission)),
        }
    }
}

fn section(heading: &str, list: &[Drifted], out: &mut dyn Write) -> io::Result<()> {
    if list.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {STRONG}{heading}{STRONG:#}")?;
    for drifted in list {
        let kind = drifted.address.kind;
        let head = titled(&drifted.address.to_string(), &drifted.title);
        writeln!(out, "  {CHANGE}~{CHANGE:#} {head}  {FAINT}last applied {}{FAINT:#}", moment(&drifted.at))?;
        let column = drifted.fields.iter().map(|drift| width(&drift.field.name(kind))).max().unwrap_or_default();
        for drift in &drifted.fields {
            let codec = drift.field.field(kind).codec;
            let (seen, live) = (words::show(&codec, &drift.seen), words::show(&codec, &drift.live));
            writeln!(out, "      {} : {seen} was applied, {live} is there", pad(&drift.field.name(kind), column))?;
        }
    }
    writeln!(out)
}

fn titled(address: &str, title: &str) -> String {
    if title.is_empty() { address.to_owned() } else { format!("{address} {}", printable(title)) }
}

/// `2026-12-01 08:00`.
fn moment(at: &str) -> String {
    at.get(..16).unwrap_or(at).replace('T', " ")
}
