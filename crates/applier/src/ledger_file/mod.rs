//! The ledger as files: `<ledger>` is the snapshot, `<ledger>.<serial>.jsonl` the segment that continues it, `<ledger>.lock` the lock,
//! `<ledger>.backup` the snapshot before the last one (design.md section 4).
//!
//! Planning reads without a lock. Applying holds the operating system's lock on the lock file, which ends with the process that holds it,
//! however that ends. Files are readable for their owner alone.

mod identity;
mod lock;
mod store;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use deskform_model::Text;
use deskform_planner::Ledger;
use deskform_planner::ledger::Identity;
use deskform_planner::ledger::format::{self, FormatError, Replayed};

use crate::executor::OpenLedger;

pub use identity::{ForeignLedger, Mismatch};
pub use lock::{Holder, LockProbe};
pub use store::{FileStore, LedgerStore};

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
    /// The text is damaged or of a newer format.
    #[error("the ledger file {} cannot be used", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: FormatError,
    },
    /// It belongs to something else.
    #[error("the ledger file {} belongs to something else", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// To what.
        source: ForeignLedger,
    },
    /// Another apply holds the lock.
    #[error("another apply holds the lock {}{}", path.display(), holder.as_ref().map(|holder| format!(": {holder}")).unwrap_or_default())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// Who, if the lock file says it.
        holder: Option<Holder>,
    },
    /// An earlier write of this run failed; what came after it was not tried.
    #[error("the ledger file {} could not be written before", path.display())]
    Broken {
        /// Which file.
        path: PathBuf,
    },
}

/// A ledger that was read from its files.
#[derive(Debug)]
pub struct FileLedger {
    ledger: Ledger,
    store: FileStore,
    existed: bool,
}

impl FileLedger {
    /// Reads the ledger at `path`, or makes up a new one (random id, owns nothing) when there is none; [`FileLedger::existed`] tells
    /// which. Nothing is written but, for [`Mode::Apply`], the lock and its folder.
    ///
    /// `identity` says for whom it is opened. Platforms that the ledger does not know yet are added to it.
    ///
    /// # Errors
    /// When the files cannot be read, are damaged or of a newer format, belong to another project, environment or platform, or another
    /// process holds the lock.
    pub fn open(path: &Path, identity: Identity, mode: Mode) -> Result<Self, LedgerError> {
        let lock = match mode {
            Mode::Read => None,
            Mode::Apply { command, at } => {
                store::create_folder(path)?;
                Some(lock::FileLock::take(path, Holder::this_process(command, at))?)
            }
        };
        let read = read(path)?;
        let existed = read.is_some();
        let (mut ledger, clean) = match read {
            Some(Stored { ledger, segment }) => (ledger, segment.is_none()),
            None => {
                let ledger = Ledger { id: random_id(path)?, identity: identity.clone(), ..Ledger::default() };
                (ledger, false)
            }
        };
        ledger.identity =
            identity::join(&ledger.identity, identity).map_err(|source| LedgerError::Foreign { path: path.to_owned(), source })?;
        let store = FileStore::new(path.to_owned(), ledger.serial, clean, lock);
        Ok(Self { ledger, store, existed })
    }

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
        OpenLedger { ledger: self.ledger, store: Box::new(self.store) }
    }

    /// Takes it apart: what it holds, and its files, which keep the lock.
    pub fn into_parts(self) -> (Ledger, FileStore) {
        (self.ledger, self.store)
    }
}

/// A snapshot with the segment that continues it.
struct Stored {
    ledger: Ledger,
    segment: Option<Replayed>,
}

/// Reads both files. A concurrent apply may replace the snapshot in between and remove the segment that continued the one before; the
/// reading then begins again, so that it never shows half of a run.
fn read(path: &Path) -> Result<Option<Stored>, LedgerError> {
    const ATTEMPTS: usize = 5;
    let mut attempt = 1;
    loop {
        let before = stamp(path);
        let Some(text) = read_text(path)? else { return Ok(None) };
        let mut ledger = format::read_snapshot(&text).map_err(|source| LedgerError::Format { path: path.to_owned(), source })?;
        drop(text);
        let segment_path = store::segment_path(path, ledger.serial);
        let segment = match read_text(&segment_path)? {
            // A segment without even its first line continues nothing, but it is there.
            Some(text) => Some(format::replay(&text, &mut ledger).map_err(|source| LedgerError::Format { path: segment_path, source })?),
            None if attempt < ATTEMPTS && stamp(path) != before => {
                attempt += 1;
                continue;
            }
            None => None,
        };
        return Ok(Some(Stored { ledger, segment }));
    }
}

fn stamp(path: &Path) -> Option<(std::time::SystemTime, u64)> {
    let data = fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

fn read_text(path: &Path) -> Result<Option<String>, LedgerError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(LedgerError::Io { doing: "read", path: path.to_owned(), source }),
    }
}

fn random_id(path: &Path) -> Result<Text, LedgerError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| LedgerError::Io {
        doing: "find a random id for",
        path: path.to_owned(),
        source: io::Error::other(error.to_string()),
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
}
