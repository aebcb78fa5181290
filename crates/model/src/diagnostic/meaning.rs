//! Problems of meaning: references, duplicates, rosters, overlaps.

use super::Severity;
use crate::Text;

/// The documents are well formed, but do not make sense together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A reference names a support that no manifest declares.
    UnknownSupport {
        /// The name.
        name: Text,
        /// The nearest one that exists.
        nearest: Option<Text>,
    },
}

impl Meaning {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::UnknownSupport { .. } => "unknown-support",
        }
    }

    pub(super) fn severity(&self) -> Severity {
        match self {
            Self::UnknownSupport { .. } => Severity::Error,
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::UnknownSupport { name, .. } => format!("no Support is called {name}"),
        }
    }

    pub(super) fn help(&self) -> Option<String> {
        match self {
            Self::UnknownSupport { nearest, .. } => nearest.as_ref().map(|nearest| format!("did you mean {nearest}?")),
        }
    }

    pub(super) fn other_label(&self) -> &'static str {
        match self {
            Self::UnknownSupport { .. } => "",
        }
    }
}
