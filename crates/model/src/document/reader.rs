//! From parser events to the tree: a stack of open collections.
//!
//! Limits instead of trust: the size of a file, the depth of nesting and what aliases may copy are bounded, so that a hostile file is
//! refused in milliseconds. Reading goes on after a duplicate key, a tag or a bad key; after a syntax error it stops, and the documents
//! before it are kept.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, options};

use super::{Document, Entry, Node, NodeKind, guard, scalar, syntax};
use crate::Text;
use crate::diagnostic::{Diagnostic, Shape};
use crate::source::{SourceId, Span};

/// The largest file that is read: 16 MiB, about 45,000 supports.
pub const MAX_BYTES: usize = 16 << 20;
/// The deepest nesting; a manifest needs eight levels.
pub const MAX_DEPTH: usize = 64;
/// What all aliases of a file may copy together, in values; sixteen bytes of text count as one value more.
const MAX_COPIED: usize = 1_000_000;
/// Mappings with more keys than this look for duplicates in a table.
const FEW_KEYS: usize = 12;

/// The most values of one file: keys do not count, every text, number, list and mapping does. A file of 45,000 supports has half as many; a
/// file of nothing but brackets would take hundreds of megabytes of memory.
pub const MAX_VALUES: usize = 1_000_000;

/// After so many findings reading stops: nobody reads more, and a hostile file must not make us write them.
const MAX_FINDINGS: usize = 1_000;

/// What one file holds.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The documents that are not empty, in order.
    pub documents: Vec<Document>,
    /// Problems of their form, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the file was left before its end: what it holds further down is not known.
    pub broken_off: bool,
}

/// Reads the documents of one file. `text` is the whole text of `source`, so that byte offsets are places in it.
///
/// A document of comments alone is none. Of a key given twice the first value counts.
pub fn parse(source: SourceId, text: &str) -> Parsed {
    let mut reader = Reader::new(source);
    if text.len() > MAX_BYTES {
        reader.refuse(Shape::TooLarge { bytes: text.len(), limit: MAX_BYTES }, 0, 0);
    } else if let Some(at) = find_control(text.as_bytes()) {
        // The parser would take a NUL for the end of the file.
        reader.refuse(
            Shape::Syntax { reason: format!("control character U+{:04X} is not allowed", text.as_bytes()[at]), fix: "remove it" },
            at,
            at + 1,
        );
    } else {
        reader.read(text);
    }
    for diagnostic in &mut reader.parsed.diagnostics {
        fit(&mut diagnostic.at, text);
    }
    guard::hide_secrets(&mut reader.parsed.diagnostics, text);
    crate::diagnostic::sort(&mut reader.parsed.diagnostics);
    reader.parsed
}

/// Ends a place between two letters of the text.
fn fit(span: &mut Span, text: &str) {
    while (span.end as usize) < text.len() && !text.is_char_boundary(span.end as usize) {
        span.end += 1;
    }
    let end = span.end as usize;
    *span = Span::new(span.source, (span.start as usize).min(text.len()), end.min(text.len()));
}

/// The first control character. A block is looked at as a whole, which takes a fraction of the time of byte after byte.
fn find_control(text: &[u8]) -> Option<usize> {
    const BLOCK: usize = 64;
    let in_block = |block: &[u8]| block.iter().fold(false, |found, byte| found | is_control(*byte));
    let from = text.chunks(BLOCK).position(in_block)? * BLOCK;
    text[from..].iter().position(|byte| is_control(*byte)).map(|at| from + at)
}

fn is_control(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r') || byte == 0x7f
}

struct Reader {
    source: SourceId,
    parsed: Parsed,
    open: Vec<Open>,
    anchors: HashMap<usize, Built>,
    copied: usize,
    values: usize,
}

/// A collection that is being read.
struct Open {
    style: StructureStyle,
    start: usize,
    /// End of the last thing inside.
    end: usize,
    anchor: usize,
    weight: usize,
    height: usize,
    inside: Inside,
}

enum Inside {
    Sequence(Vec<Node>),
    Mapping(OpenMapping),
}

#[derive(Default)]
struct OpenMapping {
    entries: Vec<Entry>,
    /// Positions of the keys in `entries`, once there are more than a few.
    positions: HashMap<Text, usize>,
    /// The key that waits for its value.
    key: Option<Key>,
    /// The mappings under `<<`, in order, and where it stands.
    merged: Vec<Node>,
    merge_key: Option<Span>,
}

enum Key {
    Text(Text, Span),
    Merge(Span),
    /// Already reported; its value is dropped.
    Bad,
}

/// A finished value, what copying it costs, how many levels it has, and where its text ends.
#[derive(Clone)]
struct Built {
    node: Node,
    weight: usize,
    height: usize,
}

/// What a scalar's tag makes of it. The tag has been reported; its value must not be one more mistake.
#[derive(Clone, Copy)]
enum Meant {
    /// There is no tag.
    AsWritten,
    /// `!!str`.
    Text,
    /// Any other tag.
    Unknown,
}

/// The file cannot be read any further; the reason has been reported.
struct Stop;

impl Reader {
    fn new(source: SourceId) -> Self {
        Self { source, parsed: Parsed::default(), open: Vec::new(), anchors: HashMap::new(), copied: 0, values: 0 }
    }

    fn report(&mut self, problem: Shape, start: usize, end: usize) {
        self.parsed.diagnostics.push(Diagnostic::shape(problem, Span::new(self.source, start, end)));
    }

    /// Reports what ends the reading of the file.
    fn refuse(&mut self, problem: Shape, start: usize, end: usize) {
        self.report(problem, start, end);
        self.parsed.broken_off = true;
    }

    fn read(&mut self, text: &str) {
        let mut options = options! { flow_nesting_limit: MAX_DEPTH + 1, block_nesting_limit: MAX_DEPTH + 1 };
        options.set_emit_comments(false);
        let mut parser = Parser::new_from_str_with_options(text, options);
        while let Some(next) = parser.next_event() {
            match next {
                Ok((event, span)) => {
                    let start = span.start.byte_offset().unwrap_or_default();
                    let end = span.end.byte_offset().unwrap_or(start);
                    if self.event(event, start, end).is_err() || self.parsed.diagnostics.len() >= MAX_FINDINGS {
                        self.parsed.broken_off = true;
                        return;
                    }
                }
                Err(error) => {
                    let (problem, start, end) = syntax::explain(&error, text, MAX_DEPTH);
                    return self.refuse(problem, start, end);
                }
            }
        }
    }

    fn event(&mut self, event: Event<'_>, start: usize, end: usize) -> Result<(), Stop> {
        let tag = match &event {
            Event::Scalar(_, _, _, tag) | Event::SequenceStart(_, _, tag) | Event::MappingStart(_, _, tag) => tag.as_ref(),
            _ => None,
        };
        if let Some(tag) = tag {
            self.report(Shape::Tag { tag: tag.original() }, start, end.max(start));
        }
        match event {
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) if self.is_full() => {
                self.report(Shape::TooManyValues { limit: MAX_VALUES }, start, end.max(start));
                return Err(Stop);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let meant = tag.map(|tag| if tag.is_yaml_core_schema_tag("str") { Meant::Text } else { Meant::Unknown });
                self.scalar(&text, style, meant.unwrap_or(Meant::AsWritten), anchor, start, end);
            }
            Event::SequenceStart(style, anchor, _) => return self.start(Inside::Sequence(Vec::new()), style, anchor, start),
            Event::MappingStart(style, anchor, _) => {
                return self.start(Inside::Mapping(OpenMapping::default()), style, anchor, start);
            }
            Event::SequenceEnd | Event::MappingEnd => self.finish(end),
            Event::Alias(anchor) => return self.alias(anchor, start, end),
            Event::DocumentEnd => self.anchors.clear(),
            _ => {}
        }
        Ok(())
    }

    /// Counts one value more; whether that is one too many.
    fn is_full(&mut self) -> bool {
        let is_key = matches!(self.open.last(), Some(Open { inside: Inside::Mapping(OpenMapping { key: None, .. }), .. }));
        self.values += usize::from(!is_key);
        self.values > MAX_VALUES
    }

    fn start(&mut self, inside: Inside, style: StructureStyle, anchor: usize, start: usize) -> Result<(), Stop> {
        if self.open.len() >= MAX_DEPTH {
            self.report(Shape::TooDeep { limit: MAX_DEPTH }, start, start + 1);
            return Err(Stop);
        }
        self.open.push(Open { style, start, end: start, anchor, weight: 1, height: 1, inside });
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, meant: Meant, anchor: usize, start: usize, end: usize) {
        let plain = style == ScalarStyle::Plain;
        let mut span = Span::new(self.source, start, end);
        if let Some(Open { end: open_end, inside: Inside::Mapping(mapping), .. }) = self.open.last_mut() {
            match &mapping.key {
                None => {
                    *open_end = end;
                    let null = plain && matches!(scalar::resolve(text), NodeKind::Null);
                    mapping.key = Some(match text {
                        "<<" if plain => Key::Merge(span),
                        _ if null => Key::Bad,
                        _ => Key::Text(text.into(), span),
                    });
                    if null {
                        self.report(Shape::KeyNotText, start, end.max(start + 1));
                    } else if anchor != 0 {
                        let node = Node { span, kind: NodeKind::String(text.into()) };
                        self.keep(anchor, Built { node, weight: weight(text), height: 0 });
                    }
                    return;
                }
                // Nothing stands here (the parser makes a null of it): the place of the key says more.
                Some(Key::Text(_, key) | Key::Merge(key)) if start == end && plain => span = *key,
                Some(_) => {}
            }
        }
        let kind = match meant {
            Meant::AsWritten if plain => scalar::resolve(text),
            Meant::AsWritten | Meant::Text => NodeKind::String(text.into()),
            Meant::Unknown => NodeKind::Refused,
        };
        let built = Built { node: Node { span, kind }, weight: weight(text), height: 0 };
        if anchor != 0 {
            self.keep(anchor, built.clone());
        }
        self.value(built, span.end as usize);
    }

    /// Closes the innermost collection. `end` counts for flow collections only: the end event of a block collection comes after the
    /// blank lines and comments that follow it.
    fn finish(&mut self, end: usize) {
        let Some(mut open) = self.open.pop() else { return };
        if open.style == StructureStyle::Flow {
            open.end = open.end.max(end);
        }
        let kind = match open.inside {
            Inside::Sequence(mut items) => {
                items.shrink_to_fit();
                NodeKind::Sequence(items)
            }
            Inside::Mapping(mapping) => NodeKind::Mapping(mapping.finish()),
        };
        let node = Node { span: Span::new(self.source, open.start, open.end), kind };
        let built = Built { node, weight: open.weight, height: open.height };
        if open.anchor != 0 {
            self.copied += built.weight;
            self.keep(open.anchor, built.clone());
        }
        self.value(built, open.end);
    }

    fn keep(&mut self, anchor: usize, built: Built) {
        self.anchors.insert(anchor, built);
    }

    fn alias(&mut self, anchor: usize, start: usize, end: usize) -> Result<(), Stop> {
        let Some(built) = self.anchors.get(&anchor) else {
            self.report(
                Shape::Syntax { reason: "an alias stands inside the value that it repeats".into(), fix: "write the value out instead" },
                start,
                end,
            );
            return Err(Stop);
        };
        self.copied += built.weight;
        if self.copied > MAX_COPIED {
            self.report(Shape::TooManyCopies { limit: MAX_COPIED }, start, end);
            return Err(Stop);
        }
        if self.open.len() + built.height > MAX_DEPTH {
            self.report(Shape::TooDeep { limit: MAX_DEPTH }, start, end);
            return Err(Stop);
        }
        let built = built.clone();
        self.value(built, end);
        Ok(())
    }

    /// Puts a finished value where it belongs; its text ends at `end`.
    fn value(&mut self, built: Built, end: usize) {
        let Some(open) = self.open.last_mut() else {
            if !built.node.is_null() {
                self.parsed.documents.push(Document { root: built.node });
            }
            return;
        };
        open.end = open.end.max(end);
        open.weight += built.weight;
        open.height = open.height.max(built.height + 1);
        match &mut open.inside {
            Inside::Sequence(items) => items.push(built.node),
            Inside::Mapping(mapping) => {
                let span = built.node.span;
                let problem = match mapping.key.take() {
                    None => mapping.key_of(&built.node),
                    Some(Key::Text(key, key_span)) => mapping.insert(key, key_span, built.node),
                    Some(Key::Merge(key_span)) => mapping.merge(key_span, built.node),
                    Some(Key::Bad) => None,
                };
                if let Some((problem, at, other)) = problem {
                    let mut diagnostic = Diagnostic::shape(problem, at.unwrap_or(span));
                    diagnostic.others.extend(other);
                    self.parsed.diagnostics.push(diagnostic);
                }
            }
        }
    }
}

/// A problem, where it is if not at the value, and another place.
type Refusal = Option<(Shape, Option<Span>, Option<Span>)>;

impl OpenMapping {
    /// Takes a value in the place of a key: an alias to a text, or a collection, which is refused.
    fn key_of(&mut self, node: &Node) -> Refusal {
        if let Some(text) = node.scalar_text() {
            self.key = Some(Key::Text(text, node.span));
            return None;
        }
        self.key = Some(Key::Bad);
        Some((Shape::KeyNotText, None, None))
    }

    fn insert(&mut self, key: Text, key_span: Span, value: Node) -> Refusal {
        if let Some(at) = self.position(&key) {
            let first = self.entries[at].key_span;
            return Some((Shape::DuplicateKey { key }, Some(key_span), Some(first)));
        }
        self.push(Entry { key, key_span, value });
        None
    }

    fn merge(&mut self, key_span: Span, value: Node) -> Refusal {
        if let Some(first) = self.merge_key.replace(key_span) {
            return Some((Shape::DuplicateKey { key: "<<".into() }, Some(key_span), Some(first)));
        }
        match value.kind {
            NodeKind::Mapping(_) => self.merged.push(value),
            NodeKind::Sequence(items) if items.iter().all(|item| matches!(item.kind, NodeKind::Mapping(_))) => self.merged = items,
            _ => return Some((Shape::MergeNotMapping, None, None)),
        }
        None
    }

    fn position(&self, key: &Text) -> Option<usize> {
        if self.positions.is_empty() { self.entries.iter().position(|entry| entry.key == *key) } else { self.positions.get(key).copied() }
    }

    fn push(&mut self, entry: Entry) {
        let at = self.entries.len();
        if at > FEW_KEYS {
            self.positions.insert(entry.key.clone(), at);
        } else if at == FEW_KEYS {
            self.positions = self.entries.iter().chain([&entry]).map(|entry| entry.key.clone()).zip(0..).collect();
        }
        self.entries.push(entry);
    }

    /// The entries with the merged ones after them: own keys win over merged ones, earlier mappings over later ones.
    fn finish(mut self) -> Vec<Entry> {
        for mapping in std::mem::take(&mut self.merged) {
            let NodeKind::Mapping(entries) = mapping.kind else { continue };
            for entry in entries {
                if self.position(&entry.key).is_none() {
                    self.push(entry);
                }
            }
        }
        // There may be hundreds of thousands of small mappings, and a list grows to twice what it holds.
        self.entries.shrink_to_fit();
        self.entries
    }
}

/// What copying a scalar costs.
fn weight(text: &str) -> usize {
    1 + text.len() / 16
}
