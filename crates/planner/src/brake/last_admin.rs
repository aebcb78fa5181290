//! `last-admin`: a helpdesk without an administrator is a call to the vendor.
//!
//! Counted are people in service whom the platform shows as administrators, after the plan and including those whom the plan makes. The
//! account that deskform calls with is safe already: deleting or demoting it is a [`crate::PlanProblem`].

use deskform_model::{Address, BrakeName, Kind};

use super::Finding;
use crate::plan::Plan;

/// Nobody who administers the helpdesk would be left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastAdmin {
    /// How many administrators the plan takes away.
    pub removed: usize,
    /// The first five.
    pub first: Vec<Address>,
}

pub(super) fn check(plan: &Plan) -> Option<LastAdmin> {
    let admins = &plan.admins;
    let removed = admins.removed.len();
    (removed > 0 && admins.left == 0).then(|| LastAdmin { removed, first: admins.removed.iter().take(5).cloned().collect() })
}

impl Finding for LastAdmin {
    fn name(&self) -> BrakeName {
        BrakeName::LastAdmin
    }

    fn kind(&self) -> Option<Kind> {
        None
    }

    fn number(&self) -> usize {
        self.removed
    }

    fn message(&self) -> String {
        match self.removed {
            1 => "the plan removes or demotes the last administrator of the helpdesk".to_owned(),
            removed => format!("the plan removes or demotes all {removed} administrators of the helpdesk"),
        }
    }

    fn advice(&self) -> String {
        "keep one, or declare another Support with `admin: true` and apply that first".to_owned()
    }

    fn first(&self) -> &[Address] {
        &self.first
    }
}
