//! What stands under the key `deskform` of a saved plan: everything that `apply` and `show` need.
//!
//! ```text
//! {"formatVersion": 1, "writtenBy": version, "fingerprint": hex, "about": see saved::About, "empty": bool, "ledgerKnown": bool,
//!  "scope"?: what a narrowed plan left out, see [`ScopeDocument`], "validUntil"?: "YYYY-MM-DDTHH:MM:SS",
//!  "changes": [see planner::saved::ChangeDocument], "notes": [see planner::saved::NoteDocument],
//!  "brakes": {"refused": [..], "released": [..], "warnings": [..]},
//!  "counts": {"add", "change", "restore", "remove", "shifts": {"add", "change", "remove"}, "takeOver", "move", "refresh", "forget",
//!     "cannotChange", "unchanged"},
//!  "unchanged": {kind: n}, "unmanaged": {kind: n}, "owned": {kind: n}, "admins": {"removed": [address], "left": n}, "ended": [entry],
//!  "digest": hex}
//! ```

use std::collections::BTreeMap;

use deskform_model::time::DateTime;
use deskform_model::{Address, Kind, Text};
use deskform_planner::Plan;
use deskform_planner::plan::{Action, Admins};
use deskform_planner::saved::{ChangeDocument, NoteDocument, entries};
use deskform_planner::scope::{Held, HeldBack, LeftOut, Scope, Selector, SelectorError};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{About, BrakeReport, BrakeWords, PlanReport, ReleasedWords, WarningWords};
use crate::view::plan_outline::{Counts, Tally};
use crate::view::words;

/// The format that this version writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// Format and writer alone, which every format has in the same place.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version {
    pub(super) format_version: u32,
    #[serde(default)]
    pub(super) written_by: String,
}

/// What is read back; what is only there for readers of the JSON is not in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<'a> {
    fingerprint: String,
    about: About,
    ledger_known: bool,
    #[serde(default)]
    scope: Option<ScopeDocument>,
    #[serde(default)]
    valid_until: Option<DateTime>,
    #[serde(borrow)]
    changes: Vec<ChangeDocument<'a>>,
    notes: Vec<NoteDocument>,
    brakes: BrakesDocument,
    unchanged: BTreeMap<String, usize>,
    unmanaged: BTreeMap<String, usize>,
    owned: BTreeMap<String, usize>,
    admins: AdminsDocument,
    ended: Vec<String>,
}

/// What the brakes say.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BrakesDocument {
    refused: Vec<BrakeWords>,
    released: Vec<ReleasedWords>,
    warnings: Vec<WarningWords>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdminsDocument {
    removed: Vec<String>,
    left: usize,
}

/// What a narrowed plan looked at and what it left out.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ScopeDocument {
    targets: Vec<String>,
    excludes: Vec<String>,
    no_delete: bool,
    left_out: BTreeMap<String, LeftOutDocument>,
    pulled_in: Vec<String>,
    held_back: Vec<HeldDocument>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeftOutDocument {
    declared: usize,
    owned: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeldDocument {
    address: String,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    title: Text,
    why: HeldBack,
}

impl ScopeDocument {
    pub(super) fn of(scope: &Scope) -> Self {
        let Scope { targets, excludes, no_delete, left_out, pulled_in, held_back } = scope;
        let texts = |selectors: &[Selector]| selectors.iter().map(ToString::to_string).collect();
        let number = |left: &LeftOut| LeftOutDocument { declared: left.declared, owned: left.owned };
        let held = |held: &Held| HeldDocument { address: held.address.to_string(), title: held.title.clone(), why: held.why };
        Self {
            targets: texts(targets),
            excludes: texts(excludes),
            no_delete: *no_delete,
            left_out: left_out.iter().map(|(kind, left)| (kind.word().to_owned(), number(left))).collect(),
            pulled_in: pulled_in.iter().map(ToString::to_string).collect(),
            held_back: held_back.iter().map(held).collect(),
        }
    }

    fn read(self) -> Result<Scope, String> {
        let selectors = |texts: &[String]| -> Result<Vec<Selector>, String> {
            texts.iter().map(|text| text.parse().map_err(|error: SelectorError| error.to_string())).collect()
        };
        let left_out = self.left_out.iter().map(|(word, left)| {
            let kind = Kind::from_word(word).ok_or_else(|| format!("there is no kind {word}"))?;
            Ok((kind, LeftOut { declared: left.declared, owned: left.owned }))
        });
        let held = |held: HeldDocument| Ok(Held { address: address(&held.address)?, title: held.title, why: held.why });
        Ok(Scope {
            targets: selectors(&self.targets)?,
            excludes: selectors(&self.excludes)?,
            no_delete: self.no_delete,
            left_out: left_out.collect::<Result<_, String>>()?,
            pulled_in: self.pulled_in.iter().map(|text| address(text)).collect::<Result<_, _>>()?,
            held_back: self.held_back.into_iter().map(held).collect::<Result<_, String>>()?,
        })
    }
}

impl Document<'_> {
    pub(super) fn read(self) -> Result<PlanReport, String> {
        let number = self.changes.len();
        let places = self.changes.iter().map(|change| change.source.clone()).collect();
        let note_places = self.notes.iter().map(|note| note.source.clone()).collect();
        let BrakesDocument { refused, released, warnings } = self.brakes;
        let plan = Plan {
            changes: self.changes.into_iter().map(|change| change.read(number)).collect::<Result<_, _>>()?,
            notes: self.notes.into_iter().map(NoteDocument::read).collect::<Result<_, _>>()?,
            unchanged: kinds(&self.unchanged)?,
            unmanaged: kinds(&self.unmanaged)?,
            owned: kinds(&self.owned)?,
            admins: Admins {
                removed: self.admins.removed.iter().map(|text| address(text)).collect::<Result<_, _>>()?,
                left: self.admins.left,
            },
            valid_until: self.valid_until,
            ended: self.ended.iter().map(|id| entries::read(id)).collect::<Result<_, _>>()?,
            ledger_known: self.ledger_known,
            scope: self.scope.map(ScopeDocument::read).transpose()?,
        };
        Ok(PlanReport {
            plan,
            places,
            note_places,
            brakes: BrakeReport { refused, released, warnings },
            about: self.about,
            fingerprint: self.fingerprint.into(),
        })
    }
}

fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).ok_or_else(|| format!("\"{text}\" is no address"))
}

fn kinds(numbers: &BTreeMap<String, usize>) -> Result<BTreeMap<Kind, usize>, String> {
    numbers.iter().map(|(word, number)| Ok((Kind::from_word(word).ok_or_else(|| format!("there is no kind {word}"))?, *number))).collect()
}

pub(super) fn change(report: &PlanReport, at: usize) -> ChangeDocument<'_> {
    let change = &report.plan.changes[at];
    let mut document = ChangeDocument::of(change);
    document.source = report.places.get(at).cloned().flatten();
    if let Action::Refuse { why } = &change.action {
        for (refusal, document) in why.iter().zip(&mut document.refusals) {
            document.message = Some(words::refusal(change.kind(), refusal));
        }
    }
    document
}

pub(super) fn note(report: &PlanReport, at: usize) -> NoteDocument {
    let note = &report.plan.notes[at];
    let mut document = NoteDocument::of(note);
    document.source = report.note_places.get(at).cloned().flatten();
    document.message = Some(words::note(note.address.kind, &note.what));
    document
}

pub(super) fn brakes(report: &BrakeReport) -> BrakesDocument {
    let BrakeReport { refused, released, warnings } = report.clone();
    BrakesDocument { refused, released, warnings }
}

pub(super) fn admins(admins: &Admins) -> AdminsDocument {
    AdminsDocument { removed: admins.removed.iter().map(ToString::to_string).collect(), left: admins.left }
}

pub(super) fn counts(plan: &Plan) -> Json {
    let Counts { others, shifts, shift_people: _, take_over, moved, refresh, forget, refused, unchanged } = Counts::of(plan);
    let Tally { add, change, remove, restore } = others;
    json!({
        "add": add, "change": change, "restore": restore, "remove": remove,
        "shifts": { "add": shifts.add, "change": shifts.change, "remove": shifts.remove },
        "takeOver": take_over, "move": moved, "refresh": refresh, "forget": forget, "cannotChange": refused, "unchanged": unchanged,
    })
}

pub(super) fn per_kind(numbers: &BTreeMap<Kind, usize>) -> BTreeMap<&'static str, usize> {
    numbers.iter().map(|(kind, number)| (kind.word(), *number)).collect()
}
