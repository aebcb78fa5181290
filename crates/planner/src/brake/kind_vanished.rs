//! `kind-vanished`: a file that was lost must not take everything of a kind with it.
//!
//! A kind counts as declared while a single document names one of it, `ensure: absent` included: whoever writes a tombstone has not lost
//! the file. A kind whose undeclared objects are kept (`absence`) loses nothing and is not refused.

use deskform_model::{Address, BrakeName, Kind};

use super::{Deletions, Finding, Settings, count, objects};

/// Nothing of a kind is declared any more, although other kinds are, and what is owned of it would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindVanished {
    /// The kind.
    pub kind: Kind,
    /// How many of it would be deleted.
    pub deletions: usize,
    /// The first five.
    pub first: Vec<Address>,
}

pub(super) fn check(deletions: &Deletions<'_>, settings: &Settings) -> Vec<KindVanished> {
    // Without any manifest there is a brake of its own.
    if settings.destroy || settings.manifests == 0 {
        return Vec::new();
    }
    let vanished = |kind: &Kind| settings.declared.get(kind).is_none_or(|declared| *declared == 0);
    let finding = |kind: Kind| {
        let (deletions, first) = count(deletions.of_kind(kind));
        (deletions > 0).then_some(KindVanished { kind, deletions, first })
    };
    Kind::ALL.into_iter().filter(vanished).filter_map(finding).collect()
}

impl Finding for KindVanished {
    fn name(&self) -> BrakeName {
        BrakeName::KindVanished
    }

    fn kind(&self) -> Option<Kind> {
        Some(self.kind)
    }

    fn number(&self) -> usize {
        self.deletions
    }

    fn message(&self) -> String {
        let what = match self.kind {
            Kind::Support => "person",
            Kind::Permission => "permission",
            Kind::Shift => "shift",
            Kind::Agent => "seat",
        };
        format!("no {what} is declared any more, and the plan deletes {}", objects(self.deletions, self.kind))
    }

    fn advice(&self) -> String {
        "check that no file was moved out of the folders that `manifests` finds".to_owned()
    }

    fn first(&self) -> &[Address] {
        &self.first
    }
}
