//! The lock of an apply: the operating system's, on a file beside the ledger. The file stays when the lock is gone; its text only tells
//! others who holds it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::super::{Holder, LedgerError};
use super::store;

/// Tells whether an apply runs at the moment.
#[derive(Clone, Copy, Debug)]
pub struct LockProbe;

impl LockProbe {
    /// Whether the lock of the ledger at `path` is held, and by whom if its file says so. Creates nothing; what cannot be found out counts
    /// as not held, since a plan only warns.
    pub fn held(path: &Path) -> Option<Option<Holder>> {
        let mut file = File::open(lock_path(&super::target(path).ok()?)).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(read_holder(&mut file)),
            _ => None,
        }
    }
}

/// A lock that is held until this is dropped or the process ends.
#[derive(Debug)]
pub(super) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock of the ledger at `path`.
    pub(super) fn take(path: &Path, holder: Holder) -> Result<Self, LedgerError> {
        let path = lock_path(path);
        let failed = |doing| {
            let path = path.clone();
            move |source| LedgerError::Io { doing, path, source }
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        store::owner_only(&mut options);
        let mut file = options.open(&path).map_err(failed("open"))?;
        // A probe holds its shared lock for an instant; that is no other apply.
        let mut patience = 5;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if patience > 0 => {
                    patience -= 1;
                    thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => {
                    let holder = read_holder(&mut file);
                    return Err(LedgerError::Locked { path, holder });
                }
                Err(TryLockError::Error(source)) => return Err(failed("lock")(source)),
            }
        }
        let text = serde_json::to_string(&holder).map_err(std::io::Error::other).map_err(failed("write"))? + "\n";
        let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(text.as_bytes()));
        written.map_err(failed("write"))?;
        Ok(Self { _file: file })
    }
}

fn lock_path(path: &Path) -> PathBuf {
    store::beside(path, "lock")
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
