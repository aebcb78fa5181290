//! Changing and removing what exists.

use deskform_applier::{Event, Fate};
use deskform_model::{Kind, Value};
use deskform_planner::policy::Absence;

use crate::desk::{Desk, absent, permission, seat, set, shift, support, text, with_password};

async fn applied(desired: Vec<deskform_model::Resource>) -> Desk {
    let desk = Desk::open(desired).await;
    desk.run().await.assert_complete();
    desk
}

#[tokio::test]
async fn only_changed_fields_are_sent() {
    let mut desk = applied(vec![support("zhang", &[("mobile", text("1"))]), seat("8001", None, &[("callerId", text("1"))])]).await;
    set(&mut desk.desired[0], "mobile", text("2"));
    set(&mut desk.desired[1], "callerId", text("2"));
    desk.sandbox.clear_journal();
    desk.run().await.assert_complete();
    let bodies: Vec<String> = desk
        .sandbox
        .journal()
        .into_iter()
        .filter(|entry| entry.method == "PUT" || entry.path.ends_with("edit/v2"))
        .map(|entry| entry.body)
        .collect();
    assert_eq!(bodies.len(), 2);
    assert!(bodies.contains(&r#"{"support":{"mobile":"2"}}"#.to_owned()), "{bodies:?}");
    assert!(bodies.iter().any(|body| body.contains("showcaller") && !body.contains("\"name\"")), "{bodies:?}");
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn a_permission_is_switched_off_when_it_is_no_longer_declared() {
    let mut desk = applied(vec![support("zhang", &[]), permission("zhang", true)]).await;
    desk.desired.pop();
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(ran.actions(), [("permission/zhang/callCenter".to_owned(), "delete")]);
    let last = desk.sandbox.journal().into_iter().rfind(|entry| entry.path.contains("permissions")).unwrap();
    assert_eq!(last.body, r#"{"permission":{"mType":"4","state":"1"}}"#);
    assert!(desk.entry("permission/zhang/callCenter").is_none());
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn a_day_shift_that_becomes_a_night_shift_gets_a_second_duty_and_loses_it_again() {
    let mut desk = applied(vec![support("zhang", &[]), shift("zhang", "2026-12-03", "22:00", "23:00")]).await;
    set(&mut desk.desired[1], "end", text("06:00"));
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(ran.actions()[0].1, "update");
    assert_eq!(desk.entry("shift/zhang/2026-12-03T22:00").unwrap().remotes.len(), 2);
    desk.assert_in_sync().await;

    set(&mut desk.desired[1], "end", text("23:30"));
    desk.run().await.assert_complete();
    assert_eq!(desk.entry("shift/zhang/2026-12-03T22:00").unwrap().remotes.len(), 1);
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn half_of_a_night_shift_that_vanished_is_made_again() {
    let desk = applied(vec![support("zhang", &[]), shift("zhang", "2026-12-03", "22:00", "06:00")]).await;
    let night = desk.entry("shift/zhang/2026-12-03T22:00").unwrap();
    for half in &night.remotes {
        desk.client.send(&deskform_applier::writes::duty::delete(half)).await.unwrap();
        let ran = desk.run().await;
        ran.assert_complete();
        let entry = desk.entry("shift/zhang/2026-12-03T22:00").unwrap();
        assert_eq!(entry.remotes.len(), 2);
        assert!(!entry.remotes.contains(half));
        assert_eq!(desk.ledger().of_kind(Kind::Shift).count(), 1);
        desk.assert_in_sync().await;
    }
}

#[tokio::test]
async fn shifts_that_are_no_longer_declared_are_deleted_both_halves() {
    let mut desk = applied(vec![support("zhang", &[]), shift("zhang", "2026-12-03", "22:00", "06:00")]).await;
    desk.desired.pop();
    desk.run().await.assert_complete();
    assert_eq!(desk.writes().iter().filter(|request| request.starts_with("DELETE")).count(), 2);
    assert_eq!(desk.ledger().of_kind(Kind::Shift).count(), 0);
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn a_person_goes_last_into_the_bin_and_comes_back_from_it() {
    let all = vec![support("zhang", &[("mobile", text("1"))]), permission("zhang", true), seat("8001", Some("zhang"), &[])];
    let mut desk = applied(all.clone()).await;
    let id = desk.entry("support/zhang").unwrap().remotes[0].clone();
    desk.policy.absence.insert(Kind::Agent, Absence::Delete);
    desk.desired = vec![absent(support("zhang", &[]))];
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(desk.writes().last().unwrap(), &format!("DELETE /api/v1/supports/{id}.json"), "{:?}", desk.writes());
    let ledger = desk.ledger();
    assert_eq!((ledger.entries.len(), ledger.recycled.len()), (0, 1));
    desk.assert_in_sync().await;

    desk.desired = all;
    set(&mut desk.desired[0], "mobile", text("2"));
    let ran = desk.run().await;
    ran.assert_complete();
    assert!(ran.actions().contains(&("support/zhang".to_owned(), "restore")), "{:?}", ran.actions());
    assert_eq!(desk.entry("support/zhang").unwrap().remotes, [id]);
    assert!(desk.ledger().recycled.is_empty());
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn access_is_closed_before_anything_else_goes_out() {
    let mut desired: Vec<_> = (0..6).map(|n| support(&format!("p{n}"), &[])).collect();
    desired.push(support("zhang", &[]));
    desired.push(permission("zhang", true));
    let mut desk = applied(desired).await;
    for person in &mut desk.desired[..6] {
        set(person, "mobile", text("2"));
    }
    desk.desired.pop();
    let ran = desk.run().await;
    ran.assert_complete();
    let first = ran
        .events
        .iter()
        .find_map(|event| if let Event::StepStarted { changes, .. } = event { Some(changes[0].1.to_string()) } else { None });
    assert_eq!(first.unwrap(), "permission/zhang/callCenter");
}

#[tokio::test]
async fn a_new_version_of_a_seats_password_is_sent_as_md5() {
    let mut desk = Desk::open(vec![with_password(seat("8001", None, &[]), "SEAT", 1)]).await;
    desk.set_variable("SEAT", "planted-seat");
    desk.run().await.assert_complete();
    desk.desired = vec![with_password(seat("8001", None, &[]), "SEAT", 2)];
    desk.run().await.assert_complete();
    assert_eq!(desk.writes(), ["POST /api/v1/config/openapi/agent/editPwd"]);
    let body = desk.sandbox.journal().into_iter().rfind(|entry| entry.path.ends_with("editPwd")).unwrap().body;
    assert!(!body.contains("planted") && body.contains("\"password\":\""), "{body}");
    assert_eq!(desk.entry("agent/8001").unwrap().set.named(Kind::Agent, "password"), Some(&Value::Secret { version: 2 }));
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn a_take_over_and_a_move_write_the_ledger_alone() {
    let mut desk = applied(vec![support("zhang", &[])]).await;
    std::fs::remove_file(desk.ledger_path()).unwrap();
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!((ran.actions()[0].1, desk.writes().len()), ("record", 0));
    desk.assert_in_sync().await;

    desk.desired[0].address = deskform_model::Address::support("zhang-san");
    desk.run().await.assert_complete();
    assert_eq!((desk.writes().len(), desk.ledger().entries.len()), (0, 1));
    assert!(desk.entry("support/zhang-san").is_some());
    desk.assert_in_sync().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_somebody_removes_during_the_run_ends_stale() {
    let mut desk = applied(vec![support("zhang", &[]), support("li", &[]), seat("8001", None, &[]), seat("8002", None, &[])]).await;
    let (person, number) = (desk.entry("support/zhang").unwrap().remotes[0].clone(), desk.entry("agent/8001").unwrap().remotes[0].clone());
    for resource in &mut desk.desired[..2] {
        set(resource, "mobile", text("2"));
    }
    for resource in &mut desk.desired[2..] {
        set(resource, "boundPhone", text("13240000000"));
    }
    let (plan, client) = (desk.plan().await, desk.client.clone());
    let mut there = true;
    let mut watch = |event: &Event| {
        // Everything is written, and nothing is read back yet.
        if matches!(event, Event::ReadBack { .. }) && std::mem::take(&mut there) {
            let removed = async {
                client.send(&deskform_applier::writes::support::delete(&person)).await.unwrap();
                client.send(&deskform_applier::writes::agent::delete(&number)).await.unwrap();
            };
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(removed));
        }
    };
    let ran = desk.try_apply(plan, &mut watch).await.unwrap();
    for (address, what) in [("support/zhang", "recycle bin"), ("agent/8001", "somebody removed it")] {
        let Fate::Stale(error) = ran.fate(address) else { panic!("{address}: {:?}", ran.fate(address)) };
        assert!(error.message.contains(what), "{}", error.message);
    }
    assert!(ran.fate("support/li").is_applied() && ran.fate("agent/8002").is_applied());
    assert!(!ran.events.iter().any(|event| matches!(event, Event::NotShown { .. })), "{:?}", ran.events);
    desk.run().await.assert_complete();
    desk.assert_in_sync().await;
}
