//! `shift-on-leave` (warning): a shift on a day that a roster marks as leave. Days that are over are left alone.
//!
//! Bad:
//! ```yaml
//! roster: {zhang-san: 假}            # 2026-12-01
//! shifts: [{supports: [zhang-san], date: 2026-12-01, start: "09:00", end: "18:00"}]
//! ```
//! Good: one of the two.

use super::Facts;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::resource::DayOffKind;

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let leave: Vec<_> = facts.days_off.iter().filter(|day| day.kind == DayOffKind::Leave && !facts.is_over(day.date)).collect();
    let mut at = 0;
    for shift in &facts.shifts {
        let date = shift.begins.date();
        // Both are sorted by person and date, so one pass sees every pair.
        while leave.get(at).is_some_and(|day| (&day.person, day.date) < (shift.person, date)) {
            at += 1;
        }
        if let Some(day) = leave.get(at).filter(|day| (&day.person, day.date) == (shift.person, date)) {
            let problem = Meaning::ShiftOnLeave { person: shift.person.clone(), date };
            out.push(Diagnostic::meaning(problem, shift.origin).with_other(day.origin));
        }
    }
}
