//! Exit codes of whole runs in this process. The runs take over the panic hook, so they live in a test binary of their own.
#![allow(clippy::unwrap_used, missing_docs)]

use std::ffi::OsString;
use std::fs;

fn exit(line: &str) -> u8 {
    deskform_cli::run(line.split_whitespace().map(OsString::from)).code()
}

fn project(spec: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("apiVersion: deskform/v1\nkind: Project\nmetadata: {{name: acme}}\nspec: {spec}\n");
    fs::write(folder.path().join("deskform.yaml"), text).unwrap();
    folder
}

#[test]
fn usage_errors_end_with_64_and_help_with_0() {
    assert_eq!(exit("deskform plam"), 64);
    assert_eq!(exit("deskform plan --nope"), 64);
    assert_eq!(exit("deskform --version"), 0);
    assert_eq!(exit("deskform apply --help"), 0);
}

#[test]
fn a_run_without_a_project_has_failed() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(exit(&format!("deskform --chdir {} plan", folder.path().display())), 1);
}

#[test]
fn an_invalid_project_file_ends_with_3() {
    let folder = project("{x: 1}");
    assert_eq!(exit(&format!("deskform --chdir {} validate", folder.path().display())), 3);
}

#[test]
fn apply_stops_with_4_where_nobody_can_approve_or_the_ledger_may_be_lost() {
    let folder = project("{}");
    let folder = folder.path().display();
    assert_eq!(exit(&format!("deskform --chdir {folder} apply")), 4);
    assert_eq!(exit(&format!("deskform --chdir {folder} apply --auto-approve")), 4);
    assert_eq!(exit(&format!("deskform --chdir {folder} apply --auto-approve --new-ledger")), 0);
}

#[test]
fn a_sandbox_takes_a_person_from_plan_to_apply_to_nothing_left_to_do() {
    let folder = project("{sandbox: {now: \"2026-12-01T06:00:00+08:00\"}}");
    fs::create_dir(folder.path().join("manifests")).unwrap();
    let person = "apiVersion: deskform/v1\nkind: Support\nmetadata: {name: a}\nspec: {account: \"1\", staffNumber: \"1\", name: 张三}\n";
    fs::write(folder.path().join("manifests/a.yaml"), person).unwrap();
    let run = |command: &str| exit(&format!("deskform --chdir {} --sandbox {command}", folder.path().display()));
    assert_eq!(run("plan --detailed-exitcode"), 2);
    assert!(!folder.path().join(".deskform/sandbox-ledger.json").exists(), "a plan writes no ledger");
    assert_eq!(run("apply --auto-approve"), 0);
    assert_eq!(run("plan --detailed-exitcode"), 0);
    assert_eq!(run("destroy --auto-approve"), 0);
    assert_eq!(run("plan --detailed-exitcode"), 2);
    assert!(!folder.path().join(".deskform/ledger.json").exists(), "the configured ledger is not touched");
}
