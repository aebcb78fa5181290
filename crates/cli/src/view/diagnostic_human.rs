//! Findings about manifests for people: message, place, the line with carets, help.

use std::collections::BTreeSet;
use std::io::{self, Write};

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use deskform_model::diagnostic::{Diagnostic, Severity};
use deskform_model::source::{SourceId, Sources, Span};

use super::plural::{Noun, count};

/// How many lines apart two places may be and still share one picture.
const NEAR: usize = 12;

/// The most bytes of a picture. A line may be as long as a file; of such a line a part is shown.
const LARGE: usize = 4096;

/// How many bytes of a long line are shown before a place and from its beginning on.
const MARGINS: (usize, usize) = (40, 80);

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
                let source = sources.get(span.source);
                let (first, last) = (source.line(span.start as usize).0, source.line(span.end.max(span.start) as usize).0);
                lines.extend((first..=last).map(|line| (span.source, line + 1)));
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
    let (mut near, mut far): (Vec<Span>, Vec<Span>) = diagnostic.others.iter().partition(|other| main.is_near(**other, sources));
    let mut window = near.iter().fold(main, |window, other| window.stretched(*other, sources));
    if window.is_large() {
        far.splice(0..0, near.drain(..));
        window = main;
    }
    if hidden.touches(&window) || sources.get(diagnostic.at.source).text.is_empty() {
        group = group.element(origin(diagnostic.at, sources)).elements(near.iter().map(|other| origin(*other, sources)));
    } else if window.is_large() {
        group = group.element(origin(diagnostic.at, sources)).element(part(diagnostic.at, AnnotationKind::Primary, None, sources));
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
        } else if window.is_large() {
            let part = part(other, AnnotationKind::Context, Some(problem.other_label()), sources);
            group = group.element(origin(other, sources)).element(part);
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

/// The part of a long line that is around a place, without the place's name.
fn part<'a>(at: Span, kind: AnnotationKind, label: Option<&'a str>, sources: &Sources) -> Snippet<'a, Annotation<'a>> {
    let source = sources.get(at.source);
    let (line, whole) = source.line(at.start as usize);
    let place = (at.start as usize).clamp(whole.start, whole.end);
    let start = source.text.ceil_char_boundary(place.saturating_sub(MARGINS.0).max(whole.start));
    let end = source.text.floor_char_boundary((place + MARGINS.1).min(whole.end)).max(place);
    let before = if start > whole.start { "…" } else { "" };
    let after = if end < whole.end { "…" } else { "" };
    let text = format!("{before}{}{after}", source.text.get(start..end).unwrap_or_default());
    let shift = |offset: usize| offset - start + before.len();
    let annotation = kind.span(shift(place)..shift((at.end as usize).clamp(place, end))).label(label);
    Snippet::source(text).line_start(line + 1).annotation(annotation)
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
        let (line, bytes) = sources.get(span.source).line(span.start as usize);
        Self { at: span, first_line: line + 1, last_line: line + 1, start: bytes.start, end: bytes.end }
    }

    fn is_near(&self, other: Span, sources: &Sources) -> bool {
        other.source == self.at.source && (sources.get(other.source).line(other.start as usize).0 + 1).abs_diff(self.first_line) <= NEAR
    }

    fn is_large(&self) -> bool {
        self.end - self.start > LARGE
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
        let line_end = sources.get(span.source).line(span.start as usize).1.end;
        let start = (span.start as usize).clamp(self.start, self.end);
        let end = (span.end as usize).min(line_end).clamp(start, self.end);
        start - self.start..end - self.start
    }
}
