//! Looking at the platforms before a plan: what is read, what is told meanwhile, and what open intents of earlier runs turn out to be.

use std::cell::RefCell;
use std::time::Instant;

use deskform_applier::{Client, Event, Patience, ReadProgress, Reader, observe_and_heal};
use deskform_model::Kind;
use deskform_planner::claims::Healed;
use deskform_planner::ledger::Entry;
use deskform_planner::{Ledger, Needs, Observed};

use super::Workspace;
use crate::error::CliError;
use crate::ui::Ui;
use crate::view::{read_progress, talk};

/// What the platforms show.
pub(crate) struct Reading<'a> {
    /// What was read.
    pub(crate) observed: Observed,
    /// The ledger with what open intents have claimed.
    pub(crate) healed: Healed<'a>,
    /// The way to the platforms.
    pub(crate) client: Client,
}

/// Who holds the ledger's lock while the platforms are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// This run, so that nobody can have sent anything since.
    Ours,
    /// An apply that is alive.
    Theirs,
    /// Nobody, as far as it was looked at.
    Free,
}

impl Workspace {
    /// Reads what is needed from the platforms, and lets open intents claim what they made. Whoever holds the lock waits where that cannot
    /// be decided.
    ///
    /// # Errors
    /// When a platform cannot be read.
    pub(crate) async fn look<'a>(
        &self,
        needs: &Needs,
        ledger: &'a Ledger,
        sandbox_url: Option<&str>,
        lock: Lock,
        ui: &mut Ui,
    ) -> Result<Reading<'a>, CliError> {
        let settings = &self.settings;
        let client = Client::new(settings.client(|platform| needs.concerns(platform), sandbox_url)?)?;
        ui.start_spinner(talk::reading());
        let patience = Patience { now: settings.clock.now, settle: settings.settle(), wait: lock == Lock::Ours };
        let reader = Reader::new(client.clone());
        let screen = RefCell::new(&mut *ui);
        // One platform may be read on while the other one makes everybody wait.
        let paused: RefCell<Option<(Instant, String)>> = RefCell::default();
        let mut progress = |progress: ReadProgress| {
            let words = read_progress::words(progress);
            let words = match &*paused.borrow() {
                Some((until, why)) if Instant::now() < *until => format!("{words}; {why}"),
                _ => words,
            };
            screen.borrow_mut().spin(&words);
        };
        let mut on_event = |event: Event| match event {
            Event::Waiting { wait, objects } => screen.borrow_mut().say(&talk::waiting_for_lists(wait, objects)),
            Event::Paused(pause) => {
                let words = talk::paused(&pause);
                screen.borrow_mut().progress(&words);
                paused.replace(Some((Instant::now() + pause.wait, words)));
            }
            _ => {}
        };
        let observed = observe_and_heal(&reader, needs, ledger, patience, &mut progress, &mut on_event).await;
        ui.end_progress();
        let (observed, healed) = observed?;
        self.personal.learn_observed(&observed);
        let claimed = healed.claimed.iter().map(|claim| &claim.entry.address);
        if claimed.len() == 0 {
            return Ok(Reading { observed, healed, client });
        }
        // One that has begun meanwhile is as alive as one that ran before.
        let is_being_made = lock == Lock::Theirs || (lock == Lock::Free && settings.ledger.holder().await.is_some());
        if is_being_made {
            ui.note(&talk::being_made(claimed));
        } else {
            ui.note(&talk::recovered(claimed));
            // What the platform generated for them may have been lost with the run that made them.
            let generated = |entry: &&Entry| entry.address.kind == Kind::Agent && entry.set.named(Kind::Agent, "password").is_none();
            if let Some(seat) = healed.claimed.iter().map(|claim| &claim.entry).find(generated) {
                ui.note(&talk::credentials_in_doubt(&seat.address));
            }
        }
        Ok(Reading { observed, healed, client })
    }
}
