//! `seat-without-role` (warning): the platform picks a role at random for a new seat without one (api-spec.md section 5.1).
//!
//! Bad:
//! ```yaml
//! spec: {operatorId: "8001"}
//! ```
//! Good: `{operatorId: "8001", role: 客服}`.

use std::collections::BTreeMap;

use super::Facts;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::resource::Ensure;
use crate::source::Span;
use crate::{Kind, NaturalKey, Text};

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let role = Kind::Agent.key("role");
    // The seats of a range stand at one place.
    let mut places: BTreeMap<Span, (&Text, usize)> = BTreeMap::new();
    for seat in facts.of(Kind::Agent).iter().filter(|seat| seat.lifecycle.ensure == Ensure::Present) {
        if let NaturalKey::Agent { operator_id } = &seat.key
            && seat.values.named(Kind::Agent, "role").is_none()
            // A role that cannot be read has its place all the same.
            && !seat.field_spans.iter().any(|(key, _)| Some(key) == role.as_ref())
        {
            places.entry(seat.origin).and_modify(|(_, more)| *more += 1).or_insert((operator_id, 0));
        }
    }
    let found = |(at, (operator_id, more)): (Span, (&Text, usize))| {
        Diagnostic::meaning(Meaning::SeatWithoutRole { operator_id: operator_id.clone(), more }, at)
    };
    out.extend(places.into_iter().map(found));
}
