//! The Git revision of the manifests, and how it is related to the one that was applied last.
//!
//! Which revision is checked out is read from `.git` without running Git. Whether one holds the other only Git can tell: that runs
//! `git`, which changes nothing and fetches nothing. Where it cannot tell, the doubt says why.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use deskform_model::Text;
use deskform_planner::brake::Lineage;

/// Variables in which CI systems give the commit that they run for: GitHub and its relatives, GitLab, Buildkite, CircleCI, Jenkins.
const VARIABLES: [&str; 5] = ["GITHUB_SHA", "CI_COMMIT_SHA", "BUILDKITE_COMMIT", "CIRCLE_SHA1", "GIT_COMMIT"];

/// Why nobody can tell how two revisions are related.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It is not known which revision is planned.
    NoRevision,
    /// The `git` program cannot be run.
    NoGit,
    /// The clone does not reach back far enough.
    Shallow,
    /// The clone does not hold this revision.
    Missing(Text),
    /// Git refused, with its own words.
    Refused(String),
}

/// The commit that somebody means: its own hash, or what the repository around `root` knows under this name. A ledger remembers the commit,
/// because a name means something else the day after. Where there is no repository to ask, the name is all there is.
///
/// # Errors
/// The reason why nobody can tell.
pub fn resolve(root: &Path, given: &Text) -> Result<Text, Doubt> {
    match hash(given) {
        Some(hash) => Ok(hash),
        None => match commit(root, given) {
            Err(Doubt::NoGit | Doubt::Refused(_)) => Ok(given.clone()),
            known => known.map(Text::from),
        },
    }
}

/// The revision that is planned: the given one, else the one that is checked out, else what the CI says.
pub fn planned(given: Option<&Text>, root: &Path, variable: impl Fn(&str) -> Option<String>) -> Option<Text> {
    let of_ci = || VARIABLES.iter().find_map(|name| variable(name).as_deref().and_then(hash));
    given.cloned().or_else(|| of(root)).or_else(of_ci)
}

/// The commit that is checked out in the repository around `root`; `None` outside of a repository or before its first commit.
pub fn of(root: &Path) -> Option<Text> {
    let root = root.canonicalize().ok()?;
    let git = root.ancestors().map(|folder| folder.join(".git")).find(|path| path.exists())?;
    // A linked worktree has a file that says where its own folder is.
    let git = match fs::read_to_string(&git) {
        Ok(text) => git.parent()?.join(text.strip_prefix("gitdir:")?.trim()),
        Err(_) => git,
    };
    let head = fs::read_to_string(git.join("HEAD")).ok()?;
    let Some(reference) = head.strip_prefix("ref:") else { return hash(&head) };
    let reference = reference.trim();
    let shared = fs::read_to_string(git.join("commondir")).map_or_else(|_| git.clone(), |common| git.join(common.trim()));
    if let Some(text) = [&git, &shared].into_iter().find_map(|folder| fs::read_to_string(folder.join(reference)).ok()) {
        return hash(&text);
    }
    let packed = fs::read_to_string(shared.join("packed-refs")).ok()?;
    packed.lines().find_map(|line| line.strip_suffix(reference)?.strip_suffix(' ').and_then(hash))
}

fn hash(text: &str) -> Option<Text> {
    let text = text.trim();
    (text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.into())
}

/// How `ours` is related to `last`, as the repository around `root` knows it.
///
/// # Errors
/// The reason why nobody can tell.
pub fn lineage(root: &Path, last: &Text, ours: Option<&Text>) -> Result<Lineage, Doubt> {
    let ours = ours.ok_or(Doubt::NoRevision)?;
    if last == ours {
        return Ok(Lineage::Same);
    }
    let (first, second) = (commit(root, last)?, commit(root, ours)?);
    if first == second {
        return Ok(Lineage::Same);
    }
    let answer = git(root, &["merge-base", "--is-ancestor", &first, &second])?;
    match answer.status.code() {
        Some(0) => Ok(Lineage::Ahead),
        // Behind the edge of a shallow clone there may be a way from one to the other.
        Some(1) if is_shallow(root)? => Err(Doubt::Shallow),
        Some(1) => Ok(Lineage::Behind { ledger: last.clone(), ours: ours.clone() }),
        _ => Err(refused(&answer)),
    }
}

/// The commit that a name stands for in this repository.
fn commit(root: &Path, name: &Text) -> Result<String, Doubt> {
    // A ledger is a file that anybody may have edited.
    if name.starts_with('-') {
        return Err(Doubt::Missing(name.clone()));
    }
    let answer = git(root, &["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")])?;
    match answer.status.code() {
        Some(0) => Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned()),
        Some(1) if is_shallow(root)? => Err(Doubt::Shallow),
        Some(1) => Err(Doubt::Missing(name.clone())),
        _ => Err(refused(&answer)),
    }
}

fn is_shallow(root: &Path) -> Result<bool, Doubt> {
    Ok(git(root, &["rev-parse", "--is-shallow-repository"])?.stdout.starts_with(b"true"))
}

fn git(root: &Path, arguments: &[&str]) -> Result<Output, Doubt> {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(arguments);
    // Nothing is fetched, nobody is asked, and nothing is written.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
    command.output().map_err(|_| Doubt::NoGit)
}

fn refused(answer: &Output) -> Doubt {
    let said = String::from_utf8_lossy(&answer.stderr);
    Doubt::Refused(said.lines().next().unwrap_or("it said nothing").trim_start_matches("fatal: ").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef01234567";

    fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("has one")).expect("made");
            fs::write(path, text).expect("written");
        }
        fs::create_dir_all(folder.path().join("desk")).expect("made");
        folder
    }

    #[test]
    fn a_branch_is_found_loose_or_packed_and_a_detached_head_as_it_is() {
        let line = format!("{HASH}\n");
        let packed = format!("# pack-refs\n{HASH} refs/heads/main\n");
        for files in [
            vec![(".git/HEAD", "ref: refs/heads/main\n"), (".git/refs/heads/main", line.as_str())],
            vec![(".git/HEAD", "ref: refs/heads/main\n"), (".git/packed-refs", packed.as_str())],
            vec![(".git/HEAD", line.as_str())],
        ] {
            let folder = repository(&files);
            assert_eq!(of(&folder.path().join("desk")).as_deref(), Some(HASH), "{files:?}");
        }
    }

    #[test]
    fn a_repository_without_a_commit_has_no_revision() {
        assert_eq!(of(repository(&[(".git/HEAD", "ref: refs/heads/main\n")]).path()), None);
    }

    #[test]
    fn a_flag_goes_before_git_and_git_before_what_the_ci_says() {
        let inside = repository(&[(".git/HEAD", &format!("{HASH}\n"))]);
        let outside = repository(&[]);
        let given = Text::from("v1");
        let other = "f".repeat(40);
        let ci = |name: &str| (name == "CI_COMMIT_SHA").then(|| other.clone());
        assert_eq!(planned(Some(&given), inside.path(), ci).as_deref(), Some("v1"));
        assert_eq!(planned(None, inside.path(), ci).as_deref(), Some(HASH));
        assert_eq!(planned(None, outside.path(), ci).as_deref(), Some(other.as_str()));
        assert_eq!(planned(None, outside.path(), |_| Some("main".into())), None, "only a commit is one");
    }

    /// Runs Git in a folder and gives what it said.
    fn run(folder: &Path, arguments: &[&str]) -> Text {
        let mut command = Command::new("git");
        command.arg("-C").arg(folder).args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(arguments);
        let answer = command.output().expect("git runs");
        assert!(answer.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8_lossy(&answer.stdout).trim().into()
    }

    fn commit_all(folder: &Path, message: &str) -> Text {
        run(folder, &["commit", "--quiet", "--allow-empty", "-m", message]);
        run(folder, &["rev-parse", "HEAD"])
    }

    #[test]
    fn what_holds_the_last_revision_is_ahead_and_what_lacks_it_is_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        run(root, &["init", "--quiet", "--initial-branch=main"]);
        let base = commit_all(root, "base");
        let merge = commit_all(root, "a colleague's merge");
        run(root, &["checkout", "--quiet", "-b", "branch", &base]);
        let branch = commit_all(root, "mine");
        assert_eq!(lineage(root, &base, Some(&merge)), Ok(Lineage::Ahead));
        assert_eq!(lineage(root, &merge, Some(&merge)), Ok(Lineage::Same));
        assert_eq!(lineage(root, &merge, Some(&Text::from("main"))), Ok(Lineage::Same));
        for ours in [&branch, &base] {
            let behind = Lineage::Behind { ledger: merge.clone(), ours: ours.clone() };
            assert_eq!(lineage(root, &merge, Some(ours)), Ok(behind));
        }
        assert_eq!(lineage(root, &Text::from(HASH), Some(&branch)), Err(Doubt::Missing(HASH.into())));
        assert_eq!(lineage(root, &Text::from("--help"), Some(&branch)), Err(Doubt::Missing("--help".into())));
        assert_eq!(lineage(root, &merge, None), Err(Doubt::NoRevision));
    }

    #[test]
    fn a_shallow_clone_cannot_tell() {
        let (origin, clone) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        run(origin.path(), &["init", "--quiet", "--initial-branch=main"]);
        let base = commit_all(origin.path(), "base");
        let head = commit_all(origin.path(), "more");
        let url = format!("file://{}", origin.path().display());
        run(clone.path(), &["clone", "--quiet", "--depth=1", &url, "."]);
        assert_eq!(lineage(clone.path(), &base, Some(&head)), Err(Doubt::Shallow));
        assert_eq!(lineage(clone.path(), &head, Some(&head)), Ok(Lineage::Same));
    }

    #[test]
    fn a_name_is_resolved_to_the_commit_that_it_means_now() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        run(root, &["init", "--quiet", "--initial-branch=main"]);
        let base = commit_all(root, "base");
        let head = commit_all(root, "more");
        for (name, means) in [("HEAD", &head), ("main", &head), ("HEAD~1", &base), (&base[..8], &base)] {
            assert_eq!(resolve(root, &name.into()).as_ref(), Ok(means), "{name}");
        }
        assert_eq!(resolve(root, &HASH.into()), Ok(HASH.into()), "a commit need not be in this clone");
        assert_eq!(resolve(root, &"bogus".into()), Err(Doubt::Missing("bogus".into())));
    }

    #[test]
    fn outside_of_a_repository_git_refuses() {
        let folder = tempfile::tempdir().expect("a folder");
        let doubt = lineage(folder.path(), &HASH.into(), Some(&"v1".into())).expect_err("no repository");
        assert!(matches!(&doubt, Doubt::Refused(said) if said.contains("not a git repository")), "{doubt:?}");
    }
}
