//! `replaces-person`: another account for a person is another person to the helpdesk; tickets and history stay with the old one.

use deskform_model::{Address, BrakeName, Kind};

use super::{Deletions, Finding, count};
use crate::plan::Action;

/// People would get another account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacesPerson {
    /// How many people.
    pub people: usize,
    /// The first five.
    pub first: Vec<Address>,
}

pub(super) fn check(deletions: &Deletions<'_>) -> Option<ReplacesPerson> {
    let replaced = |action: &Action| matches!(action, Action::Delete { successor: Some(_), .. });
    let (people, first) = count(deletions.of_kind(Kind::Support).filter(|change| replaced(&change.action)));
    (people > 0).then_some(ReplacesPerson { people, first })
}

impl Finding for ReplacesPerson {
    fn name(&self) -> BrakeName {
        BrakeName::ReplacesPerson
    }

    fn kind(&self) -> Option<Kind> {
        None
    }

    fn number(&self) -> usize {
        self.people
    }

    fn message(&self) -> String {
        match self.people {
            1 => "the plan gives 1 person a new account and recycles the old one".to_owned(),
            people => format!("the plan gives {people} people new accounts and recycles the old ones"),
        }
    }

    fn advice(&self) -> String {
        "check that the account is meant to change: the helpdesk's history stays with the old one".to_owned()
    }

    fn first(&self) -> &[Address] {
        &self.first
    }
}
