//! The ledger: what deskform did last, and therefore what it owns (design.md section 4).
//!
//! A ledger is a snapshot changed by [`Record`]s; [`mod@format`] turns both into text and back. Files and locks are the applier's.

pub mod format;

use std::collections::BTreeMap;

use deskform_model::kind::Module;
use deskform_model::{Address, Kind, NaturalKey, Person, RemoteId, Text, Values};

/// The identity of an entry: the platform's id, whatever the object is called here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// The kind of object.
    pub kind: Kind,
    /// Its remote id; of a permission the person's `sId` and the module; of an overnight shift its first duty.
    pub id: Text,
}

/// One object that deskform owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it was called last.
    pub address: Address,
    /// Its natural key; people in it are always [`Person::Id`].
    pub key: NaturalKey,
    /// The platform's ids: one, or two for a split overnight shift. Of a permission the person's.
    pub remotes: Vec<RemoteId>,
    /// What was last sent.
    pub set: Values,
    /// What the read after that showed; `None` when there was none. Fields that no call shows are not in it.
    pub seen: Option<Values>,
    /// When it was last written: project wall-clock, `YYYY-MM-DDTHH:MM:SS`.
    pub at: Text,
    /// Whether it was protected when last applied; ends only after an apply has seen it removed (design.md section 3).
    pub protect: bool,
    /// The person whose seat this is, by `sId`.
    pub support: Option<RemoteId>,
    /// A name for people.
    pub title: Text,
}

impl Entry {
    /// The identity of this entry. An entry always has a remote id.
    pub fn id(&self) -> EntryId {
        let first = self.remotes.first().map(|remote| remote.text().clone()).unwrap_or_default();
        match &self.key {
            NaturalKey::Permission { module, .. } => EntryId::permission(&first, *module),
            _ => EntryId { kind: self.key.kind(), id: first },
        }
    }

    /// The `sId` of the person it belongs to: its own for a support, the linked one for a seat.
    pub fn person(&self) -> Option<&RemoteId> {
        match self.key.kind() {
            Kind::Support => self.remotes.first(),
            Kind::Agent => self.support.as_ref(),
            Kind::Permission | Kind::Shift => None,
        }
    }

    /// The `sId` in its natural key (permissions and shifts).
    pub fn owner(&self) -> Option<&Text> {
        match self.key.person() {
            Some(Person::Id(id)) => Some(id),
            _ => None,
        }
    }
}

impl EntryId {
    /// The entry of a support, shift or agent.
    pub fn new(kind: Kind, remote: &RemoteId) -> Self {
        Self { kind, id: remote.text().clone() }
    }

    /// The entry of a person's module.
    pub fn permission(person: &str, module: Module) -> Self {
        Self { kind: Kind::Permission, id: format!("{person}/{}", module.word()).into() }
    }
}

/// A support that deskform put into the recycle bin; nothing else can find it again (api-spec.md H19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recycled {
    /// Its `sId`.
    pub remote: RemoteId,
    /// What it was called.
    pub address: Address,
    /// What was last sent to it.
    pub set: Values,
}

/// A write that is unsafe to repeat and whose answer has not been recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Counts up within a ledger.
    pub number: u64,
    /// What it was to be called.
    pub address: Address,
    /// The natural key; people in it are always [`Person::Id`].
    pub key: NaturalKey,
    /// What was to be sent.
    pub set: Values,
    /// When it was written down: project wall-clock, `YYYY-MM-DDTHH:MM:SS`.
    pub at: Text,
    /// The person whose seat this is, by `sId`.
    pub support: Option<RemoteId>,
}

/// Which project and which platforms a ledger belongs to. Another one is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// `metadata.name` of the project.
    pub project: Text,
    /// `--env`, or empty.
    pub environment: Text,
    /// Origin of the helpdesk, empty until it was used; loopback hosts count as one.
    pub helpdesk: Text,
    /// Origin of the call centre, empty until it was used.
    pub call_center: Text,
    /// `abbreviate` of the call centre.
    pub abbreviate: Text,
}

/// What deskform did last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Random, made with the ledger.
    pub id: Text,
    /// Counts compactions.
    pub serial: u64,
    /// Whose it is.
    pub identity: Identity,
    /// The Git revision that was applied last, or empty.
    pub revision: Text,
    /// Fingerprints of saved plans that were applied to the end.
    pub applied_plans: Vec<Text>,
    /// What is owned.
    pub entries: BTreeMap<EntryId, Entry>,
    /// People in the recycle bin, by account.
    pub recycled: BTreeMap<Text, Recycled>,
    /// Open intents, by number.
    pub intents: BTreeMap<u64, Intent>,
}

/// One change of a ledger, one line of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// About to send something that is unsafe to repeat.
    Intended(Intent),
    /// The intent came to nothing: the platform certainly did not do it.
    Withdrawn {
        /// The intent's number.
        intent: u64,
    },
    /// An object is as the entry says; closes the intent that announced it.
    Done {
        /// The intent that this fulfils.
        intent: Option<u64>,
        /// The entry; replaces one of the same id.
        entry: Box<Entry>,
    },
    /// The entry is no longer ours: deleted, released, ended or gone.
    Gone {
        /// Which.
        id: EntryId,
    },
    /// A support went into the recycle bin; its entry goes with it.
    Recycled {
        /// Its account.
        account: Text,
        /// What is remembered.
        recycled: Box<Recycled>,
    },
    /// What a later read showed of an entry.
    Seen {
        /// Which.
        id: EntryId,
        /// The readable fields.
        seen: Values,
    },
    /// The recycle bin no longer holds the account: it was restored, or it is gone for good.
    LeftBin {
        /// Its account.
        account: Text,
    },
    /// A run applied this revision or this saved plan.
    Applied {
        /// The Git revision, or empty.
        revision: Text,
        /// The saved plan's fingerprint, or empty.
        plan: Text,
    },
}

impl Ledger {
    /// Whether it owns anything at all.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.recycled.is_empty() && self.intents.is_empty()
    }

    /// The entries of one kind, by id.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Entry> {
        let first = EntryId { kind, id: Text::default() };
        self.entries.range(first..).take_while(move |(id, _)| id.kind == kind).map(|(_, entry)| entry)
    }

    /// Makes one change.
    pub fn record(&mut self, record: Record) {
        match record {
            Record::Intended(intent) => {
                self.intents.insert(intent.number, intent);
            }
            Record::Withdrawn { intent } => {
                self.intents.remove(&intent);
            }
            Record::Done { intent, entry } => {
                self.fulfil(intent, *entry);
            }
            Record::Gone { id } => {
                self.entries.remove(&id);
            }
            Record::Recycled { account, recycled } => {
                self.entries.remove(&EntryId::new(Kind::Support, &recycled.remote));
                self.recycled.insert(account, *recycled);
            }
            Record::Seen { id, seen } => {
                if let Some(entry) = self.entries.get_mut(&id) {
                    entry.seen = Some(seen);
                }
            }
            Record::LeftBin { account } => {
                self.recycled.remove(&account);
            }
            Record::Applied { revision, plan } => {
                if !revision.is_empty() {
                    self.revision = revision;
                }
                if !plan.is_empty() {
                    self.applied_plans.push(plan);
                }
            }
        }
    }

    /// Makes the change of a [`Record::Done`]. Returns the entry that is replaced by it.
    pub fn fulfil(&mut self, intent: Option<u64>, entry: Entry) -> Option<Entry> {
        if let Some(intent) = intent {
            self.intents.remove(&intent);
        }
        self.entries.insert(entry.id(), entry)
    }

    /// A number that no intent of this ledger has had since its snapshot.
    pub fn next_intent(&self) -> u64 {
        self.intents.keys().next_back().map_or(1, |last| last + 1)
    }
}
