//! YAML text as a tree in which every key and every value knows its place.

use crate::Text;
use crate::source::Span;

/// One YAML document.
#[derive(Clone, Debug)]
pub struct Document {
    /// The root value.
    pub root: Node,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// From its first byte to its last.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a YAML node is under the core schema of YAML 1.2: `no` and `001` stay text.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Everything else, quoted or plain.
    String(Text),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping in the order of the text; keys are unique.
    Mapping(Vec<Entry>),
}

/// One key of a mapping and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Text,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The value under `key`, when this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry under `key`, when this is a mapping that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The entries of a mapping; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        if let NodeKind::Mapping(entries) = &self.kind { entries } else { &[] }
    }

    /// The items of a sequence; none for anything else.
    pub fn items(&self) -> &[Self] {
        if let NodeKind::Sequence(items) = &self.kind { items } else { &[] }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        if let NodeKind::String(text) = &self.kind { Some(text) } else { None }
    }

    /// The text of a string, shared.
    pub fn as_text(&self) -> Option<&Text> {
        if let NodeKind::String(text) = &self.kind { Some(text) } else { None }
    }

    /// The whole number.
    pub fn as_integer(&self) -> Option<i64> {
        if let NodeKind::Integer(number) = self.kind { Some(number) } else { None }
    }

    /// The truth value.
    pub fn as_bool(&self) -> Option<bool> {
        if let NodeKind::Bool(flag) = self.kind { Some(flag) } else { None }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, NodeKind::Null)
    }
}
