//! Releases: documents that let a plan pass a brake, once and for a stated number (design.md section 3, "Brakes").
//!
//! The names of the brakes stand here because manifests use them; what each brake looks for is decided where plans are made.

use crate::schema::nearest;
use crate::source::Span;
use crate::time::Date;
use crate::{Kind, Text};

/// What a brake is known and released by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BrakeName {
    /// The plan is made from a revision that lacks what was applied last.
    Behind,
    /// Nothing of a kind is declared any more, although other kinds are.
    KindVanished,
    /// Nobody who administers the helpdesk would be left.
    LastAdmin,
    /// No manifest was found at all.
    NoManifests,
    /// Something protected would be deleted.
    Protected,
    /// A person would get another account.
    ReplacesPerson,
    /// More of a kind would be deleted than the project allows.
    TooManyDeletions,
}

impl BrakeName {
    /// All brakes, by name.
    pub const ALL: [Self; 7] = [
        Self::Behind,
        Self::KindVanished,
        Self::LastAdmin,
        Self::NoManifests,
        Self::Protected,
        Self::ReplacesPerson,
        Self::TooManyDeletions,
    ];

    /// The word in messages, on the command line and in documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Behind => "behind",
            Self::KindVanished => "kind-vanished",
            Self::LastAdmin => "last-admin",
            Self::NoManifests => "no-manifests",
            Self::Protected => "protected",
            Self::ReplacesPerson => "replaces-person",
            Self::TooManyDeletions => "too-many-deletions",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|brake| brake.word() == word)
    }

    /// The brake whose word is most like a misspelt one, when one is like enough.
    pub fn nearest(word: &str) -> Option<Self> {
        nearest(word, Self::ALL.map(Self::word)).and_then(Self::from_word)
    }

    /// Whether it looks at each kind apart and is released for each kind apart.
    pub const fn is_per_kind(self) -> bool {
        match self {
            Self::KindVanished | Self::Protected | Self::TooManyDeletions => true,
            Self::Behind | Self::LastAdmin | Self::NoManifests | Self::ReplacesPerson => false,
        }
    }
}

/// One Release document. It counts while the brake finds exactly as many as it expects, up to and including its last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// `metadata.name`.
    pub name: Text,
    /// What it releases.
    pub brake: BrakeName,
    /// For which kind; given exactly when the brake is per kind.
    pub kind: Option<Kind>,
    /// How many the brake must find.
    pub expect: usize,
    /// The last day on which it counts.
    pub until: Date,
    /// Why, for whoever reads the plan.
    pub reason: Text,
    /// Where the name stands.
    pub origin: Span,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_their_brake_and_are_sorted() {
        assert!(BrakeName::ALL.is_sorted_by_key(|brake| brake.word()));
        for brake in BrakeName::ALL {
            assert_eq!(BrakeName::from_word(brake.word()), Some(brake));
        }
    }

    #[test]
    fn a_misspelt_brake_has_a_nearest_one() {
        assert_eq!(BrakeName::nearest("to-many-deletion"), Some(BrakeName::TooManyDeletions));
        assert_eq!(BrakeName::nearest("handbrake"), None);
    }
}
