//! Findings about manifests as annotations on their lines, for GitHub Actions.

use std::io::{self, Write};

use deskform_model::diagnostic::{Diagnostic, Severity};
use deskform_model::source::Place;

use super::annotation::{self, Annotation, Level, Spot};
use super::findings_view::FindingsView;

/// Writes one annotation a finding, errors first.
///
/// # Errors
/// When the writer fails.
pub fn write(view: &FindingsView<'_>, out: &mut dyn Write) -> io::Result<()> {
    let annotations: Vec<Annotation> = view.findings.iter().map(|finding| annotation(view, finding)).collect();
    annotation::write(&annotations, out)
}

fn annotation(view: &FindingsView<'_>, finding: &Diagnostic) -> Annotation {
    let problem = &finding.problem;
    let Place { path, line, column } = view.sources.place(finding.at);
    Annotation {
        level: match problem.severity() {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
        },
        spot: Some(Spot { path: format!("{}{path}", view.folder), line, column }),
        title: problem.code().to_owned(),
        message: match problem.help() {
            Some(help) => format!("{}\n{help}", problem.message()),
            None => problem.message(),
        },
    }
}
