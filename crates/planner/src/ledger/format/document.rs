//! The stored shapes: what the lines of snapshots and segments look like. Part of the format's promise; the ledger's own types are free.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use deskform_model::field::READ;
use deskform_model::kind::Module;
use deskform_model::time::{format_time, parse_date, parse_time};
use deskform_model::{Address, Kind, NaturalKey, Person, RemoteId, SharedValues, Text, Values};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value as Json};

use super::super::{Entry, EntryId, Identity, Intent, Ledger, Record, Recycled};
use super::FORMAT;

/// Format and writer alone, which every format has in the same place.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version {
    pub(super) format: u32,
    #[serde(default)]
    pub(super) written_by: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    format: u32,
    written_by: Text,
    id: Text,
    serial: u64,
    identity: IdentityDocument,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    revision: Text,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    applied_plans: Vec<Text>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdentityDocument {
    project: Text,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    environment: Text,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    helpdesk: Text,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    call_center: Text,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    abbreviate: Text,
}

impl Header {
    pub(super) fn of(ledger: &Ledger, writer: &str) -> Self {
        let Identity { project, environment, helpdesk, call_center, abbreviate } = ledger.identity.clone();
        Self {
            format: FORMAT,
            written_by: writer.into(),
            id: ledger.id.clone(),
            serial: ledger.serial,
            identity: IdentityDocument { project, environment, helpdesk, call_center, abbreviate },
            revision: ledger.revision.clone(),
            applied_plans: ledger.applied_plans.clone(),
        }
    }

    pub(super) fn version(&self) -> Version {
        Version { format: self.format, written_by: self.written_by.to_string() }
    }

    pub(super) fn into_ledger(self) -> Ledger {
        let IdentityDocument { project, environment, helpdesk, call_center, abbreviate } = self.identity;
        Ledger {
            id: self.id,
            serial: self.serial,
            identity: Identity { project, environment, helpdesk, call_center, abbreviate },
            revision: self.revision,
            applied_plans: self.applied_plans,
            ..Ledger::default()
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct SegmentHeader {
    pub(super) segment: Header,
}

#[derive(Deserialize)]
pub(super) struct SegmentVersion {
    pub(super) segment: Version,
}

#[derive(Deserialize)]
pub(super) struct SnapshotVersion {
    pub(super) ledger: Version,
}

#[derive(Deserialize)]
pub(super) struct SnapshotDocument {
    pub(super) ledger: Header,
    pub(super) entries: StoredEntries,
    pub(super) recycled: Vec<StoredRecycled>,
    pub(super) intents: Vec<StoredIntent>,
}

/// A natural key, told apart by its members.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct KeyDocument<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator_id: Option<Text>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    person: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    module: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    date: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    start: Option<Cow<'a, str>>,
}

impl KeyDocument<'_> {
    pub(crate) fn of(key: &NaturalKey) -> Self {
        let mut document = Self { account: None, operator_id: None, person: None, module: None, date: None, start: None };
        match key {
            NaturalKey::Support { account } => document.account = Some(account.clone()),
            NaturalKey::Agent { operator_id } => document.operator_id = Some(operator_id.clone()),
            NaturalKey::Permission { person, module } => {
                document.person = Some(person.to_string().into());
                document.module = Some(module.word().into());
            }
            NaturalKey::Shift { person, date, start } => {
                document.person = Some(person.to_string().into());
                document.date = Some(date.to_string().into());
                document.start = Some(format_time(*start).into());
            }
        }
        document
    }

    pub(crate) fn read(self, kind: Kind) -> Option<NaturalKey> {
        Some(match kind {
            Kind::Support => NaturalKey::Support { account: self.account? },
            Kind::Agent => NaturalKey::Agent { operator_id: self.operator_id? },
            Kind::Permission => NaturalKey::Permission { person: person(&self.person?), module: Module::from_word(&self.module?)? },
            Kind::Shift => {
                NaturalKey::Shift { person: person(&self.person?), date: parse_date(&self.date?)?, start: parse_time(&self.start?)? }
            }
        })
    }
}

/// Reads what [`Person`] displays; names never hold a colon.
fn person(text: &str) -> Person {
    if let Some(id) = text.strip_prefix("id:") {
        Person::Id(id.into())
    } else if let Some(account) = text.strip_prefix("account:") {
        Person::Account(account.into())
    } else {
        Person::Declared(text.into())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntryDocument<'a> {
    #[serde(borrow)]
    address: Cow<'a, str>,
    #[serde(borrow)]
    key: KeyDocument<'a>,
    remotes: Vec<Text>,
    set: Map<String, Json>,
    /// What the read after the write showed differently, or showed although it is not in `set`. Absent: nothing was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<Map<String, Json>>,
    /// Readable fields of `set` that the read did not show.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unseen: Vec<Text>,
    at: Text,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    protect: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    support: Option<Text>,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    title: Text,
    /// Of a record: the intent that it fulfils.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    intent: Option<u64>,
}

impl<'a> EntryDocument<'a> {
    pub(super) fn of(entry: &Entry, intent: Option<u64>) -> Self {
        let kind = entry.key.kind();
        let (seen, unseen) = entry.seen.as_ref().map_or((None, Vec::new()), |seen| {
            let (differs, unseen) = difference(kind, &entry.set, seen);
            (Some(differs.to_json(kind)), unseen)
        });
        Self {
            address: entry.address.to_string().into(),
            key: KeyDocument::of(&entry.key),
            remotes: entry.remotes.iter().map(|remote| remote.text().clone()).collect(),
            set: entry.set.to_json(kind),
            seen,
            unseen,
            at: entry.at.clone(),
            protect: entry.protect,
            support: entry.support.as_ref().map(|remote| remote.text().clone()),
            title: entry.title.clone(),
            intent,
        }
    }

    fn read(self) -> Result<(Entry, Option<u64>), String> {
        let address = address(&self.address)?;
        let kind = address.kind;
        let set = values(kind, &self.set)?;
        let seen = match &self.seen {
            None => None,
            Some(differs) => Some(restore(kind, &set, values(kind, differs)?, &self.unseen)),
        };
        let remotes = self.remotes.into_iter().map(remote).collect::<Result<Vec<_>, _>>()?;
        if remotes.is_empty() {
            return Err(format!("{address} has no remote id"));
        }
        let entry = Entry {
            key: self.key.read(kind).ok_or_else(|| format!("the key of {address} is none of a {}", kind.word()))?,
            address,
            remotes,
            set,
            seen,
            at: self.at,
            protect: self.protect,
            support: self.support.map(remote).transpose()?,
            title: self.title,
        };
        Ok((entry, self.intent))
    }
}

/// What of `seen` does not follow from `set`: other values, and readable fields that were not shown.
fn difference(kind: Kind, set: &Values, seen: &Values) -> (Values, Vec<Text>) {
    let readable = |key: &deskform_model::FieldKey| key.field(kind).has(READ);
    let differs = seen.iter().filter(|(key, value)| !(readable(key) && set.get(key) == Some(value)));
    let differs = differs.map(|(key, value)| (key.clone(), value.clone())).collect();
    let unseen = set.iter().filter(|(key, _)| readable(key) && seen.get(key).is_none()).map(|(key, _)| key.name(kind).into()).collect();
    (differs, unseen)
}

/// The reverse of [`difference`].
fn restore(kind: Kind, set: &Values, differs: Values, unseen: &[Text]) -> Values {
    let shown = set.iter().filter(|(key, _)| key.field(kind).has(READ));
    let mut seen: Values = shown.map(|(key, value)| (key.clone(), value.clone())).collect();
    for key in unseen.iter().filter_map(|name| kind.key(name)) {
        seen.remove(&key);
    }
    for (key, value) in differs.iter() {
        seen.insert(key.clone(), value.clone());
    }
    seen
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecycledDocument<'a> {
    account: Text,
    remote: Text,
    #[serde(borrow)]
    address: Cow<'a, str>,
    set: Map<String, Json>,
}

impl RecycledDocument<'_> {
    pub(super) fn of(account: &Text, recycled: &Recycled) -> Self {
        Self {
            account: account.clone(),
            remote: recycled.remote.text().clone(),
            address: recycled.address.to_string().into(),
            set: recycled.set.to_json(Kind::Support),
        }
    }

    fn read(self) -> Result<(Text, Recycled), String> {
        let recycled = Recycled { remote: remote(self.remote)?, address: address(&self.address)?, set: values(Kind::Support, &self.set)? };
        Ok((self.account, recycled))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntentDocument<'a> {
    number: u64,
    #[serde(borrow)]
    address: Cow<'a, str>,
    #[serde(borrow)]
    key: KeyDocument<'a>,
    set: Map<String, Json>,
    at: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    support: Option<Text>,
}

impl IntentDocument<'_> {
    pub(super) fn of(intent: &Intent) -> Self {
        Self {
            number: intent.number,
            address: intent.address.to_string().into(),
            key: KeyDocument::of(&intent.key),
            set: intent.set.to_json(intent.key.kind()),
            at: intent.at.clone(),
            support: intent.support.as_ref().map(|remote| remote.text().clone()),
        }
    }

    fn read(self) -> Result<Intent, String> {
        let address = address(&self.address)?;
        let kind = address.kind;
        Ok(Intent {
            number: self.number,
            key: self.key.read(kind).ok_or_else(|| format!("the key of {address} is none of a {}", kind.word()))?,
            set: values(kind, &self.set)?,
            address,
            at: self.at,
            support: self.support.map(remote).transpose()?,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum RecordDocument<'a> {
    Intended(#[serde(borrow)] IntentDocument<'a>),
    Withdrawn(u64),
    Done(#[serde(borrow)] Box<EntryDocument<'a>>),
    Gone(#[serde(borrow)] Cow<'a, str>),
    Recycled(#[serde(borrow)] RecycledDocument<'a>),
    Seen {
        #[serde(borrow)]
        id: Cow<'a, str>,
        seen: Map<String, Json>,
    },
    LeftBin(Text),
    Applied {
        revision: Text,
        plan: Text,
    },
}

impl RecordDocument<'_> {
    pub(super) fn of(record: &Record) -> Self {
        match record {
            Record::Intended(intent) => Self::Intended(IntentDocument::of(intent)),
            Record::Withdrawn { intent } => Self::Withdrawn(*intent),
            Record::Done { intent, entry } => Self::Done(Box::new(EntryDocument::of(entry, *intent))),
            Record::Gone { id } => Self::Gone(entry_id(id).into()),
            Record::Recycled { account, recycled } => Self::Recycled(RecycledDocument::of(account, recycled)),
            Record::Seen { id, seen } => Self::Seen { id: entry_id(id).into(), seen: seen.to_json(id.kind) },
            Record::LeftBin { account } => Self::LeftBin(account.clone()),
            Record::Applied { revision, plan } => Self::Applied { revision: revision.clone(), plan: plan.clone() },
        }
    }

    fn read(self) -> Result<Record, String> {
        Ok(match self {
            Self::Intended(intent) => Record::Intended(intent.read()?),
            Self::Withdrawn(intent) => Record::Withdrawn { intent },
            Self::Done(document) => {
                let (entry, intent) = document.read()?;
                Record::Done { intent, entry: Box::new(entry) }
            }
            Self::Gone(id) => Record::Gone { id: parse_entry_id(&id)? },
            Self::Recycled(recycled) => {
                let (account, recycled) = recycled.read()?;
                Record::Recycled { account, recycled: Box::new(recycled) }
            }
            Self::Seen { id, seen } => {
                let id = parse_entry_id(&id)?;
                Record::Seen { seen: values(id.kind, &seen)?, id }
            }
            Self::LeftBin(account) => Record::LeftBin { account },
            Self::Applied { revision, plan } => Record::Applied { revision, plan },
        })
    }
}

/// Stored values that are checked while they are read, inside their own braces: an error raised there knows its line, one raised after
/// the closing brace would name the next.
macro_rules! stored {
    ($($(#[$doc:meta])* $name:ident = $document:ident as $value:ty;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name(pub(super) $value);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct InBraces;
                impl<'de> Visitor<'de> for InBraces {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<$name, A::Error> {
                        $document::deserialize(MapAccessDeserializer::new(map))?.read().map($name).map_err(A::Error::custom)
                    }
                }
                deserializer.deserialize_map(InBraces)
            }
        }
    )*};
}

/// The entries of a snapshot. Values that many of them have are kept once, from the moment they are read.
pub(super) struct StoredEntries(pub(super) BTreeMap<EntryId, Entry>);

impl<'de> Deserialize<'de> for StoredEntries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InBrackets;
        impl<'de> Visitor<'de> for InBrackets {
            type Value = StoredEntries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of entries")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<StoredEntries, A::Error> {
                let mut shared = SharedValues::default();
                let mut entries = Vec::new();
                while let Some(StoredEntry((mut entry, _))) = items.next_element()? {
                    entry.set = shared.share(entry.set);
                    entry.seen = entry.seen.map(|seen| shared.share(seen));
                    entries.push((entry.id(), entry));
                }
                Ok(StoredEntries(entries.into_iter().collect()))
            }
        }
        deserializer.deserialize_seq(InBrackets)
    }
}

stored! {
    /// An entry and, in a record, the intent that it fulfils.
    StoredEntry = EntryDocument as (Entry, Option<u64>);
    /// A person in the bin, by account.
    StoredRecycled = RecycledDocument as (Text, Recycled);
    /// An open intent.
    StoredIntent = IntentDocument as Intent;
    /// One line of a segment.
    StoredRecord = RecordDocument as Record;
}

pub(crate) fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).ok_or_else(|| format!("\"{text}\" is no address"))
}

pub(crate) fn remote(id: Text) -> Result<RemoteId, String> {
    RemoteId::new(id).ok_or_else(|| "a remote id is empty".to_owned())
}

pub(crate) fn values(kind: Kind, map: &Map<String, Json>) -> Result<Values, String> {
    Values::from_json(kind, map).ok_or_else(|| format!("the values of a {} are of no known form", kind.word()))
}

pub(crate) fn entry_id(id: &EntryId) -> String {
    format!("{}/{}", id.kind.word(), id.id)
}

pub(crate) fn parse_entry_id(text: &str) -> Result<EntryId, String> {
    let parsed = text.split_once('/').and_then(|(kind, id)| Some(EntryId { kind: Kind::from_word(kind)?, id: id.into() }));
    parsed.ok_or_else(|| format!("\"{text}\" is no entry"))
}
