//! What a resource is called: by people ([`Address`]), by itself ([`NaturalKey`]) and by its platform ([`RemoteId`]).

use std::fmt::{self, Write as _};

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
        let mut label = String::with_capacity(40);
        let _ = write!(label, "{person}");
        label.push_str(std::str::from_utf8(&date_and_time(date, start)).unwrap_or_default());
        Self { kind: Kind::Shift, label: label.into() }
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

/// `/2026-12-01T09:00`. Hundreds of thousands of these are made in a run, hence digit by digit: formats take several times as long.
fn date_and_time(date: Date, time: Time) -> [u8; 17] {
    let mut text = *b"/0000-00-00T00:00";
    let year = date.year().unsigned_abs();
    let pairs = [year / 100, year % 100].map(|pair| u8::try_from(pair).unwrap_or_default());
    let others = [date.month(), date.day(), time.hour(), time.minute()].map(i8::unsigned_abs);
    for (at, pair) in [1, 3, 6, 9, 12, 15].into_iter().zip(pairs.into_iter().chain(others)) {
        text[at] += pair / 10;
        text[at + 1] += pair % 10;
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_shift_says_when_it_starts() {
        for moment in ["2026-12-01T09:00", "2027-01-31T23:59", "0999-10-09T00:00"] {
            let at: crate::time::DateTime = moment.parse().expect("a moment");
            let address = Address::shift(&Person::Account("a1".into()), at.date(), at.time());
            assert_eq!(address.to_string(), format!("shift/account:a1/{moment}"));
        }
    }
}
