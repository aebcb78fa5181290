//! `overlapping-shifts`: one person has two shifts at one time. A shift over midnight reaches into the next day, month and year.
//!
//! Bad:
//! ```yaml
//! shifts:
//!   - {supports: [zhang-san], date: 2026-12-31, start: "22:00", end: "06:00"}
//!   - {supports: [zhang-san], date: 2027-01-01, start: "05:00", end: "12:00"}
//! ```
//! Good: the second one starts at `"06:00"` or later. Two that start together are `duplicate-shift`.

use super::{Facts, Shift};
use crate::diagnostic::{Diagnostic, Meaning};

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    // Shifts last less than a day but can reach past several others: the one that ends last is compared, not the neighbour.
    let mut longest: Option<&Shift<'_>> = None;
    for shift in &facts.shifts {
        if let Some(earlier) = longest.filter(|earlier| earlier.person == shift.person) {
            if shift.begins < earlier.ends && shift.begins != earlier.begins {
                let problem = Meaning::OverlappingShifts {
                    person: shift.person.clone(),
                    earlier: (earlier.begins, earlier.ends),
                    later: (shift.begins, shift.ends),
                };
                out.push(Diagnostic::meaning(problem, shift.origin).with_other(earlier.origin));
            }
            if shift.ends <= earlier.ends {
                continue;
            }
        }
        longest = Some(shift);
    }
}
