//! What happens during an apply, as data. Views, logs and tests all hear the same story; secrets never take part in it.

use std::time::Duration;

use deskform_model::{Address, Kind, RemoteId, Value};
use deskform_planner::plan::ChangeId;

use crate::lane::Pause;
use crate::outcome::Fate;
use crate::steps::StepKind;

/// Why a run stops before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Somebody asked it to.
    Asked,
    /// The ledger cannot be saved; [`crate::Outcome::ledger_error`] says why.
    Ledger,
    /// Credentials cannot be handed over; [`crate::outcome::Credentials::error`] says why.
    Credentials,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The first platform write comes next.
    Started {
        /// How many steps there are.
        steps: usize,
        /// How many changes they hold.
        changes: usize,
    },
    /// A step's first request is handed to the client.
    StepStarted {
        /// Its position among the steps.
        step: usize,
        /// What it does.
        kind: StepKind,
        /// Its changes.
        changes: Vec<(ChangeId, Address)>,
    },
    /// A step has ended, or will never start because another one failed.
    StepFinished {
        /// Its position among the steps.
        step: usize,
        /// What became of its changes.
        changes: Vec<(ChangeId, Address, Fate)>,
    },
    /// Nothing new is started any more; what is under way is finished.
    Stopping {
        /// How many steps are under way.
        under_way: usize,
        /// Why.
        why: Stop,
    },
    /// A platform is busy or in trouble, and its requests wait.
    Paused(Pause),
    /// Something that was just written is given time to appear in lists (api-spec.md X8).
    Waiting {
        /// How long.
        wait: Duration,
        /// For how many objects.
        objects: usize,
    },
    /// Creations whose answers were lost are looked for, with one list a kind.
    LookingFor {
        /// How many.
        objects: usize,
    },
    /// What was written is listed once.
    ReadBack {
        /// The kinds that are listed.
        kinds: Vec<Kind>,
    },
    /// The platform shows another value than it was sent. Said once; a plan counts it as in sync from now on.
    Rewritten {
        /// Of what.
        address: Address,
        /// The field, as manifests call it.
        field: String,
        /// What was sent.
        sent: Value,
        /// What is shown.
        shown: Value,
    },
    /// Seats that the platform made although nobody asked for these numbers. They are not managed.
    Unasked {
        /// Their numbers.
        operator_ids: Vec<RemoteId>,
    },
    /// Written objects that no list shows yet.
    NotShown {
        /// Which, in the order of their ids.
        addresses: Vec<Address>,
    },
    /// Records of the ledger are durable.
    LedgerSaved {
        /// How many.
        records: usize,
    },
}
