//! `no-manifests`: a wrong folder or pattern must not empty the centre.

use super::{Brake, Settings};
use crate::plan::Plan;

pub(super) fn check(plan: &Plan, settings: &Settings) -> Option<Brake> {
    let owned = plan.owned.values().sum();
    (settings.manifests == 0 && owned > 0 && !settings.destroy).then_some(Brake::NoManifests { owned })
}
