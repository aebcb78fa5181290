//! The commands for the live side against a server of their own: what they send and do not send, whose sign-ins are whose, and that what they
//! write fits their JSON Schemas.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};

use deskform_testkit::process::{self, Said, Server};
use deskform_testkit::project::Project;
use serde_json::Value as Json;

/// A moment after the first shifts of `tests/desk`.
const NOW: &str = "2026-12-01T07:30:00+08:00";

const PLACE: [&str; 8] = ["--address", "北京市", "--landmark", "东城区", "--latitude", "39.9", "--longitude", "116.4"];

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_deskform"))
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A desk and a server that plays these faults and writes every request down.
struct Desk {
    project: Project,
    server: Server,
}

impl Desk {
    fn new(faults: &str) -> Self {
        let project = Project::copy_of(&repository().join("tests/desk"));
        project.write("faults.yaml", faults);
        let server = Server::start_with(binary(), &project, &["--faults", "faults.yaml", "--journal", "journal.jsonl", "--now", NOW]);
        Self { project, server }
    }

    /// The same with everything applied.
    fn applied(faults: &str) -> Self {
        let desk = Self::new(faults);
        // Both may sign in and read lists with their own account.
        desk.project.replace("manifests/people.yaml", "  name: 张三", "  name: 张三\n  admin: true");
        desk.project.replace("manifests/people.yaml", "  name: 李四", "  name: 李四\n  admin: true");
        let said = desk.run(&["apply", "--auto-approve", "--new-ledger"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        desk
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.run_as(None, arguments)
    }

    fn run_as(&self, account: Option<&str>, arguments: &[&str]) -> Said {
        let url = &self.server.url;
        let mut all = arguments.to_vec();
        all.extend(["--helpdesk-url", url, "--call-center-url", url]);
        if !arguments.contains(&"--now") {
            all.extend(["--now", NOW]);
        }
        let mut command = process::command(binary(), &self.project, &all);
        if let Some(account) = account {
            command.env("DESK_ACCOUNT", account).env("DESK_PASSWORD", "initial-pass");
        }
        process::run(command)
    }

    /// The requests of this method and path so far.
    fn requests(&self, method: &str, path: &str) -> usize {
        let journal = std::fs::read_to_string(self.project.file("journal.jsonl")).unwrap_or_default();
        let is = |line: &&str| {
            let request: Json = serde_json::from_str(line).unwrap();
            request["method"] == method && request["path"].as_str().unwrap().starts_with(path)
        };
        journal.lines().filter(is).count()
    }

    fn all_requests(&self) -> usize {
        std::fs::read_to_string(self.project.file("journal.jsonl")).unwrap_or_default().lines().count()
    }
}

#[track_caller]
fn says(said: &Said, code: i32, texts: &[&str]) {
    assert_eq!(said.code, Some(code), "{said:?}");
    for text in texts {
        assert!(said.stderr.contains(text), "{text:?} is missing in:\n{}", said.stderr);
    }
    assert!(!said.stderr.contains("-pass") && !said.stderr.contains("test-token"), "a credential is shown:\n{}", said.stderr);
}

#[test]
fn a_sign_in_whose_answer_is_lost_is_not_repeated_and_that_is_said() {
    for fault in ["fault: reset, carriedOut: true", "fault: html, carriedOut: true", "fault: truncated-json"] {
        let desk = Desk::new(&format!("rules: [{{at: create-sign-in, {fault}}}]"));
        let create: Vec<&str> = ["checkin", "create"].into_iter().chain(PLACE).collect();
        says(&desk.run(&create), 1, &["nobody knows whether the sign-in of account admin was recorded", "not sent again", "checkin list"]);
        assert_eq!(desk.requests("POST", "/api/v1/signin.json"), 1, "{fault}");
        let list = desk.run(&["checkin", "list"]);
        assert!(list.stdout.contains("1 sign-in."), "{list:?}");
    }
}

#[test]
fn the_codes_of_presence_are_explained_with_what_was_sent_and_for_whom() {
    for (code, texts) in [
        ("10011", ["zhang-san does not exist on the helpdesk (code 10011)", "recycle bin"]),
        ("10012", ["plate 2 (chat) as a module (code 10012), sent for zhang-san", "1 tickets, 2 chat, 3 callCenter"]),
        ("10013", ["\"在线\" is no state that the back office has (code 10013), sent for zhang-san", "in use at this moment: 离线"]),
    ] {
        let desk = Desk::applied(&format!("rules: [{{at: set-plate-service-state, fault: error-code, code: \"{code}\"}}]"));
        let said = desk.run(&["presence", "set", "zhang-san", "--module", "chat", "--state", "在线"]);
        says(&said, 1, &texts);
        assert_eq!(desk.requests("PUT", "/api/v1/plate_service_state/"), 1, "{code} is final");
        // What is refused for one person because of the state or module is not tried with the others.
        let said = desk.run(&["presence", "set", "--all", "--module", "chat", "--state", "在线"]);
        says(&said, 1, &["presence was not set for 2 people"]);
        assert_eq!(desk.requests("PUT", "/api/v1/plate_service_state/"), if code == "10011" { 3 } else { 2 }, "{code}");
    }
}

#[test]
fn a_set_that_went_wrong_for_some_people_is_incomplete() {
    let desk = Desk::applied("rules: [{at: set-plate-service-state, call: 2, fault: error-code, code: \"10011\"}]");
    let said = desk.run(&["presence", "set", "--all", "--module", "tickets", "--state", "在线"]);
    says(&said, 5, &["presence was not set for 1 person"]);
    assert!(said.stdout.contains("1 set, 1 refused."), "{said:?}");
}

#[test]
fn presence_that_changes_nothing_and_a_dry_run_send_no_write() {
    let desk = Desk::applied("rules: []");
    let set = |state: &'static str, more: &[&'static str]| {
        let mut words = vec!["presence", "set", "--all", "--module", "callCenter", "--state", state];
        words.extend(more);
        assert_eq!(desk.run(&words).code, Some(0));
        desk.requests("PUT", "/api/v1/plate_service_state/")
    };
    assert_eq!(set("离线", &[]), 0);
    assert_eq!(set("在线", &["--dry-run"]), 0);
    assert_eq!(set("在线", &[]), 2);
    assert_eq!(set("在线", &[]), 2);
}

#[test]
fn nothing_is_sent_before_all_arguments_are_good() {
    let desk = Desk::new("rules: []");
    let wrong: &[&[&str]] = &[
        &["presence", "set", "zhang-sna", "--module", "chat", "--state", "在线"],
        &["presence", "set", "zhang-san", "--module", "chta", "--state", "在线"],
        &["presence", "set", "zhang-san", "--module", "chat", "--state", ""],
        &["presence", "get", "--label", "channel=x"],
        &["checkin", "list", "zhang-sna"],
        &["checkin", "list", "--from", "2026-02-30"],
        &["checkin", "create"],
        &["adherence", "--from", "2026-12-02", "--to", "2026-12-01"],
        &["adherence", "zhang-sna", "--from", "2026-12-01", "--to", "2026-12-01"],
        &["support", "search", "moblie:1"],
        &["support", "search", "mobile:"],
        &["support", "show", "zhang-sna"],
        &["support", "restore", "zhang-sna"],
        &["support", "show", "zhang-san", "--format", "csv"],
    ];
    for words in wrong {
        let said = desk.run(words);
        assert_eq!(said.code, Some(64), "{words:?}: {said:?}");
    }
    assert_eq!(desk.all_requests(), 0);
}

#[test]
fn everybodys_sign_ins_are_joined_with_their_own_shifts() {
    let desk = Desk::applied("rules: []");
    let ledger = std::fs::read(desk.project.file(".deskform/ledger.json")).unwrap();
    for (account, time) in
        [("13000000001", "2026-12-01 07:03:00"), ("13000000002", "2026-12-01 22:30:00"), ("13000000002", "2026-12-02 12:00:00")]
    {
        let mut words = vec!["checkin", "create", "--time", time];
        words.extend(PLACE);
        let said = desk.run_as(Some(account), &words);
        assert!(said.stdout.contains(&format!("as account {account}")), "{said:?}");
    }
    let report = |more: &[&str]| {
        let mut words =
            vec!["adherence", "--from", "2026-12-01", "--to", "2026-12-02", "--now", "2026-12-03T00:00:00+08:00", "--format", "json"];
        words.extend(more);
        let said = desk.run(&words);
        serde_json::from_str::<Json>(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    };
    let told = |report: &Json| {
        let line = |line: &Json| format!("{} {}", line["date"].as_str().unwrap(), line["outcome"].as_str().unwrap());
        let person = |person: &Json| {
            let lines: Vec<String> = person["lines"].as_array().unwrap().iter().map(line).collect();
            format!("{}: {}", person["person"].as_str().unwrap(), lines.join(", "))
        };
        report["people"].as_array().unwrap().iter().map(person).collect::<Vec<_>>()
    };
    let expected = ["li-si: 2026-12-01 late, 2026-12-02 unplanned", "zhang-san: 2026-12-01 onTime, 2026-12-02 missing"];
    let from_manifests = report(&["--html", "page.html"]);
    assert_eq!(told(&from_manifests), expected);
    assert_eq!(from_manifests["total"]["lateMinutes"], 30);
    assert_eq!(told(&report(&["--live"])), expected);
    let one = desk.run(&["checkin", "list", "li-si", "--from", "2026-12-01", "--to", "2026-12-02"]);
    assert!(one.stdout.contains("2 sign-ins.") && !one.stdout.contains("张三"), "{one:?}");

    // Who has left keeps the sign-ins, and nobody is given them.
    desk.project.replace("manifests/schedule.yaml", "    li-si:     夜休休夜\n", "");
    desk.project.replace(
        "manifests/people.yaml",
        "metadata: {name: li-si, labels: {channel: voice}}\n",
        "metadata: {name: li-si}\nlifecycle: {ensure: absent}\n",
    );
    let ledger_before = std::fs::read(desk.project.file(".deskform/ledger.json")).unwrap();
    assert_eq!(ledger, ledger_before, "none of these commands writes the ledger");
    assert_eq!(desk.run(&["apply", "--auto-approve", "--allow", "too-many-deletions"]).code, Some(0));
    let strangers = report(&[])["strangers"].clone();
    assert_eq!(strangers.as_array().map(Vec::len), Some(2), "{strangers}");
    assert_eq!(strangers[0]["reason"], "unknownStaffNumber");

    let page = desk.project.read("page.html");
    assert!(page.contains("<td>2026-12-01</td><td>li-si 李四</td>") && page.contains("late by 30 min"), "{page}");
    for outside in ["http:", "https:", "src=", "<script", "@import", "url("] {
        assert!(!page.contains(outside), "the page needs {outside}");
    }
}

/// Adherence of the first two days.
fn adherence(desk: &Desk, more: &[&str]) -> Said {
    let mut words = vec!["adherence", "--from", "2026-12-01", "--to", "2026-12-02", "--now", "2026-12-03T00:00:00+08:00"];
    words.extend(more);
    desk.run(&words)
}

fn sign_in(desk: &Desk, account: &str, time: &str) {
    let words: Vec<&str> = ["checkin", "create", "--time", time].into_iter().chain(PLACE).collect();
    assert_eq!(desk.run_as(Some(account), &words).code, Some(0));
}

#[test]
fn a_sign_in_that_may_be_theirs_is_told_whoever_is_asked_about() {
    let desk = Desk::applied("rules: []");
    desk.project.replace("manifests/people.yaml", "  staffNumber: \"002\"\n  name: 李四", "  staffNumber: \"001\"\n  name: 张三");
    assert_eq!(desk.run(&["apply", "--auto-approve"]).code, Some(0));
    sign_in(&desk, "13000000002", "2026-12-01 22:00:00");
    for who in [&[][..], &["zhang-san"], &["li-si"], &["--all"], &["--label", "channel=voice"]] {
        let said = adherence(&desk, who);
        let note = "1 sign-in with a staff number that several people have, the first of 张三 (staff number 001) at 2026-12-01 22:00:00";
        assert!(said.stdout.contains(note), "{who:?}: {said:?}");
    }
    assert!(!adherence(&desk, &["account:admin"]).stdout.contains("1 sign-in"), "it cannot be the administrator's");
    std::fs::remove_file(desk.project.file("manifests/schedule.yaml")).unwrap();
    let said = adherence(&desk, &["zhang-san"]);
    assert!(said.stdout.contains("no sign-in was counted.\nNote: 1 sign-in with") && !said.stdout.contains("nobody signed in"), "{said:?}");
}

#[test]
fn the_sign_ins_of_one_that_left_are_not_given_to_whoever_has_the_number_now() {
    let desk = Desk::applied("rules: []");
    sign_in(&desk, "13000000002", "2026-12-01 22:00:00");
    desk.project.replace("manifests/schedule.yaml", "    li-si:     夜休休夜\n", "    wang-wu:   夜休休夜\n");
    desk.project.replace(
        "manifests/people.yaml",
        "metadata: {name: li-si, labels: {channel: voice}}\n",
        "metadata: {name: wang-wu}\nspec: {account: \"13000000003\", staffNumber: \"002\", name: 王五}\n---\napiVersion: deskform/v1\n\
         kind: Support\nmetadata: {name: li-si}\nlifecycle: {ensure: absent}\n",
    );
    let said = desk.run(&["apply", "--auto-approve", "--allow", "too-many-deletions"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for who in [&[][..], &["wang-wu"]] {
        let said = adherence(&desk, who);
        let note = "1 sign-in with the staff number of somebody who has another name, the first of 李四 (staff number 002)";
        assert!(said.stdout.contains(note), "{who:?}: {said:?}");
        assert!(said.stdout.lines().any(|line| line.contains("wang-wu") && line.ends_with("missing")), "{who:?}: {said:?}");
    }
    let csv = adherence(&desk, &["--format", "csv"]).stdout;
    assert!(csv.contains("2026-12-01,,李四,002,,,,2026-12-01 22:00:00,,otherName,"), "{csv}");
}

#[test]
fn with_a_token_the_reply_says_whose_sign_in_it_is() {
    const BASIC: &str = "{basic: {account: {env: DESK_ACCOUNT}, password: {env: DESK_PASSWORD}}}";
    const TOKEN: &str = "{oauth2: {clientId: {env: KEY_ID}, clientSecret: {env: KEY_SECRET}}}";
    let desk = Desk::applied("rules: []");
    let create = |format: &str| {
        desk.project.replace("deskform.yaml", BASIC, TOKEN);
        let url = desk.server.url.as_str();
        let flags = ["--helpdesk-url", url, "--call-center-url", url, "--now", NOW, "--format", format];
        let words: Vec<&str> = ["checkin", "create"].into_iter().chain(PLACE).chain(flags).collect();
        let mut command = process::command(binary(), &desk.project, &words);
        command.env("KEY_ID", "test-client").env("KEY_SECRET", "test-client-secret");
        let said = process::run(command);
        assert_eq!(said.code, Some(0), "{said:?}");
        desk.project.replace("deskform.yaml", TOKEN, BASIC);
        said.stdout
    };
    let said = create("text");
    assert!(said.starts_with("Signed in as account admin: 管理员 (staff number "), "{said}");
    assert!(create("json").contains("\"account\": \"admin\""));

    // Where nobody can be told apart, nobody is named.
    let number = said.split_once("(staff number ").and_then(|(_, rest)| rest.split_once(')')).unwrap().0;
    let twin = format!(
        "apiVersion: deskform/v1\nkind: Support\nmetadata: {{name: twin}}\nspec: {{account: twin, staffNumber: \"{number}\", name: 管理员}}\n"
    );
    desk.project.write("manifests/twin.yaml", &twin);
    assert_eq!(desk.run(&["apply", "--auto-approve"]).code, Some(0));
    assert!(create("text").starts_with("Signed in: 管理员 (staff number "));
    assert!(!create("json").contains("account"));
}

#[test]
fn what_is_written_as_json_fits_its_schema() {
    let desk = Desk::applied("rules: [{at: get-plate-service-state, call: 5, fault: error-code, code: \"10011\"}]");
    let create: Vec<&str> = ["checkin", "create", "--remark", "到", "--tag", "早班"].into_iter().chain(PLACE).collect();
    let cases: &[(&str, &[&str], i32)] = &[
        ("presence-get", &["presence", "get", "zhang-san"], 0),
        ("presence-get", &["presence", "get", "--all"], 1),
        ("presence-set", &["presence", "set", "--all", "--module", "chat", "--state", "在线", "--dry-run"], 0),
        ("presence-set", &["presence", "set", "--all", "--module", "chat", "--state", "在线"], 0),
        ("presence-set", &["presence", "set", "--all", "--module", "chat", "--state", "睡觉"], 1),
        ("checkin-create", &create, 0),
        ("checkin-list", &["checkin", "list"], 0),
        ("checkin-list", &["checkin", "list", "zhang-san", "--from", "2026-12-01", "--to", "2026-12-02"], 0),
        ("adherence", &["adherence", "--from", "2026-12-01", "--to", "2026-12-04"], 0),
        ("adherence", &["adherence", "--from", "2026-12-01", "--to", "2026-12-04", "--live"], 0),
        ("support-search", &["support", "search", "name:三"], 0),
        ("support-show", &["support", "show", "zhang-san"], 0),
        ("support-show", &["support", "show", "admin"], 0),
        ("agent-show", &["agent", "show", "8001"], 0),
        ("support-restore", &["support", "restore", "li-si"], 0),
    ];
    for (name, words, code) in cases {
        let path = repository().join(format!("schemas/output-{name}.schema.json"));
        let schema: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let mut words = words.to_vec();
        words.extend(["--format", "json"]);
        let said = desk.run(&words);
        assert_eq!(said.code, Some(*code), "{words:?}: {said:?}");
        let document: Json = serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{words:?}: {error}: {said:?}"));
        let validator = jsonschema::validator_for(&schema).unwrap();
        let wrong: Vec<String> = validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{words:?}: {}\n{document:#}", wrong.join("\n"));
    }
}

#[test]
fn the_committed_output_schemas_are_those_of_the_program() {
    for (name, text) in deskform_cli::view::live::schema_files() {
        let committed = std::fs::read_to_string(repository().join("schemas").join(&name)).unwrap_or_default();
        assert!(committed == text, "{name} is out of date; run: cargo xtask schema");
    }
}
