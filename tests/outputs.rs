//! What commands write as JSON, validated against the committed schemas: whoever reads it may rely on them.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use deskform_testkit::project::Project;
use jsonschema::Validator;
use serde_json::Value as Json;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn schema(name: &str) -> Validator {
    let path = repository().join("schemas").join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

#[track_caller]
fn assert_valid(schema: &Validator, json: &Json) {
    let errors: Vec<String> = schema.iter_errors(json).map(|error| format!("{}: {error}", error.instance_path())).take(5).collect();
    assert!(errors.is_empty(), "{}\n{json:#}", errors.join("\n"));
}

/// Runs the program in a project, on a sandbox where the arguments say so; its exit code and its stdout.
fn run(project: &Project, arguments: &str) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_deskform"))
        .args(arguments.split_whitespace())
        .current_dir(project.path())
        .env_clear()
        .output()
        .unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

#[track_caller]
fn json(project: &Project, arguments: &str) -> Json {
    let (_, stdout) = run(project, arguments);
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{arguments}: {error}\n{stdout}"))
}

#[track_caller]
fn apply(project: &Project) {
    assert_eq!(run(project, "apply --sandbox --auto-approve --quiet --allow replaces-person").0, 0);
}

fn words(plan: &Json, list: &str, word: &str) -> Vec<String> {
    plan["deskform"][list].as_array().unwrap().iter().map(|item| item[word].as_str().unwrap().to_owned()).collect()
}

/// Plans of one small desk that hold every action, and drift both kept and reverted.
fn plans_with_everything() -> Vec<Json> {
    let desk = Project::copy_of(&repository().join("tests/desk"));
    let plan = || json(&desk, "plan --sandbox --format json");
    let ledger = ".deskform/sandbox-ledger.json";
    let mut plans = vec![plan()];
    apply(&desk);

    // Without its ledger everything is taken over; with an old one, what an apply did meanwhile is drift.
    let before = desk.read(ledger);
    std::fs::remove_file(desk.file(ledger)).unwrap();
    plans.push(plan());
    desk.replace("manifests/people.yaml", "mobile: \"13000000001\"", "mobile: \"13000000009\"");
    desk.replace("manifests/seats.yaml", "skillGroup: 售后", "skillGroup: 售前");
    apply(&desk);
    desk.write(ledger, &before);
    desk.replace("manifests/people.yaml", "mobile: \"13000000009\"", "mobile: \"13000000001\"");
    desk.replace("manifests/seats.yaml", "skillGroup: 售前", "skillGroup: 售后");
    desk.replace("deskform.yaml", "  sandbox:", "  drift: {agent.skillGroup: keep}\n  sandbox:");
    plans.push(plan());
    apply(&desk);

    // A new number, somebody leaves, a seat that cannot change, a shift that moves.
    desk.replace("manifests/people.yaml", "name: li-si, labels: {channel: voice}}", "name: li-si}\nlifecycle: {ensure: absent}");
    desk.replace("manifests/people.yaml", "mobile: \"13000000001\"", "mobile: \"13000000002\"");
    desk.replace("manifests/schedule.yaml", "    li-si:     夜休休夜\n", "");
    desk.replace("manifests/seats.yaml", "video: false", "video: true");
    plans.push(plan());
    plans.push(json(&desk, "plan --sandbox --format json --target agent --target channel=voice --no-delete"));
    plans.push(json(&desk, "plan --sandbox --format json --target support/zhang-san --exclude agent --no-delete"));
    plans.push(json(&desk, "plan --sandbox --format json --replace agent/8001"));
    desk.replace("manifests/seats.yaml", "video: true", "video: false");
    apply(&desk);
    plans.push(json(&desk, "plan --sandbox --format json --destroy"));

    // And comes back; a seat is released, a person replaced.
    desk.replace("manifests/people.yaml", "\nlifecycle: {ensure: absent}", "");
    desk.replace("manifests/people.yaml", "account: \"13000000001\"", "account: \"13000000003\"");
    desk.replace(
        "manifests/people.yaml",
        "spec:\n  account: \"13000000003\"",
        "lifecycle: {replace: allow}\nspec:\n  account: \"13000000003\"",
    );
    desk.replace(
        "manifests/seats.yaml",
        "metadata: {name: seat-of-zhang}",
        "metadata: {name: seat-of-zhang}\nlifecycle: {ensure: released}",
    );
    plans.push(plan());
    plans
}

#[test]
fn plans_with_every_action_are_as_their_schema_says() {
    let schema = schema("plan.schema.json");
    let plans = plans_with_everything();
    plans.iter().for_each(|plan| assert_valid(&schema, plan));
    let seen: BTreeSet<String> = plans.iter().flat_map(|plan| words(plan, "changes", "action")).collect();
    let every = ["create", "delete", "forget", "record", "refuse", "restore", "update"];
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), every);
    assert!(plans.iter().any(|plan| words(plan, "notes", "code").contains(&"drift-kept".to_owned())));
    assert!(plans.iter().any(|plan| plan["deskform"]["scope"]["leftOut"].is_object()));
    assert!(plans.iter().any(|plan| plan["deskform"]["about"]["destroy"] == true));
    assert!(plans.iter().any(|plan| plan["resource_drift"].as_array().unwrap().len() > 1));
    assert!(plans.iter().any(|plan| !plan["deskform"]["brakes"]["refused"].as_array().unwrap().is_empty()));
}

#[test]
fn the_plan_of_the_example_is_as_its_schema_says_and_a_bent_one_is_not() {
    let desk = Project::copy_of(&repository().join("examples/service-desk"));
    let schema = schema("plan.schema.json");
    let plan = json(&desk, "plan --sandbox --format json");
    assert_valid(&schema, &plan);
    for (pointer, value) in [
        ("/deskform/fingerprint", Json::from("short")),
        ("/resource_changes/0/change/actions", serde_json::json!(["destroy"])),
        ("/resource_changes/0/change/after/account", Json::from(7)),
        ("/resource_changes/0/type", Json::from("queue")),
        ("/deskform/changes/0/key", serde_json::json!({})),
        ("/deskform/counts/add", Json::from(-1)),
    ] {
        let mut bent = plan.clone();
        *bent.pointer_mut(pointer).unwrap() = value;
        assert!(!schema.is_valid(&bent), "{pointer}");
    }
    let mut more = plan;
    more["deskform"]["changes"][0]["surprise"] = Json::from(true);
    assert!(!schema.is_valid(&more));
}

#[test]
fn applies_reports_and_ledgers_are_as_their_schemas_say() {
    let desk = Project::copy_of(&repository().join("tests/desk"));
    let (report, outcome, ledger) = (schema("report.schema.json"), schema("output-apply.schema.json"), schema("output-ledger.schema.json"));
    let read = || serde_json::from_str::<Json>(&desk.read("report.json")).unwrap();
    assert_valid(&outcome, &json(&desk, "apply --sandbox --auto-approve --format json --report report.json"));
    assert_valid(&report, &read());
    assert_eq!(read()["status"], "done");
    assert_valid(&ledger, &json(&desk, "ledger list --sandbox --format json"));
    assert_valid(&ledger, &json(&desk, "ledger show agent/8001 --sandbox --format json"));
    let rotated = json(&desk, "rotate-password agent/8001 --generate --credentials-out new.jsonl --sandbox --format json");
    assert_valid(&schema("output-rotate-password.schema.json"), &rotated);
    assert_valid(&schema("output-drift.schema.json"), &json(&desk, "drift --sandbox --format json"));
    desk.replace("manifests/seats.yaml", "version: 1}", "version: 2}");
    desk.replace("manifests/seats.yaml", "video: false", "video: true");
    let (exit, stdout) = run(&desk, "apply --sandbox --auto-approve --format json --report report.json");
    assert_eq!(exit, 5);
    assert_valid(&outcome, &serde_json::from_str(&stdout).unwrap());
    assert_valid(&report, &read());
    assert_eq!(read()["run"]["outcome"]["changes"][0]["fate"], "refused");
    desk.replace("manifests/seats.yaml", "video: true", "vidio: true");
    assert_eq!(run(&desk, "apply --sandbox --auto-approve --report report.json").0, 3);
    assert_valid(&report, &read());
    assert_eq!(read()["run"], Json::Null);
}

#[test]
fn findings_are_as_their_schema_says() {
    let desk = Project::copy_of(&repository().join("tests/desk"));
    let schema = schema("output-validate.schema.json");
    assert_valid(&schema, &json(&desk, "validate --format json"));
    desk.replace("manifests/people.yaml", "account: \"13000000002\"", "account: \"13000000001\"");
    let findings = json(&desk, "validate --format json");
    assert_valid(&schema, &findings);
    assert!(!findings["diagnostics"][0]["others"].as_array().unwrap().is_empty());
}

#[test]
fn invalid_manifests_end_with_three_and_fill_every_output_without_showing_a_secret() {
    let desk = Project::copy_of(&repository().join("tests/desk"));
    desk.replace("manifests/seats.yaml", "{env: SEAT_8001, version: 1}", "planted-hunter22");
    let every = "text=a.txt,json=a.json,github=a.github,sarif=a.sarif,codequality=a.codequality";
    assert_eq!(run(&desk, &format!("validate --output {every}")).0, 3);
    let read = |name: &str| desk.read(name);
    for name in ["a.txt", "a.json", "a.github", "a.sarif", "a.codequality"] {
        let text = read(name);
        assert!(text.contains("literal-secret") && !text.contains("planted"), "{name}:\n{text}");
    }
    let json = |name: &str| serde_json::from_str::<Json>(&read(name)).unwrap();
    let (sarif, codequality) = (json("a.sarif"), json("a.codequality"));
    let places = [
        &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"],
        &codequality[0]["location"]["lines"]["begin"],
    ];
    assert_eq!(places[0], places[1]);
}
