//! Supports: by account, then by the ledger's id, then in the recycle bin.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use deskform_model::{Ensure, FieldKey, Kind, NaturalKey, RemoteId, Resource, Text, Value, Values};

use super::{After, Existing, People, Planner, Settled, Whereabouts, is_tombstone};
use crate::diff::{Diff, Sides, diff};
use crate::ledger::{Entry, EntryId};
use crate::observed::{LiveObject, Observed};
use crate::plan::{Action, Admins, Change, ChangeId, FieldChange, ForgetReason, PersonTarget, Reason};
use crate::policy::Absence;
use crate::problem::{NoReplacement, PlanProblem};

/// What is live and what is owned, by everything that they are looked up by.
struct Index<'a> {
    live_by_account: BTreeMap<&'a Text, Vec<&'a LiveObject>>,
    live_by_id: BTreeMap<&'a RemoteId, &'a LiveObject>,
    binned_by_id: BTreeMap<&'a RemoteId, &'a LiveObject>,
    entry_by_account: BTreeMap<&'a Text, &'a Entry>,
    entry_by_label: BTreeMap<&'a Text, &'a Entry>,
}

pub(super) fn plan<'a>(planner: &mut Planner<'a>) -> People<'a> {
    let inputs = planner.inputs;
    let index = index(planner);
    let resources = inputs.desired.of_kind(Kind::Support);
    let mut taken: BTreeSet<&RemoteId> = BTreeSet::new();
    let mut found: Vec<Option<&LiveObject>> = vec![None; resources.len()];

    // The natural key first, for everybody, so that nobody's object is taken through an old id.
    for (at, resource) in resources.iter().enumerate() {
        let live = account(resource).and_then(|account| index.live_by_account.get(account)).map(Vec::as_slice).unwrap_or_default();
        if live.len() > 1 {
            let ids = live.iter().map(|object| object.remote.clone()).collect();
            planner.problems.push(PlanProblem::AmbiguousAccount { address: resource.address.clone(), ids, origin: resource.origin });
        }
        if let Some(object) = live.first() {
            taken.insert(&object.remote);
            found[at] = Some(object);
        }
    }

    let mut people = People {
        declared: HashMap::with_capacity(resources.len()),
        by_account: index
            .live_by_account
            .iter()
            .map(|(account, live)| (*account, live.iter().map(|object| &object.remote).collect()))
            .collect(),
        by_id: index.live_by_id.keys().copied().collect(),
        released: BTreeSet::new(),
    };
    for (resource, live) in resources.iter().zip(found) {
        let by_account = account(resource).and_then(|account| index.entry_by_account.get(account).copied());
        let entry = by_account.or_else(|| index.entry_by_label.get(&resource.address.label).copied());
        // Then the ledger's id, for what is still unmatched.
        let live = live.or_else(|| {
            let object = *index.live_by_id.get(entry?.remotes.first()?)?;
            (!is_tombstone(resource) && taken.insert(&object.remote)).then_some(object)
        });
        if is_tombstone(resource) {
            bury(planner, resource, live, entry);
            // Something may be taken away from them by its own tombstone.
            if let Some(live) = live {
                people
                    .declared
                    .insert(&resource.address.label, Whereabouts { target: PersonTarget::Live(live.remote.clone()), after: None });
                if resource.lifecycle.ensure == Ensure::Released {
                    people.released.insert(&live.remote);
                }
            }
            continue;
        }
        let whereabouts = match live {
            Some(live) => exists(planner, resource, live, &index),
            None => missing(planner, resource, entry, &index),
        };
        if let Whereabouts { target: PersonTarget::Live(id), after: Some(After::Restore(_)) } = &whereabouts {
            people.by_id.extend(index.binned_by_id.get(id).map(|binned| &binned.remote));
        }
        people.declared.insert(&resource.address.label, whereabouts);
    }
    leftovers(planner, &index);
    planner.plan.admins = admins(inputs.observed, &planner.plan.changes);
    let owned: BTreeSet<&RemoteId> = inputs.ledger.of_kind(Kind::Support).filter_map(|entry| entry.remotes.first()).collect();
    let unmanaged = inputs.observed.supports.iter().filter(|live| !taken.contains(&live.remote) && !owned.contains(&live.remote)).count();
    planner.plan.unmanaged.insert(Kind::Support, unmanaged);
    people
}

fn index<'a>(planner: &Planner<'a>) -> Index<'a> {
    let (observed, ledger) = (planner.inputs.observed, planner.inputs.ledger);
    let mut live_by_account: BTreeMap<&Text, Vec<&LiveObject>> = BTreeMap::new();
    for object in &observed.supports {
        if let NaturalKey::Support { account } = &object.key {
            live_by_account.entry(account).or_default().push(object);
        }
    }
    let entries = || ledger.of_kind(Kind::Support);
    Index {
        live_by_account,
        live_by_id: observed.supports.iter().map(|object| (&object.remote, object)).collect(),
        binned_by_id: observed.recycled.iter().map(|object| (&object.remote, object)).collect(),
        entry_by_account: entries()
            .filter_map(|entry| if let NaturalKey::Support { account } = &entry.key { Some((account, entry)) } else { None })
            .collect(),
        entry_by_label: entries().map(|entry| (&entry.address.label, entry)).collect(),
    }
}

fn account(resource: &Resource) -> Option<&Text> {
    match &resource.key {
        NaturalKey::Support { account } => Some(account),
        _ => None,
    }
}

/// A declared person who exists.
fn exists(planner: &mut Planner<'_>, resource: &Resource, live: &LiveObject, index: &Index<'_>) -> Whereabouts {
    let entry = planner.inputs.ledger.entries.get(&EntryId::new(Kind::Support, &live.remote));
    let here = |after| Whereabouts { target: PersonTarget::Live(live.remote.clone()), after };
    // Only the account of a person is fixed, and two of one name cannot be.
    if planner.is_replaced(resource, entry) && live.key == resource.key {
        planner.refuse_replacement(resource, NoReplacement::SameAccount);
    }
    let shown = with_empty_custom_fields(resource, live);
    let remotes = [Some(live.remote.clone())];
    let existing = Existing { resource, remotes: &remotes, live: &shown, entry, person: None, rebound: false };
    match planner.settle(existing) {
        Settled::Unchanged => here(None),
        Settled::Planned(id) => {
            let change = &planner.plan.changes[id.0];
            let refused = matches!(change.action, Action::Refuse { .. });
            if demotes(&change.action) && is_caller(planner, live) {
                let problem = PlanProblem::OwnAccount { address: resource.address.clone(), deed: "demoted", origin: Some(resource.origin) };
                planner.problems.push(problem);
            }
            here(refused.then_some(After::Refusal(id)))
        }
        Settled::Replace(_) => replace(planner, resource, live, entry, index),
    }
}

/// People with managed custom fields are read one by one, and such a reply leaves out what is empty.
fn with_empty_custom_fields<'a>(resource: &Resource, live: &'a LiveObject) -> Cow<'a, Values> {
    let mut values = Cow::Borrowed(&live.values);
    for (key, _) in resource.values.iter().filter(|(key, _)| matches!(key, FieldKey::Custom(_))) {
        if live.values.get(key).is_none() {
            values.to_mut().insert(key.clone(), Value::Null);
        }
    }
    values
}

/// Another account for the same person: the new one first, the old one last ([`crate::order`] ties what lies between).
fn replace(planner: &mut Planner<'_>, resource: &Resource, live: &LiveObject, entry: Option<&Entry>, index: &Index<'_>) -> Whereabouts {
    refuse_own_account(planner, resource, live, "deleted");
    let whereabouts = match in_bin(planner, resource, None, index) {
        // The account was theirs before, and the platform keeps it (api-spec.md H21).
        Some(binned) => restore(planner, resource, binned, Reason::Replaced),
        None => {
            let create = Action::Create { values: resource.values.clone(), secret: resource.secret.as_deref().cloned() };
            let new = planner.push(Planner::change_of(resource, None, create, Reason::Replaced));
            Whereabouts { target: PersonTarget::New(new), after: None }
        }
    };
    let successor = match (&whereabouts.target, whereabouts.after) {
        (PersonTarget::New(id), _) => Some(*id),
        (PersonTarget::Live(_), after) => after.map(|(After::Restore(id) | After::Refusal(id))| id),
    };
    let refused = matches!(whereabouts.after, Some(After::Refusal(_)));
    if !refused {
        recycle_replaced(planner, resource, live, entry, successor);
    }
    whereabouts
}

/// The old account of a person who has another one now.
fn recycle_replaced(planner: &mut Planner<'_>, resource: &Resource, live: &LiveObject, entry: Option<&Entry>, successor: Option<ChangeId>) {
    let delete = Action::Delete { remotes: vec![live.remote.clone()], last: live.values.clone(), successor };
    let mut change = Planner::change_of(resource, None, delete, Reason::Replaced);
    change.key = live.key.clone();
    change.protect |= entry.is_some_and(|entry| entry.protect);
    planner.push(change);
}

/// A declared person who is not in service: in the bin, or not there at all.
fn missing(planner: &mut Planner<'_>, resource: &Resource, entry: Option<&Entry>, index: &Index<'_>) -> Whereabouts {
    let own = entry.filter(|entry| entry.key == resource.key && !planner.is_accounted(entry));
    let Some(binned) = in_bin(planner, resource, own, index) else {
        return Whereabouts { target: PersonTarget::New(planner.create(resource, None, own)), after: None };
    };
    if let Some(entry) = own {
        planner.account_for(entry);
    }
    restore(planner, resource, binned, if own.is_some() { Reason::Vanished } else { Reason::New })
}

/// The person's account in the recycle bin: where the ledger put it, or where somebody else put an owned one.
fn in_bin<'a>(planner: &Planner<'a>, resource: &Resource, own: Option<&Entry>, index: &Index<'a>) -> Option<&'a LiveObject> {
    let recycled = account(resource).and_then(|account| planner.inputs.ledger.recycled.get(account)).map(|recycled| &recycled.remote);
    recycled.or(own.and_then(|entry| entry.remotes.first())).and_then(|id| index.binned_by_id.get(id).copied())
}

fn restore(planner: &mut Planner<'_>, resource: &Resource, binned: &LiveObject, reason: Reason) -> Whereabouts {
    let sides = Sides { desired: &resource.values, lifecycle: &resource.lifecycle, live: &binned.values, entry: None };
    let Diff { changes, refusals, .. } = diff(Kind::Support, sides, planner.inputs.policy);
    let possible = refusals.is_empty();
    let action = if possible {
        Action::Restore { remote: binned.remote.clone(), values: resource.values.clone(), fields: changes }
    } else {
        Action::Refuse { why: refusals }
    };
    let id = planner.push(Planner::change_of(resource, None, action, reason));
    let after = if possible { After::Restore(id) } else { After::Refusal(id) };
    Whereabouts { target: PersonTarget::Live(binned.remote.clone()), after: Some(after) }
}

/// `ensure: absent` or `released`.
fn bury(planner: &mut Planner<'_>, resource: &Resource, live: Option<&LiveObject>, by_key: Option<&Entry>) {
    let owned = live.and_then(|live| planner.inputs.ledger.entries.get(&EntryId::new(Kind::Support, &live.remote)));
    let entry = owned.or_else(|| by_key.filter(|entry| entry.key == resource.key));
    if let Some(entry) = entry {
        planner.account_for(entry);
    }
    match (resource.lifecycle.ensure, live, entry) {
        (Ensure::Absent, Some(live), _) => {
            refuse_own_account(planner, resource, live, "deleted");
            let action = Action::Delete { remotes: vec![live.remote.clone()], last: live.values.clone(), successor: None };
            let mut change = Planner::change_of(resource, None, action, Reason::EnsureAbsent);
            change.key = live.key.clone();
            change.protect |= entry.is_some_and(|entry| entry.protect);
            // A tombstone needs nothing but the key; people know the object by its name.
            if change.title.is_empty() {
                change.title = live.values.named(Kind::Support, "name").and_then(Value::as_text).cloned().unwrap_or_default();
            }
            planner.push(change);
        }
        (Ensure::Absent, None, Some(entry)) => planner.forget(entry, ForgetReason::Gone),
        (Ensure::Released, _, Some(entry)) => planner.forget(entry, ForgetReason::Released),
        (_, _, None) | (Ensure::Present, _, _) => {}
    }
}

/// What is owned and not declared.
fn leftovers(planner: &mut Planner<'_>, index: &Index<'_>) {
    for entry in planner.inputs.ledger.of_kind(Kind::Support) {
        if planner.is_accounted(entry) {
            continue;
        }
        match entry.remotes.first().and_then(|id| index.live_by_id.get(id)) {
            // A replacement that was broken off after the new account was made: the old one is still to go.
            Some(live) if is_replaced(planner, entry) => {
                planner.account_for(entry);
                if let Some(resource) = planner.inputs.desired.get(&entry.address) {
                    refuse_own_account(planner, resource, live, "deleted");
                    recycle_replaced(planner, resource, live, Some(entry), None);
                }
            }
            Some(live) => {
                if planner.inputs.policy.absence(Kind::Support) == Absence::Delete && is_caller(planner, live) {
                    planner.problems.push(PlanProblem::OwnAccount { address: entry.address.clone(), deed: "deleted", origin: None });
                }
                planner.absent(entry, vec![live.remote.clone()], live.values.clone());
            }
            None => planner.forget(entry, ForgetReason::Gone),
        }
    }
}

/// Whether the entry's address belongs to somebody with another account now, and replacing is allowed there.
fn is_replaced(planner: &Planner<'_>, entry: &Entry) -> bool {
    let successor = planner.inputs.desired.get(&entry.address);
    let allowed = |resource: &Resource| resource.lifecycle.replace || planner.selection.replaces(&resource.address);
    successor.is_some_and(|resource| allowed(resource) && !is_tombstone(resource) && resource.key != entry.key)
}

fn refuse_own_account(planner: &mut Planner<'_>, resource: &Resource, live: &LiveObject, deed: &'static str) {
    if is_caller(planner, live) {
        planner.problems.push(PlanProblem::OwnAccount { address: resource.address.clone(), deed, origin: Some(resource.origin) });
    }
}

fn is_caller(planner: &Planner<'_>, live: &LiveObject) -> bool {
    matches!(&live.key, NaturalKey::Support { account } if planner.inputs.observed.caller.as_ref() == Some(account))
}

/// Who administers the helpdesk after these changes.
pub(super) fn admins(observed: &Observed, changes: &[Change]) -> Admins {
    let administers = |values: &Values| values.named(Kind::Support, "admin") == Some(&Value::Flag(true));
    let ids = |objects: &[LiveObject]| -> BTreeSet<RemoteId> {
        objects.iter().filter(|object| administers(&object.values)).map(|object| object.remote.clone()).collect()
    };
    let (mut after, binned) = (ids(&observed.supports), ids(&observed.recycled));
    let mut admins = Admins::default();
    for change in changes.iter().filter(|change| change.kind() == Kind::Support) {
        match &change.action {
            Action::Create { values, .. } => admins.left += usize::from(administers(values)),
            Action::Restore { remote, values, .. } => {
                let admin = values.named(Kind::Support, "admin").map_or(binned.contains(remote), |value| *value == Value::Flag(true));
                admins.left += usize::from(admin);
            }
            Action::Update { remotes, .. } if demotes(&change.action) => {
                if remotes.iter().flatten().any(|remote| after.remove(remote)) {
                    admins.removed.push(change.address.clone());
                }
            }
            Action::Update { remotes, fields, .. } if sets_admin(fields, true) => after.extend(remotes.iter().flatten().cloned()),
            Action::Delete { remotes, .. } => {
                if remotes.iter().any(|remote| after.remove(remote)) {
                    admins.removed.push(change.address.clone());
                }
            }
            Action::Update { .. } | Action::Record { .. } | Action::Forget { .. } | Action::Refuse { .. } => {}
        }
    }
    admins.left += after.len();
    admins.removed.sort();
    admins
}

fn sets_admin(fields: &[FieldChange], admin: bool) -> bool {
    fields.iter().any(|change| change.field.field(Kind::Support).name == "admin" && change.after == Value::Flag(admin))
}

fn demotes(action: &Action) -> bool {
    matches!(action, Action::Update { fields, .. } if sets_admin(fields, false))
}
