//! Secrets through the whole program: generated passwords handed over before a kill, encrypted ones opened, tokens used, and none of them
//! told anywhere.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use deskform_sandbox::{Clock, Faults, JournalEntry, Options, Running as Sandbox};
use deskform_testkit::live;
use deskform_testkit::process::{self, Running, Said};
use deskform_testkit::project::Project;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio::runtime::Runtime;

const NOW: &str = "2026-12-01T06:00:00";
const PATIENCE: Duration = Duration::from_secs(60);

/// The small project with a second seat whose password nobody declares, and the platforms.
struct Rehearsal {
    project: Project,
    sandbox: Sandbox,
    journal: tempfile::NamedTempFile,
    runtime: Runtime,
    told: String,
}

impl Rehearsal {
    fn new() -> Self {
        let project = Project::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/desk"));
        project.replace("deskform.yaml", "  helpdesk:\n", "  helpdesk:\n    requestsPerSecond: 0\n    settle: 50ms\n");
        let seat = "---\napiVersion: deskform/v1\nkind: Agent\nmetadata: {name: spare}\n\
                    spec: {operatorId: \"8002\", role: 客服, enabled: false}\n";
        project.write("manifests/seats.yaml", &(project.read("manifests/seats.yaml") + seat));
        let journal = tempfile::NamedTempFile::new().unwrap();
        let clock = Clock::Fixed(NOW.parse().unwrap());
        let options = Options { clock, journal: Some(journal.path().to_owned()), ..Options::default() };
        let runtime = Runtime::new().unwrap();
        let sandbox = runtime.block_on(deskform_sandbox::Sandbox::start(options)).unwrap();
        Self { project, sandbox, journal, runtime, told: String::new() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let url = self.sandbox.helpdesk_url();
        let now = format!("{NOW}+08:00");
        let place = ["--verbose", "--helpdesk-url", url, "--call-center-url", url, "--now", &now];
        let arguments: Vec<&str> = arguments.iter().copied().chain(place).collect();
        process::command(Path::new(env!("CARGO_BIN_EXE_deskform")), &self.project, &arguments)
    }

    fn run_with(&mut self, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        let said = process::run(command);
        self.hear(&said);
        said
    }

    fn run(&mut self, arguments: &[&str]) -> Said {
        self.run_with(arguments, &[])
    }

    fn hear(&mut self, said: &Said) {
        self.told.push_str(&said.stdout);
        self.told.push_str(&said.stderr);
    }

    fn set_faults(&self, script: &str) {
        self.sandbox.set_faults(Faults::parse(script).unwrap()).unwrap();
    }

    /// Everything that was said, and every file but those that are meant to hold secrets.
    fn everything(&self, but: &[&str]) -> String {
        let mut told = self.told.clone();
        let mut folders = vec![self.project.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else if !but.iter().any(|name| entry.file_name() == *name) {
                    told.push_str(&String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()));
                }
            }
        }
        told + &std::fs::read_to_string(self.journal.path()).unwrap()
    }

    /// Nothing that was said or written holds any of these.
    fn assert_untold(&self, secrets: &[String], but: &[&str]) {
        let told = self.everything(but);
        assert!(told.contains("create-agent") && told.contains("agent/8002"), "journal and ledger were read");
        for secret in secrets {
            assert!(secret.len() >= 6, "{secret} proves nothing");
            assert!(!told.contains(secret.as_str()), "{secret} is told somewhere");
        }
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        let _guard = self.runtime.enter();
    }
}

/// All passwords in lines of credentials.
fn passwords(lines: &str) -> Vec<String> {
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.flat_map(|line| ["operatorPassword", "sipPassword"].map(|name| line[name].as_str().map(str::to_owned))).flatten().collect()
}

#[test]
fn a_run_that_is_killed_while_it_completes_a_seat_has_handed_its_credentials_over() {
    let mut rehearsal = Rehearsal::new();
    rehearsal.set_faults("rules: [{at: edit-agent, call: 1, fault: hang}]");
    let mut run = Running::start(rehearsal.command(&[
        "apply",
        "--auto-approve",
        "--new-ledger",
        "--report",
        "report.json",
        "--credentials-out",
        "seats",
    ]));
    let started = Instant::now();
    while !rehearsal.sandbox.journal().iter().any(|entry| entry.fault.is_some()) {
        assert!(!run.has_ended() && started.elapsed() < PATIENCE, "the edit is never reached");
        thread::sleep(Duration::from_millis(5));
    }
    // Both seats may be under way; the one that is being completed is in the file.
    run.signal("KILL");
    let said = run.finish();
    rehearsal.hear(&said);
    let handed_over = rehearsal.project.read("seats");
    assert!(handed_over.contains("\"address\":\"agent/8002\""), "{handed_over}");
    let mut secrets = passwords(&handed_over);

    rehearsal.set_faults("rules: []");
    let said = rehearsal.run(&["apply", "--auto-approve", "--report", "report-2.json", "--credentials-out", "more"]);
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert!(
        said.stderr.contains("`deskform rotate-password agent/8002 --generate --credentials-out FILE` sets a new one"),
        "{}",
        said.stderr
    );
    assert!(rehearsal.run(&["plan", "--out", "plan.json"]).stdout.starts_with("No changes."));
    rehearsal.run(&["ledger", "list", "--format", "json"]);
    secrets.extend(live::sip_passwords(rehearsal.sandbox.helpdesk_url()));
    secrets.extend(process::CREDENTIALS.iter().filter(|(name, _)| *name != "DESK_ACCOUNT").map(|(_, secret)| (*secret).to_owned()));
    rehearsal.assert_untold(&secrets, &["seats", "more"]);
}

#[test]
fn what_deskform_makes_up_is_in_the_file_and_works() {
    let mut rehearsal = Rehearsal::new();
    assert_eq!(rehearsal.run(&["apply", "--auto-approve", "--new-ledger"]).code, Some(0));
    let said = rehearsal.run(&["rotate-password", "agent/8002", "--generate", "--credentials-out", "new", "--format", "json"]);
    assert_eq!(said.code, Some(0), "{said:#?}");
    let made = passwords(&rehearsal.project.read("new")).remove(0);
    let is_edit = |entry: &&JournalEntry| entry.endpoint == Some("edit-agent-password");
    let sent: Value = serde_json::from_str(&rehearsal.sandbox.journal().iter().find(is_edit).unwrap().body).unwrap();
    let digest = deskform_applier::secret::md5_hex(&made.as_str().into());
    assert_eq!((sent["operatorId"].as_str(), sent["password"].as_str()), (Some("8002"), Some(digest.expose_secret())));
    rehearsal.assert_untold(&[made, digest.expose_secret().to_owned()], &["new"]);

    // One that certainly does not count is taken back.
    rehearsal.set_faults("rules: [{at: edit-agent-password, fault: status, status: 403}]");
    let said = rehearsal.run(&["rotate-password", "agent/8002", "--generate", "--credentials-out", "refused"]);
    assert_eq!(said.code, Some(1), "{said:#?}");
    assert!(!rehearsal.project.file("refused").exists());
}

#[test]
fn an_encrypted_secret_is_opened_by_apply_alone() {
    let mut rehearsal = Rehearsal::new();
    let identity = age::x25519::Identity::generate();
    let sealed = age::encrypt_and_armor(&identity.to_public(), b"planted-sealed").unwrap();
    rehearsal.project.write("secrets/seat-8001.age", &sealed);
    rehearsal.project.replace("manifests/seats.yaml", "env: SEAT_8001", "age: secrets/seat-8001.age");
    let key = identity.to_string();
    let key = key.expose_secret();

    let broken = [("DESKFORM_AGE_IDENTITY", "planted-no-identity")];
    assert_eq!(rehearsal.run_with(&["plan", "--out", "plan.json"], &broken).code, Some(0), "a plan opens nothing");
    for (variables, message) in [
        (&[][..], "agent/8001: the secret file secrets/seat-8001.age is encrypted, and neither DESKFORM_AGE_IDENTITY nor"),
        (&broken[..], "agent/8001: the environment variable DESKFORM_AGE_IDENTITY holds something else than age identities"),
    ] {
        let said = rehearsal.run_with(&["apply", "--auto-approve", "--new-ledger"], variables);
        assert!(said.code == Some(1) && said.stderr.contains(message), "{said:#?}");
    }
    assert!(!rehearsal.sandbox.journal().iter().any(|entry| entry.endpoint == Some("create-support")), "nothing was sent");

    let said = rehearsal.run_with(&["apply", "--auto-approve", "--new-ledger"], &[("DESKFORM_AGE_IDENTITY", key)]);
    assert_eq!(said.code, Some(0), "{said:#?}");
    let created = |entry: &JournalEntry| entry.endpoint == Some("create-agent") && entry.body.contains("planted-sealed");
    assert!(rehearsal.sandbox.journal().iter().any(created), "the call centre got it");
    rehearsal.assert_untold(&["planted-sealed".to_owned(), key.to_owned(), "planted-no-identity".to_owned()], &[]);
}

#[test]
fn a_desk_is_applied_with_tokens_and_neither_they_nor_the_key_pair_are_told() {
    let mut rehearsal = Rehearsal::new();
    rehearsal.project.replace(
        "deskform.yaml",
        "{basic: {account: {env: DESK_ACCOUNT}, password: {env: DESK_PASSWORD}}}",
        "{oauth2: {clientId: {env: KEY_ID}, clientSecret: {env: KEY_SECRET}}}",
    );
    let wrong = [("KEY_ID", "test-client"), ("KEY_SECRET", "planted-wrong-secret")];
    let said = rehearsal.run_with(&["plan"], &wrong);
    assert_eq!(said.code, Some(1), "{said:#?}");
    assert!(said.stderr.contains("no access token: refused with status 401, code invalid_client"), "{}", said.stderr);
    assert!(said.stderr.contains("hint: check clientId and clientSecret"), "{}", said.stderr);

    let right = [("KEY_ID", "test-client"), ("KEY_SECRET", "test-client-secret")];
    let said = rehearsal.run_with(&["apply", "--auto-approve", "--new-ledger", "--report", "report.json"], &right);
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert!(rehearsal.run_with(&["plan"], &right).stdout.starts_with("No changes."));
    let given = rehearsal.sandbox.journal().iter().filter(|entry| entry.endpoint == Some("get-token")).count();
    assert_eq!(given, 3, "one for each run");
    rehearsal.assert_untold(&["planted-wrong-secret".to_owned(), "test-client-secret".to_owned(), "Bearer ".to_owned()], &[]);
}
