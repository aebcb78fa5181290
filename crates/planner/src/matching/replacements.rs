//! What `--replace` asks for: nothing is deleted and made anew that is not live, owned and declared.

use deskform_model::Resource;

use super::{Planner, is_tombstone};
use crate::ledger::Entry;
use crate::problem::{NoReplacement, PlanProblem};

impl Planner<'_> {
    /// Whether `--replace` asks for this object; that nothing is replaced that is not ours is a problem of its own.
    pub(super) fn is_replaced(&mut self, resource: &Resource, entry: Option<&Entry>) -> bool {
        if !self.selection.replaces(&resource.address) {
            return false;
        }
        self.replaced.insert(resource.address.clone());
        if entry.is_none() {
            self.refuse_replacement(resource, NoReplacement::NotOwned);
        }
        entry.is_some()
    }

    pub(super) fn refuse_replacement(&mut self, resource: &Resource, why: NoReplacement) {
        let (address, origin) = (resource.address.clone(), Some(resource.origin));
        self.problems.push(PlanProblem::CannotReplace { address, why, origin });
    }

    /// What `--replace` names and no live object was found for.
    pub(super) fn check_replacements(&mut self) {
        for resource in self.selection.replacements().filter_map(|address| self.inputs.desired.get(address)) {
            if !self.replaced.contains(&resource.address) {
                self.refuse_replacement(resource, if is_tombstone(resource) { NoReplacement::Removed } else { NoReplacement::NotLive });
            }
        }
    }
}
