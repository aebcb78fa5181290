//! Narrowing: a plan for some of what is declared and owned (`--target`, `--exclude`, `--no-delete`, `--replace`).
//!
//! ```text
//! Narrowing (as asked) --choose(desired, ledger)--> Selection --> needs, plan --> Plan.scope (as shown)
//! ```
//!
//! A [`Selection`] says three things: which addresses are meant, which kinds have to be read and matched for them, and how much is left
//! out. Changes that the selected ones wait for come along; what waits for an excluded one stays behind with it.
//!
//! Limits: nothing here looks at live objects. What is left out is neither changed nor taken over, forgotten or noted.

mod narrow;
pub mod selector;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use deskform_model::schema::nearest;
use deskform_model::{Address, Desired, Ensure, Kind, Person, RemoteId, Resource, Text};

pub use self::selector::{Selector, SelectorError};
use self::selector::{fits, is_pattern};
use crate::ledger::{Entry, EntryId, Ledger};
use crate::plan::Plan;
use crate::policy::{Absence, Policy};
use crate::problem::PlanProblem;

/// What somebody wants a plan narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Only these; everything when empty.
    pub targets: Vec<Selector>,
    /// Not these, whatever the targets say.
    pub excludes: Vec<Selector>,
    /// Nothing is deleted, and nothing is replaced.
    pub no_delete: bool,
    /// Seats, and people whose account changed, that are deleted and made anew although their manifest does not allow it.
    pub replace: BTreeSet<Address>,
}

/// Why nothing can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// Neither declared nor in the ledger.
    #[error("--{flag} {selector} matches nothing that is declared or in the ledger{}", did_you_mean(nearest.as_deref()))]
    NoMatch {
        /// `target` or `exclude`.
        flag: &'static str,
        /// What was given.
        selector: Selector,
        /// What is most like it.
        nearest: Option<String>,
    },
    /// Only what is declared can be made anew.
    #[error("--replace {address} is not declared{}", did_you_mean(nearest.as_deref()))]
    ReplaceUndeclared {
        /// What was given.
        address: Address,
        /// What is most like it.
        nearest: Option<String>,
    },
    /// The same command line wants it replaced and left alone.
    #[error("--replace {address} is left out by --target or --exclude")]
    ReplaceLeftOut {
        /// What was given.
        address: Address,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!(" (did you mean {nearest}?)")).unwrap_or_default()
}

/// How much of a kind is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Declared resources.
    pub declared: usize,
    /// Entries of the ledger that nothing declares.
    pub owned: usize,
}

/// Why a selected change is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldBack {
    /// It removes something, and nothing may be deleted.
    Removes,
    /// It belongs to a replacement, half of which is held back.
    Replaces,
    /// It waits for something that is excluded or held back.
    Waits,
}

/// A selected change that is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// Of what.
    pub address: Address,
    /// A name for people.
    pub title: Text,
    /// Why.
    pub why: HeldBack,
}

/// What a narrowed plan looked at and what it left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The targets as given.
    pub targets: Vec<Selector>,
    /// The exclusions as given.
    pub excludes: Vec<Selector>,
    /// Whether deletions are held back.
    pub no_delete: bool,
    /// How much of each kind is left out.
    pub left_out: BTreeMap<Kind, LeftOut>,
    /// What is changed although it was not selected, because something selected needs it.
    pub pulled_in: Vec<Address>,
    /// What was selected and is not carried out.
    pub held_back: Vec<Held>,
}

impl Narrowing {
    /// Whether nothing is asked for: the plan is a whole one.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Finds what is meant.
    ///
    /// # Errors
    /// When a selector matches nothing, or something cannot be replaced.
    pub fn choose(&self, desired: &Desired, ledger: &Ledger, policy: &Policy) -> Result<Selection, ScopeError> {
        let mut selection = Selection { narrowing: self.clone(), ..Selection::default() };
        self.check_replacements(desired)?;
        if !self.targets.is_empty() || !self.excludes.is_empty() {
            selection.choose(desired, ledger)?;
        }
        if let Some(address) = self.replace.iter().find(|address| !selection.covers(address)) {
            return Err(ScopeError::ReplaceLeftOut { address: address.clone() });
        }
        selection.see_what_it_needs(desired, ledger, policy);
        Ok(selection)
    }

    fn check_replacements(&self, desired: &Desired) -> Result<(), ScopeError> {
        for address in &self.replace {
            if desired.get(address).is_none() {
                let addresses = desired.resources().iter().map(|resource| &resource.address);
                let nearest = nearest_address(&address.to_string(), addresses);
                return Err(ScopeError::ReplaceUndeclared { address: address.clone(), nearest });
            }
        }
        Ok(())
    }
}

/// What is meant by a [`Narrowing`] of certain manifests and a certain ledger.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub(crate) narrowing: Narrowing,
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
        // Whoever may leave takes along what is theirs.
        let mut leaving: HashSet<&Text> = HashSet::new();
        for person in &people {
            let may_leave = match desired.get(person) {
                Some(resource) if resource.lifecycle.ensure == Ensure::Absent => inside.contains(person),
                Some(resource) => resource.lifecycle.replace || self.replaces(person),
                None => inside.contains(person) && policy.absence(Kind::Support) == Absence::Delete,
            };
            leaving.extend(may_leave.then_some(&person.label));
        }
        if !leaving.is_empty() {
            let theirs = desired.resources().iter().filter(|resource| names_of(resource).any(|name| leaving.contains(name)));
            kinds.extend(theirs.map(Resource::kind));
            let owned = ledger.entries.values();
            let owned = owned.filter(|entry| names_of_entry(entry, ledger).into_iter().any(|name| leaving.contains(name)));
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

/// The declared people that a resource is or belongs to.
fn names_of(resource: &Resource) -> impl Iterator<Item = &Text> {
    let own = (resource.kind() == Kind::Support).then_some(&resource.address.label);
    let others = resource.people().filter_map(|person| if let Person::Declared(name) = person { Some(name) } else { None });
    own.into_iter().chain(others)
}

/// The owned people that an entry is or belongs to, by the names that they had last.
fn names_of_entry<'a>(entry: &'a Entry, ledger: &'a Ledger) -> Vec<&'a Text> {
    let id = match entry.key.kind() {
        Kind::Support => return vec![&entry.address.label],
        Kind::Permission | Kind::Shift => entry.owner().cloned().and_then(RemoteId::new),
        Kind::Agent => entry.support.clone(),
    };
    let person = id.and_then(|id| ledger.entries.get(&EntryId::new(Kind::Support, &id)));
    person.map(|person| &person.address.label).into_iter().collect()
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

/// Selectors with what they mean here, and whether each has matched anything.
struct Matcher<'a> {
    selectors: &'a [Selector],
    /// For each label among them who carries it.
    carriers: HashMap<usize, HashSet<&'a Text>>,
    used: Vec<bool>,
    /// Whether addresses have to be written out.
    by_text: bool,
}

impl<'a> Matcher<'a> {
    fn new(selectors: &'a [Selector], desired: &'a Desired) -> Self {
        let carriers = |key: &Text, value: &Text| {
            let carry = desired.labels.iter().filter(|(_, labels)| labels.get(key) == Some(value));
            carry.map(|(name, _)| name).collect()
        };
        let labels = selectors.iter().enumerate().filter_map(|(at, selector)| match selector {
            Selector::Label { key, value } => Some((at, carriers(key, value))),
            Selector::Kind(_) | Selector::Address(_) => None,
        });
        let by_text = selectors.iter().any(|selector| matches!(selector, Selector::Address(_)));
        Self { selectors, carriers: labels.collect(), used: vec![false; selectors.len()], by_text }
    }

    fn is_empty(&self) -> bool {
        self.selectors.is_empty()
    }

    /// Whether any selector means this; each that does is marked.
    fn matches(&mut self, address: &Address, people: &[&Text]) -> bool {
        let text = if self.by_text { address.to_string() } else { String::new() };
        let mut any = false;
        for (at, selector) in self.selectors.iter().enumerate() {
            let hit = match selector {
                Selector::Kind(kind) => address.kind == *kind,
                Selector::Address(pattern) => *pattern == text || (is_pattern(pattern) && fits(pattern, &text)),
                Selector::Label { .. } => people.iter().any(|name| self.carriers.get(&at).is_some_and(|names| names.contains(name))),
            };
            self.used[at] |= hit;
            any |= hit;
        }
        any
    }

    fn all_used(&self, flag: &'static str, desired: &Desired, ledger: &Ledger) -> Result<(), ScopeError> {
        let Some(at) = self.used.iter().position(|used| !used) else { return Ok(()) };
        let selector = self.selectors[at].clone();
        let addresses = || {
            let declared = desired.resources().iter().map(|resource| &resource.address);
            declared.chain(ledger.entries.values().map(|entry| &entry.address))
        };
        let nearest = match &selector {
            Selector::Kind(_) => None,
            Selector::Address(pattern) => nearest_address(pattern, addresses()),
            Selector::Label { key, value } => nearest_label(key, value, desired),
        };
        Err(ScopeError::NoMatch { flag, selector, nearest })
    }
}

/// The address most like a text; of a pattern for everything below something, the pattern most like it.
fn nearest_address<'a>(text: &str, addresses: impl Iterator<Item = &'a Address>) -> Option<String> {
    let kind = text.split_once('/').and_then(|(kind, _)| Kind::from_word(kind));
    let of_kind = addresses.filter(|address| kind.is_none_or(|kind| address.kind == kind));
    let candidates: BTreeSet<String> = match text.strip_suffix("/*") {
        Some(_) => of_kind.filter_map(|address| address.to_string().rsplit_once('/').map(|(folder, _)| format!("{folder}/*"))).collect(),
        None => of_kind.map(ToString::to_string).collect(),
    };
    nearest(text, candidates.iter().map(String::as_str)).map(str::to_owned)
}

fn nearest_label(key: &Text, value: &Text, desired: &Desired) -> Option<String> {
    let pairs: BTreeSet<String> = desired.labels.values().flatten().map(|(key, value)| format!("{key}={value}")).collect();
    nearest(&format!("{key}={value}"), pairs.iter().map(String::as_str)).map(str::to_owned)
}
