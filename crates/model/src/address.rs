//! What a resource is called: by people ([`Address`]), by itself ([`NaturalKey`]) and by its platform ([`RemoteId`]).

use std::fmt;

use smol_str::format_smolstr;

use crate::kind::{Kind, Module};
use crate::time::{Date, Time};
use crate::{Person, Text};

/// A label for people, `kind/name`: `support/zhang-san`, `permission/zhang-san/callCenter`, `shift/zhang-san/2026-12-01T09:00`,
/// `agent/8001`. It may change while the object stays the same (design.md section 1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The kind, the part before the first `/`.
    pub kind: Kind,
    /// Everything behind the first `/`.
    pub label: Text,
}

impl Address {
    /// The address of the support that a manifest calls `name`.
    pub fn support(name: &str) -> Self {
        Self { kind: Kind::Support, label: name.into() }
    }

    /// The address of a module of one person.
    pub fn permission(person: &Person, module: Module) -> Self {
        Self { kind: Kind::Permission, label: format!("{person}/{}", module.word()).into() }
    }

    /// The address of a person's shift.
    pub fn shift(person: &Person, date: Date, start: Time) -> Self {
        // Hundreds of thousands of these are made in a run, hence no detour over other texts.
        let (year, month, day) = (date.year(), date.month(), date.day());
        let label = format_smolstr!("{person}/{year:04}-{month:02}-{day:02}T{:02}:{:02}", start.hour(), start.minute());
        Self { kind: Kind::Shift, label }
    }

    /// The address of a seat.
    pub fn agent(operator_id: &str) -> Self {
        Self { kind: Kind::Agent, label: operator_id.into() }
    }

    /// Reads `kind/label`; `None` when the kind is unknown or the label is empty.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, label) = text.split_once('/')?;
        (!label.is_empty()).then_some(())?;
        Some(Self { kind: Kind::from_word(kind)?, label: label.into() })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.word(), self.label)
    }
}

/// Identity: what makes two descriptions one and the same object (design.md section 1).
///
/// In a [`crate::Resource`] the person is as the manifest refers to it; in observed objects and in the ledger it is always
/// [`Person::Id`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NaturalKey {
    /// `sPassportName`.
    Support {
        /// The login name.
        account: Text,
    },
    /// A module of a person.
    Permission {
        /// Whose.
        person: Person,
        /// Which.
        module: Module,
    },
    /// A label, not unique on the platform (api-spec.md H37).
    Shift {
        /// Whose.
        person: Person,
        /// The day on which it starts.
        date: Date,
        /// When it starts.
        start: Time,
    },
    /// `operatorId`.
    Agent {
        /// The seat's number.
        operator_id: Text,
    },
}

impl NaturalKey {
    /// The kind of object that the key identifies.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Support { .. } => Kind::Support,
            Self::Permission { .. } => Kind::Permission,
            Self::Shift { .. } => Kind::Shift,
            Self::Agent { .. } => Kind::Agent,
        }
    }

    /// The person that a permission or a shift belongs to.
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Permission { person, .. } | Self::Shift { person, .. } => Some(person),
            Self::Support { .. } | Self::Agent { .. } => None,
        }
    }
}

/// A platform's identity of an object: `sId`, `dutyId` or `operatorId`. Opaque and never empty: an empty id in a URL would widen what
/// the request touches (api-spec.md H1, H33).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RemoteId(Text);

impl RemoteId {
    /// Wraps an id; `None` when it is empty.
    pub fn new(id: impl Into<Text>) -> Option<Self> {
        let id = id.into();
        (!id.is_empty()).then_some(Self(id))
    }

    /// The id as the platform writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as text.
    pub fn text(&self) -> &Text {
        &self.0
    }
}

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
