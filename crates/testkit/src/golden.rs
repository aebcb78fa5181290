//! Golden folders: adding a case is adding a folder, and `cargo xtask bless` accepts what the program says today.

use std::path::{Path, PathBuf};
use std::{env, fs};

use similar::{ChangeTag, TextDiff};

/// The variable that turns comparing into writing; `cargo xtask bless` sets it.
pub const BLESS: &str = "BLESS";

/// The case folders below `root`, sorted by name.
///
/// # Panics
/// When there is none: a runner that runs nothing proves nothing.
pub fn cases(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "no case below {}", root.display());
    folders
}

/// The texts of all files below a folder whose names end like this, in the order of their paths. What is no UTF-8 is empty.
///
/// # Panics
/// When a folder cannot be read.
pub fn texts(folder: &Path, ending: &str) -> Vec<String> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(texts(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(fs::read_to_string(&path).unwrap_or_default());
        }
    }
    found
}

/// Compares `actual` with the file, or writes the file when blessing. The error is a line diff.
///
/// # Errors
/// The difference, ready to print.
pub fn compare(file: &Path, actual: &str) -> Result<(), String> {
    if env::var_os(BLESS).is_some() {
        fs::write(file, actual).map_err(|error| format!("{}: {error}", file.display()))?;
        return Ok(());
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    Err(format!("{} differs (`cargo xtask bless` accepts it):\n{}", file.display(), diff(&expected, actual)))
}

/// A line diff, `-` expected, `+` actual.
pub fn diff(expected: &str, actual: &str) -> String {
    let diff = TextDiff::from_lines(expected, actual);
    let mut text = String::new();
    for change in diff.iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        text.push(sign);
        text.push_str(change.value());
        if !change.value().ends_with('\n') {
            text.push('\n');
        }
    }
    text
}
