//! Ledgers in a bucket: what a crash, another machine and a lease that ends do to them. Against a real server; see `testkit::s3`.
#![allow(clippy::unwrap_used, missing_docs)]
#![cfg(feature = "s3")]

mod ledger_records;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deskform_applier::ledger_store::{BucketOptions, LeaseTimes, LedgerPlace, LedgerUrl, Mode, Unlocked};
use deskform_applier::{LedgerError, LedgerStore, StoredLedger};
use deskform_model::Kind;
use deskform_planner::Ledger;
use deskform_planner::ledger::{EntryId, Identity, Record, format};
use deskform_testkit::s3::S3;
use ledger_records::done;

/// A server and a bucket of its own for one test.
struct Cloud {
    server: Arc<S3>,
    bucket: &'static str,
}

impl Cloud {
    fn new(bucket: &'static str) -> Option<Self> {
        let server = S3::shared()?;
        server.make_bucket(bucket);
        Some(Self { server, bucket })
    }

    fn place(&self, lease: LeaseTimes) -> LedgerPlace {
        let variables = self.server.variables().map(|(name, value)| (name.to_owned(), value)).into();
        let url = LedgerUrl::parse(&format!("s3://{}/desk/prod", self.bucket)).unwrap();
        LedgerPlace::Bucket(url, BucketOptions { variables, lease })
    }

    fn usual(&self) -> LedgerPlace {
        self.place(LeaseTimes::default())
    }
}

/// Never renewed, as if its holder had been stopped; long enough for what a test does before it ends, on a busy machine too.
fn dying() -> LeaseTimes {
    LeaseTimes { lasts: Duration::from_secs(8), renewed_after: Duration::from_secs(3600) }
}

fn identity() -> Identity {
    Identity { project: "acme".into(), helpdesk: "https://h.example".into(), ..Identity::default() }
}

fn apply(command: &str) -> Mode {
    Mode::Apply { command: command.into(), at: "2026-11-21 09:00:00".into() }
}

async fn try_open(place: &LedgerPlace, mode: Mode) -> Result<StoredLedger, LedgerError> {
    place.open(identity(), mode, Duration::ZERO, &mut |_| {}).await
}

async fn open(place: &LedgerPlace, mode: Mode) -> StoredLedger {
    try_open(place, mode).await.unwrap()
}

async fn read(place: &LedgerPlace) -> Ledger {
    open(place, Mode::Read).await.ledger().clone()
}

/// What an executor does first.
async fn begin(place: &LedgerPlace, command: &str) -> (Ledger, Box<dyn LedgerStore>) {
    let open = open(place, apply(command)).await.for_apply();
    let (mut ledger, mut store) = (open.ledger, open.store);
    if !store.is_clean() {
        ledger.serial += 1;
        store.replace(ledger.serial, &mut format::snapshot(&ledger)).unwrap();
    }
    store.append(&format::segment_header(&ledger)).unwrap();
    (ledger, store)
}

fn append(ledger: &mut Ledger, store: &mut dyn LedgerStore, id: &str) -> Result<(), LedgerError> {
    store.append(&format::record_line(&done(id)))?;
    ledger.record(done(id));
    Ok(())
}

#[tokio::test]
async fn groups_survive_a_crash_and_are_replayed_and_the_next_run_continues_behind_them() {
    let Some(cloud) = Cloud::new("crash") else { return };
    let place = cloud.place(dying());
    assert!(!place.exists().await.unwrap() && !open(&place, Mode::Read).await.existed());
    let (mut ledger, mut store) = begin(&place, "first").await;
    append(&mut ledger, &mut *store, "8001").unwrap();
    append(&mut ledger, &mut *store, "8002").unwrap();
    // Neither a snapshot nor the lock's end is written.
    std::mem::forget(store);
    assert_eq!(read(&place).await, ledger);
    assert!(place.exists().await.unwrap());

    let opened = place.open(identity(), apply("second"), Duration::from_secs(60), &mut |_| {}).await.unwrap();
    assert!(opened.existed());
    assert_eq!(opened.ledger(), &ledger);
    opened.edit(vec![Record::Gone { id: EntryId { kind: Kind::Agent, id: "8001".into() } }]).unwrap();
    let found = read(&place).await;
    assert_eq!(found.entries.keys().map(|id| id.id.as_str()).collect::<Vec<_>>(), ["8002"]);
    assert_eq!(found.serial, ledger.serial + 1, "a small ledger is folded at once");
}

#[tokio::test]
async fn a_snapshot_takes_the_place_of_everything_before() {
    let Some(cloud) = Cloud::new("compaction") else { return };
    let place = cloud.usual();
    let (mut ledger, mut store) = begin(&place, "first").await;
    for run in 0..3 {
        append(&mut ledger, &mut *store, &format!("80{run}1")).unwrap();
        ledger.serial += 1;
        store.replace(ledger.serial, &mut format::snapshot(&ledger)).unwrap();
        assert_eq!(read(&place).await, ledger);
        store.append(&format::segment_header(&ledger)).unwrap();
        append(&mut ledger, &mut *store, &format!("80{run}2")).unwrap();
        assert_eq!(read(&place).await, ledger);
    }
}

#[tokio::test]
async fn a_second_apply_is_told_who_holds_the_lock_and_may_wait_for_it() {
    let Some(cloud) = Cloud::new("second") else { return };
    let place = cloud.usual();
    assert_eq!(place.holder().await, None);
    let (_, store) = begin(&place, "deskform apply").await;
    let error = try_open(&place, apply("other")).await.unwrap_err();
    let LedgerError::Locked { holder: Some(holder), .. } = &error else { panic!("{error:?}") };
    assert_eq!((holder.pid, holder.command.as_str(), holder.since.as_str()), (std::process::id(), "deskform apply", "2026-11-21 09:00:00"));
    assert!(error.to_string().contains("s3://second/desk/prod/lock.json"), "{error}");
    assert_eq!(place.holder().await, Some(Some(holder.clone())));
    open(&place, Mode::Read).await;

    let mut first = Some(store);
    let mut told = 0;
    let mut on_wait = |_: &LedgerError| {
        told += 1;
        drop(first.take());
    };
    place.open(identity(), apply("other"), Duration::from_secs(60), &mut on_wait).await.unwrap();
    assert_eq!(told, 1);
    assert_eq!(place.holder().await, None, "it was given back");
}

#[tokio::test]
async fn a_lock_that_is_broken_ends_its_holder_before_the_next_group() {
    let Some(cloud) = Cloud::new("stolen") else { return };
    let place = cloud.usual();
    let (mut ledger, mut store) = begin(&place, "first").await;
    append(&mut ledger, &mut *store, "8001").unwrap();
    assert!(matches!(place.unlock(false).await, Err(LedgerError::Locked { .. })), "it is alive");
    assert!(matches!(place.unlock(true).await.unwrap(), Unlocked::Broken(Some(_))));
    let (thief, mut other) = begin(&place, "second").await;

    let error = append(&mut ledger, &mut *store, "8002").unwrap_err();
    let LedgerError::LockLost { holder: Some(holder), .. } = &error else { panic!("{error:?}") };
    assert_eq!(holder.command, "second");
    assert!(store.guard().check().is_err());
    assert!(matches!(store.replace(ledger.serial + 1, &mut format::snapshot(&ledger)), Err(LedgerError::LockLost { .. })));
    drop(store);
    assert!(place.holder().await.flatten().is_some_and(|holder| holder.command == "second"), "the lock of the other one stays");
    other.append(&format::record_line(&done("9001"))).unwrap();
    assert_eq!(read(&place).await.entries.len(), thief.entries.len() + 1);
}

#[tokio::test]
async fn a_holder_that_cannot_renew_its_lock_stops_by_itself_before_others_may_begin() {
    let Some(cloud) = Cloud::new("expired") else { return };
    let place = cloud.place(dying());
    let (_, store) = begin(&place, "first").await;
    let mut guard = store.guard();
    assert!(guard.check().is_ok());
    assert!(matches!(guard.lost().await, LedgerError::LockLost { holder: None, .. }));
    assert!(matches!(try_open(&place, apply("second")).await, Err(LedgerError::Locked { .. })), "not yet");
    place.open(identity(), apply("second"), Duration::from_secs(60), &mut |_| {}).await.unwrap();
}

#[tokio::test]
async fn a_lock_that_is_renewed_outlives_its_time_and_a_stolen_one_is_noticed_without_a_group() {
    let Some(cloud) = Cloud::new("renewed") else { return };
    let place = cloud.place(LeaseTimes { lasts: Duration::from_secs(4), renewed_after: Duration::from_millis(300) });
    let (_, store) = begin(&place, "first").await;
    let other = place.open(identity(), apply("second"), Duration::from_secs(9), &mut |_| {}).await;
    assert!(matches!(other, Err(LedgerError::Locked { .. })), "more than twice its time");
    let mut guard = store.guard();
    assert!(guard.check().is_ok());
    place.unlock(true).await.unwrap();
    assert!(matches!(guard.lost().await, LedgerError::LockLost { .. }));
}

#[tokio::test]
async fn a_ledger_of_another_project_gives_its_lock_back_when_it_is_refused() {
    let Some(cloud) = Cloud::new("foreign") else { return };
    let place = cloud.usual();
    drop(begin(&place, "first").await);
    let other = Identity { project: "other".into(), ..identity() };
    let refused = place.open(other, apply("other"), Duration::ZERO, &mut |_| {}).await;
    assert!(matches!(refused, Err(LedgerError::Foreign { .. })));
    assert_eq!(place.holder().await, None);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_told_as_itself() {
    let Some(cloud) = Cloud::new("exists") else { return };
    let missing = Cloud { bucket: "missing", ..cloud };
    let error = try_open(&missing.usual(), apply("first")).await.unwrap_err();
    assert!(matches!(error, LedgerError::Bucket { .. }), "{error:?}");
    assert!(error.to_string().contains("s3://missing/desk/prod"), "{error}");
}

/// Starts fifty at once; each that gets in stays for a moment.
async fn race(place: LedgerPlace) {
    let inside = Arc::new(AtomicUsize::new(0));
    let starts: Vec<_> = (0..50)
        .map(|_| {
            let (place, inside) = (place.clone(), Arc::clone(&inside));
            tokio::spawn(async move {
                match try_open(&place, apply("race")).await {
                    Ok(opened) => {
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "somebody else is in already");
                        tokio::task::yield_now().await;
                        assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
                        drop(opened);
                        true
                    }
                    Err(LedgerError::Locked { .. }) => false,
                    Err(error) => panic!("{error:?}"),
                }
            })
        })
        .collect();
    let mut winners = 0;
    for start in starts {
        winners += usize::from(start.await.unwrap());
    }
    assert!(winners > 0, "somebody must get in");
    assert_eq!(place.holder().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_racing_starts_never_overlap_on_a_file() {
    let folder = tempfile::tempdir().unwrap();
    race(LedgerPlace::File(folder.path().join("ledger.json"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_racing_starts_never_overlap_in_a_bucket() {
    let Some(cloud) = Cloud::new("race") else { return };
    race(cloud.usual()).await;
}
