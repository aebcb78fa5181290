//! `seat-without-role` (warning): the platform picks a role at random for a new seat without one (api-spec.md section 5.1).
//!
//! Bad:
//! ```yaml
//! spec: {operatorId: "8001"}
//! ```
//! Good: `{operatorId: "8001", role: 客服}`.

use super::Facts;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::resource::Ensure;
use crate::{Kind, NaturalKey};

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    for seat in facts.of(Kind::Agent).iter().filter(|seat| seat.lifecycle.ensure == Ensure::Present) {
        if let NaturalKey::Agent { operator_id } = &seat.key
            && seat.values.named(Kind::Agent, "role").is_none()
        {
            out.push(Diagnostic::meaning(Meaning::SeatWithoutRole { operator_id: operator_id.clone() }, seat.origin));
        }
    }
}
