//! The ledger of a run: durable before it counts, grouped, compacted.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use deskform_applier::executor::{ApplyError, OpenLedger};
use deskform_applier::ledger_store::{LedgerError, LedgerStore};
use deskform_applier::{Event, Fate, Stop};
use deskform_planner::Ledger;

use crate::desk::{Desk, identity, permission, shift, support};

/// A store in memory, slow if need be, that breaks after a number of groups.
#[derive(Clone)]
struct Memory {
    groups: Arc<Mutex<Vec<String>>>,
    snapshots: Arc<Mutex<Vec<String>>>,
    breaks_after: usize,
    delay: Duration,
    /// Whether runs end with a snapshot anyway.
    folds: bool,
}

impl Memory {
    fn new(breaks_after: usize) -> Self {
        Self { groups: Arc::default(), snapshots: Arc::default(), breaks_after, delay: Duration::ZERO, folds: true }
    }

    fn groups(&self) -> Vec<String> {
        self.groups.lock().unwrap().clone()
    }
}

impl LedgerStore for Memory {
    fn is_clean(&self) -> bool {
        true
    }

    fn append(&mut self, group: &str) -> Result<(), LedgerError> {
        std::thread::sleep(self.delay);
        let mut groups = self.groups.lock().unwrap();
        if groups.len() >= self.breaks_after {
            return Err(LedgerError::Broken { path: "memory".into() });
        }
        groups.push(group.to_owned());
        Ok(())
    }

    fn replace(&mut self, _: u64, snapshot: &mut dyn Iterator<Item = String>) -> Result<(), LedgerError> {
        self.snapshots.lock().unwrap().push(snapshot.collect());
        Ok(())
    }

    fn wants_snapshot(&self) -> bool {
        self.folds
    }
}

fn new_ledger(store: Memory) -> OpenLedger {
    let ledger = Ledger { id: "1".into(), identity: identity(), ..Ledger::default() };
    OpenLedger { ledger, store: Box::new(store) }
}

fn people(count: usize) -> Vec<deskform_model::Resource> {
    (0..count).map(|n| support(&format!("p{n:03}"), &[])).collect()
}

#[tokio::test]
async fn intents_are_durable_before_their_requests_leave() {
    let mut desk = Desk::open(vec![support("zhang", &[]), support("li", &[])]).await;
    desk.run().await.assert_complete();
    // Two changes that need no intent keep the run busy while a slow disk takes its time with the intents of the others.
    desk.desired.extend([permission("zhang", true), permission("li", true)]);
    desk.desired.extend(people(20));
    let store = Memory { delay: Duration::from_millis(50), ..Memory::new(usize::MAX) };
    let seen = store.clone();
    let early = Arc::new(Mutex::new(Vec::new()));
    let found = Arc::clone(&early);
    desk.proxy.judge(move |target, body| {
        let account = body.split("acc-").nth(1).and_then(|rest| rest.split('"').next());
        if let (true, Some(account)) = (target.starts_with("POST"), account)
            && !seen.groups().iter().any(|group| group.contains("\"intended\"") && group.contains(account))
        {
            found.lock().unwrap().push(account.to_owned());
        }
        crate::proxy::Fate::Pass
    });
    let plan = desk.plan().await;
    let open = OpenLedger { ledger: desk.ledger(), ..new_ledger(store) };
    desk.apply_to(plan, open, &mut |_| {}).await.unwrap().assert_complete();
    assert_eq!(desk.writes().iter().filter(|request| request.starts_with("POST")).count(), 22);
    assert_eq!(*early.lock().unwrap(), Vec::<String>::new(), "these requests were faster than the disk");
}

#[tokio::test]
async fn many_intents_share_a_group() {
    let desk = Desk::open(people(150)).await;
    let store = Memory::new(usize::MAX);
    let ran = desk.apply_to(desk.plan().await, new_ledger(store.clone()), &mut |_| {}).await.unwrap();
    ran.assert_complete();
    let groups = store.groups();
    let records = groups.iter().map(|group| group.lines().count()).sum::<usize>();
    assert_eq!(records, 1 + 150 + 150 + 1, "a header, intents, what they became, and the end of the run");
    assert!(groups.len() < 60, "{} groups", groups.len());
    assert_eq!(store.snapshots.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written_at_all_is_noticed_before_anything_is_sent() {
    let desk = Desk::open(people(1)).await;
    let plan = desk.plan().await;
    desk.proxy.clear();
    let result = desk.apply_to(plan, new_ledger(Memory::new(0)), &mut |_| {}).await;
    assert!(matches!(result.err(), Some(ApplyError::Ledger(_))));
    assert!(desk.proxy.seen().is_empty());
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written_any_more_stops_the_run() {
    let mut desired = people(300);
    desired.push(shift("p000", "2026-12-02", "09:00", "18:00"));
    let desk = Desk::open(desired).await;
    // Large ledgers are not folded after every run; this one has to be.
    let store = Memory { folds: false, ..Memory::new(3) };
    let plan = desk.plan().await;
    desk.proxy.clear();
    let ran = desk.apply_to(plan, new_ledger(store.clone()), &mut |_| {}).await.unwrap();
    assert!(ran.outcome.ledger_error.is_some() && !ran.outcome.is_complete());
    let sent = desk.writes().len();
    let intended: usize = store.groups().iter().map(|group| group.matches("\"intended\"").count()).sum();
    assert!(sent <= intended && sent < 300, "{sent} requests for {intended} durable intents");
    assert!(ran.outcome.changes.iter().any(|change| change.fate == Fate::NotStarted));
    let reasons: Vec<Stop> =
        ran.events.iter().filter_map(|event| if let Event::Stopping { why, .. } = event { Some(*why) } else { None }).collect();
    assert_eq!(reasons, [Stop::Ledger], "nobody has asked it to stop");
    // The snapshot is another file and may still be possible.
    let ledger = deskform_planner::ledger::format::read_snapshot(store.snapshots.lock().unwrap().last().unwrap()).unwrap();
    assert_eq!((ledger.entries.len(), ledger.intents.len()), (sent, 0));
}

#[tokio::test]
async fn a_run_leaves_one_snapshot_and_no_segment() {
    let desk = Desk::open(people(2)).await;
    let ran = desk.run().await;
    ran.assert_complete();
    let mut files: Vec<String> = std::fs::read_dir(desk.ledger_path().parent().unwrap())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["ledger.json", "ledger.json.backup", "ledger.json.lock"]);
    assert!(ran.events.iter().any(|event| matches!(event, Event::LedgerSaved { .. })));
}

#[tokio::test]
async fn ended_shifts_leave_the_ledger_at_the_next_run() {
    let mut desk = Desk::open(vec![support("zhang", &[]), shift("zhang", "2026-12-02", "09:00", "18:00")]).await;
    desk.run().await.assert_complete();
    crate::desk::set(&mut desk.desired[0], "mobile", crate::desk::text("1"));
    let mut plan = desk.plan().await;
    plan.ended = desk.ledger().of_kind(deskform_model::Kind::Shift).map(deskform_planner::ledger::Entry::id).collect();
    desk.try_apply(plan, &mut |_| {}).await.unwrap().assert_complete();
    assert_eq!(desk.ledger().of_kind(deskform_model::Kind::Shift).count(), 0);
}
