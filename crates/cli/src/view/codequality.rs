//! Findings about manifests as GitLab's code quality report.
//!
//! ```text
//! [{"description", "check_name": code, "fingerprint": hex, "severity": "critical"|"minor",
//!   "location": {"path": from the root of the repository, "lines": {"begin": n}}}]
//! ```
//!
//! A finding keeps its fingerprint when lines above it come and go: path, code and message are hashed, and for equal ones how many there
//! were before. GitLab compares them with the target branch's to tell what a merge request adds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use deskform_model::diagnostic::{Diagnostic, Severity};
use deskform_model::source::Place;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::findings_view::FindingsView;

/// Writes the list described above, one finding a line.
///
/// # Errors
/// When the writer fails.
pub fn write(view: &FindingsView<'_>, out: &mut dyn Write) -> io::Result<()> {
    let fingerprints = fingerprints(view);
    write!(out, "[")?;
    for (at, (finding, fingerprint)) in view.findings.iter().zip(&fingerprints).enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        let Place { path, line, column: _ } = view.sources.place(finding.at);
        let severity = match finding.problem.severity() {
            Severity::Error => "critical",
            Severity::Warning => "minor",
        };
        let object = json!({
            "description": description(finding),
            "check_name": finding.problem.code(),
            "fingerprint": fingerprint,
            "severity": severity,
            "location": { "path": format!("{}{path}", view.folder), "lines": { "begin": line } },
        });
        serde_json::to_writer(&mut *out, &object)?;
    }
    writeln!(out, "\n]")
}

fn description(finding: &Diagnostic) -> String {
    match finding.problem.help() {
        Some(help) => format!("{} ({help})", finding.problem.message()),
        None => finding.problem.message(),
    }
}

/// One for each finding, in their order; no two are equal.
pub(super) fn fingerprints(view: &FindingsView<'_>) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let of = |finding: &Diagnostic| {
        let path = &view.sources.get(finding.at.source).path;
        let meaning = format!("{}{path}\0{}\0{}", view.folder, finding.problem.code(), finding.problem.message());
        let before = seen.entry(meaning.clone()).or_default();
        let hash = Sha256::digest(format!("{meaning}\0{before}"));
        *before += 1;
        hash.iter().take(16).fold(String::new(), |mut hex, byte| {
            // A text takes everything.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    };
    view.findings.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use deskform_model::LoadOptions;
    use deskform_model::source::Sources;

    use super::*;

    fn fingerprints_of(text: &str) -> Vec<String> {
        let mut sources = Sources::default();
        sources.add("a.yaml", text.to_owned());
        let loaded = deskform_model::load(&sources, &LoadOptions::new("2026-12-01".parse().expect("a date")));
        fingerprints(&FindingsView { findings: &loaded.diagnostics, sources: &sources, folder: "desk/", valid: None })
    }

    #[test]
    fn a_finding_keeps_its_fingerprint_when_its_line_moves_and_equal_findings_have_different_ones() {
        let document = "apiVersion: deskform/v1\nkind: Suport\n";
        let once = fingerprints_of(document);
        assert_eq!(once.len(), 1);
        assert_eq!(fingerprints_of(&format!("# a comment\n\n{document}")), once);
        let twice = fingerprints_of(&format!("{document}---\n{document}"));
        assert_eq!(twice.iter().collect::<BTreeSet<_>>().len(), 2);
        assert_eq!(twice[0], once[0]);
    }
}
