//! What all manifests have in common: kind, name, labels, and whether the thing should exist.
//!
//! Headers are read leniently, from documents with problems too, so that a mistake in one field of a Support does not make everything
//! that refers to the Support wrong as well.

use super::lifecycle;
use crate::Text;
use crate::document::{Entry, Node};
use crate::resource::Ensure;
use crate::schema::ManifestKind;
use crate::source::Span;

/// The head of one manifest document.
pub(crate) struct Header<'a> {
    /// Which kind of manifest.
    pub(crate) kind: ManifestKind,
    /// `metadata.name`.
    pub(crate) name: &'a Text,
    /// Where the name stands: what the document is known by in messages.
    pub(crate) at: Span,
    /// `metadata.labels`.
    pub(crate) labels: Vec<Label<'a>>,
    /// `lifecycle.ensure`.
    pub(crate) ensure: Ensure,
    /// The whole document.
    pub(crate) root: &'a Node,
    /// Whether the schema has accepted the document.
    pub(crate) valid: bool,
}

/// One pair of `metadata.labels`.
#[derive(Clone, Copy)]
pub(crate) struct Label<'a> {
    /// Its key.
    pub(crate) key: &'a Text,
    /// Its value.
    pub(crate) value: &'a Text,
    /// Where the value stands.
    pub(crate) at: Span,
}

impl<'a> Header<'a> {
    /// Reads the head of a document of this kind; `None` when it has no name.
    pub(crate) fn read(kind: ManifestKind, root: &'a Node, valid: bool) -> Option<Self> {
        let metadata = root.get("metadata")?;
        let name = metadata.get("name")?;
        let label = |entry: &'a Entry| Some(Label { key: &entry.key, value: entry.value.as_text()?, at: entry.value.span });
        let labels = metadata.get("labels").map(Node::entries).unwrap_or_default().iter().filter_map(label).collect();
        Some(Self { kind, name: name.as_text()?, at: name.span, labels, ensure: lifecycle::ensure(root), root, valid })
    }

    /// The value of `spec.<key>`.
    pub(crate) fn spec(&self, key: &str) -> Option<&'a Node> {
        self.root.get("spec")?.get(key)
    }
}
