//! The plan: every change, decided before the first write, as a value.

use std::collections::BTreeMap;

use deskform_model::secret::SecretRef;
use deskform_model::source::Span;
use deskform_model::time::DateTime;
use deskform_model::{Address, FieldKey, Kind, NaturalKey, RemoteId, Text, Value, Values};

use serde::{Deserialize, Serialize};

use crate::ledger::EntryId;
use crate::scope::Scope;

/// What will be done, what is only said, and how much stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// All changes, sorted by address; a [`ChangeId`] is a position in here.
    pub changes: Vec<Change>,
    /// What a reader should know and no change says, sorted.
    pub notes: Vec<Note>,
    /// Declared objects that need nothing, per kind.
    pub unchanged: BTreeMap<Kind, usize>,
    /// Live objects that nobody declares and the ledger does not own: people, seats, shifts from now on.
    pub unmanaged: BTreeMap<Kind, usize>,
    /// How many entries of each kind the ledger owns (brakes count deletions against it).
    pub owned: BTreeMap<Kind, usize>,
    /// Who administers the helpdesk before and after the plan.
    pub admins: Admins,
    /// Until when the plan holds: the first start or end after now of a shift that it changes.
    pub valid_until: Option<DateTime>,
    /// Entries of shifts that have ended; they leave the ledger at the next apply. Not changes.
    pub ended: Vec<EntryId>,
    /// Whether there was a ledger; without one nothing is deleted, and the plan says so.
    pub ledger_known: bool,
    /// What a narrowed plan looked at and left out; nothing for a whole plan.
    pub scope: Option<Scope>,
}

/// The administrators of the helpdesk, as the platform shows them and the plan leaves them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admins {
    /// Those in service whom the plan deletes, recycles or demotes, sorted.
    pub removed: Vec<Address>,
    /// How many are left when everything has been applied, those included whom the plan makes, restores or promotes.
    pub left: usize,
}

/// The position of a change in [`Plan::changes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeId(pub usize);

/// One change of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What people call the object.
    pub address: Address,
    /// What makes it itself; people in it are [`deskform_model::Person::Id`] unless they do not exist yet.
    pub key: NaturalKey,
    /// A name for people beside the address; may be empty.
    pub title: Text,
    /// What is done.
    pub action: Action,
    /// Why. Explains, never decides.
    pub reason: Reason,
    /// What the ledger learns besides.
    pub bookkeeping: Bookkeeping,
    /// The person that a permission or shift belongs to, or that a seat is linked to.
    pub person: Option<PersonTarget>,
    /// Changes that must have succeeded before this one starts.
    pub waits_for: Vec<ChangeId>,
    /// Where it is declared; nothing for what is no longer declared.
    pub origin: Option<Span>,
    /// Whether the ledger is to remember it as protected.
    pub protect: bool,
    /// Until when this change is what was planned: the first start or end of its shift after the plan's clock. Nothing for other kinds.
    pub valid_until: Option<DateTime>,
}

/// A person on the helpdesk, or one that the same plan creates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonTarget {
    /// Exists under this `sId`.
    Live(RemoteId),
    /// Will exist when that change has succeeded.
    New(ChangeId),
}

/// What is done to an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Make it.
    Create {
        /// All values that are ours.
        values: Values,
        /// Where its password comes from.
        secret: Option<SecretRef>,
    },
    /// Change some fields.
    Update {
        /// The live ids, one a duty for a shift; `None` where a half of an overnight shift is missing.
        remotes: Vec<Option<RemoteId>>,
        /// All values that are ours, changed or not.
        values: Values,
        /// What differs.
        fields: Vec<FieldChange>,
        /// What the platform showed of the fields that are ours and stay as they are.
        saw: Values,
        /// Where its password comes from, if that is among the fields.
        secret: Option<SecretRef>,
    },
    /// Take it out of the recycle bin, then change some fields.
    Restore {
        /// The `sId`.
        remote: RemoteId,
        /// All values that are ours.
        values: Values,
        /// What differs from what the bin holds.
        fields: Vec<FieldChange>,
    },
    /// Remove it: a support goes to the recycle bin, a permission is switched off.
    Delete {
        /// The live ids.
        remotes: Vec<RemoteId>,
        /// What it held, for people and for the bin.
        last: Values,
        /// The change that makes its successor, when this is half of a replacement.
        successor: Option<ChangeId>,
    },
    /// Only write the ledger: take over without a difference, move, refresh, release fields.
    Record {
        /// The live ids.
        remotes: Vec<RemoteId>,
        /// All values that are ours.
        values: Values,
    },
    /// Only take it out of the ledger.
    Forget {
        /// The entry.
        id: EntryId,
        /// Why.
        why: ForgetReason,
    },
    /// Cannot be done; apply leaves it and its dependents out.
    Refuse {
        /// Every reason.
        why: Vec<Refusal>,
    },
}

/// Why something is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForgetReason {
    /// Neither declared nor on its platform any more.
    Gone,
    /// `ensure: released`.
    Released,
    /// A permission that is off already and no longer declared.
    AlreadyOff,
}

/// Why a resource cannot be as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The platform fixes the field at creation, and `replace: allow` is not given.
    Fixed {
        /// The field.
        field: FieldKey,
        /// What the platform shows.
        have: Value,
        /// What is declared.
        want: Value,
    },
    /// An edit accepts nothing smaller (api-spec.md A5).
    BelowMinimum {
        /// The field.
        field: FieldKey,
        /// What the platform shows.
        have: Value,
        /// What is declared.
        want: Value,
        /// The smallest that an edit takes.
        min: i64,
    },
    /// A support's password can only be given at creation (api-spec.md H7).
    PasswordCreateOnly {
        /// The version that was set.
        have: u32,
        /// The version that is declared.
        want: u32,
    },
    /// It exists, the ledger does not own it, and `adopt: refuse` is set.
    AdoptionRefused,
    /// Its shift has begun or ended since the plan was saved ([`crate::recheck`]).
    TooLate {
        /// When.
        since: DateTime,
    },
}

/// Why a change is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Declared, and not there.
    New,
    /// Declared and owned, but gone from its platform.
    Vanished,
    /// The manifests changed.
    YourChange,
    /// The platform changed.
    Drift,
    /// Both changed.
    Both,
    /// It exists and was not ours before.
    Adopted,
    /// No longer declared.
    NotDeclared,
    /// `ensure: absent`.
    EnsureAbsent,
    /// `ensure: released`.
    EnsureReleased,
    /// Half of a replacement: a fixed field changed.
    Replaced,
    /// Half of a replacement that `--replace` asks for.
    ReplaceAsked,
    /// `destroy`.
    Destroy,
}

/// What the ledger learns besides the values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bookkeeping {
    /// Not owned before.
    pub adopted: bool,
    /// What it was called before.
    pub moved_from: Option<Address>,
    /// Fields that are no longer ours.
    pub released: Vec<FieldKey>,
    /// Entries that this change makes void (the same thing under an id that no longer exists).
    pub voids: Vec<EntryId>,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The field.
    pub field: FieldKey,
    /// What is there.
    pub before: Before,
    /// What is wanted.
    pub after: Value,
    /// Who changed it.
    pub why: FieldReason,
}

/// What is known of a field before a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// The platform shows this.
    Live(Value),
    /// No call shows it; this was last sent, then.
    LastSet(Value, Text),
    /// No call shows it, and nothing is known to have been sent.
    Unknown,
}

/// Who changed a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldReason {
    /// Desired differs from what was last sent.
    YourChange,
    /// Observed differs from what was last seen.
    Drift,
    /// Both.
    Both,
    /// The ledger knows nothing about it.
    Unrecorded,
}

/// Something a reader should know that is not a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub address: Address,
    /// A name for people.
    pub title: Text,
    /// What there is to know.
    pub what: NoteKind,
    /// Where it is declared.
    pub origin: Option<Span>,
}

/// What there is to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// Owned, not declared, and kept by the `absence` setting.
    NoLongerDeclared,
    /// The platform's value differs, and the `drift` setting keeps it.
    DriftKept {
        /// The field.
        field: FieldKey,
        /// What the platform shows.
        live: Value,
        /// What is declared.
        want: Value,
    },
    /// Declared for a time that is over, and not on the platform like that.
    Ended,
    /// In progress: its start stays as it is.
    StartPinned {
        /// The start on the platform.
        live: Value,
        /// The start that is declared.
        want: Value,
    },
    /// In progress and no longer declared: it is left until it has ended.
    InProgressKept,
    /// The value is only used when the object is created.
    InitialOnly {
        /// The field.
        field: FieldKey,
    },
    /// The answer to an earlier creation was lost, and what it made may still be missing from lists (design.md section 4, "Recovery").
    MayStillAppear,
}

impl Refusal {
    /// The key that stays in every output.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fixed { .. } => "fixed",
            Self::BelowMinimum { .. } => "below-minimum",
            Self::PasswordCreateOnly { .. } => "password-create-only",
            Self::AdoptionRefused => "adoption-refused",
            Self::TooLate { .. } => "too-late",
        }
    }
}

impl NoteKind {
    /// The key that stays in every output.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoLongerDeclared => "no-longer-declared",
            Self::DriftKept { .. } => "drift-kept",
            Self::Ended => "ended",
            Self::StartPinned { .. } => "start-pinned",
            Self::InProgressKept => "in-progress-kept",
            Self::InitialOnly { .. } => "initial-only",
            Self::MayStillAppear => "may-still-appear",
        }
    }
}

impl Action {
    /// Whether a platform is written to.
    pub fn writes(&self) -> bool {
        match self {
            Self::Create { .. } | Self::Update { .. } | Self::Restore { .. } | Self::Delete { .. } => true,
            Self::Record { .. } | Self::Forget { .. } | Self::Refuse { .. } => false,
        }
    }
}

impl Change {
    /// The kind of the object.
    pub fn kind(&self) -> Kind {
        self.address.kind
    }

    /// The values that are wanted, where the action has any.
    pub fn values(&self) -> Option<&Values> {
        match &self.action {
            Action::Create { values, .. }
            | Action::Update { values, .. }
            | Action::Restore { values, .. }
            | Action::Record { values, .. } => Some(values),
            Action::Delete { .. } | Action::Forget { .. } | Action::Refuse { .. } => None,
        }
    }

    /// Whether it takes the object away: a deletion, or a permission that is declared absent, which is switched off for good.
    pub fn removes(&self) -> bool {
        matches!(self.action, Action::Delete { .. })
            || (self.kind() == Kind::Permission && self.reason == Reason::EnsureAbsent && self.action.writes())
    }

    /// Whether it takes access away from somebody: such changes go first (design.md section 3, "Order").
    pub fn closes_access(&self) -> bool {
        let switched_off = |fields: &[FieldChange]| {
            fields.iter().any(|change| change.field.field(self.kind()).name == "enabled" && change.after == Value::Flag(false))
        };
        match &self.action {
            Action::Delete { .. } => matches!(self.kind(), Kind::Permission | Kind::Agent | Kind::Support),
            Action::Update { fields, .. } => switched_off(fields),
            // Somebody whom the same plan makes has no access that could be left open.
            Action::Create { values, .. } => {
                self.kind() == Kind::Permission
                    && !matches!(self.person, Some(PersonTarget::New(_)))
                    && values.named(Kind::Permission, "enabled") == Some(&Value::Flag(false))
            }
            Action::Restore { .. } | Action::Record { .. } | Action::Forget { .. } | Action::Refuse { .. } => false,
        }
    }
}

impl Plan {
    /// The change at a position.
    pub fn get(&self, id: ChangeId) -> &Change {
        &self.changes[id.0]
    }

    /// Whether the plan holds nothing at all: no write, no take-over, no move, nothing to forget, nothing that cannot be done.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether a platform would be written to.
    pub fn has_writes(&self) -> bool {
        self.changes.iter().any(|change| change.action.writes())
    }
}
