//! Compares one object field by field: one loop over the desired values, the same for every kind.
//!
//! A field is in sync when desired equals what was last sent (`set`) and observed equals what the read after that showed (`seen`). That one
//! rule covers a drop-down that is sent as a label and read as an id, a value that the platform rewrote or ignored, and what no call
//! shows at all (design.md section 3).

use deskform_model::field::{EDIT, INITIAL, KEY, RESET};
use deskform_model::{FieldKey, Kind, Lifecycle, Value, Values};

use crate::ledger::Entry;
use crate::plan::{Before, FieldChange, FieldReason, NoteKind, Refusal};
use crate::policy::{Drift, Policy};

/// What differs between an object that exists and its declaration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Fields to write, in the order of the kind's table.
    pub changes: Vec<FieldChange>,
    /// Differences that cannot be written.
    pub refusals: Vec<Refusal>,
    /// Differences that are only shown.
    pub notes: Vec<NoteKind>,
    /// Fields that the ledger has and the manifest no longer gives.
    pub released: Vec<FieldKey>,
    /// The platform already is as declared, but the ledger does not know: it has to learn it.
    pub unrecorded: bool,
}

/// The three descriptions of one object.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// What the manifest gives.
    pub desired: &'a Values,
    /// How the manifest wants it treated.
    pub lifecycle: &'a Lifecycle,
    /// What the platform shows; empty where no call reads the kind.
    pub live: &'a Values,
    /// What the ledger knows, if it owns the object.
    pub entry: Option<&'a Entry>,
}

impl Sides<'_> {
    /// Whether the rule holds for the values as a whole, as it does for nearly all objects; then it holds for each field.
    fn are_in_sync(&self) -> bool {
        self.entry
            .is_some_and(|entry| entry.set == *self.desired && entry.seen.as_ref().map_or(self.live.is_empty(), |seen| seen == self.live))
    }
}

/// How one field stands.
enum Standing {
    InSync,
    /// Nothing to write, but the ledger is behind.
    AlreadySo,
    Differs(FieldReason),
}

/// Compares all fields of an object.
pub fn diff(kind: Kind, sides: Sides<'_>, policy: &Policy) -> Diff {
    let mut diff = Diff::default();
    if sides.are_in_sync() {
        return diff;
    }
    for (key, want) in sides.desired.iter() {
        if sides.lifecycle.ignore.contains(key) {
            continue;
        }
        let field = key.field(kind);
        let set = sides.entry.and_then(|entry| entry.set.get(key));
        if let Value::Secret { version } = want {
            compare_secret(&mut diff, key, *version, set, sides.entry, field.has(RESET));
            continue;
        }
        if field.has(INITIAL) {
            if set != Some(want) {
                diff.unrecorded = true;
                if set.is_some() {
                    diff.notes.push(NoteKind::InitialOnly { field: key.clone() });
                }
            }
            continue;
        }
        let have = sides.live.get(key);
        let reason = match standing(want, set, have, sides.entry, key) {
            Standing::InSync => continue,
            Standing::AlreadySo => {
                diff.unrecorded = true;
                continue;
            }
            Standing::Differs(reason) => reason,
        };
        if reason == FieldReason::Drift
            && policy.drift(kind, key) == Drift::Keep
            && let Some(have) = have
        {
            diff.notes.push(NoteKind::DriftKept { field: key.clone(), live: have.clone(), want: want.clone() });
            continue;
        }
        let known = have.or(set).cloned().unwrap_or(Value::Null);
        if !field.has(EDIT) {
            diff.refusals.push(Refusal::Fixed { field: key.clone(), have: known, want: want.clone() });
            continue;
        }
        if let (Some(min), Value::Number(number)) = (field.edit_min, want)
            && *number < min
        {
            diff.refusals.push(Refusal::BelowMinimum { field: key.clone(), have: known, want: want.clone(), min });
            continue;
        }
        let before = match (have, set, sides.entry) {
            (Some(have), _, _) => Before::Live(have.clone()),
            (None, Some(set), Some(entry)) => Before::LastSet(set.clone(), entry.at.clone()),
            _ => Before::Unknown,
        };
        diff.changes.push(FieldChange { field: key.clone(), before, after: want.clone(), why: reason });
    }
    if let Some(entry) = sides.entry {
        let ours = |key: &&FieldKey| sides.desired.get(key).is_some() || sides.lifecycle.ignore.contains(key) || key.field(kind).has(KEY);
        diff.released = entry.set.iter().map(|(key, _)| key).filter(|key| !ours(key)).cloned().collect();
    }
    diff
}

fn standing(want: &Value, set: Option<&Value>, have: Option<&Value>, entry: Option<&Entry>, key: &FieldKey) -> Standing {
    let Some(entry) = entry else {
        return match have {
            Some(have) if have == want => Standing::InSync,
            // What no call shows is written once after a lost ledger, unless nothing is wanted there (a shift without a link).
            None if *want == Value::Null => Standing::InSync,
            _ => Standing::Differs(FieldReason::Unrecorded),
        };
    };
    // The ledger has to learn what was made of a drop-down.
    if let Some(have) = have
        && is_unread_label(entry, key)
        && set == Some(want)
    {
        return if have == want { Standing::InSync } else { Standing::AlreadySo };
    }
    let drifted = have.is_some_and(|have| known(entry, key) != Some(have));
    let yours = set != Some(want);
    if !yours && !drifted {
        return Standing::InSync;
    }
    if have == Some(want) {
        return Standing::AlreadySo;
    }
    Standing::Differs(match (yours, drifted && set.is_some()) {
        (true, true) => FieldReason::Both,
        (true, false) => FieldReason::YourChange,
        (false, _) => FieldReason::Drift,
    })
}

/// What the platform showed of a field last; of one that was never read what was sent is the best that is known.
pub(crate) fn known<'a>(entry: &'a Entry, key: &FieldKey) -> Option<&'a Value> {
    entry.seen.as_ref().and_then(|seen| seen.get(key)).or_else(|| entry.set.get(key))
}

/// Whether a field was never read since it was written, because a run was cut off, and is shown as something else than was sent: a
/// drop-down is sent as its label and shown as its id (api-spec.md H9), so what is shown now is what was made of it.
pub(crate) fn is_unread_label(entry: &Entry, key: &FieldKey) -> bool {
    entry.seen.is_none() && matches!(key, FieldKey::Custom(_))
}

fn compare_secret(diff: &mut Diff, key: &FieldKey, version: u32, set: Option<&Value>, entry: Option<&Entry>, resettable: bool) {
    let have = match set {
        Some(Value::Secret { version }) => Some(*version),
        _ => None,
    };
    if have == Some(version) {
        return;
    }
    match (have, resettable) {
        (Some(have), false) => diff.refusals.push(Refusal::PasswordCreateOnly { have, want: version }),
        // A person who exists keeps the password: only creation sets it (api-spec.md H7).
        (None, false) => {
            diff.unrecorded = true;
            if entry.is_some() {
                diff.notes.push(NoteKind::InitialOnly { field: key.clone() });
            }
        }
        // After a lost ledger passwords are left alone (design.md section 4).
        (None, true) if entry.is_none() => diff.unrecorded = true,
        (_, true) => {
            let before = match (set, entry) {
                (Some(set), Some(entry)) => Before::LastSet(set.clone(), entry.at.clone()),
                _ => Before::Unknown,
            };
            diff.changes.push(FieldChange { field: key.clone(), before, after: Value::Secret { version }, why: FieldReason::YourChange });
        }
    }
}
