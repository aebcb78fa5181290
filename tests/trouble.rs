//! Bad input and trouble: each gives one clear message that names the request or the file, its own exit code, and leaves remote data and
//! ledger as they should be.
#![allow(missing_docs)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use deskform_testkit::process::{self, Running, Said, Server};
use deskform_testkit::project::Project;
use deskform_testkit::{canned, golden};

/// A moment before the shifts of `tests/desk`, the same for every run.
const NOW: &str = "2026-12-01T06:00:00+08:00";

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_deskform"))
}

fn desk() -> Project {
    Project::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/desk"))
}

fn at<'a>(url: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    let place = ["--helpdesk-url", url, "--call-center-url", url, "--now", NOW];
    arguments.iter().copied().chain(place).collect()
}

fn deskform(project: &Project, url: &str, arguments: &[&str]) -> Said {
    process::run(process::command(binary(), project, &at(url, arguments)))
}

fn apply(project: &Project, url: &str) -> Said {
    deskform(project, url, &["apply", "--auto-approve", "--new-ledger"])
}

/// What `plan` says of a server that gives every request this reply. Both platforms are read at once; either may be named.
fn plan_against(reply: &'static str) -> Said {
    deskform(&desk(), &canned::serve(reply), &["plan"])
}

#[track_caller]
fn says(said: &Said, code: i32, texts: &[&str]) {
    assert_eq!(said.code, Some(code), "{said:?}");
    for text in texts {
        assert!(said.stderr.contains(text), "{text:?} is missing in:\n{}", said.stderr);
    }
    assert!(!said.stderr.contains("admin-pass") && !said.stderr.contains("test-token"), "a credential is shown:\n{}", said.stderr);
}

#[test]
fn a_wrong_password_names_the_request_and_the_platform() {
    let (project, mut command) = (desk(), Vec::new());
    let server = Server::start(binary(), &project);
    command.extend(at(&server.url, &["plan"]));
    let mut wrong = process::command(binary(), &project, &command);
    wrong.env("DESK_PASSWORD", "wrong");
    says(&process::run(wrong), 1, &["GET /api/v1/supports.json", "401", "account and password of the helpdesk"]);
    let mut wrong = process::command(binary(), &project, &command);
    wrong.env("DESK_TOKEN", "wrong");
    says(&process::run(wrong), 1, &["POST /api/v1/config/openapi/agent/page", "token and abbreviate of the call centre"]);
    assert!(!project.file(".deskform").exists(), "plan writes nothing");
}

#[test]
fn another_time_is_refused_for_real_platforms_whatever_the_command() {
    let real =
        ["--helpdesk-url", "https://desk.example.com", "--call-center-url", "https://calls.example.com", "--now", "2020-01-01T00:00:00Z"];
    let sign_in = ["checkin", "create", "--address", "a", "--landmark", "b", "--latitude", "1", "--longitude", "1"];
    for command in [&["apply", "--auto-approve", "--new-ledger"][..], &sign_in] {
        let said = process::run(process::command(binary(), &desk(), &[command, &real].concat()));
        says(&said, 64, &["error: a --now that is more than a day off is only for platforms on this machine"]);
    }
}

#[test]
fn what_is_no_text_is_no_plan() {
    let project = desk();
    let bytes: Vec<u8> = (0..1_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    assert!(std::str::from_utf8(&bytes).is_err());
    fs::write(project.file("plan.json"), bytes).expect("written");
    for command in [&["show", "plan.json"][..], &["graph", "plan.json"], &["apply", "plan.json", "--sandbox"]] {
        let said = process::run(process::command(binary(), &project, command));
        says(&said, 1, &["plan.json is no plan that can be used", "it is no plan of deskform"]);
        assert!(!said.stderr.contains("UTF-8"), "{said:?}");
    }
}

#[test]
fn an_unreachable_host_is_named() {
    let url = canned::nobody();
    says(&deskform(&desk(), &url, &["plan"]), 1, &["cannot connect", url.trim_start_matches("http://")]);
}

#[test]
fn an_html_page_is_not_a_reply() {
    let said = plan_against(
        "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 26\r\nConnection: close\r\n\r\n<html><h1>Gateway</h1></html>",
    );
    says(&said, 1, &["/api/v1/", "html page"]);
}

#[test]
fn a_reply_of_another_shape_says_what_was_expected() {
    let said = plan_against(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\nConnection: close\r\n\r\n{\"people\":[1,2]}",
    );
    says(&said, 1, &["/api/v1/", "status 200 without"]);
}

#[test]
fn an_error_code_inside_a_200_is_an_error() {
    let said = plan_against(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 48\r\nConnection: close\r\n\r\n{\"errcode\":\"100047\",\"errmsg\":\"Invalid resource\"}",
    );
    says(&said, 1, &["/api/v1/", "100047", "Invalid resource"]);
}

#[test]
fn a_credential_that_is_not_set_is_named() {
    let project = desk();
    let mut command = process::command(binary(), &project, &["plan"]);
    command.env_remove("DESK_TOKEN");
    says(&process::run(command), 1, &["DESK_TOKEN"]);
}

#[test]
fn a_manifests_secret_that_is_not_set_stops_before_anything_is_sent() {
    let project = desk();
    let server = Server::start(binary(), &project);
    let arguments = at(&server.url, &["apply", "--auto-approve", "--new-ledger"]);
    let mut command = process::command(binary(), &project, &arguments);
    command.env_remove("SEAT_8001");
    says(&process::run(command), 1, &["SEAT_8001", "agent/8001"]);
    let plan = deskform(&project, &server.url, &["plan"]);
    assert!(plan.stdout.contains("Plan: 5 to add"), "{plan:?}");
}

#[test]
fn a_ledger_folder_that_cannot_be_written_stops_before_anything_is_sent() {
    let project = desk();
    let server = Server::start(binary(), &project);
    // A file where the folder should be: refused to every user, root included.
    project.write(".deskform", "");
    says(&apply(&project, &server.url), 1, &[".deskform"]);
    fs::remove_file(project.file(".deskform")).expect("it was written");
    let plan = deskform(&project, &server.url, &["plan"]);
    assert!(plan.stdout.contains("Plan: 5 to add; shifts 5 to add"), "{plan:?}");
}

#[test]
fn files_of_the_ledger_are_for_their_owner_alone() {
    let project = desk();
    let server = Server::start(binary(), &project);
    assert_eq!(apply(&project, &server.url).code, Some(0));
    for file in fs::read_dir(project.file(".deskform")).expect("a folder").flatten() {
        let mode = file.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.path().display());
    }
}

#[test]
fn a_ledger_of_another_project_or_platform_is_refused() {
    let project = desk();
    let server = Server::start(binary(), &project);
    assert_eq!(apply(&project, &server.url).code, Some(0));
    project.replace("deskform.yaml", "name: small-desk", "name: other-desk");
    says(&deskform(&project, &server.url, &["plan"]), 1, &["ledger", "small-desk", "other-desk"]);
}

#[test]
fn a_damaged_ledger_is_refused_and_left_alone() {
    let project = desk();
    let server = Server::start(binary(), &project);
    assert_eq!(apply(&project, &server.url).code, Some(0));
    let whole = project.read(".deskform/ledger.json");
    let half = &whole[..whole.len() / 2];
    let half = &half[..half.rfind('\n').expect("several lines")];
    project.write(".deskform/ledger.json", half);
    says(&deskform(&project, &server.url, &["plan"]), 1, &["ledger.json"]);
    says(&apply(&project, &server.url), 1, &["ledger.json"]);
    assert_eq!(project.read(".deskform/ledger.json"), half);
}

/// A desk whose apply takes a while: one request at a time, few in a second.
fn slow_desk() -> Project {
    let project = desk();
    project.replace("deskform.yaml", "  helpdesk:\n", "  helpdesk:\n    requestsPerSecond: 4\n    concurrency: 1\n");
    project
}

fn begin(project: &Project, url: &str) -> Running {
    Running::start(process::command(binary(), project, &at(url, &["apply", "--auto-approve", "--new-ledger"])))
}

#[test]
fn a_second_apply_waits_for_nobody_and_names_the_holder() {
    let project = slow_desk();
    let server = Server::start(binary(), &project);
    let mut first = begin(&project, &server.url);
    first.wait_for("support/");
    // It stands still while the others look.
    first.signal("STOP");
    says(&apply(&project, &server.url), 1, &["lock", "ledger.json"]);
    let plan = deskform(&project, &server.url, &["plan"]);
    assert!(plan.stderr.contains("another") || plan.stderr.contains("apply"), "plan says that one runs: {}", plan.stderr);
    first.signal("CONT");
    assert_eq!(first.finish().code, Some(0));
    let plan = deskform(&project, &server.url, &["plan"]);
    assert!(plan.stdout.starts_with("No changes."), "{plan:?}");
}

#[test]
fn ctrl_c_finishes_what_is_under_way_and_the_next_apply_does_the_rest() {
    for signal in ["INT", "TERM"] {
        let project = slow_desk();
        let server = Server::start(binary(), &project);
        let mut run = begin(&project, &server.url);
        run.wait_for("support/");
        run.signal(signal);
        let said = run.finish();
        assert_eq!(said.code, Some(130), "{said:?}");
        assert!(said.stdout.contains("not started"), "every step is accounted for: {said:?}");
        let again = apply(&project, &server.url);
        assert_eq!(again.code, Some(0), "{again:?}");
        let plan = deskform(&project, &server.url, &["plan"]);
        assert!(
            plan.stdout.starts_with("No changes.") && plan.stdout.contains("1 person here is not managed"),
            "nothing is there twice: {plan:?}"
        );
    }
}

#[test]
fn a_disk_that_fills_up_is_named_and_the_next_apply_does_the_rest() {
    let project = slow_desk();
    let server = Server::start(binary(), &project);
    // No file of this run grows beyond a KiB.
    let limited = |arguments: &[&str]| {
        let mut shell = std::process::Command::new("bash");
        shell.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""]).arg(binary()).args(at(&server.url, arguments));
        shell.current_dir(project.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default()).envs(process::CREDENTIALS);
        process::run(shell)
    };
    let said = limited(&["apply", "--auto-approve", "--new-ledger", "--format", "json"]);
    says(&said, 5, &["error: the ledger could not be saved", "caused by: cannot write", "File too large", "hint: make room"]);
    assert!(!said.stderr.contains("once more"), "nobody pressed anything: {said:?}");
    let document: serde_json::Value = serde_json::from_str(&said.stdout).expect("json");
    assert!(document["outcome"]["ledgerError"].as_str().is_some_and(|error| error.contains("File too large")), "{document}");
    assert_eq!(apply(&project, &server.url).code, Some(0));
    let plan = deskform(&project, &server.url, &["plan"]);
    assert!(plan.stdout.starts_with("No changes."), "{plan:?}");
}

/// A server that does to requests what one rule says.
fn faulty(project: &Project, rule: &str) -> Server {
    project.write("faults.yaml", &format!("{{seed: 1, rules: [{rule}]}}"));
    let faults = project.file("faults.yaml");
    Server::start_with(binary(), project, &["--faults", faults.to_str().expect("a temporary folder has a plain name")])
}

#[test]
fn waiting_is_told_while_platforms_are_read_and_an_interrupt_is_answered() {
    for (signal, command, told) in [
        ("INT", &["plan"][..], "error: interrupted\n"),
        ("INT", &["adherence", "--from", "2026-12-01", "--to", "2026-12-02"], "error: interrupted\n"),
        ("INT", &["apply", "--auto-approve", "--new-ledger", "--report", "report.json"], "error: interrupted before anything was sent\n"),
        ("TERM", &["apply", "--auto-approve", "--new-ledger", "--report", "report.json"], "error: interrupted before anything was sent\n"),
    ] {
        let project = desk();
        let server = faulty(&project, "{at: list-supports, fault: status, status: 429, retryAfter: 60, times: 1}");
        let mut run = Running::start(process::command(binary(), &project, &at(&server.url, command)));
        run.wait_for("the helpdesk is in trouble (refused with status 429");
        run.signal(signal);
        let said = run.finish();
        assert_eq!(said.code, Some(130), "{said:?}");
        assert!(said.stderr.contains("; waiting 60 s\n") && said.stderr.ends_with(told), "{said:?}");
        if command.contains(&"--report") {
            let report = report(&project);
            assert_eq!((report["status"].as_str(), report["exit"].as_i64()), (Some("interrupted"), Some(130)), "{report}");
            assert_eq!(report["error"], serde_json::json!(["interrupted before anything was sent"]));
        }
    }
}

#[test]
fn a_plan_beside_a_running_apply_does_not_call_it_dead() {
    let project = desk();
    let server = faulty(&project, "{at: create-support, fault: hang, carriedOut: true, times: 1}");
    let mut run = begin(&project, &server.url);
    run.wait_for("applying");
    // The first person is made at any moment now, and the apply does not learn of it.
    let beside = (0..100)
        .map(|_| deskform(&project, &server.url, &["plan"]))
        .inspect(|plan| assert!(plan.stderr.contains("an apply is running") && !plan.stderr.contains("cut off"), "{plan:?}"))
        .find(|plan| plan.stderr.contains("that the running apply is making"))
        .expect("it is making somebody");
    assert!(!beside.stderr.contains("rotate-password"), "{beside:?}");
    run.signal("KILL");
    run.finish();
    says(&deskform(&project, &server.url, &["plan"]), 0, &["note: an earlier apply was cut off"]);
}

fn report(project: &Project) -> serde_json::Value {
    serde_json::from_str(&project.read("report.json")).expect("json")
}

#[test]
fn a_report_says_how_the_run_ended_whatever_became_of_it() {
    let project = slow_desk();
    let server = Server::start(binary(), &project);
    let arguments = ["apply", "--auto-approve", "--new-ledger", "--report", "report.json"];

    project.replace("deskform.yaml", "requestsPerSecond", "requestsPerMinute");
    deskform(&project, &server.url, &arguments);
    assert_eq!((report(&project)["status"].as_str(), report(&project)["exit"].as_i64()), (Some("invalid"), Some(3)));
    project.replace("deskform.yaml", "requestsPerMinute", "requestsPerSecond");

    let mut run = Running::start(process::command(binary(), &project, &at(&server.url, &arguments)));
    run.wait_for("support/");
    let begun = report(&project);
    assert_eq!((begun["status"].as_str(), &begun["exit"]), (Some("unfinished"), &serde_json::Value::Null));
    run.signal("INT");
    assert_eq!(run.finish().code, Some(130));
    let interrupted = report(&project);
    assert_eq!((interrupted["status"].as_str(), interrupted["exit"].as_i64()), (Some("interrupted"), Some(130)));
    let outcome = &interrupted["run"]["outcome"];
    assert!(outcome["counts"]["notStarted"].as_i64() > Some(0), "{outcome}");
    assert!(outcome["next"].as_str().is_some_and(|next| next.starts_with("deskform ") && next.ends_with("plan")), "{outcome}");

    assert_eq!(deskform(&project, &server.url, &arguments).code, Some(0));
    let done = report(&project);
    assert_eq!(
        (done["status"].as_str(), done["exit"].as_i64(), &done["run"]["outcome"]["next"]),
        (Some("done"), Some(0), &serde_json::Value::Null)
    );
}

#[test]
fn secrets_are_in_no_output_and_no_file_of_the_ledger() {
    let project = desk();
    let server = Server::start(binary(), &project);
    let mut told = String::new();
    for arguments in [
        &["validate"][..],
        &["plan"],
        &["plan", "--format", "json"],
        &["apply", "--auto-approve", "--new-ledger", "--verbose", "--report", "report.json"],
        &["plan", "--verbose"],
    ] {
        let said = deskform(&project, &server.url, arguments);
        told.push_str(&said.stdout);
        told.push_str(&said.stderr);
    }
    for file in files(&project.file(".deskform")) {
        told.push_str(&fs::read_to_string(file).expect("text"));
    }
    told.push_str(&project.read("report.json"));
    for secret in ["admin-pass", "test-token", "planted-seat-secret"] {
        assert!(!told.contains(secret), "{secret} is told somewhere");
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}

#[test]
fn plans_are_the_same_to_the_byte() {
    let project = desk();
    let server = Server::start(binary(), &project);
    let first = deskform(&project, &server.url, &["plan", "--format", "json"]);
    for _ in 0..3 {
        let again = deskform(&project, &server.url, &["plan", "--format", "json"]);
        assert_eq!(first.stdout, again.stdout, "{}", golden::diff(&first.stdout, &again.stdout));
    }
}
