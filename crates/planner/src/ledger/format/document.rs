//! The stored shapes: what the lines of snapshots and segments look like. Part of the format's promise; the ledger's own types are free.
//! What is often written is written by [`super::written`], in these shapes.

use std::borrow::Cow;
use std::fmt;

use deskform_model::kind::Module;
use deskform_model::time::{format_time, parse_date, parse_time};
use deskform_model::{Address, Kind, NaturalKey, Person, RemoteId, Text, Values};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

use super::super::{Entry, EntryId, Identity, Intent, Ledger, Record, Recycled};
use super::FORMAT;
use super::stored::{KnownValues, List, Stored, Texts, of_no_known_form};

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
    pub(super) entries: List<(EntryId, Entry)>,
    pub(super) recycled: List<Binned>,
    pub(super) intents: List<Intent>,
}

/// An entry and the intent that it fulfils.
pub(super) struct Fulfilled(pub(super) Entry, pub(super) Option<u64>);

/// A person in the bin, by account.
pub(super) struct Binned(pub(super) Text, pub(super) Recycled);

/// Values and names as they are read: as their text.
type Unread<'a> = &'a RawValue;

/// Text that is borrowed where it stands in the document as it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Word<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl From<String> for Word<'_> {
    fn from(text: String) -> Self {
        Self(text.into())
    }
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
    person: Option<Word<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    module: Option<Word<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    date: Option<Word<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    start: Option<Word<'a>>,
}

impl KeyDocument<'_> {
    pub(crate) fn of(key: &NaturalKey) -> Self {
        let mut document = Self { account: None, operator_id: None, person: None, module: None, date: None, start: None };
        match key {
            NaturalKey::Support { account } => document.account = Some(account.clone()),
            NaturalKey::Agent { operator_id } => document.operator_id = Some(operator_id.clone()),
            NaturalKey::Permission { person, module } => {
                document.person = Some(person.to_string().into());
                document.module = Some(Word(module.word().into()));
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
            Kind::Permission => NaturalKey::Permission { person: person(&self.person?.0), module: Module::from_word(&self.module?.0)? },
            Kind::Shift => {
                NaturalKey::Shift { person: person(&self.person?.0), date: parse_date(&self.date?.0)?, start: parse_time(&self.start?.0)? }
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntryDocument<'a> {
    #[serde(borrow)]
    address: Cow<'a, str>,
    #[serde(borrow)]
    key: KeyDocument<'a>,
    #[serde(deserialize_with = "one_or_two")]
    remotes: Vec<Text>,
    #[serde(borrow)]
    set: Unread<'a>,
    /// What the read after the write showed differently, or showed although it is not in `set`. Absent: nothing was read.
    #[serde(borrow)]
    seen: Option<Unread<'a>>,
    /// Readable fields of `set` that the read did not show.
    #[serde(borrow)]
    unseen: Option<Unread<'a>>,
    at: Text,
    #[serde(default)]
    protect: bool,
    #[serde(default)]
    support: Option<Text>,
    #[serde(default)]
    title: Text,
    /// Of a record: the intent that it fulfils.
    #[serde(default)]
    intent: Option<u64>,
}

impl Stored for Fulfilled {
    type Document<'a> = EntryDocument<'a>;

    fn read<'a>(document: Self::Document<'a>, known: &mut KnownValues<'a>) -> Result<Self, String> {
        let address = address(&document.address)?;
        let kind = address.kind;
        let (set, seen) = known.set_and_seen(kind, Texts { set: document.set, seen: document.seen, unseen: document.unseen })?;
        let mut remotes = document.remotes.into_iter().map(remote).collect::<Result<Vec<_>, _>>()?;
        if remotes.is_empty() {
            return Err(format!("{address} has no remote id"));
        }
        // A list is read with room for more; nearly all entries have one id.
        remotes.shrink_to_fit();
        let entry = Entry {
            key: document.key.read(kind).ok_or_else(|| format!("the key of {address} is none of a {}", kind.word()))?,
            address,
            remotes,
            set,
            seen,
            at: document.at,
            protect: document.protect,
            support: document.support.map(remote).transpose()?,
            title: document.title,
        };
        Ok(Self(entry, document.intent))
    }
}

impl Stored for (EntryId, Entry) {
    type Document<'a> = EntryDocument<'a>;

    fn read<'a>(document: Self::Document<'a>, known: &mut KnownValues<'a>) -> Result<Self, String> {
        Fulfilled::read(document, known).map(|Fulfilled(entry, _)| (entry.id(), entry))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecycledDocument<'a> {
    account: Text,
    remote: Text,
    #[serde(borrow)]
    address: Cow<'a, str>,
    #[serde(borrow)]
    set: Unread<'a>,
}

impl Stored for Binned {
    type Document<'a> = RecycledDocument<'a>;

    fn read<'a>(document: Self::Document<'a>, known: &mut KnownValues<'a>) -> Result<Self, String> {
        let RecycledDocument { account, remote: id, address: at, set } = document;
        let recycled = Recycled { remote: remote(id)?, address: address(&at)?, set: known.set(Kind::Support, set)? };
        Ok(Self(account, recycled))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntentDocument<'a> {
    number: u64,
    #[serde(borrow)]
    address: Cow<'a, str>,
    #[serde(borrow)]
    key: KeyDocument<'a>,
    #[serde(borrow)]
    set: Unread<'a>,
    at: Text,
    #[serde(default)]
    support: Option<Text>,
}

impl Stored for Intent {
    type Document<'a> = IntentDocument<'a>;

    fn read<'a>(document: Self::Document<'a>, known: &mut KnownValues<'a>) -> Result<Self, String> {
        let address = address(&document.address)?;
        let kind = address.kind;
        Ok(Self {
            number: document.number,
            key: document.key.read(kind).ok_or_else(|| format!("the key of {address} is none of a {}", kind.word()))?,
            set: known.set(kind, document.set)?,
            address,
            at: document.at,
            support: document.support.map(remote).transpose()?,
        })
    }
}

#[derive(Deserialize)]
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
        #[serde(borrow)]
        seen: Unread<'a>,
    },
    LeftBin(Text),
    Applied {
        revision: Text,
        plan: Text,
    },
}

impl Stored for Record {
    type Document<'a> = RecordDocument<'a>;

    fn read<'a>(document: Self::Document<'a>, known: &mut KnownValues<'a>) -> Result<Self, String> {
        Ok(match document {
            RecordDocument::Intended(intent) => Self::Intended(Intent::read(intent, known)?),
            RecordDocument::Withdrawn(intent) => Self::Withdrawn { intent },
            RecordDocument::Done(entry) => {
                let Fulfilled(entry, intent) = Fulfilled::read(*entry, known)?;
                Self::Done { intent, entry: Box::new(entry) }
            }
            RecordDocument::Gone(id) => Self::Gone { id: parse_entry_id(&id)? },
            RecordDocument::Recycled(recycled) => {
                let Binned(account, recycled) = Binned::read(recycled, known)?;
                Self::Recycled { account, recycled: Box::new(recycled) }
            }
            RecordDocument::Seen { id, seen } => {
                let id = parse_entry_id(&id)?;
                Self::Seen { seen: known.set(id.kind, seen)?, id }
            }
            RecordDocument::LeftBin(account) => Self::LeftBin { account },
            RecordDocument::Applied { revision, plan } => Self::Applied { revision, plan },
        })
    }
}

/// A list that is kept as it is for as long as the ledger is, and rarely holds more than one text: without room for others.
fn one_or_two<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Vec<Text>, D::Error> {
    struct Few;
    impl<'a> Visitor<'a> for Few {
        type Value = Vec<Text>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<Vec<Text>, A::Error> {
            let mut texts = Vec::new();
            while let Some(text) = items.next_element()? {
                texts.reserve_exact(1);
                texts.push(text);
            }
            Ok(texts)
        }
    }
    deserializer.deserialize_seq(Few)
}

pub(crate) fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).ok_or_else(|| format!("\"{text}\" is no address"))
}

pub(crate) fn remote(id: Text) -> Result<RemoteId, String> {
    RemoteId::new(id).ok_or_else(|| "a remote id is empty".to_owned())
}

pub(crate) fn values(kind: Kind, map: &Map<String, Json>) -> Result<Values, String> {
    Values::from_json(kind, map).ok_or_else(|| of_no_known_form(kind))
}

pub(crate) fn entry_id(id: &EntryId) -> String {
    format!("{}/{}", id.kind.word(), id.id)
}

pub(crate) fn parse_entry_id(text: &str) -> Result<EntryId, String> {
    let parsed = text.split_once('/').and_then(|(kind, id)| Some(EntryId { kind: Kind::from_word(kind)?, id: id.into() }));
    parsed.ok_or_else(|| format!("\"{text}\" is no entry"))
}
