//! Findings about manifests, as data: a code, a place, and what the message is made of.
//!
//! Texts for people are made in one place per code ([`Problem::message`], [`Problem::help`], [`Problem::other_label`]), so that another
//! language is another set of these functions and nothing else.

mod meaning;
mod shape;

pub use meaning::{BadRange, Meaning};
pub use shape::Shape;

use std::collections::BTreeSet;

use crate::printable::printable;
use crate::source::{SourceId, Sources, Span};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The manifests cannot be used.
    Error,
    /// They can, but somebody should look.
    Warning,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong.
    pub problem: Problem,
    /// Where: the caret goes under this.
    pub at: Span,
    /// Other places that belong to it (the first of two duplicates); [`Problem::other_label`] says how.
    pub others: Vec<Span>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The text is not the YAML that a manifest is made of: syntax, unknown keys, types, values.
    Shape(Shape),
    /// The documents are well formed, but do not make sense together: references, duplicates, rosters, overlaps.
    Meaning(Meaning),
}

impl Problem {
    /// The kebab-case code that people search for.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Shape(problem) => problem.code(),
            Self::Meaning(problem) => problem.code(),
        }
    }

    /// Error or warning.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Shape(_) => Severity::Error,
            Self::Meaning(problem) => problem.severity(),
        }
    }

    /// One lower-case line without a final period.
    pub fn message(&self) -> String {
        printable(&match self {
            Self::Shape(problem) => problem.message(),
            Self::Meaning(problem) => problem.message(),
        })
        .into_owned()
    }

    /// What to do about it: always something.
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::Shape(problem) => problem.help(),
            Self::Meaning(problem) => problem.help(),
        };
        Some(printable(&text).into_owned())
    }

    /// Whether the source line may hold a secret: a view names its place and does not print it.
    pub fn hides_source(&self) -> bool {
        match self {
            Self::Shape(problem) => problem.hides_source(),
            Self::Meaning(_) => false,
        }
    }

    /// What stands at [`Diagnostic::others`].
    pub fn other_label(&self) -> &'static str {
        match self {
            Self::Shape(problem) => problem.other_label(),
            Self::Meaning(problem) => problem.other_label(),
        }
    }
}

impl Diagnostic {
    /// A finding about the YAML at `at`.
    pub fn shape(problem: Shape, at: Span) -> Self {
        Self { problem: Problem::Shape(problem), at, others: Vec::new() }
    }

    /// A finding about what the documents mean at `at`.
    pub fn meaning(problem: Meaning, at: Span) -> Self {
        Self { problem: Problem::Meaning(problem), at, others: Vec::new() }
    }

    /// The same with another place.
    #[must_use]
    pub fn with_other(mut self, other: Span) -> Self {
        self.others.push(other);
        self
    }
}

/// The lines that no view may print, because a secret may stand there: those of all findings that hide their source. Another finding on
/// such a line must not show it either.
pub fn hidden_lines(diagnostics: &[Diagnostic], sources: &Sources) -> BTreeSet<(SourceId, u32)> {
    let lines = |span: Span| {
        let last = Span { start: span.end.max(span.start), ..span };
        let line = |span: Span| u32::try_from(sources.get(span.source).line(span.start as usize).0 + 1).unwrap_or(u32::MAX);
        (line(span)..=line(last)).map(move |line| (span.source, line))
    };
    let hiding = diagnostics.iter().filter(|diagnostic| diagnostic.problem.hides_source());
    hiding.flat_map(|diagnostic| std::iter::once(diagnostic.at).chain(diagnostic.others.iter().copied())).flat_map(lines).collect()
}

/// Puts findings into their one order: by file, place, code, then the rest of the message. Errors and warnings are mixed, as they stand.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    let place = |diagnostic: &Diagnostic| (diagnostic.at.source, diagnostic.at.start, diagnostic.problem.code());
    // Messages are made for the few that stand at one place only.
    diagnostics.sort_by(|a, b| {
        let texts = || a.problem.message().cmp(&b.problem.message());
        place(a).cmp(&place(b)).then_with(texts).then(a.at.end.cmp(&b.at.end))
    });
    diagnostics.dedup();
}

/// `path:line:column: code: message`, for logs and tests; the carets are drawn by the terminal view.
pub fn one_line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let position = sources.position(diagnostic.at);
    let path = &sources.get(diagnostic.at.source).path;
    format!("{path}:{}:{}: {}: {}", position.line, position.column, diagnostic.problem.code(), diagnostic.problem.message())
}
