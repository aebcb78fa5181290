//! The state of a support per module: online, busy and so on.

use rusqlite::{Connection, OptionalExtension, params};

use crate::envelope::Rejection;

/// The name set last, if any.
pub(crate) fn get(database: &Connection, support: i64, plate: &str) -> Result<Option<String>, Rejection> {
    Ok(database
        .prepare_cached("SELECT state FROM presence WHERE sId = ?1 AND plate = ?2")?
        .query_row(params![support, plate], |row| row.get(0))
        .optional()?)
}

/// Sets the name.
pub(crate) fn set(database: &Connection, support: i64, plate: &str, name: &str) -> Result<(), Rejection> {
    database
        .prepare_cached(
            "INSERT INTO presence (sId, plate, state) VALUES (?1, ?2, ?3)
             ON CONFLICT (sId, plate) DO UPDATE SET state = ?3",
        )?
        .execute(params![support, plate, name])?;
    Ok(())
}
