//! What makes a plan impossible: errors that no setting and no brake releases.

use deskform_model::source::Span;
use deskform_model::{Address, RemoteId, Text};

/// One reason why there can be no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanProblem {
    /// A reference by account finds nobody on the helpdesk.
    #[error("no support on the helpdesk has the account {account}, which {address} refers to")]
    UnknownAccount {
        /// The account.
        account: Text,
        /// Who refers to it.
        address: Address,
        /// Where.
        origin: Span,
    },
    /// A reference by id finds nobody on the helpdesk.
    #[error("no support on the helpdesk has the id {id}, which {address} refers to")]
    UnknownId {
        /// The `sId`.
        id: Text,
        /// Who refers to it.
        address: Address,
        /// Where.
        origin: Span,
    },
    /// The helpdesk has several supports of one account (api-spec.md H17).
    #[error("the helpdesk has {} supports with the account of {address}: ids {}", ids.len(), join(ids))]
    AmbiguousAccount {
        /// What is declared.
        address: Address,
        /// All that have it.
        ids: Vec<RemoteId>,
        /// Where it is declared.
        origin: Span,
    },
    /// Two resources turned out to be about the same object once references were resolved.
    #[error("{first} and {second} are the same object: both refer to the same person")]
    SameObject {
        /// One.
        first: Address,
        /// The other.
        second: Address,
        /// Where the first is declared.
        first_origin: Span,
        /// Where the other is declared.
        origin: Span,
    },
    /// The plan would delete, recycle or demote the account that deskform calls with (api-spec.md H49).
    #[error("{address} is the account that deskform itself calls with; it cannot be {deed} by its own plan")]
    OwnAccount {
        /// The support.
        address: Address,
        /// `deleted`, `demoted`.
        deed: &'static str,
        /// Where it is declared.
        origin: Option<Span>,
    },
    /// `--replace` asks for what cannot be done.
    #[error("{address} cannot be replaced: {why}")]
    CannotReplace {
        /// What should be replaced.
        address: Address,
        /// Why it cannot.
        why: NoReplacement,
        /// Where it is declared.
        origin: Option<Span>,
    },
    /// Changes wait for each other.
    #[error("these changes wait for each other: {}", join(addresses))]
    Cycle {
        /// Everything on the circle.
        addresses: Vec<Address>,
    },
}

/// Why something cannot be deleted and made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoReplacement {
    /// There is nothing to be replaced.
    #[error("it is not on its platform")]
    NotLive,
    /// Nothing is deleted that the ledger does not own.
    #[error("the ledger does not own it")]
    NotOwned,
    /// It is declared to go or to be let go of.
    #[error("its manifest says that it should not be there or is no longer managed")]
    Removed,
    /// A helpdesk account stays taken, in the recycle bin too (api-spec.md H17, H21).
    #[error("the new account would have the name of the old one, which stays taken while that one is in the recycle bin")]
    SameAccount,
}

impl PlanProblem {
    /// The kebab-case code that people search for.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownAccount { .. } => "unknown-account",
            Self::UnknownId { .. } => "unknown-id",
            Self::AmbiguousAccount { .. } => "ambiguous-account",
            Self::SameObject { .. } => "same-object",
            Self::OwnAccount { .. } => "own-account",
            Self::CannotReplace { .. } => "cannot-replace",
            Self::Cycle { .. } => "cycle",
        }
    }

    /// Where in the manifests it comes from.
    pub fn origin(&self) -> Option<Span> {
        match self {
            Self::UnknownAccount { origin, .. }
            | Self::UnknownId { origin, .. }
            | Self::AmbiguousAccount { origin, .. }
            | Self::SameObject { origin, .. } => Some(*origin),
            Self::OwnAccount { origin, .. } | Self::CannotReplace { origin, .. } => *origin,
            Self::Cycle { .. } => None,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::UnknownAccount { .. } | Self::UnknownId { .. } => "declare a Support for this person, or correct the reference",
            Self::AmbiguousAccount { .. } => "remove the surplus supports on the helpdesk, then plan again",
            Self::SameObject { .. } => "keep one of the two",
            Self::OwnAccount { .. } => "let deskform call with another administrator's account",
            Self::CannotReplace { why: NoReplacement::NotLive, .. } => "leave out --replace: it is made anyway",
            Self::CannotReplace { why: NoReplacement::NotOwned, .. } => "apply once without --replace, which takes it over",
            Self::CannotReplace { why: NoReplacement::Removed, .. } => "leave out --replace, or take `ensure` out of the manifest",
            Self::CannotReplace { why: NoReplacement::SameAccount, .. } => "give the Support another `account`, then replace it",
            Self::Cycle { .. } => "this is a bug in deskform; please report it with the plan",
        }
    }
}

fn join<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
