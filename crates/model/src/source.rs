//! Source texts and places in them.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::Text;
use crate::diagnostic::{Diagnostic, Shape};

/// What some programs put before a text; no part of its first line.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Characters are counted once for each block of so many bytes: a line may be as long as a file.
const BLOCK: usize = 4096;

/// Which source a span points into; an index into [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A half-open range of bytes of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source that the offsets count in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `source` from byte `start` to byte `end`.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        Self { source, start: clamp(start), end: clamp(end) }
    }

    /// The part of this span that begins `offset` bytes in and is `length` bytes long (a sign inside a roster line).
    pub fn slice(self, offset: usize, length: usize) -> Self {
        let start = self.start.saturating_add(clamp(offset)).min(self.end);
        Self { source: self.source, start, end: start.saturating_add(clamp(length)).min(self.end) }
    }
}

/// Sources are refused long before four gigabytes, so that offsets always fit.
fn clamp(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// How many characters begin in these bytes of a text.
fn letters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

/// One manifest file: its path as people see it (relative to the project, `/` between folders) and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path relative to the project folder.
    pub path: Text,
    /// The whole text.
    pub text: String,
    /// Where lines begin; counted when somebody asks for a place, which most runs do of few files.
    line_starts: OnceLock<Vec<u32>>,
    /// How many characters begin before each block; counted like the lines.
    letters: OnceLock<Vec<u32>>,
    /// Whether there is more in the file than `text`.
    cut: bool,
}

impl Source {
    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| clamp(at + 1))).collect())
    }

    /// Whether there is more in the file than its text: it could not be read, and a finding of [`Sources::findings`] says why.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The line that holds a byte: its number from 0, and its bytes without the line break and without a byte order mark.
    pub fn line(&self, offset: usize) -> (usize, Range<usize>) {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start as usize <= offset).saturating_sub(1);
        let start = starts[line] as usize;
        let end = starts.get(line + 1).map_or(self.text.len(), |next| *next as usize - 1);
        let mark = if line == 0 && self.text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
        (line, (start + mark).min(end)..end)
    }

    /// How many characters begin between two bytes of a line.
    fn letters_between(&self, start: usize, end: usize) -> usize {
        let end = end.min(self.text.len());
        if end.saturating_sub(start) <= BLOCK {
            return letters(&self.text.as_bytes()[start.min(end)..end]);
        }
        self.letters_before(end).saturating_sub(self.letters_before(start))
    }

    /// How many characters begin before a byte.
    fn letters_before(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        let text = self.text.as_bytes();
        let blocks = self.letters.get_or_init(|| {
            let counted = text.chunks(BLOCK).scan(0, |before, block| Some(std::mem::replace(before, *before + letters(block))));
            counted.map(clamp).collect()
        });
        let block = offset / BLOCK;
        let before = blocks.get(block).or(blocks.last()).copied().unwrap_or_default() as usize;
        let from = block.min(blocks.len().saturating_sub(1)) * BLOCK;
        before + letters(&text[from..offset])
    }
}

/// The files that a run reads, in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
    findings: Vec<Diagnostic>,
}

/// A place for people: 1-based line, 1-based column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// A place for people that outlives the sources: what a saved plan knows of a resource's origin.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Path relative to the project folder.
    pub path: Text,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// `path:line`, as plans name a resource's origin.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

impl Sources {
    /// Adds a file and gives it its id.
    pub fn add(&mut self, path: impl Into<Text>, text: String) -> SourceId {
        let id = SourceId(clamp(self.files.len()));
        self.files.push(Source { path: path.into(), text, line_starts: OnceLock::new(), letters: OnceLock::new(), cut: false });
        id
    }

    /// Adds a file of which nothing or only the beginning can be read, with the reason: it stands under the last character of the text.
    pub fn add_cut(&mut self, path: impl Into<Text>, text: String, reason: Shape) -> SourceId {
        let id = self.add(path, text);
        let source = &mut self.files[id.0 as usize];
        source.cut = true;
        let start = source.text.char_indices().next_back().map_or(0, |(at, _)| at);
        let mut finding = [Diagnostic::shape(reason, Span::new(id, start, source.text.len()))];
        crate::document::hide_secrets(&mut finding, &source.text);
        self.findings.extend(finding);
        id
    }

    /// Notes what went wrong when the files were looked for. Like all findings it fails the run.
    pub fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// What went wrong when the files were looked for and read: part of what [`crate::load()`] finds.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// The file of `id`. Ids come from [`Sources::add`] of the same value.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.files[id.0 as usize]
    }

    /// All files with their ids, in order.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.files.iter().enumerate().map(|(at, source)| (SourceId(clamp(at)), source))
    }

    /// The text that a span covers.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source).text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Where a span begins, for people.
    pub fn position(&self, span: Span) -> Position {
        let source = self.get(span.source);
        let (line, Range { start, .. }) = source.line(span.start as usize);
        let before = source.letters_between(start, span.start as usize);
        Position { line: clamp(line + 1), column: clamp(before + 1) }
    }

    /// Where a span begins, with its file.
    pub fn place(&self, span: Span) -> Place {
        let Position { line, column } = self.position(span);
        Place { path: self.get(span.source).path.clone(), line, column }
    }

    /// `path:line`, as plans name a resource's origin.
    pub fn file_line(&self, span: Span) -> String {
        format!("{}:{}", self.get(span.source).path, self.position(span).line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml", "x: 1\n姓名: 张三\n".into());
        let at = sources.get(id).text.find('张').expect("present");
        let span = Span::new(id, at, at + 6);
        assert_eq!(sources.position(span), Position { line: 2, column: 5 });
        assert_eq!(sources.text(span), "张三");
        assert_eq!(sources.file_line(span), "a.yaml:2");
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml", "\u{feff}a: 1\nb: 2\n".into());
        assert_eq!(sources.position(Span::new(id, 6, 7)), Position { line: 1, column: 4 });
        assert_eq!(sources.position(Span::new(id, 0, 0)), Position { line: 1, column: 1 });
        assert_eq!(sources.position(Span::new(id, 8, 9)), Position { line: 2, column: 1 });
    }

    #[test]
    fn columns_of_a_line_of_any_length_are_those_of_its_characters() {
        let mut sources = Sources::default();
        let text = "x: 1\n".to_owned() + &"张三 ".repeat(3_000);
        let id = sources.add("a.yaml", text.clone());
        for (at, _) in text.char_indices().skip(5).step_by(97).chain([(text.len(), ' ')]) {
            let column = clamp(text[5..at].chars().count() + 1);
            assert_eq!(sources.position(Span::new(id, at, at)), Position { line: 2, column }, "{at}");
        }
    }
}
