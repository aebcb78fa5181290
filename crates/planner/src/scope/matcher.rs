//! Which resources and entries selectors mean, and what was probably meant by one that means nothing.

use std::collections::{BTreeSet, HashMap, HashSet};

use deskform_model::schema::nearest;
use deskform_model::{Address, Desired, Kind, Person, RemoteId, Resource, Text};

use super::ScopeError;
use super::selector::{Selector, fits, is_pattern};
use crate::ledger::{Entry, EntryId, Ledger};

/// The declared people that a resource is or belongs to.
pub(super) fn names_of(resource: &Resource) -> impl Iterator<Item = &Text> {
    let own = (resource.kind() == Kind::Support).then_some(&resource.address.label);
    let others = resource.people().filter_map(|person| if let Person::Declared(name) = person { Some(name) } else { None });
    own.into_iter().chain(others)
}

/// The owned people that an entry is or belongs to, by the names that they had last.
pub(super) fn names_of_entry<'a>(entry: &'a Entry, ledger: &'a Ledger) -> Vec<&'a Text> {
    let id = match entry.key.kind() {
        Kind::Support => return vec![&entry.address.label],
        Kind::Permission | Kind::Shift => entry.owner().cloned().and_then(RemoteId::new),
        Kind::Agent => entry.support.clone(),
    };
    let person = id.and_then(|id| ledger.entries.get(&EntryId::new(Kind::Support, &id)));
    person.map(|person| &person.address.label).into_iter().collect()
}

/// Selectors with what they mean here, and whether each has matched anything.
pub(super) struct Matcher<'a> {
    selectors: &'a [Selector],
    /// For each label among them who carries it.
    carriers: HashMap<usize, HashSet<&'a Text>>,
    used: Vec<bool>,
    /// Whether addresses have to be written out.
    by_text: bool,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(selectors: &'a [Selector], desired: &'a Desired) -> Self {
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

    pub(super) fn is_empty(&self) -> bool {
        self.selectors.is_empty()
    }

    /// Whether any selector means this; each that does is marked.
    pub(super) fn matches(&mut self, address: &Address, people: &[&Text]) -> bool {
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

    pub(super) fn all_used(&self, flag: &'static str, desired: &Desired, ledger: &Ledger) -> Result<(), ScopeError> {
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

/// The address most like a text. Of somebody unknown it is the pattern for everything that is theirs: a centre has hundreds of thousands of
/// shifts, and a folder of them is looked through only when it is the right one.
pub(super) fn nearest_address<'a>(text: &str, addresses: impl Iterator<Item = &'a Address>) -> Option<String> {
    let wanted = text.rsplit_once('/').map(|(folder, _)| folder);
    let kind = text.split_once('/').and_then(|(kind, _)| Kind::from_word(kind));
    let (mut inside, mut folders) = (BTreeSet::new(), BTreeSet::new());
    for address in addresses.filter(|address| kind.is_none_or(|kind| address.kind == kind)) {
        let name = address.to_string();
        match name.rsplit_once('/') {
            Some((folder, _)) if Some(folder) != wanted => folders.insert(format!("{folder}/*")),
            _ => inside.insert(name),
        };
    }
    let candidates = if inside.is_empty() { &folders } else { &inside };
    let text = if inside.is_empty() { wanted.map(|folder| format!("{folder}/*")) } else { None }.unwrap_or_else(|| text.to_owned());
    nearest(&text, candidates.iter().map(String::as_str)).map(str::to_owned)
}

fn nearest_label(key: &Text, value: &Text, desired: &Desired) -> Option<String> {
    let pairs: BTreeSet<String> = desired.labels.values().flatten().map(|(key, value)| format!("{key}={value}")).collect();
    nearest(&format!("{key}={value}"), pairs.iter().map(String::as_str)).map(str::to_owned)
}
