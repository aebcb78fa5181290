//! Findings about manifests as JSON.
//!
//! ```text
//! {"valid": bool, "errors": n, "warnings": n, "diagnostics": [
//!   {"code", "severity": "error"|"warning", "message", "help"?, "path", "line", "column", "others": [{"path", "line", "column", "label"}]}]}
//! ```

use std::io::{self, Write};

use deskform_model::diagnostic::{Diagnostic, Severity};
use deskform_model::source::{Sources, Span};
use serde_json::{Value as Json, json};

/// Writes the object described above, one finding a line.
///
/// # Errors
/// When the writer fails.
pub fn write(diagnostics: &[Diagnostic], sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.problem.severity() == Severity::Error).count();
    write!(out, "{{\"valid\":{},\"errors\":{errors},\"warnings\":{},\"diagnostics\":[", errors == 0, diagnostics.len() - errors)?;
    for (at, diagnostic) in diagnostics.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &object(diagnostic, sources))?;
    }
    writeln!(out, "\n]}}")
}

fn object(diagnostic: &Diagnostic, sources: &Sources) -> Json {
    let problem = &diagnostic.problem;
    let mut object = place(diagnostic.at, sources);
    object["code"] = problem.code().into();
    object["severity"] = match problem.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
    .into();
    object["message"] = problem.message().into();
    if let Some(help) = problem.help() {
        object["help"] = help.into();
    }
    object["others"] = diagnostic
        .others
        .iter()
        .map(|other| {
            let mut place = place(*other, sources);
            place["label"] = problem.other_label().into();
            place
        })
        .collect();
    object
}

fn place(span: Span, sources: &Sources) -> Json {
    let position = sources.position(span);
    json!({ "path": sources.get(span.source).path.as_str(), "line": position.line, "column": position.column })
}
