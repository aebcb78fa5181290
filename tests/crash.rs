//! Killed at every request, and run again: nothing is lost, nothing is there twice, and nobody has to clean up.
//!
//! The program is a real process and the kill is a real one; the sandbox holds the answer of one write, carried out or not, and tells when.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use deskform_sandbox::{Clock, Faults, JournalEntry, Options, Running as Sandbox};
use deskform_testkit::centre::Centre;
use deskform_testkit::process::{self, CREDENTIALS, Running, Said};
use deskform_testkit::project::Project;
use deskform_testkit::{golden, live};
use tokio::runtime::Runtime;

/// A moment before the shifts of `tests/desk`.
const DESK_NOW: &str = "2026-12-01T06:00:00";
/// A moment before the shifts of a made-up centre.
const CENTRE_NOW: &str = "2026-11-30T12:00:00";
/// No run takes longer, waits for retries included.
const PATIENCE: Duration = Duration::from_secs(120);

/// A project, the platforms that it is applied to, and what they should hold in the end.
struct Rehearsal {
    project: Project,
    sandbox: Sandbox,
    now: &'static str,
    runtime: Runtime,
}

impl Rehearsal {
    fn new(project: Project, now: &'static str) -> Self {
        let runtime = Runtime::new().expect("threads can be had");
        let clock = Clock::Fixed(now.parse().expect("a time"));
        let sandbox = deskform_sandbox::Sandbox::start(Options { clock, ..Options::default() });
        let sandbox = runtime.block_on(sandbox).expect("a free port");
        Self { project, sandbox, now, runtime }
    }

    fn begin(&self, arguments: &[&str]) -> Running {
        let url = self.sandbox.helpdesk_url();
        let now = format!("{}+08:00", self.now);
        let place = ["--helpdesk-url", url, "--call-center-url", url, "--now", &now];
        let arguments: Vec<&str> = arguments.iter().copied().chain(place).collect();
        Running::start(process::command(Path::new(env!("CARGO_BIN_EXE_deskform")), &self.project, &arguments))
    }

    fn apply(&self) -> Running {
        self.begin(&["apply", "--auto-approve", "--new-ledger"])
    }

    fn set_faults(&self, script: &str) {
        let faults = Faults::parse(script).expect("a valid script");
        self.sandbox.set_faults(faults).expect("faults can be set");
    }

    /// Applies until the sandbox holds back the answer that the script names, and kills the program there; `None` when it came to its end.
    fn killed(&self) -> Option<Said> {
        let mut run = self.apply();
        let started = Instant::now();
        loop {
            if self.sandbox.journal().iter().any(|entry| entry.fault.as_deref().is_some_and(|fault| fault.contains("hang"))) {
                run.signal("KILL");
                return Some(run.finish());
            }
            if run.has_ended() {
                let said = run.finish();
                assert!(matches!(said.code, Some(0 | 5)), "{said:?}");
                return None;
            }
            assert!(started.elapsed() < PATIENCE, "neither the end nor the fault is reached");
            thread::sleep(Duration::from_millis(3));
        }
    }

    /// Applies without faults, and checks that the platforms hold what they should and that nothing is left to do.
    fn recovers(&self, expected: &Expected, case: &str) {
        self.set_faults("rules: []");
        let said = self.apply().finish();
        assert_eq!(said.code, Some(0), "{case}: {said:#?}");
        let plan = self.begin(&["plan", "--detailed-exitcode"]).finish();
        assert!(plan.code == Some(0) && plan.stdout.starts_with("No changes."), "{case}: {plan:#?}");
        let found = Expected::read(&self.sandbox);
        assert!(found.objects == expected.objects, "{case}:\n{}", golden::diff(&expected.objects, &found.objects));
        assert_eq!(found.open_modules, expected.open_modules, "{case}");
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        let _guard = self.runtime.enter();
    }
}

/// What the platforms hold.
#[derive(Debug, PartialEq, Eq)]
struct Expected {
    objects: String,
    /// How many people may use the call centre: no call reads it, so the journal has to tell.
    open_modules: usize,
}

impl Expected {
    fn read(sandbox: &Sandbox) -> Self {
        let mut modules = BTreeMap::new();
        for JournalEntry { endpoint, path, body, status, fault, .. } in sandbox.journal() {
            let carried_out = status == Some(200) && fault.is_none() || fault.is_some_and(|fault| fault.contains("carried out"));
            if endpoint == Some("set-permission") && carried_out {
                modules.insert(path, body.contains(r#""state":"0""#));
            }
        }
        Self { objects: live::everything(sandbox.helpdesk_url()), open_modules: modules.into_values().filter(|open| *open).count() }
    }

    /// What an undisturbed run makes of a project.
    fn of(project: Project, now: &'static str) -> Self {
        let rehearsal = Rehearsal::new(project, now);
        let said = rehearsal.apply().finish();
        assert_eq!(said.code, Some(0), "{said:#?}");
        let expected = Self::read(&rehearsal.sandbox);
        assert!(expected.open_modules > 0 && expected.objects.contains("seat "), "{expected:?}");
        expected
    }
}

/// The small project, one request at a time on each platform, without a limit on the rate.
fn desk() -> Project {
    let project = Project::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/desk"));
    project.replace("deskform.yaml", "  helpdesk:\n", "  helpdesk:\n    requestsPerSecond: 0\n    concurrency: 1\n    settle: 50ms\n");
    project
}

/// A made-up centre, eight requests at a time.
fn centre(people: usize, seed: u64) -> Project {
    let centre = Centre { people, seed };
    let project = Project::empty();
    let platforms = "helpdesk: {url: \"http://127.0.0.1:9\", requestsPerSecond: 0, settle: 50ms, \
                     auth: {basic: {account: {env: DESK_ACCOUNT}, password: {env: DESK_PASSWORD}}}}\n  \
                     callCenter: {url: \"http://127.0.0.1:9\", token: {env: DESK_TOKEN}, abbreviate: demo}";
    project.write("deskform.yaml", &centre.project().replace("helpdesk: {requestsPerSecond: 0}", platforms));
    for (path, text) in centre.files() {
        project.write(&path, &text);
    }
    project
}

#[test]
fn a_kill_at_any_request_loses_and_doubles_nothing() {
    let expected = Expected::of(desk(), DESK_NOW);
    let reached = thread::scope(|scope| {
        let boundaries = [("writes", false), ("writes", true), ("reads", false)];
        let workers = boundaries.map(|(at, carried_out)| {
            let expected = &expected;
            scope.spawn(move || {
                let mut call = 1;
                loop {
                    let rehearsal = Rehearsal::new(desk(), DESK_NOW);
                    rehearsal.set_faults(&format!("rules: [{{at: {at}, call: {call}, fault: hang, carriedOut: {carried_out}}}]"));
                    // Until there are no more requests.
                    let Some(said) = rehearsal.killed() else { return call - 1 };
                    assert_eq!(said.code, None, "it was killed: {said:?}");
                    rehearsal.recovers(expected, &format!("killed at request {call} of {at}, carried out: {carried_out}"));
                    call += 1;
                }
            })
        });
        workers.map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    // Two people, two permissions, shifts of two people, a seat and what completes it; lists of people, duties and seats before and after.
    assert!(reached[0] >= 7 && reached[1] == reached[0] && reached[2] >= 6, "{reached:?} requests were reached");
}

#[test]
fn a_run_right_after_a_kill_waits_until_lists_can_show_what_was_made() {
    let expected = Expected::of(desk(), DESK_NOW);
    thread::scope(|scope| {
        for call in 1..=5 {
            let expected = &expected;
            scope.spawn(move || {
                let project = desk();
                project.replace("deskform.yaml", "settle: 50ms", "settle: 4s");
                let rehearsal = Rehearsal::new(project, DESK_NOW);
                let lag = "{at: lists, fault: lag, milliseconds: 3500}";
                rehearsal.set_faults(&format!("rules: [{{at: creates, call: {call}, fault: hang, carriedOut: true}}, {lag}]"));
                assert!(rehearsal.killed().is_some(), "there are five creations");
                rehearsal.set_faults(&format!("rules: [{lag}]"));
                rehearsal.apply().finish();
                rehearsal.recovers(expected, &format!("killed at creation {call}"));
            });
        }
    });
}

#[test]
fn a_second_kill_while_the_first_is_being_healed_changes_nothing() {
    let expected = Expected::of(desk(), DESK_NOW);
    for (first, second) in [(1, 1), (2, 2), (3, 1), (5, 1)] {
        let rehearsal = Rehearsal::new(desk(), DESK_NOW);
        for call in [first, second] {
            rehearsal.sandbox.clear_journal();
            rehearsal.set_faults(&format!("rules: [{{at: creates, call: {call}, fault: hang, carriedOut: true}}]"));
            if rehearsal.killed().is_none() {
                break;
            }
        }
        // The journal's memory of permissions began anew, so only what the platforms show is compared.
        rehearsal.set_faults("rules: []");
        let said = rehearsal.apply().finish();
        assert_eq!(said.code, Some(0), "{first}, {second}: {said:#?}");
        let objects = live::everything(rehearsal.sandbox.helpdesk_url());
        assert!(objects == expected.objects, "{first}, {second}:\n{}", golden::diff(&expected.objects, &objects));
    }
}

/// A seed that failed once belongs here for good.
const SEEDS: [u64; 3] = [1, 2, 3];

#[test]
fn kills_and_faults_at_random_points_of_a_larger_plan_converge() {
    const PEOPLE: usize = 8;
    let expected = Expected::of(centre(PEOPLE, 1), CENTRE_NOW);
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for seed in SEEDS {
            let (expected, failures) = (&expected, &failures);
            scope.spawn(move || {
                let outcome = std::panic::catch_unwind(|| {
                    let rehearsal = Rehearsal::new(centre(PEOPLE, 1), CENTRE_NOW);
                    // Kills at three points of the way, each behind other trouble; the seed chooses where.
                    for round in 0..3 {
                        let call = 1 + (seed * 7919 + round * 104_729) % 23;
                        rehearsal.set_faults(&format!(
                            "{{seed: {}, rules: [
                                {{at: writes, call: {call}, fault: hang, carriedOut: {}}},
                                {{at: writes, rate: 0.04, fault: reset, carriedOut: true}},
                                {{at: writes, rate: 0.04, fault: reset}},
                                {{at: all, rate: 0.02, fault: status, status: 503}},
                                {{at: writes, rate: 0.03, fault: truncated-json}},
                                {{at: lists, fault: lag, milliseconds: 30}}]}}",
                            seed * 10 + round,
                            (seed + round) % 2 == 0
                        ));
                        let hung = |entry: &JournalEntry| entry.fault.as_deref().is_some_and(|fault| fault.contains("hang"));
                        let before = rehearsal.sandbox.journal().iter().filter(|entry| hung(entry)).count();
                        let mut run = rehearsal.apply();
                        let started = Instant::now();
                        while !run.has_ended() && rehearsal.sandbox.journal().iter().filter(|entry| hung(entry)).count() == before {
                            assert!(started.elapsed() < PATIENCE, "neither the end nor the fault is reached");
                            thread::sleep(Duration::from_millis(5));
                        }
                        if !run.has_ended() {
                            run.signal("KILL");
                        }
                        run.finish();
                    }
                    rehearsal.recovers(expected, &format!("seed {seed}"));
                });
                if let Err(panic) = outcome {
                    let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                    failures.lock().expect("nobody panics while holding it").push(format!("seed {seed}: {text}"));
                }
            });
        }
    });
    let failures = failures.into_inner().expect("nobody panics while holding it");
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn secrets_are_told_nowhere_when_runs_are_killed_and_answers_are_spoiled() {
    let journal = tempfile::NamedTempFile::new().expect("a temporary file");
    let rehearsal = Rehearsal::new(desk(), DESK_NOW);
    let options =
        Options { clock: Clock::Fixed(DESK_NOW.parse().expect("a time")), journal: Some(journal.path().to_owned()), ..Options::default() };
    let sandbox = rehearsal.runtime.block_on(deskform_sandbox::Sandbox::start(options)).expect("a free port");
    let url = sandbox.helpdesk_url().to_owned();
    let run = |arguments: &[&str]| {
        let now = format!("{DESK_NOW}+08:00");
        let place = ["--verbose", "--helpdesk-url", &url, "--call-center-url", &url, "--now", &now];
        let arguments: Vec<&str> = arguments.iter().copied().chain(place).collect();
        process::run(process::command(Path::new(env!("CARGO_BIN_EXE_deskform")), &rehearsal.project, &arguments))
    };
    let mut told = String::new();
    for fault in ["truncated-json", "error-code, message: planted, carriedOut: true", "broken-body", "html, carriedOut: true"] {
        let script = format!("rules: [{{at: [create-agent, edit-agent, create-support], times: 2, fault: {fault}}}]");
        sandbox.set_faults(Faults::parse(&script).expect("a valid script")).expect("faults can be set");
        for arguments in [
            &["apply", "--auto-approve", "--new-ledger", "--report", "report.json"][..],
            &["apply", "--auto-approve", "--format", "json"],
            &["plan"],
        ] {
            let said = run(arguments);
            told.push_str(&said.stdout);
            told.push_str(&said.stderr);
        }
        told.push_str(&rehearsal.project.read("report.json"));
        for file in std::fs::read_dir(rehearsal.project.file(".deskform")).expect("a ledger").flatten() {
            told.push_str(&String::from_utf8_lossy(&std::fs::read(file.path()).unwrap_or_default()));
        }
    }
    told.push_str(&std::fs::read_to_string(journal.path()).expect("the journal is text"));
    // The password of the seat's SIP number comes back in replies, the truncated ones among them.
    let mut secrets: Vec<String> =
        CREDENTIALS.iter().filter(|(name, _)| *name != "DESK_ACCOUNT").map(|(_, secret)| (*secret).to_owned()).collect();
    secrets.extend(live::sip_passwords(&url));
    assert_eq!(secrets.len(), CREDENTIALS.len(), "one seat, one SIP password");
    for secret in secrets {
        assert!(!told.contains(&secret), "{secret} is told somewhere");
    }
    assert!(told.contains("create-agent") && told.contains("8001"), "the journal and the ledger were read");
}

#[test]
fn no_second_sees_more_requests_than_the_limit_allows() {
    const LIMIT: usize = 20;
    let project = desk();
    project.replace(
        "deskform.yaml",
        "requestsPerSecond: 0\n    concurrency: 1\n",
        &format!("requestsPerSecond: {LIMIT}\n    concurrency: 8\n"),
    );
    // Enough shifts, one request a person and month, to fill more than a second.
    for person in 0..30 {
        project.write(
            &format!("manifests/more-{person}.yaml"),
            &format!(
                "apiVersion: deskform/v1\nkind: Support\nmetadata: {{name: more-{person}, labels: {{channel: voice}}}}\n\
                 spec: {{account: \"139{person:08}\", staffNumber: \"9{person:02}\", name: 多{person}}}\n"
            ),
        );
    }
    let rehearsal = Rehearsal::new(project, DESK_NOW);
    rehearsal.set_faults("rules: [{at: writes, call: [5, 25], fault: status, status: 429, retryAfter: 0}]");
    let said = rehearsal.apply().finish();
    assert!(matches!(said.code, Some(0 | 5)), "{said:#?}");
    let is_call_center = |entry: &JournalEntry| entry.path.contains("/openapi/");
    let journal = rehearsal.sandbox.journal();
    let times: Vec<_> = journal.iter().filter(|entry| !is_call_center(entry)).map(|entry| entry.at).collect();
    assert!(times.len() > 3 * LIMIT, "{} requests are too few to tell", times.len());
    // A burst may be smoothed by the network's own delays; a tenth more is what they explain.
    let most = LIMIT + LIMIT / 10 + 1;
    for (at, first) in times.iter().enumerate() {
        let within = times[at..].iter().take_while(|time| time.duration_since(*first).as_millis() < 1000).count();
        assert!(within <= most, "{within} requests in the second from {first}");
    }
}
