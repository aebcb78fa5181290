//! The data and the server's own rules, over SQLite; one file per subject.
//!
//! Tables and columns carry the names of the documents, so that the file can be read with any SQLite tool. Functions
//! take the connection of the transaction that their request runs in.

pub(crate) mod agents;
mod custom_fields;
pub(crate) mod duties;
pub(crate) mod permissions;
pub(crate) mod presence;
pub(crate) mod sign_ins;
pub(crate) mod supports;
mod view;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use md5::{Digest, Md5};
use rusqlite::{Connection, TransactionBehavior};

use crate::clock::written;
use crate::envelope::Rejection;
use crate::fault::View;
use crate::options::{Data, Options};
use crate::server::StartError;

/// The format of the data, kept in SQLite's `user_version`.
const FORMAT: i64 = 1;

const SCHEMA: &str = include_str!("schema.sql");

/// The open database.
///
/// One connection behind a mutex: SQLite has one writer anyway, and a request takes well under a millisecond.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens the data, makes the tables where there are none, and makes sure that the default account can sign in.
    pub(crate) fn open(options: &Options) -> Result<Self, StartError> {
        let data = name(options);
        let failed = |source| StartError::Data { data: data.clone(), source };
        let connection = connect(&options.data).map_err(failed)?;
        let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
        if found > FORMAT {
            return Err(StartError::NewerFormat { data, found, known: FORMAT });
        }
        if found == 0 {
            connection.execute_batch(SCHEMA).map_err(failed)?;
        }
        let now = written(options.clock.now());
        supports::ensure_administrator(&connection, &options.account, &options.password, &now).map_err(failed)?;
        view::watch_age(&connection, options.faults.has_lag()).map_err(failed)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Remembers from now on when objects come into being, or does not any more.
    pub(crate) fn watch_age(&self, watch: bool) -> rusqlite::Result<()> {
        view::watch_age(&self.lock(), watch)
    }

    /// Runs one request in one transaction, which is kept only when the request succeeds.
    pub(crate) fn transact<T>(
        &self,
        read_only: bool,
        view: View,
        work: impl FnOnce(&Connection) -> Result<T, Rejection>,
    ) -> Result<T, Rejection> {
        let mut connection = self.lock();
        let behaviour = if read_only { TransactionBehavior::Deferred } else { TransactionBehavior::Immediate };
        let transaction = connection.transaction_with_behavior(behaviour)?;
        if !view.is_plain() {
            view::draw(&transaction, view)?;
            // Rolled back when it goes: the view with it, and lists change nothing else.
            return work(&transaction);
        }
        let outcome = work(&transaction)?;
        transaction.commit()?;
        Ok(outcome)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic within a transaction has rolled it back, so the connection is still good.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The data's name in messages.
pub(crate) fn name(options: &Options) -> String {
    match &options.data {
        Data::Memory => "in memory".to_owned(),
        Data::File(path) => path.display().to_string(),
    }
}

fn connect(data: &Data) -> rusqlite::Result<Connection> {
    let connection = match data {
        Data::Memory => Connection::open_in_memory()?,
        Data::File(path) => {
            let connection = Connection::open(path)?;
            // Survives the process; only a power cut may lose the last requests, which a sandbox can bear.
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            connection
        }
    };
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// The MD5 digest in 32 lower-case hexadecimal digits.
pub(crate) fn md5_hex(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub(crate) fn in_memory() -> Connection {
    let connection = connect(&Data::Memory).expect("memory is always available");
    connection.execute_batch(SCHEMA).expect("the schema is valid");
    connection
}
