//! A plan as something that can be kept, sent around and shown again: the value behind every view and behind `--out`.
//!
//! A [`PlanReport`] holds the plan and everything that its readers are told with it, in words and places instead of references into
//! manifests, so that `show` needs nothing but the file. Its JSON ([`mod@write`]) is the published representation of Terraform plans where
//! that fits, with everything that `apply` needs under the key `deskform` ([`document`]).

pub mod document;
mod read;
mod terraform;
pub mod write;

use std::path::Path;
use std::sync::OnceLock;

use deskform_model::source::{Place, Sources, Span};
use deskform_model::{Kind, Text};
use deskform_planner::brake::{self, Allow, Brake, Released, ReleasedBy, Unused, Verdict};
use deskform_planner::ledger::{Identity, Ledger};
use deskform_planner::policy::Overnight;
use deskform_planner::{Plan, fingerprint};
use serde::{Deserialize, Serialize};

pub use read::{PlanFileError, read};

use crate::error::Trouble;
use crate::pipeline::Purpose;

/// A plan with everything that is said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanReport {
    /// The plan.
    pub plan: Plan,
    /// Where each change is declared, by its position in the plan.
    pub places: Vec<Option<Place>>,
    /// Where what each note is about is declared, by its position in the plan.
    pub note_places: Vec<Option<Place>>,
    /// What the brakes say.
    pub brakes: BrakeReport,
    /// What it was made for and against.
    pub about: About,
    /// Made when somebody asks for it: an apply of a plan that nobody has to agree to never does.
    fingerprint: OnceLock<String>,
}

/// What a plan was made for and against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct About {
    /// `metadata.name` of the project.
    pub project: Text,
    /// `--env`, or empty.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub environment: Text,
    /// Whether it removes everything (`destroy`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub destroy: bool,
    /// Origin of the helpdesk; loopback hosts count as one. Empty where it is not configured.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub helpdesk: Text,
    /// Origin of the call centre.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub call_center: Text,
    /// `abbreviate` of the call centre.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub abbreviate: Text,
    /// How shifts over midnight are sent.
    pub overnight: OvernightWord,
    /// The ledger that it was made with; nothing where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<LedgerMark>,
}

/// How shifts over midnight are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OvernightWord {
    /// As two duties.
    #[default]
    Split,
    /// As one.
    Single,
}

/// Which ledger, and how far it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LedgerMark {
    /// Its own id.
    pub id: Text,
    /// How often it was compacted.
    pub serial: u64,
    /// How many saved plans had been applied to the end: one that is applied after that is known to be used.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub applied: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// What the brakes say, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrakeReport {
    /// What refuses the plan. Empty: it may be carried out.
    pub refused: Vec<BrakeWords>,
    /// What would refuse it, but is permitted.
    pub released: Vec<ReleasedWords>,
    /// Permissions that permit nothing.
    pub warnings: Vec<WarningWords>,
}

/// One brake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BrakeWords {
    /// Its name.
    pub code: String,
    /// The kind, where the brake is per kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How many objects are concerned.
    pub count: usize,
    /// What would happen.
    pub message: String,
    /// What to look at before it is released.
    pub help: String,
    /// The first five objects concerned.
    pub first: Vec<String>,
    /// What `--allow` takes to release it.
    pub allow: String,
}

/// One brake that is let pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReleasedWords {
    /// The brake.
    pub brake: BrakeWords,
    /// By what.
    pub released_by: ReleasedByWords,
}

/// By what a brake is let pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReleasedByWords {
    /// `--allow`.
    Flag(String),
    /// A Release document.
    #[serde(rename_all = "camelCase")]
    Document {
        /// `metadata.name`.
        name: Text,
        /// The last day on which it counts.
        until: deskform_model::time::Date,
        /// Why.
        reason: Text,
        /// Where it stands.
        source: Place,
    },
}

/// A permission that permits nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WarningWords {
    /// Its key.
    pub code: String,
    /// What it says.
    pub message: String,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// Reads a saved plan from a file.
///
/// # Errors
/// When it cannot be read or is no plan of this deskform.
pub fn open(path: &Path) -> Result<PlanReport, Trouble> {
    let text = std::fs::read(path).map_err(|source| Trouble::File { path: path.to_owned(), source })?;
    let read = String::from_utf8(text).map_err(|_| PlanFileError::Foreign).and_then(|text| read(&text));
    read.map_err(|source| Trouble::PlanFile { path: path.to_owned(), source })
}

impl PlanReport {
    /// Puts a plan, its verdict and the places of its sources together.
    pub fn new(plan: Plan, verdict: &Verdict, sources: &Sources, about: About) -> Self {
        let place = |origin: Option<Span>| origin.map(|span| sources.place(span));
        let places = plan.changes.iter().map(|change| place(change.origin)).collect();
        let note_places = plan.notes.iter().map(|note| place(note.origin)).collect();
        Self { places, note_places, brakes: BrakeReport::of(verdict, sources), about, fingerprint: OnceLock::new(), plan }
    }

    /// The hash of what the plan means ([`deskform_planner::fingerprint`]); of what is left of a saved plan, the hash of that plan.
    pub fn fingerprint(&self) -> &str {
        self.fingerprint.get_or_init(|| fingerprint::fingerprint(&self.plan))
    }

    /// The same report about what is left of its plan.
    #[must_use]
    pub fn with_plan(&self, plan: Plan) -> Self {
        let mut places = self.plan.changes.iter().zip(&self.places);
        // What is left stands in the same order, so that each finds its own behind the last one's.
        let places = plan.changes.iter().map(|left| {
            let (_, place) = places.find(|(change, _)| change.address == left.address && change.origin == left.origin)?;
            place.clone()
        });
        let places = places.collect();
        let fingerprint = self.fingerprint().to_owned().into();
        let (note_places, brakes, about) = (self.note_places.clone(), self.brakes.clone(), self.about.clone());
        Self { plan, places, note_places, brakes, about, fingerprint }
    }
}

impl About {
    /// What a plan of these settings is made for and against.
    pub fn new(identity: Identity, ledger: Option<&Ledger>, overnight: Overnight, purpose: Purpose) -> Self {
        let Identity { project, environment, helpdesk, call_center, abbreviate } = identity;
        Self {
            project,
            environment,
            destroy: purpose.destroys(),
            helpdesk: without_port_on_loopback(helpdesk),
            call_center: without_port_on_loopback(call_center),
            abbreviate,
            overnight: overnight.into(),
            ledger: ledger.map(LedgerMark::of),
        }
    }

    /// How shifts over midnight are sent.
    pub fn overnight(&self) -> Overnight {
        match self.overnight {
            OvernightWord::Split => Overnight::Split,
            OvernightWord::Single => Overnight::Single,
        }
    }
}

/// Every run of a sandbox may have another port, and loopback hosts count as one (design.md section 4).
fn without_port_on_loopback(origin: Text) -> Text {
    if crate::settings::is_loopback(&origin) { "loopback".into() } else { origin }
}

impl From<Overnight> for OvernightWord {
    fn from(overnight: Overnight) -> Self {
        match overnight {
            Overnight::Split => Self::Split,
            Overnight::Single => Self::Single,
        }
    }
}

impl LedgerMark {
    /// Where a ledger stands.
    pub fn of(ledger: &Ledger) -> Self {
        Self { id: ledger.id.clone(), serial: ledger.serial, applied: ledger.applied_plans.len() }
    }
}

impl BrakeReport {
    fn of(verdict: &Verdict, sources: &Sources) -> Self {
        let released = |released: &Released| ReleasedWords {
            brake: BrakeWords::of(&released.brake),
            released_by: match &released.by {
                ReleasedBy::Flag(allow) => ReleasedByWords::Flag(allow.to_string()),
                ReleasedBy::Document(release) => ReleasedByWords::Document {
                    name: release.name.clone(),
                    until: release.until,
                    reason: release.reason.clone(),
                    source: sources.place(release.origin),
                },
            },
        };
        let warning = |unused: &Unused| WarningWords {
            code: unused.code().to_owned(),
            message: unused.message(),
            source: unused.release().map(|release| sources.place(release.origin)),
        };
        Self {
            refused: verdict.refused.iter().map(BrakeWords::of).collect(),
            released: verdict.released.iter().map(released).collect(),
            warnings: verdict.warnings.iter().map(warning).collect(),
        }
    }
}

impl BrakeReport {
    /// The same for a later run: what its flags let pass does, and what a document let pass does not after its last day.
    #[must_use]
    pub fn judged_again(self, allow: &[Allow], today: deskform_model::time::Date) -> Self {
        let mut judged = Self { warnings: self.warnings, ..Self::default() };
        for released in self.released {
            match &released.released_by {
                ReleasedByWords::Document { until, .. } if *until < today => judged.refused.push(released.brake),
                _ => judged.released.push(released),
            }
        }
        judged.refused.extend(self.refused);
        let lets = |brake: &BrakeWords| allow.iter().map(ToString::to_string).find(|allow| *allow == brake.allow || *allow == brake.code);
        let refused = std::mem::take(&mut judged.refused);
        for brake in refused {
            match lets(&brake) {
                Some(allow) => judged.released.push(ReleasedWords { brake, released_by: ReleasedByWords::Flag(allow) }),
                None => judged.refused.push(brake),
            }
        }
        judged
    }
}

impl BrakeWords {
    fn of(brake: &Brake) -> Self {
        Self {
            code: brake.code().to_owned(),
            kind: brake.kind().map(|kind| kind.word().to_owned()),
            count: brake.number(),
            message: brake.message(),
            help: brake.advice(),
            first: brake.first().iter().map(ToString::to_string).collect(),
            allow: brake.allow().to_string(),
        }
    }

    /// A Release document that lets it pass until that day, ready to be pasted.
    pub fn document(&self, until: deskform_model::time::Date) -> String {
        brake::release_document(&self.code, self.kind.as_deref().and_then(Kind::from_word), self.count, until)
    }
}
