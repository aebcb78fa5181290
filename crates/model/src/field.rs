//! What describes one field: everything that schema, wire, diff and `explain` need to know about it, once.

use crate::Text;
use std::cmp::Ordering;

use crate::codec::Codec;
use crate::kind::Kind;

/// In which calls a field takes part, and what is special about it. A set of the constants below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(u16);

/// The create call takes the field.
pub const CREATE: Flags = Flags(1);
/// The edit call takes the field.
pub const EDIT: Flags = Flags(1 << 1);
/// Replies may hold the field.
pub const READ: Flags = Flags(1 << 2);
/// Part of the natural key.
pub const KEY: Flags = Flags(1 << 3);
/// A manifest must give it (unless it only says that the object should be absent).
pub const REQUIRED: Flags = Flags(1 << 4);
/// `null` is allowed and clears it.
pub const CLEARABLE: Flags = Flags(1 << 5);
/// Only looked at when the object is created; a later difference is not a change (`initialSkill`).
pub const INITIAL: Flags = Flags(1 << 6);
/// Shown by a get of one object only, never by a list (custom fields, api-spec.md H9).
pub const DETAIL: Flags = Flags(1 << 7);
/// A later version is set by a call of its own (a seat's password through `editPwd`, api-spec.md A9).
pub const RESET: Flags = Flags(1 << 8);

impl Flags {
    /// Both sets together.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is in this set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// One field of one kind.
#[derive(Debug)]
pub struct Field {
    /// Name in manifests; a dot goes one level down (`initialSkill.level`).
    pub name: &'static str,
    /// Name in the platform's requests and replies.
    pub api: &'static str,
    /// Name in the edit call, where that is another one (api-spec.md A12).
    pub edit_api: Option<&'static str>,
    /// Type, limits, wire form and display.
    pub codec: Codec,
    /// In which calls it takes part.
    pub flags: Flags,
    /// On create, take the value of this field when the manifest does not give one.
    pub falls_back_to: Option<&'static str>,
    /// The smallest number that an edit accepts, where it differs from create (api-spec.md A5).
    pub edit_min: Option<i64>,
    /// One sentence for people, in the schema and in `explain`.
    pub doc: &'static str,
    /// An example value, as YAML.
    pub example: &'static str,
}

impl Field {
    /// A field of the usual sort; the rest is set with the `const` methods below.
    pub const fn new(name: &'static str, api: &'static str, codec: Codec, flags: Flags, doc: &'static str, example: &'static str) -> Self {
        Self { name, api, edit_api: None, codec, flags, falls_back_to: None, edit_min: None, doc, example }
    }

    /// The edit call spells it differently.
    pub const fn edited_as(mut self, api: &'static str) -> Self {
        self.edit_api = Some(api);
        self
    }

    /// On create, the other field's value serves when this one is not given.
    pub const fn falling_back_to(mut self, field: &'static str) -> Self {
        self.falls_back_to = Some(field);
        self
    }

    /// Edits accept nothing smaller.
    pub const fn edit_min(mut self, min: i64) -> Self {
        self.edit_min = Some(min);
        self
    }

    /// What schemas say of it: the sentence, and the platform's name.
    pub fn description(&self) -> String {
        format!("{} API field: {}.", self.doc, self.api)
    }

    /// Whether the field is in all of these calls or has all of these traits.
    pub const fn has(&self, flags: Flags) -> bool {
        self.flags.has(flags)
    }

    /// Whether the platform lets it be given at creation and never again.
    pub const fn is_fixed(&self) -> bool {
        self.flags.has(CREATE) && !self.flags.has(EDIT)
    }
}

/// Names one field of a kind: a position in the kind's table, or a custom field of the helpdesk. The kind is known from context.
///
/// The order is the table's; custom fields come last, `field_4` before `field_11`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldKey {
    /// The field at this position of [`Kind::fields`].
    Known(u8),
    /// The custom field with this key (`field_1`).
    Custom(Text),
}

impl Ord for FieldKey {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => a.cmp(b),
            (Self::Known(_), Self::Custom(_)) => Ordering::Less,
            (Self::Custom(_), Self::Known(_)) => Ordering::Greater,
            (Self::Custom(a), Self::Custom(b)) => (a.len(), a).cmp(&(b.len(), b)),
        }
    }
}

impl PartialOrd for FieldKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FieldKey {
    /// The field that describes this key. A custom field is described by the table's `customFields`.
    pub fn field(&self, kind: Kind) -> &'static Field {
        match self {
            Self::Known(at) => &kind.fields()[usize::from(*at)],
            Self::Custom(_) => &crate::kind::support::FIELDS[crate::kind::support::CUSTOM_FIELDS],
        }
    }

    /// The name as manifests and plans write it: `mobile`, `customFields.field_1`.
    pub fn name(&self, kind: Kind) -> String {
        match self {
            Self::Known(_) => self.field(kind).name.to_owned(),
            Self::Custom(key) => format!("{}.{key}", self.field(kind).name),
        }
    }
}
