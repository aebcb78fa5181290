//! The loop over the steps.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use deskform_model::{Address, Kind, Platform, RemoteId, Text};
use deskform_planner::Plan;
use deskform_planner::plan::{Action, ChangeId};
use secrecy::SecretString;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::batch::{Batch, Part};
use super::books::Books;
use super::doubt::{Doubt, finish};
use super::handover::Handover;
use super::job::{Job, Workshop};
use super::journal::Journal;
use super::lane::{Lane, Next};
use super::perform::{End, Issued, Performer, Progress, Report};
use super::{ApplyError, ApplyOptions, Interrupt};
use crate::client::{Client, Pauses};
use crate::event::{Event, Stop};
use crate::ledger_store::{Guard, LedgerError};
use crate::outcome::{Credentials, Fate, Outcome, SeatOutcome, StepError, Whereabouts};
use crate::queue::DependencyQueue;
use crate::reader::Reader;
use crate::steps::{Step, StepKind};

/// The workshop of a run, which borrows single fields so that others can be changed meanwhile.
macro_rules! workshop {
    ($run:ident) => {
        Workshop { plan: $run.plan, overnight: $run.options.steps.overnight, people: &$run.people, secrets: &$run.secrets }
    };
}
pub(super) use workshop;

pub(super) struct Run<'a> {
    pub(super) plan: &'a Plan,
    pub(super) steps: Vec<Step>,
    queue: DependencyQueue,
    pub(super) books: Books,
    pub(super) outcome: Outcome,
    pub(super) options: &'a ApplyOptions,
    pub(super) on_event: &'a mut dyn FnMut(Event),
    pub(super) reader: Reader,
    pauses: Pauses,
    started: Instant,
    pub(super) people: BTreeMap<ChangeId, RemoteId>,
    pub(super) secrets: BTreeMap<ChangeId, SecretString>,
    lanes: BTreeMap<Platform, Lane>,
    /// Creates whose intents are not durable yet, with the group that holds them.
    unsaved: VecDeque<(u64, Platform, usize)>,
    tasks: JoinSet<(usize, Report)>,
    running: BTreeMap<Id, usize>,
    pub(super) stopping: bool,
    /// Platforms that did not accept the credentials.
    pub(super) refusing: BTreeSet<Platform>,
    /// Steps of which something may or may not have been made.
    pub(super) doubts: BTreeMap<usize, Doubt>,
    /// Batches of seats of which some have ended.
    pub(super) batches: BTreeMap<usize, Batch>,
    /// Steps that follow a batch; the queue does not know them.
    pub(super) parts: BTreeMap<usize, Part>,
    handover: Handover,
    /// What the platform generated, by the change that made it do so.
    pub(super) issued: BTreeMap<ChangeId, Issued>,
    /// Creations of seats whose credentials could not be handed over.
    pub(super) not_handed_over: BTreeSet<ChangeId>,
    /// Tells when the ledger's lock is lost; nothing may be sent from then on.
    guard: Guard,
}

impl<'a> Run<'a> {
    #[allow(clippy::too_many_arguments, reason = "each is used once, to begin a run")]
    pub(super) fn new(
        plan: &'a Plan,
        steps: Vec<Step>,
        journal: Journal,
        client: &Client,
        secrets: BTreeMap<ChangeId, SecretString>,
        handover: Handover,
        options: &'a ApplyOptions,
        on_event: &'a mut dyn FnMut(Event),
    ) -> Result<Self, ApplyError> {
        let queue = DependencyQueue::new(steps.iter().map(|step| (step.rank, step.waits_for.clone())))?;
        let lane = |platform| (platform, Lane::new(Performer::new(client.clone(), handover.clone()), options.concurrency));
        Ok(Self {
            plan,
            queue,
            guard: journal.guard(),
            books: Books::new(journal),
            outcome: Outcome::new(plan),
            options,
            on_event,
            reader: Reader::new(client.clone()),
            pauses: client.pauses(),
            started: Instant::now(),
            people: BTreeMap::new(),
            secrets,
            lanes: [Platform::Helpdesk, Platform::CallCenter].into_iter().map(lane).collect(),
            unsaved: VecDeque::new(),
            tasks: JoinSet::new(),
            running: BTreeMap::new(),
            stopping: false,
            refusing: BTreeSet::new(),
            doubts: BTreeMap::new(),
            batches: BTreeMap::new(),
            parts: BTreeMap::new(),
            issued: BTreeMap::new(),
            not_handed_over: BTreeSet::new(),
            handover,
            steps,
        })
    }

    /// Runs until nothing is left that can start, or until it is stopped.
    pub(super) async fn steps(&mut self, interrupt: &Interrupt) {
        (self.on_event)(Event::Started { steps: self.steps.len(), changes: self.plan.changes.len() });
        self.books.drop_ended(self.plan);
        if interrupt.presses() > 0 {
            self.outcome.interrupted = true;
            self.stop(Stop::Asked);
        }
        loop {
            self.fill();
            self.launch();
            self.flush_early();
            if self.tasks.is_empty() && self.unsaved.is_empty() {
                if self.doubts.is_empty() {
                    break;
                }
                // Nothing else can go on, so nobody waits for this but what depends on it.
                self.settle_doubts(interrupt).await;
                continue;
            }
            let deadline = self.books.journal.deadline();
            tokio::select! {
                biased;
                () = interrupt.pressed(2) => {
                    self.leave();
                    break;
                }
                () = interrupt.pressed(1), if !self.outcome.interrupted => {
                    self.outcome.interrupted = true;
                    self.stop(Stop::Asked);
                }
                error = self.guard.lost(), if !self.stopping => self.saved(Err(error)),
                saved = self.books.journal.saved() => self.saved(saved),
                Some(ended) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => self.ended(ended),
                () = sleep_until(deadline.unwrap_or_else(far_away)), if deadline.is_some() => self.books.journal.flush(),
                pause = self.pauses.next() => (self.on_event)(Event::Paused(pause)),
            }
        }
        // Waiting for the group that is being written costs milliseconds, and what it holds has happened.
        let saved = self.books.journal.save_all().await;
        self.saved(saved);
    }

    /// Takes what may start out of the queue. What writes no platform is done on the spot.
    fn fill(&mut self) {
        while !self.stopping
            && let Some(at) = self.queue.start()
        {
            match (self.steps[at].kind, self.steps[at].platform) {
                (StepKind::Refuse, _) => {
                    self.say_started(at);
                    self.settle(at, Fate::Refused);
                }
                (_, Some(platform)) => {
                    let step = &self.steps[at];
                    let (rank, is_create) = (step.rank, workshop!(self).is_unsafe_to_repeat(step));
                    self.lane(platform).push(rank, at, is_create);
                }
                (_, None) => {
                    self.say_started(at);
                    self.book(at);
                    self.settle(at, Fate::Applied);
                }
            }
        }
    }

    /// Writes the intents of creates that may start soon, and sends what may go out now.
    fn launch(&mut self) {
        if !self.stopping
            && let Err(error) = self.guard.check()
        {
            self.saved(Err(error));
        }
        while let Some((group, platform, at)) = self.unsaved.front().copied()
            && self.books.journal.is_durable(group)
        {
            self.unsaved.pop_front();
            let rank = self.steps[at].rank;
            self.lane(platform).saved(rank, at);
        }
        for platform in [Platform::Helpdesk, Platform::CallCenter] {
            while !self.stopping
                && let Some(next) = self.lane(platform).next()
            {
                match next {
                    Next::Send(at) => self.spawn(platform, at),
                    Next::Intend(at) => {
                        let now = self.now();
                        let workshop = workshop!(self);
                        self.books.intend(&self.steps[at], &workshop, &now);
                        self.unsaved.push_back((self.books.journal.group(), platform, at));
                    }
                }
            }
        }
    }

    /// Saves intents before their group is full when a platform would otherwise have nothing to do.
    fn flush_early(&mut self) {
        if self.lanes.values().any(Lane::is_running_dry) {
            self.books.journal.flush();
        }
    }

    fn spawn(&mut self, platform: Platform, at: usize) {
        self.say_started(at);
        let job = match self.parts.get(&at).and_then(|part| part.seat.clone()) {
            None => workshop!(self).job(&self.steps[at]),
            Some(seat) => finish(&workshop!(self), Kind::Agent, self.steps[at].changes[0], &[Some(seat)]),
        };
        let id = self.books.request_id(&self.steps[at].changes);
        self.start(platform, at, job.map(|job| job.with_id(id)));
    }

    /// Hands a job of a step to a task of its own.
    pub(super) fn start(&mut self, platform: Platform, at: usize, job: Result<Job, &'static str>) {
        match job {
            Ok(job) => {
                let performer = self.lane(platform).start();
                let handle = self.tasks.spawn(async move { (at, performer.perform(job).await) });
                self.running.insert(handle.id(), at);
            }
            Err(what) => self.conclude(at, Report::failed(StepError::new(what))),
        }
    }

    fn ended(&mut self, ended: Result<(Id, (usize, Report)), JoinError>) {
        let (id, at, report) = match ended {
            Ok((id, (at, report))) => (id, at, report),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => unreachable!("nothing cancels a step but the end of the run: {error}"),
            },
        };
        self.running.remove(&id);
        if let Some(platform) = self.steps[at].platform {
            self.lane(platform).end();
            if report.unauthorized {
                self.refusing.insert(platform);
                self.close(platform);
            }
        }
        self.conclude(at, report);
    }

    /// Writes down what a step did and settles it, unless it is in doubt or more of it has to be done.
    fn conclude(&mut self, at: usize, report: Report) {
        let report = match report {
            Report { progress: Progress::Seats(seats), end, .. } => return self.conclude_seats(at, seats, end),
            report => report,
        };
        if let Some(issued) = report.issued {
            self.issued.insert(self.steps[at].changes[0], issued);
        }
        if matches!(report.progress, Progress::NotHandedOver) {
            self.not_handed_over.insert(self.steps[at].changes[0]);
            if !self.stopping {
                self.stop(Stop::Credentials);
            }
        }
        if self.doubts.contains_key(&at) || matches!(report.end, End::Doubt(_)) {
            return self.conclude_doubt(at, report);
        }
        let changes = self.steps[at].changes.clone();
        let fate = self.write_down(at, changes, &report);
        self.settle(at, fate);
    }

    /// Writes down what was done for some of a step's changes, and says how they ended.
    pub(super) fn write_down(&mut self, at: usize, changes: Vec<ChangeId>, report: &Report) -> Fate {
        let first = changes[0];
        if let (Action::Create { .. }, Progress::Created(ids), Kind::Support) =
            (&self.plan.get(first).action, &report.progress, self.plan.get(first).kind())
            && let Some(id) = ids.first()
        {
            self.people.insert(first, id.clone());
        }
        let now = self.now();
        let workshop = workshop!(self);
        let part = self.steps[at].part(changes);
        self.books.conclude(&part, &workshop, &report.progress, &report.end, &now);
        match report.end.clone() {
            End::Applied => Fate::Applied,
            End::Failed(error) => Fate::Failed(error),
            End::Unknown(error) | End::Doubt(error) => Fate::Unknown(error),
            End::Stale(error) => Fate::Stale(error),
        }
    }

    /// Says where the credentials are that the platform generated in this run.
    pub(super) fn account_for_credentials(&mut self) {
        let mut seats = Vec::new();
        for change in &self.outcome.changes {
            let planned = self.plan.get(change.id);
            let Action::Create { values, .. } = &planned.action else { continue };
            let chosen = || values.named(Kind::Agent, "password").is_some();
            let (password, whereabouts) = match self.issued.get(&change.id) {
                _ if planned.kind() != Kind::Agent => continue,
                Some(Issued { password, handed_over: true }) => (*password, Whereabouts::HandedOver),
                Some(Issued { password, handed_over: false }) => (*password, Whereabouts::Discarded),
                // Found on the platform after its answer was lost, or not handed over. A phone's password is shown again.
                None if !chosen() && (change.fate.is_applied() || self.not_handed_over.contains(&change.id)) => (true, Whereabouts::Lost),
                None => continue,
            };
            seats.push(SeatOutcome { address: change.address.clone(), password, whereabouts });
        }
        seats.sort();
        self.outcome.credentials = Credentials { out: self.handover.out().cloned(), seats, error: self.handover.failure() };
    }

    fn book(&mut self, at: usize) {
        let now = self.now();
        let workshop = workshop!(self);
        for id in &self.steps[at].changes {
            let change = self.plan.get(*id);
            self.books.book(change, workshop.person(change), &now);
        }
    }

    /// Gives a step's changes their fate, and those of what it blocks.
    fn settle(&mut self, at: usize, fate: Fate) {
        if self.is_in_parts(at) {
            let fates = self.steps[at].changes.iter().map(|id| (*id, fate.clone())).collect();
            return self.settle_part(at, &fates);
        }
        self.say_finished(at, |_| fate.clone());
        let failed = if fate.is_applied() { None } else { self.steps[at].changes.iter().min().copied() };
        self.end_step(at, failed);
    }

    /// The same where a step's changes did not end alike. What waits for one of them waits for all.
    pub(super) fn settle_each(&mut self, at: usize, fates: &BTreeMap<ChangeId, Fate>) {
        if self.is_in_parts(at) {
            return self.settle_part(at, fates);
        }
        self.say_finished(at, |id| fates.get(&id).cloned().unwrap_or(Fate::NotStarted));
        self.end_step(at, fates.iter().find(|(_, fate)| !fate.is_applied()).map(|(id, _)| *id));
    }

    /// Lets go on, or blocks, what waits for a step; `failed` is a change of it that was not applied.
    pub(super) fn end_step(&mut self, at: usize, failed: Option<ChangeId>) {
        let Some(failed) = failed else {
            self.queue.finish(at);
            return;
        };
        let by = self.plan.get(failed).address.clone();
        for blocked in self.queue.fail(at) {
            self.say_finished(blocked, |_| Fate::Blocked { by: by.clone() });
        }
    }

    pub(super) fn saved(&mut self, saved: Result<usize, LedgerError>) {
        match saved {
            Ok(0) => {}
            Ok(records) => (self.on_event)(Event::LedgerSaved { records }),
            Err(error) => {
                self.outcome.ledger_error.get_or_insert(error);
                if !self.stopping {
                    self.stop(Stop::Ledger);
                }
            }
        }
    }

    /// Starts nothing more, and says so.
    pub(super) fn stop(&mut self, why: Stop) {
        self.start_nothing_more();
        (self.on_event)(Event::Stopping { under_way: self.tasks.len(), why });
    }

    fn start_nothing_more(&mut self) {
        self.stopping = true;
        self.close(Platform::Helpdesk);
        self.close(Platform::CallCenter);
    }

    /// Sends nothing more to a platform. Creates that have not been sent take their intents back.
    fn close(&mut self, platform: Platform) {
        let unsaved = self.unsaved.iter().filter(|(_, other, _)| *other == platform).map(|(_, _, at)| *at).collect::<Vec<_>>();
        self.unsaved.retain(|(_, other, _)| *other != platform);
        for at in self.lane(platform).close().into_iter().chain(unsaved) {
            self.give_back(at);
        }
        if platform == Platform::CallCenter {
            self.give_back_waiting();
        }
    }

    /// Gives up what is under way. Intents stay open, so that the next run finds what became of them.
    pub(super) fn leave(&mut self) {
        self.outcome.interrupted = true;
        self.start_nothing_more();
        self.tasks.abort_all();
        for at in std::mem::take(&mut self.running).into_values() {
            let error = StepError::new("the run was stopped before the answer came");
            match self.doubts.get_mut(&at) {
                Some(doubt) => doubt.last = error,
                None => self.say_finished(at, |_| Fate::Unknown(error.clone())),
            }
        }
        self.tasks = JoinSet::new();
        self.give_up_doubts();
    }

    fn say_started(&mut self, at: usize) {
        let step = &self.steps[at];
        let changes = step.changes.iter().map(|id| (*id, self.plan.get(*id).address.clone())).collect();
        (self.on_event)(Event::StepStarted { step: at, kind: step.kind, changes });
    }

    fn say_finished(&mut self, at: usize, fate: impl Fn(ChangeId) -> Fate) {
        let fates = self.steps[at].changes.iter().map(|id| (*id, fate(*id))).collect();
        self.say(at, fates);
    }

    /// Says how changes of a step have ended.
    pub(super) fn say(&mut self, at: usize, fates: Vec<(ChangeId, Fate)>) {
        let mut changes: Vec<(ChangeId, Address, Fate)> = Vec::with_capacity(fates.len());
        for (id, fate) in fates {
            self.outcome.changes[id.0].fate = fate.clone();
            changes.push((id, self.plan.get(id).address.clone(), fate));
        }
        (self.on_event)(Event::StepFinished { step: at, changes });
    }

    pub(super) fn lane(&mut self, platform: Platform) -> &mut Lane {
        self.lanes.get_mut(&platform).expect("every platform has a lane")
    }

    /// The project's wall clock, as the ledger writes it.
    pub(super) fn now(&self) -> Text {
        let elapsed = jiff::SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        let now = self.options.now.checked_add(elapsed).unwrap_or(self.options.now);
        now.strftime("%Y-%m-%dT%H:%M:%S").to_string().into()
    }
}

fn far_away() -> Instant {
    Instant::now() + Duration::from_secs(3600)
}
