//! `duplicate-operator-id`: two Agents, or seats of AgentSets, have the same number, so they would be one seat.
//!
//! Bad:
//! ```yaml
//! {metadata: {name: seat-a}, spec: {operatorId: "8001"}}
//! {metadata: {name: seat-b}, spec: {operatorId: "8001"}}
//! ```
//! Good: `"8001"` and `"8002"`.

use std::collections::BTreeMap;

use super::{Facts, duplicates};
use crate::diagnostic::{Diagnostic, Meaning, Problem};
use crate::source::Span;
use crate::{Kind, NaturalKey};

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let key = Kind::Agent.key("operatorId");
    let seats = facts.of(Kind::Agent).iter().filter_map(|resource| match &resource.key {
        NaturalKey::Agent { operator_id } => Some((operator_id, key.as_ref().map_or(resource.origin, |key| resource.span_of(key)))),
        _ => None,
    });
    let mut found = Vec::new();
    duplicates(seats, |operator_id| Meaning::DuplicateOperatorId { operator_id: operator_id.clone(), more: 0 }, &mut found);
    // Two ranges may share thousands of seats, which is one mistake.
    let mut places: BTreeMap<(Span, Vec<Span>), usize> = BTreeMap::new();
    for diagnostic in found {
        let place = (diagnostic.at, diagnostic.others.clone());
        match places.get(&place).map(|first| &mut out[*first].problem) {
            Some(Problem::Meaning(Meaning::DuplicateOperatorId { more, .. })) => *more += 1,
            _ => {
                places.insert(place, out.len());
                out.push(diagnostic);
            }
        }
    }
}
