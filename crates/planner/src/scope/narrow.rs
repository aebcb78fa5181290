//! Takes out of a plan what was not selected, with everything that cannot be done without it, and leaves in what the rest needs.
//!
//! The whole plan is decided first and changes are taken out of it afterwards, so that a narrowed plan does nothing that the whole plan
//! would not do: a shift whose start moved is still the same shift, and nobody is matched differently because others are left out.

use crate::plan::{Action, Change, ChangeId, PersonTarget, Reason};
use crate::scope::{Held, HeldBack, Selection};

/// What became of each change, by position.
pub(super) struct Verdict {
    /// Whether it stays.
    pub(super) stays: Vec<bool>,
    /// Why a selected change does not stay.
    pub(super) held: Vec<Held>,
}

/// Decides about each change: first what has to go, then what is wanted and everything that it waits for.
pub(super) fn judge(changes: &[Change], selection: &Selection) -> Verdict {
    let twins = twins(changes);
    let mut gone: Vec<Option<Gone>> = vec![None; changes.len()];
    let mut stack: Vec<usize> = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        if excluded(change, selection) {
            gone[at] = Some(Gone::Excluded);
        } else if selection.narrowing.no_delete && change.removes() {
            gone[at] = Some(Gone::Held(HeldBack::Removes));
        }
        stack.extend(gone[at].map(|_| at));
    }
    let dependents = dependents(changes);
    while let Some(at) = stack.pop() {
        let waiting = dependents[at].iter().map(|dependent| (*dependent, HeldBack::Waits));
        for (other, why) in waiting.chain(twins[at].map(|twin| (twin, HeldBack::Replaces))) {
            if gone[other].is_none() {
                gone[other] = Some(Gone::Held(why));
                stack.push(other);
            }
        }
    }
    let of = |change: &Change, why| Held { address: change.address.clone(), title: change.title.clone(), why };
    let mut stays = vec![false; changes.len()];
    let mut held = Vec::new();
    for (at, change) in changes.iter().enumerate().filter(|(_, change)| wanted(change, selection)) {
        match gone[at] {
            None => stack.push(at),
            Some(Gone::Held(_)) if matches!(change.reason, Reason::Replaced | Reason::ReplaceAsked) => {
                held.push(of(change, HeldBack::Replaces))
            }
            Some(Gone::Held(why)) => held.push(of(change, why)),
            Some(Gone::Excluded) => {}
        }
    }
    while let Some(at) = stack.pop() {
        if !std::mem::replace(&mut stays[at], true) {
            stack.extend(changes[at].waits_for.iter().map(|id| id.0).chain(twins[at]));
        }
    }
    // What goes and what comes in its place have one address, and the removal stands first.
    held.dedup_by(|later, first| later.address == first.address);
    Verdict { stays, held }
}

/// Why a change goes.
#[derive(Clone, Copy)]
enum Gone {
    Excluded,
    Held(HeldBack),
}

/// Leaves only the changes that stay and follows every reference between them.
pub(super) fn keep(changes: &mut Vec<Change>, stays: &[bool]) {
    let mut place = Vec::with_capacity(stays.len());
    let mut next = 0;
    for stays in stays {
        place.push(ChangeId(next));
        next += usize::from(*stays);
    }
    let mut at = 0;
    changes.retain(|_| {
        at += 1;
        stays[at - 1]
    });
    for change in changes {
        for id in &mut change.waits_for {
            *id = place[id.0];
        }
        if let Some(PersonTarget::New(id)) = &mut change.person {
            *id = place[id.0];
        }
        if let Action::Delete { successor: Some(id), .. } = &mut change.action {
            *id = place[id.0];
        }
    }
}

/// The other half of each half of a replacement.
fn twins(changes: &[Change]) -> Vec<Option<usize>> {
    let mut twins = vec![None; changes.len()];
    for (at, change) in changes.iter().enumerate() {
        if let Action::Delete { successor: Some(successor), .. } = change.action {
            twins[at] = Some(successor.0);
            twins[successor.0] = Some(at);
        }
    }
    twins
}

fn dependents(changes: &[Change]) -> Vec<Vec<usize>> {
    let mut dependents = vec![Vec::new(); changes.len()];
    for (at, change) in changes.iter().enumerate() {
        for id in &change.waits_for {
            dependents[id.0].push(at);
        }
    }
    dependents
}

/// A resource that moved is known by both of its addresses.
fn wanted(change: &Change, selection: &Selection) -> bool {
    selection.covers(&change.address) || change.bookkeeping.moved_from.as_ref().is_some_and(|from| selection.covers(from))
}

fn excluded(change: &Change, selection: &Selection) -> bool {
    selection.excludes(&change.address) || change.bookkeeping.moved_from.as_ref().is_some_and(|from| selection.excludes(from))
}
