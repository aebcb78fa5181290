//! Findings about manifests for people: message, place, the line with carets, help.

use std::collections::BTreeSet;
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use deskform_model::diagnostic::{Diagnostic, Severity};
use deskform_model::source::{Source, SourceId, Sources, Span};

use super::plural::{Noun, count};

/// How many lines apart two places may be and still share one picture.
const NEAR: usize = 12;

/// Writes all findings, each followed by an empty line.
///
/// # Errors
/// When the writer fails.
pub fn write(diagnostics: &[Diagnostic], sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let renderer = Renderer::styled();
    let hidden = HiddenLines::of(diagnostics, sources);
    for diagnostic in diagnostics {
        writeln!(out, "{}\n", renderer.render(&[picture(diagnostic, sources, &hidden)]))?;
    }
    Ok(())
}

/// Lines that hold something secret. No finding shows them, also not one about something else on the same line.
struct HiddenLines(BTreeSet<(SourceId, usize)>);

impl HiddenLines {
    fn of(diagnostics: &[Diagnostic], sources: &Sources) -> Self {
        let mut lines = BTreeSet::new();
        for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.problem.hides_source()) {
            for span in std::iter::once(&diagnostic.at).chain(&diagnostic.others) {
                let first = sources.position(*span).line as usize;
                let breaks = sources.text(*span).bytes().filter(|byte| *byte == b'\n').count();
                lines.extend((first..=first + breaks).map(|line| (span.source, line)));
            }
        }
        Self(lines)
    }

    fn touches(&self, window: &Window) -> bool {
        let source = window.at.source;
        self.0.range((source, window.first_line)..=(source, window.last_line)).next().is_some()
    }
}

/// `3 errors and 1 warning`.
pub fn tally(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.problem.severity() == Severity::Error).count();
    match (errors, diagnostics.len() - errors) {
        (errors, 0) => count(errors, Noun::Error),
        (0, warnings) => count(warnings, Noun::Warning),
        (errors, warnings) => format!("{} and {}", count(errors, Noun::Error), count(warnings, Noun::Warning)),
    }
}

fn picture<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources, hidden: &HiddenLines) -> Group<'a> {
    let problem = &diagnostic.problem;
    let level = match problem.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(problem.message()).id(problem.code()));
    let main = Window::around(diagnostic.at, sources);
    let (near, far): (Vec<Span>, Vec<Span>) = diagnostic.others.iter().partition(|other| main.is_near(**other, sources));
    let window = near.iter().fold(main, |window, other| window.stretched(*other, sources));
    if hidden.touches(&window) {
        group = group.element(origin(diagnostic.at, sources)).elements(near.iter().map(|other| origin(*other, sources)));
    } else {
        let mut snippet = window.snippet(sources).annotation(AnnotationKind::Primary.span(window.range(diagnostic.at, sources)));
        for other in near {
            snippet = snippet.annotation(AnnotationKind::Context.span(window.range(other, sources)).label(problem.other_label()));
        }
        group = group.element(snippet);
    }
    for other in far {
        let window = Window::around(other, sources);
        if hidden.touches(&window) {
            group = group.element(origin(other, sources));
        } else {
            let annotation = AnnotationKind::Context.span(window.range(other, sources)).label(problem.other_label());
            group = group.element(window.snippet(sources).annotation(annotation));
        }
    }
    match problem.help() {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    }
}

/// A place without its text: the text may be a secret.
fn origin(span: Span, sources: &Sources) -> Origin<'_> {
    let position = sources.position(span);
    Origin::path(sources.get(span.source).path.as_str()).line(position.line as usize).char_column(position.column as usize)
}

/// The lines of one file that a picture shows. Only they are given to the drawing library: it scans all that it gets, and a large file
/// with many findings would cost their product.
#[derive(Clone, Copy)]
struct Window {
    at: Span,
    first_line: usize,
    last_line: usize,
    start: usize,
    end: usize,
}

impl Window {
    fn around(span: Span, sources: &Sources) -> Self {
        let source = sources.get(span.source);
        let line = sources.position(span).line as usize;
        let (start, end) = line_of(source, span.start as usize);
        Self { at: span, first_line: line, last_line: line, start, end }
    }

    fn is_near(&self, other: Span, sources: &Sources) -> bool {
        other.source == self.at.source && (sources.position(other).line as usize).abs_diff(self.first_line) <= NEAR
    }

    fn stretched(self, other: Span, sources: &Sources) -> Self {
        let other = Self::around(other, sources);
        Self {
            at: self.at,
            first_line: self.first_line.min(other.first_line),
            last_line: self.last_line.max(other.last_line),
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    fn snippet<'a, T: Clone>(&self, sources: &'a Sources) -> Snippet<'a, T> {
        let source = sources.get(self.at.source);
        let text = source.text.get(self.start..self.end).unwrap_or_default();
        Snippet::source(text).path(source.path.as_str()).line_start(self.first_line)
    }

    /// The part of a span that its first line holds, counted from the window's start.
    fn range(&self, span: Span, sources: &Sources) -> std::ops::Range<usize> {
        let (_, line_end) = line_of(sources.get(span.source), span.start as usize);
        let start = (span.start as usize).clamp(self.start, self.end);
        let end = (span.end as usize).min(line_end).clamp(start, self.end);
        start - self.start..end - self.start
    }
}

/// First byte and end (without the line break) of the line that holds `offset`.
fn line_of(source: &Source, offset: usize) -> (usize, usize) {
    let text = source.text.as_bytes();
    let offset = offset.min(text.len());
    let start = text[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let end = text[offset..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| offset + at);
    (start, end)
}
