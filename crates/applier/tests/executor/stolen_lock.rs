//! A run whose lock somebody breaks, and one whose lock ends: nothing more is sent.

use std::sync::Arc;
use std::time::Duration;

use deskform_applier::ledger_store::{BucketOptions, LeaseTimes, LedgerPlace, LedgerUrl, Mode};
use deskform_applier::{Event, Fate, LedgerError};
use deskform_model::Resource;
use deskform_testkit::s3::S3;

use crate::desk::{Desk, NOW, Ran, identity, permission, support};
use crate::proxy;

fn place(bucket: &str, lease: LeaseTimes) -> Option<(Arc<S3>, LedgerPlace)> {
    let server = S3::shared()?;
    server.make_bucket(bucket);
    let variables = server.variables().map(|(name, value)| (name.to_owned(), value)).into();
    let url = LedgerUrl::parse(&format!("s3://{bucket}/desk")).unwrap();
    Some((server, LedgerPlace::Bucket(url, BucketOptions { variables, lease })))
}

fn people(count: usize) -> Vec<Resource> {
    (0..count).map(|n| support(&format!("p{n:03}"), &[])).collect()
}

async fn run(desk: &Desk, place: &LedgerPlace, watch: &mut dyn FnMut(&Event)) -> Ran {
    let plan = desk.plan().await;
    desk.proxy.clear();
    let mode = Mode::Apply { command: "test".into(), at: NOW.into() };
    let ledger = place.open(identity(), mode, Duration::ZERO, &mut |_| {}).await.unwrap();
    desk.apply_to(plan, ledger.for_apply(), watch).await.unwrap()
}

fn not_started(ran: &Ran) -> usize {
    ran.outcome.changes.iter().filter(|change| matches!(change.fate, Fate::NotStarted)).count()
}

#[tokio::test]
async fn a_run_on_a_bucket_is_saved_whole_and_gives_its_lock_back() {
    let Some((_server, place)) = place("run", LeaseTimes::default()) else { return };
    let desk = Desk::open(people(30)).await;
    run(&desk, &place, &mut |_| {}).await.assert_complete();
    let ledger = place.open(identity(), Mode::Read, Duration::ZERO, &mut |_| {}).await.unwrap();
    assert_eq!((ledger.existed(), ledger.ledger().entries.len(), ledger.ledger().intents.len()), (true, 30, 0));
    assert_eq!(place.holder().await, None);
}

#[tokio::test]
async fn a_run_whose_lock_is_broken_stops_with_the_next_group() {
    let Some((_server, place)) = place("broken", LeaseTimes::default()) else { return };
    let desk = Desk::open(people(400)).await;
    let mut broken = false;
    let ran = run(&desk, &place, &mut |event| {
        if matches!(event, Event::StepFinished { .. }) && !std::mem::replace(&mut broken, true) {
            let place = place.clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(place.unlock(true)).unwrap();
            })
            .join()
            .unwrap();
        }
    })
    .await;
    assert!(matches!(ran.outcome.ledger_error, Some(LedgerError::LockLost { .. })), "{:?}", ran.outcome.ledger_error);
    assert!(not_started(&ran) >= 200, "only {} of 400 were not sent", not_started(&ran));
}

#[tokio::test]
async fn a_run_whose_lock_ended_sends_nothing_more_not_even_what_needs_no_intent() {
    let lease = LeaseTimes { lasts: Duration::from_secs(3), renewed_after: Duration::from_secs(3600) };
    let Some((_server, place)) = place("ended", lease) else { return };
    let mut desk = Desk::open(people(40)).await;
    desk.run().await.assert_complete();
    desk.desired.extend((0..40).map(|n| permission(&format!("p{n:03}"), true)));
    // The ledger in the file knows the people; the run's own is in the bucket. Eight at a time for a second each take longer than the lock
    // lasts.
    desk.proxy.judge(|target, _| if target.starts_with("GET") { proxy::Fate::Pass } else { proxy::Fate::Delay(1000) });
    let ran = run(&desk, &place, &mut |_| {}).await;
    assert!(matches!(ran.outcome.ledger_error, Some(LedgerError::LockLost { .. })), "{:?}", ran.outcome.ledger_error);
    assert!(not_started(&ran) >= 8, "{} of 40 were not sent", not_started(&ran));
    assert_eq!(desk.writes().len(), 40 - not_started(&ran));
}
