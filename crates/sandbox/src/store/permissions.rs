//! Modules switched on per support; no call reads them.

use rusqlite::{Connection, params};

use crate::envelope::Rejection;

/// Switches a module on or off.
pub(crate) fn set(database: &Connection, support: i64, module: &str, on: bool) -> Result<(), Rejection> {
    database
        .prepare_cached(
            r#"INSERT INTO permissions (sId, mType, "on") VALUES (?1, ?2, ?3)
               ON CONFLICT (sId, mType) DO UPDATE SET "on" = ?3"#,
        )?
        .execute(params![support, module, on])?;
    Ok(())
}
