//! `unknown-support`: a reference names a support that no manifest declares. Days in the past may name people who have left.
//!
//! Bad:
//! ```yaml
//! roster: {zhang-sna: 早早夜夜休休休}
//! ```
//! Good: `zhang-san`, or in a list of references `{account: "13900000001"}` for somebody who lives on the helpdesk only.

use std::collections::BTreeMap;

use crate::Text;
use crate::diagnostic::{Diagnostic, Meaning, Problem};
use crate::manifest::Staff;
use crate::schema;
use crate::source::Span;

/// How many unknown names get a suggestion. Each one is compared with every name that exists, and nobody reads that many.
const SUGGESTIONS: usize = 50;

/// The finding for a reference at `at`, still without a suggestion.
pub(crate) fn report(name: &Text, at: Span) -> Diagnostic {
    Diagnostic::meaning(Meaning::UnknownSupport { name: name.clone(), nearest: None }, at)
}

/// Fills in the nearest names, once everything has been found and sorted.
pub(crate) fn suggest(diagnostics: &mut [Diagnostic], staff: &Staff<'_>) {
    let mut known: BTreeMap<Text, Option<Text>> = BTreeMap::new();
    for diagnostic in diagnostics {
        if let Problem::Meaning(Meaning::UnknownSupport { name, nearest }) = &mut diagnostic.problem
            && (known.len() < SUGGESTIONS || known.contains_key(name))
        {
            *nearest = known.entry(name.clone()).or_insert_with(|| schema::nearest(name, staff.names()).map(Text::from)).clone();
        }
    }
}
