//! `duplicate-staff-number` (warning): two Supports have the same staff number. The platform takes it, but reports count by it.
//!
//! Bad:
//! ```yaml
//! {metadata: {name: zhang-san}, spec: {staffNumber: "001"}}
//! {metadata: {name: li-si}, spec: {staffNumber: "001"}}
//! ```
//! Good: `"001"` and `"002"`.

use super::{Facts, duplicates};
use crate::diagnostic::{Diagnostic, Meaning};
use crate::{Kind, Value};

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some(key) = Kind::Support.key("staffNumber") else { return };
    let numbers = facts.of(Kind::Support).iter().filter_map(|resource| {
        let number = resource.values.get(&key).and_then(Value::as_text)?;
        Some((number, resource.span_of(&key)))
    });
    duplicates(numbers, |number| Meaning::DuplicateStaffNumber { number: number.clone() }, out);
}
