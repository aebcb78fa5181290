//! `duplicate-name`: two manifests of one kind have the same `metadata.name`.
//!
//! Bad:
//! ```yaml
//! {kind: Support, metadata: {name: zhang-san}}
//! {kind: Support, metadata: {name: zhang-san}}
//! ```
//! Good: `zhang-san` and `zhang-san-2`. Another kind may use the name again.

use super::{Facts, duplicates};
use crate::diagnostic::{Diagnostic, Meaning};

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let names = facts.headers.iter().map(|header| ((header.kind, header.name), header.at));
    duplicates(names, |(kind, name)| Meaning::DuplicateName { kind: kind.word(), name: name.clone() }, out);
}
