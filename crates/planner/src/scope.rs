//! Narrowing: a plan for some of what is declared and owned (`--target`, `--exclude`, `--no-delete`, `--replace`).
//!
//! ```text
//! Narrowing (as asked) --choose(desired, ledger)--> Selection --> needs, plan --> Plan.scope (as shown)
//! ```
//!
//! A [`Selection`] says three things: which addresses are meant, which kinds have to be read and matched for them, and how much is left
//! out. Changes that the selected ones wait for come along; what waits for an excluded one stays behind with it.
//!
//! Limits: nothing here looks at live objects. What is left out is neither changed nor taken over, forgotten or noted.

mod matcher;
mod narrow;
mod selection;
pub mod selector;

use std::collections::{BTreeMap, BTreeSet};

use deskform_model::{Address, Desired, Kind, Text};
use serde::{Deserialize, Serialize};

use self::matcher::nearest_address;
pub use self::selection::Selection;
pub use self::selector::{Selector, SelectorError};
use crate::ledger::Ledger;
use crate::policy::Policy;

/// What somebody wants a plan narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Only these; everything when empty.
    pub targets: Vec<Selector>,
    /// Not these, whatever the targets say.
    pub excludes: Vec<Selector>,
    /// Nothing is deleted, and nothing is replaced.
    pub no_delete: bool,
    /// Seats, and people whose account changed, that are deleted and made anew although their manifest does not allow it.
    pub replace: BTreeSet<Address>,
}

/// Why nothing can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// Neither declared nor in the ledger.
    #[error("--{flag} {selector} matches nothing that is declared or in the ledger{}", did_you_mean(nearest.as_deref()))]
    NoMatch {
        /// `target` or `exclude`.
        flag: &'static str,
        /// What was given.
        selector: Selector,
        /// What is most like it.
        nearest: Option<String>,
    },
    /// Only what is declared can be made anew.
    #[error("--replace {address} is not declared{}", did_you_mean(nearest.as_deref()))]
    ReplaceUndeclared {
        /// What was given.
        address: Address,
        /// What is most like it.
        nearest: Option<String>,
    },
    /// The same command line wants it replaced and left alone.
    #[error("--replace {address} is left out by --target or --exclude")]
    ReplaceLeftOut {
        /// What was given.
        address: Address,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!(" (did you mean {nearest}?)")).unwrap_or_default()
}

/// How much of a kind is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Declared resources.
    pub declared: usize,
    /// Entries of the ledger that nothing declares.
    pub owned: usize,
}

/// Why a selected change is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeldBack {
    /// It removes something, and nothing may be deleted.
    Removes,
    /// It belongs to a replacement, half of which is held back.
    Replaces,
    /// It waits for something that is excluded or held back.
    Waits,
}

/// A selected change that is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// Of what.
    pub address: Address,
    /// A name for people.
    pub title: Text,
    /// Why.
    pub why: HeldBack,
}

/// What a narrowed plan looked at and what it left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The targets as given.
    pub targets: Vec<Selector>,
    /// The exclusions as given.
    pub excludes: Vec<Selector>,
    /// Whether deletions are held back.
    pub no_delete: bool,
    /// How much of each kind is left out.
    pub left_out: BTreeMap<Kind, LeftOut>,
    /// What is changed although it was not selected, because something selected needs it.
    pub pulled_in: Vec<Address>,
    /// What was selected and is not carried out.
    pub held_back: Vec<Held>,
}

impl Narrowing {
    /// Whether nothing is asked for: the plan is a whole one.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Finds what is meant.
    ///
    /// # Errors
    /// When a selector matches nothing, or something cannot be replaced.
    pub fn choose(&self, desired: &Desired, ledger: &Ledger, policy: &Policy) -> Result<Selection, ScopeError> {
        self.check_replacements(desired)?;
        let selection = Selection::new(self, desired, ledger, policy)?;
        match self.replace.iter().find(|address| !selection.covers(address)) {
            Some(address) => Err(ScopeError::ReplaceLeftOut { address: address.clone() }),
            None => Ok(selection),
        }
    }

    fn check_replacements(&self, desired: &Desired) -> Result<(), ScopeError> {
        for address in &self.replace {
            if desired.get(address).is_none() {
                let addresses = desired.resources().iter().map(|resource| &resource.address);
                let nearest = nearest_address(&address.to_string(), addresses);
                return Err(ScopeError::ReplaceUndeclared { address: address.clone(), nearest });
            }
        }
        Ok(())
    }
}
