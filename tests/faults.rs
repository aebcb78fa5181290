//! Every scripted fault at every request of a small plan, in turn: whatever an answer looks like, running again ends with exactly what the
//! manifests say.
//!
//! In one process, through reader, planner and executor, with waits of milliseconds where people wait seconds.
#![allow(missing_docs)]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deskform_applier::steps::StepOptions;
use deskform_applier::{
    ApplyOptions, Client, ClientOptions, FileLedger, Interrupt, Mode, ObserveError, Outcome, Patience, Reader, RetryPolicy, Secrets, apply,
    observe_and_heal,
};
use deskform_cli::args::Global;
use deskform_cli::pipeline::{self, Workspace};
use deskform_cli::ui::{Loudness, Ui};
use deskform_planner::ledger::Record;
use deskform_planner::{Inputs, Plan, needs, plan};
use deskform_sandbox::{Clock, Faults, Options, Running, Sandbox};
use deskform_testkit::process::{self, Server};
use deskform_testkit::project::Project;
use deskform_testkit::{golden, live};
use tokio::runtime::Runtime;

const NOW: &str = "2026-12-01T06:00:00";

/// How long something just written may be missing from lists, as the project says. Scripted lags are shorter.
const SETTLE: Duration = Duration::from_millis(60);
const LAG: &str = "{at: lists, fault: lag, milliseconds: 40}";

/// What may happen to one request, without being carried out and after it.
const FAULTS: [&str; 20] = [
    "fault: status, status: 429, retryAfter: 0",
    "fault: status, status: 429, retryAfterDate: 0",
    "fault: status, status: 500",
    "fault: status, status: 500, carriedOut: true",
    "fault: status, status: 502",
    "fault: status, status: 503, retryAfter: 0",
    "fault: status, status: 504, carriedOut: true",
    "fault: html",
    "fault: html, carriedOut: true",
    "fault: error-code, code: 5001",
    "fault: error-code, code: 5001, carriedOut: true",
    "fault: reset",
    "fault: reset, carriedOut: true",
    "fault: hang",
    "fault: hang, carriedOut: true",
    "fault: slow-head, milliseconds: 20",
    "fault: slow-body, milliseconds: 20",
    "fault: slow-head, milliseconds: 400",
    "fault: broken-body",
    "fault: truncated-json",
];

/// A project with the platforms that it is applied to.
struct Desk {
    workspace: Workspace,
    project: Project,
    sandbox: Running,
}

impl Desk {
    async fn open() -> Self {
        let project = Project::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/desk"));
        let workspace = read(&project);
        let clock = Clock::Fixed(NOW.parse().expect("a time"));
        let sandbox = Sandbox::start(Options { clock, ..Options::default() }).await.expect("a free port");
        Self { workspace, project, sandbox }
    }

    /// Somebody edits the manifests.
    fn edit(&mut self, wishes: &Wishes) {
        for (file, text) in wishes.files() {
            self.project.write(file, &text);
        }
        self.workspace = read(&self.project);
    }

    fn set_faults(&self, seed: u64, rules: &[&str]) {
        let faults = Faults::parse(&format!("{{seed: {seed}, rules: [{}]}}", rules.join(", "))).expect("a valid script");
        self.sandbox.set_faults(faults).expect("faults can be set");
    }

    fn client(&self) -> Client {
        let options =
            self.workspace.settings.client(|_| true, Some(self.sandbox.helpdesk_url())).expect("the sandbox's credentials are known");
        let wait = Duration::from_millis(2);
        let retry = RetryPolicy { first_wait: wait, longest_wait: wait * 8, attempts: 4, ..RetryPolicy::default() };
        // Shorter than the longest delay above, so that this one is a lost answer.
        let mut options = ClientOptions { retry, attempt_timeout: Duration::from_millis(250), ..options };
        for pace in
            [options.helpdesk.as_mut().map(|helpdesk| &mut helpdesk.pace), options.call_center.as_mut().map(|center| &mut center.pace)]
        {
            pace.expect("both platforms are configured").requests_per_second = 0;
        }
        Client::new(options).expect("the sandbox can be talked to")
    }

    fn ledger(&self, mode: Mode) -> FileLedger {
        let identity = self.workspace.settings.identity(Some("http://127.0.0.1"));
        FileLedger::open(&self.project.file("ledger.json"), identity, mode).expect("the ledger is valid")
    }

    /// A plan, and what was healed before it; `wait` as an apply does.
    async fn plan(&self, ledger: &FileLedger, client: &Client, wait: bool) -> Result<(Plan, Vec<Record>), ObserveError> {
        let settings = &self.workspace.settings;
        let (desired, now) = (&self.workspace.desired, settings.clock.now);
        let needs = needs(desired, ledger.ledger(), now);
        let (reader, patience) = (Reader::new(client.clone()), Patience { now, settle: SETTLE, wait });
        let (observed, healed) = observe_and_heal(&reader, &needs, ledger.ledger(), patience, &mut |_| {}, &mut |_| {}).await?;
        let policy = settings.policy(desired, false);
        let inputs = Inputs { desired, observed: &observed, ledger: &healed.ledger, ledger_known: true, policy: &policy, now };
        let plan = plan(inputs).expect("there is a plan");
        Ok((plan, healed.records()))
    }

    /// Plans and applies; `None` when the platforms could not be read, which is an answer too.
    async fn run(&self) -> Option<Outcome> {
        let client = self.client();
        let ledger = self.ledger(Mode::Apply { command: "test".into(), at: NOW.into() });
        let (plan, recovered) = self.plan(&ledger, &client, true).await.ok()?;
        let settings = &self.workspace.settings;
        let options = ApplyOptions {
            steps: StepOptions { overnight: settings.policy(&self.workspace.desired, false).overnight, ..StepOptions::default() },
            helpdesk_settle: SETTLE,
            call_center_settle: SETTLE,
            recovered,
            ..ApplyOptions::new(settings.clock.now)
        };
        let secrets = Secrets::new(self.project.path()).with_variables(vec![("SEAT_8001".into(), "planted-seat-secret".into())]);
        let outcome = apply(&plan, ledger.for_apply(), &client, &secrets, &options, &Interrupt::new(), &mut |_| {}).await;
        Some(outcome.expect("the ledger can be written"))
    }

    /// Runs until nothing is left to do, and compares. An error says what is wrong.
    async fn converge(&self, expected: &str) -> Result<(), String> {
        for _ in 0..2 {
            match self.run().await {
                Some(outcome) if outcome.is_complete() => break,
                _ => {}
            }
        }
        let client = self.client();
        let (plan, _) = self.plan(&self.ledger(Mode::Read), &client, false).await.map_err(|error| error.to_string())?;
        if !plan.changes.is_empty() {
            let left: Vec<String> = plan.changes.iter().map(|change| format!("{} {:?}", change.address, change.action)).collect();
            return Err(format!("left to do:\n{}", left.join("\n")));
        }
        self.set_faults(1, &[]);
        let url = self.sandbox.helpdesk_url().to_owned();
        let found = tokio::task::spawn_blocking(move || live::everything(&url)).await.map_err(|error| error.to_string())?;
        if found == expected { Ok(()) } else { Err(golden::diff(expected, &found)) }
    }
}

fn read(project: &Project) -> Workspace {
    let global = Global {
        chdir: project.path().to_owned(),
        project: "deskform.yaml".into(),
        now: Some(format!("{NOW}+08:00")),
        ..Global::default()
    };
    pipeline::read(&global, &mut Ui::new(false, Loudness::Quiet)).expect("the project is valid")
}

/// What an undisturbed run leaves, and how many requests it takes.
async fn undisturbed() -> (String, usize) {
    let desk = Desk::open().await;
    let outcome = desk.run().await.expect("the platforms can be read");
    assert!(outcome.is_complete(), "{outcome:?}");
    let requests = desk.sandbox.journal().len();
    let url = desk.sandbox.helpdesk_url().to_owned();
    let found = tokio::task::spawn_blocking(move || live::everything(&url)).await.expect("the sandbox answers");
    (found, requests)
}

/// Plays every case, a few at a time, and tells of all that fail.
fn play(cases: Vec<(u64, Vec<String>)>) {
    let runtime = Runtime::new().expect("threads can be had");
    let (expected, _) = runtime.block_on(undisturbed());
    let (cases, expected) = (Arc::new(cases), Arc::new(expected));
    let (next, failures) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let workers: Vec<_> = (0..6)
        .map(|_| {
            let (cases, expected, next, failures) = (Arc::clone(&cases), Arc::clone(&expected), Arc::clone(&next), Arc::clone(&failures));
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                while let Some((seed, rules)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
                    let result = runtime.block_on(async {
                        let desk = Desk::open().await;
                        desk.set_faults(*seed, &rules);
                        desk.run().await;
                        let struck = desk.sandbox.journal().into_iter().filter_map(|entry| entry.fault).any(|fault| fault != "lag");
                        if !struck {
                            return Err("no fault struck".to_owned());
                        }
                        // What lags goes on lagging; other trouble has passed.
                        desk.set_faults(1, if rules.contains(&LAG) { &[LAG] } else { &[] });
                        desk.converge(&expected).await
                    });
                    if let Err(problem) = result {
                        failures
                            .lock()
                            .expect("nobody panics while holding it")
                            .push(format!("seed {seed}, {}:\n{problem}", rules.join(", ")));
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("no case panics");
    }
    let failures = failures.lock().expect("nobody panics while holding it");
    assert!(failures.is_empty(), "{} of {} cases fail:\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

/// How many writes an undisturbed run of the small project takes: two people, two permissions, shifts of two people, a seat and its edit.
const WRITES: usize = 8;

#[test]
fn every_fault_at_every_write_converges() {
    let runtime = Runtime::new().expect("threads can be had");
    let writes = runtime.block_on(async {
        let desk = Desk::open().await;
        desk.run().await;
        let reads = |name: &str| {
            name.starts_with("list") || name.starts_with("search") || matches!(name, "get-support" | "get-agent" | "page-agents")
        };
        desk.sandbox.journal().iter().filter(|entry| entry.endpoint.is_some_and(|name| !reads(name))).count()
    });
    assert!((7..=WRITES).contains(&writes), "{writes} writes");
    let cases = FAULTS.iter().flat_map(|fault| (1..=writes).map(move |call| (1, vec![format!("{{at: writes, call: {call}, {fault}}}")])));
    play(cases.collect());
}

#[test]
fn every_fault_at_every_create_converges_while_lists_lag() {
    let cases = FAULTS
        .iter()
        .flat_map(|fault| (1..=5).map(move |call| (1, vec![format!("{{at: creates, call: {call}, {fault}}}"), LAG.to_owned()])));
    play(cases.collect());
}

#[test]
fn faults_that_stay_for_a_while_and_faults_of_reads_converge() {
    let mut cases = Vec::new();
    for fault in FAULTS.iter().filter(|fault| !fault.contains("hang")) {
        // Longer than a request is repeated.
        cases.push((1, vec![format!("{{at: creates, times: 5, {fault}}}")]));
        cases.push((1, vec![format!("{{at: writes, rate: 0.4, {fault}}}"), LAG.to_owned()]));
        cases.push((1, vec![format!("{{at: reads, rate: 0.4, {fault}}}"), LAG.to_owned()]));
    }
    for lie in ["fault: lying-count, by: 1", "fault: lying-count, by: -1", "fault: moved-rows, rows: 1"] {
        cases.push((1, vec![format!("{{at: lists, call: [1, 3, 4], {lie}}}"), LAG.to_owned()]));
    }
    play(cases);
}

/// Seeds of scripts; one that failed once belongs here for good.
const SEEDS: [u64; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

#[test]
fn random_trouble_everywhere_converges() {
    let cases = SEEDS.iter().map(|seed| {
        // The rules are shuffled by the seed, so that each has its turn to be first.
        let mut rules: Vec<String> = FAULTS
            .iter()
            .filter(|fault| !fault.contains("milliseconds: 400"))
            .map(|fault| format!("{{at: all, rate: 0.02, {fault}}}"))
            .collect();
        let turn = usize::try_from(*seed).unwrap_or(0) * 5 % rules.len();
        rules.rotate_left(turn);
        rules.push(LAG.to_owned());
        (*seed, rules)
    });
    play(cases.collect());
}

/// What the manifests of the small project say, as far as it is edited.
#[derive(Clone, Debug)]
struct Wishes {
    mobile: u64,
    rosters: [String; 2],
    group: &'static str,
    enabled: bool,
    second_seat: bool,
}

impl Wishes {
    fn draw(dice: &mut Dice) -> Self {
        let mut roster = || (0..4).map(|_| dice.pick(&["早", "夜", "休"])).collect::<String>();
        let rosters = [roster(), roster()];
        Self {
            mobile: 13_000_000_000 + dice.next() % 1000,
            rosters,
            group: dice.pick(&["售后", "售前"]),
            enabled: dice.pick(&[true, false]),
            second_seat: dice.pick(&[true, false]),
        }
    }

    fn files(&self) -> Vec<(&'static str, String)> {
        let Self { mobile, rosters: [zhang, li], group, enabled, second_seat } = self;
        let person = |name: &str, account: u64| {
            format!(
                "apiVersion: deskform/v1\nkind: Support\nmetadata: {{name: {name}, labels: {{channel: voice}}}}\n\
                 spec: {{account: \"{account}\", staffNumber: \"1\", name: 张, mobile: \"{mobile}\"}}\n"
            )
        };
        let seat = |id: u32, ensure: &str| {
            format!(
                "apiVersion: deskform/v1\nkind: Agent\nmetadata: {{name: seat-{id}}}\n{ensure}\
                 spec: {{operatorId: \"{id}\", support: zhang-san, name: 张, role: 客服, skillGroup: {group}}}\n"
            )
        };
        let ensure = if *second_seat { "" } else { "lifecycle: {ensure: absent}\n" };
        vec![
            ("manifests/people.yaml", format!("{}---\n{}", person("zhang-san", 13_000_000_001), person("li-si", 13_000_000_002))),
            ("manifests/seats.yaml", format!("{}---\n{}", seat(8001, ""), seat(8002, ensure))),
            (
                "manifests/permission.yaml",
                format!(
                    "apiVersion: deskform/v1\nkind: Permission\nmetadata: {{name: voice}}\n\
                     spec: {{supports: [{{labels: {{channel: voice}}}}], module: callCenter, enabled: {enabled}}}\n"
                ),
            ),
            (
                "manifests/schedule.yaml",
                format!(
                    "apiVersion: deskform/v1\nkind: Schedule\nmetadata: {{name: first-week}}\n\
                     spec: {{from: 2026-12-01, to: 2026-12-04, roster: {{zhang-san: {zhang}, li-si: {li}}}}}\n"
                ),
            ),
        ]
    }
}

/// A small generator of numbers (xorshift): the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 20
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.next()).unwrap_or(0) % choices.len()]
    }
}

/// One sequence of edits, each followed by a run that meets faults and may be cut off; then the platforms hold what the last edit says.
async fn edits(seed: u64) -> Result<(), String> {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut desk = Desk::open().await;
    let mut wishes = Wishes::draw(&mut dice);
    for round in 0..4 {
        wishes = Wishes::draw(&mut dice);
        desk.edit(&wishes);
        let rules: Vec<String> =
            (0..3).map(|_| format!("{{at: writes, rate: 0.15, {}}}", dice.pick(&FAULTS))).chain([LAG.to_owned()]).collect();
        desk.set_faults(seed * 100 + round, &rules.iter().map(String::as_str).collect::<Vec<_>>());
        // Cut off in the middle, as a kill does, or not at all.
        let patience = Duration::from_millis(dice.pick(&[30, 60, 120, 10_000]));
        let _cut_off = tokio::time::timeout(patience, desk.run()).await;
    }
    // No list shows yet what the last run removed just before it was cut off, and no ledger knows that it was asked for: whoever looks again
    // within the lag believes that it is there, and finds it gone in the run after.
    tokio::time::sleep(SETTLE * 3).await;
    desk.set_faults(1, &[LAG]);
    let mut calm = Desk::open().await;
    calm.edit(&wishes);
    calm.run().await.ok_or("the platforms cannot be read")?;
    let url = calm.sandbox.helpdesk_url().to_owned();
    let expected = tokio::task::spawn_blocking(move || live::everything(&url)).await.map_err(|error| error.to_string())?;
    desk.converge(&expected).await
}

#[test]
fn edits_faults_and_runs_that_are_cut_off_converge() {
    let failures: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = SEEDS
            .chunks(2)
            .map(|seeds| {
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                    seeds
                        .iter()
                        .filter_map(|seed| runtime.block_on(edits(*seed)).err().map(|problem| format!("seed {seed}:\n{problem}")))
                        .collect()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| -> Vec<String> { worker.join().expect("no sequence panics") }).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn a_rehearsal_with_faults_and_a_journal_needs_nothing_but_the_program() {
    let binary = Path::new(env!("CARGO_BIN_EXE_deskform"));
    let project = Project::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/desk"));
    project.write("bad-day.yaml", "rules: [{at: create-support, call: 1, fault: reset, carriedOut: true}]");
    let server = Server::start_with(binary, &project, &["--faults", "bad-day.yaml", "--journal", "requests.jsonl"]);
    let now = format!("{NOW}+08:00");
    let place = ["--helpdesk-url", &server.url, "--call-center-url", &server.url, "--now", &now];
    let arguments: Vec<&str> = ["apply", "--auto-approve", "--new-ledger"].into_iter().chain(place).collect();
    let said = process::run(process::command(binary, &project, &arguments));
    assert_eq!(said.code, Some(0), "the lost answer is looked for and found: {said:?}");
    let journal = project.read("requests.jsonl");
    let creations: Vec<&str> = journal.lines().filter(|line| line.contains(r#""endpoint":"create-support""#)).collect();
    assert_eq!(creations.len(), 2, "one for each person, none twice:\n{journal}");
    assert!(creations[0].contains(r#""fault":"reset after it was carried out""#) && creations[0].contains(r#""status":null"#));
    assert!(!journal.contains("planted-seat-secret") && journal.contains("(secret)"));
}

#[test]
fn a_set_of_seats_is_made_whatever_the_call_for_all_of_them_comes_to() {
    let binary = Path::new(env!("CARGO_BIN_EXE_deskform"));
    let set = "apiVersion: deskform/v1\nkind: AgentSet\nmetadata: {name: tier1}\nspec: {defaults: {role: 客服}, seats: {8031..8040: {}}}\n";
    for (fault, calls) in [
        ("{at: create-agent, times: 0, fault: html}", 1),
        ("{at: create-agent, call: 1, fault: short-batch, rows: 7}", 1 + 3),
        ("{at: create-agent, call: 1, fault: other-numbers, by: 6}", 1 + 6),
        ("{at: create-agent, call: 1, fault: reset, carriedOut: true}", 1),
        ("{at: create-agent, call: 1, fault: reset}", 2),
        ("{at: create-agent, call: 1, fault: error-code, code: 400}", 1 + 10),
        ("{at: create-agent, call: 1, fault: error-code, code: 400, carriedOut: true}", 1),
        ("{at: create-agent, call: 1, fault: truncated-json}", 1),
    ] {
        let project = Project::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/desk"));
        project.write("bad-day.yaml", &format!("rules: [{fault}]"));
        for file in ["people", "permission", "schedule", "seats"] {
            project.write(&format!("manifests/{file}.yaml"), "");
        }
        project.write("manifests/tier1.yaml", set);
        let server = Server::start_with(binary, &project, &["--faults", "bad-day.yaml", "--journal", "requests.jsonl"]);
        let now = format!("{NOW}+08:00");
        let place = ["--helpdesk-url", &server.url, "--call-center-url", &server.url, "--now", &now];
        let run = |command: &[&str]| {
            let arguments: Vec<&str> = command.iter().copied().chain(place).collect();
            process::run(process::command(binary, &project, &arguments))
        };
        let said = run(&["apply", "--auto-approve", "--new-ledger"]);
        assert_eq!(said.code, Some(0), "{fault}: {said:?}");
        let unasked = said.stderr.contains("6 seats that nobody asked for: 8041, 8042, 8043, 8044, 8045, 8046");
        assert_eq!(unasked, fault.contains("other-numbers"), "{fault}: {said:?}");
        let journal = project.read("requests.jsonl");
        let creations = journal.lines().filter(|line| line.contains(r#""endpoint":"create-agent""#)).count();
        assert_eq!(creations, calls, "{fault}:\n{journal}");
        let said = run(&["plan", "--detailed-exitcode"]);
        assert_eq!(said.code, Some(0), "{fault}: {said:?}");
    }
}

#[test]
fn a_script_of_faults_that_makes_no_sense_is_refused_with_its_rule() {
    let project = Project::empty();
    let sandbox = |flags: &[&str]| process::run(process::command(Path::new(env!("CARGO_BIN_EXE_deskform")), &project, flags));
    project.write("bad-day.yaml", "rules: [{at: all, fault: html}, {at: create-suport, fault: html}]");
    let said = sandbox(&["sandbox", "--faults", "bad-day.yaml"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    for text in ["bad-day.yaml is no script of faults", "rule 2 of the faults: at: create-suport is no endpoint", "create-support"] {
        assert!(said.stderr.contains(text), "{text:?} is missing in:\n{}", said.stderr);
    }
    let said = sandbox(&["sandbox", "--faults", "nowhere.yaml"]);
    assert!(said.code == Some(1) && said.stderr.contains("nowhere.yaml"), "{said:?}");
    let said = sandbox(&["sandbox", "--journal", "no/folder/requests.jsonl"]);
    assert!(said.code == Some(1) && said.stderr.contains("failed to open the journal"), "{said:?}");
}
