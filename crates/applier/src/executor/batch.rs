//! Seats that are asked for in one call: what becomes of each of them.
//!
//! Which numbers a batch makes, what it does about one that is taken, and whether it makes all or some is not documented (api-spec.md A11).
//! So nothing is believed that was not seen. What the reply shows is made; everything else is looked for in the list, together with all
//! other doubts, and only what is certainly not there is asked for again. How depends on what the platform has said:
//!
//! - nothing (a lost answer): together again, a bounded number of times;
//! - less, or other numbers: one by one, because this platform counts in another way;
//! - no: one by one as well, the first of them alone, because they are equal and one mistake need not be made a thousand times. Who has one
//!   of the numbers by then is taken over only when it looks as the batch would have made it.
//!
//! What follows a batch are parts: steps that the plan does not know. The step of the batch ends when all of its changes have ended.

use std::collections::{BTreeMap, HashSet};

use deskform_model::{Platform, RemoteId};
use deskform_planner::plan::ChangeId;

use super::doubt::{Doubt, SENDS};
use super::perform::{End, Issued, MadeSeats, Progress, Report};
use super::run::Run;
use crate::event::{Event, Stop};
use crate::outcome::{Fate, StepError};
use crate::steps::{Step, StepKind, seat_runs};
use crate::writes::agent;

/// A step whose changes end one by one.
pub(super) struct Batch {
    /// How many have not ended.
    open: usize,
    /// One that was not applied.
    failed: Option<ChangeId>,
    /// Parts that are sent when another one went well.
    waiting: Vec<usize>,
}

/// A step that does some of what a batch was to do.
pub(super) struct Part {
    /// The batch.
    of: usize,
    /// How often its seats were asked for, this time included.
    sends: u32,
    /// Whether others wait for it.
    goes_first: bool,
    /// The seat, where it exists and needs to be completed.
    pub(super) seat: Option<RemoteId>,
}

/// Why seats of a batch are in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// There was no answer.
    Unanswered,
    /// The answer does not show them.
    NotShown,
    /// The platform has refused them all.
    Refused,
}

impl Run<'_> {
    /// Whether a step is a batch of which something is known, or a part of one.
    pub(super) fn is_in_parts(&self, at: usize) -> bool {
        self.batches.contains_key(&at) || self.parts.contains_key(&at)
    }

    /// Takes what a call for several seats has come to.
    pub(super) fn conclude_seats(&mut self, at: usize, seats: MadeSeats, end: End) {
        if !self.parts.contains_key(&at) {
            let open = self.steps[at].changes.len();
            self.batches.insert(at, Batch { open, failed: None, waiting: Vec::new() });
        }
        let MadeSeats { made, lost, others, unclear } = seats;
        let shown: HashSet<ChangeId> = made.iter().map(|(id, _, _)| *id).collect();
        let left: Vec<ChangeId> = self.steps[at].changes.iter().copied().filter(|id| !shown.contains(id)).collect();
        if !others.is_empty() {
            (self.on_event)(Event::Unasked { operator_ids: others });
        }
        if let (false, End::Doubt(error)) = (left.is_empty(), end) {
            self.doubts.insert(at, Doubt::about_seats(left, unclear, error));
        }
        match lost {
            None => self.take_made(at, made),
            Some(error) => {
                let ids: Vec<ChangeId> = made.into_iter().map(|(id, _, _)| id).collect();
                self.not_handed_over.extend(ids.iter().copied());
                if !self.stopping {
                    self.stop(Stop::Credentials);
                }
                let report = Report { progress: Progress::NotHandedOver, ..Report::failed(error) };
                self.end_alike(at, ids, &report);
            }
        }
    }

    /// Seats that exist: done, or to be completed by an edit each.
    fn take_made(&mut self, at: usize, made: Vec<(ChangeId, RemoteId, Option<Issued>)>) {
        let (mut done, mut ids) = (Vec::new(), Vec::new());
        for (id, remote, issued) in made {
            if let Some(issued) = issued {
                self.issued.insert(id, issued);
            }
            if self.plan.get(id).values().is_some_and(agent::needs_completion) {
                self.complete(at, id, remote);
            } else {
                done.push(id);
                ids.push(remote);
            }
        }
        self.end_alike(at, done, &Report::applied(Progress::Created(ids)));
    }

    /// Lets a part do what only an edit can.
    fn complete(&mut self, at: usize, id: ChangeId, seat: RemoteId) {
        let part = self.part(at, vec![id], 1);
        if let Some(part) = self.parts.get_mut(&part) {
            part.seat = Some(seat);
        }
        self.resume(part);
    }

    /// Writes down the same end for some of a step's changes.
    fn end_alike(&mut self, at: usize, changes: Vec<ChangeId>, report: &Report) {
        if !changes.is_empty() {
            let fate = self.write_down(at, changes.clone(), report);
            let fates = changes.into_iter().map(|id| (id, fate.clone())).collect();
            self.settle_part(at, &fates);
        }
    }

    /// Goes on when it is known what exists of a batch.
    pub(super) fn after_look(&mut self, at: usize) {
        let Some(doubt) = self.doubts.remove(&at) else { return };
        let Doubt { missing, halves, fates, last, unclear, .. } = doubt;
        for (id, remotes) in halves {
            if let Some(remote) = remotes.into_iter().flatten().next() {
                self.complete(at, id, remote);
            }
        }
        if !fates.is_empty() {
            self.settle_part(at, &fates);
        }
        if missing.is_empty() {
            return;
        }
        let sends = self.parts.get(&at).map_or(1, |part| part.sends);
        if self.stopping || self.outcome.ledger_error.is_some() || sends >= SENDS {
            let message = format!("{}; no list shows it, so it was not made", last.message);
            self.fail_unmade(at, missing, &StepError { message, ..last });
            return;
        }
        let runs = match unclear {
            Some(Unclear::Unanswered) => seat_runs(self.plan, missing, self.options.steps.seats),
            _ => missing.into_iter().map(|id| vec![id]).collect(),
        };
        let mut parts: Vec<usize> = runs.into_iter().map(|run| self.part(at, run, sends + 1)).collect();
        if unclear == Some(Unclear::Refused) && parts.len() > 1 {
            let waiting = parts.split_off(1);
            if let Some(first) = self.parts.get_mut(&parts[0]) {
                first.goes_first = true;
                let batch = first.of;
                if let Some(batch) = self.batches.get_mut(&batch) {
                    batch.waiting.extend(waiting);
                }
            }
        }
        parts.into_iter().for_each(|part| self.resume(part));
    }

    /// Seats that certainly do not exist and will not be asked for again.
    fn fail_unmade(&mut self, at: usize, changes: Vec<ChangeId>, error: &StepError) {
        let fates: BTreeMap<ChangeId, Fate> = changes.iter().map(|id| (*id, Fate::Failed(error.clone()))).collect();
        self.books.withdraw(&self.steps[at].part(changes));
        self.settle_part(at, &fates);
    }

    /// A step for some changes of another, whose intents are durable.
    fn part(&mut self, at: usize, changes: Vec<ChangeId>, sends: u32) -> usize {
        let of = self.parts.get(&at).map_or(at, |part| part.of);
        let kind = if changes.len() > 1 { StepKind::CreateSeats } else { StepKind::Create };
        let step = Step { kind, ..self.steps[at].part(changes) };
        self.steps.push(step);
        let part = self.steps.len() - 1;
        self.parts.insert(part, Part { of, sends, goes_first: false, seat: None });
        part
    }

    fn resume(&mut self, part: usize) {
        let (rank, platform) = (self.steps[part].rank, Platform::CallCenter);
        if self.stopping || self.refusing.contains(&platform) {
            return self.give_back(part);
        }
        self.lane(platform).resume(rank, part);
    }

    /// Takes back what was about to be sent: nothing exists of it, or only what the seat was made with.
    pub(super) fn give_back(&mut self, at: usize) {
        let seat = self.parts.get(&at).and_then(|part| part.seat.clone());
        let Some(seat) = seat else { return self.books.withdraw(&self.steps[at]) };
        let error = StepError::new("it exists, but the run ended before all of it was set");
        let report = Report { progress: Progress::Created(vec![seat]), ..Report::failed(error) };
        self.end_alike(at, self.steps[at].changes.clone(), &report);
    }

    /// Takes back what waits for the first of them.
    pub(super) fn give_back_waiting(&mut self) {
        let waiting: Vec<usize> = self.batches.values_mut().flat_map(|batch| std::mem::take(&mut batch.waiting)).collect();
        waiting.into_iter().for_each(|part| self.give_back(part));
    }

    /// Gives changes of a batch, or of a part of one, their fate.
    pub(super) fn settle_part(&mut self, at: usize, fates: &BTreeMap<ChangeId, Fate>) {
        let (of, goes_first) = self.parts.get(&at).map_or((at, false), |part| (part.of, part.goes_first));
        self.say(at, fates.iter().map(|(id, fate)| (*id, fate.clone())).collect());
        let Some(batch) = self.batches.get_mut(&of) else { return };
        batch.open = batch.open.saturating_sub(fates.len());
        let failed = fates.iter().find(|(_, fate)| !fate.is_applied());
        batch.failed = batch.failed.or(failed.map(|(id, _)| *id));
        if goes_first {
            let waiting = std::mem::take(&mut batch.waiting);
            match failed {
                Some((id, Fate::Failed(error))) => {
                    let message = format!("refused like {}: {}", self.plan.get(*id).address, error.message);
                    let error = StepError { message, ..error.clone() };
                    for part in waiting {
                        self.fail_unmade(part, self.steps[part].changes.clone(), &error);
                    }
                }
                _ => waiting.into_iter().for_each(|part| self.resume(part)),
            }
        }
        let ended = self.batches.get(&of).filter(|batch| batch.open == 0).map(|batch| batch.failed);
        if let Some(failed) = ended {
            self.batches.remove(&of);
            self.end_step(of, failed);
        }
    }
}
