//! What a [`Narrowing`] means for certain manifests and a certain ledger: which addresses, and what has to be read for them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use deskform_model::{Address, Desired, Ensure, Kind, NaturalKey, Resource, Text};

use super::matcher::{Matcher, names_of, names_of_entry};
use super::{LeftOut, Narrowing, Scope, ScopeError, narrow};
use crate::ledger::Ledger;
use crate::plan::Plan;
use crate::policy::{Absence, Policy};
use crate::problem::PlanProblem;

/// What is meant by a [`Narrowing`] of certain manifests and a certain ledger.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub(super) narrowing: Narrowing,
    /// What was selected; `None` is everything.
    inside: Option<HashSet<Address>>,
    /// What the exclusions name.
    excluded: HashSet<Address>,
    /// The people who are selected or whom something selected refers to; `None` is everybody.
    people: Option<HashSet<Address>>,
    /// The kinds that have to be read and matched; `None` is all.
    kinds: Option<BTreeSet<Kind>>,
    left_out: BTreeMap<Kind, LeftOut>,
}

impl Selection {
    pub(super) fn new(narrowing: &Narrowing, desired: &Desired, ledger: &Ledger, policy: &Policy) -> Result<Self, ScopeError> {
        let mut selection = Self { narrowing: narrowing.clone(), ..Self::default() };
        if !narrowing.targets.is_empty() || !narrowing.excludes.is_empty() {
            selection.choose(desired, ledger)?;
            selection.see_what_it_needs(desired, ledger, policy);
        }
        Ok(selection)
    }

    /// Whether an address was selected.
    pub fn covers(&self, address: &Address) -> bool {
        self.inside.as_ref().is_none_or(|inside| inside.contains(address))
    }

    pub(crate) fn excludes(&self, address: &Address) -> bool {
        self.excluded.contains(address)
    }

    /// Whether objects of a kind have to be read and matched.
    pub fn wants(&self, kind: Kind) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }

    /// Whether a support is selected or something selected refers to it.
    pub(crate) fn concerns(&self, person: &Address) -> bool {
        self.people.as_ref().is_none_or(|people| people.contains(person))
    }

    /// Whether a resource is to be deleted and made anew whatever its manifest says.
    pub(crate) fn replaces(&self, address: &Address) -> bool {
        self.narrowing.replace.contains(address)
    }

    pub(crate) fn replacements(&self) -> impl Iterator<Item = &Address> {
        self.narrowing.replace.iter()
    }

    /// Whether nothing is left out and nothing held back.
    pub(crate) fn is_whole(&self) -> bool {
        self.inside.is_none() && !self.narrowing.no_delete
    }

    /// The ledger without the open intents that this run cannot decide about, because it does not read where they would show.
    pub fn decidable<'a>(&self, ledger: &'a Ledger) -> Cow<'a, Ledger> {
        if ledger.intents.values().all(|intent| self.wants(intent.key.kind())) {
            return Cow::Borrowed(ledger);
        }
        let mut ledger = ledger.clone();
        ledger.intents.retain(|_, intent| self.wants(intent.key.kind()));
        Cow::Owned(ledger)
    }

    fn choose(&mut self, desired: &Desired, ledger: &Ledger) -> Result<(), ScopeError> {
        let mut targets = Matcher::new(&self.narrowing.targets, desired);
        let mut excludes = Matcher::new(&self.narrowing.excludes, desired);
        let mut inside = HashSet::new();
        let (mut excluded, mut outside) = (HashSet::new(), BTreeMap::new());
        let mut sort = |address: &Address, people: &[&Text], left_out: Option<fn(&mut LeftOut) -> &mut usize>| {
            let is_target = targets.is_empty() | targets.matches(address, people);
            let is_excluded = excludes.matches(address, people);
            if is_excluded {
                excluded.insert(address.clone());
            }
            if is_target && !is_excluded {
                inside.insert(address.clone());
            } else if let Some(count) = left_out {
                *count(outside.entry(address.kind).or_insert_with(LeftOut::default)) += 1;
            }
        };
        for resource in desired.resources() {
            let people: Vec<&Text> = names_of(resource).collect();
            sort(&resource.address, &people, Some(|left| &mut left.declared));
        }
        for entry in ledger.entries.values() {
            let owned: fn(&mut LeftOut) -> &mut usize = |left| &mut left.owned;
            // What is declared has been counted.
            let count = desired.get(&entry.address).is_none().then_some(owned);
            sort(&entry.address, &names_of_entry(entry, ledger), count);
        }
        for intent in ledger.intents.values() {
            sort(&intent.address, &[], None);
        }
        targets.all_used("target", desired, ledger)?;
        excludes.all_used("exclude", desired, ledger)?;
        (self.inside, self.excluded, self.left_out) = (Some(inside), excluded, outside);
        Ok(())
    }

    /// Which kinds and people have to be read for what is selected.
    fn see_what_it_needs(&mut self, desired: &Desired, ledger: &Ledger, policy: &Policy) {
        let Some(inside) = &self.inside else { return };
        let mut kinds = BTreeSet::new();
        let mut people: HashSet<Address> = HashSet::new();
        for resource in desired.resources().iter().filter(|resource| inside.contains(&resource.address)) {
            kinds.insert(resource.kind());
            kinds.extend(resource.people().next().map(|_| Kind::Support));
            people.extend(names_of(resource).map(|name| Address::support(name)));
        }
        for entry in ledger.entries.values().filter(|entry| inside.contains(&entry.address)) {
            kinds.insert(entry.key.kind());
            kinds.extend(entry.owner().map(|_| Kind::Support));
            people.extend(names_of_entry(entry, ledger).into_iter().map(|name| Address::support(name)));
        }
        // Whoever leaves takes along what is theirs. That an account differs on the helpdesk alone is a surprise for which no other platform
        // is asked: a seat is linked here and nowhere else, and the next plan links it anew.
        let accounts: BTreeSet<(&Address, &NaturalKey)> = ledger.of_kind(Kind::Support).map(|entry| (&entry.address, &entry.key)).collect();
        let has_another = |resource: &Resource| {
            let from = (&resource.address, &NaturalKey::Support { account: Text::default() });
            accounts.range(from..).take_while(|(address, _)| **address == resource.address).any(|(_, key)| **key != resource.key)
        };
        let mut leaving: HashMap<&Text, bool> = HashMap::new();
        for person in &people {
            let certain = match desired.get(person) {
                Some(resource) if resource.lifecycle.ensure == Ensure::Absent => inside.contains(person).then_some(true),
                Some(resource) if resource.lifecycle.replace || self.replaces(person) => Some(has_another(resource)),
                Some(_) => None,
                None => (inside.contains(person) && policy.absence(Kind::Support) == Absence::Delete).then_some(true),
            };
            leaving.extend(certain.map(|certain| (&person.label, certain)));
        }
        if !leaving.is_empty() {
            let goes = |name: &Text, kind: Kind| leaving.get(name).is_some_and(|certain| *certain || kind != Kind::Agent);
            let theirs = desired.resources().iter().filter(|resource| names_of(resource).any(|name| goes(name, resource.kind())));
            kinds.extend(theirs.map(Resource::kind));
            let owned = ledger.entries.values();
            let owned = owned.filter(|entry| names_of_entry(entry, ledger).into_iter().any(|name| goes(name, entry.key.kind())));
            kinds.extend(owned.map(|entry| entry.key.kind()));
        }
        (self.kinds, self.people) = (Some(kinds), Some(people));
    }

    /// Takes out of a whole plan what was not selected, and says so in it. Problems of what is left out are nobody's concern now.
    pub(crate) fn narrow(&self, plan: &mut Plan, problems: &mut Vec<PlanProblem>, desired: &Desired, ledger: &Ledger) {
        let verdict = narrow::judge(&plan.changes, self);
        narrow::keep(&mut plan.changes, &verdict.stays);
        let done: HashSet<&Address> = plan.changes.iter().map(|change| &change.address).collect();
        let known = |address: &Address| self.covers(address) || done.contains(address);
        problems.retain(|problem| {
            let addresses = concerned(problem);
            addresses.is_empty() || addresses.into_iter().any(|address| known(address) || self.people_of_selection(address))
        });
        plan.notes.retain(|note| known(&note.address));
        plan.ended.retain(|id| ledger.entries.get(id).is_some_and(|entry| self.covers(&entry.address)));
        let pulled_in: BTreeSet<Address> = done.iter().filter(|address| !self.covers(address)).map(|address| (*address).clone()).collect();
        let mut left_out = self.left_out.clone();
        for address in &pulled_in {
            if let Some(left) = left_out.get_mut(&address.kind) {
                let count = if desired.get(address).is_some() { &mut left.declared } else { &mut left.owned };
                *count = count.saturating_sub(1);
            }
        }
        let Narrowing { targets, excludes, no_delete, replace: _ } = &self.narrowing;
        plan.scope = Some(Scope {
            targets: targets.clone(),
            excludes: excludes.clone(),
            no_delete: *no_delete,
            left_out,
            pulled_in: pulled_in.into_iter().collect(),
            held_back: verdict.held,
        });
    }

    fn people_of_selection(&self, address: &Address) -> bool {
        self.people.as_ref().is_some_and(|people| people.contains(address))
    }
}

/// The addresses that a problem is about.
fn concerned(problem: &PlanProblem) -> Vec<&Address> {
    match problem {
        PlanProblem::UnknownAccount { address, .. }
        | PlanProblem::UnknownId { address, .. }
        | PlanProblem::AmbiguousAccount { address, .. }
        | PlanProblem::OwnAccount { address, .. }
        | PlanProblem::CannotReplace { address, .. } => vec![address],
        PlanProblem::SameObject { first, second, .. } => vec![first, second],
        PlanProblem::Cycle { .. } => Vec::new(),
    }
}
