//! The loop over the steps.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use deskform_model::{Address, Platform, RemoteId, Text};
use deskform_planner::Plan;
use deskform_planner::plan::{Action, ChangeId};
use secrecy::SecretString;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::books::Books;
use super::job::Workshop;
use super::journal::Journal;
use super::lane::{Lane, Next};
use super::perform::{End, Performer, Progress, Report};
use super::{ApplyError, ApplyOptions, Interrupt};
use crate::client::Client;
use crate::event::Event;
use crate::ledger_store::{Guard, LedgerError};
use crate::outcome::{Fate, Outcome, StepError};
use crate::queue::DependencyQueue;
use crate::steps::{Step, StepKind};

/// The workshop of a run, which borrows single fields so that others can be changed meanwhile.
macro_rules! workshop {
    ($run:ident) => {
        Workshop { plan: $run.plan, overnight: $run.options.steps.overnight, people: &$run.people, secrets: &$run.secrets }
    };
}
pub(super) struct Run<'a> {
    plan: &'a Plan,
    steps: Vec<Step>,
    queue: DependencyQueue,
    pub(super) books: Books,
    pub(super) outcome: Outcome,
    options: &'a ApplyOptions,
    on_event: &'a mut dyn FnMut(Event),
    started: Instant,
    people: BTreeMap<ChangeId, RemoteId>,
    secrets: BTreeMap<ChangeId, SecretString>,
    lanes: BTreeMap<Platform, Lane>,
    /// Creates whose intents are not durable yet, with the group that holds them.
    unsaved: VecDeque<(u64, Platform, usize)>,
    tasks: JoinSet<(usize, Report)>,
    running: BTreeMap<Id, usize>,
    stopping: bool,
    /// Tells when the ledger's lock is lost; nothing may be sent from then on.
    guard: Guard,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        steps: Vec<Step>,
        journal: Journal,
        client: &Client,
        secrets: BTreeMap<ChangeId, SecretString>,
        options: &'a ApplyOptions,
        on_event: &'a mut dyn FnMut(Event),
    ) -> Result<Self, ApplyError> {
        let queue = DependencyQueue::new(steps.iter().map(|step| (step.rank, step.waits_for.clone())))?;
        let lane = |platform| {
            let performer = Performer::new(client.clone(), options.settle(platform));
            (platform, Lane::new(performer, options.concurrency))
        };
        Ok(Self {
            plan,
            queue,
            guard: journal.guard(),
            books: Books::new(journal),
            outcome: Outcome::new(plan),
            options,
            on_event,
            started: Instant::now(),
            people: BTreeMap::new(),
            secrets,
            lanes: [Platform::Helpdesk, Platform::CallCenter].into_iter().map(lane).collect(),
            unsaved: VecDeque::new(),
            tasks: JoinSet::new(),
            running: BTreeMap::new(),
            stopping: false,
            steps,
        })
    }

    /// Runs until nothing is left that can start, or until it is stopped.
    pub(super) async fn steps(&mut self, interrupt: &Interrupt) {
        (self.on_event)(Event::Started { steps: self.steps.len(), changes: self.plan.changes.len() });
        self.books.drop_ended(self.plan);
        if interrupt.presses() > 0 {
            self.outcome.interrupted = true;
            self.stop();
        }
        loop {
            self.fill();
            self.launch();
            self.flush_early();
            if self.tasks.is_empty() && self.unsaved.is_empty() {
                break;
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
                    self.stop();
                }
                error = self.guard.lost(), if !self.stopping => self.saved(Err(error)),
                saved = self.books.journal.saved() => self.saved(saved),
                Some(ended) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => self.ended(ended),
                () = sleep_until(deadline.unwrap_or_else(far_away)), if deadline.is_some() => self.books.journal.flush(),
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
                    let (rank, is_create) = (step.rank, is_unsafe_to_repeat(step, self.plan));
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
        match workshop!(self).job(&self.steps[at]) {
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
                self.close(platform);
            }
        }
        self.conclude(at, report);
    }

    /// Writes down what a step did and settles it.
    fn conclude(&mut self, at: usize, report: Report) {
        let Report { mut progress, mut end, unauthorized: _ } = report;
        let first = self.steps[at].changes[0];
        if let Progress::Candidates(candidates) = progress {
            progress = match self.books.choose(self.plan.get(first).kind(), candidates) {
                Some(chosen) => {
                    end = End::Applied;
                    Progress::Created(chosen)
                }
                None => Progress::Plain,
            };
        }
        if let (Action::Create { .. }, Progress::Created(ids), deskform_model::Kind::Support) =
            (&self.plan.get(first).action, &progress, self.plan.get(first).kind())
            && let Some(id) = ids.first()
        {
            self.people.insert(first, id.clone());
        }
        let now = self.now();
        let workshop = workshop!(self);
        self.books.conclude(&self.steps[at], &workshop, &progress, &end, &now);
        let fate = match end {
            End::Applied => Fate::Applied,
            End::Failed(error) => Fate::Failed(error),
            End::Unknown(error) => Fate::Unknown(error),
            End::Stale(error) => Fate::Stale(error),
        };
        self.settle(at, fate);
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
        let applied = fate.is_applied();
        self.say_finished(at, &fate);
        if applied {
            self.queue.finish(at);
            return;
        }
        let by = self.plan.get(self.steps[at].changes[0]).address.clone();
        for blocked in self.queue.fail(at) {
            self.say_finished(blocked, &Fate::Blocked { by: by.clone() });
        }
    }

    fn saved(&mut self, saved: Result<usize, LedgerError>) {
        match saved {
            Ok(0) => {}
            Ok(records) => (self.on_event)(Event::LedgerSaved { records }),
            Err(error) => {
                self.outcome.ledger_error.get_or_insert(error);
                self.stop();
            }
        }
    }

    /// Starts nothing more.
    fn stop(&mut self) {
        self.stopping = true;
        self.close(Platform::Helpdesk);
        self.close(Platform::CallCenter);
        (self.on_event)(Event::Stopping { under_way: self.tasks.len() });
    }

    /// Sends nothing more to a platform. Creates that have not been sent take their intents back.
    fn close(&mut self, platform: Platform) {
        let unsaved = self.unsaved.iter().filter(|(_, other, _)| *other == platform).map(|(_, _, at)| *at).collect::<Vec<_>>();
        self.unsaved.retain(|(_, other, _)| *other != platform);
        for at in self.lane(platform).close().into_iter().chain(unsaved) {
            self.books.withdraw(&self.steps[at]);
        }
    }

    /// Gives up what is under way. Intents stay open, so that the next run finds what became of them.
    fn leave(&mut self) {
        self.outcome.interrupted = true;
        self.stop();
        self.tasks.abort_all();
        for at in std::mem::take(&mut self.running).into_values() {
            let error = StepError::new("the run was stopped before the answer came");
            self.say_finished(at, &Fate::Unknown(error));
        }
        self.tasks = JoinSet::new();
    }

    fn say_started(&mut self, at: usize) {
        let step = &self.steps[at];
        let changes = step.changes.iter().map(|id| (*id, self.plan.get(*id).address.clone())).collect();
        (self.on_event)(Event::StepStarted { step: at, kind: step.kind, changes });
    }

    fn say_finished(&mut self, at: usize, fate: &Fate) {
        let mut changes: Vec<(ChangeId, Address, Fate)> = Vec::with_capacity(self.steps[at].changes.len());
        for id in &self.steps[at].changes {
            self.outcome.changes[id.0].fate = fate.clone();
            changes.push((*id, self.plan.get(*id).address.clone(), fate.clone()));
        }
        (self.on_event)(Event::StepFinished { step: at, changes });
    }

    fn lane(&mut self, platform: Platform) -> &mut Lane {
        self.lanes.get_mut(&platform).expect("every platform has a lane")
    }

    /// The project's wall clock, as the ledger writes it.
    fn now(&self) -> Text {
        let elapsed = jiff::SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        let now = self.options.now.checked_add(elapsed).unwrap_or(self.options.now);
        now.strftime("%Y-%m-%dT%H:%M:%S").to_string().into()
    }
}

/// Creates of a support, shifts or a seat (design.md section 4). A permission is set, not made.
fn is_unsafe_to_repeat(step: &Step, plan: &Plan) -> bool {
    matches!(step.kind, StepKind::Create | StepKind::CreateShifts) && plan.get(step.changes[0]).kind() != deskform_model::Kind::Permission
}

fn far_away() -> Instant {
    Instant::now() + Duration::from_secs(3600)
}
