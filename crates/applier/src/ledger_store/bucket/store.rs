//! Writing: every group of records is an object of its own, which is created or not at all; the snapshot is replaced only while it is the
//! one that was read.

use std::path::PathBuf;

use deskform_planner::Ledger;
use object_store::{PutPayload, PutPayloadMut};

use super::super::growth::Growth;
use super::super::{Guard, LedgerError, LedgerStore};
use super::connection::{Bucket, Connection, SegmentObject, Version, Written};
use super::lease::{HeldLease, Shared};
use super::{BACKUP, SNAPSHOT, read};

/// Lines are collected in pieces of this size.
const PIECE: usize = 64 * 1024;

/// A ledger's objects.
pub(super) struct BucketStore {
    /// Dropped last: giving the lease back needs it.
    connection: Connection,
    serial: u64,
    clean: bool,
    growth: Growth,
    /// Whether this run has begun its part of the segment.
    begun: bool,
    /// The snapshot as it was read or written last.
    snapshot: Option<Version>,
    broken: bool,
    /// Without it the ledger was opened to be read.
    lease: Option<HeldLease>,
}

impl BucketStore {
    /// Nothing is known of the ledger until it is read.
    pub(super) fn new(connection: Connection, lease: Option<HeldLease>) -> Self {
        let growth = Growth::default();
        Self { connection, serial: 0, clean: false, growth, begun: false, snapshot: None, broken: false, lease }
    }

    /// Where the snapshot lies.
    pub(super) fn path(&self) -> PathBuf {
        self.connection.bucket.shown(SNAPSHOT)
    }

    /// Reads the ledger, if there is one. What is written later continues it.
    pub(super) fn read(&mut self) -> Result<Option<Ledger>, LedgerError> {
        let Some(stored) = self.connection.run(|bucket| async move { read(&bucket).await })? else { return Ok(None) };
        self.serial = stored.ledger.serial;
        self.clean = stored.clean;
        self.growth = stored.growth;
        self.snapshot = Some(stored.version);
        Ok(Some(stored.ledger))
    }

    fn lease(&self) -> Result<Shared, LedgerError> {
        let source = || std::io::Error::new(std::io::ErrorKind::PermissionDenied, "it was opened for reading, without its lock");
        let opened_to_read = || LedgerError::Io { doing: "write", path: self.path(), source: source() };
        Ok(self.lease.as_ref().ok_or_else(opened_to_read)?.shared())
    }
}

impl LedgerStore for BucketStore {
    fn is_clean(&self) -> bool {
        self.clean
    }

    fn append(&mut self, group: &str) -> Result<(), LedgerError> {
        let lease = self.lease()?;
        if self.broken {
            return Err(LedgerError::Broken { path: self.path() });
        }
        let object = SegmentObject { serial: self.serial, number: self.growth.pieces as u64 };
        let text = group.to_owned();
        let result = self.connection.run(|bucket| async move { append(&bucket, lease, object, text).await });
        self.broken = result.is_err();
        if result.is_ok() {
            self.growth.segment += group.len() as u64;
            self.growth.pieces += 1;
            self.growth.runs += usize::from(!self.begun);
            self.begun = true;
        }
        result
    }

    fn replace(&mut self, serial: u64, snapshot: &mut dyn Iterator<Item = String>) -> Result<(), LedgerError> {
        let lease = self.lease()?;
        let (payload, size) = pieces(snapshot);
        let over = self.snapshot.clone();
        let version = self.connection.run(|bucket| async move { replace(&bucket, lease, serial, payload, over).await })?;
        self.snapshot = Some(version);
        self.serial = serial;
        self.growth = Growth { snapshot: size, ..Growth::default() };
        self.begun = false;
        self.clean = true;
        self.broken = false;
        Ok(())
    }

    fn wants_snapshot(&self) -> bool {
        self.growth.wants_snapshot()
    }

    fn guard(&self) -> Guard {
        self.lease.as_ref().map_or_else(Guard::always, |lease| lease.guard(&self.connection.bucket))
    }
}

impl Drop for BucketStore {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_back(&self.connection);
        }
    }
}

async fn append(bucket: &Bucket, lease: Shared, object: SegmentObject, text: String) -> Result<(), LedgerError> {
    HeldLease::check(lease.clone(), bucket).await?;
    if let Written::Done(_) = bucket.write(&object.name(), text.clone().into(), None).await? {
        return Ok(());
    }
    // A write whose answer was lost is repeated and meets itself. As long as the lease is ours, nobody else writes this.
    let ours = bucket.read(&object.name()).await?.is_some_and(|found| found.text == text);
    if ours { HeldLease::check(lease, bucket).await } else { Err(LedgerError::Overtaken { path: bucket.shown(&object.name()) }) }
}

async fn replace(bucket: &Bucket, lease: Shared, serial: u64, payload: PutPayload, over: Option<Version>) -> Result<Version, LedgerError> {
    HeldLease::check(lease, bucket).await?;
    let segments = bucket.segments().await?;
    // Objects of a time from which somebody went back to the backup would seem to continue the snapshot that is written now.
    let (mut old, leftover): (Vec<_>, Vec<_>) = segments.into_iter().partition(|object| object.serial < serial);
    if !leftover.is_empty() {
        bucket.remove(leftover).await?;
    }
    bucket.back_up(SNAPSHOT, BACKUP).await?;
    let version = match bucket.write(SNAPSHOT, payload.clone(), over).await? {
        Written::Done(version) => version,
        Written::Overtaken => match bucket.read(SNAPSHOT).await? {
            Some(found) if is(&payload, &found.text) => found.version,
            _ => return Err(LedgerError::Overtaken { path: bucket.shown(SNAPSHOT) }),
        },
    };
    // What stays is ignored by readers and removed next time.
    old.reverse();
    let _ = bucket.remove(old).await;
    Ok(version)
}

/// A snapshot in pieces that are neither tiny nor the whole of it, and its size.
fn pieces(lines: &mut dyn Iterator<Item = String>) -> (PutPayload, u64) {
    let mut payload = PutPayloadMut::new().with_block_size(PIECE);
    lines.for_each(|line| payload.extend_from_slice(line.as_bytes()));
    let size = payload.content_length() as u64;
    (payload.freeze(), size)
}

fn is(payload: &PutPayload, text: &str) -> bool {
    payload.iter().flatten().eq(text.as_bytes())
}
