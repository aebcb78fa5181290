//! From nothing to everything.

use deskform_applier::Event;
use deskform_model::{FieldKey, Kind, NaturalKey, Person, Value};

use crate::desk::{Desk, permission, seat, shift, support, text, with_password};
use crate::proxy;

fn everything() -> Vec<deskform_model::Resource> {
    vec![
        support("zhang", &[("email", text("zhang@example.com")), ("groups", Value::set(["2".into(), "1".into()]))]),
        permission("zhang", true),
        shift("zhang", "2026-12-02", "09:00", "18:00"),
        shift("zhang", "2026-12-03", "22:00", "06:00"),
        shift("zhang", "2026-12-05", "16:00", "00:00"),
        seat("8001", Some("zhang"), &[("skillGroup", text("售后")), ("enabled", Value::Flag(false)), ("sipNumber", text("8700007777"))]),
    ]
}

#[tokio::test]
async fn everything_is_created_and_a_second_plan_is_empty() {
    let mut desk = Desk::open(everything()).await;
    desk.revision = "4f2c";
    let ran = desk.run().await;
    ran.assert_complete();
    desk.assert_in_sync().await;
    let ledger = desk.ledger();
    assert_eq!((ledger.entries.len(), ledger.intents.len()), (6, 0));
    assert_eq!(ledger.revision, "4f2c");
}

#[tokio::test]
async fn what_refers_to_a_person_goes_out_after_the_person() {
    let desk = Desk::open(everything()).await;
    desk.run().await.assert_complete();
    let writes = desk.writes();
    assert_eq!(writes[0], "POST /api/v1/supports.json", "{writes:?}");
    assert_eq!(writes.iter().filter(|request| *request == "POST /api/v1/schedules.json").count(), 1, "{writes:?}");
}

#[tokio::test]
async fn ids_of_new_people_reach_their_permission_shifts_and_seat() {
    let desk = Desk::open(everything()).await;
    desk.run().await.assert_complete();
    let id = desk.entry("support/zhang").unwrap().remotes[0].clone();
    assert_eq!(desk.entry("permission/zhang/callCenter").unwrap().remotes[0], id);
    assert_eq!(desk.entry("agent/8001").unwrap().support, Some(id.clone()));
    let shift = desk.entry("shift/zhang/2026-12-02T09:00").unwrap();
    assert!(matches!(shift.key, NaturalKey::Shift { person: Person::Id(person), .. } if person == *id.text()));
}

#[tokio::test]
async fn an_overnight_shift_is_one_entry_with_two_duties() {
    let desk = Desk::open(everything()).await;
    desk.run().await.assert_complete();
    let night = desk.entry("shift/zhang/2026-12-03T22:00").unwrap();
    assert_eq!(night.remotes.len(), 2);
    assert!(night.remotes[0].as_str().contains("2026-12-03") && night.remotes[1].as_str().contains("2026-12-04"), "{:?}", night.remotes);
    assert_eq!(night.seen.unwrap().named(Kind::Shift, "end"), Some(&text("06:00")));
}

#[tokio::test]
async fn a_seat_gets_what_only_an_edit_can_set_in_the_same_step() {
    let desk = Desk::open(
        vec![everything().pop().unwrap()]
            .into_iter()
            .map(|mut seat| {
                seat.support = None;
                seat
            })
            .collect(),
    )
    .await;
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(desk.writes(), ["POST /api/v1/config/openapi/agent/create/v2", "POST /api/v1/config/openapi/agent/edit/v2"]);
    let seen = desk.entry("agent/8001").unwrap().seen.unwrap();
    assert_eq!(seen.named(Kind::Agent, "enabled"), Some(&Value::Flag(false)));
    assert_eq!(seen.named(Kind::Agent, "sipNumber"), Some(&text("8700007777")));
    let edit = desk.sandbox.journal().into_iter().find(|entry| entry.path.ends_with("edit/v2")).unwrap();
    assert!(!edit.body.contains("mainGroupName"), "the initial skill made it the main group: {}", edit.body);
}

#[tokio::test]
async fn a_seat_that_came_as_declared_is_not_edited() {
    let desk =
        Desk::open(vec![seat("8001", None, &[("skillGroup", text("售后")), ("enabled", Value::Flag(true)), ("sipNumber", Value::Null)])])
            .await;
    desk.run().await.assert_complete();
    assert_eq!(desk.writes(), ["POST /api/v1/config/openapi/agent/create/v2"]);
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn shifts_of_one_person_share_a_request_and_those_of_two_do_not() {
    let mut desired = vec![support("zhang", &[]), support("li", &[])];
    for day in 2..=12 {
        desired.push(shift("zhang", &format!("2026-12-{day:02}"), "09:00", "18:00"));
        desired.push(shift("li", &format!("2026-12-{day:02}"), "09:00", "18:00"));
    }
    let desk = Desk::open(desired).await;
    desk.run().await.assert_complete();
    assert_eq!(desk.writes().iter().filter(|request| request.contains("schedules")).count(), 2);
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn a_value_that_the_platform_rewrites_is_told_once_and_counts_as_in_sync() {
    let mut person = support("zhang", &[]);
    // The sandbox's field_1 is a drop-down: written as a label, read as an id (api-spec.md H9).
    person.values.insert(FieldKey::Custom("field_1".into()), text("下拉选项内容"));
    let mut desk = Desk::open(vec![person]).await;
    let ran = desk.run().await;
    ran.assert_complete();
    let rewritten = |events: &[Event]| events.iter().filter(|event| matches!(event, Event::Rewritten { .. })).cloned().collect::<Vec<_>>();
    let [Event::Rewritten { field, shown, .. }] = &rewritten(&ran.events)[..] else { panic!("{:?}", ran.events) };
    assert_eq!((field.as_str(), shown), ("customFields.field_1", &text("4464896")));
    desk.assert_in_sync().await;

    crate::desk::set(&mut desk.desired[0], "mobile", text("13200000000"));
    let ran = desk.run().await;
    ran.assert_complete();
    assert_eq!(rewritten(&ran.events), [], "it was said before");
}

#[tokio::test]
async fn passwords_are_sent_and_leave_no_trace() {
    let mut desk =
        Desk::open(vec![with_password(support("zhang", &[]), "STAFF", 1), with_password(seat("8001", None, &[]), "SEAT", 1)]).await;
    desk.set_variable("STAFF", "planted-staff");
    desk.set_variable("SEAT", "planted-seat");
    let ran = desk.run().await;
    ran.assert_complete();
    let bodies: Vec<String> = desk.sandbox.journal().into_iter().map(|entry| entry.body).collect();
    assert!(bodies.iter().any(|body| body.contains("planted-staff")) && bodies.iter().any(|body| body.contains("planted-seat")));
    assert!(!format!("{:?} {:?} {:?}", ran.events, ran.outcome, ran.plan).contains("planted"));
    for file in std::fs::read_dir(desk.ledger_path().parent().unwrap()).unwrap() {
        assert!(!std::fs::read_to_string(file.unwrap().path()).unwrap().contains("planted"));
    }
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn shifts_that_lists_show_under_other_ids_are_found_and_owned_under_those() {
    let desk = Desk::open(vec![
        support("zhang", &[]),
        shift("zhang", "2026-12-02", "09:00", "18:00"),
        shift("zhang", "2026-12-02", "22:00", "06:00"),
    ])
    .await;
    desk.proxy.judge(|target, _| match target {
        "POST /api/v1/schedules.json" => proxy::Fate::Rewrite("_2026-12-02_", "_2026-12-02-"),
        _ => proxy::Fate::Pass,
    });
    let ran = desk.run().await;
    ran.assert_complete();
    assert!(!ran.events.iter().any(|event| matches!(event, Event::NotShown { .. })));
    let day = desk.entry("shift/zhang/2026-12-02T09:00").unwrap();
    assert!(day.remotes[0].as_str().contains("_2026-12-02_"), "{:?}", day.remotes);
    assert_eq!(desk.ledger().of_kind(Kind::Shift).count(), 2);
    desk.assert_in_sync().await;
}
