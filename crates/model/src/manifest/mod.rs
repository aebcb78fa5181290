//! The documents that people write, and how they become resources.
//!
//! [`header`] reads what all manifests share, [`staff`] indexes who is declared, and then one reader a kind turns a document into
//! resources: [`object`] for Support and Agent, which are one resource each, [`permission`] and [`schedule`] for those that expand to many.
//! A reader gets documents that the schema has accepted; it reports what a schema cannot say.

mod expansion;
mod header;
mod lifecycle;
mod object;
pub(crate) mod permission;
pub(crate) mod reference;
pub(crate) mod schedule;
mod staff;

pub(crate) use expansion::{Context, Expansion};
pub(crate) use header::{Header, Label};
pub(crate) use staff::{Member, Staff};

/// The kinds of manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManifestKind {
    /// A member of staff; one resource.
    Support,
    /// One module of several people; a resource for each of them.
    Permission,
    /// Rosters and single shifts; a resource for each shift.
    Schedule,
    /// A seat; one resource.
    Agent,
}

impl ManifestKind {
    /// All kinds, in the order in which people read about them.
    pub const ALL: [Self; 4] = [Self::Support, Self::Permission, Self::Schedule, Self::Agent];

    /// The word behind `kind:`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Support => "Support",
            Self::Permission => "Permission",
            Self::Schedule => "Schedule",
            Self::Agent => "Agent",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What a manifest of this kind becomes.
    pub const fn resource(self) -> crate::Kind {
        match self {
            Self::Support => crate::Kind::Support,
            Self::Permission => crate::Kind::Permission,
            Self::Schedule => crate::Kind::Shift,
            Self::Agent => crate::Kind::Agent,
        }
    }
}

/// Turns one valid document into resources.
pub(crate) fn expand(header: &Header<'_>, context: &Context<'_>, out: &mut Expansion) {
    match header.kind {
        ManifestKind::Support | ManifestKind::Agent => object::expand(header, context, out),
        ManifestKind::Permission => permission::expand(header, context, out),
        ManifestKind::Schedule => schedule::expand(header, context, out),
    }
}
