//! What the commands for the live side say. Each document is a type: `--format json` writes it, its JSON Schema is derived from it, and the
//! text is made from it, so that none of the three can say something else.

pub mod adherence;
pub mod adherence_html;
pub mod checkin;
pub mod csv;
pub mod person;
pub mod presence;
pub mod search;
pub mod sides;
pub mod table;

use std::io::{self, Write};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value as Json;

/// The version of all documents of this module.
pub const FORMAT_VERSION: u8 = 1;

/// So many names are listed; a centre has thousands.
const LISTED: usize = 12;

/// `a, b and 8 more`.
pub fn listed(names: &[&str]) -> String {
    let mut listed = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    if names.len() > LISTED {
        listed.push_str(&format!(" and {} more", names.len() - LISTED));
    }
    listed
}

/// Writes a document as JSON.
///
/// # Errors
/// When the writer fails.
pub fn json(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    writeln!(out)
}

/// The JSON Schemas of the documents: file name and text, sorted.
pub fn schema_files() -> Vec<(String, String)> {
    let schemas = [
        ("adherence", schema::<adherence::AdherenceDocument>()),
        ("agent-show", schema::<sides::SidesDocument>()),
        ("checkin-create", schema::<checkin::CreatedDocument>()),
        ("checkin-list", schema::<checkin::CheckinsDocument>()),
        ("presence-get", schema::<presence::PresenceDocument>()),
        ("presence-set", schema::<presence::SetDocument>()),
        ("support-restore", schema::<search::RestoreDocument>()),
        ("support-search", schema::<search::SearchDocument>()),
        ("support-show", schema::<sides::SidesDocument>()),
    ];
    schemas.into_iter().map(|(name, schema)| (format!("output-{name}.schema.json"), format!("{schema:#}\n"))).collect()
}

fn schema<T: JsonSchema>() -> Json {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.inline_subschemas = true;
    Json::from(settings.into_generator().into_root_schema_for::<T>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_one() {
        for (name, text) in schema_files() {
            let schema: Json = serde_json::from_str(&text).expect("json");
            assert!(jsonschema::meta::is_valid(&schema), "{name}");
            assert!(!jsonschema::is_valid(&schema, &serde_json::json!({})), "{name} takes anything");
        }
    }
}
