//! Packs the changes of a plan into steps: what is sent together and succeeds or fails together. Pure.
//!
//! Creates of one person's shifts share a request of at most [`StepOptions::days`] days, and creates of seats that are alike and follow each
//! other one of at most [`StepOptions::seats`] seats; everything else is a step of its own. A seat's create and the edit that completes it are
//! one step of two requests (api-spec.md A14), unless it was made together with others: then the edit is a part of their step.

use std::collections::{BTreeSet, HashMap};

use deskform_model::time::Date;
use deskform_model::{Kind, NaturalKey, Platform};
use deskform_planner::plan::{Action, Change, ChangeId, PersonTarget, Plan};
use deskform_planner::policy::Overnight;

use crate::writes::agent;

/// How changes are packed.
#[derive(Clone, Copy, Debug)]
pub struct StepOptions {
    /// How shifts over midnight are sent.
    pub overnight: Overnight,
    /// Most days from the first to the last that one request creates shifts on (design.md section 4, "Batches"): a look after a lost answer
    /// lists them all, and no list should be longer than a month (api-spec.md H42).
    pub days: i64,
    /// Most seats of one request (api-spec.md section 5.1, `batchSize`).
    pub seats: usize,
}

impl Default for StepOptions {
    fn default() -> Self {
        Self { overnight: Overnight::default(), days: 31, seats: 1_000 }
    }
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// Makes one object. Unsafe to repeat, except for a permission.
    Create,
    /// Makes shifts of one person. Unsafe to repeat.
    CreateShifts,
    /// Makes seats that follow each other. Unsafe to repeat.
    CreateSeats,
    /// Changes one object.
    Update,
    /// Takes a support out of the recycle bin and changes it.
    Restore,
    /// Removes one object.
    Delete,
    /// Writes the ledger only.
    Book,
    /// Cannot be done; ends as refused.
    Refuse,
}

/// Changes that are sent together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The changes, in plan order; more than one only in [`StepKind::CreateShifts`] and in [`StepKind::CreateSeats`], there by number.
    pub changes: Vec<ChangeId>,
    /// What is done.
    pub kind: StepKind,
    /// The platform that is written to; `None` for the ledger alone.
    pub platform: Option<Platform>,
    /// Positions of the steps that must have succeeded before, ascending.
    pub waits_for: Vec<usize>,
    /// The lower goes first among steps that may start: closing access, then plan order.
    pub rank: usize,
}

impl Step {
    /// The same for some of its changes.
    pub(crate) fn part(&self, changes: Vec<ChangeId>) -> Self {
        Self { changes, kind: self.kind, platform: self.platform, waits_for: Vec::new(), rank: self.rank }
    }
}

/// Shifts that may share a request: of one person, and free to start at the same moment. Changes that wait for the same things cannot
/// wait for each other through anything in between, so packing them never closes a circle.
#[derive(PartialEq, Eq, Hash)]
struct Batch<'a> {
    person: &'a str,
    new: Option<ChangeId>,
    waits_for: &'a [ChangeId],
}

/// Packs a plan's changes, in plan order. Linear in changes and waits.
pub fn steps(plan: &Plan, options: &StepOptions) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut step_of = vec![0; plan.changes.len()];
    let mut open: HashMap<Batch<'_>, (usize, Date, Date)> = HashMap::new();
    let mut seats: HashMap<usize, Vec<ChangeId>> = HashMap::new();
    for run in seat_runs(plan, (0..plan.changes.len()).map(ChangeId), options.seats).into_iter().filter(|run| run.len() > 1) {
        // Its step stands where the first of it stands in the plan.
        let first = run.iter().map(|id| id.0).min().unwrap_or_default();
        seats.insert(first, run);
    }
    let mut packed = vec![false; plan.changes.len()];
    for (at, change) in plan.changes.iter().enumerate() {
        if packed[at] {
            continue;
        }
        if let Some(run) = seats.remove(&at) {
            for id in &run {
                packed[id.0] = true;
                step_of[id.0] = steps.len();
            }
            steps.push(Step { changes: run, kind: StepKind::CreateSeats, ..single(change, ChangeId(at)) });
            continue;
        }
        if let Some((batch, date)) = batch(change) {
            if let Some((step, first, last)) = open.get_mut(&batch)
                && days((*first).min(date), (*last).max(date)) <= options.days
            {
                (*first, *last) = ((*first).min(date), (*last).max(date));
                steps[*step].changes.push(ChangeId(at));
                step_of[at] = *step;
                continue;
            }
            open.insert(batch, (steps.len(), date, date));
        }
        step_of[at] = steps.len();
        steps.push(single(change, ChangeId(at)));
    }
    let count = steps.len();
    for (at, step) in steps.iter_mut().enumerate() {
        // The members of a step wait for the same things.
        let first = plan.get(step.changes[0]);
        let waits: BTreeSet<usize> = first.waits_for.iter().map(|id| step_of[id.0]).filter(|other| *other != at).collect();
        step.waits_for = waits.into_iter().collect();
        let closes = step.changes.iter().any(|id| plan.get(*id).closes_access());
        step.rank = if closes { at } else { count + at };
    }
    steps
}

fn single(change: &Change, id: ChangeId) -> Step {
    let kind = match &change.action {
        Action::Create { .. } if change.kind() == Kind::Shift => StepKind::CreateShifts,
        Action::Create { .. } => StepKind::Create,
        Action::Update { .. } => StepKind::Update,
        Action::Restore { .. } => StepKind::Restore,
        Action::Delete { .. } => StepKind::Delete,
        Action::Record { .. } | Action::Forget { .. } => StepKind::Book,
        Action::Refuse { .. } => StepKind::Refuse,
    };
    let platform = change.action.writes().then(|| change.kind().platform());
    Step { changes: vec![id], kind, platform, waits_for: Vec::new(), rank: 0 }
}

/// The batch and the day of a shift that is to be created; nothing for any other change.
fn batch(change: &Change) -> Option<(Batch<'_>, Date)> {
    let (Action::Create { .. }, NaturalKey::Shift { date, .. }) = (&change.action, &change.key) else { return None };
    let (person, new) = match change.person.as_ref()? {
        PersonTarget::Live(remote) => (remote.as_str(), None),
        PersonTarget::New(id) => ("", Some(*id)),
    };
    Some((Batch { person, new, waits_for: &change.waits_for }, *date))
}

/// The creations of seats among these changes, cut into runs that one call can make (api-spec.md section 5.1, A11): numbers of one width
/// that follow each other, of seats that are alike in everything that a creation sends, the secret included, and that may start at the same
/// moment. In the order of the numbers; other changes are left out, and so are seats whose numbers have letters, each of which is a run
/// of its own.
pub(crate) fn seat_runs(plan: &Plan, changes: impl IntoIterator<Item = ChangeId>, most: usize) -> Vec<Vec<ChangeId>> {
    let mut seats: Vec<(Option<(usize, u64)>, ChangeId)> =
        changes.into_iter().filter_map(|id| Some((seat_number(plan.get(id))?, id))).collect();
    seats.sort_unstable();
    let mut runs: Vec<Vec<ChangeId>> = Vec::new();
    let mut last: Option<(usize, u64)> = None;
    for (number, id) in seats {
        let follows =
            matches!((last, number), (Some((width, last)), Some(this)) if last.checked_add(1).map(|next| (width, next)) == Some(this));
        match runs.last_mut() {
            Some(run) if follows && run.len() < most && are_alike(plan.get(run[0]), plan.get(id)) => run.push(id),
            _ => runs.push(vec![id]),
        }
        last = number;
    }
    runs
}

/// Width and number of a seat that is to be created, or that it has no number to count from.
#[allow(clippy::option_option, reason = "no seat, and a seat that cannot be counted, are two things")]
fn seat_number(change: &Change) -> Option<Option<(usize, u64)>> {
    let (Action::Create { .. }, NaturalKey::Agent { operator_id }) = (&change.action, &change.key) else { return None };
    let digits = operator_id.bytes().all(|byte| byte.is_ascii_digit());
    Some(operator_id.parse().ok().filter(|_| digits).map(|number| (operator_id.len(), number)))
}

fn are_alike(one: &Change, other: &Change) -> bool {
    match (&one.action, &other.action) {
        (Action::Create { values, secret }, Action::Create { values: values_of_other, secret: secret_of_other }) => {
            secret == secret_of_other && one.waits_for == other.waits_for && agent::are_made_alike(values, values_of_other)
        }
        _ => false,
    }
}

/// How many days lie between two, both included.
fn days(first: Date, last: Date) -> i64 {
    i64::from((last - first).get_days()) + 1
}
