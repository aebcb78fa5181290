//! `duplicate-shift`: one person has two shifts that start at the same time, even if they are equal. A shift that is taken away counts too.
//!
//! Bad:
//! ```yaml
//! shifts:
//!   - {supports: [zhang-san], date: 2026-12-01, start: "09:00", end: "18:00"}
//!   - {supports: [zhang-san], date: 2026-12-01, start: "09:00", end: "12:00"}
//! ```
//! Good: one of the two.

use super::Facts;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::{Kind, NaturalKey};

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    // The address says person, date and start, so equal shifts are neighbours; the first stays the first.
    for alike in facts.of(Kind::Shift).chunk_by(|a, b| a.address == b.address) {
        let [first, later @ ..] = alike else { continue };
        for shift in later {
            if let NaturalKey::Shift { person, date, start } = &shift.key {
                let problem = Meaning::DuplicateShift { person: person.clone(), begins: date.to_datetime(*start) };
                out.push(Diagnostic::meaning(problem, shift.origin).with_other(first.origin));
            }
        }
    }
}
