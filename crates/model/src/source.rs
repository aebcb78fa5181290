//! Source texts and places in them.

use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::Text;

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

/// One manifest file: its path as people see it (relative to the project, `/` between folders) and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path relative to the project folder.
    pub path: Text,
    /// The whole text.
    pub text: String,
    /// Where lines begin; counted when somebody asks for a place, which most runs do of few files.
    line_starts: OnceLock<Vec<u32>>,
}

impl Source {
    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| clamp(at + 1))).collect())
    }
}

/// The files that a run reads, in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
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
        self.files.push(Source { path: path.into(), text, line_starts: OnceLock::new() });
        id
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
        let starts = source.line_starts();
        let line = starts.partition_point(|start| *start <= span.start).saturating_sub(1);
        let start = starts[line] as usize;
        let before = source.text.get(start..span.start as usize).unwrap_or_default();
        Position { line: clamp(line + 1), column: clamp(before.chars().count() + 1) }
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
}
