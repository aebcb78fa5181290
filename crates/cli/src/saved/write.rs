//! A plan as JSON: what Terraform publishes about its plans where that fits, and the rest under `deskform`.
//!
//! ```text
//! {"format_version": "1.2", "applyable": bool, "complete": bool, "errored": false,
//!  "resource_changes": [see saved::terraform], "resource_drift": [see saved::terraform],
//!  "deskform": see saved::document}
//! ```
//!
//! The last member of `deskform` is a digest of everything before it, so that an edit is noticed wherever it was made.
//!
//! The same plan gives the same bytes on every machine: no time of day, no absolute path, nothing of Git, so that a rebase changes nothing
//! but lines that moved. One change stands on one line, so that a diff of two plans can be read.

use std::fmt::Write as _;
use std::io::{self, Write};

use deskform_planner::saved::entries;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::document::{self, FORMAT};
use super::{PlanReport, terraform};

/// The version of Terraform's representation that the first part follows.
const TERRAFORM_FORMAT: &str = "1.2";

/// Writes the object described above.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &PlanReport, out: &mut dyn Write) -> io::Result<()> {
    let mut hashing = Hashing { out, hash: Sha256::new() };
    write_all_but_digest(report, &mut hashing)?;
    let digest = hashing.hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    writeln!(out, "\"digest\":\"{digest}\"}}}}")
}

/// Hashes what it passes on.
struct Hashing<'a> {
    out: &'a mut dyn Write,
    hash: Sha256,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn write_all_but_digest(report: &PlanReport, out: &mut dyn Write) -> io::Result<()> {
    let plan = &report.plan;
    writeln!(out, "{{\"format_version\":\"{TERRAFORM_FORMAT}\",")?;
    member(out, "applyable", &(report.brakes.refused.is_empty() && !plan.is_empty()))?;
    member(out, "complete", &plan.scope.is_none())?;
    member(out, "errored", &false)?;
    list(out, "resource_changes", terraform::resource_changes(report))?;
    list(out, "resource_drift", terraform::resource_drift(report))?;
    writeln!(out, "\"deskform\":{{\"formatVersion\":{FORMAT},")?;
    member(out, "writtenBy", env!("CARGO_PKG_VERSION"))?;
    member(out, "fingerprint", report.fingerprint())?;
    member(out, "about", &report.about)?;
    member(out, "empty", &plan.is_empty())?;
    member(out, "ledgerKnown", &plan.ledger_known)?;
    if let Some(scope) = &plan.scope {
        member(out, "scope", &document::ScopeDocument::of(scope))?;
    }
    if let Some(until) = &plan.valid_until {
        member(out, "validUntil", until)?;
    }
    list(out, "changes", (0..plan.changes.len()).map(|at| document::change(report, at)))?;
    list(out, "notes", (0..plan.notes.len()).map(|at| document::note(report, at)))?;
    member(out, "brakes", &document::brakes(&report.brakes))?;
    member(out, "counts", &document::counts(plan))?;
    member(out, "unchanged", &document::per_kind(&plan.unchanged))?;
    member(out, "unmanaged", &document::per_kind(&plan.unmanaged))?;
    member(out, "owned", &document::per_kind(&plan.owned))?;
    member(out, "admins", &document::admins(&plan.admins))?;
    member(out, "ended", &plan.ended.iter().map(entries::text).collect::<Vec<_>>())
}

fn member<T: Serialize + ?Sized>(out: &mut dyn Write, name: &str, value: &T) -> io::Result<()> {
    write!(out, "\"{name}\":")?;
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out, ",")
}

fn list<T: Serialize>(out: &mut dyn Write, name: &str, items: impl Iterator<Item = T>) -> io::Result<()> {
    write!(out, "\"{name}\":[")?;
    for (at, item) in items.enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &item)?;
    }
    writeln!(out, "],")
}
