//! Whether this process may still write: asked before every request to a platform, so it costs no I/O.

use std::path::PathBuf;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::{Holder, LedgerError};

/// Watches a lock that can be lost. A file's lock cannot.
#[derive(Clone, Debug)]
pub struct Guard(Option<Watched>);

#[derive(Clone, Debug)]
struct Watched {
    path: PathBuf,
    hold: watch::Receiver<Hold>,
}

/// What is known of a lock that is held.
#[derive(Clone, Debug)]
pub(super) struct Hold {
    /// Until when it certainly belongs to us.
    pub(super) until: Instant,
    /// It is no longer ours; who has it now, if that is known.
    pub(super) lost: Option<Option<Holder>>,
}

impl Hold {
    fn end(&self, path: &std::path::Path) -> Option<LedgerError> {
        let holder = match &self.lost {
            Some(holder) => holder.clone(),
            None if Instant::now() >= self.until => None,
            None => return None,
        };
        Some(LedgerError::LockLost { path: path.to_owned(), holder })
    }
}

impl Guard {
    /// Of a lock that is held as long as the process lives.
    pub fn always() -> Self {
        Self(None)
    }

    #[cfg_attr(not(any(feature = "s3", feature = "gs", feature = "az")), expect(dead_code, reason = "only leases can be lost"))]
    pub(super) fn new(path: PathBuf, hold: watch::Receiver<Hold>) -> Self {
        Self(Some(Watched { path, hold }))
    }

    /// Why nothing may be written any more, if that is so.
    ///
    /// # Errors
    /// When the lock is lost.
    pub fn check(&self) -> Result<(), LedgerError> {
        let Some(Watched { path, hold }) = &self.0 else { return Ok(()) };
        hold.borrow().end(path).map_or(Ok(()), Err)
    }

    /// Waits until the lock is lost. Cancel safe.
    pub async fn lost(&mut self) -> LedgerError {
        let Some(Watched { path, hold }) = &mut self.0 else { return std::future::pending().await };
        loop {
            let until = {
                let hold = hold.borrow_and_update();
                if let Some(error) = hold.end(path) {
                    return error;
                }
                hold.until
            };
            tokio::select! {
                changed = hold.changed() => {
                    if changed.is_err() {
                        // The store has gone with its lock; nobody writes any more.
                        return std::future::pending().await;
                    }
                }
                () = sleep_until(until) => {}
            }
        }
    }
}
