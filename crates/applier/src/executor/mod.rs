//! Carries out a plan: one task owns queue, ledger and events, and hands requests to tasks of their own (design.md section 8).
//!
//! The order of things is what makes a crash harmless: the intent of a create is durable before its request leaves; what a step has done
//! is recorded when its answer is there; and when a record cannot be saved, nothing more is sent.

mod batch;
mod books;
mod created;
mod doubt;
mod handover;
mod interrupt;
mod job;
mod journal;
mod lane;
mod perform;
mod read_back;
mod run;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use deskform_model::time::DateTime;
use deskform_model::{Address, Kind, Platform, Text};
use deskform_planner::ledger::Record;
use deskform_planner::plan::{Action, ChangeId};
use deskform_planner::{Ledger, Plan};
use secrecy::SecretString;

pub use interrupt::Interrupt;

use crate::client::Client;
use crate::credentials::{CredentialsError, CredentialsFile, CredentialsOut};
use crate::event::Event;
use crate::ledger_store::{LedgerError, LedgerStore};
use crate::outcome::{Fate, Outcome};
use crate::queue::Cycle;
use crate::reader::Reader;
use crate::secret::{SecretError, Secrets};
use crate::steps::{StepOptions, steps};
use handover::Handover;
use journal::Journal;
use read_back::Moved;
use run::Run;

/// How a plan is carried out.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// How changes are packed into requests.
    pub steps: StepOptions,
    /// How many requests travel to one platform at once; the client's lanes decide, this says how much to keep ready for them.
    pub concurrency: usize,
    /// How long something just written may be missing from the helpdesk's lists.
    pub helpdesk_settle: Duration,
    /// The same for the call centre.
    pub call_center_settle: Duration,
    /// Now, on the project's wall clock; it goes on from here while the run lasts.
    pub now: DateTime,
    /// The Git revision that is applied, or empty. The ledger learns it when the run was complete.
    pub revision: Text,
    /// The fingerprint of the saved plan that is applied, or empty. The ledger learns it as well.
    pub saved_plan: Text,
    /// Where credentials that a platform generates are handed over; they are discarded without it.
    pub credentials: Option<CredentialsOut>,
    /// What became of the open intents of earlier runs ([`deskform_planner::claims::Healed::records`]); durable before anything is sent.
    pub recovered: Vec<Record>,
}

impl ApplyOptions {
    /// The documented defaults, at this time.
    pub fn new(now: DateTime) -> Self {
        let settle = Duration::from_secs(2);
        Self {
            steps: StepOptions::default(),
            concurrency: 8,
            helpdesk_settle: settle,
            call_center_settle: settle,
            now,
            revision: Text::default(),
            saved_plan: Text::default(),
            credentials: None,
            recovered: Vec::new(),
        }
    }

    fn settle(&self, platform: Platform) -> Duration {
        match platform {
            Platform::Helpdesk => self.helpdesk_settle,
            Platform::CallCenter => self.call_center_settle,
        }
    }
}

/// A ledger with the place where it is saved.
pub struct OpenLedger {
    /// What it holds.
    pub ledger: Ledger,
    /// Where it is saved.
    pub store: Box<dyn LedgerStore>,
}

/// A secret that a change needs and that cannot be had.
#[derive(Debug)]
pub struct UnusableSecret {
    /// Which change.
    pub change: ChangeId,
    /// Of what.
    pub address: Address,
    /// Why not.
    pub error: SecretError,
}

impl fmt::Display for UnusableSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.address, self.error)
    }
}

/// Why nothing was done at all. No platform was written to.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The ledger cannot be written.
    #[error("the ledger cannot be saved, so nothing was sent")]
    Ledger(#[from] LedgerError),
    /// Secrets that the plan needs cannot be had.
    #[error("{} cannot be read: {}", if .0.len() == 1 { "a secret" } else { "secrets" }, .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Secrets(Vec<UnusableSecret>),
    /// Credentials that the plan brings into being could not be handed over.
    #[error("credentials cannot be handed over, so nothing was sent")]
    Credentials(#[from] CredentialsError),
    /// The plan's changes wait for each other. A plan that was made by the planner never does.
    #[error("the plan cannot be ordered")]
    Order(#[from] Cycle),
}

/// Carries out a plan and returns the fate of each of its changes. The plan alone decides what is done.
///
/// `ledger` comes from [`crate::ledger_store::StoredLedger::for_apply`] and is saved when this returns. `interrupt` stops the run: pressed once,
/// what is under way is finished and saved; twice, the run ends at once, and what was under way is reported as unknown.
///
/// # Errors
/// When the ledger cannot be written or a secret is missing. Nothing was sent then.
pub async fn apply(
    plan: &Plan,
    ledger: OpenLedger,
    client: &Client,
    secrets: &Secrets,
    options: &ApplyOptions,
    interrupt: &Interrupt,
    on_event: &mut dyn FnMut(Event),
) -> Result<Outcome, ApplyError> {
    let secrets = read_secrets(plan, secrets)?;
    let steps = steps(plan, &options.steps);
    let handover = Handover::new(match &options.credentials {
        Some(out) if makes_seats(plan) => Some(CredentialsFile::create(out)?),
        _ => None,
    });
    let journal = Journal::begin(ledger, &options.recovered)?;
    let mut run = Run::new(plan, steps, journal, client, secrets, handover, options, on_event)?;
    run.steps(interrupt).await;
    run.account_for_credentials();
    let Run { mut books, mut outcome, .. } = run;

    let stopped = outcome.interrupted || outcome.ledger_error.is_some();
    if !stopped && !books.written.is_empty() {
        let settle = options.helpdesk_settle.max(options.call_center_settle);
        let (reader, mut moved) = (Reader::new(client.clone()), Vec::new());
        let how = (plan, options.steps.overnight);
        let reading = async { read_back::read_back(&reader, &mut books, settle, how, &mut moved, on_event).await };
        tokio::select! {
            biased;
            () = interrupt.pressed(1) => outcome.interrupted = true,
            result = reading => outcome.read_back_error = result.err(),
        }
        for Moved { change, error } in moved {
            outcome.changes[change.0].fate = Fate::Stale(error);
        }
    }
    // A part of a revision on the platforms is reason enough to refuse a branch that lacks it. A saved plan is used up only when all is done.
    if outcome.changes.iter().any(|change| change.fate.is_applied()) || outcome.is_complete() {
        let plan = if outcome.is_complete() { options.saved_plan.clone() } else { Text::default() };
        books.journal.record(Record::Applied { revision: options.revision.clone(), plan });
    }
    match books.journal.finish().await {
        Ok(records) if records > 0 => on_event(Event::LedgerSaved { records }),
        Ok(_) => {}
        Err(error) => {
            outcome.ledger_error.get_or_insert(error);
        }
    }
    books.close();
    Ok(outcome)
}

/// Whether anything in the plan makes a platform generate credentials.
fn makes_seats(plan: &Plan) -> bool {
    plan.changes.iter().any(|change| change.kind() == Kind::Agent && matches!(change.action, Action::Create { .. }))
}

/// Reads every secret that the plan needs before anything is sent.
fn read_secrets(plan: &Plan, secrets: &Secrets) -> Result<BTreeMap<ChangeId, SecretString>, ApplyError> {
    let mut read = BTreeMap::new();
    let mut unusable = Vec::new();
    for (at, change) in plan.changes.iter().enumerate() {
        let (Action::Create { secret: Some(reference), .. } | Action::Update { secret: Some(reference), .. }) = &change.action else {
            continue;
        };
        match secrets.password(change.kind(), reference) {
            Ok(secret) => {
                read.insert(ChangeId(at), secret);
            }
            Err(error) => unusable.push(UnusableSecret { change: ChangeId(at), address: change.address.clone(), error }),
        }
    }
    if unusable.is_empty() { Ok(read) } else { Err(ApplyError::Secrets(unusable)) }
}
