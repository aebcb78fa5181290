//! Problems of form: YAML syntax, unknown keys, wrong types, bad values.

/// The text is not the YAML that a manifest is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The YAML cannot be read any further.
    Syntax {
        /// What the parser says.
        reason: String,
    },
}

impl Shape {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "yaml-syntax",
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::Syntax { reason } => reason.clone(),
        }
    }

    pub(super) fn help(&self) -> Option<String> {
        match self {
            Self::Syntax { .. } => None,
        }
    }

    pub(super) fn other_label(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "",
        }
    }
}
