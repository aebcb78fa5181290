//! Runs that ended in the middle: the next one finds what they made, and makes nothing twice.

use deskform_applier::Event;
use deskform_planner::Ledger;
use deskform_sandbox::Faults;

use crate::desk::{Desk, seat, shift, support};
use crate::proxy;

/// Loses the requests of this target or their answers, and dies while the run waits for what became of them.
async fn die_at(desk: &mut Desk, target: &'static str, how: proxy::Fate) -> Ledger {
    desk.proxy.judge(move |request, _| if request == target { how } else { proxy::Fate::Pass });
    let plan = desk.plan().await;
    desk.proxy.clear();
    let interrupt = desk.interrupt.clone();
    let mut watch = |event: &Event| {
        if matches!(event, Event::Waiting { .. }) {
            interrupt.press();
            interrupt.press();
        }
    };
    let ran = desk.try_apply(plan, &mut watch).await.unwrap();
    assert!(ran.outcome.interrupted);
    desk.settle = std::time::Duration::from_millis(5);
    desk.proxy.judge(|_, _| proxy::Fate::Pass);
    desk.ledger()
}

async fn team() -> Desk {
    let mut desk = Desk::open(vec![
        support("zhang", &[]),
        shift("zhang", "2026-12-02", "09:00", "18:00"),
        shift("zhang", "2026-12-03", "22:00", "06:00"),
        seat("8001", Some("zhang"), &[]),
    ])
    .await;
    // Long enough for the run to die while it waits, however busy the machine is.
    desk.settle = std::time::Duration::from_secs(600);
    desk
}

const CREATES: [&str; 3] = ["POST /api/v1/supports.json", "POST /api/v1/schedules.json", "POST /api/v1/config/openapi/agent/create/v2"];

#[tokio::test]
async fn what_a_dead_run_made_is_found_and_not_made_again() {
    for target in CREATES {
        let mut desk = team().await;
        let ledger = die_at(&mut desk, target, proxy::Fate::LoseAnswer).await;
        assert!(!ledger.intents.is_empty(), "{target}");
        desk.interrupt = deskform_applier::Interrupt::new();
        desk.run().await.assert_complete();
        assert!(!desk.writes().iter().any(|request| request == target), "{target}");
        let ledger = desk.ledger();
        assert_eq!((ledger.entries.len(), ledger.intents.len()), (4, 0), "{target}");
        desk.assert_in_sync().await;
    }
}

#[tokio::test]
async fn what_a_dead_run_did_not_make_is_made_once() {
    for target in CREATES {
        let mut desk = team().await;
        let ledger = die_at(&mut desk, target, proxy::Fate::LoseRequest).await;
        assert!(!ledger.intents.is_empty(), "{target}");
        desk.interrupt = deskform_applier::Interrupt::new();
        desk.run().await.assert_complete();
        assert_eq!(desk.writes().iter().filter(|request| *request == target).count(), 1, "{target}");
        assert!(desk.ledger().intents.is_empty(), "{target}");
        desk.assert_in_sync().await;
    }
}

#[tokio::test]
async fn what_a_dead_run_made_is_ours_when_nobody_wants_it_any_more() {
    let mut desk = team().await;
    die_at(&mut desk, "POST /api/v1/schedules.json", proxy::Fate::LoseAnswer).await;
    desk.desired.retain(|resource| resource.kind() != deskform_model::Kind::Shift);
    desk.interrupt = deskform_applier::Interrupt::new();
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(ran.actions().iter().filter(|(_, action)| *action == "delete").count(), 2);
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn what_was_found_is_in_the_ledger_before_anything_is_sent() {
    let mut desk = team().await;
    die_at(&mut desk, "POST /api/v1/schedules.json", proxy::Fate::LoseAnswer).await;
    desk.interrupt = deskform_applier::Interrupt::new();
    let plan = desk.plan().await;
    let mut before = None;
    let path = desk.ledger_path();
    let mut watch = |event: &Event| {
        if matches!(event, Event::Started { .. }) {
            let files = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|file| file.unwrap().path());
            let segment = files.into_iter().find(|path| path.to_string_lossy().ends_with(".jsonl"));
            before = segment.map(|path| std::fs::read_to_string(path).unwrap());
        }
    };
    desk.try_apply(plan, &mut watch).await.unwrap().assert_complete();
    assert_eq!(before.unwrap_or_default().matches("\"done\"").count(), 2);
}

#[tokio::test]
async fn what_an_interrupted_run_has_just_made_is_not_made_again_because_no_list_shows_it_yet() {
    let mut desk = team().await;
    desk.settle = std::time::Duration::from_millis(400);
    desk.sandbox.set_faults(Faults::parse("rules: [{at: lists, fault: lag, milliseconds: 200}]").unwrap()).unwrap();
    let plan = desk.plan().await;
    let interrupt = desk.interrupt.clone();
    let mut watch = |event: &Event| {
        if matches!(event, Event::ReadBack { .. }) {
            interrupt.press();
        }
    };
    desk.try_apply(plan, &mut watch).await.unwrap();
    assert_eq!(desk.ledger().entries.len(), 4);
    desk.interrupt = deskform_applier::Interrupt::new();
    assert!(desk.plan().await.is_empty());
}
