//! Drift: what of the things that the ledger owns is no longer as it was left, whatever the manifests want by now.
//!
//! A field has drifted when the platform shows something else than it showed after the last write ([`crate::diff`] says the same of a
//! plan). Each drifted field is kept or reverted as the `drift` setting says; an object of which some fields are kept and others reverted
//! is listed under both.
//!
//! Limits: what no call reads (permissions, passwords, roles, a shift's url) cannot be seen to drift. Shifts that are over are facts. A
//! field that a manifest tells to leave alone (`lifecycle.ignore`) is left alone here as well.

use std::collections::{BTreeMap, BTreeSet};

use deskform_model::kind::shift::END;
use deskform_model::time::{self, DateTime};
use deskform_model::{Address, Desired, FieldKey, Kind, NaturalKey, RemoteId, Text, Value, Values};

use crate::diff::{is_unread_label, known};
use crate::ledger::{Entry, Ledger};
use crate::needs::{Needs, needs_narrowed};
use crate::observed::{Duty, LiveObject, Observed};
use crate::overnight;
use crate::policy::{self, Policy};
use crate::scope::Selection;

/// Everything that somebody else changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Fields that the `drift` setting leaves as they are, by address.
    pub kept: Vec<Drifted>,
    /// Fields that it sets back with the next apply, as long as they are declared, by address.
    pub reverted: Vec<Drifted>,
    /// Owned objects that are gone from their platform, by address.
    pub vanished: Vec<Vanished>,
    /// How many owned objects of each kind were compared.
    pub compared: BTreeMap<Kind, usize>,
    /// How many owned permissions there are, which no call reads.
    pub unreadable: usize,
}

/// An object of which fields have drifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drifted {
    /// What it was called last.
    pub address: Address,
    /// A name for people.
    pub title: Text,
    /// When it was last written: project wall-clock, `YYYY-MM-DDTHH:MM:SS`.
    pub at: Text,
    /// The fields, in the order of the kind's table.
    pub fields: Vec<FieldDrift>,
}

/// A field that has drifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDrift {
    /// The field.
    pub field: FieldKey,
    /// What the platform showed after the last write, or what was sent where nothing was read.
    pub seen: Value,
    /// What it shows now.
    pub live: Value,
}

/// An owned object that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vanished {
    /// What it was called last.
    pub address: Address,
    /// A name for people.
    pub title: Text,
    /// When it was last written: project wall-clock, `YYYY-MM-DDTHH:MM:SS`.
    pub at: Text,
    /// Whether a person's account is still found by its id: then it lies in the recycle bin.
    pub recycled: bool,
}

impl Report {
    /// Whether everything is as it was left.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.reverted.is_empty() && self.vanished.is_empty()
    }
}

/// What has to be read: what the ledger owns, and nothing for the manifests' sake.
pub fn needs(ledger: &Ledger, now: DateTime, selection: &Selection) -> Needs {
    let mut needs = needs_narrowed(&Desired::default(), ledger, now, selection);
    let with_details = ledger.of_kind(Kind::Support).filter(|entry| selection.covers(&entry.address) && has_custom_fields(entry));
    needs.detail_accounts.extend(with_details.filter_map(|entry| match &entry.key {
        NaturalKey::Support { account } => Some(account.clone()),
        _ => None,
    }));
    needs
}

fn has_custom_fields(entry: &Entry) -> bool {
    entry.set.iter().any(|(key, _)| matches!(key, FieldKey::Custom(_)))
}

/// Compares what the ledger owns with what is there.
pub fn drift(desired: &Desired, observed: &Observed, ledger: &Ledger, policy: &Policy, now: DateTime, selection: &Selection) -> Report {
    let index =
        |objects| -> BTreeMap<&RemoteId, &LiveObject> { Iterator::map(objects, |object: &LiveObject| (&object.remote, object)).collect() };
    let (supports, seats) = (index(observed.supports.iter()), index(observed.agents.iter()));
    let duties: BTreeMap<&RemoteId, &Duty> = observed.duties.iter().map(|duty| (&duty.remote, duty)).collect();
    let binned: BTreeSet<&RemoteId> = observed.recycled.iter().map(|object| &object.remote).collect();
    let mut report = Report::default();
    for entry in ledger.entries.values().filter(|entry| selection.covers(&entry.address)) {
        let kind = entry.key.kind();
        let remote = entry.remotes.first();
        let live = match kind {
            Kind::Permission => {
                report.unreadable += 1;
                continue;
            }
            Kind::Support => remote.and_then(|remote| supports.get(remote)).map(|object| with_empty_custom_fields(entry, object)),
            Kind::Agent => remote.and_then(|remote| seats.get(remote)).map(|object| object.values.clone()),
            Kind::Shift if has_ended(entry, now) => continue,
            Kind::Shift => live_shift(entry, &duties),
        };
        *report.compared.entry(kind).or_default() += 1;
        let Some(live) = live else {
            let recycled = kind == Kind::Support && remote.is_some_and(|remote| binned.contains(remote));
            let (address, title, at) = (entry.address.clone(), entry.title.clone(), entry.at.clone());
            report.vanished.push(Vanished { address, title, at, recycled });
            continue;
        };
        let ignored = desired.get(&entry.address).map(|resource| resource.lifecycle.ignore.as_slice()).unwrap_or_default();
        let fields = drifted(entry, &live).filter(|drift| !ignored.contains(&drift.field));
        let (kept, reverted): (Vec<_>, Vec<_>) = fields.partition(|drift| policy.drift(kind, &drift.field) == policy::Drift::Keep);
        for (fields, list) in [(kept, &mut report.kept), (reverted, &mut report.reverted)] {
            if !fields.is_empty() {
                let (address, title, at) = (entry.address.clone(), entry.title.clone(), entry.at.clone());
                list.push(Drifted { address, title, at, fields });
            }
        }
    }
    report.kept.sort_by(|a, b| a.address.cmp(&b.address));
    report.reverted.sort_by(|a, b| a.address.cmp(&b.address));
    report.vanished.sort_by(|a, b| a.address.cmp(&b.address));
    report
}

/// The managed fields that the platform shows differently than it did.
fn drifted<'a>(entry: &'a Entry, live: &'a Values) -> impl Iterator<Item = FieldDrift> + 'a {
    entry.set.iter().filter_map(|(key, _)| {
        let (seen, live) = (known(entry, key)?, live.get(key)?);
        let differs = seen != live && !is_unread_label(entry, key);
        differs.then(|| FieldDrift { field: key.clone(), seen: seen.clone(), live: live.clone() })
    })
}

/// People with managed custom fields are read one by one, and such a reply leaves out what is empty.
fn with_empty_custom_fields(entry: &Entry, object: &LiveObject) -> Values {
    let mut values = object.values.clone();
    for (key, _) in entry.set.iter().filter(|(key, _)| matches!(key, FieldKey::Custom(_))) {
        if values.get(key).is_none() {
            values.insert(key.clone(), Value::Null);
        }
    }
    values
}

fn has_ended(entry: &Entry, now: DateTime) -> bool {
    let NaturalKey::Shift { date, .. } = &entry.key else { return false };
    overnight::hours(&entry.set).is_some_and(|(start, end)| time::interval(*date, start, end).1 <= now)
}

/// The shift that an entry's duties are. Two halves that no longer meet end nowhere.
fn live_shift(entry: &Entry, duties: &BTreeMap<&RemoteId, &Duty>) -> Option<Values> {
    let live = overnight::joined(entry, |remote| duties.get(remote).copied())?;
    let end = FieldKey::Known(END);
    let mut values = live.values;
    if live.torn && values.get(&end) == known(entry, &end) {
        values.insert(end, Value::Null);
    }
    Some(values)
}
