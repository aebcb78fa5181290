//! Brakes: named checks that refuse a plan, apart from planning itself (design.md section 3, "Brakes").
//!
//! Each file holds one brake and returns its finding or nothing; [`check`] lists them once.

mod empty;
mod protected;
mod too_many_deletions;

use std::collections::BTreeMap;

use deskform_model::{Address, Kind};

use crate::plan::Plan;

/// How much a kind may lose in one plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// Most deletions; `None` is no limit.
    pub max_deletions: Option<u32>,
    /// Most deletions in percent of what the ledger owns of the kind; looked at only above three deletions.
    pub max_deletion_percent: Option<u8>,
}

/// What the brakes look at besides the plan.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Limits per kind; a kind without one is not limited.
    pub limits: BTreeMap<Kind, Limit>,
    /// How many manifest documents were found.
    pub manifests: usize,
    /// Whether this is `destroy`, which is asked for by name and confirmed on its own.
    pub destroy: bool,
}

/// Why a plan is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Brake {
    /// More deletions of a kind than the project allows.
    TooManyDeletions {
        /// The kind.
        kind: Kind,
        /// How many.
        deletions: usize,
        /// Of how many that the ledger owns.
        owned: usize,
        /// What was exceeded.
        limit: Limit,
        /// The first five.
        first: Vec<Address>,
    },
    /// No manifest was found, and the ledger owns something.
    NoManifests {
        /// How many objects the ledger owns.
        owned: usize,
    },
    /// Something protected would be deleted.
    Protected {
        /// How many.
        count: usize,
        /// The first five.
        first: Vec<Address>,
    },
}

impl Brake {
    /// The name by which it is known and released.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooManyDeletions { .. } => "too-many-deletions",
            Self::NoManifests { .. } => "no-manifests",
            Self::Protected { .. } => "protected",
        }
    }

    /// What would happen, in one line.
    pub fn message(&self) -> String {
        match self {
            Self::TooManyDeletions { kind, deletions, owned, limit, .. } => {
                let allowed = match (limit.max_deletions, limit.max_deletion_percent) {
                    (Some(max), _) if *deletions > max as usize => format!("at most {max} are allowed"),
                    (_, Some(percent)) => format!("at most {percent} % are allowed"),
                    (Some(max), None) => format!("at most {max} are allowed"),
                    (None, None) => "none are allowed".to_owned(),
                };
                format!("the plan deletes {deletions} of {owned} {} resources; {allowed}", kind.word())
            }
            Self::NoManifests { owned } => format!("no manifest was found, but the ledger owns {owned} resources"),
            Self::Protected { count, .. } => {
                format!("the plan deletes {count} protected {}", if *count == 1 { "resource" } else { "resources" })
            }
        }
    }

    /// How to go on.
    pub fn help(&self) -> String {
        match self {
            Self::TooManyDeletions { kind, .. } => {
                format!(
                    "check that nothing is missing from the manifests; if it is meant, raise brakes.{}.maxDeletions or maxDeletionPercent in the project file",
                    kind.word()
                )
            }
            Self::NoManifests { .. } => {
                "check the `manifests` setting and --chdir; to remove everything on purpose, use `deskform destroy`".to_owned()
            }
            Self::Protected { .. } => "put the manifest back, apply it once without `protect: true`, then remove it".to_owned(),
        }
    }

    /// The first resources concerned, for people.
    pub fn first(&self) -> &[Address] {
        match self {
            Self::TooManyDeletions { first, .. } | Self::Protected { first, .. } => first,
            Self::NoManifests { .. } => &[],
        }
    }
}

/// Runs every brake.
pub fn check(plan: &Plan, settings: &Settings) -> Vec<Brake> {
    let mut brakes = Vec::new();
    brakes.extend(empty::check(plan, settings));
    brakes.extend(protected::check(plan));
    brakes.extend(too_many_deletions::check(plan, settings));
    brakes
}

/// At most the first five of the addresses, as messages name them.
fn first_five<'a>(addresses: impl Iterator<Item = &'a Address>) -> Vec<Address> {
    addresses.take(5).cloned().collect()
}
