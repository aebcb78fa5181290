//! House rules that no compiler checks: the arrows between the crates, what the pure crates may not touch, switched-off tests.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::repository;

/// For each crate the workspace crates that it may use; tests and benches may use more.
const ARROWS: [(&str, &[&str]); 5] = [
    ("model", &[]),
    ("planner", &["model"]),
    ("applier", &["model", "planner"]),
    ("cli", &["model", "planner", "applier", "sandbox"]),
    ("sandbox", &[]),
];

/// What `model` and `planner` must never know.
const IMPURE: [&str; 9] =
    ["std::fs", "TcpStream", "ToSocketAddrs", "std::env::var", "std::process", "SystemTime", "Instant::now", "Timestamp::now", "tokio::"];

/// Lines of a source file beyond which it holds more than one subject.
const LONGEST: usize = 500;

/// Checks every rule.
pub(crate) fn check() -> Result<String, String> {
    let root = repository();
    let mut findings = String::new();
    for (name, allowed) in ARROWS {
        arrows(&root, name, allowed, &mut findings);
    }
    let mut files = Vec::new();
    for folder in ["crates", "xtask", "tests"] {
        sources(&root.join(folder), &mut files);
    }
    files.sort();
    for file in &files {
        let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let shown = file.strip_prefix(&root).unwrap_or(file).display().to_string();
        source(&shown, &text, &mut findings);
    }
    if findings.is_empty() { Ok(format!("{} source files are tidy", files.len())) } else { Err(findings) }
}

fn arrows(root: &Path, name: &str, allowed: &[&str], findings: &mut String) {
    let manifest = root.join("crates").join(name).join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap_or_default();
    let section = text.split("[dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    let used = section.lines().filter_map(|line| line.strip_prefix("deskform-")?.split(['.', ' ', '=']).next());
    for other in used.filter(|other| !allowed.contains(other)) {
        let _ = writeln!(findings, "crates/{name}/Cargo.toml: {name} must not depend on {other}");
    }
}

fn source(path: &str, text: &str, findings: &mut String) {
    let mut report = |line: usize, what: &str| {
        let _ = writeln!(findings, "{path}:{line}: {what}");
    };
    let pure = ["crates/model/src/", "crates/planner/src/"].iter().any(|folder| path.starts_with(folder));
    for (at, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        if code.trim_start().starts_with("#[ignore") {
            report(at + 1, "a test is switched off");
        }
        if let Some(word) = IMPURE.iter().find(|word| pure && code.contains(**word)) {
            report(at + 1, &format!("{word} does not belong into this crate"));
        }
    }
    let length = text.lines().count();
    if length > LONGEST && path.contains("/src/") {
        report(length, &format!("{length} lines; at most {LONGEST}, one subject a file"));
    }
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
