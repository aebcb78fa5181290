//! `duplicate-operator-id`: two Agents have the same seat number, so they would be one seat.
//!
//! Bad:
//! ```yaml
//! {metadata: {name: seat-a}, spec: {operatorId: "8001"}}
//! {metadata: {name: seat-b}, spec: {operatorId: "8001"}}
//! ```
//! Good: `"8001"` and `"8002"`.

use super::{Facts, duplicates};
use crate::diagnostic::{Diagnostic, Meaning};
use crate::{Kind, NaturalKey};

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let key = Kind::Agent.key("operatorId");
    let seats = facts.of(Kind::Agent).iter().filter_map(|resource| match &resource.key {
        NaturalKey::Agent { operator_id } => Some((operator_id, key.as_ref().map_or(resource.origin, |key| resource.span_of(key)))),
        _ => None,
    });
    duplicates(seats, |operator_id| Meaning::DuplicateOperatorId { operator_id: operator_id.clone() }, out);
}
