//! Finds and reads the manifest files: by pattern below the project folder, sorted, never outside of it.

use std::fs;
use std::path::{Path, PathBuf};

use deskform_model::source::Sources;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use walkdir::WalkDir;

use crate::error::Trouble;

/// Larger manifests are refused: spans count in 32 bits, and nobody reviews such a file.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Adds every file below `root` that matches one of the patterns, except the project file, in the order of their paths, and counts them.
///
/// What is hidden (`.deskform`, `.git`, `.#draft.yaml`) is passed over. A symbolic link is followed when it stays inside `root`.
///
/// # Errors
/// When a pattern leads out of `root` or makes no sense, when a link leads out of it, or when a file cannot be read; the error names it.
pub fn read(root: &Path, patterns: &[String], project_file: &Path, sources: &mut Sources) -> Result<Found, Trouble> {
    let (found, unread) = find(root, patterns, project_file)?;
    let files = found.len();
    for (name, path) in found {
        sources.add(name, read_text(&path)?);
    }
    Ok(Found { files, unread })
}

/// What was found in the folders of the patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// How many files were read.
    pub files: usize,
    /// Files that look like manifests and match no pattern (`.yml`), sorted.
    pub unread: Vec<String>,
}

/// One file's text.
///
/// # Errors
/// When it cannot be read, is no text, or is too large.
pub fn read_text(path: &Path) -> Result<String, Trouble> {
    let failed = |source| Trouble::File { path: path.to_owned(), source };
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > MAX_BYTES {
        return Err(Trouble::TooLarge { path: path.to_owned(), megabytes: MAX_BYTES / 1024 / 1024 });
    }
    String::from_utf8(fs::read(path).map_err(failed)?).map_err(|_| Trouble::NotUtf8 { path: path.to_owned() })
}

/// A file's name (relative, `/` between folders) and its path.
type Named = (String, PathBuf);

/// The matching files, and those that only look like it, sorted by name.
fn find(root: &Path, patterns: &[String], project_file: &Path) -> Result<(Vec<Named>, Vec<String>), Trouble> {
    let globs = globs(patterns)?;
    let failed = |path: &Path, source| Trouble::File { path: path.to_owned(), source };
    let inside = root.canonicalize().map_err(|source| failed(root, source))?;
    let project_file = project_file.canonicalize().ok();
    let project_file_name = project_file.as_deref().and_then(Path::file_name);
    let mut bases: Vec<PathBuf> = patterns.iter().map(|pattern| root.join(fixed_part(pattern))).collect();
    bases.sort();
    bases.dedup();

    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for base in bases.iter().filter(|base| base.exists()) {
        let walk = WalkDir::new(base).follow_links(true).into_iter();
        for entry in walk.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.path())) {
            let entry = match entry {
                Ok(entry) => entry,
                // An editor's lock is a hidden link that leads nowhere.
                Err(error) if error.path().is_some_and(is_hidden) => continue,
                Err(error) => return Err(Trouble::File { path: error.path().unwrap_or(base).to_owned(), source: error.into() }),
            };
            let Some(name) = relative(root, entry.path()) else { continue };
            let wanted = entry.file_type().is_file() && globs.is_match(&name);
            if !wanted && is_yaml_by_another_name(entry.path()) {
                unread.push(name.clone());
            }
            if !wanted && !entry.file_type().is_dir() {
                continue;
            }
            // What is no link lies where its folder does, which was looked at before.
            let mut is_project_file = false;
            if entry.path_is_symlink() || entry.depth() == 0 || Some(entry.file_name()) == project_file_name {
                let real = entry.path().canonicalize().map_err(|source| failed(entry.path(), source))?;
                if !real.starts_with(&inside) {
                    return Err(Trouble::OutsideLink { path: entry.path().to_owned() });
                }
                is_project_file = Some(&real) == project_file.as_ref();
            }
            if wanted && !is_project_file {
                found.push((name, entry.into_path()));
            }
        }
    }
    unread.sort();
    unread.dedup();
    found.sort();
    found.dedup();
    Ok((found, unread))
}

/// Whether a file looks like a manifest and is spelt so that patterns usually miss it.
fn is_yaml_by_another_name(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
    extension != "yaml" && matches!(extension.to_lowercase().as_str(), "yaml" | "yml")
}

fn globs(patterns: &[String]) -> Result<GlobSet, Trouble> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        if pattern.starts_with('/') || pattern.split('/').any(|part| part == "..") {
            return Err(Trouble::OutsidePattern { pattern: pattern.clone() });
        }
        let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
        let glob = GlobBuilder::new(pattern).literal_separator(true).build();
        set.add(glob.map_err(|source| Trouble::Pattern { pattern: pattern.to_owned(), source })?);
    }
    set.build().map_err(|source| Trouble::Pattern { pattern: patterns.join(", "), source })
}

/// The folders of a pattern that hold no wildcard: only they are walked.
fn fixed_part(pattern: &str) -> PathBuf {
    let parts: Vec<&str> = pattern.split('/').collect();
    let plain = parts.iter().take_while(|part| !part.contains(['*', '?', '[', ']', '{', '}', '\\'])).count();
    // A pattern without any wildcard names one file.
    parts[..plain].iter().filter(|part| !part.is_empty() && **part != ".").collect()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with('.'))
}

/// The path below `root` with `/` between folders; `None` when it is no text.
fn relative(root: &Path, path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.strip_prefix(root).ok()?.components().map(|part| part.as_os_str().to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Project(tempfile::TempDir);

    impl Project {
        fn with(files: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            for (name, text) in files {
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().expect("has one")).expect("made");
                fs::write(path, text).expect("written");
            }
            Self(folder)
        }

        fn read(&self, patterns: &[&str]) -> Result<Vec<String>, Trouble> {
            let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
            let mut sources = Sources::default();
            read(self.0.path(), &patterns, &self.0.path().join("deskform.yaml"), &mut sources)?;
            Ok(sources.iter().map(|(_, source)| source.path.to_string()).collect())
        }
    }

    #[test]
    fn files_come_sorted_by_path_whatever_pattern_found_them() {
        let project =
            Project::with(&[("manifests/b.yaml", ""), ("manifests/a/z.yaml", ""), ("manifests/a.yaml", ""), ("manifests/no.txt", "")]);
        let found = project.read(&["manifests/b*.yaml", "manifests/**/*.yaml"]).expect("found");
        assert_eq!(found, ["manifests/a.yaml", "manifests/a/z.yaml", "manifests/b.yaml"]);
    }

    #[test]
    fn what_is_hidden_and_the_project_file_are_no_manifests() {
        let project =
            Project::with(&[("deskform.yaml", ""), (".deskform/x.yaml", ""), (".git/x.yaml", ""), ("._a.yaml", ""), ("a.yaml", "")]);
        #[cfg(unix)]
        std::os::unix::fs::symlink("nowhere", project.0.path().join(".#a.yaml")).expect("linked");
        assert_eq!(project.read(&["**/*.yaml"]).expect("found"), ["a.yaml"]);
    }

    #[test]
    fn files_that_only_look_like_manifests_are_told() {
        let project =
            Project::with(&[("manifests/a.yaml", ""), ("manifests/b.yml", ""), ("manifests/C.YAML", ""), ("manifests/d.txt", "")]);
        let file = project.0.path().join("deskform.yaml");
        let found = read(project.0.path(), &["manifests/**/*.yaml".to_owned()], &file, &mut Sources::default()).expect("found");
        assert_eq!(found, Found { files: 1, unread: vec!["manifests/C.YAML".into(), "manifests/b.yml".into()] });
    }

    #[test]
    fn a_star_stays_within_its_folder() {
        let project = Project::with(&[("manifests/a.yaml", ""), ("manifests/deep/b.yaml", "")]);
        assert_eq!(project.read(&["manifests/*.yaml"]).expect("found"), ["manifests/a.yaml"]);
    }

    #[test]
    fn a_missing_folder_holds_no_manifests() {
        assert!(Project::with(&[]).read(&["manifests/**/*.yaml"]).expect("found").is_empty());
    }

    #[test]
    fn patterns_that_lead_outside_are_refused() {
        let project = Project::with(&[]);
        for pattern in ["../other/*.yaml", "/etc/*.yaml", "manifests/../../x.yaml"] {
            assert!(matches!(project.read(&[pattern]), Err(Trouble::OutsidePattern { .. })), "{pattern}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_outside_are_refused_and_others_are_followed() {
        let outside = Project::with(&[("secret.yaml", "password: 1"), ("folder/x.yaml", "")]);
        for target in ["secret.yaml", "folder"] {
            let project = Project::with(&[("manifests/a.yaml", "")]);
            let link = project.0.path().join("manifests/link.yaml");
            std::os::unix::fs::symlink(outside.0.path().join(target), &link).expect("linked");
            assert!(matches!(project.read(&["manifests/**/*.yaml"]), Err(Trouble::OutsideLink { path }) if path == link), "{target}");
        }
        let project = Project::with(&[("manifests/a.yaml", ""), ("shared/b.yaml", "")]);
        std::os::unix::fs::symlink("../shared", project.0.path().join("manifests/shared")).expect("linked");
        assert_eq!(project.read(&["manifests/**/*.yaml"]).expect("found"), ["manifests/a.yaml", "manifests/shared/b.yaml"]);
    }

    #[test]
    fn a_file_that_is_no_text_is_named() {
        let project = Project::with(&[]);
        fs::create_dir(project.0.path().join("manifests")).expect("made");
        fs::write(project.0.path().join("manifests/a.yaml"), [0xff, 0xfe]).expect("written");
        let trouble = project.read(&["manifests/*.yaml"]).expect_err("no text");
        assert!(matches!(&trouble, Trouble::NotUtf8 { .. }));
        assert!(trouble.to_string().contains("a.yaml"), "{trouble}");
    }
}
