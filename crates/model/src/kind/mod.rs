//! The four kinds of resources and their field tables.
//!
//! Adding a field is adding a line to one table; the schema, the wire forms, the diff and `explain` are loops over it.

pub mod agent;
pub mod permission;
pub mod shift;
pub mod support;

use crate::field::{Field, FieldKey};

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A member of staff on the helpdesk (api-spec.md section 2).
    Support,
    /// A module of one person, switched on or off (api-spec.md section 2.2).
    Permission,
    /// One dated shift of one person (api-spec.md section 3.2).
    Shift,
    /// A seat of the call centre (api-spec.md section 5).
    Agent,
}

/// Where a resource lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// The bangwo8 REST API. Scalars travel as strings.
    Helpdesk,
    /// The POST-only agents API. Numbers and flags travel as JSON integers (api-spec.md A28).
    CallCenter,
}

impl Kind {
    /// All kinds, in the order in which plans show them.
    pub const ALL: [Self; 4] = [Self::Support, Self::Permission, Self::Shift, Self::Agent];

    /// The word in addresses and settings.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::Permission => "permission",
            Self::Shift => "shift",
            Self::Agent => "agent",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Where objects of this kind live.
    pub const fn platform(self) -> Platform {
        match self {
            Self::Support | Self::Permission | Self::Shift => Platform::Helpdesk,
            Self::Agent => Platform::CallCenter,
        }
    }

    /// The kind's field table.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Support => support::FIELDS,
            Self::Permission => permission::FIELDS,
            Self::Shift => shift::FIELDS,
            Self::Agent => agent::FIELDS,
        }
    }

    /// The key of the field that manifests call `name`, custom fields (`customFields.field_1`) included.
    pub fn key(self, name: &str) -> Option<FieldKey> {
        if self == Self::Support
            && let Some(custom) = name.strip_prefix("customFields.")
        {
            return (!custom.is_empty()).then(|| FieldKey::Custom(custom.into()));
        }
        let at = self.fields().iter().position(|field| field.name == name)?;
        u8::try_from(at).ok().map(FieldKey::Known)
    }
}

/// What a permission opens. `mType` of the permissions call, which is not the `plate` of presence (api-spec.md H28).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Module {
    /// `mType` 4, the only documented one.
    CallCenter,
}

impl Module {
    /// All modules.
    pub const ALL: [Self; 1] = [Self::CallCenter];

    /// The word in manifests and addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CallCenter => "callCenter",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|module| module.word() == word)
    }

    /// The number that the permissions call wants, as `mType`.
    pub const fn code(self) -> u8 {
        match self {
            Self::CallCenter => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_within_a_kind_and_lead_back_to_their_field() {
        for kind in Kind::ALL {
            for field in kind.fields() {
                let key = kind.key(field.name).expect("listed");
                assert!(std::ptr::eq(key.field(kind), field), "{} of {kind:?} is listed twice", field.name);
            }
        }
    }

    #[test]
    fn every_field_is_documented_and_every_fallback_exists() {
        for kind in Kind::ALL {
            for field in kind.fields() {
                assert!(!field.doc.is_empty() && !field.example.is_empty(), "{} of {kind:?}", field.name);
                assert!(field.falls_back_to.is_none_or(|other| kind.key(other).is_some()), "{} of {kind:?}", field.name);
            }
        }
    }
}
