//! The ledger as its users meet it: shared in a bucket, locked by somebody else, lost, looked into.
#![allow(missing_docs)]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use deskform_testkit::process::{self, Running, Said, Server};
use deskform_testkit::project::Project;
use deskform_testkit::s3::S3;

/// A moment before the shifts of `tests/desk`, the same for every run.
const NOW: &str = "2026-12-01T06:00:00+08:00";

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_deskform"))
}

/// The project of `tests/desk` with its platforms, and a bucket if its ledger lies in one.
struct Desk {
    project: Project,
    server: Server,
    cloud: Option<Arc<S3>>,
}

impl Desk {
    fn in_a_file() -> Self {
        let project = Project::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/desk"));
        let server = Server::start(binary(), &project);
        Self { project, server, cloud: None }
    }

    /// `None` where there is no object store to test with.
    fn in_a_bucket(bucket: &str) -> Option<Self> {
        let cloud = S3::shared()?;
        cloud.make_bucket(bucket);
        let desk = Self { cloud: Some(cloud), ..Self::in_a_file() };
        let ledger = format!("spec:\n  ledger: {{url: s3://{bucket}/desk/prod}}\n");
        desk.project.replace("deskform.yaml", "spec:\n", &ledger);
        Some(desk)
    }

    /// Its apply takes a while: one request at a time, few in a second.
    fn slow(self) -> Self {
        self.project.replace("deskform.yaml", "  helpdesk:\n", "  helpdesk:\n    requestsPerSecond: 4\n    concurrency: 1\n");
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let place = ["--helpdesk-url", &self.server.url, "--call-center-url", &self.server.url, "--now", NOW];
        let arguments: Vec<&str> = arguments.iter().copied().chain(place).collect();
        let mut command = process::command(binary(), &self.project, &arguments);
        if let Some(cloud) = &self.cloud {
            command.envs(cloud.variables());
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        process::run(self.command(arguments))
    }

    fn apply(&self) -> Said {
        self.run(&["apply", "--auto-approve", "--new-ledger"])
    }

    /// An apply that waits for one that stands still, which goes on when it is waited for.
    #[track_caller]
    fn waits_for(&self, first: Running) {
        let mut second = Running::start(self.command(&["apply", "--auto-approve", "--lock-timeout", "5m"]));
        second.wait_for("waiting: another apply holds the lock");
        first.signal("CONT");
        assert_eq!(first.finish().code, Some(0));
        says(&second.finish(), 0, &["No changes."]);
    }

    fn begin(&self) -> Running {
        let mut running = Running::start(self.command(&["apply", "--auto-approve", "--new-ledger"]));
        running.wait_for("support/");
        running
    }
}

#[track_caller]
fn says(said: &Said, code: i32, texts: &[&str]) {
    assert_eq!(said.code, Some(code), "{said:?}");
    let told = format!("{}{}", said.stdout, said.stderr);
    for text in texts {
        assert!(told.contains(text), "{text:?} is missing in:\n{told}");
    }
    assert!(!told.contains("planted"), "a credential is shown:\n{told}");
}

#[test]
fn a_ledger_in_a_bucket_serves_runs_on_machines_that_share_nothing_else() {
    let Some(desk) = Desk::in_a_bucket("machines") else { return };
    says(&desk.run(&["apply", "--auto-approve"]), 4, &["there is no ledger s3://machines/desk/prod", "--new-ledger"]);
    says(&desk.apply(), 0, &[]);
    assert!(!desk.project.file(".deskform").exists(), "nothing lies in a file");
    // --new-ledger is not needed any more: the ledger is found.
    says(&desk.run(&["apply", "--auto-approve"]), 0, &["No changes."]);
    says(&desk.run(&["ledger", "list"]), 0, &["support/", "shift/", "agent/8001"]);
    says(&desk.run(&["ledger", "unlock"]), 0, &["nobody holds the lock"]);
}

#[test]
fn of_two_applies_on_a_bucket_one_works_and_one_is_told_who_holds_the_lock() {
    let Some(desk) = Desk::in_a_bucket("two").map(Desk::slow) else { return };
    let first = desk.begin();
    first.signal("STOP");
    says(&desk.apply(), 1, &["s3://two/desk/prod/lock.json", "process", "deskform apply", "--lock-timeout"]);
    says(&desk.run(&["plan"]), 0, &["an apply is running"]);
    says(&desk.run(&["ledger", "unlock"]), 1, &["--force"]);
    desk.waits_for(first);
}

#[test]
fn of_two_applies_on_a_file_one_works_and_one_is_told_who_holds_the_lock() {
    let desk = Desk::in_a_file().slow();
    let first = desk.begin();
    first.signal("STOP");
    says(&desk.apply(), 1, &["ledger.json.lock", "process", "deskform apply", "--lock-timeout"]);
    says(&desk.run(&["ledger", "unlock", "--force"]), 0, &["ends with the process that holds it", "deskform apply"]);
    desk.waits_for(first);
}

#[test]
fn an_apply_that_was_killed_leaves_a_lease_that_unlock_breaks_and_groups_that_the_next_run_reads() {
    let Some(desk) = Desk::in_a_bucket("killed").map(Desk::slow) else { return };
    let first = desk.begin();
    first.signal("KILL");
    assert_eq!(first.finish().code, None);
    says(&desk.apply(), 1, &["lock.json"]);
    says(&desk.run(&["ledger", "unlock", "--force"]), 0, &["the lock is free", "it was held by process"]);
    says(&desk.run(&["apply", "--auto-approve"]), 0, &[]);
    let plan = desk.run(&["plan"]);
    says(&plan, 0, &["No changes.", "1 person here is not managed"]);
}

#[test]
fn a_lost_ledger_is_told_with_its_price_by_plan_and_apply() {
    let desk = Desk::in_a_file();
    let plan = desk.run(&["plan"]);
    assert!(!plan.stderr.contains("restore it"), "nothing is there that one could have owned: {plan:?}");
    says(&desk.apply(), 0, &[]);
    std::fs::remove_dir_all(desk.project.file(".deskform")).expect("it is there");
    let price = ["restore it", "permissions are sent again", "drop-downs", "passwords are left alone", "recycle bin"];
    says(&desk.run(&["plan"]), 0, &price);
    says(&desk.run(&["apply", "--auto-approve"]), 4, &["there is no ledger .deskform/ledger.json"]);
    says(&desk.apply(), 0, &price);
    says(&desk.run(&["plan"]), 0, &["No changes."]);
}

#[test]
fn a_damaged_ledger_is_refused_with_the_way_back_to_its_backup() {
    let desk = Desk::in_a_file();
    says(&desk.apply(), 0, &[]);
    let whole = desk.project.read(".deskform/ledger.json");
    desk.project.write(".deskform/ledger.json", &whole.replace("\"entries\"", "\"entr"));
    says(&desk.run(&["plan"]), 1, &["is damaged", "copy .deskform/ledger.json.backup over it", "taken over"]);
    says(&desk.run(&["ledger", "list"]), 1, &["is damaged"]);
    std::fs::copy(desk.project.file(".deskform/ledger.json.backup"), desk.project.file(".deskform/ledger.json")).expect("it is there");
    says(&desk.apply(), 0, &[]);
    says(&desk.run(&["plan"]), 0, &["No changes."]);
}

#[test]
fn the_ledger_can_be_listed_shown_and_told_to_forget() {
    let desk = Desk::in_a_file();
    says(&desk.run(&["ledger", "list"]), 1, &["there is no ledger .deskform/ledger.json"]);
    assert!(!desk.project.file(".deskform").exists(), "looking makes nothing");
    says(&desk.apply(), 0, &[]);

    let shifts = desk.run(&["ledger", "list", "--kind", "shift"]);
    assert!(shifts.stdout.lines().rev().skip(1).all(|line| line.starts_with("shift/")), "{shifts:?}");
    let some = desk.run(&["ledger", "list", "agent/*", "--format", "json"]);
    assert!(some.stdout.contains("\"status\":\"owned\"") && !some.stdout.contains("\"kind\":\"shift\""), "{some:?}");
    says(&desk.run(&["ledger", "list", "--kind", "sheep"]), 64, &["support, permission, shift, agent"]);
    says(&desk.run(&["ledger", "show", "agent/8001"]), 0, &["remote id", "set:", "operatorId"]);
    says(&desk.run(&["ledger", "show", "agent/1"]), 1, &["does not hold agent/1", "ledger list"]);

    says(&desk.run(&["ledger", "forget", "agent/8001"]), 4, &["--auto-approve"]);
    says(&desk.run(&["ledger", "forget", "agent/8001", "--auto-approve"]), 0, &["the platform was not touched"]);
    says(&desk.run(&["ledger", "show", "agent/8001"]), 1, &["does not hold"]);
    says(&desk.run(&["plan"]), 0, &["agent/8001", "taken over"]);
}
