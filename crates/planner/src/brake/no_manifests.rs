//! `no-manifests`: a wrong folder or pattern must not empty the centre.

use deskform_model::{Address, BrakeName, Kind};

use super::{Finding, Settings};
use crate::plan::{Change, Plan};

/// No manifest was found, and the ledger owns something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoManifests {
    /// How many objects the ledger owns.
    pub owned: usize,
}

pub(super) fn check(plan: &Plan, settings: &Settings) -> Option<NoManifests> {
    let owned = plan.owned.values().sum();
    // A narrowed plan that takes nothing away is about something else.
    let concerned = plan.scope.is_none() || plan.changes.iter().any(Change::removes);
    (settings.manifests == 0 && owned > 0 && !settings.destroy && concerned).then_some(NoManifests { owned })
}

impl Finding for NoManifests {
    fn name(&self) -> BrakeName {
        BrakeName::NoManifests
    }

    fn kind(&self) -> Option<Kind> {
        None
    }

    fn number(&self) -> usize {
        self.owned
    }

    fn message(&self) -> String {
        let noun = if self.owned == 1 { "resource" } else { "resources" };
        format!("no manifest was found, but the ledger owns {} {noun}", self.owned)
    }

    fn advice(&self) -> String {
        "check the `manifests` setting and --chdir; to remove everything on purpose, use `deskform destroy`".to_owned()
    }

    fn first(&self) -> &[Address] {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::Scope;

    fn owning(owned: usize) -> Plan {
        Plan { owned: [(Kind::Shift, owned)].into(), ..Plan::default() }
    }

    #[test]
    fn an_empty_set_of_manifests_refuses_what_the_ledger_owns() {
        assert_eq!(check(&owning(3), &Settings::default()), Some(NoManifests { owned: 3 }));
        assert_eq!(NoManifests { owned: 1 }.message(), "no manifest was found, but the ledger owns 1 resource");
    }

    #[test]
    fn a_narrowed_plan_that_takes_nothing_away_passes() {
        let plan = Plan { scope: Some(Scope::default()), ..owning(3) };
        assert_eq!(check(&plan, &Settings::default()), None);
    }

    #[test]
    fn a_first_run_a_manifest_and_destroy_pass() {
        assert_eq!(check(&owning(0), &Settings::default()), None);
        assert_eq!(check(&owning(3), &Settings { manifests: 1, ..Settings::default() }), None);
        assert_eq!(check(&owning(3), &Settings { destroy: true, ..Settings::default() }), None);
    }
}
