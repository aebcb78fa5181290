//! The form of documents: JSON Schema from the field tables, and findings that say what to write instead.
//!
//! [`header`] tells which kind a document is, [`check`] looks at everything below. The schemas are also files for editors
//! ([`files`], written by `cargo xtask schema`).
//!
//! Limits: one document at a time, and nothing that needs two values to be compared; that is the readers' and `check`'s.

mod explain;
mod form;
mod generate;
mod mend;
mod nearest;
mod pattern;
mod sieve;

use std::sync::OnceLock;

use jsonschema::{ValidationError, Validator};
use serde_json::Value as Json;

use crate::diagnostic::{self, Diagnostic, Shape};
use crate::document::{Node, NodeKind};
use crate::kind::Kind;
use sieve::Sieve;

pub(crate) use explain::sounds_secret;
pub use generate::{document as json_schema, files};
pub(crate) use generate::{fields, lifecycle, metadata, object, property};
pub use nearest::nearest;

/// The one version of the manifests' format.
pub const API_VERSION: &str = "deskform/v1";

/// Kind names that later versions will use (design.md section 2).
const RESERVED: [&str; 4] = ["Rota", "RotaChanges", "Calendar", "Demand"];

/// So many findings of one document are explained; nobody reads more, and a hostile file must not make us write them.
const MAX_FINDINGS: usize = 1_000;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManifestKind {
    /// The settings, `deskform.yaml`.
    Project,
    /// One member of staff.
    Support,
    /// One module for several people.
    Permission,
    /// Rosters and shifts.
    Schedule,
    /// One seat.
    Agent,
    /// Many seats that are nearly alike.
    AgentSet,
    /// Permission to pass a brake.
    Release,
}

impl ManifestKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [Self::Project, Self::Support, Self::Permission, Self::Schedule, Self::Agent, Self::AgentSet, Self::Release];

    /// The word under `kind:`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Project => "Project",
            Self::Support => "Support",
            Self::Permission => "Permission",
            Self::Schedule => "Schedule",
            Self::Agent => "Agent",
            Self::AgentSet => "AgentSet",
            Self::Release => "Release",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kind of the resources that come of it; a project and a release are none.
    pub const fn resources(self) -> Option<Kind> {
        match self {
            Self::Project | Self::Release => None,
            Self::Support => Some(Kind::Support),
            Self::Permission => Some(Kind::Permission),
            Self::Schedule => Some(Kind::Shift),
            Self::Agent | Self::AgentSet => Some(Kind::Agent),
        }
    }

    fn compiled(self) -> &'static Compiled {
        static COMPILED: [OnceLock<Compiled>; 7] = [const { OnceLock::new() }; 7];
        COMPILED[self as usize].get_or_init(|| Compiled {
            kind: self,
            sieve: Sieve::new(&generate::document(self)),
            explaining: OnceLock::new(),
        })
    }
}

/// A schema in the two forms that documents are held against, each made at most once per process.
struct Compiled {
    kind: ManifestKind,
    /// Says of most documents that they are valid.
    sieve: Sieve,
    /// The schema itself and what judges by it; only needed for the documents that are left.
    explaining: OnceLock<(Json, Validator)>,
}

impl Compiled {
    fn explaining(&self) -> &(Json, Validator) {
        self.explaining.get_or_init(|| {
            let schema = generate::document(self.kind);
            let validator = jsonschema::validator_for(&schema).expect("the generated schema is a schema, as the tests compile every one");
            (schema, validator)
        })
    }
}

/// Which kind a document says it is, or the findings about `kind` that make it none.
///
/// # Errors
/// When the document is no mapping, or its `kind` is missing, reserved or unknown.
pub fn header(root: &Node) -> Result<ManifestKind, Box<Diagnostic>> {
    if !matches!(root.kind, NodeKind::Mapping(_)) {
        return Err(Box::new(Diagnostic::shape(Shape::NotADocument, root.span)));
    }
    let Some(entry) = root.entry("kind") else {
        let at = root.entries().first().map_or(root.span, |entry| entry.key_span);
        return Err(Box::new(Diagnostic::shape(Shape::MissingKind, at)));
    };
    let word = entry.value.as_str().unwrap_or_default();
    ManifestKind::from_word(word).ok_or_else(|| {
        let problem = if RESERVED.contains(&word) {
            Shape::ReservedKind { kind: word.into() }
        } else if word.is_empty() {
            Shape::MissingKind
        } else {
            Shape::UnknownKind { kind: word.into(), nearest: nearest(word, ManifestKind::ALL.map(ManifestKind::word)).map(Into::into) }
        };
        Box::new(Diagnostic::shape(problem, entry.value.span))
    })
}

/// All findings about the form of one document of a known kind, in the order of the text.
pub fn check(kind: ManifestKind, root: &Node) -> Vec<Diagnostic> {
    examine(kind, root).0
}

/// The same, and for a document with findings what is left of it without them: each value that is wrong is [`NodeKind::Refused`].
pub(crate) fn examine(kind: ManifestKind, root: &Node) -> (Vec<Diagnostic>, Option<Node>) {
    let compiled = kind.compiled();
    if compiled.sieve.accepts(root) {
        return (Vec::new(), None);
    }
    let (schema, validator) = compiled.explaining();
    let json = root.to_json();
    let mut findings = Vec::new();
    // What was refused before (a tag) has been reported.
    let is_new = |error: &ValidationError<'_>| !root.pointer(error.instance_path().as_str()).is_some_and(Node::is_refused);
    let mut errors: Vec<_> = validator.iter_errors(&json).filter(is_new).take(MAX_FINDINGS).collect();
    let full = errors.len() == MAX_FINDINGS;
    mend::drop_consequences(schema, root, &mut errors);
    for error in &errors {
        explain::explain(schema, root, error, &mut findings);
    }
    diagnostic::sort(&mut findings);
    let mended = match errors.as_slice() {
        [] => None,
        _ if full => Some(mend::refused(root)),
        errors => Some(mend::mended(schema, root, errors)),
    };
    (findings, mended)
}
