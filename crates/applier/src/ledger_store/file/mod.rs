//! The ledger as files: `<ledger>` is the snapshot, `<ledger>.<serial>.jsonl` the segment that continues it, `<ledger>.lock` the lock,
//! `<ledger>.backup` the snapshot before the last one (design.md section 4). Files are readable for their owner alone. A link is followed, so
//! that all of them lie beside its target, whichever name is used.

mod lock;
mod store;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use deskform_planner::Ledger;
use deskform_planner::ledger::Identity;
use deskform_planner::ledger::format::{self, Replayed};

use super::growth::Growth;
use super::{Holder, LedgerError, Mode, StoredLedger, introduce};
use crate::executor::OpenLedger;

pub use lock::LockProbe;
pub use store::FileStore;

/// A ledger that was read from its files.
#[derive(Debug)]
pub struct FileLedger {
    ledger: Ledger,
    store: FileStore,
    existed: bool,
}

impl From<FileLedger> for StoredLedger {
    fn from(FileLedger { ledger, store, existed }: FileLedger) -> Self {
        Self { ledger, store: Box::new(store), existed }
    }
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
        let path = &target(path).map_err(|source| LedgerError::Io { doing: "use", path: path.to_owned(), source })?;
        let lock = match mode {
            Mode::Read => None,
            Mode::Apply { command, at } => {
                store::create_folder(path)?;
                Some(lock::FileLock::take(path, Holder::this_process(command, at))?)
            }
        };
        let (read, growth, clean) = match read(path)? {
            Some(stored) => (Some(stored.ledger), stored.growth, stored.clean),
            None => (None, Growth::default(), false),
        };
        let existed = read.is_some();
        let ledger = introduce(read, identity, path)?;
        let store = FileStore::new(path.to_owned(), ledger.serial, clean, growth, lock);
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

/// What both files hold.
struct Stored {
    ledger: Ledger,
    growth: Growth,
    /// Whether the segment, if there is one, ends where a line ends.
    clean: bool,
}

impl Stored {
    fn new(ledger: Ledger, snapshot: u64, segment: Option<(u64, Replayed)>) -> Self {
        let (length, replayed) = segment.unwrap_or_default();
        let growth = Growth { snapshot, segment: length, runs: replayed.runs, pieces: 0 };
        // A segment without even its first line continues nothing, but it is there.
        let clean = segment.is_none_or(|(_, replayed)| replayed.runs > 0 && !replayed.torn);
        Self { ledger, growth, clean }
    }
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
        let size = text.len() as u64;
        drop(text);
        let segment_path = store::segment_path(path, ledger.serial);
        let segment = match read_text(&segment_path)? {
            Some(text) => {
                let replayed = format::replay(&text, &mut ledger).map_err(|source| LedgerError::Format { path: segment_path, source })?;
                Some((text.len() as u64, replayed))
            }
            None if attempt < ATTEMPTS && stamp(path) != before => {
                attempt += 1;
                continue;
            }
            None => None,
        };
        return Ok(Some(Stored::new(ledger, size, segment)));
    }
}

/// What a link leads to, which need not be there.
fn target(path: &Path) -> io::Result<PathBuf> {
    match fs::metadata(path) {
        Ok(there) if !there.is_file() => return Err(io::Error::new(ErrorKind::InvalidInput, "it is no regular file")),
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Err(error),
        _ => {}
    }
    let mut target = path.to_owned();
    // A chain without an end was an error above.
    while let Ok(next) = target.read_link() {
        target = target.with_file_name("").join(next);
    }
    Ok(target)
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
