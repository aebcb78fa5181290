//! Steps that fail, and what they take with them.

use deskform_applier::executor::ApplyError;
use deskform_applier::{Event, Fate, Patience, Reader, observe_and_heal};
use deskform_model::{Kind, Platform, Value};
use deskform_planner::Needs;
use deskform_planner::policy::Absence;

use crate::desk::{Desk, NOW, permission, seat, set, shift, support, text, with_password};
use crate::proxy;

#[tokio::test]
async fn a_failed_step_blocks_only_what_depends_on_it() {
    let mut desk = Desk::open(vec![
        support("li", &[]),
        shift("li", "2026-12-02", "09:00", "18:00"),
        support("zhang", &[]),
        permission("zhang", true),
        shift("zhang", "2026-12-02", "09:00", "18:00"),
        seat("8001", Some("zhang"), &[]),
        seat("8002", None, &[]),
    ])
    .await;
    desk.proxy.judge(|target, body| match target {
        "POST /api/v1/supports.json" if body.contains("acc-zhang") => proxy::Fate::Refuse(409),
        _ => proxy::Fate::Pass,
    });
    desk.revision = "4f2c";
    let ran = desk.run().await;
    let Fate::Failed(error) = ran.fate("support/zhang") else { panic!("{:?}", ran.fate("support/zhang")) };
    assert_eq!((error.status, error.code.as_deref()), (Some(409), Some("409")));
    assert!(error.message.contains("scripted"), "{}", error.message);
    for blocked in ["permission/zhang/callCenter", "shift/zhang/2026-12-02T09:00", "agent/8001"] {
        assert!(matches!(ran.fate(blocked), Fate::Blocked { by } if by.to_string() == "support/zhang"), "{blocked}");
    }
    for applied in ["support/li", "shift/li/2026-12-02T09:00", "agent/8002"] {
        assert!(ran.fate(applied).is_applied(), "{applied}");
    }
    assert!(!ran.outcome.is_complete());
    let ledger = desk.ledger();
    assert_eq!((ledger.entries.len(), ledger.intents.len()), (3, 0), "a refused create leaves no intent");
    assert_eq!(ledger.revision, "4f2c", "a part of a revision is there, which a branch without it must not plan away");

    desk.proxy.judge(|_, _| proxy::Fate::Pass);
    desk.run().await.assert_complete();
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn a_seat_whose_completion_failed_is_owned_and_completed_by_the_next_run() {
    let desk = Desk::open(vec![seat("8001", None, &[("enabled", Value::Flag(false))])]).await;
    desk.proxy.judge(|target, _| if target.ends_with("edit/v2") { proxy::Fate::Refuse(400) } else { proxy::Fate::Pass });
    let ran = desk.run().await;
    assert!(matches!(ran.fate("agent/8001"), Fate::Failed(_)));
    let entry = desk.entry("agent/8001").unwrap();
    assert_eq!(entry.set.named(Kind::Agent, "enabled"), None, "it was not sent with success");
    assert!(desk.ledger().intents.is_empty());

    desk.proxy.judge(|_, _| proxy::Fate::Pass);
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(desk.writes(), ["POST /api/v1/config/openapi/agent/edit/v2"]);
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn access_that_could_not_be_closed_is_named() {
    let mut desk = Desk::open(vec![support("zhang", &[]), permission("zhang", true)]).await;
    desk.run().await.assert_complete();
    set(&mut desk.desired[1], "enabled", Value::Flag(false));
    desk.proxy.judge(|target, _| if target.contains("permissions") { proxy::Fate::Refuse(403) } else { proxy::Fate::Pass });
    let ran = desk.run().await;
    let open: Vec<String> = ran.outcome.open_access().map(|change| change.address.to_string()).collect();
    assert_eq!(open, ["permission/zhang/callCenter"]);
    assert_eq!(desk.entry("permission/zhang/callCenter").unwrap().set.named(Kind::Permission, "enabled"), Some(&Value::Flag(true)));
}

#[tokio::test]
async fn changing_what_has_gone_since_the_plan_is_stale() {
    let mut desk = Desk::open(vec![support("zhang", &[]), seat("8001", None, &[])]).await;
    desk.run().await.assert_complete();
    set(&mut desk.desired[0], "mobile", text("1"));
    set(&mut desk.desired[1], "callerId", text("1"));
    let plan = desk.plan().await;
    desk.client.send(&deskform_applier::writes::agent::delete(&desk.entry("agent/8001").unwrap().remotes[0])).await.unwrap();
    let ran = desk.try_apply(plan, &mut |_| {}).await.unwrap();
    assert!(matches!(ran.fate("agent/8001"), Fate::Stale(_)), "{:?}", ran.fate("agent/8001"));
    assert!(ran.fate("support/zhang").is_applied());
}

#[tokio::test]
async fn a_field_that_somebody_changed_during_the_run_is_named_and_stays_drift() {
    let with = |mobile: &str| support("zhang", &[("mobile", text(mobile)), ("qq", text("5"))]);
    let mut desk = Desk::open(vec![with("1"), seat("8001", None, &[])]).await;
    desk.run().await.assert_complete();
    desk.desired[0] = with("2");
    set(&mut desk.desired[1], "callerId", text("1"));
    let plan = desk.plan().await;
    let id = desk.entry("support/zhang").unwrap().remotes[0].clone();
    let field = deskform_planner::plan::FieldChange {
        field: Kind::Support.key("qq").unwrap(),
        before: deskform_planner::plan::Before::Unknown,
        after: text("6"),
        why: deskform_planner::plan::FieldReason::Drift,
    };
    let edit = deskform_applier::writes::support::update(&id, &with("1").values, &[field]).unwrap();
    desk.client.send(&edit).await.unwrap();
    let ran = desk.try_apply(plan, &mut |_| {}).await.unwrap();
    let Fate::Stale(error) = ran.fate("support/zhang") else { panic!("{:?}", ran.fate("support/zhang")) };
    assert!(error.message.contains("qq") && !error.message.contains("mobile"), "{}", error.message);
    assert!(ran.fate("agent/8001").is_applied() && !ran.outcome.is_complete());
    let next = desk.plan().await;
    let [change] = &next.changes[..] else { panic!("{next:?}") };
    assert!(matches!(&change.action, deskform_planner::Action::Update { fields, .. } if fields.len() == 1), "{change:?}");
    desk.run().await.assert_complete();
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn wrong_credentials_are_not_tried_over_and_over() {
    let desired = (0..300).map(|n| support(&format!("p{n}"), &[])).collect();
    let desk = Desk::open(desired).await;
    desk.proxy.judge(|target, _| if target.starts_with("POST") { proxy::Fate::Refuse(401) } else { proxy::Fate::Pass });
    let ran = desk.run().await;
    assert!(desk.writes().len() <= 16, "what was under way was finished, and nothing else was started: {}", desk.writes().len());
    assert!(ran.outcome.changes.iter().any(|change| change.fate == Fate::NotStarted));
    assert!(desk.ledger().intents.is_empty());
}

#[tokio::test]
async fn a_missing_secret_is_named_with_its_variable_and_nothing_is_sent() {
    let mut desk = Desk::open(vec![support("li", &[]), with_password(seat("8001", None, &[]), "SEAT_8001", 1)]).await;
    desk.set_variable("OTHER", "x");
    let plan = desk.plan().await;
    let Err(error) = desk.try_apply(plan, &mut |_| {}).await else { panic!("it went on") };
    assert!(matches!(error, ApplyError::Secrets(_)));
    let text = error.to_string();
    assert!(text.contains("SEAT_8001") && text.contains("agent/8001"), "{text}");
    assert_eq!(desk.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_and_blocks_its_dependents() {
    let mut desk = Desk::open(vec![support("zhang", &[])]).await;
    desk.run().await.assert_complete();
    // A fixed field that differs: the account is the key, so a support's password version serves.
    desk.desired = vec![with_password(support("zhang", &[]), "STAFF", 1)];
    desk.set_variable("STAFF", "planted-staff");
    desk.run().await;
    desk.desired = vec![with_password(support("zhang", &[]), "STAFF", 2), permission("zhang", true)];
    let ran = desk.run().await;
    assert_eq!(ran.fate("support/zhang"), &Fate::Refused);
    assert!(matches!(ran.fate("permission/zhang/callCenter"), Fate::Blocked { .. }));
    assert!(desk.writes().is_empty());
    assert!(ran.events.iter().any(|event| matches!(event, Event::StepFinished { changes, .. } if changes[0].2 == Fate::Refused)));
    assert!(!ran.outcome.is_complete());
}

#[tokio::test]
async fn a_code_that_nobody_explains_is_no_proof_that_a_seat_is_gone() {
    let mut desk = Desk::open(vec![seat("8001", None, &[])]).await;
    desk.run().await.assert_complete();
    desk.policy.absence.insert(Kind::Agent, Absence::Delete);
    desk.desired.clear();
    // Busy, say: the platform refuses to delete the seat and to show it, both with a code of its own.
    desk.proxy.judge(
        |target, _| if target.ends_with("del/v2") || target.ends_with("one/v2") { proxy::Fate::Refuse(250) } else { proxy::Fate::Pass },
    );
    let ran = desk.run().await;
    assert!(matches!(ran.fate("agent/8001"), Fate::Failed(_)), "{:?}", ran.fate("agent/8001"));
    assert!(desk.entry("agent/8001").is_some(), "it is still there, and still ours");
    desk.proxy.judge(|_, _| proxy::Fate::Pass);
    desk.run().await.assert_complete();
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn a_shift_whose_name_the_platform_rewrites_is_made_once() {
    let desk = Desk::open(vec![support("zhang", &[]), shift("zhang", "2026-12-02", "09:00", "18:00")]).await;
    // Every reply and every list shows another name than the one that was sent.
    desk.proxy.judge(|target, _| if target.contains("schedules.json") { proxy::Fate::Rewrite("早班", "晨班") } else { proxy::Fate::Pass });
    desk.run().await.assert_complete();
    assert_eq!(desk.writes().iter().filter(|write| write.starts_with("POST /api/v1/schedules")).count(), 1, "{:?}", desk.writes());
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn being_asked_to_wait_while_platforms_are_read_is_told() {
    let desk = Desk::open(vec![support("zhang", &[])]).await;
    let (mut asked, mut told) = (0, Vec::new());
    desk.proxy.judge(move |_, _| {
        asked += 1;
        if asked == 1 { proxy::Fate::Busy(1) } else { proxy::Fate::Pass }
    });
    let (ledger, needs) = (desk.ledger(), Needs { supports: true, ..Needs::default() });
    let (reader, patience) = (Reader::new(desk.client.clone()), Patience { now: NOW.parse().unwrap(), settle: desk.settle, wait: false });
    observe_and_heal(&reader, &needs, &ledger, patience, &mut |_| {}, &mut |event| told.push(event)).await.unwrap();
    let [Event::Paused(pause)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((pause.platform, pause.wait.as_secs()), (Platform::Helpdesk, 1));
}
