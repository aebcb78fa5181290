//! An apply as JSON: one document for the plan and what became of it, one change a line.
//!
//! ```text
//! {"formatVersion": 1, "plan": see saved::write, "outcome": null |
//!  {"complete": bool, "interrupted": bool, "ledgerError"?, "readBackError"?,
//!   "credentials": {"file": path or null, "handedOver": [address], "discarded": [address], "lost": [address], "error"?},
//!   "stillOpen": [address], "next": command or null,
//!   "changes": [{"address", "title"?, "fate": "applied"|"failed"|"unknown"|"stale"|"blocked"|"refused"|"notStarted",
//!      "closesAccess": bool, "message"?, "status"?, "code"?, "requestId"?, "hint"?, "blockedBy"?: address}],
//!   "counts": {fate: n}}}
//! ```
//!
//! `stillOpen` is access that should be gone and, for all that is known, is not; `next` is the command that goes on from here, null when
//! everything is done. The outcome is null when nothing was sent: there was nothing to do, or somebody or something refused.

use std::collections::BTreeMap;
use std::io::{self, Write};

use deskform_applier::{ChangeOutcome, Credentials, Fate, Outcome, Whereabouts};
use deskform_planner::{Action, Plan};
use serde_json::{Value as Json, json};

use super::words;
use crate::error::with_causes;
use crate::saved::{PlanReport, write};

/// A plan and what became of it.
#[derive(Clone, Copy, Debug)]
pub struct ApplyJson<'a> {
    /// The plan.
    pub report: &'a PlanReport,
    /// What became of it, if anything was sent.
    pub outcome: Option<&'a Outcome>,
    /// The command that goes on from here when not everything is done.
    pub next: &'a str,
}

impl ApplyJson<'_> {
    /// Writes the document described above.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{{\"formatVersion\":1,\n\"plan\":")?;
        write::write(self.report, out)?;
        write!(out, ",\"outcome\":")?;
        match self.outcome {
            Some(outcome) => self.write_outcome(outcome, out)?,
            None => write!(out, "null")?,
        }
        writeln!(out, "}}")
    }

    fn write_outcome(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        let Outcome { changes, interrupted, ledger_error, credentials, read_back_error } = outcome;
        write!(out, "{{\"complete\":{},\n\"interrupted\":{interrupted},\n", outcome.is_complete())?;
        if let Some(error) = ledger_error {
            writeln!(out, "\"ledgerError\":{},", json!(with_causes(error)))?;
        }
        if let Some(error) = read_back_error {
            writeln!(out, "\"readBackError\":{},", json!(with_causes(error)))?;
        }
        writeln!(out, "\"credentials\":{},", credentials_object(credentials))?;
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let open: Vec<String> = outcome.open_access().map(|change| change.address.to_string()).collect();
        writeln!(out, "\"stillOpen\":{},", json!(open))?;
        let next = (!outcome.is_complete() || *interrupted).then_some(self.next);
        writeln!(out, "\"next\":{},", json!(next))?;
        write!(out, "\"changes\":[")?;
        for (at, change) in changes.iter().enumerate() {
            *counts.entry(change.fate.word()).or_default() += 1;
            out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut *out, &object(&self.report.plan, change))?;
        }
        write!(out, "],\n\"counts\":{}}}", json!(counts))
    }
}

fn credentials_object(credentials: &Credentials) -> Json {
    let addresses = |whereabouts| credentials.seats(whereabouts).map(|seat| seat.address.to_string()).collect::<Vec<_>>();
    let mut object = json!({
        "file": credentials.out.as_ref().map(|out| out.path.display().to_string()),
        "handedOver": addresses(Whereabouts::HandedOver),
        "discarded": addresses(Whereabouts::Discarded),
        "lost": addresses(Whereabouts::Lost),
    });
    if let Some(error) = &credentials.error {
        object["error"] = error.to_string().into();
    }
    object
}

fn object(plan: &Plan, change: &ChangeOutcome) -> Json {
    let ChangeOutcome { id, address, fate, closes_access } = change;
    let mut object = json!({ "address": address.to_string(), "fate": fate.word(), "closesAccess": closes_access });
    let planned = plan.get(*id);
    if !planned.title.is_empty() {
        object["title"] = planned.title.as_str().into();
    }
    match fate {
        Fate::Failed(error) | Fate::Unknown(error) | Fate::Stale(error) => {
            object["message"] = error.message.as_str().into();
            if let Some(status) = error.status {
                object["status"] = status.into();
            }
            if let Some(code) = &error.code {
                object["code"] = code.as_str().into();
            }
            if let Some(id) = &error.request_id {
                object["requestId"] = id.as_str().into();
            }
            if let Some(hint) = error.hint {
                object["hint"] = hint.into();
            }
        }
        Fate::Blocked { by } => object["blockedBy"] = by.to_string().into(),
        Fate::Refused => {
            if let Action::Refuse { why } = &planned.action {
                let why: Vec<String> = why.iter().map(|why| words::refusal(address.kind, why)).collect();
                object["message"] = why.join("; ").into();
            }
        }
        Fate::Applied | Fate::NotStarted => {}
    }
    object
}
