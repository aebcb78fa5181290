//! YAML text as a tree in which every key and every value knows its place.
//!
//! [`parse`] reads one file: its documents, and the problems of their form. The tree is plain data under the core schema of YAML 1.2;
//! aliases and merge keys are expanded, so that nothing after this module knows them. Whatever the input, reading is linear in its size,
//! does not recurse deeper than [`MAX_DEPTH`] and never panics.

mod guard;
mod patch;
mod place;
mod reader;
mod scalar;
mod syntax;

pub(crate) use guard::hide_secrets;
pub use patch::merge_patch;
pub use reader::{MAX_BYTES, MAX_DEPTH, MAX_VALUES, Parsed, parse};

use crate::Text;
use crate::source::Span;

/// One YAML document.
#[derive(Clone, Debug)]
pub struct Document {
    /// The root value.
    pub root: Node,
}

/// A value and where it stands.
///
/// The span of a quoted scalar includes its quotes, that of a flow collection its brackets; that of a block scalar is its lines without
/// the `|`; a block collection ends with its last value. A value that is not written (`name:`) stands at its key.
/// What came in through an alias or a merge key has the place where it is written.
#[derive(Clone, Debug)]
pub struct Node {
    /// From its first byte to its last.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a YAML node is under the core schema of YAML 1.2: `no`, `12:30` and `2026-12-01` are text.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number written the one usual way.
    Integer(i64),
    /// Any other number, as it is written: `1.5`, and what would not come back the same, like `001`, `+8613200000000` or `0x1F`.
    Number(Text),
    /// Everything else, quoted or plain.
    String(Text),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping in the order of the text; keys are unique.
    Mapping(Vec<Entry>),
    /// Something stands here, or should, that has been reported as wrong: a scalar with a tag, or a value that the schema does not accept.
    /// Whoever reads it gets nothing and says nothing.
    Refused,
}

/// One key of a mapping and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key. A plain `8001` is the text `8001`.
    pub key: Text,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// Nodes are equal when their values are, wherever they stand.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
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

    /// The whole number, however it is written.
    pub fn as_integer(&self) -> Option<i64> {
        match &self.kind {
            NodeKind::Integer(number) => Some(*number),
            NodeKind::Number(raw) => scalar::number(raw).as_i64(),
            _ => None,
        }
    }

    /// The truth value.
    pub fn as_bool(&self) -> Option<bool> {
        if let NodeKind::Bool(flag) = self.kind { Some(flag) } else { None }
    }

    /// Whether what stood here was wrong and has been reported.
    pub fn is_refused(&self) -> bool {
        matches!(self.kind, NodeKind::Refused)
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, NodeKind::Null)
    }

    /// The text of a string, or a number as it is written: what names and ids are made of where quotes are optional.
    pub fn scalar_text(&self) -> Option<Text> {
        match &self.kind {
            NodeKind::String(text) | NodeKind::Number(text) => Some(text.clone()),
            NodeKind::Integer(number) => Some(smol_str::format_smolstr!("{number}")),
            _ => None,
        }
    }

    /// The same value as JSON. Numbers have the value that YAML 1.2 gives them (`001` is 1).
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.kind {
            NodeKind::Null | NodeKind::Refused => Json::Null,
            NodeKind::Bool(flag) => Json::Bool(*flag),
            NodeKind::Integer(number) => Json::from(*number),
            NodeKind::Number(raw) => Json::Number(scalar::number(raw)),
            NodeKind::String(text) => Json::String(text.as_str().to_owned()),
            NodeKind::Sequence(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            NodeKind::Mapping(entries) => {
                Json::Object(entries.iter().map(|entry| (entry.key.as_str().to_owned(), entry.value.to_json())).collect())
            }
        }
    }
}
