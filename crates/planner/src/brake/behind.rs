//! `behind`: a branch that lacks a colleague's merge must not plan that merge away.
//!
//! What was applied last came from a revision that the planned one does not hold, so that every difference may be the colleague's work.
//! New objects take nothing back; everything that is changed, removed or fetched out of the bin may.

use deskform_model::{Address, BrakeName, Kind, Text};

use super::{Finding, count};
use crate::plan::{Action, Plan};

/// How the planned revision is related to the one that was applied last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Lineage {
    /// Nobody can tell, or there is nothing to compare.
    #[default]
    Unknown,
    /// They are the same.
    Same,
    /// The planned one holds everything that was applied.
    Ahead,
    /// The planned one lacks what was applied.
    Behind {
        /// What was applied last.
        ledger: Text,
        /// What is planned.
        ours: Text,
    },
}

/// The plan is made from a revision that lacks what was applied last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// What was applied last.
    pub ledger: Text,
    /// What is planned.
    pub ours: Text,
    /// How many objects would be changed, removed or restored.
    pub changes: usize,
    /// The first five.
    pub first: Vec<Address>,
}

/// Whether it matters at all which revision a plan is made from: it changes, removes or restores something.
pub fn matters(plan: &Plan) -> bool {
    plan.changes.iter().any(|change| takes_back(&change.action))
}

fn takes_back(action: &Action) -> bool {
    matches!(action, Action::Update { .. } | Action::Delete { .. } | Action::Restore { .. })
}

pub(super) fn check(plan: &Plan, lineage: &Lineage) -> Option<Behind> {
    let Lineage::Behind { ledger, ours } = lineage else { return None };
    let (changes, first) = count(plan.changes.iter().filter(|change| takes_back(&change.action)));
    (changes > 0).then(|| Behind { ledger: ledger.clone(), ours: ours.clone(), changes, first })
}

impl Finding for Behind {
    fn name(&self) -> BrakeName {
        BrakeName::Behind
    }

    fn kind(&self) -> Option<Kind> {
        None
    }

    fn number(&self) -> usize {
        self.changes
    }

    fn message(&self) -> String {
        let objects = if self.changes == 1 { "1 object".to_owned() } else { format!("{} objects", self.changes) };
        format!(
            "revision {} was applied last and is not part of {}, and the plan changes or removes {objects}",
            short(&self.ledger),
            short(&self.ours)
        )
    }

    fn advice(&self) -> String {
        "rebase first, or merge the main branch: otherwise the plan takes back what a colleague merged".to_owned()
    }

    fn first(&self) -> &[Address] {
        &self.first
    }
}

/// A commit's first twelve digits; any other name as it is.
fn short(revision: &str) -> &str {
    let is_hash = revision.len() >= 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { &revision[..12] } else { revision }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_shortened_and_tags_are_not() {
        let finding = |ledger: &str| Behind { ledger: ledger.into(), ours: "v2".into(), changes: 1, first: Vec::new() };
        let hash = "0123456789abcdef0123456789abcdef01234567";
        assert!(finding(hash).message().starts_with("revision 0123456789ab was applied last and is not part of v2, "));
        assert!(
            finding("v1")
                .message()
                .ends_with("revision v1 was applied last and is not part of v2, and the plan changes or removes 1 object")
        );
    }
}
