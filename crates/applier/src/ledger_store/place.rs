//! A ledger's place, whichever it is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use deskform_planner::ledger::Identity;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use super::{BucketOptions, FileLedger, Holder, LedgerError, LedgerUrl, LockProbe, Mode, StoredLedger};

/// How often a lock that somebody else holds is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(500);

/// Where a ledger lies.
#[derive(Clone, Debug)]
pub enum LedgerPlace {
    /// In a file.
    File(PathBuf),
    /// In a bucket.
    Bucket(LedgerUrl, BucketOptions),
}

impl fmt::Display for LedgerPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Bucket(url, _) => url.fmt(f),
        }
    }
}

/// What became of a lock that somebody wanted to break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlocked {
    /// Nobody held it.
    Free,
    /// It is a file's: it ends with its holder, and nothing else ends it.
    EndsWithItsHolder(Option<Holder>),
    /// It was broken. Its holder writes nothing more as soon as it notices.
    Broken(Option<Holder>),
}

impl LedgerPlace {
    /// Opens the ledger. When somebody else holds its lock, it is tried again for as long as `wait` says; `on_wait` hears of it once.
    ///
    /// # Errors
    /// When it cannot be read, is damaged or of a newer format, belongs to another project, environment or platform, or when somebody else
    /// holds the lock.
    pub async fn open(
        &self,
        identity: Identity,
        mode: Mode,
        wait: Duration,
        on_wait: &mut (dyn FnMut(&LedgerError) + Send),
    ) -> Result<StoredLedger, LedgerError> {
        let until = Instant::now() + wait;
        let mut told = false;
        loop {
            let (place, identity, mode) = (self.clone(), identity.clone(), mode.clone());
            match blocking(move || place.open_now(identity, mode)).await {
                Err(error @ LedgerError::Locked { .. }) if Instant::now() < until => {
                    if !told {
                        on_wait(&error);
                        told = true;
                    }
                    sleep(TRY_AGAIN).await;
                }
                result => return result,
            }
        }
    }

    /// Whether somebody holds its lock, and who if the lock says it. What cannot be found out counts as not held, since a plan only warns.
    pub async fn holder(&self) -> Option<Option<Holder>> {
        let place = self.clone();
        blocking(move || match &place {
            Self::File(path) => LockProbe::held(path),
            Self::Bucket(url, options) => bucket::holder(url, options).ok()?.map(Some),
        })
        .await
    }

    /// Whether there is a ledger.
    ///
    /// # Errors
    /// When that cannot be found out.
    pub async fn exists(&self) -> Result<bool, LedgerError> {
        let place = self.clone();
        blocking(move || match &place {
            Self::File(path) => Ok(path.exists()),
            Self::Bucket(url, options) => bucket::exists(url, options),
        })
        .await
    }

    /// Breaks the lock: one that its holder has not renewed in time, or any with `force`.
    ///
    /// # Errors
    /// When the bucket cannot be used, or when the lock is alive and there is no `force`.
    pub async fn unlock(&self, force: bool) -> Result<Unlocked, LedgerError> {
        let place = self.clone();
        blocking(move || match &place {
            Self::File(path) => Ok(file_lock(path)),
            Self::Bucket(url, options) => bucket::unlock(url, options, force),
        })
        .await
    }

    fn open_now(&self, identity: Identity, mode: Mode) -> Result<StoredLedger, LedgerError> {
        match self {
            Self::File(path) => FileLedger::open(path, identity, mode).map(Into::into),
            Self::Bucket(url, options) => bucket::open(url, options, identity, mode),
        }
    }
}

fn file_lock(path: &Path) -> Unlocked {
    LockProbe::held(path).map_or(Unlocked::Free, Unlocked::EndsWithItsHolder)
}

/// Files and buckets are read and written by blocking code; a runtime has threads for that.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => unreachable!("nothing cancels work on a ledger: {error}"),
        },
    }
}

#[cfg(any(feature = "s3", feature = "gs", feature = "az"))]
use super::bucket;

/// A build without any cloud.
#[cfg(not(any(feature = "s3", feature = "gs", feature = "az")))]
mod bucket {
    use super::{BucketOptions, Holder, Identity, LedgerError, LedgerUrl, Mode, StoredLedger, Unlocked};

    fn refuse<T>(url: &LedgerUrl) -> Result<T, LedgerError> {
        Err(url.not_built_in())
    }

    pub(super) fn open(url: &LedgerUrl, _: &BucketOptions, _: Identity, _: Mode) -> Result<StoredLedger, LedgerError> {
        refuse(url)
    }

    pub(super) fn holder(url: &LedgerUrl, _: &BucketOptions) -> Result<Option<Holder>, LedgerError> {
        refuse(url)
    }

    pub(super) fn exists(url: &LedgerUrl, _: &BucketOptions) -> Result<bool, LedgerError> {
        refuse(url)
    }

    pub(super) fn unlock(url: &LedgerUrl, _: &BucketOptions, _: bool) -> Result<Unlocked, LedgerError> {
        refuse(url)
    }
}
