//! What is said while a plan is applied, and at its end.
#![allow(clippy::unwrap_used, missing_docs)]

mod plans;

use deskform_applier::ledger_store::LedgerError;
use deskform_applier::{ChangeOutcome, Event, Fate, Outcome, StepError, Stop};
use deskform_cli::error::CliError;
use deskform_cli::view::apply_human::{self, ApplyHuman};
use deskform_cli::view::apply_json::ApplyJson;
use deskform_model::{Kind, Value, Values};
use deskform_planner::brake::Verdict;
use deskform_planner::plan::{ChangeId, Reason, Refusal};
use deskform_planner::{Action, Plan};
use plans::{address, change, id, origin, plan, shift};

fn failed() -> StepError {
    StepError {
        message: "PUT /x: refused with status 500".into(),
        status: Some(500),
        code: None,
        request_id: Some("gate-7".into()),
        hint: Some("try later"),
    }
}

fn outcome(plan: &Plan, fates: Vec<Fate>) -> Outcome {
    let changes = fates.into_iter().enumerate().map(|(at, fate)| {
        let change = &plan.changes[at];
        ChangeOutcome { id: ChangeId(at), address: change.address.clone(), fate, closes_access: change.closes_access() }
    });
    Outcome { changes: changes.collect(), interrupted: false, ledger_error: None, credentials: Default::default(), read_back_error: None }
}

fn text(plan: &Plan, outcome: &Outcome) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    ApplyHuman { report: &plans::report(plan, &Verdict::default()), outcome, next: "deskform plan" }.write(&mut out).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

fn delete() -> Action {
    Action::Delete { remotes: vec![id("7")], last: Values::new(), successor: None }
}

fn create() -> Action {
    Action::Create { values: Values::new(), secret: None }
}

#[test]
fn success_is_one_line() {
    let plan = plan(vec![change("agent/1", "", create(), Reason::New), change("agent/2", "", create(), Reason::New)]);
    assert_eq!(text(&plan, &outcome(&plan, vec![Fate::Applied, Fate::Applied])), "Applied: 2 changes.\n");
}

#[test]
fn open_access_comes_first_and_the_next_command_last() {
    let refusal = Refusal::Fixed { field: Kind::Agent.key("audio").unwrap(), have: Value::Flag(true), want: Value::Flag(false) };
    let mut broken = change("agent/8001", "张三", create(), Reason::New);
    broken.origin = Some(origin(3));
    let plan = plan(vec![
        broken,
        change("agent/8002", "", Action::Refuse { why: vec![refusal] }, Reason::YourChange),
        change("agent/8003", "", create(), Reason::New),
        change("agent/8029", "李四", delete(), Reason::EnsureAbsent),
        shift("li-si", "2026-12-01", "06:00", "14:00", "早班", "create"),
        change("support/li-si", "", create(), Reason::New),
    ]);
    let fates = vec![
        Fate::Failed(failed()),
        Fate::Refused,
        Fate::NotStarted,
        Fate::Unknown(failed()),
        Fate::Blocked { by: address("support/li-si") },
        Fate::Applied,
    ];
    assert_eq!(
        text(&plan, &outcome(&plan, fates)),
        "\
STILL OPEN: agent/8029 李四: nobody knows whether it was done: PUT /x: refused with status 500
  request id: gate-7
  hint: try later
agent/8001 张三: failed: PUT /x: refused with status 500  manifests/tier1.yaml:3
  request id: gate-7
  hint: try later
agent/8002: cannot change: audio : true -> false is fixed once created; `lifecycle: {replace: allow}` would delete it and create it anew
shift/li-si/2026-12-01T06:00 早班: waits for support/li-si, which was not done
agent/8003: not started
Applied in part: 1 applied, 1 failed, 1 unknown, 1 blocked, 1 refused, 1 not started.
Next: deskform plan
"
    );
}

#[test]
fn a_batch_that_ends_alike_is_one_line_of_progress_and_one_that_does_not_is_several() {
    let shifts: Vec<_> = ["2026-12-01", "2026-12-02"].map(|date| shift("li-si", date, "06:00", "14:00", "", "create")).into();
    let plan = plan(shifts);
    let event = |second: Fate| Event::StepFinished {
        step: 0,
        changes: vec![
            (ChangeId(0), plan.changes[0].address.clone(), Fate::Applied),
            (ChangeId(1), plan.changes[1].address.clone(), second),
        ],
    };
    let line = |second| apply_human::line(&event(second), &plan).unwrap();
    assert_eq!(line(Fate::Applied), "shift/li-si/2026-12-01T06:00 and 1 more: created");
    assert_eq!(line(Fate::NotStarted), "shift/li-si/2026-12-01T06:00: created\nshift/li-si/2026-12-02T06:00: not started");
}

#[test]
fn what_the_platform_rewrote_is_told_by_name() {
    let event = Event::Rewritten {
        address: address("support/li-na"),
        field: "name".into(),
        sent: Value::text("李 娜"),
        shown: Value::text("李娜"),
    };
    let told = apply_human::rewritten(&event).unwrap();
    assert_eq!(told, "support/li-na name: \"李 娜\" was sent, the platform shows \"李娜\"; it counts as in sync from now on");
}

#[test]
fn json_is_one_document_with_plan_and_every_fate() {
    let plan = plan(vec![change("agent/1", "", delete(), Reason::NotDeclared), change("agent/2", "", create(), Reason::New)]);
    let outcome = outcome(&plan, vec![Fate::Failed(failed()), Fate::Applied]);
    let report = plans::report(&plan, &Verdict::default());
    let written = |outcome| -> serde_json::Value {
        let mut out = Vec::new();
        ApplyJson { report: &report, outcome, next: "deskform plan" }.write(&mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    };
    assert_eq!(written(None)["outcome"], serde_json::Value::Null);
    let json = written(Some(&outcome));
    assert_eq!(json["plan"]["deskform"]["about"]["project"], "acme");
    assert_eq!((&json["outcome"]["stillOpen"], &json["outcome"]["next"]), (&serde_json::json!(["agent/1"]), &"deskform plan".into()));
    assert_eq!(json["outcome"]["changes"][0]["requestId"], "gate-7");
    let json = &json["outcome"];
    assert_eq!(json["complete"], false);
    assert_eq!(json["changes"][0]["fate"], "failed");
    assert_eq!((&json["changes"][0]["status"], &json["changes"][0]["closesAccess"]), (&500.into(), &true.into()));
    assert_eq!(json["counts"], serde_json::json!({ "applied": 1, "failed": 1 }));
}

fn full_disk() -> LedgerError {
    LedgerError::Io { doing: "write", path: "ledger.json".into(), source: std::io::ErrorKind::StorageFull.into() }
}

#[test]
fn a_full_disk_is_named_wherever_the_run_is_told() {
    let plan = plan(vec![change("agent/1", "", create(), Reason::New)]);
    let outcome = Outcome { ledger_error: Some(full_disk()), ..outcome(&plan, vec![Fate::NotStarted]) };
    assert!(text(&plan, &outcome).contains("the ledger could not be saved: cannot write ledger.json: no storage space"));
    let mut out = Vec::new();
    let report = plans::report(&plan, &Verdict::default());
    ApplyJson { report: &report, outcome: Some(&outcome), next: "deskform plan" }.write(&mut out).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(json["outcome"]["ledgerError"], "cannot write ledger.json: no storage space");

    let error = CliError::unsaved(apply_human::counts(&outcome), full_disk());
    let mut out = anstream::StripStream::new(Vec::new());
    error.write(&mut out).unwrap();
    assert_eq!(
        String::from_utf8(out.into_inner()).unwrap(),
        "\
error: the ledger could not be saved; what became of the plan: 0 applied, 1 not started
caused by: cannot write ledger.json
caused by: no storage space

hint: make room where the ledger is kept
hint: then run the same again: what this run began is written down, so the next apply finds what became of it and does the rest
"
    );
    assert_eq!(error.kind.exit().code(), 5);
}

#[test]
fn a_run_that_stops_says_why_and_counts_no_nothing() {
    assert_eq!(apply_human::stopping(2, Stop::Asked), "stopping: 2 steps under way will be finished; once more stops at once");
    assert_eq!(apply_human::stopping(0, Stop::Asked), "stopping: nothing is under way");
    assert_eq!(
        apply_human::stopping(1, Stop::Ledger),
        "the ledger cannot be saved, so nothing more is sent: 1 step under way will be finished"
    );
}

#[test]
fn what_no_list_shows_is_one_warning_however_much_it_is() {
    let all: Vec<_> = (1..=7).map(|n| address(&format!("agent/{n}"))).collect();
    let told = |count: usize| apply_human::not_shown(&Event::NotShown { addresses: all[..count].to_vec() }).unwrap();
    let hint = "if that takes the platform longer than `settle`, raise it before the next apply";
    assert_eq!(told(1), format!("no list shows agent/1 yet; {hint}"));
    assert_eq!(told(2), format!("no list shows 2 objects yet: agent/1, agent/2; {hint}"));
    assert_eq!(told(7), format!("no list shows 7 objects yet: agent/1, agent/2, agent/3, agent/4, agent/5, 2 more; {hint}"));
}
