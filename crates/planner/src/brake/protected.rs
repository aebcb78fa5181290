//! `protected`: what was protected when it was last applied is not deleted, whatever the manifests say now.

use super::{Brake, first_five};
use crate::plan::Plan;

pub(super) fn check(plan: &Plan) -> Option<Brake> {
    let protected = || plan.changes.iter().filter(|change| change.protect && change.removes()).map(|change| &change.address);
    let count = protected().count();
    (count > 0).then(|| Brake::Protected { count, first: first_five(protected()) })
}
