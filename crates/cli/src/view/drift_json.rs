//! Drift as JSON, described by `schemas/output-drift.schema.json`.
//!
//! ```text
//! {"formatVersion": 1,
//!  "kept": [{"address", "kind", "title"?, "appliedAt", "fields": [{"field", "seen", "live"}]}], "reverted": [the same],
//!  "vanished": [{"address", "kind", "title"?, "appliedAt", "recycled"?}],
//!  "counts": {"kept", "reverted", "vanished", "unreadable", "compared": {kind: number}},
//!  "targets"?: [text], "excludes"?: [text]}
//! ```
//!
//! Values are as in the ledger's JSON. `targets` and `excludes` are there when not everything was looked at.

use std::io::{self, Write};

use deskform_model::{Address, Text};
use deskform_planner::drift::{Drifted, Report, Vanished};
use deskform_planner::scope::Selector;
use serde_json::{Map, Value as Json, json};

use crate::args::scope::ScopeArgs;

/// The JSON Schema of the document, as it is committed in `schemas/`.
pub const SCHEMA: &str = include_str!("drift_schema.json");

/// Writes the document described above, one object a line.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &Report, selectors: &ScopeArgs, out: &mut dyn Write) -> io::Result<()> {
    let Report { kept, reverted, vanished, compared, unreadable } = report;
    write!(out, "{{\"formatVersion\":1")?;
    list("kept", kept.iter().map(drifted), out)?;
    list("reverted", reverted.iter().map(drifted), out)?;
    list("vanished", vanished.iter().map(gone), out)?;
    let compared: Map<String, Json> = compared.iter().map(|(kind, number)| (kind.word().to_owned(), (*number).into())).collect();
    let counts = json!({
        "kept": kept.len(),
        "reverted": reverted.len(),
        "vanished": vanished.len(),
        "unreadable": unreadable,
        "compared": compared,
    });
    write!(out, ",\n\"counts\":{counts}")?;
    for (name, selectors) in [("targets", &selectors.target), ("excludes", &selectors.exclude)] {
        if !selectors.is_empty() {
            let texts: Vec<String> = selectors.iter().map(Selector::to_string).collect();
            write!(out, ",\n\"{name}\":{}", json!(texts))?;
        }
    }
    writeln!(out, "}}")
}

fn list(name: &str, objects: impl Iterator<Item = Json>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, ",\n\"{name}\":[")?;
    for (at, object) in objects.enumerate() {
        write!(out, "{}{object}", if at == 0 { "\n" } else { ",\n" })?;
    }
    write!(out, "]")
}

fn drifted(drifted: &Drifted) -> Json {
    let Drifted { address, title, at, fields } = drifted;
    let kind = address.kind;
    let mut object = head(address, title, at);
    object["fields"] = fields
        .iter()
        .map(|drift| json!({ "field": drift.field.name(kind), "seen": drift.seen.to_json(), "live": drift.live.to_json() }))
        .collect();
    object
}

fn gone(vanished: &Vanished) -> Json {
    let Vanished { address, title, at, recycled } = vanished;
    let mut object = head(address, title, at);
    if *recycled {
        object["recycled"] = true.into();
    }
    object
}

fn head(address: &Address, title: &Text, at: &Text) -> Json {
    let mut object = json!({ "address": address.to_string(), "kind": address.kind.word(), "appliedAt": at.as_str() });
    if !title.is_empty() {
        object["title"] = title.as_str().into();
    }
    object
}
