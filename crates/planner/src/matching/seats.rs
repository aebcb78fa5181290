//! Seats: by operator id, which is both the natural key and the platform's id.

use std::collections::BTreeMap;

use deskform_model::{Ensure, Kind, NaturalKey, RemoteId, Resource, Value};

use super::{Existing, People, Planner, Settled, Whereabouts, is_tombstone};
use crate::ledger::{Entry, EntryId};
use crate::observed::LiveObject;
use crate::plan::{Action, ForgetReason, Reason};

pub(super) fn plan<'a>(planner: &mut Planner<'a>, people: &People<'a>) {
    let inputs = planner.inputs;
    let live: BTreeMap<&RemoteId, &LiveObject> = inputs.observed.agents.iter().map(|object| (&object.remote, object)).collect();
    let mut unmanaged = live.clone();
    for resource in inputs.desired.of_kind(Kind::Agent) {
        let NaturalKey::Agent { operator_id } = &resource.key else { continue };
        let Some(remote) = RemoteId::new(operator_id.clone()) else { continue };
        unmanaged.remove(&remote);
        let entry = inputs.ledger.entries.get(&EntryId::new(Kind::Agent, &remote));
        let object = live.get(&remote).copied();
        if is_tombstone(resource) {
            bury(planner, resource, object, entry);
            continue;
        }
        let person = match &resource.support {
            None => None,
            Some(person) => match planner.find(people, person, resource) {
                Some(whereabouts) => Some(whereabouts),
                None => continue,
            },
        };
        match object {
            None => {
                planner.create(resource, person.as_ref(), entry);
            }
            Some(object) => exists(planner, resource, object, entry, person.as_ref()),
        }
    }
    for entry in inputs.ledger.of_kind(Kind::Agent) {
        let object = entry.remotes.first().and_then(|remote| unmanaged.remove(remote).or_else(|| live.get(remote).copied()));
        if planner.is_accounted(entry) {
            continue;
        }
        match object {
            Some(object) => {
                planner.absent(entry, vec![object.remote.clone()], object.values.clone());
            }
            None => planner.forget(entry, ForgetReason::Gone),
        }
    }
    planner.plan.unmanaged.insert(Kind::Agent, unmanaged.len());
}

fn exists(planner: &mut Planner<'_>, resource: &Resource, live: &LiveObject, entry: Option<&Entry>, person: Option<&Whereabouts>) {
    let remotes = [Some(live.remote.clone())];
    let existing = Existing { resource, remotes: &remotes, live: &live.values, entry, person, rebound: false };
    if let Settled::Replace(reason) = planner.settle(existing) {
        // The number is the key, so the old seat goes first; its password and SIP number go with it.
        let delete = Action::Delete { remotes: vec![live.remote.clone()], last: live.values.clone(), successor: None };
        let mut removal = Planner::change_of(resource, person, delete, reason);
        removal.protect |= entry.is_some_and(|entry| entry.protect);
        let removal = planner.push(removal);
        let create = Action::Create { values: resource.values.clone(), secret: resource.secret.as_deref().cloned() };
        let mut successor = Planner::change_of(resource, person, create, reason);
        successor.waits_for.push(removal);
        let successor = planner.push(successor);
        if let Action::Delete { successor: link, .. } = &mut planner.plan.changes[removal.0].action {
            *link = Some(successor);
        }
    }
}

fn bury(planner: &mut Planner<'_>, resource: &Resource, live: Option<&LiveObject>, entry: Option<&Entry>) {
    if let Some(entry) = entry {
        planner.account_for(entry);
    }
    match (resource.lifecycle.ensure, live, entry) {
        (Ensure::Absent, Some(live), _) => {
            let action = Action::Delete { remotes: vec![live.remote.clone()], last: live.values.clone(), successor: None };
            let person = entry
                .and_then(|entry| entry.support.clone())
                .map(|id| Whereabouts { target: crate::plan::PersonTarget::Live(id), after: None });
            let mut change = Planner::change_of(resource, person.as_ref(), action, Reason::EnsureAbsent);
            change.protect |= entry.is_some_and(|entry| entry.protect);
            // A tombstone needs nothing but the key; people know the object by its name.
            if change.title.is_empty() {
                change.title = live.values.named(Kind::Agent, "name").and_then(Value::as_text).cloned().unwrap_or_default();
            }
            planner.push(change);
        }
        (Ensure::Absent, None, Some(entry)) => planner.forget(entry, ForgetReason::Gone),
        (Ensure::Released, _, Some(entry)) => planner.forget(entry, ForgetReason::Released),
        (_, _, None) | (Ensure::Present, _, _) => {}
    }
}
