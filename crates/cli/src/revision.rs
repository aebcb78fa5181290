//! The Git revision that a project folder is at, read from `.git` without running Git.

use std::fs;
use std::path::Path;

use deskform_model::Text;

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
}
