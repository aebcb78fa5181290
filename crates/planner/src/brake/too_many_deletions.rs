//! `too-many-deletions`: per kind, by number and by share of what the ledger owns.

use deskform_model::{Address, BrakeName, Kind};

use super::{Deletions, Finding, Limit, Settings, count, objects};
use crate::plan::Plan;

/// A share says little about a handful of objects.
const PERCENT_COUNTS_ABOVE: usize = 3;

/// More deletions of a kind than the project allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooManyDeletions {
    /// The kind.
    pub kind: Kind,
    /// How many.
    pub deletions: usize,
    /// Of how many that the ledger owns.
    pub owned: usize,
    /// What was exceeded.
    pub limit: Limit,
    /// The first five.
    pub first: Vec<Address>,
}

pub(super) fn check(gone: &Deletions<'_>, plan: &Plan, settings: &Settings) -> Vec<TooManyDeletions> {
    if settings.destroy {
        return Vec::new();
    }
    let finding = |kind: Kind| {
        let limit = *settings.limits.get(&kind)?;
        let (deletions, first) = count(gone.of_kind(kind));
        let owned = plan.owned.get(&kind).copied().unwrap_or(0);
        exceeds(limit, deletions, owned).then_some(TooManyDeletions { kind, deletions, owned, limit, first })
    };
    Kind::ALL.into_iter().filter_map(finding).collect()
}

fn exceeds(limit: Limit, deletions: usize, owned: usize) -> bool {
    by_number(limit, deletions)
        || deletions > PERCENT_COUNTS_ABOVE
            && limit.max_deletion_percent.is_some_and(|percent| deletions * 100 > owned * usize::from(percent))
}

fn by_number(limit: Limit, deletions: usize) -> bool {
    limit.max_deletions.is_some_and(|max| deletions > max as usize)
}

impl Finding for TooManyDeletions {
    fn name(&self) -> BrakeName {
        BrakeName::TooManyDeletions
    }

    fn kind(&self) -> Option<Kind> {
        Some(self.kind)
    }

    fn number(&self) -> usize {
        self.deletions
    }

    fn message(&self) -> String {
        let Limit { max_deletions, max_deletion_percent } = self.limit;
        let allowed = match (max_deletions, max_deletion_percent) {
            (Some(max), _) if by_number(self.limit, self.deletions) => format!("at most {max} may go at once"),
            (_, Some(percent)) => format!("at most {percent} % may go at once"),
            (_, None) => "that is more than may go at once".to_owned(),
        };
        format!("the plan deletes {} of {}; {allowed}", self.deletions, objects(self.owned, self.kind))
    }

    fn advice(&self) -> String {
        format!("check that nothing is missing from the manifests; brakes.{} in the project file sets the limit", self.kind.word())
    }

    fn first(&self) -> &[Address] {
        &self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_counts_only_above_three_deletions() {
        let limit = Limit { max_deletions: None, max_deletion_percent: Some(30) };
        assert!(!exceeds(limit, 3, 3));
        assert!(exceeds(limit, 4, 13));
        assert!(!exceeds(limit, 4, 14));
    }

    #[test]
    fn the_number_itself_is_still_allowed() {
        let limit = Limit { max_deletions: Some(2), max_deletion_percent: None };
        assert!(!exceeds(limit, 2, 2));
        assert!(exceeds(limit, 3, 100));
    }

    #[test]
    fn the_message_names_the_limit_that_was_exceeded() {
        let limit = Limit { max_deletions: Some(10), max_deletion_percent: Some(30) };
        let finding = |deletions| TooManyDeletions { kind: Kind::Support, deletions, owned: 20, limit, first: Vec::new() };
        assert_eq!(finding(8).message(), "the plan deletes 8 of 20 people; at most 30 % may go at once");
        assert_eq!(finding(11).message(), "the plan deletes 11 of 20 people; at most 10 may go at once");
    }
}
