//! Before a plan: reads the platforms, waits for what was made a moment ago, and lets the open intents of earlier runs claim what they made
//! (design.md section 4, "Recovery").

use std::time::Duration;

use deskform_model::time::DateTime;
use deskform_planner::claims::{Healed, Reading, heal};
use deskform_planner::fresh::not_listed_yet;
use deskform_planner::{Ledger, Needs, Observed};
use tokio::time::sleep;

use crate::event::Event;
use crate::observe::{ObserveError, ReadProgress};
use crate::reader::Reader;

/// How sure a reading has to be of what open intents made.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Now, on the project's wall clock.
    pub now: DateTime,
    /// How long something just written may be missing from lists.
    pub settle: Duration,
    /// Whether to wait that long and read again when an intent cannot be decided: for an apply, which holds the ledger's lock, so that
    /// nobody can have sent anything since. A plan that is only looked at says what may still appear instead.
    pub wait: bool,
}

/// Reads everything that a plan needs and heals the ledger with it. Waiting is told: as [`Event::Waiting`] for
/// lists, as [`Event::Paused`] where a platform is busy or in trouble.
///
/// # Errors
/// Those of [`Reader::observe`].
pub async fn observe_and_heal<'a>(
    reader: &Reader,
    needs: &Needs,
    ledger: &'a Ledger,
    patience: Patience,
    progress: &mut dyn FnMut(ReadProgress),
    on_event: &mut dyn FnMut(Event),
) -> Result<(Observed, Healed<'a>), ObserveError> {
    let Patience { now, settle, wait } = patience;
    let observed = reader.observe_telling(needs, progress, on_event).await?;
    let healed = heal(ledger, &observed, &Reading { now, settle, waited: false });
    // Who holds no lock cannot decide about intents, but nobody must be told that what was just made is gone.
    let fresh = if needs.duties.is_some() { not_listed_yet(ledger, &observed, now, settle).len() } else { 0 };
    let objects = fresh + if wait { healed.open.len() } else { 0 };
    if objects == 0 {
        return Ok((observed, healed));
    }
    on_event(Event::Waiting { wait: settle, objects });
    sleep(settle).await;
    let observed = reader.observe_telling(needs, progress, on_event).await?;
    let healed = heal(ledger, &observed, &Reading { now, settle, waited: wait });
    Ok((observed, healed))
}
