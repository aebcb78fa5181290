//! A plan's changes and notes as documents: everything that carrying them out needs, and nothing that differs between two machines.
//!
//! [`ChangeDocument`] and [`NoteDocument`] are written into saved plans and read back to the same values. Values stand in the ledger's form
//! ([`deskform_model::Value::to_json`]), people and objects under the ids that they had; other changes are named by their position.
//! `source` and `message` are for readers and are not read back.
//!
//! Limits: no files, and no secrets: of a password only its version and where it is read from.

use deskform_model::secret::{SecretRef, SecretSource};
use deskform_model::source::Place;
use deskform_model::time::DateTime;
use deskform_model::{FieldKey, Kind, RemoteId, Text, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::ledger::EntryId;
use crate::ledger::format::document::{KeyDocument, address, entry_id, parse_entry_id, remote, values};
use crate::plan::{
    Action, Before, Bookkeeping, Change, ChangeId, FieldChange, FieldReason, ForgetReason, Note, NoteKind, PersonTarget, Reason, Refusal,
};

/// One change.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeDocument<'a> {
    address: String,
    /// What is done: `create`, `update`, `restore`, `delete`, `record`, `forget` or `refuse`.
    action: Deed,
    reason: Reason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<Text>,
    /// Where it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
    #[serde(borrow)]
    key: KeyDocument<'a>,
    /// Whether it takes access away from somebody.
    #[serde(default, skip_serializing_if = "is_false")]
    closes_access: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<PersonDocument>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    remote_ids: Vec<Option<Text>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Map<String, Json>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldDocument>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    saw: Map<String, Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<SecretDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    successor: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forget_reason: Option<ForgetReason>,
    /// Why it cannot be as declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<RefusalDocument>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    waits_for: Vec<usize>,
    #[serde(default, skip_serializing_if = "is_false")]
    adopted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moved_from: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    released: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    voids: Vec<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    protect: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid_until: Option<DateTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Deed {
    Create,
    Update,
    Restore,
    Delete,
    Record,
    Forget,
    Refuse,
}

/// Exists under an id, or is made by a change of the same plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum PersonDocument {
    Id(Text),
    Change(usize),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SecretDocument {
    #[serde(flatten)]
    source: SecretPlace,
    version: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum SecretPlace {
    Env(Text),
    File(Text),
    Age(Text),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldDocument {
    field: String,
    before: BeforeDocument,
    after: Json,
    why: FieldReason,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum BeforeDocument {
    Live(Json),
    LastSet { value: Json, at: Text },
    Unknown,
}

/// Why a resource cannot be as declared.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefusalDocument {
    code: String,
    /// What it says to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    have: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    want: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<DateTime>,
}

/// One note.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoteDocument {
    address: String,
    code: String,
    /// What it says to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<Text>,
    /// Where it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    live: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    want: Option<Json>,
}

/// Whether what fields become is what stands among the values, which is what readers of `resource_changes` see.
fn check_fields(action: &Action) -> Result<(), FieldKey> {
    let (Action::Update { values, fields, .. } | Action::Restore { values, fields, .. }) = action else { return Ok(()) };
    match fields.iter().find(|change| values.get(&change.field) != Some(&change.after)) {
        Some(change) => Err(change.field.clone()),
        None => Ok(()),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(flag: &bool) -> bool {
    !flag
}

fn some_text(text: &Text) -> Option<Text> {
    (!text.is_empty()).then(|| text.clone())
}

impl ChangeDocument<'_> {
    /// The document of a change.
    pub fn of(change: &Change) -> Self {
        let kind = change.kind();
        let mut document = Self {
            address: change.address.to_string(),
            action: Deed::Create,
            reason: change.reason,
            title: some_text(&change.title),
            source: None,
            key: KeyDocument::of(&change.key),
            closes_access: change.closes_access(),
            person: change.person.as_ref().map(|person| match person {
                PersonTarget::Live(id) => PersonDocument::Id(id.text().clone()),
                PersonTarget::New(id) => PersonDocument::Change(id.0),
            }),
            remote_ids: Vec::new(),
            values: change.values().map(|values| values.to_json(kind)),
            fields: Vec::new(),
            saw: Map::new(),
            secret: None,
            successor: None,
            entry: None,
            forget_reason: None,
            refusals: Vec::new(),
            waits_for: change.waits_for.iter().map(|id| id.0).collect(),
            adopted: change.bookkeeping.adopted,
            moved_from: change.bookkeeping.moved_from.as_ref().map(ToString::to_string),
            released: change.bookkeeping.released.iter().map(|field| field.name(kind)).collect(),
            voids: change.bookkeeping.voids.iter().map(entry_id).collect(),
            protect: change.protect,
            valid_until: change.valid_until,
        };
        document.set_action(kind, &change.action);
        document
    }

    fn set_action(&mut self, kind: Kind, action: &Action) {
        let ids = |remotes: &[RemoteId]| remotes.iter().map(|remote| Some(remote.text().clone())).collect();
        let fields = |fields: &[FieldChange]| fields.iter().map(|change| FieldDocument::of(kind, change)).collect();
        match action {
            Action::Create { values: _, secret } => {
                self.action = Deed::Create;
                self.secret = secret.as_ref().map(SecretDocument::of);
            }
            Action::Update { remotes, values: _, fields: changes, saw, secret } => {
                self.action = Deed::Update;
                self.remote_ids = remotes.iter().map(|remote| remote.as_ref().map(|remote| remote.text().clone())).collect();
                self.fields = fields(changes);
                self.saw = saw.to_json(kind);
                self.secret = secret.as_ref().map(SecretDocument::of);
            }
            Action::Restore { remote, values: _, fields: changes } => {
                self.action = Deed::Restore;
                self.remote_ids = vec![Some(remote.text().clone())];
                self.fields = fields(changes);
            }
            Action::Delete { remotes, last, successor } => {
                self.action = Deed::Delete;
                self.remote_ids = ids(remotes);
                self.values = Some(last.to_json(kind));
                self.successor = successor.map(|id| id.0);
            }
            Action::Record { remotes, values: _ } => {
                self.action = Deed::Record;
                self.remote_ids = ids(remotes);
            }
            Action::Forget { id, why } => {
                self.action = Deed::Forget;
                self.entry = Some(entry_id(id));
                self.forget_reason = Some(*why);
            }
            Action::Refuse { why } => {
                self.action = Deed::Refuse;
                self.refusals = why.iter().map(|why| RefusalDocument::of(kind, why)).collect();
            }
        }
    }

    /// Reads the change back; it has no origin, because there are no sources. `changes` is how many changes the plan has.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(self, changes: usize) -> Result<Change, String> {
        let address = address(&self.address)?;
        let kind = address.kind;
        let at = |id: usize| if id < changes { Ok(ChangeId(id)) } else { Err(format!("{address} names change {id} of {changes}")) };
        let missing = |what: &str| format!("{address} lacks {what}");
        let field = |name: &String| kind.key(name).ok_or_else(|| format!("{address} has a field {name} that does not exist"));
        let entries = |ids: &[String]| ids.iter().map(|id| parse_entry_id(id)).collect::<Result<Vec<EntryId>, _>>();
        let remotes: Vec<Option<RemoteId>> = self.remote_ids.into_iter().map(|id| id.map(remote).transpose()).collect::<Result<_, _>>()?;
        let all = |remotes: Vec<Option<RemoteId>>| remotes.into_iter().collect::<Option<Vec<_>>>().ok_or_else(|| missing("an id"));
        let given = |map: Option<Map<String, Json>>| map.ok_or_else(|| missing("values")).and_then(|map| values(kind, &map));
        let fields =
            |documents: Vec<FieldDocument>| documents.into_iter().map(|document| document.read(kind)).collect::<Result<Vec<_>, _>>();
        let secret = self.secret.map(SecretDocument::read);
        let action = match self.action {
            Deed::Create => Action::Create { values: given(self.values)?, secret },
            Deed::Update => {
                Action::Update { remotes, values: given(self.values)?, fields: fields(self.fields)?, saw: values(kind, &self.saw)?, secret }
            }
            Deed::Restore => Action::Restore {
                remote: all(remotes)?.into_iter().next().ok_or_else(|| missing("an id"))?,
                values: given(self.values)?,
                fields: fields(self.fields)?,
            },
            Deed::Delete => {
                Action::Delete { remotes: all(remotes)?, last: given(self.values)?, successor: self.successor.map(at).transpose()? }
            }
            Deed::Record => Action::Record { remotes: all(remotes)?, values: given(self.values)? },
            Deed::Forget => Action::Forget {
                id: parse_entry_id(self.entry.as_deref().unwrap_or_default())?,
                why: self.forget_reason.ok_or_else(|| missing("a reason"))?,
            },
            Deed::Refuse => {
                Action::Refuse { why: self.refusals.into_iter().map(|document| document.read(kind)).collect::<Result<_, _>>()? }
            }
        };
        check_fields(&action).map_err(|key| format!("{address} is not to become what its values say in {}", key.name(kind)))?;
        let person = self.person.map(|person| match person {
            PersonDocument::Id(id) => remote(id).map(PersonTarget::Live),
            PersonDocument::Change(id) => at(id).map(PersonTarget::New),
        });
        Ok(Change {
            key: self.key.read(kind).ok_or_else(|| missing("its key"))?,
            title: self.title.unwrap_or_default(),
            action,
            reason: self.reason,
            bookkeeping: Bookkeeping {
                adopted: self.adopted,
                moved_from: self.moved_from.as_deref().map(self::address).transpose()?,
                released: self.released.iter().map(field).collect::<Result<_, _>>()?,
                voids: entries(&self.voids)?,
            },
            person: person.transpose()?,
            waits_for: self.waits_for.into_iter().map(at).collect::<Result<_, _>>()?,
            origin: None,
            protect: self.protect,
            valid_until: self.valid_until,
            address,
        })
    }
}

impl SecretDocument {
    fn of(secret: &SecretRef) -> Self {
        let source = match &secret.source {
            SecretSource::Env(name) => SecretPlace::Env(name.clone()),
            SecretSource::File(path) => SecretPlace::File(path.clone()),
            SecretSource::Age(path) => SecretPlace::Age(path.clone()),
        };
        Self { source, version: secret.version }
    }

    fn read(self) -> SecretRef {
        let source = match self.source {
            SecretPlace::Env(name) => SecretSource::Env(name),
            SecretPlace::File(path) => SecretSource::File(path),
            SecretPlace::Age(path) => SecretSource::Age(path),
        };
        SecretRef { source, version: self.version }
    }
}

impl FieldDocument {
    fn of(kind: Kind, change: &FieldChange) -> Self {
        let before = match &change.before {
            Before::Live(value) => BeforeDocument::Live(value.to_json()),
            Before::LastSet(value, at) => BeforeDocument::LastSet { value: value.to_json(), at: at.clone() },
            Before::Unknown => BeforeDocument::Unknown,
        };
        Self { field: change.field.name(kind), before, after: change.after.to_json(), why: change.why }
    }

    fn read(self, kind: Kind) -> Result<FieldChange, String> {
        let before = match self.before {
            BeforeDocument::Live(json) => Before::Live(value(&json)?),
            BeforeDocument::LastSet { value: json, at } => Before::LastSet(value(&json)?, at),
            BeforeDocument::Unknown => Before::Unknown,
        };
        Ok(FieldChange { field: key(kind, &self.field)?, before, after: value(&self.after)?, why: self.why })
    }
}

impl RefusalDocument {
    fn of(kind: Kind, refusal: &Refusal) -> Self {
        let mut document =
            Self { code: refusal.code().to_owned(), message: None, field: None, have: None, want: None, min: None, since: None };
        match refusal {
            Refusal::Fixed { field, have, want } => document.values(kind, field, have, want),
            Refusal::BelowMinimum { field, have, want, min } => {
                document.values(kind, field, have, want);
                document.min = Some(*min);
            }
            Refusal::PasswordCreateOnly { have, want } => (document.have, document.want) = (Some((*have).into()), Some((*want).into())),
            Refusal::AdoptionRefused => {}
            Refusal::TooLate { since } => document.since = Some(*since),
        }
        document
    }

    fn values(&mut self, kind: Kind, field: &FieldKey, have: &Value, want: &Value) {
        (self.field, self.have, self.want) = (Some(field.name(kind)), Some(have.to_json()), Some(want.to_json()));
    }

    fn read(self, kind: Kind) -> Result<Refusal, String> {
        let field = || key(kind, self.field.as_deref().unwrap_or_default());
        let number = |json: &Option<Json>| json.as_ref().and_then(Json::as_u64).and_then(|number| u32::try_from(number).ok());
        let lacks = || format!("a refusal \"{}\" is not complete", self.code);
        Ok(match self.code.as_str() {
            "fixed" => Refusal::Fixed { field: field()?, have: maybe(self.have.as_ref())?, want: maybe(self.want.as_ref())? },
            "below-minimum" => Refusal::BelowMinimum {
                field: field()?,
                have: maybe(self.have.as_ref())?,
                want: maybe(self.want.as_ref())?,
                min: self.min.ok_or_else(lacks)?,
            },
            "password-create-only" => {
                Refusal::PasswordCreateOnly { have: number(&self.have).ok_or_else(lacks)?, want: number(&self.want).ok_or_else(lacks)? }
            }
            "adoption-refused" => Refusal::AdoptionRefused,
            "too-late" => Refusal::TooLate { since: self.since.ok_or_else(lacks)? },
            other => return Err(format!("\"{other}\" is no refusal")),
        })
    }
}

impl NoteDocument {
    /// The document of a note.
    pub fn of(note: &Note) -> Self {
        let Note { address, title, what, origin: _ } = note;
        let kind = address.kind;
        let mut document = Self {
            address: address.to_string(),
            code: what.code().to_owned(),
            message: None,
            title: some_text(title),
            source: None,
            field: None,
            live: None,
            want: None,
        };
        match what {
            NoteKind::DriftKept { field, live, want } => {
                document.field = Some(field.name(kind));
                (document.live, document.want) = (Some(live.to_json()), Some(want.to_json()));
            }
            NoteKind::StartPinned { live, want } => (document.live, document.want) = (Some(live.to_json()), Some(want.to_json())),
            NoteKind::InitialOnly { field } => document.field = Some(field.name(kind)),
            NoteKind::NoLongerDeclared | NoteKind::Ended | NoteKind::InProgressKept | NoteKind::MayStillAppear => {}
        }
        document
    }

    /// Reads the note back; it has no origin, because there are no sources.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(self) -> Result<Note, String> {
        let address = address(&self.address)?;
        let field = || key(address.kind, self.field.as_deref().unwrap_or_default());
        let what = match self.code.as_str() {
            "no-longer-declared" => NoteKind::NoLongerDeclared,
            "drift-kept" => NoteKind::DriftKept { field: field()?, live: maybe(self.live.as_ref())?, want: maybe(self.want.as_ref())? },
            "ended" => NoteKind::Ended,
            "start-pinned" => NoteKind::StartPinned { live: maybe(self.live.as_ref())?, want: maybe(self.want.as_ref())? },
            "in-progress-kept" => NoteKind::InProgressKept,
            "initial-only" => NoteKind::InitialOnly { field: field()? },
            "may-still-appear" => NoteKind::MayStillAppear,
            other => return Err(format!("\"{other}\" is no note")),
        };
        Ok(Note { address, title: self.title.unwrap_or_default(), what, origin: None })
    }
}

fn key(kind: Kind, name: &str) -> Result<FieldKey, String> {
    kind.key(name).ok_or_else(|| format!("a {} has no field {name}", kind.word()))
}

fn value(json: &Json) -> Result<Value, String> {
    Value::from_json(json).ok_or_else(|| format!("{json} is of no known form"))
}

/// An absent value is the empty one: `null` is read as absence.
fn maybe(json: Option<&Json>) -> Result<Value, String> {
    json.map_or(Ok(Value::Null), value)
}

/// The ids of entries as saved plans write them, and back.
pub mod entries {
    use super::{EntryId, entry_id, parse_entry_id};

    /// `kind/id`.
    pub fn text(id: &EntryId) -> String {
        entry_id(id)
    }

    /// Reads `kind/id`.
    ///
    /// # Errors
    /// When it is no entry.
    pub fn read(text: &str) -> Result<EntryId, String> {
        parse_entry_id(text)
    }
}
