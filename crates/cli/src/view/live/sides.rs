//! One object from all sides: what its manifest says, what its platform shows, what the ledger knows.

use std::collections::BTreeSet;
use std::io::{self, Write};

use deskform_model::codec::Codec;
use deskform_model::field::READ;
use deskform_model::printable::printable;
use deskform_model::{Ensure, FieldKey, Kind, Resource, Value, Values};
use deskform_planner::Policy;
use deskform_planner::diff::{self, diff};
use deskform_planner::ledger::Entry;
use deskform_planner::plan::{NoteKind, Refusal};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use super::{FORMAT_VERSION, table};
use crate::ui::STRONG;
use crate::view::words;

/// What is known of one object.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SidesDocument {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    pub format_version: u8,
    /// What it is called here: the manifest's address, else the ledger's, else its key.
    pub address: String,
    /// What kind of object it is.
    #[schemars(extend("enum" = ["support", "agent"]))]
    pub kind: &'static str,
    /// The platform's id, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where it is on the platform.
    pub place: Place,
    /// File and line of its manifest; absent when none declares it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// What the manifest wants of the whole object, when that is not that it is there as the fields say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ensure: Option<Wanted>,
    /// What the ledger knows about it; absent when deskform does not own it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<LedgerSide>,
    /// Every field that any side has, in the order of `deskform schema`.
    pub fields: Vec<FieldSides>,
}

/// What the ledger knows about an object beside its fields.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct LedgerSide {
    /// What it was called last.
    pub address: String,
    /// When it was last written, as the project's wall-clock; absent of those in the recycle bin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Whether it is protected.
    pub protect: bool,
    /// Whether deskform put it into the recycle bin.
    pub recycled: bool,
}

/// Where an object is on its platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Place {
    /// It is there.
    InService,
    /// It is in the recycle bin.
    Recycled,
    /// It is not there.
    Absent,
}

/// What a manifest wants of an object that is not to be as its fields say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Wanted {
    /// It is not to be there.
    Absent,
    /// It stays as it is and is nobody's here.
    Released,
}

/// One field from all sides. A side that has no value of it is absent; null is an empty value.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldSides {
    /// The field's name in manifests.
    pub field: String,
    /// How it stands.
    pub standing: Standing,
    /// What the manifest says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Json>,
    /// What the platform shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<Json>,
    /// What deskform last sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<Json>,
    #[serde(skip)]
    #[schemars(skip)]
    shown: [String; 3],
}

/// How a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Standing {
    /// As the manifest says, as far as can be read.
    InSync,
    /// A plan would have something to say about it.
    Differs,
    /// The manifest says nothing about it.
    NotManaged,
}

/// Everything that is known about an object.
pub struct Sides<'a> {
    /// What kind of object it is.
    pub kind: Kind,
    /// What to call it where neither manifest nor ledger does.
    pub key: String,
    /// Its manifest, and where that is.
    pub resource: Option<(&'a Resource, String)>,
    /// What the platform shows, with the id.
    pub live: Option<(String, &'a Values)>,
    /// Where it is on the platform.
    pub place: Place,
    /// What the ledger owns.
    pub entry: Option<&'a Entry>,
    /// What the ledger remembers of somebody in the recycle bin: address, id and what was last sent.
    pub recycled: Option<(String, String, &'a Values)>,
}

impl SidesDocument {
    /// Puts the sides together. Whether a field differs is what a plan would say, with drift being reverted.
    pub fn new(sides: &Sides<'_>) -> Self {
        let Sides { kind, key, resource, live, place, entry, recycled } = sides;
        let empty = Values::new();
        let live_values = live.as_ref().map_or(&empty, |(_, values)| values);
        let desired = resource.as_ref().map(|(resource, _)| *resource);
        let ensure = desired.and_then(|resource| match resource.lifecycle.ensure {
            Ensure::Present => None,
            Ensure::Absent => Some(Wanted::Absent),
            Ensure::Released => Some(Wanted::Released),
        });
        // The fields of what is not to be there only say which object is meant.
        let differing =
            desired.filter(|_| ensure.is_none()).map(|resource| differing(*kind, resource, live_values, *entry)).unwrap_or_default();
        let set = entry.map(|entry| &entry.set).or(recycled.as_ref().map(|(_, _, set)| *set));
        let keys: BTreeSet<&FieldKey> = [desired.map(|resource| &resource.values), Some(live_values), set]
            .into_iter()
            .flatten()
            .flat_map(Values::iter)
            .map(|(key, _)| key)
            .collect();
        let field = |key: &FieldKey| {
            let values = [desired.and_then(|resource| resource.values.get(key)), live_values.get(key), set.and_then(|set| set.get(key))];
            let codec = key.field(*kind).codec;
            let readable = key.field(*kind).has(READ) && !matches!(codec, Codec::Secret { .. });
            let mut shown = values.map(|value| value.map_or_else(|| "-".to_owned(), |value| words::show(&codec, value)));
            if !readable && live.is_some() && values[1].is_none() {
                shown[1] = "(not readable)".to_owned();
            }
            let standing = match values[0] {
                None => Standing::NotManaged,
                // What is wanted of the whole object is said once; its fields only tell which object is meant.
                Some(_) if ensure.is_some() => Standing::InSync,
                Some(_) if differing.contains(key) || *place != Place::InService => Standing::Differs,
                Some(_) => Standing::InSync,
            };
            let [manifest, live, ledger] = values.map(|value| value.map(Value::to_json));
            FieldSides { field: key.name(*kind), standing, manifest, live, ledger, shown }
        };
        let fields = keys.into_iter().map(field).collect();
        let ledger = match (entry, recycled) {
            (Some(entry), _) => Some(LedgerSide {
                address: entry.address.to_string(),
                at: Some(entry.at.to_string()),
                protect: entry.protect,
                recycled: false,
            }),
            (None, Some((address, ..))) => Some(LedgerSide { address: address.clone(), at: None, protect: false, recycled: true }),
            (None, None) => None,
        };
        let address = desired.map(|resource| resource.address.to_string());
        let remote = entry.and_then(|entry| entry.remotes.first()).map(ToString::to_string);
        Self {
            format_version: FORMAT_VERSION,
            address: address.or_else(|| ledger.as_ref().map(|ledger| ledger.address.clone())).unwrap_or_else(|| key.clone()),
            kind: kind.word(),
            id: live.as_ref().map(|(id, _)| id.clone()).or(remote).or_else(|| recycled.as_ref().map(|(_, id, _)| id.clone())),
            place: *place,
            manifest: resource.as_ref().map(|(_, at)| at.clone()),
            ensure,
            ledger,
            fields,
        }
    }

    /// Writes what it is and where, and a table of its fields; `~` marks those that differ.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{STRONG}{}{STRONG:#}", printable(&self.address))?;
        let wanted = match (self.ensure, self.place) {
            (None, _) => "",
            (Some(Wanted::Absent), Place::InService) => ", which wants it absent: a plan removes it",
            (Some(Wanted::Absent), Place::Recycled | Place::Absent) => ", which wants it absent",
            (Some(Wanted::Released), _) => ", which releases it",
        };
        writeln!(out, "  manifest: {}{wanted}", self.manifest.as_deref().unwrap_or("none declares it"))?;
        let id = self.id.as_deref().map(|id| format!(", id {}", printable(id))).unwrap_or_default();
        let place = match self.place {
            Place::InService => "there",
            Place::Recycled => "in the recycle bin",
            Place::Absent => "not there",
        };
        writeln!(out, "  live: {place}{id}")?;
        match &self.ledger {
            None => writeln!(out, "  ledger: not owned")?,
            Some(LedgerSide { address, at, protect, recycled }) => {
                let at = at.as_deref().map(|at| format!(", written {at}")).unwrap_or_default();
                let protect = if *protect { ", protected" } else { "" };
                let verb = if *recycled { "put into the recycle bin" } else { "owned" };
                let address = if *address == self.address { String::new() } else { format!(" as {}", printable(address)) };
                writeln!(out, "  ledger: {verb}{address}{at}{protect}")?;
            }
        }
        writeln!(out)?;
        let row = |field: &FieldSides| {
            let mark = if field.standing == Standing::Differs { "~" } else { " " };
            let [manifest, live, ledger] = field.shown.clone();
            [mark.to_owned(), field.field.clone(), manifest, live, ledger]
        };
        let rows: Vec<_> = self.fields.iter().map(row).collect();
        table::write(["", "FIELD", "MANIFEST", "LIVE", "LEDGER"], &rows, out)
    }
}

fn differing(kind: Kind, resource: &Resource, live: &Values, entry: Option<&Entry>) -> BTreeSet<FieldKey> {
    let sides = diff::Sides { desired: &resource.values, lifecycle: &resource.lifecycle, live, entry };
    let diff = diff(kind, sides, &Policy::default());
    let changes = diff.changes.into_iter().map(|change| change.field);
    let refusals = diff.refusals.into_iter().filter_map(|refusal| match refusal {
        Refusal::Fixed { field, .. } | Refusal::BelowMinimum { field, .. } => Some(field),
        _ => None,
    });
    let notes = diff.notes.into_iter().filter_map(|note| match note {
        NoteKind::DriftKept { field, .. } | NoteKind::InitialOnly { field } => Some(field),
        _ => None,
    });
    changes.chain(refusals).chain(notes).collect()
}
