//! The lock of a bucket: an object that says who holds it and that is written again while its holder lives.
//!
//! It is taken, renewed and given back with conditional writes only, so of any number of processes one succeeds. It is never deleted: a
//! lease that was given back names nobody. When it has not been renewed for its whole time, by the object store's own clock, anybody may
//! take it; its holder stops some seconds before that.

use std::sync::Arc;
use std::time::Duration;

use deskform_model::Text;
use object_store::PutPayload;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep, timeout};

use super::super::guard::Hold;
use super::super::{Guard, Holder, LeaseTimes, LedgerError, random_id};
use super::connection::{Bucket, Connection, Object, Version, Written};

/// The object.
pub(super) const LOCK: &str = "lock.json";
/// One request about the lease takes no longer than this.
const REQUEST: Duration = Duration::from_secs(10);
/// Times of objects are whole seconds.
const ROUNDING: i64 = 2;

/// What the object says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Lease {
    /// Nobody, once it was given back.
    pub(super) holder: Option<Holder>,
    /// Random, new for every holder.
    token: Text,
    /// How often it was renewed. Makes every text, and with it every version, a new one.
    renewed: u64,
    /// How long it lasts without being renewed.
    seconds: u64,
}

impl Lease {
    fn payload(&self) -> PutPayload {
        (serde_json::to_string_pretty(self).expect("texts and numbers can be written") + "\n").into()
    }

    fn read(bucket: &Bucket, object: &Object) -> Result<Self, LedgerError> {
        serde_json::from_str(&object.text).map_err(|source| LedgerError::Bucket {
            doing: "understand",
            path: bucket.shown(LOCK),
            source: source.into(),
        })
    }
}

/// A lease as it was found.
pub(super) struct Found {
    pub(super) lease: Lease,
    version: Version,
    /// Whether nobody may rely on it any more.
    pub(super) expired: bool,
}

/// Looks at the lease, if there is one.
pub(super) async fn look(bucket: &Bucket) -> Result<Option<Found>, LedgerError> {
    let Some(object) = bucket.read(LOCK).await? else { return Ok(None) };
    let lease = Lease::read(bucket, &object)?;
    let lasts = i64::try_from(lease.seconds).unwrap_or(i64::MAX).saturating_add(ROUNDING);
    let expired = lease.holder.is_some() && bucket.now().await?.saturating_sub(object.modified) >= lasts;
    Ok(Some(Found { lease, version: object.version, expired }))
}

/// Gives a lease back in its holder's place, and tells who that was. With `force` one that is renewed meanwhile as well; otherwise only the
/// one that was found.
pub(super) async fn break_off(bucket: &Bucket, mut found: Found, force: bool) -> Result<Holder, LedgerError> {
    const ATTEMPTS: usize = 10;
    for _ in 0..ATTEMPTS {
        let Some(holder) = found.lease.holder.clone() else { break };
        let free = Lease { holder: None, renewed: found.lease.renewed + 1, ..found.lease };
        if let Written::Done(_) = bucket.write(LOCK, free.payload(), Some(found.version)).await? {
            return Ok(holder);
        }
        let Some(object) = bucket.read(LOCK).await?.filter(|_| force) else { break };
        found = Found { lease: Lease::read(bucket, &object)?, version: object.version, expired: false };
    }
    Err(LedgerError::Overtaken { path: bucket.shown(LOCK) })
}

/// The lease that this process holds.
pub(super) struct HeldLease {
    shared: Arc<Mutex<Held>>,
    hold: watch::Receiver<Hold>,
}

struct Held {
    lease: Lease,
    version: Version,
    lasts: Duration,
    hold: watch::Sender<Hold>,
}

impl HeldLease {
    /// Takes the lease and keeps it alive from now on.
    pub(super) fn take(connection: &Connection, holder: Holder, times: LeaseTimes) -> Result<Self, LedgerError> {
        let token = random_id(&connection.bucket.shown(LOCK))?;
        let lease = Lease { holder: Some(holder), token, renewed: 0, seconds: times.lasts.as_secs() };
        let (held, hold) = connection.run(|bucket| async move { Held::take(&bucket, lease, times.lasts).await })?;
        let shared = Arc::new(Mutex::new(held));
        connection.spawn(keep_alive(connection.bucket.clone(), Arc::clone(&shared), times.renewed_after));
        Ok(Self { shared, hold })
    }

    /// Proves that the lease is still ours, by asking the bucket.
    pub(super) async fn check(shared: Shared, bucket: &Bucket) -> Result<(), LedgerError> {
        shared.0.lock().await.check(bucket).await
    }

    pub(super) fn shared(&self) -> Shared {
        Shared(Arc::clone(&self.shared))
    }

    pub(super) fn guard(&self, bucket: &Bucket) -> Guard {
        Guard::new(bucket.shown(LOCK), self.hold.clone())
    }

    /// Gives it back, so that others need not wait for its end.
    pub(super) fn give_back(&self, connection: &Connection) {
        let shared = self.shared();
        connection.run(|bucket| async move {
            let mut held = shared.0.lock().await;
            if held.hold.borrow().lost.is_none() {
                let free = Lease { holder: None, renewed: held.lease.renewed + 1, ..held.lease.clone() };
                // When this fails the lease ends by itself.
                let _ = timeout(REQUEST, bucket.write(LOCK, free.payload(), Some(held.version.clone()))).await;
                held.end(None);
            }
        });
    }
}

/// For work that outlives a borrow of the lease.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Held>>);

impl Held {
    async fn take(bucket: &Bucket, lease: Lease, lasts: Duration) -> Result<(Self, watch::Receiver<Hold>), LedgerError> {
        // Whoever is overtaken looks who it was; one that keeps changing hands is somebody else's.
        const ATTEMPTS: usize = 5;
        let mut holder = None;
        for _ in 0..ATTEMPTS {
            let begun = Instant::now();
            let over = match look(bucket).await? {
                // A write of ours whose answer was lost.
                Some(found) if found.lease.token == lease.token => return Ok(Self::new(lease, found.version, begun, lasts)),
                Some(found) if found.lease.holder.is_some() && !found.expired => {
                    return Err(LedgerError::Locked { path: bucket.shown(LOCK), holder: found.lease.holder });
                }
                Some(found) => {
                    holder = found.lease.holder;
                    Some(found.version)
                }
                None => None,
            };
            let begun = Instant::now();
            if let Written::Done(version) = bucket.write(LOCK, lease.payload(), over).await? {
                return Ok(Self::new(lease, version, begun, lasts));
            }
        }
        Err(LedgerError::Locked { path: bucket.shown(LOCK), holder })
    }

    fn new(lease: Lease, version: Version, begun: Instant, lasts: Duration) -> (Self, watch::Receiver<Hold>) {
        let (hold, watch) = watch::channel(Hold { until: begun + safe(lasts), lost: None });
        (Self { lease, version, lasts, hold }, watch)
    }

    /// Whether nothing says that it is lost.
    fn is_held(&self) -> bool {
        let hold = self.hold.borrow();
        hold.lost.is_none() && Instant::now() < hold.until
    }

    fn end(&mut self, holder: Option<Holder>) {
        self.hold.send_modify(|hold| hold.lost = Some(holder));
    }

    fn lost(&self, bucket: &Bucket) -> LedgerError {
        LedgerError::LockLost { path: bucket.shown(LOCK), holder: self.hold.borrow().lost.clone().flatten() }
    }

    /// Whoever finds the lease changed says who has it now.
    async fn give_up(&mut self, bucket: &Bucket) -> LedgerError {
        let found = match timeout(REQUEST, bucket.read(LOCK)).await {
            Ok(Ok(Some(object))) => Lease::read(bucket, &object).ok().and_then(|lease| lease.holder),
            _ => None,
        };
        self.end(found);
        self.lost(bucket)
    }

    async fn check(&mut self, bucket: &Bucket) -> Result<(), LedgerError> {
        if !self.is_held() {
            return Err(self.lost(bucket));
        }
        match bucket.look(LOCK).await? {
            Some((version, _)) if same(&version, &self.version) && self.is_held() => Ok(()),
            _ => Err(self.give_up(bucket).await),
        }
    }

    /// Writes the lease once more.
    async fn renew(&mut self, bucket: &Bucket) -> Result<(), LedgerError> {
        let begun = Instant::now();
        let next = Lease { renewed: self.lease.renewed + 1, ..self.lease.clone() };
        let version = match bucket.write(LOCK, next.payload(), Some(self.version.clone())).await? {
            Written::Done(version) => version,
            // The answer to a write of ours may have been lost and the write repeated.
            Written::Overtaken => match bucket.read(LOCK).await? {
                Some(object) if Lease::read(bucket, &object).is_ok_and(|found| found.token == next.token && found.holder.is_some()) => {
                    object.version
                }
                _ => return Err(self.give_up(bucket).await),
            },
        };
        self.lease = next;
        self.version = version;
        let until = begun + safe(self.lasts);
        self.hold.send_modify(|hold| hold.until = until);
        Ok(())
    }
}

/// How long a holder relies on its lease: it stops before others may begin.
fn safe(lasts: Duration) -> Duration {
    lasts - lasts / 6
}

/// Versions are numbers on some clouds and entity tags on others.
fn same(one: &Version, other: &Version) -> bool {
    match (&one.version, &other.version) {
        (Some(one), Some(other)) => one == other,
        _ => one.e_tag == other.e_tag,
    }
}

/// Renews the lease until it is given back or lost.
async fn keep_alive(bucket: Bucket, shared: Arc<Mutex<Held>>, after: Duration) {
    // What fails is tried again soon, as long as there is time.
    let again = after / 10;
    let mut pause = after;
    loop {
        sleep(pause).await;
        let mut held = shared.lock().await;
        if !held.is_held() {
            return held.end(None);
        }
        pause = match timeout(REQUEST, held.renew(&bucket)).await {
            Ok(Ok(())) => after,
            Ok(Err(LedgerError::LockLost { .. })) => return,
            _ => again,
        };
    }
}
