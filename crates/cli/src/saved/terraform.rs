//! Changes as Terraform's plan representation knows them, for policies and tools that read that.
//!
//! ```text
//! {"address", "previous_address"?, "mode": "managed", "type": kind, "name": label, "provider_name": "deskform",
//!  "change": {"actions": ["create"] | ["update"] | ["delete"] | ["no-op"] | ["forget"] | ["delete", "create"] | ["create", "delete"],
//!     "before": {..} | null, "after": {..} | null, "after_unknown": {..}, "before_sensitive": {..}, "after_sensitive": {..},
//!     "importing"?: {"id"}},
//!  "action_reason"?: "replace_because_cannot_update" | "replace_by_request" | "delete_because_no_resource_config"}
//! ```
//!
//! What fits differently: `id` is the platform's id; several duties of one night are joined with a comma. A secret is an object with its
//! version, and sensitive. Taking a person out of the recycle bin is a creation. Both halves of a replacement are one entry. What cannot be
//! done is left out: it stands under `deskform`.

use std::collections::BTreeMap;

use deskform_model::codec::Codec;
use deskform_model::{Address, FieldKey, Kind, RemoteId, Value, Values};
use deskform_planner::plan::{Before, ChangeId, FieldChange, FieldReason, NoteKind, Reason};
use deskform_planner::{Action, Change, Plan};
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use serde_json::Value as Json;

use super::PlanReport;

/// One entry of `resource_changes` or `resource_drift`.
#[derive(Serialize)]
pub(super) struct ResourceChange<'a> {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_address: Option<String>,
    mode: &'static str,
    r#type: &'static str,
    name: &'a str,
    provider_name: &'static str,
    change: Delta<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_reason: Option<&'static str>,
}

#[derive(Serialize)]
struct Delta<'a> {
    actions: &'static [&'static str],
    before: Option<Attributes<'a>>,
    after: Option<Attributes<'a>>,
    after_unknown: Unknown,
    before_sensitive: Sensitive<'a>,
    after_sensitive: Sensitive<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    importing: Option<Importing>,
}

#[derive(Serialize)]
struct Importing {
    id: String,
}

/// The values of an object, some of them as they were.
#[derive(Clone)]
struct Attributes<'a> {
    kind: Kind,
    id: Option<String>,
    values: &'a Values,
    /// Values that differ from `values`; nothing where none is known.
    instead: BTreeMap<&'a FieldKey, Option<&'a Value>>,
}

/// Whether the id is not known before the object is made.
#[derive(Clone, Copy)]
struct Unknown {
    id: bool,
}

/// Which attributes hold secrets.
struct Sensitive<'a>(Option<Attributes<'a>>);

/// The changes of a plan, one entry an object.
pub(super) fn resource_changes(report: &PlanReport) -> impl Iterator<Item = ResourceChange<'_>> {
    let plan = &report.plan;
    // The half of a replacement that takes away is told with the half that makes.
    let olds: BTreeMap<ChangeId, &Change> = plan
        .changes
        .iter()
        .filter_map(|change| match &change.action {
            Action::Delete { successor: Some(successor), .. } if is_one_object(plan, change, *successor) => Some((*successor, change)),
            _ => None,
        })
        .collect();
    plan.changes.iter().enumerate().filter_map(move |(at, change)| {
        let old = olds.get(&ChangeId(at)).copied();
        match &change.action {
            Action::Delete { successor: Some(successor), .. } if is_one_object(plan, change, *successor) => None,
            _ => resource_change(change, old),
        }
    })
}

fn is_one_object(plan: &Plan, old: &Change, successor: ChangeId) -> bool {
    plan.get(successor).address == old.address
}

fn resource_change<'a>(change: &'a Change, old: Option<&'a Change>) -> Option<ResourceChange<'a>> {
    let kind = change.kind();
    let all = |values, id| Attributes { kind, id, values, instead: BTreeMap::new() };
    let after = |id| change.values().map(|values| all(values, id));
    let (actions, before, after, importing): (&'static [&'static str], _, _, _) = match (&change.action, old) {
        (Action::Create { .. }, None) => (&["create"], None, after(None), None),
        (Action::Create { .. }, Some(old)) => {
            // A seat's number is free only when the old one is gone; a person's new account comes first.
            let actions: &'static [&'static str] = if kind == Kind::Agent { &["delete", "create"] } else { &["create", "delete"] };
            (actions, last(old), after(None), None)
        }
        (Action::Update { remotes, fields, values, .. }, _) => {
            let id = joined(remotes.iter().flatten());
            let importing = change.bookkeeping.adopted.then(|| Importing { id: id.clone() });
            let before = Attributes { kind, id: Some(id.clone()), values, instead: known_before(fields) };
            (&["update"], Some(before), after(Some(id)), importing)
        }
        (Action::Restore { remote, .. }, _) => (&["create"], None, after(Some(remote.to_string())), None),
        (Action::Delete { .. }, _) => (&["delete"], last(change), None, None),
        (Action::Record { remotes, values }, _) => {
            let id = joined(remotes.iter());
            let importing = change.bookkeeping.adopted.then(|| Importing { id: id.clone() });
            (&["no-op"], Some(all(values, Some(id.clone()))), after(Some(id)), importing)
        }
        (Action::Forget { .. }, _) => (&["forget"], None, None, None),
        (Action::Refuse { .. }, _) => return None,
    };
    let unknown = Unknown { id: after.as_ref().is_some_and(|after| after.id.is_none()) };
    let action_reason = match change.reason {
        Reason::Replaced if old.is_some() => Some("replace_because_cannot_update"),
        Reason::ReplaceAsked if old.is_some() => Some("replace_by_request"),
        Reason::NotDeclared if matches!(change.action, Action::Delete { .. }) => Some("delete_because_no_resource_config"),
        _ => None,
    };
    let previous = change.bookkeeping.moved_from.as_ref();
    Some(entry(
        &change.address,
        previous,
        Delta {
            actions,
            before_sensitive: Sensitive(before.clone()),
            after_sensitive: Sensitive(after.clone()),
            before,
            after,
            after_unknown: unknown,
            importing,
        },
        action_reason,
    ))
}

fn entry<'a>(
    address: &'a Address,
    previous: Option<&Address>,
    change: Delta<'a>,
    action_reason: Option<&'static str>,
) -> ResourceChange<'a> {
    ResourceChange {
        address: address.to_string(),
        previous_address: previous.map(ToString::to_string),
        mode: "managed",
        r#type: address.kind.word(),
        name: &address.label,
        provider_name: "deskform",
        change,
        action_reason,
    }
}

/// What changed on the platforms since it was last seen, planned back or kept.
pub(super) fn resource_drift(report: &PlanReport) -> impl Iterator<Item = ResourceChange<'_>> {
    let plan = &report.plan;
    let reverted = plan.changes.iter().filter_map(|change| match &change.action {
        Action::Update { remotes, fields, values, .. } => {
            let drifted = fields.iter().filter(|field| matches!(field.why, FieldReason::Drift | FieldReason::Both));
            let live: BTreeMap<&FieldKey, Option<&Value>> = drifted
                .filter_map(|field| match &field.before {
                    Before::Live(value) => Some((&field.field, Some(value))),
                    _ => None,
                })
                .collect();
            (!live.is_empty()).then(|| drift(&change.address, values, Some(joined(remotes.iter().flatten())), live))
        }
        Action::Create { values, .. } if change.reason == Reason::Vanished => {
            let before = Attributes { kind: change.kind(), id: None, values, instead: BTreeMap::new() };
            Some(entry(
                &change.address,
                None,
                Delta {
                    actions: &["delete"],
                    before_sensitive: Sensitive(Some(before.clone())),
                    before: Some(before),
                    after: None,
                    after_sensitive: Sensitive(None),
                    after_unknown: Unknown { id: false },
                    importing: None,
                },
                None,
            ))
        }
        _ => None,
    });
    let kept = plan.notes.iter().filter_map(|note| match &note.what {
        NoteKind::DriftKept { field, live, want } => Some(kept(&note.address, field, live, want)),
        _ => None,
    });
    reverted.chain(kept)
}

fn drift<'a>(
    address: &'a Address,
    values: &'a Values,
    id: Option<String>,
    live: BTreeMap<&'a FieldKey, Option<&'a Value>>,
) -> ResourceChange<'a> {
    let before = Attributes { kind: address.kind, id: id.clone(), values, instead: BTreeMap::new() };
    let after = Attributes { kind: address.kind, id, values, instead: live };
    entry(
        address,
        None,
        Delta {
            actions: &["update"],
            before_sensitive: Sensitive(Some(before.clone())),
            after_sensitive: Sensitive(Some(after.clone())),
            before: Some(before),
            after: Some(after),
            after_unknown: Unknown { id: false },
            importing: None,
        },
        None,
    )
}

/// One field that is left as the platform shows it. The plan knows nothing else of the object.
fn kept<'a>(address: &'a Address, field: &'a FieldKey, live: &'a Value, want: &'a Value) -> ResourceChange<'a> {
    static NONE: std::sync::LazyLock<Values> = std::sync::LazyLock::new(Values::new);
    let one = |value| Attributes { kind: address.kind, id: None, values: &NONE, instead: [(field, Some(value))].into() };
    entry(
        address,
        None,
        Delta {
            actions: &["update"],
            before: Some(one(want)),
            after: Some(one(live)),
            after_unknown: Unknown { id: false },
            before_sensitive: Sensitive(None),
            after_sensitive: Sensitive(None),
            importing: None,
        },
        None,
    )
}

fn last(change: &Change) -> Option<Attributes<'_>> {
    match &change.action {
        Action::Delete { remotes, last, .. } => {
            Some(Attributes { kind: change.kind(), id: Some(joined(remotes.iter())), values: last, instead: BTreeMap::new() })
        }
        _ => None,
    }
}

fn known_before(fields: &[FieldChange]) -> BTreeMap<&FieldKey, Option<&Value>> {
    let known = |before| match before {
        &Before::Live(ref value) | &Before::LastSet(ref value, _) => Some(value),
        Before::Unknown => None,
    };
    fields.iter().map(|change| (&change.field, known(&change.before))).collect()
}

fn joined<'a>(remotes: impl Iterator<Item = &'a RemoteId>) -> String {
    remotes.map(RemoteId::as_str).collect::<Vec<_>>().join(",")
}

fn is_secret(kind: Kind, key: &FieldKey) -> bool {
    matches!(key.field(kind).codec, Codec::Secret { .. })
}

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(id) = &self.id {
            map.serialize_entry("id", id)?;
        }
        for (key, value) in self.values.iter() {
            if !self.instead.contains_key(key) {
                map.serialize_entry(&key.name(self.kind), &plain(self.kind, key, value))?;
            }
        }
        for (key, value) in &self.instead {
            map.serialize_entry(&key.name(self.kind), &value.map_or(Json::Null, |value| plain(self.kind, key, value)))?;
        }
        map.end()
    }
}

impl Serialize for Unknown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.id {
            map.serialize_entry("id", &true)?;
        }
        map.end()
    }
}

impl Serialize for Sensitive<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(Attributes { kind, values, instead, .. }) = &self.0 {
            let secrets = values.iter().map(|(key, _)| key).chain(instead.keys().copied()).filter(|key| is_secret(*kind, key));
            let names: std::collections::BTreeSet<String> = secrets.map(|key| key.name(*kind)).collect();
            for name in names {
                map.serialize_entry(&name, &true)?;
            }
        }
        map.end()
    }
}

/// A value for readers. What stands in a secret's field and is no version is hidden, whatever it is.
fn plain(kind: Kind, key: &FieldKey, value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Secret { version } => serde_json::json!({ "version": version }),
        _ if is_secret(kind, key) => serde_json::json!({}),
        Value::Text(text) => text.as_str().into(),
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::Set(members) => members.iter().map(|member| member.as_str()).collect(),
        Value::List(items) => items.iter().map(|item| item.as_str()).collect(),
        Value::Files(files) => {
            files.iter().map(|(name, url)| serde_json::json!({ "fileName": name.as_str(), "fileUrl": url.as_str() })).collect()
        }
    }
}
