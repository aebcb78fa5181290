//! `duplicate-permission`: two Permission manifests say something about the same module of the same person, even if they agree.
//!
//! Bad:
//! ```yaml
//! {metadata: {name: voice}, spec: {supports: [zhang-san], module: callCenter, enabled: true}}
//! {metadata: {name: no-voice}, spec: {supports: [{labels: {team: tier1}}], module: callCenter, enabled: false}}
//! ```
//! where `zhang-san` is in `tier1`. Good: one manifest for each person and module; within it a person may be meant twice.

use super::{Facts, duplicates};
use crate::diagnostic::{Diagnostic, Meaning};
use crate::{Kind, NaturalKey};

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let permissions = facts.of(Kind::Permission).iter().filter_map(|resource| match &resource.key {
        NaturalKey::Permission { person, module } => Some(((person, *module), resource.origin)),
        _ => None,
    });
    let problem = |(person, module): (&crate::Person, crate::kind::Module)| Meaning::DuplicatePermission {
        person: person.clone(),
        module: module.word(),
    };
    duplicates(permissions, problem, out);
}
