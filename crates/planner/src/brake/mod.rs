//! Brakes: named checks that refuse a plan until they are released, apart from planning itself (design.md section 3, "Brakes").
//!
//! Each file holds one brake: what it looks for, what it found, and the texts. [`check`] runs them all and then asks [`release`] which of
//! the findings are permitted. What nothing may release is no brake but a [`crate::PlanProblem`].

pub mod behind;
mod kind_vanished;
mod last_admin;
mod no_manifests;
mod protected;
pub mod release;
mod replaces_person;
mod too_many_deletions;

use std::collections::BTreeMap;

use deskform_model::time::Date;
use deskform_model::{Address, BrakeName, Desired, Kind};

pub use self::behind::{Behind, Lineage};
pub use self::kind_vanished::KindVanished;
pub use self::last_admin::LastAdmin;
pub use self::no_manifests::NoManifests;
pub use self::protected::Protected;
pub use self::release::{Allow, AllowError, Released, ReleasedBy, Releases, Unused};
pub use self::replaces_person::ReplacesPerson;
pub use self::too_many_deletions::TooManyDeletions;
use crate::plan::{Change, Plan};

/// How much a kind may lose in one plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// Most deletions; `None` is no limit.
    pub max_deletions: Option<u32>,
    /// Most deletions in percent of what the ledger owns of the kind; looked at only above three deletions.
    pub max_deletion_percent: Option<u8>,
}

/// What the brakes look at besides the plan.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Limits per kind; a kind without one is not limited.
    pub limits: BTreeMap<Kind, Limit>,
    /// How many manifest documents were found.
    pub manifests: usize,
    /// How many resources of each kind the manifests declare, those that should go away included.
    pub declared: BTreeMap<Kind, usize>,
    /// Whether this is `destroy`, which is asked for by name and confirmed on its own.
    pub destroy: bool,
    /// How the planned revision is related to the one that was applied last.
    pub lineage: Lineage,
}

impl Settings {
    /// The settings for a plan that was made from these manifests.
    pub fn new(limits: BTreeMap<Kind, Limit>, desired: &Desired, destroy: bool) -> Self {
        let declared = Kind::ALL.into_iter().map(|kind| (kind, desired.of_kind(kind).len())).collect();
        Self { limits, manifests: desired.manifests, declared, destroy, lineage: Lineage::Unknown }
    }
}

/// Why a plan is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Brake {
    /// The plan is made from a revision that lacks what was applied last.
    Behind(Behind),
    /// Nothing of a kind is declared any more, although other kinds are.
    KindVanished(KindVanished),
    /// Nobody who administers the helpdesk would be left.
    LastAdmin(LastAdmin),
    /// No manifest was found, and the ledger owns something.
    NoManifests(NoManifests),
    /// Something protected would be deleted.
    Protected(Protected),
    /// A person would get another account.
    ReplacesPerson(ReplacesPerson),
    /// More deletions of a kind than the project allows.
    TooManyDeletions(TooManyDeletions),
}

/// What every brake can say about what it found.
trait Finding {
    /// The brake.
    fn name(&self) -> BrakeName;
    /// The kind, where the brake is per kind.
    fn kind(&self) -> Option<Kind>;
    /// How many objects are concerned.
    fn number(&self) -> usize;
    /// What would happen, in one line.
    fn message(&self) -> String;
    /// What to look at before it is released.
    fn advice(&self) -> String;
    /// The first five objects concerned.
    fn first(&self) -> &[Address];
}

impl Brake {
    fn finding(&self) -> &dyn Finding {
        match self {
            Self::Behind(finding) => finding,
            Self::KindVanished(finding) => finding,
            Self::LastAdmin(finding) => finding,
            Self::NoManifests(finding) => finding,
            Self::Protected(finding) => finding,
            Self::ReplacesPerson(finding) => finding,
            Self::TooManyDeletions(finding) => finding,
        }
    }

    /// The name by which it is known and released.
    pub fn name(&self) -> BrakeName {
        self.finding().name()
    }

    /// The name as text.
    pub fn code(&self) -> &'static str {
        self.name().word()
    }

    /// The kind that it is about, where the brake is per kind.
    pub fn kind(&self) -> Option<Kind> {
        self.finding().kind()
    }

    /// How many objects are concerned: what a Release must expect.
    pub fn number(&self) -> usize {
        self.finding().number()
    }

    /// What would happen, in one line.
    pub fn message(&self) -> String {
        self.finding().message()
    }

    /// What to look at before it is released.
    pub fn advice(&self) -> String {
        self.finding().advice()
    }

    /// The first five objects concerned.
    pub fn first(&self) -> &[Address] {
        self.finding().first()
    }

    /// What `--allow` takes to release it and no other brake.
    pub fn allow(&self) -> Allow {
        Allow { brake: self.name(), kind: self.kind() }
    }

    /// A Release document that lets it pass until that day, ready to be pasted; the reason is left to its author.
    pub fn document(&self, until: Date) -> String {
        release_document(self.code(), self.kind(), self.number(), until)
    }
}

/// A Release document for a brake, ready to be pasted; the reason is left to its author.
pub fn release_document(brake: &str, kind: Option<Kind>, expect: usize, until: Date) -> String {
    let (suffix, kind) = kind.map(|kind| (format!("-{}", kind.word()), format!("  kind: {}\n", kind.word()))).unwrap_or_default();
    format!(
        "apiVersion: deskform/v1\nkind: Release\nmetadata: {{name: {brake}{suffix}}}\nspec:\n  brake: {brake}\n{kind}  expect: {expect}\n  \
         until: {until}\n  reason: say here why this is meant\n"
    )
}

/// What the brakes say about a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What refuses it. Empty: it may be carried out.
    pub refused: Vec<Brake>,
    /// What would refuse it, but is permitted.
    pub released: Vec<Released>,
    /// Permissions that permit nothing.
    pub warnings: Vec<Unused>,
}

/// Runs every brake and matches what they find with what was released.
pub fn check(plan: &Plan, settings: &Settings, releases: &Releases<'_>) -> Verdict {
    release::judge(found(plan, settings), releases)
}

/// What all brakes find, by brake and kind.
fn found(plan: &Plan, settings: &Settings) -> Vec<Brake> {
    let mut brakes = Vec::new();
    let deletions = Deletions::of(plan);
    brakes.extend(behind::check(plan, &settings.lineage).map(Brake::Behind));
    brakes.extend(kind_vanished::check(&deletions, settings).into_iter().map(Brake::KindVanished));
    brakes.extend(last_admin::check(plan).map(Brake::LastAdmin));
    brakes.extend(no_manifests::check(plan, settings).map(Brake::NoManifests));
    brakes.extend(protected::check(&deletions).into_iter().map(Brake::Protected));
    brakes.extend(replaces_person::check(&deletions).map(Brake::ReplacesPerson));
    brakes.extend(too_many_deletions::check(&deletions, plan, settings).into_iter().map(Brake::TooManyDeletions));
    brakes
}

/// The changes that take something away. Most brakes look at nothing else, and most plans have few.
struct Deletions<'a>(Vec<&'a Change>);

impl<'a> Deletions<'a> {
    fn of(plan: &'a Plan) -> Self {
        Self(plan.changes.iter().filter(|change| change.removes()).collect())
    }

    /// Those of a kind.
    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &'a Change> {
        self.0.iter().copied().filter(move |change| change.kind() == kind)
    }
}

/// How many changes there are, and the addresses of at most five, as messages name them.
fn count<'a>(changes: impl Iterator<Item = &'a Change>) -> (usize, Vec<Address>) {
    let mut first = Vec::new();
    let number = changes
        .inspect(|change| {
            if first.len() < 5 {
                first.push(change.address.clone());
            }
        })
        .count();
    (number, first)
}

/// `1 shift`, `2 people`: the objects of a kind as messages name them.
fn objects(number: usize, kind: Kind) -> String {
    let (one, many) = match kind {
        Kind::Support => ("person", "people"),
        Kind::Permission => ("permission", "permissions"),
        Kind::Shift => ("shift", "shifts"),
        Kind::Agent => ("seat", "seats"),
    };
    format!("{number} {}", if number == 1 { one } else { many })
}
