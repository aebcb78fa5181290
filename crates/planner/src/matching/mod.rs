//! Finds out which desired, live and owned objects are the same thing, kind by kind, and turns each into at most one change.
//!
//! Terms: a *desired* resource is declared, a *live* object is on its platform, an *entry* is in the ledger and therefore owned.
//! Premise: an object that something desired matches is never deleted by the same plan, and nothing is deleted that is neither owned nor
//! named by `ensure: absent`.

mod permissions;
mod replacements;
mod seats;
mod shifts;
mod supports;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use deskform_model::time::DateTime;
use deskform_model::{Address, Desired, Ensure, FieldKey, Kind, NaturalKey, Person, RemoteId, Resource, Text, Values};

use crate::diff::{Diff, Sides, diff};
use crate::ledger::{Entry, EntryId, Ledger};
use crate::observed::Observed;
use crate::order;
use crate::plan::{Action, Bookkeeping, Change, ChangeId, FieldReason, ForgetReason, Note, NoteKind, PersonTarget, Plan, Reason, Refusal};
use crate::policy::{Absence, Policy};
use crate::problem::PlanProblem;
use crate::scope::Selection;

/// Everything that a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// What the manifests want.
    pub desired: &'a Desired,
    /// What the platforms say.
    pub observed: &'a Observed,
    /// What deskform did last.
    pub ledger: &'a Ledger,
    /// Whether a ledger was found; without one nothing is deleted, and the plan says so.
    pub ledger_known: bool,
    /// The settings.
    pub policy: &'a Policy,
    /// Now, on the project's wall clock.
    pub now: DateTime,
}

/// Decides every change.
///
/// # Errors
/// All reasons why there can be no plan, in the order of the resources concerned.
pub fn plan(inputs: Inputs<'_>) -> Result<Plan, Vec<PlanProblem>> {
    plan_narrowed(inputs, &Selection::default())
}

/// Decides every change of what was selected, and of what that needs.
///
/// # Errors
/// All reasons why there can be no such plan.
pub fn plan_narrowed(inputs: Inputs<'_>, selection: &Selection) -> Result<Plan, Vec<PlanProblem>> {
    let mut planner = Planner::new(inputs, selection);
    let mut people = People::default();
    // What was not read is not looked at, or all of it would seem to be gone.
    if selection.wants(Kind::Support) {
        people = supports::plan(&mut planner);
    }
    if selection.wants(Kind::Permission) {
        permissions::plan(&mut planner, &people);
    }
    if selection.wants(Kind::Shift) {
        shifts::plan(&mut planner, &people);
    }
    if selection.wants(Kind::Agent) {
        seats::plan(&mut planner, &people);
    }
    planner.check_replacements();
    // What an open intent made is looked for before ([`crate::claims::heal`]); what is left of them is not decided yet.
    let undecided = inputs.ledger.intents.values().map(|intent| Note {
        address: intent.address.clone(),
        title: Text::default(),
        what: NoteKind::MayStillAppear,
        origin: None,
    });
    planner.plan.notes.extend(undecided);
    planner.finish()
}

/// The plan in the making.
struct Planner<'a> {
    inputs: Inputs<'a>,
    selection: &'a Selection,
    plan: Plan,
    problems: Vec<PlanProblem>,
    /// Entries that some change or an unchanged resource has accounted for. Of shifts that is known day by day.
    accounted: HashSet<EntryId>,
    /// What `--replace` names and was looked at.
    replaced: BTreeSet<Address>,
}

/// Where the people of the manifests are.
#[derive(Default)]
struct People<'a> {
    declared: HashMap<&'a Text, Whereabouts>,
    by_account: BTreeMap<&'a Text, Vec<&'a RemoteId>>,
    /// In service, or about to be restored.
    by_id: HashSet<&'a RemoteId>,
    /// Let go of by `ensure: released`: what is theirs and no longer declared is let go of too, not taken away.
    released: BTreeSet<&'a RemoteId>,
}

/// Where one declared person is.
#[derive(Clone, Debug)]
struct Whereabouts {
    target: PersonTarget,
    /// A change of the person that dependents wait for although the person exists.
    after: Option<After>,
}

/// What dependents of a person who exists wait for.
#[derive(Clone, Copy, Debug)]
enum After {
    /// The person is taken out of the bin first ([`crate::order`] adds the edges).
    Restore(ChangeId),
    /// The person cannot be as declared. Nothing is built on that, but access is taken away all the same.
    Refusal(ChangeId),
}

/// A desired object that exists.
struct Existing<'a> {
    resource: &'a Resource,
    remotes: &'a [Option<RemoteId>],
    live: &'a Values,
    entry: Option<&'a Entry>,
    person: Option<&'a Whereabouts>,
    /// The entry's ids are gone, and these are found in their place.
    rebound: bool,
}

/// What became of a desired object that exists.
enum Settled {
    Unchanged,
    Planned(ChangeId),
    /// Fixed fields differ and `replace: allow` is given, or `--replace` asks for it: the caller knows how its kind is replaced.
    Replace(Reason),
}

impl<'a> Planner<'a> {
    fn new(inputs: Inputs<'a>, selection: &'a Selection) -> Self {
        let mut plan = Plan { ledger_known: inputs.ledger_known, ..Plan::default() };
        for id in inputs.ledger.entries.keys() {
            *plan.owned.entry(id.kind).or_default() += 1;
        }
        Self { inputs, selection, plan, problems: Vec::new(), accounted: HashSet::new(), replaced: BTreeSet::new() }
    }

    fn push(&mut self, change: Change) -> ChangeId {
        self.plan.changes.push(change);
        ChangeId(self.plan.changes.len() - 1)
    }

    fn note(&mut self, resource: &Resource, what: NoteKind) {
        let note = Note { address: resource.address.clone(), title: resource.title.clone(), what, origin: Some(resource.origin) };
        self.plan.notes.push(note);
    }

    fn account_for(&mut self, entry: &Entry) {
        if entry.key.kind() != Kind::Shift {
            self.accounted.insert(entry.id());
        }
    }

    /// A change of a desired resource with everything that follows from the resource and its person alone.
    fn change_of(resource: &Resource, person: Option<&Whereabouts>, action: Action, reason: Reason) -> Change {
        let after = person.and_then(|whereabouts| whereabouts.after);
        let mut change = Change {
            address: resource.address.clone(),
            key: resolved(&resource.key, person),
            title: resource.title.clone(),
            action,
            reason,
            bookkeeping: Bookkeeping::default(),
            person: person.map(|whereabouts| whereabouts.target.clone()),
            waits_for: Vec::new(),
            origin: Some(resource.origin),
            protect: resource.lifecycle.protect,
            valid_until: None,
        };
        if let Some(After::Refusal(id)) = after
            && !change.closes_access()
        {
            change.waits_for.push(id);
        }
        change
    }

    /// A change of an entry that nothing declares.
    fn change_of_entry(entry: &Entry, action: Action, reason: Reason) -> Change {
        let person = match entry.key.kind() {
            Kind::Support => None,
            Kind::Agent => entry.support.clone(),
            Kind::Permission | Kind::Shift => entry.owner().cloned().and_then(RemoteId::new),
        };
        Change {
            address: entry.address.clone(),
            key: entry.key.clone(),
            title: entry.title.clone(),
            action,
            reason,
            bookkeeping: Bookkeeping::default(),
            person: person.map(PersonTarget::Live),
            waits_for: Vec::new(),
            origin: None,
            protect: entry.protect,
            valid_until: None,
        }
    }

    /// Plans a desired object that does not exist.
    fn create(&mut self, resource: &Resource, person: Option<&Whereabouts>, vanished: Option<&Entry>) -> ChangeId {
        let action = Action::Create { values: resource.values.clone(), secret: resource.secret.as_deref().cloned() };
        let reason = if vanished.is_some() { Reason::Vanished } else { Reason::New };
        let mut change = Self::change_of(resource, person, action, reason);
        if let Some(entry) = vanished {
            change.bookkeeping.voids.push(entry.id());
            self.account_for(entry);
        }
        self.push(change)
    }

    /// Plans what a desired object that exists still lacks.
    fn settle(&mut self, existing: Existing<'_>) -> Settled {
        let Existing { resource, remotes, live, entry, person, rebound } = existing;
        let kind = resource.kind();
        if let Some(entry) = entry {
            self.account_for(entry);
        }
        if entry.is_none() && !self.inputs.policy.adopt {
            let action = Action::Refuse { why: vec![Refusal::AdoptionRefused] };
            return Settled::Planned(self.push(Self::change_of(resource, person, action, Reason::Adopted)));
        }
        if kind == Kind::Agent && self.is_replaced(resource, entry) {
            return Settled::Replace(Reason::ReplaceAsked);
        }
        let sides = Sides { desired: &resource.values, lifecycle: &resource.lifecycle, live, entry };
        let Diff { changes, refusals, notes, released, unrecorded } = diff(kind, sides, self.inputs.policy);
        for note in notes {
            self.note(resource, note);
        }
        if !refusals.is_empty() {
            let replaceable = refusals.iter().all(|refusal| matches!(refusal, Refusal::Fixed { .. } | Refusal::BelowMinimum { .. }));
            // Replacing deletes, and nothing is deleted that the ledger does not own.
            let may_be_replaced = resource.lifecycle.replace || self.selection.replaces(&resource.address);
            if may_be_replaced && replaceable && entry.is_some() {
                return Settled::Replace(Reason::Replaced);
            }
            let change = Self::change_of(resource, person, Action::Refuse { why: refusals }, Reason::YourChange);
            return Settled::Planned(self.push(change));
        }
        let moved_from = entry.filter(|entry| entry.address != resource.address).map(|entry| entry.address.clone());
        let linked = match (person, kind) {
            (Some(Whereabouts { target: PersonTarget::Live(id), .. }), Kind::Agent) => {
                entry.is_some_and(|entry| entry.support.as_ref() != Some(id))
            }
            (Some(Whereabouts { target: PersonTarget::New(_), .. }), Kind::Agent) => entry.is_some(),
            (None, Kind::Agent) => entry.is_some_and(|entry| entry.support.is_some()),
            _ => false,
        };
        // An overnight shift is filed under its first duty; without that one it gets another id.
        let half_is_missing = remotes.first().is_some_and(Option::is_none);
        let protection = entry.is_some_and(|entry| entry.protect != resource.lifecycle.protect);
        let adopted = entry.is_none();
        let reason = if adopted { Reason::Adopted } else { reason_of(&changes) };
        let action = if !changes.is_empty() {
            let secret = changes
                .iter()
                .any(|change| matches!(change.after, deskform_model::Value::Secret { .. }))
                .then(|| resource.secret.as_deref().cloned())
                .flatten();
            let stays = |key: &FieldKey| !changes.iter().any(|change| change.field == *key);
            let saw = resource.values.iter().filter(|(key, _)| stays(key));
            let saw = saw.filter_map(|(key, _)| Some((key.clone(), live.get(key)?.clone()))).collect();
            Action::Update { remotes: remotes.to_vec(), values: Self::next_set(resource), fields: changes, saw, secret }
        } else if adopted || unrecorded || linked || protection || rebound || moved_from.is_some() || !released.is_empty() {
            Action::Record { remotes: remotes.iter().flatten().cloned().collect(), values: Self::next_set(resource) }
        } else {
            if self.selection.covers(&resource.address) {
                *self.plan.unchanged.entry(kind).or_default() += 1;
            }
            return Settled::Unchanged;
        };
        let voids = entry.filter(|_| half_is_missing || rebound).map(Entry::id).into_iter().collect();
        let mut change = Self::change_of(resource, person, action, reason);
        change.bookkeeping = Bookkeeping { adopted, moved_from, released, voids };
        Settled::Planned(self.push(change))
    }

    /// What is sent and what the ledger will hold as sent: everything desired but the fields that are left alone once they were set.
    fn next_set(resource: &Resource) -> Values {
        let mut values = resource.values.clone();
        for key in &resource.lifecycle.ignore {
            values.remove(key);
        }
        values
    }

    /// Plans the end of an owned object that exists and that nothing declares, as the absence setting says: whether it goes.
    fn absent(&mut self, entry: &Entry, remotes: Vec<RemoteId>, last: Values) -> bool {
        self.account_for(entry);
        let absence = self.inputs.policy.absence(entry.key.kind());
        match absence {
            Absence::Keep => {
                let note =
                    Note { address: entry.address.clone(), title: entry.title.clone(), what: NoteKind::NoLongerDeclared, origin: None };
                self.plan.notes.push(note);
            }
            Absence::Delete => {
                let reason = if self.inputs.policy.destroy { Reason::Destroy } else { Reason::NotDeclared };
                let half_is_missing = remotes.first() != entry.remotes.first();
                let mut change = Self::change_of_entry(entry, Action::Delete { remotes, last, successor: None }, reason);
                change.bookkeeping.voids.extend(half_is_missing.then(|| entry.id()));
                self.push(change);
            }
        }
        absence == Absence::Delete
    }

    /// Plans that the ledger lets go of an entry.
    fn forget(&mut self, entry: &Entry, why: ForgetReason) {
        self.account_for(entry);
        let reason = if why == ForgetReason::Released { Reason::EnsureReleased } else { Reason::NotDeclared };
        self.push(Self::change_of_entry(entry, Action::Forget { id: entry.id(), why }, reason));
    }

    fn is_accounted(&self, entry: &Entry) -> bool {
        self.accounted.contains(&entry.id())
    }

    /// Finds the person of a permission, a shift or a seat. An unknown one is a problem of the resource that names it.
    fn find(&mut self, people: &People<'a>, person: &Person, resource: &Resource) -> Option<Whereabouts> {
        let live = |id: &RemoteId| Whereabouts { target: PersonTarget::Live(id.clone()), after: None };
        let address = || resource.address.clone();
        match person {
            Person::Declared(name) => people.declared.get(name).cloned(),
            Person::Account(account) => {
                let found = people.by_account.get(account).map(Vec::as_slice).unwrap_or_default();
                let (address, origin) = (address(), resource.origin);
                match found {
                    [] => self.problems.push(PlanProblem::UnknownAccount { account: account.clone(), address, origin }),
                    [_] => {}
                    [_, _, ..] => {
                        let ids = found.iter().map(|id| (*id).clone()).collect();
                        self.problems.push(PlanProblem::AmbiguousAccount { address, ids, origin });
                    }
                }
                found.first().map(|id| live(id))
            }
            Person::Id(id) => {
                let found = RemoteId::new(id.clone()).filter(|id| people.by_id.contains(id)).map(|id| live(&id));
                if found.is_none() {
                    self.problems.push(PlanProblem::UnknownId { id: id.clone(), address: address(), origin: resource.origin });
                }
                found
            }
        }
    }

    fn finish(mut self) -> Result<Plan, Vec<PlanProblem>> {
        let whole = self.selection.is_whole();
        if whole && !self.problems.is_empty() {
            return Err(self.problems);
        }
        sort(&mut self.plan.changes);
        order::connect(&mut self.plan.changes);
        if !whole {
            self.selection.narrow(&mut self.plan, &mut self.problems, self.inputs.desired, self.inputs.ledger);
            if !self.problems.is_empty() {
                return Err(self.problems);
            }
            self.plan.admins = supports::admins(self.inputs.observed, &self.plan.changes);
        }
        self.plan.valid_until = self.plan.changes.iter().filter_map(|change| change.valid_until).min();
        let addresses = order::cycle(&self.plan.changes);
        if !addresses.is_empty() {
            return Err(vec![PlanProblem::Cycle { addresses }]);
        }
        self.plan.notes.sort_by(|a, b| a.address.cmp(&b.address));
        self.plan.ended.sort();
        Ok(self.plan)
    }
}

/// Resolves the person in a natural key: known people by id, the others as the manifest names them.
fn resolved(key: &NaturalKey, whereabouts: Option<&Whereabouts>) -> NaturalKey {
    let mut key = key.clone();
    if let Some(PersonTarget::Live(id)) = whereabouts.map(|whereabouts| &whereabouts.target) {
        match &mut key {
            NaturalKey::Permission { person, .. } | NaturalKey::Shift { person, .. } => *person = Person::Id(id.text().clone()),
            NaturalKey::Support { .. } | NaturalKey::Agent { .. } => {}
        }
    }
    key
}

/// Why an object changes: the strongest of its fields' reasons.
fn reason_of(changes: &[crate::plan::FieldChange]) -> Reason {
    let yours = changes.iter().any(|change| matches!(change.why, FieldReason::YourChange | FieldReason::Both | FieldReason::Unrecorded));
    let drift = changes.iter().any(|change| matches!(change.why, FieldReason::Drift | FieldReason::Both));
    match (yours, drift) {
        (true, true) => Reason::Both,
        (false, true) => Reason::Drift,
        _ => Reason::YourChange,
    }
}

/// Puts changes into their one order (by address, removals before their successors) and follows every reference between them.
fn sort(changes: &mut Vec<Change>) {
    let rank = |change: &Change| !matches!(change.action, Action::Delete { .. } | Action::Forget { .. });
    let compare = |a: &Change, b: &Change| (&a.address, rank(a), &a.key).cmp(&(&b.address, rank(b), &b.key));
    // What is made from nothing is made in this order, and a change is large.
    if changes.is_sorted_by(|a, b| compare(a, b).is_le()) {
        return;
    }
    let mut order: Vec<usize> = (0..changes.len()).collect();
    order.sort_by(|a, b| compare(&changes[*a], &changes[*b]));
    let mut place = vec![ChangeId(0); changes.len()];
    for (to, from) in order.iter().enumerate() {
        place[*from] = ChangeId(to);
    }
    let mut unsorted: Vec<Option<Change>> = std::mem::take(changes).into_iter().map(Some).collect();
    for from in order {
        let Some(mut change) = unsorted[from].take() else { continue };
        for id in &mut change.waits_for {
            *id = place[id.0];
        }
        if let Some(PersonTarget::New(id)) = &mut change.person {
            *id = place[id.0];
        }
        if let Action::Delete { successor: Some(id), .. } = &mut change.action {
            *id = place[id.0];
        }
        changes.push(change);
    }
}

/// Whether the resource is to be deleted or let go instead of kept as declared.
fn is_tombstone(resource: &Resource) -> bool {
    resource.lifecycle.ensure != Ensure::Present
}

/// Names the other resource when two turn out to be the same object.
fn same_object(first: &Resource, second: &Resource) -> PlanProblem {
    let (address, origin): (Address, _) = (second.address.clone(), second.origin);
    PlanProblem::SameObject { first: first.address.clone(), second: address, first_origin: first.origin, origin }
}
