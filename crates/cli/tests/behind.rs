//! A branch that lacks a colleague's merge: the brake `behind`, end to end with a real repository.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::process::Command;

use deskform_testkit::process::{self, Said};
use deskform_testkit::project::Project;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let who = ["-c", "user.name=desk", "-c", "user.email=desk@example.com"];
    let output = Command::new("git").arg("-C").arg(folder).args(who).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn commit(project: &Project, message: &str) -> String {
    git(project.path(), &["add", "--all"]);
    git(project.path(), &["commit", "--quiet", "--message", message]);
    git(project.path(), &["rev-parse", "HEAD"])
}

/// Runs the program, with the variables given and with Git within reach.
fn deskform(project: &Project, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    let binary = Path::new(env!("CARGO_BIN_EXE_deskform"));
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--sandbox"]).collect();
    let mut command = process::command(binary, project, &arguments);
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path))).envs(variables.iter().copied());
    process::run(command)
}

fn apply(project: &Project) {
    let said = deskform(project, &["apply", "--auto-approve", "--quiet"], &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
}

fn recorded(project: &Project) -> String {
    let said = deskform(project, &["ledger", "list", "--format", "json"], &[]);
    let line = said.stdout.lines().find(|line| line.contains("\"revision\"")).unwrap_or_default().to_owned();
    line.split("\"revision\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

fn desk() -> Project {
    let project = Project::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/desk"));
    project.write(".gitignore", ".deskform\nclone\n");
    project
}

/// A repository whose main branch was applied, checked out at a branch that lacks its last commit.
fn behind() -> (Project, String, String) {
    let project = desk();
    git(project.path(), &["init", "--quiet", "--initial-branch=main"]);
    let base = commit(&project, "base");
    apply(&project);
    assert_eq!(recorded(&project), base);
    project.replace("manifests/people.yaml", "name: 李四", "name: 李小四");
    let merged = commit(&project, "a colleague's change");
    apply(&project);
    assert_eq!(recorded(&project), merged);
    git(project.path(), &["checkout", "--quiet", "-b", "branch", &base]);
    project.replace("manifests/people.yaml", "mobile: \"13000000001\"", "mobile: \"13000000009\"");
    let ours = commit(&project, "my change");
    (project, merged, ours)
}

#[test]
fn a_branch_without_the_last_merge_is_refused_until_it_is_rebased() {
    let (project, merged, ours) = behind();
    let said = deskform(&project, &["plan"], &[]);
    assert_eq!(said.code, Some(4), "{said:?}");
    let expected = format!("brake[behind]: revision {} was applied last and is not part of {}", &merged[..12], &ours[..12]);
    assert!(said.stdout.contains(&expected) && said.stdout.contains("changes or removes 2 objects"), "{}", said.stdout);
    assert!(said.stdout.contains("rebase first") && said.stdout.contains("brake: behind\n"), "{}", said.stdout);
    let refused = deskform(&project, &["apply", "--auto-approve", "--quiet"], &[]);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert_eq!(recorded(&project), merged);
    assert_eq!(deskform(&project, &["plan", "--allow", "behind"], &[]).code, Some(0));

    git(project.path(), &["rebase", "--quiet", "main"]);
    let said = deskform(&project, &["plan"], &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!said.stdout.contains("brake") && said.stdout.contains("1 to change"), "{}", said.stdout);
    apply(&project);
    assert_eq!(recorded(&project), git(project.path(), &["rev-parse", "HEAD"]));
}

#[test]
fn a_plan_that_changes_nothing_back_is_not_asked_where_it_comes_from() {
    let (project, _, _) = behind();
    let said = deskform(&project, &["plan", "--target", "shift"], &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!said.stderr.contains("cannot be checked"), "{}", said.stderr);
}

#[test]
fn where_nobody_can_tell_the_plan_passes_and_says_why() {
    let (project, _, _) = behind();
    let said = deskform(&project, &["plan"], &[("PATH", "/nowhere")]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stderr.contains("the git program cannot be run"), "{}", said.stderr);

    let said = deskform(&project, &["plan", "--revision", "v9"], &[]);
    assert_eq!(said.code, Some(64), "{said:?}");
    assert!(said.stderr.contains("this clone does not hold v9"), "{}", said.stderr);

    let url = format!("file://{}", project.path().display());
    git(project.path(), &["clone", "--quiet", "--depth=1", "--branch=branch", &url, "clone"]);
    std::fs::rename(project.file(".deskform"), project.file("clone/.deskform")).unwrap();
    let said = deskform(&project, &["plan", "--chdir", "clone"], &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stderr.contains("the clone is shallow") && said.stderr.contains("`fetch-depth: 0`"), "{}", said.stderr);
}

#[test]
fn what_is_applied_under_a_name_is_remembered_as_the_commit_that_it_meant() {
    let (project, merged, ours) = behind();
    let said = deskform(&project, &["plan", "--revision", &ours[..10]], &[]);
    assert!(said.code == Some(4) && said.stdout.contains(&ours[..12]), "{said:?}");
    let said = deskform(&project, &["apply", "--auto-approve", "--quiet", "--revision", "main"], &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(recorded(&project), merged);
}

#[test]
fn the_ci_and_the_flag_say_what_is_applied_where_there_is_no_repository() {
    let project = desk();
    let commit = "a".repeat(40);
    let said = deskform(&project, &["apply", "--auto-approve", "--quiet"], &[("GITHUB_SHA", &commit)]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(recorded(&project), commit);
    project.replace("manifests/people.yaml", "name: 李四", "name: 李小四");
    let said = deskform(&project, &["plan"], &[]);
    assert!(said.code == Some(0) && said.stderr.contains("give it with --revision"), "{said:?}");
    let said = deskform(&project, &["apply", "--auto-approve", "--quiet", "--revision", "release-7"], &[("GITHUB_SHA", &commit)]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(recorded(&project), "release-7");
}
