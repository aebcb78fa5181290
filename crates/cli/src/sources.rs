//! Finds and reads the manifest files: by pattern below the project folder, sorted, never outside of it.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use deskform_model::diagnostic::{Diagnostic, Shape};
use deskform_model::document::{self, MAX_BYTES};
use deskform_model::source::{SourceId, Sources, Span};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use walkdir::WalkDir;

use crate::error::Trouble;

/// Adds every file below `root` that matches one of the patterns, except the project file, in the order of their paths, and counts them.
///
/// What is hidden (`.deskform`, `.git`, `.#draft.yaml`) is passed over. A symbolic link is followed when it stays inside `root`. What is
/// wrong with one file or pattern is a finding of `sources` ([`Sources::findings`]) and hides nothing about the others: a pattern that leads
/// out of `root` or makes no sense, a link that leads out of it or nowhere, a file that cannot be read.
///
/// # Errors
/// When `root` itself cannot be read.
pub fn read(root: &Path, patterns: &[String], project_file: &Path, sources: &mut Sources) -> Result<Found, Trouble> {
    let Walked { mut wanted, mut unread } = find(root, patterns, project_file, sources)?;
    unread.sort();
    unread.dedup();
    wanted.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    wanted.dedup_by(|(a, ..), (b, ..)| a == b);
    let files = wanted.len();
    for (name, path, refused) in wanted {
        match refused.map_or_else(|| add(sources, &name, &path).map_err(unreadable), Err) {
            Ok(_) => {}
            Err(reason) => drop(sources.add_cut(name, String::new(), reason)),
        }
    }
    Ok(Found { files, unread })
}

/// What was found in the folders of the patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// How many files there are, those included that cannot be read.
    pub files: usize,
    /// Files that look like manifests and match no pattern (`.yml`), sorted.
    pub unread: Vec<String>,
}

/// Adds one file. One that is too large or no UTF-8 is there with a finding, and without what cannot be read of it.
///
/// # Errors
/// When the file cannot be read.
pub fn add(sources: &mut Sources, name: &str, path: &Path) -> io::Result<SourceId> {
    let mut file = fs::File::open(path)?;
    let size = file.metadata()?.len();
    let most = MAX_BYTES as u64;
    let mut bytes = Vec::new();
    if size <= most {
        bytes.reserve_exact(usize::try_from(size).unwrap_or_default() + 1);
        // What has no size of its own (a pipe), or grows, is not read any further either.
        file.by_ref().take(most + 1).read_to_end(&mut bytes)?;
    }
    if size > most || bytes.len() > MAX_BYTES {
        let bytes = usize::try_from(size).unwrap_or(usize::MAX).max(bytes.len());
        return Ok(sources.add_cut(name, String::new(), Shape::TooLarge { bytes, limit: MAX_BYTES }));
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => sources.add(name, text),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(valid).copied().unwrap_or_default();
            let mut text = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
            text.push(char::REPLACEMENT_CHARACTER);
            sources.add_cut(name, text, Shape::NotUtf8 { byte })
        }
    })
}

fn unreadable(error: io::Error) -> Shape {
    Shape::Unreadable { dangling: error.kind() == io::ErrorKind::NotFound, reason: error.to_string() }
}

/// One file's text, for files that are no manifests.
///
/// # Errors
/// When it cannot be read, is no text, or is larger than 16 MiB.
pub fn read_text(path: &Path) -> Result<String, Trouble> {
    let failed = |source| Trouble::File { path: path.to_owned(), source };
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > MAX_BYTES as u64 {
        return Err(Trouble::TooLarge { path: path.to_owned(), megabytes: MAX_BYTES as u64 >> 20 });
    }
    String::from_utf8(fs::read(path).map_err(failed)?).map_err(|_| Trouble::NotUtf8 { path: path.to_owned() })
}

/// What the folders hold.
#[derive(Default)]
struct Walked {
    /// A file's name (relative, `/` between folders), its path, and why it must not be read if it must not.
    wanted: Vec<(String, PathBuf, Option<Shape>)>,
    /// What only looks like a manifest.
    unread: Vec<String>,
}

/// Looks at all folders that the patterns begin with.
fn find(root: &Path, patterns: &[String], project_file: &Path, sources: &mut Sources) -> Result<Walked, Trouble> {
    let (globs, patterns) = globs(patterns, project_file, sources)?;
    let inside = root.canonicalize().map_err(|source| Trouble::File { path: root.to_owned(), source })?;
    let project_file = project_file.canonicalize().ok();
    let project_file_name = project_file.as_deref().and_then(Path::file_name);
    let mut bases: Vec<PathBuf> = patterns.iter().map(|pattern| root.join(fixed_part(pattern))).collect();
    bases.sort();
    bases.dedup();

    let mut found = Walked::default();
    for base in bases.iter().filter(|base| base.symlink_metadata().is_ok()) {
        let mut walk =
            WalkDir::new(base).follow_links(true).into_iter().filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.path()));
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                // An editor's lock is a hidden link that leads nowhere.
                Err(error) if error.path().is_some_and(is_hidden) => continue,
                Err(error) => {
                    let path = error.path().unwrap_or(base).to_owned();
                    let name = relative(root, &path).unwrap_or_else(|| path.display().to_string());
                    found.wanted.push((name, path, Some(unreadable(error.into()))));
                    continue;
                }
            };
            let Some(name) = relative(root, entry.path()) else { continue };
            let wanted = entry.file_type().is_file() && globs.is_match(&name);
            if !wanted && is_yaml_by_another_name(entry.path()) {
                found.unread.push(name.clone());
            }
            if !wanted && !entry.file_type().is_dir() {
                continue;
            }
            // What is no link lies where its folder does, which was looked at before.
            let mut is_project_file = false;
            if entry.path_is_symlink() || entry.depth() == 0 || Some(entry.file_name()) == project_file_name {
                let refused = match entry.path().canonicalize() {
                    Ok(real) => {
                        is_project_file = Some(&real) == project_file.as_ref();
                        (!real.starts_with(&inside)).then_some(Shape::LinkOutside)
                    }
                    Err(error) => Some(unreadable(error)),
                };
                if refused.is_some() {
                    if entry.file_type().is_dir() {
                        walk.skip_current_dir();
                    }
                    found.wanted.push((name, entry.into_path(), refused));
                    continue;
                }
            }
            if wanted && !is_project_file {
                found.wanted.push((name, entry.into_path(), None));
            }
        }
    }
    Ok(found)
}

/// Whether a file looks like a manifest and is spelt so that patterns usually miss it.
fn is_yaml_by_another_name(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
    extension != "yaml" && matches!(extension.to_lowercase().as_str(), "yaml" | "yml")
}

/// All patterns that make sense, as one and each by itself. The others are findings.
fn globs<'a>(patterns: &'a [String], project_file: &Path, sources: &mut Sources) -> Result<(GlobSet, Vec<&'a str>), Trouble> {
    let mut set = GlobSetBuilder::new();
    let mut good = Vec::new();
    for pattern in patterns {
        let reason = if pattern.starts_with('/') || pattern.split('/').any(|part| part == "..") {
            None
        } else {
            let plain = pattern.strip_prefix("./").unwrap_or(pattern);
            match GlobBuilder::new(plain).literal_separator(true).build() {
                Ok(glob) => {
                    set.add(glob);
                    good.push(plain);
                    continue;
                }
                Err(error) => Some(error.kind().to_string()),
            }
        };
        let at = place_of(pattern, project_file, sources);
        sources.report(Diagnostic::shape(Shape::BadPattern { pattern: pattern.clone(), reason }, at));
    }
    let set = set.build().map_err(|source| Trouble::Pattern { pattern: patterns.join(", "), source })?;
    Ok((set, good))
}

/// Where the project file, which was read before the manifests, writes a pattern.
fn place_of(pattern: &str, project_file: &Path, sources: &mut Sources) -> Span {
    let first = sources.iter().map(|(id, _)| id).next();
    let file = match first {
        Some(id) => id,
        None => sources.add(project_file.file_name().unwrap_or_default().to_string_lossy(), String::new()),
    };
    let parsed = document::parse(file, &sources.get(file).text);
    let spec = parsed.documents.first().and_then(|document| document.root.get("spec"));
    let environments = spec.and_then(|spec| spec.get("environments")).map(document::Node::entries).unwrap_or_default();
    let lists = spec.into_iter().chain(environments.iter().map(|entry| &entry.value)).filter_map(|settings| settings.get("manifests"));
    let item = lists.flat_map(document::Node::items).find(|item| item.as_str() == Some(pattern));
    item.map_or(Span::new(file, 0, 0), |item| item.span)
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

    /// The names of the files and the codes of what is wrong with them.
    fn look(project: &Project, patterns: &[&str]) -> (Vec<String>, Vec<String>) {
        let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
        let mut sources = Sources::default();
        read(project.0.path(), &patterns, &project.0.path().join("deskform.yaml"), &mut sources).expect("looked");
        let good = sources.iter().filter(|(_, source)| !source.is_cut()).map(|(_, source)| source.path.to_string()).collect();
        let place = |finding: &Diagnostic| {
            let place = sources.place(finding.at);
            format!("{}:{}:{} {}", place.path, place.line, place.column, finding.problem.code())
        };
        (good, sources.findings().iter().map(place).collect())
    }

    #[test]
    fn patterns_that_lead_outside_or_make_no_sense_are_findings_and_the_others_are_read() {
        let project = Project::with(&[("manifests/a.yaml", "")]);
        for pattern in ["../other/*.yaml", "/etc/*.yaml", "manifests/../../x.yaml", "manifests/[a.yaml", "{a"] {
            let (good, bad) = look(&project, &[pattern, "manifests/*.yaml"]);
            assert_eq!(bad, ["deskform.yaml:1:1 bad-pattern"], "{pattern}");
            assert!(good.contains(&"manifests/a.yaml".to_owned()), "{good:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_outside_or_nowhere_are_findings_and_others_are_followed() {
        let outside = Project::with(&[("secret.yaml", "password: 1"), ("folder/x.yaml", "")]);
        let away = |name: &str| outside.0.path().join(name);
        for (target, code) in [
            (away("secret.yaml"), "link-outside-project"),
            (away("folder"), "link-outside-project"),
            (away("gone.yaml"), "unreadable-file"),
            (".".into(), "unreadable-file"),
        ] {
            let project = Project::with(&[("manifests/a.yaml", ""), ("manifests/z.yaml", "")]);
            std::os::unix::fs::symlink(&target, project.0.path().join("manifests/link.yaml")).expect("linked");
            let (good, bad) = look(&project, &["manifests/**/*.yaml"]);
            assert_eq!(good, ["manifests/a.yaml", "manifests/z.yaml"]);
            assert_eq!(bad, [format!("manifests/link.yaml:1:1 {code}")], "{}", target.display());
        }
        let project = Project::with(&[("manifests/a.yaml", ""), ("shared/b.yaml", "")]);
        std::os::unix::fs::symlink("../shared", project.0.path().join("manifests/shared")).expect("linked");
        assert_eq!(project.read(&["manifests/**/*.yaml"]).expect("found"), ["manifests/a.yaml", "manifests/shared/b.yaml"]);
    }

    #[test]
    fn a_file_that_is_no_text_or_too_large_is_a_finding_at_its_place() {
        let project = Project::with(&[("manifests/c.yaml", "")]);
        fs::write(project.0.path().join("manifests/a.yaml"), b"a: 1\nb: \xff\n").expect("written");
        fs::write(project.0.path().join("manifests/b.yaml"), vec![b'a'; MAX_BYTES + 1]).expect("written");
        let (good, bad) = look(&project, &["manifests/*.yaml"]);
        assert_eq!(good, ["manifests/c.yaml"]);
        assert_eq!(bad, ["manifests/a.yaml:2:4 not-utf8", "manifests/b.yaml:1:1 file-too-large"]);
    }
}
