//! The fate of every change.

use deskform_model::{Address, Text};
use deskform_planner::plan::{ChangeId, Plan};

use crate::credentials::{CredentialsError, CredentialsOut};
use crate::error::RequestError;
use crate::ledger_store::LedgerError;
use crate::observe::ObserveError;

/// What became of a plan.
#[derive(Debug)]
pub struct Outcome {
    /// One for each change of the plan, in its order.
    pub changes: Vec<ChangeOutcome>,
    /// Whether somebody interrupted the run.
    pub interrupted: bool,
    /// Why the ledger could not be saved. Nothing was written to a platform after that.
    pub ledger_error: Option<LedgerError>,
    /// What became of credentials that the platforms generated.
    pub credentials: Credentials,
    /// Why what was written could not be read back. It is written all the same; the next plan compares with what was sent.
    pub read_back_error: Option<ObserveError>,
}

/// What became of credentials that the platforms generated.
#[derive(Debug, Default)]
pub struct Credentials {
    /// Where they were to be handed over, if anywhere.
    pub out: Option<CredentialsOut>,
    /// One for each seat that was made and got any, by address.
    pub seats: Vec<SeatOutcome>,
    /// Why they could not be handed over. No seat was made after that.
    pub error: Option<CredentialsError>,
}

/// What became of one seat's credentials.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeatOutcome {
    /// Whose.
    pub address: Address,
    /// Whether the password to sign in with was generated, because no manifest declares one.
    pub password: bool,
    /// Where they are.
    pub whereabouts: Whereabouts,
}

/// Where credentials are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whereabouts {
    /// In the file.
    HandedOver,
    /// Nowhere, because no file was wanted.
    Discarded,
    /// Nowhere, because the answer that held them was lost or the file could not be written.
    Lost,
}

impl Credentials {
    /// The seats whose credentials are there.
    pub fn seats(&self, whereabouts: Whereabouts) -> impl Iterator<Item = &SeatOutcome> {
        self.seats.iter().filter(move |seat| seat.whereabouts == whereabouts)
    }
}

/// What became of one change.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeOutcome {
    /// Which.
    pub id: ChangeId,
    /// What people call its object.
    pub address: Address,
    /// What became of it.
    pub fate: Fate,
    /// Whether it was to take access away from somebody.
    pub closes_access: bool,
}

/// How a change ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is done and in the ledger.
    Applied,
    /// It is not done, or not to its end.
    Failed(StepError),
    /// Nobody knows: the answer was lost, and a look did not settle it.
    Unknown(StepError),
    /// What it was to change is not there any more; a new plan is needed.
    Stale(StepError),
    /// Something that it waits for did not succeed.
    Blocked {
        /// What.
        by: Address,
    },
    /// The plan said that it cannot be done.
    Refused,
    /// The run ended before.
    NotStarted,
}

/// Why a step did not succeed, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepError {
    /// What went wrong, as a lower-case fragment without secrets.
    pub message: String,
    /// The HTTP status, if there was a reply.
    pub status: Option<u16>,
    /// The platform's own code, if it gave one.
    pub code: Option<Text>,
    /// What the platform, or else deskform, calls the request in its logs, if either does.
    pub request_id: Option<String>,
    /// What a person can do about it.
    pub hint: Option<&'static str>,
}

impl StepError {
    /// An error that is not about one request.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), status: None, code: None, request_id: None, hint: None }
    }
}

impl From<&RequestError> for StepError {
    fn from(error: &RequestError) -> Self {
        Self {
            message: error.to_string(),
            status: error.status(),
            code: error.code().map(Text::from),
            request_id: error.request_id.clone(),
            hint: error.hint(),
        }
    }
}

impl From<&ObserveError> for StepError {
    fn from(error: &ObserveError) -> Self {
        match error {
            ObserveError::Request(error) => Self::from(error),
            other => Self::new(other.to_string()),
        }
    }
}

impl Fate {
    /// Whether the change is done.
    pub fn is_applied(&self) -> bool {
        matches!(self, Self::Applied)
    }

    /// The word for it in summaries and JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Failed(_) => "failed",
            Self::Unknown(_) => "unknown",
            Self::Stale(_) => "stale",
            Self::Blocked { .. } => "blocked",
            Self::Refused => "refused",
            Self::NotStarted => "notStarted",
        }
    }
}

impl Outcome {
    /// Before anything has happened.
    pub(crate) fn new(plan: &Plan) -> Self {
        let changes = plan.changes.iter().enumerate().map(|(at, change)| ChangeOutcome {
            id: ChangeId(at),
            address: change.address.clone(),
            fate: Fate::NotStarted,
            closes_access: change.closes_access(),
        });
        Self {
            changes: changes.collect(),
            interrupted: false,
            ledger_error: None,
            credentials: Credentials::default(),
            read_back_error: None,
        }
    }

    /// Whether every change is done and the ledger knows it.
    pub fn is_complete(&self) -> bool {
        self.ledger_error.is_none() && self.changes.iter().all(|change| change.fate.is_applied())
    }

    /// Access that should be gone and, for all that is known, is not.
    pub fn open_access(&self) -> impl Iterator<Item = &ChangeOutcome> {
        self.changes.iter().filter(|change| change.closes_access && !change.fate.is_applied())
    }
}
