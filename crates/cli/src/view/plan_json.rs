//! A plan as JSON: one object, one change a line, keys that stay.
//!
//! ```text
//! {"formatVersion": 1, "project", "environment", "now": "YYYY-MM-DDTHH:MM:SS", "empty": bool, "ledgerKnown": bool, "validUntil"?,
//!  "changes": [{"address", "kind", "title"?, "action": "create"|"update"|"restore"|"delete"|"record"|"forget"|"refuse", "reason",
//!     "origin"?: {"path", "line", "column"}, "remoteIds"?: [id|null], "values"?: {field: value}, "fields"?: [{"field", "before", "after",
//!     "why"}], "last"?: {field: value}, "replacedBy"?: address, "forgetReason"?, "refusals"?: [{"code", "message", "field"?}],
//!     "waitsFor"?: [address], "closesAccess": bool, "adopted"?: true, "movedFrom"?: address, "released"?: [field]}],
//!  "notes": [{"address", "title"?, "code", "message", "origin"?}],
//!  "brakes": [{"code", "kind"?, "count", "message", "help", "first": [address], "allow": "what --allow takes"}],
//!  "released": [{...the same, "releasedBy": {"flag": text} | {"document": name, "until", "reason", "origin"}}],
//!  "warnings": [{"code", "message", "origin"?}],
//!  "counts": {"add", "change", "restore", "remove", "shifts": {"add", "change", "remove"}, "takeOver", "move", "refresh", "forget",
//!     "cannotChange", "unchanged"},
//!  "unchanged": {kind: n}, "unmanaged": {kind: n}, "owned": {kind: n}}
//! ```
//!
//! A field's `before` is `{"live": value}`, `{"lastSet": value, "at": time}` or `{"unknown": true}`. Values are strings, numbers, truth
//! values, null, lists; a secret is `{"secret": true, "version": n}` and nothing else.

use std::collections::BTreeMap;
use std::io::{self, Write};

use deskform_model::source::{Sources, Span};
use deskform_model::{FieldKey, Kind, Value, Values};
use deskform_planner::brake::{Brake, Released, ReleasedBy, Unused, Verdict};
use deskform_planner::plan::{Before, FieldChange, Note, Refusal};
use deskform_planner::{Action, Change, Plan};
use serde_json::{Map, Value as Json, json};

use super::plan_outline::{Counts, Tally};
use super::words;

/// A plan and what its JSON holds besides.
#[derive(Clone, Copy, Debug)]
pub struct PlanJson<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What the brakes say about it.
    pub verdict: &'a Verdict,
    /// The manifests, for places.
    pub sources: &'a Sources,
    /// `metadata.name` of the project.
    pub project: &'a str,
    /// `--env`, or empty.
    pub environment: &'a str,
    /// The clock that the plan was made with.
    pub now: deskform_model::time::DateTime,
}

impl PlanJson<'_> {
    /// Writes the object described above.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Plan { changes, notes, unchanged, unmanaged, owned, admins: _, valid_until, ended: _, ledger_known, scope: _ } = self.plan;
        writeln!(out, "{{\"formatVersion\":1,")?;
        member(out, "project", &json!(self.project))?;
        member(out, "environment", &json!(self.environment))?;
        member(out, "now", &json!(self.now.strftime("%Y-%m-%dT%H:%M:%S").to_string()))?;
        member(out, "empty", &json!(self.plan.is_empty()))?;
        member(out, "ledgerKnown", &json!(ledger_known))?;
        if let Some(until) = valid_until {
            member(out, "validUntil", &json!(until.strftime("%Y-%m-%dT%H:%M:%S").to_string()))?;
        }
        list(out, "changes", changes, |change| self.change(change))?;
        list(out, "notes", notes, |note| self.note(note))?;
        list(out, "brakes", &self.verdict.refused, brake)?;
        list(out, "released", &self.verdict.released, |released| self.released(released))?;
        list(out, "warnings", &self.verdict.warnings, |unused| self.unused(unused))?;
        member(out, "counts", &counts(&Counts::of(self.plan)))?;
        member(out, "unchanged", &per_kind(unchanged))?;
        member(out, "unmanaged", &per_kind(unmanaged))?;
        writeln!(out, "\"owned\":{}}}", per_kind(owned))
    }

    fn change(&self, change: &Change) -> Json {
        let kind = change.kind();
        let mut object = Map::new();
        object.insert("address".into(), change.address.to_string().into());
        object.insert("kind".into(), kind.word().into());
        if !change.title.is_empty() {
            object.insert("title".into(), change.title.as_str().into());
        }
        object.insert("action".into(), action_code(&change.action).into());
        object.insert("reason".into(), words::reason_code(change.reason).into());
        object.insert("closesAccess".into(), change.closes_access().into());
        if let Some(origin) = change.origin {
            object.insert("origin".into(), self.place(origin));
        }
        self.action(&change.action, kind, &mut object);
        if !change.waits_for.is_empty() {
            let addresses = change.waits_for.iter().map(|id| self.plan.get(*id).address.to_string());
            object.insert("waitsFor".into(), addresses.collect());
        }
        let books = &change.bookkeeping;
        if books.adopted {
            object.insert("adopted".into(), true.into());
        }
        if let Some(before) = &books.moved_from {
            object.insert("movedFrom".into(), before.to_string().into());
        }
        if !books.released.is_empty() {
            object.insert("released".into(), books.released.iter().map(|field| field.name(kind)).collect());
        }
        Json::Object(object)
    }

    fn action(&self, action: &Action, kind: Kind, object: &mut Map<String, Json>) {
        match action {
            Action::Create { values: wanted, secret: _ } => {
                object.insert("values".into(), values(kind, wanted));
            }
            Action::Update { remotes, values: wanted, fields, saw: _, secret: _ } => {
                let ids = remotes.iter().map(|remote| remote.as_ref().map_or(Json::Null, |remote| remote.as_str().into()));
                object.insert("remoteIds".into(), ids.collect());
                object.insert("values".into(), values(kind, wanted));
                object.insert("fields".into(), fields.iter().map(|change| field_change(kind, change)).collect());
            }
            Action::Restore { remote, values: wanted, fields } => {
                object.insert("remoteIds".into(), json!([remote.as_str()]));
                object.insert("values".into(), values(kind, wanted));
                object.insert("fields".into(), fields.iter().map(|change| field_change(kind, change)).collect());
            }
            Action::Delete { remotes, last, successor } => {
                object.insert("remoteIds".into(), remotes.iter().map(|remote| remote.as_str()).collect());
                object.insert("last".into(), values(kind, last));
                if let Some(successor) = successor {
                    object.insert("replacedBy".into(), self.plan.get(*successor).address.to_string().into());
                }
            }
            Action::Record { remotes, values: wanted } => {
                object.insert("remoteIds".into(), remotes.iter().map(|remote| remote.as_str()).collect());
                object.insert("values".into(), values(kind, wanted));
            }
            Action::Forget { id: _, why } => {
                object.insert("forgetReason".into(), words::forget_code(*why).into());
            }
            Action::Refuse { why } => {
                object.insert("refusals".into(), why.iter().map(|why| refusal(kind, why)).collect());
            }
        }
    }

    fn note(&self, note: &Note) -> Json {
        let Note { address, title, what, origin } = note;
        let mut object = json!({
            "address": address.to_string(),
            "code": words::note_code(what),
            "message": words::note(address.kind, what),
        });
        if !title.is_empty() {
            object["title"] = title.as_str().into();
        }
        if let Some(origin) = origin {
            object["origin"] = self.place(*origin);
        }
        object
    }

    fn released(&self, released: &Released) -> Json {
        let mut object = brake(&released.brake);
        object["releasedBy"] = match &released.by {
            ReleasedBy::Flag(allow) => json!({ "flag": allow.to_string() }),
            ReleasedBy::Document(release) => json!({
                "document": release.name.as_str(),
                "until": release.until.to_string(),
                "reason": release.reason.as_str(),
                "origin": self.place(release.origin),
            }),
        };
        object
    }

    fn unused(&self, unused: &Unused) -> Json {
        let mut object = json!({ "code": unused.code(), "message": unused.message() });
        if let Some(release) = unused.release() {
            object["origin"] = self.place(release.origin);
        }
        object
    }

    fn place(&self, span: Span) -> Json {
        let position = self.sources.position(span);
        json!({ "path": self.sources.get(span.source).path.as_str(), "line": position.line, "column": position.column })
    }
}

fn member(out: &mut dyn Write, name: &str, value: &Json) -> io::Result<()> {
    writeln!(out, "\"{name}\":{value},")
}

fn list<T>(out: &mut dyn Write, name: &str, items: &[T], object: impl Fn(&T) -> Json) -> io::Result<()> {
    write!(out, "\"{name}\":[")?;
    for (at, item) in items.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &object(item))?;
    }
    writeln!(out, "],")
}

fn brake(brake: &Brake) -> Json {
    let first: Vec<String> = brake.first().iter().map(ToString::to_string).collect();
    let mut object = json!({
        "code": brake.code(),
        "count": brake.number(),
        "message": brake.message(),
        "help": brake.advice(),
        "first": first,
        "allow": brake.allow().to_string(),
    });
    if let Some(kind) = brake.kind() {
        object["kind"] = kind.word().into();
    }
    object
}

fn action_code(action: &Action) -> &'static str {
    match action {
        Action::Create { .. } => "create",
        Action::Update { .. } => "update",
        Action::Restore { .. } => "restore",
        Action::Delete { .. } => "delete",
        Action::Record { .. } => "record",
        Action::Forget { .. } => "forget",
        Action::Refuse { .. } => "refuse",
    }
}

fn refusal(kind: Kind, refusal: &Refusal) -> Json {
    let mut object = json!({ "code": words::refusal_code(refusal), "message": words::refusal(kind, refusal) });
    match refusal {
        Refusal::Fixed { field, .. } | Refusal::BelowMinimum { field, .. } => object["field"] = field.name(kind).into(),
        Refusal::PasswordCreateOnly { .. } => object["field"] = "password".into(),
        Refusal::AdoptionRefused => {}
    }
    object
}

fn field_change(kind: Kind, change: &FieldChange) -> Json {
    let FieldChange { field, before, after, why } = change;
    let before = match before {
        Before::Live(value) => json!({ "live": value_of(kind, field, value) }),
        Before::LastSet(value, at) => json!({ "lastSet": value_of(kind, field, value), "at": at.as_str() }),
        Before::Unknown => json!({ "unknown": true }),
    };
    json!({
        "field": field.name(kind),
        "before": before,
        "after": value_of(kind, field, after),
        "why": words::field_reason_code(*why),
    })
}

fn values(kind: Kind, values: &Values) -> Json {
    values.iter().map(|(field, value)| (field.name(kind), value_of(kind, field, value))).collect::<Map<_, _>>().into()
}

/// A value for readers. What stands in a secret's field and is no version is hidden, whatever it is.
fn value_of(kind: Kind, field: &FieldKey, value: &Value) -> Json {
    let secret = matches!(field.field(kind).codec, deskform_model::codec::Codec::Secret { .. });
    match value {
        Value::Null => Json::Null,
        Value::Secret { version } => json!({ "secret": true, "version": version }),
        _ if secret => json!({ "secret": true }),
        Value::Text(text) => text.as_str().into(),
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::Set(members) => members.iter().map(|member| member.as_str()).collect(),
        Value::List(items) => items.iter().map(|item| item.as_str()).collect(),
        Value::Files(files) => files.iter().map(|(name, url)| json!({ "fileName": name.as_str(), "fileUrl": url.as_str() })).collect(),
    }
}

fn counts(counts: &Counts) -> Json {
    let Counts { others, shifts, shift_people: _, take_over, moved, refresh, forget, refused, unchanged } = counts;
    let Tally { add, change, remove, restore } = others;
    json!({
        "add": add, "change": change, "restore": restore, "remove": remove,
        "shifts": { "add": shifts.add, "change": shifts.change, "remove": shifts.remove },
        "takeOver": take_over, "move": moved, "refresh": refresh, "forget": forget, "cannotChange": refused, "unchanged": unchanged,
    })
}

fn per_kind(numbers: &BTreeMap<Kind, usize>) -> Json {
    numbers.iter().map(|(kind, number)| (kind.word().to_owned(), Json::from(*number))).collect::<Map<_, _>>().into()
}
