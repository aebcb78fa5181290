//! Rules about what documents mean, one file a rule, named like its code.
//!
//! Rules about a single place (a reference, a secret) are called by the reader that meets it. Rules that compare documents are listed in
//! [`RULES`] and see everything that was read.

pub(crate) mod brake_has_no_kinds;
mod duplicate_account;
mod duplicate_name;
mod duplicate_operator_id;
mod duplicate_permission;
mod duplicate_shift;
mod duplicate_staff_number;
pub(crate) mod expired_release;
mod label_used_once;
pub(crate) mod labels_match_nobody;
mod overlapping_shifts;
pub(crate) mod protect_and_absent;
pub(crate) mod reference_to_removed;
mod seat_without_role;
pub(crate) mod secret_in_hidden_folder;
pub(crate) mod secret_not_allowed;
pub(crate) mod secret_outside_project;
pub(crate) mod shift_is_empty;
mod shift_on_leave;
mod short_rest;
pub(crate) mod unknown_support;

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use crate::Text;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::field::FieldKey;
use crate::kind::shift;
use crate::load::LoadOptions;
use crate::manifest::{Expansion, Header};
use crate::parallel::map_in_order;
use crate::resource::{DayOff, Ensure, Resource, of_kind};
use crate::source::Span;
use crate::time::{self, DateTime};
use crate::{Kind, NaturalKey, Person, Value};

/// The rules that compare documents, in no particular order: findings are sorted later.
const RULES: &[fn(&Facts<'_>, &mut Vec<Diagnostic>)] = &[
    duplicate_account::check,
    duplicate_name::check,
    duplicate_operator_id::check,
    duplicate_permission::check,
    duplicate_shift::check,
    duplicate_staff_number::check,
    label_used_once::check,
    overlapping_shifts::check,
    seat_without_role::check,
    shift_on_leave::check,
    short_rest::check,
];

/// Everything that the documents say.
struct Facts<'a> {
    options: &'a LoadOptions,
    headers: &'a [Header<'a>],
    /// By address.
    resources: &'a [Resource],
    /// All shifts that should exist; those of one person follow each other in the order of their starts.
    shifts: Vec<Shift<'a>>,
    days_off: &'a [DayOff],
    used_labels: &'a BTreeSet<(Text, Text)>,
    /// Whether all files could be read and have no mistakes of form, so that what is not here is nowhere.
    certain: bool,
}

/// One dated shift.
struct Shift<'a> {
    person: &'a Person,
    begins: DateTime,
    ends: DateTime,
    origin: Span,
}

/// Runs all rules that compare documents, on two threads if there is much to compare. The resources are sorted by address.
///
/// `certain`: nothing was left out for a mistake of form.
pub(crate) fn run(options: &LoadOptions, headers: &[Header<'_>], expansion: &Expansion, certain: bool, parallel: bool) -> Vec<Diagnostic> {
    let declared = of_kind(&expansion.resources, Kind::Shift);
    let mut shifts = Vec::with_capacity(declared.len());
    shifts.extend(declared.iter().filter_map(Shift::of));
    let facts = Facts {
        options,
        headers,
        resources: &expansion.resources,
        shifts,
        days_off: &expansion.days_off,
        used_labels: &expansion.used_labels,
        certain,
    };
    let judge = |rule: &fn(&Facts<'_>, &mut Vec<Diagnostic>)| {
        let mut found = Vec::new();
        rule(&facts, &mut found);
        found
    };
    map_in_order(RULES, parallel, judge).into_iter().flatten().collect()
}

impl<'a> Facts<'a> {
    /// The resources of a kind.
    fn of(&self, kind: Kind) -> &'a [Resource] {
        of_kind(self.resources, kind)
    }

    /// Pairs of shifts of one person that follow each other.
    fn neighbours(&self) -> impl Iterator<Item = (&Shift<'a>, &Shift<'a>)> {
        self.shifts.windows(2).filter(|pair| pair[0].person == pair[1].person).map(|pair| (&pair[0], &pair[1]))
    }
}

impl<'a> Shift<'a> {
    fn of(resource: &'a Resource) -> Option<Self> {
        let NaturalKey::Shift { person, date, start } = &resource.key else { return None };
        if resource.lifecycle.ensure != Ensure::Present {
            return None;
        }
        let end = resource.values.get(&FieldKey::Known(shift::END)).and_then(Value::as_text).and_then(|text| time::parse_time(text))?;
        let (begins, ends) = time::interval(*date, *start, end);
        Some(Self { person, begins, ends, origin: resource.origin })
    }
}

/// Reports each item whose key an earlier item has, at the later place with the first one beside it.
fn duplicates<K: Eq + Hash>(items: impl Iterator<Item = (K, Span)>, problem: impl Fn(K) -> Meaning, out: &mut Vec<Diagnostic>) {
    let mut items: Vec<(K, Span)> = items.collect();
    items.sort_by_key(|(_, at)| *at);
    let mut first: HashMap<K, Span> = HashMap::with_capacity(items.len());
    for (key, at) in items {
        match first.get(&key) {
            Some(other) => out.push(Diagnostic::meaning(problem(key), at).with_other(*other)),
            None => {
                first.insert(key, at);
            }
        }
    }
}
