//! Hands credentials over while a run goes on, before anything else is said about their seats: whoever is asked first writes for all who
//! wait, so that a run never waits for more than one write of the file.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::spawn_blocking;

use crate::credentials::{CredentialsError, CredentialsFile, CredentialsOut, SeatCredentials};
use crate::outcome::StepError;

/// The way to the file. Cheap to clone; without a file everything is discarded.
#[derive(Clone, Default)]
pub(super) struct Handover(Option<Arc<Shared>>);

struct Shared {
    out: CredentialsOut,
    waiting: Mutex<Vec<SeatCredentials>>,
    /// Held while the file is written. Fair: who came before somebody else's write hears of it before the next one.
    turn: tokio::sync::Mutex<()>,
    file: Arc<Mutex<CredentialsFile>>,
    failure: Mutex<Option<CredentialsError>>,
}

impl Handover {
    pub(super) fn new(file: Option<CredentialsFile>) -> Self {
        Self(file.map(|file| {
            Arc::new(Shared {
                out: file.out().clone(),
                waiting: Mutex::default(),
                turn: tokio::sync::Mutex::default(),
                file: Arc::new(Mutex::new(file)),
                failure: Mutex::default(),
            })
        }))
    }

    /// Where credentials go, if anywhere.
    pub(super) fn out(&self) -> Option<&CredentialsOut> {
        self.0.as_ref().map(|shared| &shared.out)
    }

    /// Whether nothing has failed: when something has, no more credentials may come into being.
    pub(super) fn check(&self) -> Result<(), StepError> {
        match &self.0 {
            Some(shared) if lock(&shared.failure).is_some() => {
                Err(StepError::new("not sent, because the credentials file cannot be written"))
            }
            _ => Ok(()),
        }
    }

    /// Hands over credentials and says whether there is a file; they are durable then.
    pub(super) async fn hand_over(&self, seats: impl IntoIterator<Item = SeatCredentials>) -> Result<bool, StepError> {
        let Some(shared) = &self.0 else { return Ok(false) };
        lock(&shared.waiting).extend(seats);
        let _turn = shared.turn.lock().await;
        let waiting = std::mem::take(&mut *lock(&shared.waiting));
        if !waiting.is_empty() && lock(&shared.failure).is_none() {
            let file = Arc::clone(&shared.file);
            let written = spawn_blocking(move || lock(&file).hand_over(&waiting)).await;
            if let Err(error) = written.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())) {
                *lock(&shared.failure) = Some(error);
            }
        }
        match &*lock(&shared.failure) {
            None => Ok(true),
            Some(error) => Err(StepError::new(format!("it exists, and what the platform generated for it is lost: {}", told(error)))),
        }
    }

    /// What went wrong with the file.
    pub(super) fn failure(&self) -> Option<CredentialsError> {
        self.0.as_ref().and_then(|shared| lock(&shared.failure).take())
    }
}

fn told(error: &CredentialsError) -> String {
    match error {
        CredentialsError::Write { source, .. } => format!("{error}: {source}"),
        CredentialsError::Exists(_) => error.to_string(),
    }
}

/// What a panic interrupts here is a value that is set in one go.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
