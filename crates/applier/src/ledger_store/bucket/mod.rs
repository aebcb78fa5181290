//! The ledger in a bucket, for machines that share no disk. Below the URL's prefix:
//!
//! | object | what |
//! |---|---|
//! | `ledger.json` | the snapshot, replaced only while it is the one that was read |
//! | `segments/<serial>/<number>.jsonl` | what continues the snapshot of that serial; one object for each group of records, never changed |
//! | `ledger.json.backup` | the snapshot before the last one |
//! | `lock.json` | the lease of the apply that runs |
//! | `clock` | written to learn the object store's own time |
//!
//! A group is there whole or not at all, so a segment is never torn; one that was written after the lease was lost stands under a serial
//! that the next holder leaves behind.

mod cloud;
mod connection;
mod lease;
mod store;

use deskform_planner::Ledger;
use deskform_planner::ledger::Identity;
use deskform_planner::ledger::format;

use super::growth::Growth;
use super::{BucketOptions, Holder, LedgerError, LedgerUrl, Mode, StoredLedger, Unlocked, introduce};
use connection::{Bucket, Connection, SegmentObject, Version};
use lease::HeldLease;
use store::BucketStore;

const SNAPSHOT: &str = "ledger.json";
const BACKUP: &str = "ledger.json.backup";

/// Opens the ledger of a bucket, like [`super::FileLedger::open`].
pub(super) fn open(url: &LedgerUrl, options: &BucketOptions, identity: Identity, mode: Mode) -> Result<StoredLedger, LedgerError> {
    let connection = Connection::open(url, options)?;
    let lease = match mode {
        Mode::Read => None,
        Mode::Apply { command, at } => Some(HeldLease::take(&connection, Holder::this_process(command, at), options.lease)?),
    };
    // From here on the store gives the lease back, whatever happens.
    let mut store = BucketStore::new(connection, lease);
    let read = store.read()?;
    let existed = read.is_some();
    let ledger = introduce(read, identity, &store.path())?;
    Ok(StoredLedger { ledger, store: Box::new(store), existed })
}

/// Who holds the lock, if somebody does.
pub(super) fn holder(url: &LedgerUrl, options: &BucketOptions) -> Result<Option<Holder>, LedgerError> {
    let connection = Connection::open(url, options)?;
    let found = connection.run(|bucket| async move { lease::look(&bucket).await })?;
    Ok(found.filter(|found| !found.expired).and_then(|found| found.lease.holder))
}

/// Whether there is a snapshot.
pub(super) fn exists(url: &LedgerUrl, options: &BucketOptions) -> Result<bool, LedgerError> {
    let connection = Connection::open(url, options)?;
    Ok(connection.run(|bucket| async move { bucket.look(SNAPSHOT).await })?.is_some())
}

/// Breaks a lease that has ended, or any with `force`.
pub(super) fn unlock(url: &LedgerUrl, options: &BucketOptions, force: bool) -> Result<Unlocked, LedgerError> {
    let connection = Connection::open(url, options)?;
    connection.run(|bucket| async move {
        let Some(found) = lease::look(&bucket).await? else { return Ok(Unlocked::Free) };
        let Some(holder) = found.lease.holder.clone() else { return Ok(Unlocked::Free) };
        if !found.expired && !force {
            return Err(LedgerError::Locked { path: bucket.shown(lease::LOCK), holder: Some(holder) });
        }
        Ok(Unlocked::Broken(Some(lease::break_off(&bucket, found, force).await?)))
    })
}

/// What a bucket holds.
struct Stored {
    ledger: Ledger,
    growth: Growth,
    version: Version,
    clean: bool,
}

/// Reads snapshot and segment. An apply may replace the one and remove the other in between; the reading then begins again.
async fn read(bucket: &Bucket) -> Result<Option<Stored>, LedgerError> {
    const ATTEMPTS: usize = 5;
    let mut attempt = 1;
    loop {
        let Some(snapshot) = bucket.read(SNAPSHOT).await? else { return Ok(None) };
        let path = bucket.shown(SNAPSHOT);
        let mut ledger = format::read_snapshot(&snapshot.text).map_err(|source| LedgerError::Format { path, source })?;
        let serial = ledger.serial;
        let objects: Vec<_> = bucket.segments().await?.into_iter().filter(|object| object.serial == serial).collect();
        let texts = bucket.read_all(&objects).await?;
        let still = bucket.look(SNAPSHOT).await?.is_some_and(|(version, _)| version.e_tag == snapshot.version.e_tag);
        if !still && attempt < ATTEMPTS {
            attempt += 1;
            continue;
        }
        let text = whole(&objects, texts).ok_or_else(|| LedgerError::Format {
            path: bucket.shown(&format!("segments/{serial:010}")),
            source: format::FormatError::Damaged { line: 1, what: "an object of the segment is missing".to_owned() },
        })?;
        let path = bucket.shown(&format!("segments/{serial:010}"));
        let replayed = format::replay(&text, &mut ledger).map_err(|source| LedgerError::Format { path, source })?;
        let growth =
            Growth { snapshot: snapshot.text.len() as u64, segment: text.len() as u64, runs: replayed.runs, pieces: objects.len() };
        return Ok(Some(Stored { ledger, growth, version: snapshot.version, clean: !replayed.torn }));
    }
}

/// The text of a segment, if none of its objects is missing.
fn whole(objects: &[SegmentObject], texts: Vec<Option<String>>) -> Option<String> {
    let in_a_row = objects.iter().zip(0..).all(|(object, number)| object.number == number);
    in_a_row.then(|| texts.into_iter().collect::<Option<String>>())?
}
