//! How lists look at the data while a scripted fault spoils them: fresh objects are missing, rows have moved.
//!
//! Queries name their tables without a schema, and SQLite looks for names among temporary ones first: a temporary view of a table's name
//! stands in front of it for as long as one transaction, so that no query knows of faults.

use rusqlite::Connection;

use crate::fault::View;

/// The tables that lists show, and their keys.
const LISTED: [(&str, &str); 3] = [("supports", "sId"), ("duties", "number"), ("agents", "id")];

/// Remembers when objects come into being, in milliseconds of the machine's clock, or forgets. What is remembered already stays so.
pub(super) fn watch_age(database: &Connection, watch: bool) -> rusqlite::Result<()> {
    for (table, key) in LISTED {
        if !watch {
            database.execute_batch(&format!(
                "DROP TRIGGER IF EXISTS temp.{table}_made; DROP TRIGGER IF EXISTS temp.{table}_back; DROP TABLE IF EXISTS temp.fresh_{table};"
            ))?;
            continue;
        }
        let note = format!("INSERT OR REPLACE INTO fresh_{table} (id, at) VALUES (NEW.{key}, unixepoch('subsec') * 1000)");
        database.execute_batch(&format!(
            "CREATE TEMP TABLE IF NOT EXISTS fresh_{table} (id INTEGER PRIMARY KEY, at REAL NOT NULL);
             CREATE TEMP TRIGGER IF NOT EXISTS {table}_made AFTER INSERT ON main.{table} BEGIN {note}; END;"
        ))?;
        if table == "supports" {
            database.execute_batch(&format!(
                "CREATE TEMP TRIGGER IF NOT EXISTS {table}_back AFTER UPDATE OF isStat ON main.{table}
                 WHEN NEW.isStat = 1 AND OLD.isStat <> 1 BEGIN {note}; END;"
            ))?;
        }
    }
    Ok(())
}

/// Puts the spoiled views in front of the tables until the transaction is rolled back.
pub(super) fn draw(transaction: &Connection, view: View) -> rusqlite::Result<()> {
    // One moment for the whole request: what its rows show is what it counts.
    let now: f64 = transaction.query_row("SELECT unixepoch('subsec') * 1000", [], |row| row.get(0))?;
    for (table, key) in LISTED {
        let mut shown = vec!["1".to_owned()];
        if let Some(lag) = view.lag {
            let visible = now - lag.as_secs_f64() * 1000.0;
            shown.push(format!("{key} NOT IN (SELECT id FROM temp.fresh_{table} WHERE at > {visible:.3})"));
        }
        if view.moved > 0 {
            // The administrator stays: it is the one who calls.
            let listed = if table == "supports" { "isStat = 1 AND sId > 1" } else { "1" };
            let moved = view.moved;
            shown.push(format!("{key} NOT IN (SELECT {key} FROM main.{table} WHERE {listed} ORDER BY {key} LIMIT {moved})"));
        }
        let shown = shown.join(" AND ");
        transaction.execute_batch(&format!("CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE {shown}"))?;
    }
    Ok(())
}
