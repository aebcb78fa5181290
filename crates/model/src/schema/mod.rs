//! The form of documents: JSON Schema from the field tables, and findings that say what to write instead.
//!
//! [`header`] tells which kind a document is, [`check`] looks at everything below. The schemas are also files for editors
//! ([`files`], written by `cargo xtask schema`).
//!
//! Limits: one document at a time, and nothing that needs two values to be compared; that is the readers' and `check`'s.

mod explain;
mod generate;
mod nearest;

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value as Json;

use crate::diagnostic::{self, Diagnostic, Shape};
use crate::document::{Node, NodeKind};
use crate::manifest::ManifestKind;

pub(crate) use explain::sounds_secret;
pub(crate) use generate::metadata;
pub use generate::{document as json_schema, files};
pub(crate) use nearest::nearest;

/// The one version of the manifests' format.
pub const API_VERSION: &str = "deskform/v1";

/// Kind names that later versions will use (design.md section 2).
const RESERVED: [&str; 6] = ["Rota", "RotaChanges", "Calendar", "Demand", "AgentSet", "Release"];

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// The settings, `deskform.yaml`.
    Project,
    /// A manifest.
    Manifest(ManifestKind),
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::Project,
        Self::Manifest(ManifestKind::Support),
        Self::Manifest(ManifestKind::Permission),
        Self::Manifest(ManifestKind::Schedule),
        Self::Manifest(ManifestKind::Agent),
    ];

    /// The word under `kind:`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Project => "Project",
            Self::Manifest(kind) => kind.word(),
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    fn compiled(self) -> &'static Compiled {
        static COMPILED: [OnceLock<Compiled>; 5] = [const { OnceLock::new() }; 5];
        let at = Self::ALL.iter().position(|kind| *kind == self).unwrap_or_default();
        COMPILED[at].get_or_init(|| {
            let schema = generate::document(self);
            let validator = jsonschema::validator_for(&schema).expect("the generated schema is a schema, as the tests compile every one");
            Compiled { schema, validator }
        })
    }
}

/// A schema and what checks it, made once per process.
struct Compiled {
    schema: Json,
    validator: Validator,
}

/// Which kind a document says it is, or the findings about `kind` that make it none.
///
/// # Errors
/// When the document is no mapping, or its `kind` is missing, reserved or unknown.
pub fn header(root: &Node) -> Result<DocumentKind, Box<Diagnostic>> {
    if !matches!(root.kind, NodeKind::Mapping(_)) {
        return Err(Box::new(Diagnostic::shape(Shape::NotADocument, root.span)));
    }
    let Some(entry) = root.entry("kind") else {
        let at = root.entries().first().map_or(root.span, |entry| entry.key_span);
        return Err(Box::new(Diagnostic::shape(Shape::MissingKind, at)));
    };
    let word = entry.value.as_str().unwrap_or_default();
    DocumentKind::from_word(word).ok_or_else(|| {
        let problem = if RESERVED.contains(&word) {
            Shape::ReservedKind { kind: word.into() }
        } else if word.is_empty() {
            Shape::MissingKind
        } else {
            Shape::UnknownKind { kind: word.into(), nearest: nearest(word, DocumentKind::ALL.map(DocumentKind::word)) }
        };
        Box::new(Diagnostic::shape(problem, entry.value.span))
    })
}

/// All findings about the form of one document of a manifest file. A project's settings are none.
pub fn check_manifest(root: &Node) -> Vec<Diagnostic> {
    match header(root) {
        Ok(DocumentKind::Project) => {
            let at = root.get("kind").map_or(root.span, |kind| kind.span);
            vec![Diagnostic::shape(Shape::MisplacedProject, at)]
        }
        Ok(kind) => check(kind, root),
        Err(finding) => vec![*finding],
    }
}

/// All findings about the form of one document of a known kind, in the order of the text.
pub fn check(kind: DocumentKind, root: &Node) -> Vec<Diagnostic> {
    let compiled = kind.compiled();
    let json = root.to_json();
    if compiled.validator.is_valid(&json) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for error in compiled.validator.iter_errors(&json) {
        explain::explain(&compiled.schema, root, &error, &mut findings);
    }
    diagnostic::sort(&mut findings);
    findings
}
