//! `label-used-once` (warning): references choose people by a label's key, and one Support alone has a value there that no reference uses.
//! That is how a typo looks; whoever made it is silently left out.
//!
//! Bad:
//! ```yaml
//! {kind: Support, metadata: {name: li-si, labels: {channel: vioce}}}
//! {kind: Permission, spec: {supports: [{labels: {channel: voice}}]}}
//! ```
//! Good: `channel: voice`. Labels whose key no reference uses may be as individual as they like.

use std::collections::{BTreeMap, BTreeSet};

use super::{Facts, nearest};
use crate::Text;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::manifest::{Label, ManifestKind};
use crate::resource::Ensure;

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let used_keys: BTreeSet<&Text> = facts.used_labels.iter().map(|(key, _)| key).collect();
    if used_keys.is_empty() {
        return;
    }
    let mut uses: BTreeMap<(&Text, &Text), (usize, Label<'_>)> = BTreeMap::new();
    // Only Supports are chosen by labels; other kinds may carry them as notes.
    let supports = facts.headers.iter().filter(|header| header.kind == ManifestKind::Support);
    for label in supports.filter(|header| header.ensure == Ensure::Present).flat_map(|header| &header.labels) {
        if used_keys.contains(label.key) {
            uses.entry((label.key, label.value)).or_insert((0, *label)).0 += 1;
        }
    }
    for ((key, value), (count, label)) in uses {
        if count == 1 && !facts.used_labels.contains(&(key.clone(), value.clone())) {
            let others = facts.used_labels.iter().filter(|(have, _)| have == key).map(|(_, value)| value.as_str());
            let nearest = nearest(value, others);
            out.push(Diagnostic::meaning(Meaning::LabelUsedOnce { key: key.clone(), value: value.clone(), nearest }, label.at));
        }
    }
}
