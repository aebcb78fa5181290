//! Creates whose answers are lost: looked for, taken over when found, never sent twice.

use deskform_applier::Fate;

use crate::desk::{Desk, seat, shift, support};
use crate::proxy;

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
async fn a_create_that_is_not_found_stays_an_open_intent_and_blocks_its_dependents() {
    let (desk, ran) = three_objects("POST /api/v1/supports.json", proxy::Fate::LoseRequest).await;
    assert!(matches!(ran.fate("support/zhang"), Fate::Unknown(_)), "{:?}", ran.fate("support/zhang"));
    for blocked in ["shift/zhang/2026-12-02T09:00", "agent/8001"] {
        assert!(matches!(ran.fate(blocked), Fate::Blocked { by } if by.to_string() == "support/zhang"));
    }
    let ledger = desk.ledger();
    assert!(ledger.entries.is_empty());
    assert_eq!(ledger.intents.values().map(|intent| intent.address.to_string()).collect::<Vec<_>>(), ["support/zhang"]);
}

#[tokio::test]
async fn shifts_that_are_not_found_stay_open_intents_one_each() {
    let (desk, ran) = three_objects("POST /api/v1/schedules.json", proxy::Fate::LoseRequest).await;
    assert!(matches!(ran.fate("shift/zhang/2026-12-02T09:00"), Fate::Unknown(_)));
    assert!(ran.fate("agent/8001").is_applied(), "nothing else is blocked");
    assert_eq!(desk.ledger().intents.len(), 2);
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
