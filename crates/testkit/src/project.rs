//! Temporary projects: a copy of a folder that a test may change.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A project folder that goes away with the value.
#[derive(Debug)]
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// An empty folder.
    ///
    /// # Panics
    /// When no temporary folder can be made.
    pub fn empty() -> Self {
        Self { folder: TempDir::new().expect("a temporary folder can be made") }
    }

    /// A copy of `source`, without what runs leave behind (`.deskform`).
    ///
    /// # Panics
    /// When the copy fails.
    pub fn copy_of(source: &Path) -> Self {
        let project = Self::empty();
        copy(source, project.path());
        project
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A path inside the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file, with its folders.
    ///
    /// # Panics
    /// When writing fails.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        }
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Reads a file.
    ///
    /// # Panics
    /// When reading fails.
    pub fn read(&self, name: &str) -> String {
        let path = self.file(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Replaces a text that must be there.
    ///
    /// # Panics
    /// When the file does not hold it.
    pub fn replace(&self, name: &str, old: &str, new: &str) {
        let text = self.read(name);
        assert!(text.contains(old), "{name} does not hold {old:?}");
        self.write(name, &text.replace(old, new));
    }
}

fn copy(source: &Path, target: &Path) {
    let entries = fs::read_dir(source).unwrap_or_else(|error| panic!("{}: {error}", source.display()));
    for entry in entries.flatten() {
        let (from, to) = (entry.path(), target.join(entry.file_name()));
        if entry.file_name() == ".deskform" {
            continue;
        }
        if from.is_dir() {
            fs::create_dir_all(&to).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
        }
    }
}
