//! A password that was set, as text and as JSON. Never the password itself.
//!
//! ```text
//! {"formatVersion": 1, "address", "operatorId", "generated": bool, "version": number or null, "declared": null | {"version", "place"},
//!  "credentials": file or null}
//! ```
//!
//! `version` is what the manifest should say now; null when no manifest declares a password. `declared` is what it says.

use std::io::{self, Write};

use deskform_applier::CredentialsOut;
use serde_json::json;

use super::credentials_human;

/// A password that was set.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// Of which seat.
    pub address: String,
    /// The seat's number.
    pub operator_id: String,
    /// The version that the manifest should have.
    pub version: Option<u32>,
    /// The version that it has, and where.
    pub declared: Option<(u32, String)>,
    /// Where the password is that was made up.
    pub handed_over: Option<CredentialsOut>,
}

impl Rotation {
    /// Writes what was done, and what is left to do.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}: the password is set.", self.address)?;
        if let Some(file) = &self.handed_over {
            writeln!(out, "It is in {}. Hand it on, then delete the file.", credentials_human::place(file))?;
            if let Some((_, place)) = &self.declared {
                writeln!(out, "Put it also where the password in {place} is read from, for the day when it is set from there again.")?;
            }
        }
        match (self.version, &self.declared) {
            (Some(version), Some((declared, place))) if version != *declared => {
                writeln!(out, "Write `version: {version}` into {place}; until then the next apply sets version {declared} again.")
            }
            (Some(version), Some((_, place))) => writeln!(out, "{place} has `version: {version}` already."),
            _ => writeln!(out, "No manifest declares it, so there is no version to write."),
        }
    }

    /// Writes the document described above.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let declared = self.declared.as_ref().map(|(version, place)| json!({ "version": version, "place": place }));
        let credentials = self.handed_over.as_ref().map(|file| file.path.display().to_string());
        let document = json!({
            "formatVersion": 1,
            "address": self.address,
            "operatorId": self.operator_id,
            "generated": self.handed_over.is_some(),
            "version": self.version,
            "declared": declared,
            "credentials": credentials,
        });
        writeln!(out, "{document}")
    }
}
