//! Problems of form: YAML syntax, unknown keys, wrong types, bad values.

use crate::Text;

/// The text is not the YAML that a manifest is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The YAML cannot be read any further.
    Syntax {
        /// What is wrong there.
        reason: String,
    },
    /// The file is not read at all.
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The largest size that is read.
        limit: usize,
    },
    /// More levels than anything sensible has.
    TooDeep {
        /// The most levels.
        limit: usize,
    },
    /// Aliases repeat too much.
    TooManyCopies {
        /// The most values that aliases of one file may copy.
        limit: usize,
    },
    /// A key stands twice in one mapping; the other place is the first.
    DuplicateKey {
        /// The key.
        key: Text,
    },
    /// A YAML tag (`!secret`, `!!str`).
    Tag {
        /// As it is written.
        tag: String,
    },
    /// A key that is nothing, a list or a mapping.
    KeyNotText,
    /// `<<` with something else than mappings.
    MergeNotMapping,
}

impl Shape {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "yaml-syntax",
            Self::TooLarge { .. } => "file-too-large",
            Self::TooDeep { .. } => "too-deep",
            Self::TooManyCopies { .. } => "too-many-aliases",
            Self::DuplicateKey { .. } => "duplicate-key",
            Self::Tag { .. } => "yaml-tag",
            Self::KeyNotText => "key-not-text",
            Self::MergeNotMapping => "merge-not-mapping",
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::Syntax { reason } => reason.clone(),
            Self::TooLarge { bytes, limit } => {
                format!("the file has {} MiB; at most {} MiB are read", bytes.div_ceil(1 << 20), limit >> 20)
            }
            Self::TooDeep { limit } => format!("nested deeper than {limit} levels"),
            Self::TooManyCopies { limit } => format!("aliases copy more than {limit} values"),
            Self::DuplicateKey { key } => format!("{key} is given twice"),
            Self::Tag { tag } => format!("the tag {tag} means nothing here"),
            Self::KeyNotText => "a key must be text".into(),
            Self::MergeNotMapping => "<< takes a mapping or a list of mappings".into(),
        }
    }

    pub(super) fn help(&self) -> Option<String> {
        Some(match self {
            Self::TooLarge { .. } => "split it into several files".into(),
            Self::DuplicateKey { .. } => "remove one of the two".into(),
            Self::Tag { .. } => "write the value without a tag; quotes make a text".into(),
            Self::KeyNotText => "quote the key".into(),
            _ => return None,
        })
    }

    pub(super) fn other_label(&self) -> &'static str {
        match self {
            Self::DuplicateKey { .. } => "first given here",
            _ => "",
        }
    }
}
