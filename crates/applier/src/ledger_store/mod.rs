//! Where ledgers lie: in files (`file`), or in a bucket of an object store that several machines share (`bucket`, one cargo feature a
//! cloud). Both keep the same text: a snapshot, and a segment that continues it (design.md section 4).
//!
//! Planning reads without a lock. Applying holds one: the operating system's on a file, which ends with the process that holds it however
//! that ends; in a bucket a lease that is renewed while its holder lives.
//!
//! A run appends what it does to the segment, so a step costs as much as it changes. The snapshot is written anew when the segment has
//! grown (`growth`).

#[cfg(any(feature = "s3", feature = "gs", feature = "az"))]
mod bucket;
pub mod file;
mod growth;
mod guard;
mod holder;
mod identity;
mod place;
mod url;

use std::error::Error;
use std::io;
use std::path::PathBuf;

use deskform_model::Text;
use deskform_planner::Ledger;
use deskform_planner::ledger::format::FormatError;
use deskform_planner::ledger::{Identity, Record, format};

use crate::executor::OpenLedger;

pub use file::{FileLedger, FileStore, LockProbe};
pub use guard::Guard;
pub use holder::Holder;
pub use identity::{ForeignLedger, Mismatch};
pub use place::{LedgerPlace, Unlocked};
pub use url::{BucketOptions, Cloud, LeaseTimes, LedgerUrl};

/// What a ledger is opened for.
#[derive(Clone, Debug)]
pub enum Mode {
    /// To be read: no lock, nothing is created.
    Read,
    /// To be written: takes the lock and creates the folder if it is missing.
    Apply {
        /// What to tell others who meet the lock: the command line, without secrets.
        command: Text,
        /// When, as people read it.
        at: Text,
    },
}

/// Why a ledger cannot be used.
///
/// A `path` is that of a file; of a ledger in a bucket it is the object's URL.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A file or folder cannot be used.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried: `read`, `write`, `create`, ...
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A bucket cannot be used.
    #[error("cannot {doing} {}", path.display())]
    Bucket {
        /// What was tried: `read`, `write`, `list`, ...
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the object store said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The text is damaged or of a newer format.
    #[error("the ledger {} cannot be used", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: FormatError,
    },
    /// It belongs to something else.
    #[error("the ledger {} belongs to something else", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// To what.
        source: ForeignLedger,
    },
    /// Another apply holds the lock.
    #[error("another apply holds the lock {}{}", path.display(), of(holder.as_ref()))]
    Locked {
        /// The lock.
        path: PathBuf,
        /// Who, if the lock says it.
        holder: Option<Holder>,
    },
    /// The lease was not renewed in time, or somebody broke it. Nothing more may be written.
    #[error("the lock {} was lost{}", path.display(), of(holder.as_ref()))]
    LockLost {
        /// The lock.
        path: PathBuf,
        /// Who holds it now, if that is known.
        holder: Option<Holder>,
    },
    /// Somebody else wrote the ledger although this process holds its lock.
    #[error("somebody else wrote {}", path.display())]
    Overtaken {
        /// What they wrote.
        path: PathBuf,
    },
    /// An earlier write of this run failed; what came after it was not tried.
    #[error("the ledger {} could not be written before", path.display())]
    Broken {
        /// Which file.
        path: PathBuf,
    },
    /// The place is none that a ledger can be kept in.
    #[error("a ledger cannot be kept in {url}: {reason}")]
    Place {
        /// What the settings say.
        url: Text,
        /// Why not.
        reason: String,
    },
}

fn of(holder: Option<&Holder>) -> String {
    holder.map(|holder| format!(": {holder}")).unwrap_or_default()
}

/// Where an apply saves its ledger. Two operations, so that a bucket can be one as well as a folder: a group of records is one new object,
/// a snapshot another.
pub trait LedgerStore: Send {
    /// Whether records can be appended to what is stored, each run's after a header of its own. Otherwise a snapshot has to be stored
    /// first: there is none yet, or what an earlier run wrote has no proper end.
    fn is_clean(&self) -> bool;

    /// Stores a group of whole lines. They are durable when this returns.
    ///
    /// # Errors
    /// When they may not be durable. Nothing of the group is shown to a later reader then.
    fn append(&mut self, group: &str) -> Result<(), LedgerError>;

    /// Stores a snapshot of this serial, one above the last, in place of everything before. It is durable when this returns, and at no
    /// moment is there neither the old nor the new one.
    ///
    /// # Errors
    /// When it could not be stored; what was there before still holds.
    fn replace(&mut self, serial: u64, snapshot: &mut dyn Iterator<Item = String>) -> Result<(), LedgerError>;

    /// Whether so much was appended that a run should end with a new snapshot.
    fn wants_snapshot(&self) -> bool {
        true
    }

    /// Tells when this process may no longer write, even before it tries to.
    fn guard(&self) -> Guard {
        Guard::always()
    }
}

/// A ledger that was read, with the place where it is saved.
pub struct StoredLedger {
    ledger: Ledger,
    store: Box<dyn LedgerStore>,
    existed: bool,
}

impl std::fmt::Debug for StoredLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredLedger").field("existed", &self.existed).field("entries", &self.ledger.entries.len()).finish_non_exhaustive()
    }
}

impl StoredLedger {
    /// Whether there was a ledger before. A lost ledger must be noticed (design.md section 4).
    pub fn existed(&self) -> bool {
        self.existed
    }

    /// What it holds.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// For [`crate::executor::apply`].
    pub fn for_apply(self) -> OpenLedger {
        OpenLedger { ledger: self.ledger, store: self.store }
    }

    /// Makes and saves changes that no platform is asked about, for `ledger forget`.
    ///
    /// # Errors
    /// When they cannot be saved.
    pub fn edit(mut self, records: Vec<Record>) -> Result<(), LedgerError> {
        if !self.store.is_clean() {
            self.ledger.serial += 1;
            self.store.replace(self.ledger.serial, &mut format::snapshot(&self.ledger))?;
        }
        let mut group = format::segment_header(&self.ledger);
        records.iter().for_each(|record| format::write_record(&mut group, record));
        self.store.append(&group)?;
        if self.store.wants_snapshot() {
            records.into_iter().for_each(|record| self.ledger.record(record));
            self.ledger.serial += 1;
            self.store.replace(self.ledger.serial, &mut format::snapshot(&self.ledger))?;
        }
        Ok(())
    }
}

/// What was read, or a new ledger (random id, owns nothing), opened for `identity`: platforms that it does not know yet are added to it.
fn introduce(read: Option<Ledger>, identity: Identity, path: &std::path::Path) -> Result<Ledger, LedgerError> {
    let mut ledger = match read {
        Some(ledger) => ledger,
        None => Ledger { id: random_id(path)?, identity: identity.clone(), ..Ledger::default() },
    };
    ledger.identity =
        identity::join(&ledger.identity, identity).map_err(|source| LedgerError::Foreign { path: path.to_owned(), source })?;
    Ok(ledger)
}

fn random_id(path: &std::path::Path) -> Result<Text, LedgerError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| LedgerError::Io {
        doing: "find a random id for",
        path: path.to_owned(),
        source: io::Error::other(error.to_string()),
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
}
