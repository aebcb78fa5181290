//! Seats that are alike and follow each other: made in one call, and what comes of it when the platform does something else.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deskform_applier::executor::Interrupt;
use deskform_applier::{CredentialsOut, Event, Fate, Request, Whereabouts};
use deskform_model::{Kind, RemoteId, Resource, Value};

use crate::desk::{Desk, Ran, seat, set, text, values, with_password};
use crate::proxy;

const CREATE: &str = "POST /api/v1/config/openapi/agent/create/v2";
const EDIT: &str = "POST /api/v1/config/openapi/agent/edit/v2";
const PAGE: &str = "POST /api/v1/config/openapi/agent/page";

fn seats(numbers: impl IntoIterator<Item = u32>) -> Vec<Resource> {
    numbers.into_iter().map(|number| seat(&number.to_string(), None, &[])).collect()
}

fn creates(desk: &Desk) -> usize {
    desk.writes().iter().filter(|write| *write == CREATE).count()
}

/// How many seats each creation asked for.
fn sizes(desk: &Desk) -> Vec<u64> {
    let size = |body: String| {
        let json: serde_json::Value = serde_json::from_str(&body).unwrap();
        json["batchSize"].as_u64().unwrap_or(1)
    };
    desk.proxy.bodies(CREATE).into_iter().map(size).collect()
}

/// Judges the first creation alone.
fn first_create(how: proxy::Fate) -> impl FnMut(&str, &str) -> proxy::Fate + Send {
    let mut left = 1;
    move |target, _| {
        if left > 0 && target == CREATE {
            left -= 1;
            return how;
        }
        proxy::Fate::Pass
    }
}

/// A seat that somebody else makes.
async fn foreign(desk: &Desk, number: &str, name: &str) {
    let values = values(Kind::Agent, &[("operatorId", text(number)), ("name", text(name)), ("role", text("客服"))]);
    desk.client.send(&deskform_applier::writes::agent::create(&values, None)).await.unwrap();
}

async fn assert_all_are_ours(desk: &Desk, count: usize) {
    let ledger = desk.ledger();
    assert_eq!((ledger.of_kind(Kind::Agent).count(), ledger.intents.len()), (count, 0));
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn ten_seats_are_made_in_one_call_and_a_second_plan_is_empty() {
    let desk = Desk::open(seats(8031..=8040)).await;
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(sizes(&desk), [10]);
    assert_all_are_ours(&desk, 10).await;
    let finished = ran.events.iter().filter(|event| matches!(event, Event::StepFinished { changes, .. } if changes.len() == 10)).count();
    assert_eq!(finished, 1);
}

#[tokio::test]
async fn a_thousand_seats_are_one_call_and_the_next_one_another() {
    let desk = Desk::open(seats(80_001..=81_001)).await;
    desk.run().await.assert_complete();
    assert_eq!(sizes(&desk), [1_000, 1]);
    // Eleven pages to read them back, and nothing a seat.
    assert_eq!(desk.proxy.seen().len(), 2 + 11, "{:?}", desk.proxy.seen());
    assert_all_are_ours(&desk, 1_001).await;
}

#[tokio::test]
async fn seats_that_differ_are_made_apart() {
    let mut desired = seats([8031, 8032, 8034, 8035, 8036, 8037, 8038]);
    set(&mut desired[3], "name", text("组长"));
    desired[6] = with_password(desired[6].clone(), "SEAT", 1);
    let mut desk = Desk::open(desired).await;
    desk.set_variable("SEAT", "chosen-pass");
    desk.run().await.assert_complete();
    // 8031 and 8032; 8034; 8035; 8036 and 8037; 8038.
    let mut sizes = sizes(&desk);
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 1, 1, 2, 2]);
    assert_all_are_ours(&desk, 7).await;
}

#[tokio::test]
async fn what_only_an_edit_can_set_follows_seat_by_seat() {
    let mut desired = seats(8031..=8034);
    set(&mut desired[1], "enabled", Value::Flag(false));
    set(&mut desired[2], "sipNumber", text("8700007777"));
    // A number of its own means a creation without one.
    let desk = Desk::open(desired).await;
    desk.run().await.assert_complete();
    assert_eq!(creates(&desk), 3);
    assert_eq!(desk.writes().iter().filter(|write| *write == EDIT).count(), 2);
    assert_eq!(desk.entry("agent/8032").unwrap().seen.unwrap().named(Kind::Agent, "enabled"), Some(&Value::Flag(false)));
    assert_all_are_ours(&desk, 4).await;
}

#[tokio::test]
async fn an_edit_that_fails_leaves_the_others_of_the_batch_alone() {
    let mut desired = seats(8031..=8034);
    desired.iter_mut().for_each(|seat| set(seat, "enabled", Value::Flag(false)));
    let desk = Desk::open(desired).await;
    desk.proxy.judge(|target, body| match target {
        EDIT if body.contains("8033") => proxy::Fate::Refuse(400),
        _ => proxy::Fate::Pass,
    });
    let ran = desk.run().await;
    assert!(matches!(ran.fate("agent/8033"), Fate::Failed(_)), "{:?}", ran.fate("agent/8033"));
    assert!(ran.fate("agent/8034").is_applied());
    assert_eq!((sizes(&desk), desk.ledger().intents.len()), (vec![4], 0));
    desk.proxy.judge(|_, _| proxy::Fate::Pass);
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(ran.actions(), [("agent/8033".to_owned(), "update")]);
}

#[tokio::test]
async fn the_intents_of_all_seats_are_on_the_disk_before_the_call() {
    let desk = Desk::open(seats(8031..=8230)).await;
    let plan = desk.plan().await;
    let (path, found) = (desk.ledger_path(), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&found);
    desk.proxy.judge(move |target, _| {
        if target == CREATE {
            let folder = path.parent().unwrap();
            let texts = fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap_or_default());
            let written: String = texts.collect();
            seen.store((8031..=8230).filter(|number| written.contains(&format!("agent/{number}\""))).count(), Ordering::SeqCst);
        }
        proxy::Fate::Pass
    });
    desk.try_apply(plan, &mut |_| {}).await.unwrap().assert_complete();
    assert_eq!(found.load(Ordering::SeqCst), 200);
}

#[tokio::test]
async fn a_lost_answer_is_settled_with_one_list() {
    let desk = Desk::open(seats(8031..=8040)).await;
    desk.proxy.judge(first_create(proxy::Fate::LoseAnswer));
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(sizes(&desk), [10]);
    let looks: Vec<&Event> = ran.events.iter().filter(|event| matches!(event, Event::LookingFor { .. })).collect();
    assert_eq!(looks, [&Event::LookingFor { objects: 10 }]);
    assert_eq!(desk.proxy.seen().iter().filter(|request| *request == PAGE).count(), 2, "one list to settle, one to read back");
    assert_all_are_ours(&desk, 10).await;
}

#[tokio::test]
async fn a_lost_request_is_sent_again_as_one_call_and_not_for_ever() {
    let desk = Desk::open(seats(8031..=8040)).await;
    desk.proxy.judge(first_create(proxy::Fate::LoseRequest));
    desk.run().await.assert_complete();
    assert_eq!(sizes(&desk), [10, 10]);
    assert_all_are_ours(&desk, 10).await;

    let desk = Desk::open(seats(8031..=8040)).await;
    desk.proxy.judge(|target, _| if target == CREATE { proxy::Fate::LoseRequest } else { proxy::Fate::Pass });
    let ran = desk.run().await;
    assert_eq!(sizes(&desk), [10, 10, 10]);
    let Fate::Failed(error) = ran.fate("agent/8035") else { panic!("{:?}", ran.fate("agent/8035")) };
    assert!(error.message.ends_with("no list shows it, so it was not made"), "{}", error.message);
    assert!(desk.ledger().intents.is_empty());
}

#[tokio::test]
async fn of_a_lost_answer_to_a_part_only_what_is_missing_is_asked_for_again() {
    let desk = Desk::open(seats(8031..=8040)).await;
    let mut first = true;
    desk.proxy.judge(move |target, _| match target {
        // The call makes four, and its answer is lost.
        CREATE if std::mem::take(&mut first) => proxy::Fate::AskAndLose("\"batchSize\":10", "\"batchSize\":4"),
        _ => proxy::Fate::Pass,
    });
    desk.run().await.assert_complete();
    assert_eq!(sizes(&desk), [10, 6]);
    assert_all_are_ours(&desk, 10).await;
}

#[tokio::test]
async fn what_a_batch_does_not_show_is_looked_for_and_then_made_one_by_one() {
    let desk = Desk::open(seats(8031..=8040)).await;
    desk.proxy.judge(first_create(proxy::Fate::Ask("\"batchSize\":10", "\"batchSize\":6")));
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(sizes(&desk), [10, 1, 1, 1, 1]);
    assert!(ran.events.contains(&Event::LookingFor { objects: 4 }));
    assert_all_are_ours(&desk, 10).await;
}

#[tokio::test]
async fn a_batch_that_answers_other_numbers_is_told_and_the_wanted_ones_are_made() {
    let desk = Desk::open(seats(8031..=8034)).await;
    desk.proxy.judge(first_create(proxy::Fate::Ask("\"operatorId\":\"8031\"", "\"operatorId\":\"8033\"")));
    let ran = desk.run().await;
    ran.assert_complete();
    let others = vec![RemoteId::new("8035").unwrap(), RemoteId::new("8036").unwrap()];
    assert!(ran.events.contains(&Event::Unasked { operator_ids: others }), "{:?}", ran.events);
    assert_eq!(sizes(&desk), [4, 1, 1]);
    assert!(desk.entry("agent/8035").is_none(), "nobody declared it");
    assert_all_are_ours(&desk, 4).await;
}

#[tokio::test]
async fn a_reply_that_shows_no_numbers_or_one_twice_is_settled_by_the_list() {
    for (how, lost) in [
        (proxy::Fate::Rewrite("operatorId", "operatorNo"), 5),
        (proxy::Fate::Rewrite("\"operatorId\":\"8033\"", "\"operatorId\":\"8032\""), 1),
        (proxy::Fate::Rewrite("\"data\":", "\"date\":"), 5),
    ] {
        let desk = Desk::open(seats(8031..=8035)).await;
        desk.proxy.judge(first_create(how));
        let ran = desk.run().await;
        ran.assert_complete();
        assert_eq!(sizes(&desk), [5], "{how:?}");
        // What was made and not shown was made with a password that nobody has.
        assert_eq!(ran.outcome.credentials.seats(Whereabouts::Lost).count(), lost, "{how:?}");
        assert_all_are_ours(&desk, 5).await;
    }
}

#[tokio::test]
async fn a_seat_that_was_shown_and_is_in_no_list_is_told() {
    let desk = Desk::open(seats(8031..=8035)).await;
    let plan = desk.plan().await;
    // Lists show it under another number.
    desk.proxy.judge(|target, _| match target {
        PAGE => proxy::Fate::Rewrite("\"operatorId\":\"8033\"", "\"operatorId\":\"9033\""),
        _ => proxy::Fate::Pass,
    });
    let ran = desk.try_apply(plan, &mut |_| {}).await.unwrap();
    let told: Vec<String> = ran
        .events
        .iter()
        .filter_map(|event| if let Event::NotShown { addresses } = event { Some(addresses) } else { None })
        .flatten()
        .map(ToString::to_string)
        .collect();
    assert_eq!(told, ["agent/8033"]);
}

#[tokio::test]
async fn a_number_that_is_taken_meanwhile_fails_alone_and_is_not_taken_over() {
    let desk = Desk::open(seats(8031..=8040)).await;
    let plan = desk.plan().await;
    foreign(&desk, "8035", "别人").await;
    desk.proxy.clear();
    let ran = desk.try_apply(plan, &mut |_| {}).await.unwrap();
    let Fate::Failed(error) = ran.fate("agent/8035") else { panic!("{:?}", ran.fate("agent/8035")) };
    assert!(error.message.contains("a seat with this number exists by now"), "{}", error.message);
    let failed: Vec<_> = ran.outcome.changes.iter().filter(|change| !change.fate.is_applied()).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(sizes(&desk), [10, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    assert!(desk.entry("agent/8035").is_none() && desk.ledger().intents.is_empty());
    let ran = desk.run().await;
    assert_eq!(ran.actions(), [("agent/8035".to_owned(), "update")], "it is declared, so the next plan takes it over");
}

#[tokio::test]
async fn what_a_refused_batch_has_made_before_it_failed_is_ours() {
    let desk = Desk::open(seats(8031..=8036)).await;
    let plan = desk.plan().await;
    foreign(&desk, "8031", "座席").await;
    foreign(&desk, "8032", "座席").await;
    desk.proxy.clear();
    let ran = desk.try_apply(plan, &mut |_| {}).await.unwrap();
    ran.assert_complete();
    assert_eq!(sizes(&desk), [6, 1, 1, 1, 1]);
    assert_all_are_ours(&desk, 6).await;
}

#[tokio::test]
async fn a_mistake_that_all_share_is_sent_twice_and_not_a_thousand_times() {
    let desk = Desk::open(seats(8031..=8230)).await;
    desk.proxy.judge(|target, _| if target == CREATE { proxy::Fate::Refuse(400) } else { proxy::Fate::Pass });
    let ran = desk.run().await;
    assert_eq!(sizes(&desk), [200, 1]);
    let Fate::Failed(error) = ran.fate("agent/8100") else { panic!("{:?}", ran.fate("agent/8100")) };
    assert!(error.message.starts_with("refused like agent/8031: "), "{}", error.message);
    assert!(desk.ledger().intents.is_empty() && desk.ledger().entries.is_empty());
}

#[tokio::test]
async fn credentials_that_are_not_accepted_end_a_batch_without_another_call() {
    let desk = Desk::open(seats(8031..=8040)).await;
    desk.proxy.judge(|target, _| if target == CREATE { proxy::Fate::Refuse(401) } else { proxy::Fate::Pass });
    let ran = desk.run().await;
    assert_eq!(sizes(&desk), [10]);
    assert!(ran.outcome.changes.iter().all(|change| matches!(change.fate, Fate::Failed(_))));
    assert!(desk.ledger().intents.is_empty());
}

#[tokio::test]
async fn a_list_that_cannot_be_read_leaves_the_intents_to_the_next_run() {
    let desk = Desk::open(seats(8031..=8040)).await;
    let plan = desk.plan().await;
    let mut lists = 0;
    desk.proxy.judge(move |target, _| match target {
        CREATE => proxy::Fate::Ask("\"batchSize\":10", "\"batchSize\":6"),
        PAGE => {
            lists += 1;
            if lists <= 3 { proxy::Fate::Refuse(400) } else { proxy::Fate::Pass }
        }
        _ => proxy::Fate::Pass,
    });
    let ran = desk.try_apply(plan, &mut |_| {}).await.unwrap();
    assert!(ran.fate("agent/8036").is_applied());
    assert!(matches!(ran.fate("agent/8037"), Fate::Unknown(_)), "{:?}", ran.fate("agent/8037"));
    assert_eq!(desk.ledger().intents.len(), 4);
    desk.proxy.judge(|_, _| proxy::Fate::Pass);
    desk.run().await.assert_complete();
    assert_all_are_ours(&desk, 10).await;
}

#[tokio::test]
async fn credentials_of_every_seat_of_a_batch_are_handed_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(seats(8031..=8130)).await;
    let out = CredentialsOut { path: folder.path().join("seats.jsonl"), recipients: Vec::new() };
    desk.credentials = Some(out.clone());
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(sizes(&desk), [100]);
    let text = fs::read_to_string(&out.path).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let addresses: BTreeSet<String> = lines.iter().map(|line| line["address"].to_string()).collect();
    let passwords: BTreeSet<String> = lines.iter().map(|line| line["operatorPassword"].to_string()).collect();
    assert_eq!((lines.len(), addresses.len(), passwords.len()), (100, 100, 100));
    assert_eq!(ran.outcome.credentials.seats(Whereabouts::HandedOver).count(), 100);
}

#[tokio::test]
async fn seats_with_one_password_are_made_together_and_none_is_generated() {
    let desired = seats(8031..=8033).into_iter().map(|seat| with_password(seat, "FIRST_DAY", 1)).collect();
    let mut desk = Desk::open(desired).await;
    desk.set_variable("FIRST_DAY", "chosen-pass");
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(sizes(&desk), [3]);
    assert!(ran.outcome.credentials.seats.iter().all(|seat| !seat.password));
    assert_all_are_ours(&desk, 3).await;
}

#[tokio::test]
async fn a_first_ctrl_c_finishes_the_batch_and_the_next_run_the_rest() {
    let mut desired = seats(8031..=8060);
    desired.iter_mut().for_each(|seat| set(seat, "enabled", Value::Flag(false)));
    let desk = Desk::open(desired).await;
    let (interrupt, mut pressed) = (desk.interrupt.clone(), false);
    desk.proxy.judge(move |target, _| {
        if target == EDIT && !std::mem::replace(&mut pressed, true) {
            interrupt.press();
        }
        proxy::Fate::Pass
    });
    let plan = desk.plan().await;
    let ran: Ran = desk.try_apply(plan, &mut |_| {}).await.unwrap();
    assert!(ran.outcome.interrupted);
    let ledger = desk.ledger();
    assert_eq!((ledger.of_kind(Kind::Agent).count(), ledger.intents.len()), (30, 0), "all exist, and the ledger knows it");
    assert!(ran.outcome.changes.iter().any(|change| matches!(&change.fate, Fate::Failed(error) if error.message.starts_with("it exists"))));
}

#[tokio::test]
async fn a_second_ctrl_c_leaves_the_intents_and_the_next_run_owns_what_exists() {
    let mut desk = Desk::open(seats(8031..=8060)).await;
    let (interrupt, plan) = (desk.interrupt.clone(), desk.plan().await);
    desk.proxy.judge(move |target, _| {
        if target == CREATE {
            interrupt.press();
            interrupt.press();
            return proxy::Fate::LoseAnswer;
        }
        proxy::Fate::Pass
    });
    let ran = desk.try_apply(plan, &mut |_| {}).await.unwrap();
    assert!(ran.outcome.changes.iter().all(|change| matches!(change.fate, Fate::Unknown(_))));
    assert_eq!(desk.ledger().intents.len(), 30);
    desk.proxy.judge(|_, _| proxy::Fate::Pass);
    desk.interrupt = Interrupt::new();
    // Whether the call was carried out before the run ended is up to the sandbox.
    desk.run().await.assert_complete();
    assert_all_are_ours(&desk, 30).await;
}

/// What scripts cannot see: the request itself.
#[test]
fn a_batch_is_asked_for_by_its_first_number() {
    let values = values(Kind::Agent, &[("operatorId", text("0099")), ("role", text("客服"))]);
    let request: Request = deskform_applier::writes::agent::create_batch(&values, None, 12);
    let body = request.body.unwrap().json().into_owned();
    assert_eq!((&body["operatorId"], &body["batchFlag"], &body["batchSize"]), (&"0099".into(), &1.into(), &12.into()));
}
