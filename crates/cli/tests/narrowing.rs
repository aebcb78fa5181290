//! Narrowed runs against servers: which platforms are asked, and what drift says to programs.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;

use deskform_cli::args::scope::ScopeArgs;
use deskform_cli::saved::{self, About, PlanReport};
use deskform_cli::view::drift_json;
use deskform_model::source::Sources;
use deskform_model::{Address, Kind, Value};
use deskform_planner::Plan;
use deskform_planner::brake::Verdict;
use deskform_planner::drift::{Drifted, FieldDrift, Report, Vanished};
use deskform_planner::scope::{Held, HeldBack, LeftOut, Scope};
use deskform_testkit::canned;
use deskform_testkit::process::{self, Said, Server};
use deskform_testkit::project::Project;
use serde_json::json;

const SEATS: &str = "apiVersion: deskform/v1\nkind: Agent\nmetadata: {name: seat}\nspec: {operatorId: \"8001\", name: 张三, role: 客服}\n";

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_deskform"))
}

fn deskform(project: &Project, helpdesk: &str, call_center: &str, arguments: &[&str]) -> Said {
    let place = ["--helpdesk-url", helpdesk, "--call-center-url", call_center, "--now", "2026-12-01T06:00:00+08:00"];
    let arguments: Vec<&str> = arguments.iter().copied().chain(place).collect();
    process::run(process::command(binary(), project, &arguments))
}

#[test]
fn a_platform_that_no_target_needs_is_not_contacted() {
    let project = Project::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/desk"));
    project.write("manifests/seats.yaml", SEATS);
    project.replace("deskform.yaml", "helpdesk:\n", "helpdesk:\n    settle: 0s\n");
    let server = Server::start(binary(), &project);
    let (url, nobody) = (server.url.as_str(), canned::nobody());
    let said = deskform(&project, url, &nobody, &["apply", "--auto-approve", "--new-ledger", "--exclude", "agent"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let said = deskform(&project, &nobody, url, &["apply", "--auto-approve", "--target", "agent"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for (helpdesk, call_center, scope) in [(url, nobody.as_str(), "support"), (url, &nobody, "channel=voice"), (&nobody, url, "agent/*")] {
        for command in ["plan", "drift"] {
            let said = deskform(&project, helpdesk, call_center, &[command, "--detailed-exitcode", "--target", scope]);
            assert_eq!(said.code, Some(0), "{command} {scope}: {said:?}");
        }
    }
    let whole = deskform(&project, url, &nobody, &["plan"]);
    assert_eq!(whole.code, Some(1), "{whole:?}");
    let whole = deskform(&project, url, url, &["plan", "--detailed-exitcode"]);
    assert_eq!(whole.code, Some(0), "{whole:?}");
}

#[test]
fn a_seat_that_was_replaced_is_as_declared_afterwards() {
    let project = Project::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/desk"));
    let run = |arguments: &[&str]| process::run(process::command(binary(), &project, arguments));
    assert_eq!(run(&["apply", "--sandbox", "--auto-approve"]).code, Some(0));
    let said = run(&["apply", "--sandbox", "--auto-approve", "--replace", "agent/8001"]);
    assert!(said.code == Some(0) && said.stdout.contains("Applied: 2 changes."), "{said:?}");
    let said = run(&["plan", "--sandbox", "--detailed-exitcode"]);
    assert!(said.code == Some(0) && said.stdout.starts_with("No changes."), "{said:?}");
}

fn drifted(address: &str, field: &str, seen: Value, live: Value) -> Drifted {
    let address = Address::parse(address).unwrap();
    let field = address.kind.key(field).unwrap();
    Drifted { address, title: "张三".into(), at: "2026-12-01T06:00:00".into(), fields: vec![FieldDrift { field, seen, live }] }
}

#[test]
fn drift_is_written_as_its_schema_says() {
    let schema = serde_json::from_str(drift_json::SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let groups = Value::set(["1".into(), "2".into()]);
    let gone = |address: &str, recycled| {
        let at = "2026-12-01T06:00:00".into();
        Vanished { address: Address::parse(address).unwrap(), title: "".into(), at, recycled }
    };
    let report = Report {
        kept: vec![drifted("agent/8001", "afterCallSeconds", Value::Number(10), Value::Number(20))],
        reverted: vec![drifted("support/zhang", "groups", groups, Value::Null)],
        vanished: vec![gone("support/li", true), gone("shift/li/2026-12-02T09:00", false)],
        compared: [(Kind::Support, 2), (Kind::Agent, 1)].into(),
        unreadable: 1,
    };
    let all = ScopeArgs::default();
    let some = ScopeArgs { target: vec!["shift".parse().unwrap()], exclude: vec!["team=tier1".parse().unwrap()] };
    for (report, selectors) in [(&report, &all), (&report, &some), (&Report::default(), &all)] {
        let mut out = Vec::new();
        drift_json::write(report, selectors, &mut out).unwrap();
        let document: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{document:#}");
        assert_eq!(document["counts"]["vanished"], report.vanished.len());
        assert_eq!(document.get("targets").is_some(), !selectors.target.is_empty());
    }
    let unknown = json!({ "formatVersion": 1, "kept": [], "reverted": [], "vanished": [{}], "counts": {} });
    assert!(!validator.is_valid(&unknown));
}

#[test]
fn programs_read_what_a_narrowed_plan_left_out() {
    let scope = Scope {
        targets: vec!["shift/zhang/*".parse().unwrap()],
        excludes: vec!["team=tier1".parse().unwrap()],
        no_delete: true,
        left_out: [(Kind::Shift, LeftOut { declared: 3, owned: 1 })].into(),
        pulled_in: vec![Address::support("zhang")],
        held_back: vec![Held { address: Address::agent("8001"), title: "张三".into(), why: HeldBack::Replaces }],
    };
    let expected = json!({
        "targets": ["shift/zhang/*"],
        "excludes": ["label:team=tier1"],
        "noDelete": true,
        "leftOut": {"shift": {"declared": 3, "owned": 1}},
        "pulledIn": ["support/zhang"],
        "heldBack": [{"address": "agent/8001", "title": "张三", "why": "replaces"}],
    });
    let plan = Plan { scope: Some(scope), ..Plan::default() };
    let report = PlanReport::new(plan, &Verdict::default(), &Sources::default(), About::default());
    let mut text = Vec::new();
    saved::write::write(&report, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&json["complete"], &json["deskform"]["scope"]), (&json!(false), &expected));
    assert_eq!(saved::read(&text).unwrap(), report);
}
