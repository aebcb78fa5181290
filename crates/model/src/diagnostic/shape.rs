//! Problems of form: YAML syntax, unknown keys, wrong types, bad values.

use crate::Text;
use crate::codec::quote;

/// The text is not the YAML that a manifest is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The YAML cannot be read any further.
    Syntax {
        /// What is wrong there.
        reason: String,
        /// What to do.
        fix: &'static str,
    },
    /// The file is not read at all.
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The largest size that is read.
        limit: usize,
    },
    /// The file, or a folder of them, cannot be read.
    Unreadable {
        /// What the system says.
        reason: String,
        /// Whether it is a link that leads nowhere.
        dangling: bool,
    },
    /// A link leads out of the project folder.
    LinkOutside,
    /// A byte that is no UTF-8.
    NotUtf8 {
        /// The byte.
        byte: u8,
    },
    /// A pattern of `manifests` that finds nothing, whatever there is.
    BadPattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it; `None` for one that leads out of the project folder.
        reason: Option<String>,
    },
    /// More values than anything sensible has.
    TooManyValues {
        /// The most values of one file.
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
    /// A document that is no mapping.
    NotADocument,
    /// A document without `kind`.
    MissingKind,
    /// A `kind` that nobody knows.
    UnknownKind {
        /// The word.
        kind: Text,
        /// The nearest kind.
        nearest: Option<Text>,
    },
    /// A `kind` of a later version.
    ReservedKind {
        /// The word.
        kind: Text,
    },
    /// A key that must be there is not; the place is the key of the mapping.
    MissingField {
        /// The missing key.
        field: Text,
        /// The mapping that lacks it, or empty at the top.
        parent: Text,
        /// The line that would do, from the schema's examples.
        example: Option<String>,
    },
    /// A key that means nothing.
    UnknownKey {
        /// The key.
        key: Text,
        /// The nearest known one.
        nearest: Option<Text>,
        /// All known ones.
        known: Vec<Text>,
    },
    /// A value of another type.
    WrongType {
        /// The key it stands under.
        field: Text,
        /// What it should be, in words.
        expected: String,
        /// What it is, in words.
        found: String,
        /// What to write.
        fix: Option<String>,
    },
    /// `null` where nothing can be cleared.
    Null {
        /// The key it stands under.
        field: Text,
    },
    /// None of the allowed words.
    BadValue {
        /// The key it stands under.
        field: Text,
        /// What is there; `None` when it must not be repeated.
        value: Option<Text>,
        /// The allowed words.
        options: Vec<Text>,
        /// The nearest of them.
        nearest: Option<Text>,
    },
    /// Text or a key that does not look as it must.
    BadForm {
        /// The key it stands under.
        field: Text,
        /// What is there; `None` when it must not be repeated.
        value: Option<Text>,
        /// What it must be, in words.
        wanted: String,
        /// What to write.
        fix: String,
    },
    /// More characters than fit.
    TooLong {
        /// The key it stands under.
        field: Text,
        /// Characters that it has.
        length: usize,
        /// Characters that fit.
        max: u64,
    },
    /// Nothing where something is needed: an empty text, list or mapping.
    Empty {
        /// The key it stands under.
        field: Text,
    },
    /// A number beyond its limits.
    OutOfRange {
        /// The key it stands under.
        field: Text,
        /// `between 0 and 10`, `at least 1`.
        wanted: String,
    },
    /// A list that says the same twice.
    Repeated {
        /// The key it stands under.
        field: Text,
    },
    /// Exactly one of several keys is needed.
    ExactlyOne {
        /// The key it stands under.
        field: Text,
        /// The keys.
        of: Vec<Text>,
    },
    /// A secret itself instead of a reference.
    LiteralSecret {
        /// The key it stands under.
        field: Text,
        /// The forms that are allowed there.
        forms: &'static str,
    },
    /// A setting whose text cannot be read: a duration, a zone, a version.
    BadSetting {
        /// What is wrong, in words.
        reason: String,
        /// What to write.
        fix: Option<String>,
    },
    /// This deskform is not the one that the project requires.
    Requires {
        /// What the project asks for.
        wanted: Text,
        /// What runs.
        running: Text,
    },
    /// `--env` names an environment that does not exist.
    UnknownEnvironment {
        /// The name.
        name: Text,
        /// Those that exist.
        known: Vec<Text>,
        /// The nearest of them.
        nearest: Option<Text>,
    },
    /// An environment that would write the ledger of the file's own settings.
    SharedLedger {
        /// The environment.
        environment: Text,
    },
    /// A problem in or beside a secret: the line must not be printed.
    Guarded(Box<Self>),
}

impl Shape {
    /// Whether the source line may hold a secret and must not be printed.
    pub fn hides_source(&self) -> bool {
        matches!(self, Self::Guarded(_) | Self::LiteralSecret { .. })
    }

    /// The same problem, at a line that must not be printed.
    #[must_use]
    pub(crate) fn guarded(self) -> Self {
        if self.hides_source() { self } else { Self::Guarded(Box::new(self)) }
    }

    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "yaml-syntax",
            Self::TooLarge { .. } => "file-too-large",
            Self::Unreadable { .. } => "unreadable-file",
            Self::LinkOutside => "link-outside-project",
            Self::NotUtf8 { .. } => "not-utf8",
            Self::BadPattern { .. } => "bad-pattern",
            Self::TooManyValues { .. } => "too-many-values",
            Self::TooDeep { .. } => "too-deep",
            Self::TooManyCopies { .. } => "too-many-aliases",
            Self::DuplicateKey { .. } => "duplicate-key",
            Self::Tag { .. } => "yaml-tag",
            Self::KeyNotText => "key-not-text",
            Self::MergeNotMapping => "merge-not-mapping",
            Self::NotADocument => "not-a-document",
            Self::MissingKind => "missing-kind",
            Self::UnknownKind { .. } => "unknown-kind",
            Self::ReservedKind { .. } => "reserved-kind",
            Self::MissingField { .. } => "missing-field",
            Self::UnknownKey { .. } => "unknown-key",
            Self::WrongType { .. } => "wrong-type",
            Self::Null { .. } => "null-not-allowed",
            Self::BadValue { .. } => "bad-value",
            Self::BadForm { .. } => "bad-form",
            Self::TooLong { .. } => "too-long",
            Self::Empty { .. } => "empty",
            Self::OutOfRange { .. } => "out-of-range",
            Self::Repeated { .. } => "repeated",
            Self::ExactlyOne { .. } => "exactly-one",
            Self::LiteralSecret { .. } => "literal-secret",
            Self::BadSetting { .. } => "bad-setting",
            Self::Requires { .. } => "requires",
            Self::UnknownEnvironment { .. } => "unknown-environment",
            Self::SharedLedger { .. } => "shared-ledger",
            Self::Guarded(problem) => problem.code(),
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::Syntax { reason, .. } | Self::BadSetting { reason, .. } => reason.clone(),
            Self::TooLarge { bytes, limit } => {
                format!("the file has {} MiB; at most {} MiB are read", bytes.div_ceil(1 << 20), limit >> 20)
            }
            Self::Unreadable { dangling: true, .. } => "the link leads nowhere".into(),
            Self::Unreadable { reason, .. } => format!("it cannot be read: {reason}"),
            Self::LinkOutside => "the link leads out of the project folder".into(),
            Self::NotUtf8 { byte } => format!("the file is not UTF-8: nothing there has the byte {byte:02X}"),
            Self::BadPattern { pattern, reason: None } => {
                format!("the manifest pattern {} leads out of the project folder", quote(pattern))
            }
            Self::BadPattern { pattern, reason: Some(reason) } => format!("{} is no pattern: {reason}", quote(pattern)),
            Self::TooManyValues { limit } => format!("the file holds more than {limit} values"),
            Self::TooDeep { limit } => format!("nested deeper than {limit} levels"),
            Self::TooManyCopies { limit } => format!("aliases copy more than {limit} values"),
            Self::DuplicateKey { key } => format!("{key} is given twice"),
            Self::Tag { tag } => format!("the tag {tag} means nothing here"),
            Self::KeyNotText => "a key must be text".into(),
            Self::MergeNotMapping => "<< takes a mapping or a list of mappings".into(),
            Self::NotADocument => "a document is a mapping with apiVersion, kind, metadata and spec".into(),
            Self::MissingKind => "the document does not say its kind".into(),
            Self::UnknownKind { kind, .. } => format!("there is no kind {kind}"),
            Self::ReservedKind { kind } => format!("the kind {kind} is reserved for a later version"),
            Self::MissingField { field, parent, .. } if parent.is_empty() => format!("{field} is missing"),
            Self::MissingField { field, parent, .. } => format!("{parent} needs {field}"),
            Self::UnknownKey { key, .. } => format!("{key} is not known here"),
            Self::WrongType { field, expected, found, .. } => format!("{field} must be {expected}, not {found}"),
            Self::Null { field } => format!("{field} cannot be null"),
            Self::BadValue { field, value: Some(value), .. } => format!("{field} cannot be {}", quote(value)),
            Self::BadForm { field, value: Some(value), wanted, .. } => format!("{field} must be {wanted}, not {}", quote(&short(value))),
            Self::BadValue { field, value: None, .. } => format!("{field} has none of the allowed values"),
            Self::BadForm { field, value: None, wanted, .. } => format!("{field} must be {wanted}"),
            Self::TooLong { field, length, max } => format!("{field} is too long: {length} of {max} characters"),
            Self::Empty { field } => format!("{field} cannot be empty"),
            Self::OutOfRange { field, wanted } => format!("{field} must be {wanted}"),
            Self::Repeated { field } => format!("{field} holds the same twice"),
            Self::ExactlyOne { field, of } => format!("{field} needs exactly one of {}", of.join(", ")),
            Self::LiteralSecret { field, .. } => format!("a literal {field} is not allowed"),
            Self::Requires { wanted, running } => format!("the project requires deskform {wanted}; this is {running}"),
            Self::UnknownEnvironment { name, .. } => format!("there is no environment {name}"),
            Self::SharedLedger { environment } => format!("the environment {environment} has no ledger of its own"),
            Self::Guarded(problem) => problem.message(),
        }
    }

    pub(super) fn help(&self) -> String {
        match self {
            Self::TooLarge { .. } | Self::TooManyValues { .. } => {
                "split it into several files; every file that `manifests` finds is read".into()
            }
            Self::Unreadable { dangling: true, .. } => "restore what it leads to, or remove it".into(),
            Self::Unreadable { .. } => "look at its permissions, and at where it leads if it is a link".into(),
            Self::LinkOutside | Self::BadPattern { reason: None, .. } => "manifests lie below the folder of the project file".into(),
            Self::NotUtf8 { .. } => "save it as UTF-8; Chinese Windows programs may write GBK or UTF-16".into(),
            Self::BadPattern { .. } => "write it as in manifests/**/*.yaml; * stays within a folder, ** goes through all of them".into(),
            Self::DuplicateKey { .. } => "remove one of the two".into(),
            Self::Tag { .. } => "write the value without a tag; quotes make a text".into(),
            Self::KeyNotText => "quote the key".into(),
            Self::MissingKind => "add a line like `kind: Support`".into(),
            Self::UnknownKind { nearest: Some(nearest), .. }
            | Self::UnknownKey { nearest: Some(nearest), .. }
            | Self::BadValue { nearest: Some(nearest), .. }
            | Self::UnknownEnvironment { nearest: Some(nearest), .. } => format!("did you mean {nearest}?"),
            Self::UnknownKind { nearest: None, .. } => {
                "the kinds are Project, Support, Permission, Schedule, Agent, AgentSet and Release".into()
            }
            // Settings per field know more keys than anybody reads.
            Self::UnknownKey { known, .. } if known.is_empty() || known.len() > 30 => {
                "correct it or take it out; the documentation lists the keys".into()
            }
            Self::UnknownKey { known, .. } => format!("known here: {}", known.join(", ")),
            Self::BadValue { options, .. } => match options.as_slice() {
                [only] => format!("write {only}"),
                _ => format!("one of {}", options.join(", ")),
            },
            Self::Syntax { fix, .. } => (*fix).into(),
            Self::BadForm { fix, .. } => fix.clone(),
            Self::WrongType { fix: Some(fix), .. } | Self::BadSetting { fix: Some(fix), .. } => fix.clone(),
            Self::WrongType { expected, .. } => format!("write {expected} here"),
            Self::BadSetting { fix: None, .. } => "correct it as the documentation of the project file describes".into(),
            Self::MissingField { example: Some(example), .. } => format!("for example `{example}`"),
            Self::MissingField { field, .. } if field == "metadata" => "add `metadata: {name: ...}` with a name of your choice".into(),
            Self::MissingField { field, .. } if field == "spec" => "add `spec:` and below it what there is to say".into(),
            Self::MissingField { field, example: None, .. } => format!("add `{field}:`"),
            Self::TooDeep { .. } => "a manifest needs eight levels; is a bracket or the indentation wrong?".into(),
            Self::TooManyCopies { .. } => "write the values out, or use labels and sets instead of aliases".into(),
            Self::MergeNotMapping => "write `<<: *name` with an anchor that stands at a mapping".into(),
            Self::NotADocument => "begin with `apiVersion: deskform/v1` and `kind: Support`; `---` separates documents".into(),
            Self::ReservedKind { .. } => "this version has Support, Permission, Schedule, Agent, AgentSet and Release".into(),
            Self::TooLong { max, .. } => format!("shorten it to {max} characters"),
            Self::Empty { .. } => "write something, or leave the key out if it need not be there".into(),
            Self::OutOfRange { wanted, .. } => match wanted.strip_prefix("between ").and_then(|limits| limits.split_once(" and ")) {
                Some((least, most)) => format!("write a number from {least} to {most}"),
                None => format!("write a number of {wanted}"),
            },
            Self::Repeated { .. } => "remove the second one".into(),
            Self::ExactlyOne { of, .. } => {
                format!("keep one of them, for example {}", of.first().map_or("the first", |first| first.as_str()))
            }
            Self::Requires { .. } => "install a version that fits, or change `requires`".into(),
            Self::Null { .. } => "write a value or leave the key out".into(),
            Self::LiteralSecret { forms, .. } => format!("use {forms}"),
            Self::UnknownEnvironment { known, .. } if known.is_empty() => "the project has no environments".into(),
            Self::UnknownEnvironment { known, .. } => format!("one of {}", known.join(", ")),
            Self::SharedLedger { environment } => {
                format!("add `ledger: {{file: .deskform/{environment}.json}}` to it; two platforms cannot share a ledger")
            }
            Self::Guarded(problem) => problem.help(),
        }
    }

    pub(super) fn other_label(&self) -> &'static str {
        match self {
            Self::DuplicateKey { .. } => "first given here",
            Self::Guarded(problem) => problem.other_label(),
            _ => "",
        }
    }
}

/// At most forty characters, so that one line stays one line.
fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
