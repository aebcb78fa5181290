//! Creates whose answers are lost: looked for together, taken over when found, sent again when they are missing.

use deskform_applier::{Event, Fate, Interrupt};

use crate::desk::{Desk, seat, shift, support};
use crate::proxy;

const CREATE_SUPPORT: &str = "POST /api/v1/supports.json";
const CREATE_SHIFTS: &str = "POST /api/v1/schedules.json";

fn lose(once: &'static str, how: proxy::Fate) -> impl FnMut(&str, &str) -> proxy::Fate + Send {
    let mut left = 1;
    move |target, _| {
        if left > 0 && target == once {
            left -= 1;
            how
        } else {
            proxy::Fate::Pass
        }
    }
}

async fn three_objects(once: &'static str, how: proxy::Fate) -> (Desk, crate::desk::Ran) {
    let desk = Desk::open(vec![
        support("zhang", &[]),
        shift("zhang", "2026-12-02", "09:00", "18:00"),
        shift("zhang", "2026-12-03", "22:00", "06:00"),
        seat("8001", Some("zhang"), &[("enabled", deskform_model::Value::Flag(false))]),
    ])
    .await;
    desk.proxy.judge(lose(once, how));
    let ran = desk.run().await;
    (desk, ran)
}

#[tokio::test]
async fn a_create_that_was_carried_out_is_found_and_taken_as_done() {
    for once in ["POST /api/v1/supports.json", "POST /api/v1/schedules.json", "POST /api/v1/config/openapi/agent/create/v2"] {
        let (desk, ran) = three_objects(once, proxy::Fate::LoseAnswer).await;
        ran.assert_complete();
        assert_eq!(desk.writes().iter().filter(|request| *request == once).count(), 1, "{once}");
        assert!(desk.ledger().intents.is_empty(), "{once}");
        assert_eq!(desk.entry("shift/zhang/2026-12-03T22:00").unwrap().remotes.len(), 2);
        desk.assert_in_sync().await;
    }
}

#[tokio::test]
async fn a_create_that_was_not_carried_out_is_sent_again() {
    for once in ["POST /api/v1/supports.json", "POST /api/v1/schedules.json", "POST /api/v1/config/openapi/agent/create/v2"] {
        let (desk, ran) = three_objects(once, proxy::Fate::LoseRequest).await;
        ran.assert_complete();
        assert_eq!(desk.writes().iter().filter(|request| *request == once).count(), 2, "{once}");
        assert!(desk.ledger().intents.is_empty(), "{once}");
        desk.assert_in_sync().await;
    }
}

fn people(count: usize) -> Vec<deskform_model::Resource> {
    (0..count).map(|n| support(&format!("p{n:02}"), &[])).collect()
}

#[tokio::test]
async fn all_creates_in_doubt_are_settled_with_one_list() {
    let desk = Desk::open(people(40)).await;
    let mut number = 0;
    // Of those who are lost, every second one was made.
    desk.proxy.judge(move |target, _| {
        number += usize::from(target == CREATE_SUPPORT);
        match (target == CREATE_SUPPORT && number <= 20, number % 2) {
            (false, _) => proxy::Fate::Pass,
            (true, 0) => proxy::Fate::LoseAnswer,
            (true, _) => proxy::Fate::LoseRequest,
        }
    });
    let plan = desk.plan().await;
    desk.proxy.clear();
    let ran = desk.try_apply(plan, &mut |_| {}).await.unwrap();
    ran.assert_complete();
    let seen = desk.proxy.seen();
    assert_eq!(seen.iter().filter(|request| *request == CREATE_SUPPORT).count(), 50, "ten were missing and sent again");
    assert_eq!(seen.iter().filter(|request| request.starts_with("GET")).count(), 2, "one list to settle, one to read back: {seen:?}");
    let looks: Vec<&Event> = ran.events.iter().filter(|event| matches!(event, Event::LookingFor { .. })).collect();
    assert_eq!(looks, [&Event::LookingFor { objects: 20 }]);
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn of_a_months_shifts_only_what_is_missing_is_sent_again() {
    let mut desired = vec![support("zhang", &[])];
    desired.extend((2..30).map(|day| shift("zhang", &format!("2026-12-{day:02}"), "09:00", "18:00")));
    let desk = Desk::open(desired).await;
    desk.proxy.judge(lose(CREATE_SHIFTS, proxy::Fate::Part(5, 23)));
    let ran = desk.run().await;
    ran.assert_complete();
    desk.assert_in_sync().await;
    assert_eq!(desk.writes().iter().filter(|request| *request == CREATE_SHIFTS).count(), 2);
    let bodies = desk.proxy.bodies(CREATE_SHIFTS);
    assert_eq!(bodies.iter().map(|body| body.matches("start_time").count()).collect::<Vec<_>>(), [28, 10]);
}

#[tokio::test]
async fn half_a_night_that_was_made_is_completed_in_the_same_run() {
    for half in [0, 1] {
        let desk = Desk::open(vec![support("zhang", &[]), shift("zhang", "2026-12-03", "22:00", "06:00")]).await;
        desk.proxy.judge(lose(CREATE_SHIFTS, proxy::Fate::Part(half, half + 1)));
        let ran = desk.run().await;
        ran.assert_complete();
        let bodies = desk.proxy.bodies(CREATE_SHIFTS);
        assert_eq!(bodies.iter().map(|body| body.matches("start_time").count()).collect::<Vec<_>>(), [2, 1]);
        let entry = desk.entry("shift/zhang/2026-12-03T22:00").unwrap();
        assert_eq!(entry.remotes.len(), 2);
        desk.assert_in_sync().await;
        assert!(desk.ledger().intents.is_empty());
    }
}

#[tokio::test]
async fn a_missing_half_is_written_down_before_it_is_posted_and_not_posted_twice() {
    for how in [proxy::Fate::LoseAnswer, proxy::Fate::LoseRequest] {
        for half in [0, 1] {
            let desk = Desk::open(vec![support("zhang", &[]), shift("zhang", "2026-12-03", "22:00", "06:00")]).await;
            desk.run().await.assert_complete();
            let duty = desk.entry("shift/zhang/2026-12-03T22:00").unwrap().remotes[half].clone();
            desk.client.send(&deskform_applier::writes::duty::delete(&duty)).await.unwrap();
            let path = desk.ledger_path();
            let intended = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
            let seen = std::sync::Arc::clone(&intended);
            let mut fate = lose(CREATE_SHIFTS, how);
            desk.proxy.judge(move |target, body| {
                if target == CREATE_SHIFTS {
                    let files = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|file| file.unwrap().path());
                    let written = files.filter_map(|path| std::fs::read_to_string(path).ok()).any(|text| text.contains("\"intended\""));
                    seen.store(written, std::sync::atomic::Ordering::SeqCst);
                }
                fate(target, body)
            });
            let ran = desk.run().await;
            ran.assert_complete();
            assert!(intended.load(std::sync::atomic::Ordering::SeqCst), "it left before its intent was durable");
            let sent = desk.writes().iter().filter(|request| *request == CREATE_SHIFTS).count();
            assert_eq!(sent, if how == proxy::Fate::LoseAnswer { 1 } else { 2 });
            assert!(desk.ledger().intents.is_empty());
            desk.assert_in_sync().await;
        }
    }
}

#[tokio::test]
async fn what_cannot_be_looked_for_ends_unknown_with_what_to_check() {
    let desk =
        Desk::open(vec![support("zhang", &[]), shift("zhang", "2026-12-02", "09:00", "18:00"), seat("8001", Some("zhang"), &[])]).await;
    let plan = desk.plan().await;
    desk.proxy.judge(|target, _| match target {
        CREATE_SUPPORT => proxy::Fate::LoseRequest,
        target if target.starts_with("GET /api/v1/supports.json") => proxy::Fate::Refuse(400),
        _ => proxy::Fate::Pass,
    });
    let ran = desk.try_apply(plan, &mut |_| {}).await.unwrap();
    let Fate::Unknown(error) = ran.fate("support/zhang") else { panic!("{:?}", ran.fate("support/zhang")) };
    assert!(error.message.contains("looking for what it did failed as well"), "{}", error.message);
    assert!(error.hint.is_some_and(|hint| hint.contains("check on the platform")));
    for blocked in ["shift/zhang/2026-12-02T09:00", "agent/8001"] {
        assert!(matches!(ran.fate(blocked), Fate::Blocked { by } if by.to_string() == "support/zhang"));
    }
    let ledger = desk.ledger();
    assert!(ledger.entries.is_empty());
    assert_eq!(ledger.intents.values().map(|intent| intent.address.to_string()).collect::<Vec<_>>(), ["support/zhang"]);

    desk.proxy.judge(|_, _| proxy::Fate::Pass);
    desk.run().await.assert_complete();
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn a_create_is_sent_three_times_at_most_and_fails_when_no_list_shows_it() {
    let desk = Desk::open(vec![support("zhang", &[])]).await;
    desk.proxy.judge(|target, _| if target == CREATE_SUPPORT { proxy::Fate::LoseRequest } else { proxy::Fate::Pass });
    let ran = desk.run().await;
    assert_eq!(desk.writes().len(), 3);
    let Fate::Failed(error) = ran.fate("support/zhang") else { panic!("{:?}", ran.fate("support/zhang")) };
    assert!(error.message.contains("no list shows it"), "{}", error.message);
    assert!(desk.ledger().intents.is_empty(), "it certainly did not happen");
}

#[tokio::test]
async fn the_same_creation_has_the_same_request_id_and_a_smaller_one_another() {
    let (desk, ran) = three_objects(CREATE_SHIFTS, proxy::Fate::LoseRequest).await;
    ran.assert_complete();
    let ids = desk.proxy.headers(CREATE_SHIFTS, "requestid");
    assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");

    let (desk, ran) = three_objects(CREATE_SHIFTS, proxy::Fate::Part(0, 1)).await;
    ran.assert_complete();
    let ids = desk.proxy.headers(CREATE_SHIFTS, "requestid");
    assert!(ids.len() == 2 && ids[0] != ids[1], "{ids:?}");
}

#[tokio::test]
async fn being_asked_to_wait_is_told() {
    let desk = Desk::open(vec![support("zhang", &[])]).await;
    desk.proxy.judge(lose(CREATE_SUPPORT, proxy::Fate::Busy(1)));
    let ran = desk.run().await;
    ran.assert_complete();
    let told: Vec<&deskform_applier::Pause> =
        ran.events.iter().filter_map(|event| if let Event::Paused(pause) = event { Some(pause) } else { None }).collect();
    let [pause] = told[..] else { panic!("{told:?}") };
    assert_eq!((pause.platform, pause.wait.as_secs()), (deskform_model::Platform::Helpdesk, 1));
    assert!(pause.why.contains("429"), "{}", pause.why);
}

#[tokio::test]
async fn a_refusal_of_the_second_try_is_no_proof_that_the_first_one_failed() {
    let desk = Desk::open(vec![support("zhang", &[])]).await;
    let (mut posts, mut lists) = (0, 0);
    desk.proxy.judge(move |target, _| match target {
        CREATE_SUPPORT => {
            posts += 1;
            if posts == 1 { proxy::Fate::LoseAnswer } else { proxy::Fate::Refuse(409) }
        }
        target if target.starts_with("GET /api/v1/supports.json") => {
            lists += 1;
            // The plan's list, then one that lags.
            if lists == 2 { proxy::Fate::Rewrite("acc-zhang", "acc-other") } else { proxy::Fate::Pass }
        }
        _ => proxy::Fate::Pass,
    });
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(desk.writes().len(), 2);
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn after_ctrl_c_what_is_in_doubt_is_left_to_the_next_run() {
    for how in [proxy::Fate::LoseAnswer, proxy::Fate::LoseRequest] {
        let mut desk = Desk::open(vec![support("zhang", &[])]).await;
        let interrupt = desk.interrupt.clone();
        desk.proxy.judge(move |target, _| {
            if target != CREATE_SUPPORT {
                return proxy::Fate::Pass;
            }
            interrupt.press();
            how
        });
        let ran = desk.run().await;
        assert!(ran.outcome.interrupted);
        assert!(matches!(ran.fate("support/zhang"), Fate::Unknown(_)), "{:?}", ran.fate("support/zhang"));
        assert_eq!((desk.writes().len(), desk.ledger().intents.len()), (1, 1));
        desk.interrupt = Interrupt::new();
        desk.proxy.judge(|_, _| proxy::Fate::Pass);
        desk.run().await.assert_complete();
        assert!(desk.ledger().intents.is_empty());
        desk.assert_in_sync().await;
    }
}

#[tokio::test]
async fn a_repeatable_write_whose_answer_was_lost_is_simply_sent_again() {
    let mut desk = Desk::open(vec![support("zhang", &[])]).await;
    desk.run().await.assert_complete();
    crate::desk::set(&mut desk.desired[0], "mobile", crate::desk::text("1"));
    let id = desk.entry("support/zhang").unwrap().remotes[0].clone();
    let target: &'static str = format!("PUT /api/v1/supports/{id}.json").leak();
    desk.proxy.judge(lose(target, proxy::Fate::LoseAnswer));
    desk.run().await.assert_complete();
    assert_eq!(desk.writes().len(), 2);
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn deleting_what_is_gone_already_counts_as_done() {
    let all = vec![support("zhang", &[]), shift("zhang", "2026-12-02", "09:00", "18:00"), seat("8001", None, &[])];
    let mut desk = Desk::open(all).await;
    desk.run().await.assert_complete();
    desk.policy.destroy = true;
    desk.desired.clear();
    let plan = desk.plan().await;
    assert_eq!(plan.changes.len(), 3);
    // Somebody else is faster.
    for entry in desk.ledger().entries.values() {
        let id = &entry.remotes[0];
        let request = match entry.key.kind() {
            deskform_model::Kind::Shift => deskform_applier::writes::duty::delete(id),
            deskform_model::Kind::Agent => deskform_applier::writes::agent::delete(id),
            _ => continue,
        };
        desk.client.send(&request).await.unwrap();
    }
    let id = desk.entry("support/zhang").unwrap().remotes[0].clone();
    desk.client.send(&deskform_applier::writes::support::delete(&id)).await.unwrap();
    let ran = desk.try_apply(plan, &mut |_| {}).await.unwrap();
    ran.assert_complete();
    assert!(desk.ledger().entries.is_empty());
}
