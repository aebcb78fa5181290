//! `label-used-once` (warning): references choose people by a label's key, and one Support alone has a value there that no reference uses.
//! That is how a typo looks; whoever made it is silently left out.
//!
//! Bad:
//! ```yaml
//! {kind: Support, metadata: {name: li-si, labels: {channel: vioce}}}
//! {kind: Permission, spec: {supports: [{labels: {channel: voice}}]}}
//! ```
//! Good: `channel: voice`.
//!
//! Nothing is said about keys that no reference uses, about keys where such lone values are the majority (they name individuals), and
//! where a reference's own value matches nobody: the typo is likely there, and `labels-match-nobody` says so. Nothing is said either as long
//! as other mistakes may hide who carries or uses a label.

use std::collections::BTreeMap;

use super::Facts;
use crate::Text;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::manifest::Label;
use crate::resource::Ensure;
use crate::schema::{ManifestKind, nearest};

/// How many findings get a suggestion; each one is compared with every value of its key.
const SUGGESTIONS: usize = 50;

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    if !facts.certain {
        return;
    }
    // Only Supports are chosen by labels; other kinds may carry them as notes.
    let chosen = |kind, ensure| kind == ManifestKind::Support && ensure == Ensure::Present;
    let mut carried: BTreeMap<&Text, BTreeMap<&Text, (usize, Label<'_>)>> = BTreeMap::new();
    for label in facts.headers.iter().filter(|header| chosen(header.kind, header.ensure)).flat_map(|header| &header.labels) {
        carried.entry(label.key).or_default().entry(label.value).or_insert((0, *label)).0 += 1;
    }
    let mut used: BTreeMap<&Text, Vec<&Text>> = BTreeMap::new();
    for (key, value) in facts.used_labels {
        used.entry(key).or_default().push(value);
    }
    let mut suggestions = 0;
    for (key, used) in used {
        let Some(values) = carried.get(key).filter(|values| used.iter().all(|value| values.contains_key(value))) else { continue };
        let lone: Vec<&Label<'_>> = values
            .iter()
            .filter(|(value, (count, _))| *count == 1 && used.binary_search(value).is_err())
            .map(|(_, (_, label))| label)
            .collect();
        if lone.len() * 2 > values.len() {
            continue;
        }
        for label in lone {
            suggestions += 1;
            let candidates = used.iter().filter(|_| suggestions <= SUGGESTIONS).map(|value| value.as_str());
            let problem = Meaning::LabelUsedOnce {
                key: key.clone(),
                value: label.value.clone(),
                nearest: nearest(label.value, candidates).map(Text::from),
            };
            out.push(Diagnostic::meaning(problem, label.at));
        }
    }
}
