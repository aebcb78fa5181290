//! `protected`: what was protected when it was last applied is not deleted, whatever the manifests say now.

use deskform_model::{Address, BrakeName, Kind};

use super::{Deletions, Finding, count, objects};

/// Something protected would be deleted, or replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protected {
    /// The kind.
    pub kind: Kind,
    /// How many.
    pub count: usize,
    /// The first five.
    pub first: Vec<Address>,
}

pub(super) fn check(deletions: &Deletions<'_>) -> Vec<Protected> {
    let finding = |kind: Kind| {
        let (count, first) = count(deletions.of_kind(kind).filter(|change| change.protect));
        (count > 0).then_some(Protected { kind, count, first })
    };
    Kind::ALL.into_iter().filter_map(finding).collect()
}

impl Finding for Protected {
    fn name(&self) -> BrakeName {
        BrakeName::Protected
    }

    fn kind(&self) -> Option<Kind> {
        Some(self.kind)
    }

    fn number(&self) -> usize {
        self.count
    }

    fn message(&self) -> String {
        let which = if self.count == 1 { "which is protected" } else { "which are protected" };
        format!("the plan deletes {}, {which}", objects(self.count, self.kind))
    }

    fn advice(&self) -> String {
        "put the manifest back, apply it once without `protect: true`, then remove it".to_owned()
    }

    fn first(&self) -> &[Address] {
        &self.first
    }
}
