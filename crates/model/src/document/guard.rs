//! Keeps secrets out of messages about text that could not be read as what it is.
//!
//! A literal password is an error that is found later, with the schema. What goes wrong before that, in the same line, must not print it
//! either: `password: !x9Fz` is a tag to YAML.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Problem, Shape};
use crate::schema::sounds_secret;
use crate::source::Span;

/// Marks findings on lines that speak of a secret, and takes what is written there out of their messages.
pub(crate) fn hide_secrets(findings: &mut [Diagnostic], text: &str) {
    if findings.is_empty() {
        return;
    }
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    // A line is looked at once, however many findings it has.
    let mut verdicts = HashMap::new();
    let mut speaks = |span: Span| {
        let line = starts.partition_point(|start| *start <= span.start as usize).saturating_sub(1);
        let end = starts.get(line + 1).copied().unwrap_or(text.len());
        *verdicts.entry(line).or_insert_with(|| sounds_secret(&text[starts[line]..end]))
    };
    for finding in findings {
        if !speaks(finding.at) && !finding.others.iter().any(|other| speaks(*other)) {
            continue;
        }
        let Problem::Shape(problem) = &finding.problem else { continue };
        let problem = match problem {
            Shape::Tag { .. } => Shape::Tag { tag: "!…".into() },
            Shape::DuplicateKey { key } if !sounds_secret(key) => Shape::DuplicateKey { key: "a key".into() },
            other => other.clone(),
        };
        finding.problem = Problem::Shape(problem.guarded());
    }
}
