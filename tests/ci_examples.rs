//! The commands inside `examples/ci`: each is run as it stands there, in a copy of the example desk, on the sandbox. Syntax of the files around
//! them is checked by `.ci/companions`.
#![allow(missing_docs, clippy::unwrap_used)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use deskform_testkit::project::Project;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// All files of `examples/ci` that hold commands.
fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = ["github", "gitlab", "hooks"]
        .into_iter()
        .flat_map(|folder| std::fs::read_dir(repository().join("examples/ci").join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// The lines of a file that begin with deskform, without what YAML puts before them.
fn commands(text: &str) -> Vec<&str> {
    text.lines()
        .map(str::trim_start)
        .map(|line| line.strip_prefix("- ").unwrap_or(line))
        .map(|line| line.strip_prefix("run: ").unwrap_or(line))
        .filter(|line| line.starts_with("deskform "))
        .collect()
}

/// A folder with a `deskform` that takes the sandbox whatever else it is told.
fn rehearsal() -> Project {
    let folder = Project::empty();
    folder.write("deskform", &format!("#!/bin/sh\nexec '{}' \"$@\" --sandbox\n", env!("CARGO_BIN_EXE_deskform")));
    std::fs::set_permissions(folder.file("deskform"), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn bash(rehearsal: &Project, folder: &Path, variables: &[(&str, &str)], script: &str) -> Output {
    let path = format!("{}:{}", rehearsal.path().display(), std::env::var("PATH").unwrap());
    Command::new("bash")
        .args(["-uc", script])
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .env("HOME", folder)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The code that a line ends with, also where the line keeps it in a variable.
fn code(rehearsal: &Project, desk: &Project, variables: &[(&str, &str)], line: &str) -> (i32, String) {
    let output = bash(rehearsal, desk.path(), variables, &format!("code=0\n{line}\nlast=$?\nexit $((code == 0 ? last : code))"));
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What a command ends with on a desk that was never applied.
fn expected(line: &str) -> i32 {
    if line.starts_with("deskform plan ") && line.contains("--detailed-exitcode") { 2 } else { 0 }
}

/// The files of `--output`.
fn outputs(line: &str) -> impl Iterator<Item = &str> {
    let specs = line.split("--output ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
    specs.split(',').filter_map(|spec| spec.split_once('=')).map(|(_, file)| file).filter(|file| *file != "-")
}

#[test]
fn every_command_of_the_examples_does_on_the_sandbox_what_the_file_around_it_expects() {
    let rehearsal = rehearsal();
    let mut seen = 0;
    for file in files() {
        let desk = Project::copy_of(&repository().join("examples/service-desk"));
        assert_eq!(code(&rehearsal, &desk, &[], "deskform plan --out plan.json").0, 0);
        let plan: serde_json::Value = serde_json::from_str(&desk.read("plan.json")).unwrap();
        let fingerprint = plan["deskform"]["fingerprint"].as_str().unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        if commands(&text).iter().all(|line| line.starts_with("deskform drift")) {
            assert_eq!(code(&rehearsal, &desk, &[], "deskform apply --auto-approve").0, 0);
        }
        for line in commands(&text) {
            let place = format!("{}: {line}", file.display());
            let (code, said) = code(&rehearsal, &desk, &[("FINGERPRINT", fingerprint)], line);
            seen += 1;
            assert_eq!(code, expected(line), "{place}\n{said}");
            for output in outputs(line) {
                assert!(!desk.read(output).is_empty(), "{place}: {output}");
            }
        }
    }
    assert!(seen >= 10, "only {seen} commands were found");
}

#[test]
fn the_hook_lets_valid_manifests_into_a_commit_and_keeps_invalid_ones_out() {
    let rehearsal = rehearsal();
    let desk = Project::copy_of(&repository().join("examples/service-desk"));
    let hook = repository().join("examples/ci/hooks/pre-commit");
    let commit = |what: &str| {
        let identity = "-c user.name=desk -c user.email=desk@example.com";
        bash(&rehearsal, desk.path(), &[], &format!("git add --all && git {identity} commit --quiet --message '{what}'")).status.success()
    };
    let made = bash(&rehearsal, desk.path(), &[], &format!("git init --quiet && cp '{}' .git/hooks/pre-commit", hook.display()));
    assert!(made.status.success());
    assert!(commit("the desk"));
    desk.replace("manifests/seats.yaml", "role: 班长", "rolle: 班长");
    assert!(!commit("a mistake"));
    // What is staged counts, not what lies in the folder.
    desk.replace("manifests/seats.yaml", "rolle: 班长", "role: 班长");
    let staged = bash(&rehearsal, desk.path(), &[], "git -c user.name=desk -c user.email=desk@example.com commit --quiet --message half");
    assert!(!staged.status.success());
    desk.replace("manifests/seats.yaml", "name: 张伟", "name: 张大伟");
    assert!(commit("another name"));
}
