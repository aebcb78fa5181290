//! `too-many-deletions`: per kind, by number and by share of what the ledger owns.

use deskform_model::Kind;

use super::{Brake, Limit, Settings, first_five};
use crate::plan::Plan;

/// A share says little about a handful of objects.
const PERCENT_COUNTS_ABOVE: usize = 3;

pub(super) fn check(plan: &Plan, settings: &Settings) -> Vec<Brake> {
    if settings.destroy {
        return Vec::new();
    }
    let finding = |kind: Kind| {
        let limit = *settings.limits.get(&kind)?;
        let deleted = || plan.changes.iter().filter(move |change| change.kind() == kind && change.removes()).map(|change| &change.address);
        let deletions = deleted().count();
        let owned = plan.owned.get(&kind).copied().unwrap_or(0);
        exceeds(limit, deletions, owned).then(|| Brake::TooManyDeletions { kind, deletions, owned, limit, first: first_five(deleted()) })
    };
    Kind::ALL.into_iter().filter_map(finding).collect()
}

fn exceeds(limit: Limit, deletions: usize, owned: usize) -> bool {
    let by_number = limit.max_deletions.is_some_and(|max| deletions > max as usize);
    let by_share = deletions > PERCENT_COUNTS_ABOVE
        && limit.max_deletion_percent.is_some_and(|percent| deletions * 100 > owned * usize::from(percent));
    by_number || by_share
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
}
