//! A ledger as JSON.
//!
//! ```text
//! {"formatVersion": 1, "ledger": {"id", "serial", "revision"?}, "resources": [
//!   {"address", "kind", "status": "owned"|"recycled"|"open", "remotes": [id], "title"?, "account"?, "at"?, "protect"?, "support"?,
//!    "set": {field: value}, "seen"?: {field: value}}]}
//! ```
//!
//! `open` is something that was sent and whose answer never came. `seen` is missing where nothing was read after the write.

use std::io::{self, Write};

use deskform_planner::Ledger;
use deskform_planner::ledger::{Entry, Intent, Recycled};
use serde_json::{Value as Json, json};

use crate::command::ledger::Held;

/// Writes the document described above, one resource a line.
///
/// # Errors
/// When the writer fails.
pub fn write(held: &[Held<'_>], ledger: &Ledger, out: &mut dyn Write) -> io::Result<()> {
    let mut about = json!({ "id": ledger.id.as_str(), "serial": ledger.serial });
    if !ledger.revision.is_empty() {
        about["revision"] = ledger.revision.as_str().into();
    }
    write!(out, "{{\"formatVersion\":1,\n\"ledger\":{about},\n\"resources\":[")?;
    for (at, held) in held.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &object(held))?;
    }
    writeln!(out, "]}}")
}

fn object(held: &Held<'_>) -> Json {
    let address = held.address();
    let mut object = json!({ "address": address.to_string(), "kind": address.kind.word() });
    match held {
        Held::Entry(entry) => {
            let Entry { address: _, key, remotes, set, seen, at, protect, support, title } = entry;
            object["status"] = "owned".into();
            object["remotes"] = remotes.iter().map(|remote| remote.as_str()).collect();
            object["at"] = at.as_str().into();
            object["protect"] = (*protect).into();
            object["set"] = set.to_json(key.kind()).into();
            if !title.is_empty() {
                object["title"] = title.as_str().into();
            }
            if let Some(support) = support {
                object["support"] = support.as_str().into();
            }
            if let Some(seen) = seen {
                object["seen"] = seen.to_json(key.kind()).into();
            }
        }
        Held::Recycled(account, Recycled { remote, address: _, set }) => {
            object["status"] = "recycled".into();
            object["remotes"] = json!([remote.as_str()]);
            object["account"] = account.as_str().into();
            object["set"] = set.to_json(deskform_model::Kind::Support).into();
        }
        Held::Intent(Intent { number: _, address: _, key, set, at, support }) => {
            object["status"] = "open".into();
            object["remotes"] = json!([]);
            object["at"] = at.as_str().into();
            object["set"] = set.to_json(key.kind()).into();
            if let Some(support) = support {
                object["support"] = support.as_str().into();
            }
        }
    }
    object
}
