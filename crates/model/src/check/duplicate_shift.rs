//! `duplicate-shift`: one person has two shifts that start at the same time, even if they are equal. A shift that is taken away counts too.
//!
//! Bad:
//! ```yaml
//! shifts:
//!   - {supports: [zhang-san], date: 2026-12-01, start: "09:00", end: "18:00"}
//!   - {supports: [zhang-san], date: 2026-12-01, start: "09:00", end: "12:00"}
//! ```
//! Good: one of the two.

use super::{Facts, duplicates};
use crate::diagnostic::{Diagnostic, Meaning};
use crate::time::{Date, Time};
use crate::{Kind, NaturalKey, Person};

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let shifts = facts.of(Kind::Shift).filter_map(|resource| match &resource.key {
        NaturalKey::Shift { person, date, start } => Some(((person, *date, *start), resource.origin)),
        _ => None,
    });
    let problem =
        |(person, date, start): (&Person, Date, Time)| Meaning::DuplicateShift { person: person.clone(), begins: date.to_datetime(start) };
    duplicates(shifts, problem, out);
}
