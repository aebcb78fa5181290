//! Custom fields of supports: merged by key, drop-downs by option (api-spec.md 2.1, H9).

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use crate::envelope::Rejection;

/// The keys of custom fields that are drop-downs, as the documents show them. Their labels are read back as ids.
const DROP_DOWNS: [&str; 1] = ["field_1"];

/// Sets custom fields by key; those not sent stay (api-spec.md H9).
pub(crate) fn merge(database: &Connection, mut stored: Vec<Value>, sent: Vec<(String, Value)>) -> Result<Vec<Value>, Rejection> {
    for (key, value) in sent {
        let value = match value {
            Value::String(label) if DROP_DOWNS.contains(&key.as_str()) => option_id(database, &key, label)?,
            value => value,
        };
        match stored.iter_mut().find(|field| field["key"] == key.as_str()) {
            Some(field) => field["value"] = value,
            None => stored.push(json!({"key": key, "value": value})),
        }
    }
    Ok(stored)
}

/// The id under which a drop-down shows what was written: a known label has one, a known id is itself, and any other
/// text becomes a new option.
fn option_id(database: &Connection, key: &str, label: String) -> Result<Value, Rejection> {
    if label.is_empty() {
        return Ok(json!(""));
    }
    let known: Option<i64> = database
        .prepare_cached(
            "SELECT id FROM drop_down_options WHERE key = ?1 AND (label = ?2 OR CAST(id AS TEXT) = ?2)
             ORDER BY label = ?2 DESC LIMIT 1",
        )?
        .query_row(params![key, label], |row| row.get(0))
        .optional()?;
    let id = match known {
        Some(id) => id,
        None => {
            database.prepare_cached("INSERT INTO drop_down_options (key, label) VALUES (?1, ?2)")?.execute(params![key, label])?;
            database.last_insert_rowid()
        }
    };
    Ok(json!(id.to_string()))
}
