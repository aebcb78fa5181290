//! Credentials that the call centre generates: where they go, and when.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use deskform_applier::{CredentialsError, CredentialsOut, Fate, Whereabouts};
use deskform_model::Value;
use serde_json::Value as Json;

use crate::desk::{Desk, seat, with_password};
use crate::proxy;

const CREATE: &str = "POST /api/v1/config/openapi/agent/create/v2";
const EDIT: &str = "POST /api/v1/config/openapi/agent/edit/v2";

fn open_file(folder: &tempfile::TempDir) -> CredentialsOut {
    CredentialsOut { path: folder.path().join("seats.jsonl"), recipients: Vec::new() }
}

fn sealed_file(path: PathBuf) -> (age::x25519::Identity, CredentialsOut) {
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public().to_string().parse().unwrap();
    (identity, CredentialsOut { path, recipients: vec![recipient] })
}

fn lines(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn read(path: &Path) -> Vec<Json> {
    lines(&fs::read_to_string(path).unwrap())
}

/// A seat that is created in two requests.
fn two_steps(number: &str) -> deskform_model::Resource {
    seat(number, None, &[("enabled", Value::Flag(false))])
}

#[tokio::test]
async fn what_is_generated_is_handed_over_and_stands_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(vec![seat("8001", None, &[]), with_password(seat("8002", None, &[]), "SEAT", 1)]).await;
    desk.set_variable("SEAT", "chosen-pass");
    desk.credentials = Some(open_file(&folder));
    let ran = desk.run().await;
    ran.assert_complete();

    let mut handed = read(&folder.path().join("seats.jsonl"));
    handed.sort_by_key(|line| line["address"].to_string());
    assert_eq!((handed[0]["address"].as_str(), handed[0]["operatorId"].as_str()), (Some("agent/8001"), Some("8001")));
    assert_eq!(handed[0]["operatorPassword"].as_str().unwrap().len(), 6);
    assert!(handed[1].get("operatorPassword").is_none(), "who chose a password has it");
    assert!(handed.iter().all(|line| line["sipNumber"].is_string() && line["sipPassword"].is_string()));

    let whereabouts: Vec<_> = ran.outcome.credentials.seats.iter().map(|seat| (seat.password, seat.whereabouts)).collect();
    assert_eq!(whereabouts, [(true, Whereabouts::HandedOver), (false, Whereabouts::HandedOver)]);
    let told = format!("{:?} {:?} {}", ran.events, ran.outcome, fs::read_to_string(desk.ledger_path()).unwrap());
    for line in &handed {
        for name in ["operatorPassword", "sipPassword"] {
            assert!(line[name].as_str().is_none_or(|secret| !told.contains(secret)), "{name} of {}", line["address"]);
        }
    }
}

#[tokio::test]
async fn without_a_file_credentials_are_discarded_and_that_is_said() {
    let desk = Desk::open(vec![seat("8001", None, &[])]).await;
    let ran = desk.run().await;
    ran.assert_complete();
    let [seat] = &ran.outcome.credentials.seats[..] else { panic!("one seat") };
    assert_eq!((seat.address.to_string().as_str(), seat.password, seat.whereabouts), ("agent/8001", true, Whereabouts::Discarded));
}

#[tokio::test]
async fn credentials_are_on_the_disk_before_the_next_request_of_their_seat() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(vec![two_steps("8001")]).await;
    let out = open_file(&folder);
    desk.credentials = Some(out.clone());
    let plan = desk.plan().await;
    let found = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&found);
    desk.proxy.judge(move |target, _| {
        if target == EDIT {
            *seen.lock().unwrap() = Some(read(&out.path).len());
        }
        proxy::Fate::Pass
    });
    desk.try_apply(plan, &mut |_| {}).await.unwrap().assert_complete();
    assert_eq!(*found.lock().unwrap(), Some(1));
}

#[tokio::test]
async fn many_seats_end_up_in_one_sealed_message() {
    let folder = tempfile::tempdir().unwrap();
    let seats: Vec<_> = (8001..8081).step_by(2).map(|number: i32| seat(&number.to_string(), None, &[])).collect();
    let mut desk = Desk::open(seats).await;
    let (identity, out) = sealed_file(folder.path().join("seats.age"));
    desk.credentials = Some(out.clone());
    desk.run().await.assert_complete();
    let sealed = fs::read(&out.path).unwrap();
    let opened = lines(&String::from_utf8(age::decrypt(&identity, &sealed).unwrap()).unwrap());
    let addresses: std::collections::BTreeSet<_> = opened.iter().map(|line| line["address"].to_string()).collect();
    assert_eq!((opened.len(), addresses.len()), (40, 40));
}

#[tokio::test]
async fn a_file_that_exists_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(vec![seat("8001", None, &[])]).await;
    let out = open_file(&folder);
    fs::write(&out.path, "somebody's").unwrap();
    desk.credentials = Some(out.clone());
    let plan = desk.plan().await;
    let error = desk.try_apply(plan, &mut |_| {}).await.err().unwrap();
    assert!(matches!(error, deskform_applier::ApplyError::Credentials(CredentialsError::Exists(_))), "{error}");
    assert_eq!((desk.writes(), fs::read_to_string(&out.path).unwrap().as_str()), (Vec::new(), "somebody's"));
}

#[tokio::test]
async fn a_plan_without_new_seats_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(vec![crate::desk::support("zhang", &[])]).await;
    let out = open_file(&folder);
    desk.credentials = Some(out.clone());
    desk.run().await.assert_complete();
    assert!(!out.path.exists());
}

#[tokio::test]
async fn a_file_that_cannot_be_written_stops_the_run_before_the_next_write_and_the_next_run_owns_the_seat() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let seats: Vec<_> = (8001..8081).step_by(2).map(|number: i32| two_steps(&number.to_string())).collect();
    let mut desk = Desk::open(seats).await;
    desk.credentials = Some(sealed_file(inner.join("seats.age")).1);
    let plan = desk.plan().await;
    desk.proxy.clear();
    desk.proxy.judge(move |target, _| {
        if target == CREATE {
            // What the file is made anew beside is gone, as if the disk were full.
            let _ = fs::remove_dir_all(&inner);
        }
        proxy::Fate::Pass
    });
    let ran = desk.try_apply(plan, &mut |_| {}).await.unwrap();
    assert!(matches!(ran.outcome.credentials.error, Some(CredentialsError::Write { .. })));
    let writes = desk.writes();
    // What was under way when the first write failed.
    assert!(writes.len() <= 8 && writes.iter().all(|write| write == CREATE), "{writes:?}");
    let lost: Vec<_> = ran.outcome.credentials.seats(Whereabouts::Lost).map(|seat| seat.address.to_string()).collect();
    assert_eq!(lost.len(), writes.len());
    let Fate::Failed(error) = ran.fate(&lost[0]) else { panic!("{:?}", ran.fate(&lost[0])) };
    assert!(
        error.message.starts_with("it exists, and what the platform generated for it is lost: the credentials file "),
        "{}",
        error.message
    );
    assert!(desk.entry(&lost[0]).is_none(), "nothing is said of it");
    assert_eq!(desk.ledger().intents.len(), writes.len());

    desk.proxy.judge(|_, _| proxy::Fate::Pass);
    desk.credentials = None;
    desk.proxy.clear();
    desk.run().await.assert_complete();
    let created = desk.writes().iter().filter(|write| *write == CREATE).count();
    assert_eq!(created, 40 - lost.len(), "what exists is not made twice");
    desk.assert_in_sync().await;
}

#[tokio::test]
async fn a_seat_whose_answer_was_lost_is_told_as_one_whose_credentials_are_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(vec![seat("8001", None, &[]), with_password(seat("8002", None, &[]), "SEAT", 1)]).await;
    desk.set_variable("SEAT", "chosen-pass");
    let out = open_file(&folder);
    desk.credentials = Some(out.clone());
    desk.proxy.judge(|target, _| if target == CREATE { proxy::Fate::LoseAnswer } else { proxy::Fate::Pass });
    let ran = desk.run().await;
    ran.assert_complete();
    let lost: Vec<_> = ran.outcome.credentials.seats(Whereabouts::Lost).map(|seat| seat.address.to_string()).collect();
    assert_eq!(lost, ["agent/8001"], "the other one has a password that somebody chose");
    assert!(!out.path.exists(), "there was nothing to hand over");
}
