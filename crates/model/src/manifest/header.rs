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
    /// Whether `labels` is all that the document says about them.
    pub(crate) labels_known: bool,
    /// The whole document, with what the schema does not accept put out of sight.
    pub(crate) root: &'a Node,
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
    /// Reads the head of a document of this kind; `None` when it has no name. `mended` is what the schema has left of a document with
    /// mistakes.
    pub(crate) fn read(kind: ManifestKind, root: &'a Node, mended: Option<&'a Node>) -> Option<Self> {
        let metadata = root.get("metadata")?;
        let name = metadata.get("name")?;
        let label = |entry: &'a Entry| Some(Label { key: &entry.key, value: entry.value.as_text()?, at: entry.value.span });
        let labels = metadata.get("labels").map(Node::entries).unwrap_or_default().iter().filter_map(label).collect();
        let unknown = |labels: &Node| labels.is_refused() || labels.entries().iter().any(|entry| entry.value.is_refused());
        let labels_known = mended.is_none_or(|left| !left.is_refused() && !left.pointer("/metadata/labels").is_some_and(unknown));
        Some(Self {
            kind,
            name: name.as_text()?,
            at: name.span,
            labels,
            ensure: lifecycle::ensure(root),
            labels_known,
            root: mended.unwrap_or(root),
        })
    }

    /// The value of `spec.<key>`.
    pub(crate) fn spec(&self, key: &str) -> Option<&'a Node> {
        self.root.get("spec")?.get(key)
    }
}
