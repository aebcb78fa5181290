//! Creations in doubt: their answers were lost, or say too little (design.md section 4, "Recovery").
//!
//! They are parked until nothing else can go on and settled together: when the last of them has been given `settle` to appear, one list
//! a kind is compared with their intents as a multiset. What is found is ours. Only what is missing is sent again, a bounded number of times.
//! What cannot be decided, because the list cannot be read, ends unknown with its intent open, so that the next run decides.

use std::collections::{BTreeMap, HashMap};

use deskform_model::time::next_day;
use deskform_model::{Kind, NaturalKey, Platform, RemoteId, Values};
use deskform_planner::claims::{Trace, trace};
use deskform_planner::ledger::Intent;
use deskform_planner::plan::{Action, ChangeId};
use deskform_planner::{Needs, Observed};
use tokio::time::{Instant, sleep_until};

use super::Interrupt;
use super::batch::Unclear;
use super::job::{Job, Workshop};
use super::perform::{End, Progress, Report};
use super::run::{Run, workshop};
use crate::event::{Event, Stop};
use crate::outcome::{Fate, StepError};
use crate::steps::Step;
use crate::writes::agent;

/// How often one creation is sent at most.
pub(super) const SENDS: u32 = 3;

/// What a person can do about an unknown fate.
const CHECK: &str = "check on the platform whether it exists; the next plan looks for it and takes over what it finds";

/// A step of which something may or may not have been made.
pub(super) struct Doubt {
    /// The changes that the last request was about.
    current: Vec<ChangeId>,
    /// Changes of which nothing was found.
    pub(super) missing: Vec<ChangeId>,
    /// Shifts of which not all was found, with the duties that are there.
    pub(super) halves: Vec<(ChangeId, Vec<Option<RemoteId>>)>,
    /// Changes that have ended.
    pub(super) fates: BTreeMap<ChangeId, Fate>,
    /// How often something was created.
    sends: u32,
    /// Why the step is in doubt.
    pub(super) last: StepError,
    /// When that was.
    since: Instant,
    /// Whether it waits to be looked for; otherwise a request of it is under way.
    parked: bool,
    /// The platform has refused the same creation after the doubt: it is looked for once more, and not sent again.
    refused: bool,
    /// Why, where it is about seats that were asked for together: those go other ways when it is known which exist.
    pub(super) unclear: Option<Unclear>,
}

impl Doubt {
    fn new(current: Vec<ChangeId>, last: StepError) -> Self {
        Self {
            current,
            missing: Vec::new(),
            halves: Vec::new(),
            fates: BTreeMap::new(),
            sends: 1,
            last,
            since: Instant::now(),
            parked: false,
            refused: false,
            unclear: None,
        }
    }

    /// About these seats of a batch.
    pub(super) fn about_seats(seats: Vec<ChangeId>, unclear: Unclear, error: StepError) -> Self {
        Self { parked: true, unclear: Some(unclear), ..Self::new(seats, error) }
    }
}

impl Run<'_> {
    /// Takes the end of a step that is in doubt, or has been.
    pub(super) fn conclude_doubt(&mut self, at: usize, report: Report) {
        let changes = &self.steps[at].changes;
        let doubt = self.doubts.entry(at).or_insert_with(|| Doubt::new(changes.clone(), StepError::new("")));
        let again = match &report.end {
            End::Doubt(error) => Some((error, false)),
            // "It exists already" would be the answer to what the lost one did.
            End::Failed(error) if doubt.sends > 1 && !report.unauthorized && matches!(report.progress, Progress::Plain) => {
                Some((error, true))
            }
            _ => None,
        };
        if let Some((error, refused)) = again {
            doubt.last = error.clone();
            doubt.since = Instant::now();
            doubt.parked = true;
            doubt.refused |= refused;
            return;
        }
        let current = std::mem::take(&mut doubt.current);
        let fate = self.write_down(at, current.clone(), &report);
        if let Some(doubt) = self.doubts.get_mut(&at) {
            doubt.fates.extend(current.into_iter().map(|id| (id, fate.clone())));
        }
        self.go_on(at);
    }

    /// Looks for everything that is parked, with one list a kind, and goes on from what is there.
    pub(super) async fn settle_doubts(&mut self, interrupt: &Interrupt) {
        let saved = self.books.journal.save_all().await;
        self.saved(saved);
        let parked = self.doubts.iter().filter(|(_, doubt)| doubt.parked);
        let due = parked.map(|(at, doubt)| doubt.since + self.settle_of(*at)).max().unwrap_or_else(Instant::now);
        let objects = self.doubts.values().map(|doubt| doubt.current.len()).sum();
        if due > Instant::now() && self.outcome.ledger_error.is_none() {
            let wait = due - Instant::now();
            // Nobody who asks a run to stop means that it should go on waiting: the next run looks for what its open intents made.
            if self.outcome.interrupted {
                return self.give_up_doubts();
            }
            (self.on_event)(Event::Waiting { wait, objects });
            tokio::select! {
                biased;
                () = interrupt.pressed(1) => {
                    self.notice(interrupt);
                    return self.give_up_doubts();
                }
                () = sleep_until(due) => {}
            }
        }
        self.notice(interrupt);
        if self.outcome.ledger_error.is_some() {
            // Nothing that is found could be written down.
            return self.give_up_doubts();
        }
        (self.on_event)(Event::LookingFor { objects });
        for platform in [Platform::Helpdesk, Platform::CallCenter] {
            let steps: Vec<usize> = self.doubts.keys().copied().filter(|at| self.steps[*at].platform == Some(platform)).collect();
            if steps.is_empty() {
                continue;
            }
            if self.refusing.contains(&platform) {
                steps.into_iter().for_each(|at| self.undecided(at, "it was not looked for, because the credentials are not accepted"));
                continue;
            }
            let needs = self.needs(&steps);
            let reader = self.reader.clone();
            let read = tokio::select! {
                biased;
                () = interrupt.pressed(2) => return self.leave(),
                read = async { reader.observe_telling(&needs, &mut |_| {}, &mut *self.on_event).await } => read,
            };
            self.notice(interrupt);
            match read {
                Ok(observed) => self.resolve(&steps, &observed),
                Err(error) => {
                    let why = format!("looking for what it did failed as well: {error}");
                    steps.into_iter().for_each(|at| self.undecided(at, &why));
                }
            }
        }
    }

    /// Takes note of a first Ctrl-C: what is in doubt is still looked for, and not sent again.
    fn notice(&mut self, interrupt: &Interrupt) {
        if interrupt.presses() > 0 && !self.outcome.interrupted {
            self.outcome.interrupted = true;
            self.stop(Stop::Asked);
        }
    }

    /// Nobody will look any more: everything in doubt ends unknown.
    pub(super) fn give_up_doubts(&mut self) {
        let steps: Vec<usize> = self.doubts.keys().copied().collect();
        steps.into_iter().for_each(|at| self.undecided(at, "the run ended before it could be looked for"));
    }

    fn settle_of(&self, at: usize) -> std::time::Duration {
        self.steps[at].platform.map(|platform| self.options.settle(platform)).unwrap_or_default()
    }

    /// The lists that show what these steps are about.
    fn needs(&self, steps: &[usize]) -> Needs {
        let mut needs = Needs::default();
        for intent in steps.iter().flat_map(|at| &self.doubts[at].current).filter_map(|id| self.books.intent(*id)) {
            match &intent.key {
                NaturalKey::Support { .. } => needs.supports = true,
                NaturalKey::Agent { .. } => needs.agents = true,
                NaturalKey::Shift { date, .. } => {
                    // The second half of a night shift lies on the day after.
                    let last = next_day(*date).unwrap_or(*date);
                    needs.duties = Some(needs.duties.map_or((*date, last), |(first, end)| (first.min(*date), end.max(last))));
                }
                NaturalKey::Permission { .. } => {}
            }
        }
        needs
    }

    fn resolve(&mut self, steps: &[usize], observed: &Observed) {
        let intents: Vec<(usize, ChangeId, &Intent)> = steps
            .iter()
            .flat_map(|at| self.doubts[at].current.iter().map(|id| (*at, *id)))
            .filter_map(|(at, id)| Some((at, id, self.books.intent(id)?)))
            .collect();
        let mut traces = trace(self.books.journal.ledger(), observed, intents.iter().map(|(_, _, intent)| *intent));
        let found: Vec<(usize, ChangeId, Trace)> =
            intents.iter().map(|(at, id, intent)| (*at, *id, traces.remove(&intent.number).unwrap_or(Trace::Nothing))).collect();
        let seats: HashMap<&RemoteId, &Values> = observed.agents.iter().map(|seat| (&seat.remote, &seat.values)).collect();
        for (at, id, trace) in found {
            if self.doubts[&at].unclear == Some(Unclear::Refused)
                && let Trace::Whole(remotes) = &trace
                && let Some(live) = remotes.first().and_then(|remote| seats.get(remote))
                && let Some(values) = self.plan.get(id).values()
                && !agent::looks_as_made(values, live)
            {
                self.taken(at, id);
                continue;
            }
            self.found(at, id, trace);
        }
        for at in steps {
            if let Some(doubt) = self.doubts.get_mut(at) {
                doubt.current.clear();
                doubt.parked = false;
                if doubt.unclear.is_some() {
                    self.after_look(*at);
                    continue;
                }
            }
            self.go_on(*at);
        }
    }

    /// Somebody else has the number of a seat.
    fn taken(&mut self, at: usize, id: ChangeId) {
        self.books.withdraw(&self.steps[at].part(vec![id]));
        if let Some(doubt) = self.doubts.get_mut(&at) {
            let message = format!("{}; a seat with this number exists by now and is not what this run asked for", doubt.last.message);
            let hint = Some("plan again: what exists and is declared is taken over");
            doubt.fates.insert(id, Fate::Failed(StepError { message, hint, ..doubt.last.clone() }));
        }
    }

    /// Takes in what was found of one change.
    fn found(&mut self, at: usize, id: ChangeId, trace: Trace) {
        let change = self.plan.get(id);
        let Some(doubt) = self.doubts.get_mut(&at) else { return };
        match (&change.action, trace) {
            (Action::Update { remotes, .. }, trace) => doubt.halves.push((id, with_found(remotes, trace))),
            (_, Trace::Nothing) => doubt.missing.push(id),
            (_, Trace::Half(remotes)) => doubt.halves.push((id, remotes)),
            (_, Trace::Whole(remotes) | Trace::Completes { remotes, .. }) => {
                if needs_completion(change) {
                    // It exists, and its step is not over.
                    doubt.halves.push((id, remotes.into_iter().map(Some).collect()));
                    return;
                }
                let fate = self.write_down(at, vec![id], &Report::applied(Progress::Created(remotes)));
                if let Some(doubt) = self.doubts.get_mut(&at) {
                    doubt.fates.insert(id, fate);
                }
            }
        }
    }

    /// Does what is left of a step, one request after the other, or settles it.
    fn go_on(&mut self, at: usize) {
        let may_send = !self.stopping && self.outcome.ledger_error.is_none();
        let Some(doubt) = self.doubts.get_mut(&at) else { return };
        let workshop = workshop!(self);
        let kind = self.plan.get(self.steps[at].changes[0]).kind();
        let may_create = may_send && !doubt.refused && doubt.sends < SENDS;
        let job = match doubt.halves.pop() {
            Some((id, remotes)) if may_create || (may_send && is_whole(&workshop, id, &remotes)) => {
                doubt.current = vec![id];
                doubt.sends += u32::from(!is_whole(&workshop, id, &remotes));
                finish(&workshop, kind, id, &remotes)
            }
            // Its intent stays open, so that the next run owns what is there and completes it.
            Some((id, _)) => {
                let error = StepError { hint: Some(CHECK), ..StepError::new(format!("only a part of it exists: {}", doubt.last.message)) };
                doubt.fates.insert(id, Fate::Unknown(error));
                return self.go_on(at);
            }
            None if !doubt.missing.is_empty() && may_create => {
                doubt.sends += 1;
                doubt.current = std::mem::take(&mut doubt.missing);
                let job = workshop.job(&Step { changes: doubt.current.clone(), ..self.steps[at].clone() });
                job.map(|job| job.with_id(self.books.request_id(&doubt.current)))
            }
            None => {
                let missing = std::mem::take(&mut doubt.missing);
                if !missing.is_empty() {
                    let message = format!("{}; no list shows it, so it was not made", doubt.last.message);
                    let error = StepError { message, ..doubt.last.clone() };
                    doubt.fates.extend(missing.iter().map(|id| (*id, Fate::Failed(error.clone()))));
                    self.books.withdraw(&Step { changes: missing, ..self.steps[at].clone() });
                }
                return self.finish_doubt(at);
            }
        };
        if let Some(platform) = self.steps[at].platform {
            self.start(platform, at, job);
        }
    }

    /// Nobody can say what became of what is left of a step. Intents stay open.
    fn undecided(&mut self, at: usize, why: &str) {
        let Some(doubt) = self.doubts.get_mut(&at) else { return };
        let message = format!("{}; {why}", doubt.last.message);
        let error = StepError { message, hint: Some(CHECK), ..doubt.last.clone() };
        // Others of a batch have ended.
        let changes = if doubt.unclear.is_some() { &doubt.current } else { &self.steps[at].changes };
        for id in changes {
            doubt.fates.entry(*id).or_insert_with(|| Fate::Unknown(error.clone()));
        }
        self.finish_doubt(at);
    }

    fn finish_doubt(&mut self, at: usize) {
        if let Some(doubt) = self.doubts.remove(&at) {
            self.settle_each(at, &doubt.fates);
        }
    }
}

/// The duties of a shift that was being changed, with those that were found in the empty places.
fn with_found(remotes: &[Option<RemoteId>], trace: Trace) -> Vec<Option<RemoteId>> {
    let found: Vec<Option<RemoteId>> = match trace {
        Trace::Nothing => Vec::new(),
        Trace::Whole(found) | Trace::Completes { remotes: found, .. } => found.into_iter().map(Some).collect(),
        Trace::Half(found) => found,
    };
    let places = remotes.len().max(found.len());
    let live = |at: usize, ids: &[Option<RemoteId>]| ids.get(at).cloned().flatten();
    (0..places).map(|at| live(at, remotes).or_else(|| live(at, &found))).collect()
}

/// Whether nothing has to be created any more.
fn is_whole(workshop: &Workshop<'_>, id: ChangeId, remotes: &[Option<RemoteId>]) -> bool {
    let change = workshop.plan.get(id);
    let pieces = change.values().map_or(0, |values| super::job::shift_pieces(change, values, workshop.overnight).len());
    (0..pieces).all(|at| remotes.get(at).is_some_and(Option::is_some))
}

fn needs_completion(change: &deskform_planner::Change) -> bool {
    change.kind() == Kind::Agent && change.values().is_some_and(agent::needs_completion)
}

/// What makes an object whole of which these parts exist.
pub(super) fn finish(workshop: &Workshop<'_>, kind: Kind, id: ChangeId, remotes: &[Option<RemoteId>]) -> Result<Job, &'static str> {
    if kind != Kind::Agent {
        return workshop.complete_shift(id, remotes);
    }
    let values = workshop.plan.get(id).values().ok_or("the plan does not say what it is to hold")?;
    let remote = remotes.iter().flatten().next().ok_or("the seat has no id")?;
    Ok(Job::CompleteSeat { id: remote.clone(), values: values.clone() })
}
