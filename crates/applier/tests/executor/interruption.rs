//! Ctrl-C, once and twice.

use std::time::{Duration, Instant};

use deskform_applier::{Event, Fate, Interrupt, Stop};

use crate::desk::{Desk, support};
use crate::proxy;

#[tokio::test]
async fn pressed_once_what_is_under_way_is_finished_and_saved() {
    let desk = Desk::open((0..400).map(|n| support(&format!("p{n:03}"), &[])).collect()).await;
    let interrupt = desk.interrupt.clone();
    let mut finished = 0;
    let plan = desk.plan().await;
    let mut watch = |event: &Event| {
        if matches!(event, Event::StepFinished { .. }) {
            finished += 1;
            if finished == 20 {
                interrupt.press();
            }
        }
    };
    let ran = desk.try_apply(plan, &mut watch).await.unwrap();
    assert!(ran.outcome.interrupted && !ran.outcome.is_complete());
    let applied = ran.outcome.changes.iter().filter(|change| change.fate.is_applied()).count();
    let waiting = ran.outcome.changes.iter().filter(|change| change.fate == Fate::NotStarted).count();
    assert_eq!((applied + waiting, waiting > 0), (400, true));
    let ledger = desk.ledger();
    assert_eq!((ledger.entries.len(), ledger.intents.len()), (applied, 0));
    assert_eq!(desk.writes().len(), applied);
}

#[tokio::test]
async fn pressed_twice_it_ends_at_once_with_a_ledger_that_knows_what_is_open() {
    let desk = Desk::open(vec![support("zhang", &[])]).await;
    desk.proxy.judge(|target, _| if target.starts_with("POST") { proxy::Fate::Delay(60_000) } else { proxy::Fate::Pass });
    let interrupt = desk.interrupt.clone();
    let plan = desk.plan().await;
    let mut watch = |event: &Event| {
        if matches!(event, Event::StepStarted { .. }) {
            interrupt.press();
            interrupt.press();
        }
    };
    let start = Instant::now();
    let ran = desk.try_apply(plan, &mut watch).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(20));
    assert!(matches!(ran.fate("support/zhang"), Fate::Unknown(_)), "{:?}", ran.fate("support/zhang"));
    assert_eq!(desk.ledger().intents.len(), 1);
}

#[tokio::test]
async fn pressed_before_the_first_step_nothing_is_sent() {
    let desk = Desk::open(vec![support("zhang", &[])]).await;
    let plan = desk.plan().await;
    desk.interrupt.press();
    let ran = desk.try_apply(plan, &mut |_| {}).await.unwrap();
    assert!(ran.outcome.interrupted);
    assert_eq!((ran.fate("support/zhang"), desk.writes().len()), (&Fate::NotStarted, 0));
}

#[tokio::test]
async fn pressed_during_a_wait_for_lists_it_ends_at_once_and_the_next_run_finds_what_was_made() {
    let mut desk = Desk::open(vec![support("zhang", &[])]).await;
    desk.settle = Duration::from_secs(60);
    desk.proxy.judge(|target, _| if target.starts_with("POST") { proxy::Fate::LoseAnswer } else { proxy::Fate::Pass });
    let interrupt = desk.interrupt.clone();
    let plan = desk.plan().await;
    let mut watch = |event: &Event| {
        if matches!(event, Event::Waiting { .. }) {
            let interrupt = interrupt.clone();
            tokio::spawn(async move { interrupt.press() });
        }
    };
    let start = Instant::now();
    let ran = desk.try_apply(plan, &mut watch).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(20));
    assert!(ran.outcome.interrupted);
    assert!(matches!(ran.fate("support/zhang"), Fate::Unknown(_)), "{:?}", ran.fate("support/zhang"));
    assert!(ran.events.contains(&Event::Stopping { under_way: 0, why: Stop::Asked }));
    assert_eq!(desk.ledger().intents.len(), 1);

    desk.interrupt = Interrupt::new();
    desk.settle = Duration::from_millis(5);
    desk.proxy.judge(|_, _| proxy::Fate::Pass);
    desk.run().await.assert_complete();
    assert!(desk.writes().is_empty(), "it was there");
    assert!(desk.ledger().intents.is_empty());
}
