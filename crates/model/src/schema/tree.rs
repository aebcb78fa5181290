//! Documents as the validator sees them: the tree itself, so that a valid document is never copied.
//!
//! Scalars mean here what [`Node::to_json`] says they mean.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{self, Json, JsonNumber, NodeIdentity};
use serde_json::Value;

use crate::document::{Entry, Node, NodeKind};
use crate::source::{SourceId, Span};

/// The representation of [`Node`].
pub(super) struct Tree;

/// Room for a key while it is looked at like a value.
pub(super) struct KeyNode(Node);

impl Default for KeyNode {
    fn default() -> Self {
        Self(Node { span: Span::new(SourceId(0), 0, 0), kind: NodeKind::Null })
    }
}

impl Json for Tree {
    type Node<'a> = &'a Node;
    type PreparedKey = String;
    type StringBuffer = KeyNode;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut KeyNode, string: &str, f: impl FnOnce(&Node) -> T) -> T {
        buffer.0.kind = NodeKind::String(string.into());
        f(&buffer.0)
    }
}

/// A number as JSON has it.
pub(super) struct Number(serde_json::Number);

impl JsonNumber for Number {
    fn as_u64(&self) -> Option<u64> {
        self.0.as_u64()
    }

    fn as_i64(&self) -> Option<i64> {
        self.0.as_i64()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Owned(self.0.to_string())
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        Cow::Borrowed(&self.0)
    }
}

impl<'a> json::Node<'a, Tree> for &'a Node {
    type Object = &'a [Entry];
    type Array = &'a [Node];
    type Number = Number;

    fn as_object(&self) -> Option<&'a [Entry]> {
        if let NodeKind::Mapping(entries) = &self.kind { Some(entries) } else { None }
    }

    fn as_array(&self) -> Option<&'a [Node]> {
        if let NodeKind::Sequence(items) = &self.kind { Some(items) } else { None }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        if let NodeKind::String(text) = &self.kind { Some(Cow::Borrowed(text.as_str())) } else { None }
    }

    fn as_number(&self) -> Option<Number> {
        match &self.kind {
            NodeKind::Integer(number) => Some(Number((*number).into())),
            NodeKind::Number(_) => match self.to_json() {
                Value::Number(number) => Some(Number(number)),
                _ => None,
            },
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        self.as_bool()
    }

    fn is_null(&self) -> bool {
        Node::is_null(self)
    }

    fn is_number(&self) -> bool {
        matches!(self.kind, NodeKind::Integer(_) | NodeKind::Number(_))
    }

    fn json_type(&self) -> JsonType {
        match self.kind {
            NodeKind::Null => JsonType::Null,
            NodeKind::Bool(_) => JsonType::Boolean,
            NodeKind::Integer(_) | NodeKind::Number(_) => JsonType::Number,
            NodeKind::String(_) => JsonType::String,
            NodeKind::Sequence(_) => JsonType::Array,
            NodeKind::Mapping(_) => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match (&self.kind, expected) {
            (NodeKind::String(text), expected) => expected.as_str() == Some(text),
            (_, Value::String(_)) => false,
            _ => json::cmp::equal(&self.to_json(), expected),
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(self.to_json())
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(std::ptr::from_ref::<Node>(self) as usize))
    }
}

impl<'a> json::Object<'a, Tree> for &'a [Entry] {
    type Node = &'a Node;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        <[Entry]>::len(self)
    }

    fn get(&self, key: &String) -> Option<&'a Node> {
        self.iter().find(|entry| entry.key == *key).map(|entry| &entry.value)
    }

    fn members(&self) -> Members<'a> {
        Members(self.iter())
    }
}

/// The keys and values of a mapping.
pub(super) struct Members<'a>(std::slice::Iter<'a, Entry>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a Node);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|entry| (entry.key.as_str(), &entry.value))
    }
}

impl<'a> json::Array<'a, Tree> for &'a [Node] {
    type Node = &'a Node;
    type ElementsIter = std::slice::Iter<'a, Node>;

    fn len(&self) -> usize {
        <[Node]>::len(self)
    }

    fn elements(&self) -> std::slice::Iter<'a, Node> {
        self.iter()
    }
}
