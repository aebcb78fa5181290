//! Where a project lies in its repository: CI systems name files from the repository's root, deskform from the project's folder.

use std::path::{Component, Path, PathBuf};

use crate::args::Global;
use crate::settings::under;

/// What stands before a manifest's path to make it a path from the repository's root: empty, or folders that end with `/`.
///
/// The repository is the nearest folder above that holds `.git`. Where there is none (an exported archive), `--chdir` and the folder of
/// `--project` are taken as they were typed, if they lead down.
pub(crate) fn folder(global: &Global) -> String {
    let project = under(&global.chdir, &global.project);
    let folder = project.parent().unwrap_or(Path::new("")).to_owned();
    let real = |folder: &Path| if folder.as_os_str().is_empty() { Path::new(".").canonicalize() } else { folder.canonicalize() };
    let from_root = real(&folder).ok().and_then(|folder| below_git(&folder));
    prefix(&from_root.unwrap_or(folder))
}

/// The path of a folder from the root of its repository.
fn below_git(folder: &Path) -> Option<PathBuf> {
    let root = folder.ancestors().find(|above| above.join(".git").exists())?;
    folder.strip_prefix(root).ok().map(Path::to_owned)
}

fn prefix(folder: &Path) -> String {
    let mut prefix = String::new();
    for part in folder.components() {
        match part {
            Component::Normal(name) => {
                prefix.push_str(&name.to_string_lossy());
                prefix.push('/');
            }
            Component::CurDir => {}
            // It leads somewhere else, and nothing is known of that place.
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return String::new(),
        }
    }
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;

    fn global(chdir: &Path, project: &str) -> Global {
        Global { chdir: chdir.to_owned(), project: project.into(), ..Global::default() }
    }

    #[test]
    fn paths_begin_at_the_root_of_the_repository() {
        let repository = tempfile::tempdir().expect("a folder");
        let desk = repository.path().join("desks/tier1");
        std::fs::create_dir_all(&desk).expect("made");
        std::fs::create_dir(repository.path().join(".git")).expect("made");
        assert_eq!(folder(&global(&desk, "deskform.yaml")), "desks/tier1/");
        assert_eq!(folder(&global(repository.path(), "desks/tier1/deskform.yaml")), "desks/tier1/");
        assert_eq!(folder(&global(repository.path(), "deskform.yaml")), "");
    }

    #[test]
    fn without_a_repository_the_folder_is_taken_as_typed_if_it_leads_down() {
        assert_eq!(prefix(Path::new("./desks/tier1")), "desks/tier1/");
        assert_eq!(prefix(Path::new("../tier1")), "");
        assert_eq!(prefix(Path::new("/srv/tier1")), "");
    }
}
