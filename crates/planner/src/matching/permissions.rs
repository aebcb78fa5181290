//! Permissions: by person and module. No call reads them (api-spec.md H26), so the ledger is all that is known.

use std::collections::BTreeMap;
use std::sync::Arc;

use deskform_model::{Ensure, Kind, NaturalKey, RemoteId, Resource, Value, Values};

use super::{After, Existing, People, Planner, Settled, is_tombstone, same_object};
use crate::ledger::{Entry, EntryId};
use crate::plan::{ForgetReason, PersonTarget, Reason};

pub(super) fn plan<'a>(planner: &mut Planner<'a>, people: &People<'a>) {
    let inputs = planner.inputs;
    let unreadable = Values::new();
    let mut first: BTreeMap<EntryId, &Resource> = BTreeMap::new();
    for resource in inputs.desired.of_kind(Kind::Permission) {
        let NaturalKey::Permission { person, module } = &resource.key else { continue };
        let Some(whereabouts) = planner.find(people, person, resource) else { continue };
        let id = match &whereabouts.target {
            PersonTarget::Live(id) => Some(EntryId::permission(id.as_str(), *module)),
            PersonTarget::New(_) => None,
        };
        if let Some(id) = &id
            && let Some(other) = first.insert(id.clone(), resource)
        {
            planner.problems.push(same_object(other, resource));
            continue;
        }
        let entry = id.and_then(|id| inputs.ledger.entries.get(&id));
        if resource.lifecycle.ensure == Ensure::Released {
            if let Some(entry) = entry {
                planner.forget(entry, ForgetReason::Released);
            }
            continue;
        }
        // Whether it is on cannot be read, so "absent" is "off" and stays in the ledger as that.
        let mut off;
        let resource = if is_tombstone(resource) {
            off = resource.clone();
            switch_off(&mut off);
            &off
        } else {
            resource
        };
        let buried = resource.lifecycle.ensure == Ensure::Absent;
        // Nobody knows what the bin made of it, and nothing can be read: it is set again with the person.
        let restored = matches!(whereabouts.after, Some(After::Restore(_)));
        match entry {
            Some(entry) if restored => {
                planner.create(resource, Some(&whereabouts), Some(entry));
            }
            None => {
                let id = planner.create(resource, Some(&whereabouts), None);
                if buried {
                    planner.plan.changes[id.0].reason = Reason::EnsureAbsent;
                }
            }
            Some(entry) => {
                let remotes: Vec<_> = entry.remotes.iter().cloned().map(Some).collect();
                let person = Some(&whereabouts);
                let existing = Existing { resource, remotes: &remotes, live: &unreadable, entry: Some(entry), person, rebound: false };
                let settled = planner.settle(existing);
                if let (true, Settled::Planned(id)) = (buried, settled) {
                    let change = &mut planner.plan.changes[id.0];
                    change.reason = Reason::EnsureAbsent;
                    // What was protected stays so until an apply has seen the protection removed.
                    change.protect |= entry.protect;
                }
            }
        }
    }
    for entry in inputs.ledger.of_kind(Kind::Permission) {
        if !planner.is_accounted(entry) {
            leftover(planner, people, entry);
        }
    }
}

fn leftover(planner: &mut Planner<'_>, people: &People<'_>, entry: &Entry) {
    let person = entry.owner().cloned().and_then(RemoteId::new);
    if person.as_ref().is_none_or(|id| !people.by_id.contains(id)) {
        planner.forget(entry, ForgetReason::Gone);
    } else if person.is_some_and(|id| people.released.contains(&id)) {
        planner.forget(entry, ForgetReason::Released);
    } else if is_on(&entry.set) {
        planner.absent(entry, entry.remotes.clone(), entry.set.clone());
    } else {
        planner.forget(entry, ForgetReason::AlreadyOff);
    }
}

fn is_on(values: &Values) -> bool {
    values.named(Kind::Permission, "enabled") != Some(&Value::Flag(false))
}

fn switch_off(resource: &mut Resource) {
    // Nothing of it is left alone.
    Arc::make_mut(&mut resource.lifecycle).ignore.clear();
    if let Some(key) = Kind::Permission.key("enabled") {
        resource.values.insert(key, Value::Flag(false));
    }
}
