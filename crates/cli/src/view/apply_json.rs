//! An apply as JSON: one document for the plan and what became of it, one change a line.
//!
//! ```text
//! {"formatVersion": 1, "plan": see plan_json, "outcome": null |
//!  {"complete": bool, "interrupted": bool, "ledgerError"?, "readBackError"?,
//!   "changes": [{"address", "fate": "applied"|"failed"|"unknown"|"stale"|"blocked"|"refused"|"notStarted", "closesAccess": bool,
//!      "message"?, "status"?, "code"?, "hint"?, "blockedBy"?: address}],
//!   "counts": {fate: n}}}
//! ```
//!
//! The outcome is null when nothing was sent: there was nothing to do, or somebody or something refused.

use std::collections::BTreeMap;
use std::io::{self, Write};

use deskform_applier::{ChangeOutcome, Fate, Outcome};
use serde_json::{Value as Json, json};

use super::plan_json::PlanJson;

/// A plan and what became of it.
#[derive(Clone, Copy, Debug)]
pub struct ApplyJson<'a> {
    /// The plan.
    pub plan: PlanJson<'a>,
    /// What became of it, if anything was sent.
    pub outcome: Option<&'a Outcome>,
}

impl ApplyJson<'_> {
    /// Writes the document described above.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{{\"formatVersion\":1,\n\"plan\":")?;
        self.plan.write(out)?;
        write!(out, ",\"outcome\":")?;
        match self.outcome {
            Some(outcome) => write_outcome(outcome, out)?,
            None => write!(out, "null")?,
        }
        writeln!(out, "}}")
    }
}

fn write_outcome(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let Outcome { changes, interrupted, ledger_error, read_back_error } = outcome;
    write!(out, "{{\"complete\":{},\n\"interrupted\":{interrupted},\n", outcome.is_complete())?;
    if let Some(error) = ledger_error {
        writeln!(out, "\"ledgerError\":{},", json!(error.to_string()))?;
    }
    if let Some(error) = read_back_error {
        writeln!(out, "\"readBackError\":{},", json!(error.to_string()))?;
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    write!(out, "\"changes\":[")?;
    for (at, change) in changes.iter().enumerate() {
        *counts.entry(change.fate.word()).or_default() += 1;
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &object(change))?;
    }
    write!(out, "],\n\"counts\":{}}}", json!(counts))
}

fn object(change: &ChangeOutcome) -> Json {
    let ChangeOutcome { id: _, address, fate, closes_access } = change;
    let mut object = json!({ "address": address.to_string(), "fate": fate.word(), "closesAccess": closes_access });
    match fate {
        Fate::Failed(error) | Fate::Unknown(error) | Fate::Stale(error) => {
            object["message"] = error.message.as_str().into();
            if let Some(status) = error.status {
                object["status"] = status.into();
            }
            if let Some(code) = &error.code {
                object["code"] = code.as_str().into();
            }
            if let Some(hint) = error.hint {
                object["hint"] = hint.into();
            }
        }
        Fate::Blocked { by } => object["blockedBy"] = by.to_string().into(),
        Fate::Applied | Fate::Refused | Fate::NotStarted => {}
    }
    object
}
