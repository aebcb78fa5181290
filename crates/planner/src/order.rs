//! Which change waits for which: edges from references, and their reverse for removals (design.md section 3, "Order").

use std::collections::{BTreeMap, BTreeSet};

use deskform_model::time::Date;
use deskform_model::{Address, Kind, NaturalKey, RemoteId};

use crate::plan::{Action, Change, ChangeId, PersonTarget, Reason};

/// Adds all edges. Edges that a single object implies (a seat's replacement) are there already.
pub fn connect(changes: &mut [Change]) {
    let mut by_person: BTreeMap<PersonTarget, Vec<ChangeId>> = BTreeMap::new();
    let mut by_day: BTreeMap<(PersonTarget, Date), Day> = BTreeMap::new();
    // Only what goes waits for others of its person or day, and where much is new nothing goes.
    let (mut somebody_goes, mut days_with_removals) = (false, BTreeSet::new());
    for change in changes.iter().filter(|change| matches!(change.action, Action::Delete { .. })) {
        match change.key {
            NaturalKey::Shift { date, .. } => drop(days_with_removals.insert(date)),
            _ => somebody_goes |= change.kind() == Kind::Support,
        }
    }
    for (at, change) in changes.iter().enumerate() {
        let Some(person) = &change.person else { continue };
        if somebody_goes {
            by_person.entry(person.clone()).or_default().push(ChangeId(at));
        }
        if let NaturalKey::Shift { date, .. } = change.key
            && days_with_removals.contains(&date)
        {
            let day = by_day.entry((person.clone(), date)).or_default();
            match change.action {
                Action::Delete { .. } => day.removals.push(ChangeId(at)),
                Action::Create { .. } | Action::Update { .. } => day.writes.push(ChangeId(at)),
                _ => {}
            }
        }
    }

    // The person before what refers to it, made or taken out of the bin.
    let restores: BTreeMap<RemoteId, ChangeId> = changes
        .iter()
        .enumerate()
        .filter_map(|(at, change)| match &change.action {
            Action::Restore { remote, .. } => Some((remote.clone(), ChangeId(at))),
            _ => None,
        })
        .collect();
    for change in changes.iter_mut() {
        match &change.person {
            Some(PersonTarget::New(person)) => {
                // Most wait for nobody else.
                change.waits_for.reserve_exact(1);
                change.waits_for.push(*person);
            }
            Some(PersonTarget::Live(person)) => change.waits_for.extend(restores.get(person)),
            None => {}
        }
    }
    // Per person and day, what is new comes before what goes: nobody is without a shift in between.
    for day in by_day.values() {
        for removal in &day.removals {
            changes[removal.0].waits_for.extend(&day.writes);
        }
    }
    // A person goes last; a replaced one after everything has moved to the successor.
    for at in 0..changes.len() {
        let (Kind::Support, Action::Delete { remotes, successor, .. }) = (changes[at].kind(), &changes[at].action) else { continue };
        let Some(old) = remotes.first().cloned() else { continue };
        let successor = *successor;
        let leaving = by_person.get(&PersonTarget::Live(old)).cloned().unwrap_or_default();
        if let Some(new) = successor {
            // The new account is made, or it was theirs before and comes out of the bin.
            let target = match &changes[new.0].action {
                Action::Restore { remote, .. } => PersonTarget::Live(remote.clone()),
                _ => PersonTarget::New(new),
            };
            hand_over(changes, &leaving, new, &target, &by_person, &by_day);
            changes[at].waits_for.push(new);
            changes[at].waits_for.extend(by_person.get(&target).into_iter().flatten());
        }
        changes[at].waits_for.extend(leaving);
    }
    for change in changes.iter_mut() {
        change.waits_for.sort_unstable();
        change.waits_for.dedup();
    }
}

#[derive(Default)]
struct Day {
    writes: Vec<ChangeId>,
    removals: Vec<ChangeId>,
}

/// What leaves the old account belongs to the replacement and waits until the new one has it: the permission, and shifts day by day.
fn hand_over(
    changes: &mut [Change],
    leaving: &[ChangeId],
    new: ChangeId,
    target: &PersonTarget,
    by_person: &BTreeMap<PersonTarget, Vec<ChangeId>>,
    by_day: &BTreeMap<(PersonTarget, Date), Day>,
) {
    let arriving = by_person.get(target).cloned().unwrap_or_default();
    let permissions: Vec<ChangeId> = arriving.into_iter().filter(|id| changes[id.0].kind() == Kind::Permission).collect();
    for id in leaving {
        let change = &mut changes[id.0];
        if !matches!(change.action, Action::Delete { .. }) {
            continue;
        }
        change.reason = Reason::Replaced;
        match (&change.key, change.address.kind) {
            (NaturalKey::Shift { date, .. }, _) => {
                let writes = by_day.get(&(target.clone(), *date)).map(|day| day.writes.clone()).unwrap_or_default();
                change.waits_for.extend(writes);
                change.waits_for.push(new);
            }
            (_, Kind::Permission) => change.waits_for.extend(permissions.iter().copied().chain([new])),
            _ => {}
        }
    }
}

/// Everything that stands on a circle of waiting; empty when there is an order.
pub fn cycle(changes: &[Change]) -> Vec<Address> {
    let mut waiting: Vec<usize> = changes.iter().map(|change| change.waits_for.len()).collect();
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); changes.len()];
    for (at, change) in changes.iter().enumerate() {
        for id in &change.waits_for {
            dependents[id.0].push(at);
        }
    }
    let mut ready: Vec<usize> = (0..changes.len()).filter(|at| waiting[*at] == 0).collect();
    while let Some(at) = ready.pop() {
        for dependent in &dependents[at] {
            waiting[*dependent] -= 1;
            if waiting[*dependent] == 0 {
                ready.push(*dependent);
            }
        }
    }
    changes.iter().zip(waiting).filter(|(_, waiting)| *waiting > 0).map(|(change, _)| change.address.clone()).collect()
}
