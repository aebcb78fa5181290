//! `shift-on-leave` (warning): a shift on a day that a roster marks as leave. Days that are over are left alone.
//!
//! Bad:
//! ```yaml
//! roster: {zhang-san: 假}            # 2026-12-01
//! shifts: [{supports: [zhang-san], date: 2026-12-01, start: "09:00", end: "18:00"}]
//! ```
//! Good: one of the two.

use std::collections::HashMap;

use super::Facts;
use crate::Person;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::resource::{DayOff, DayOffKind};
use crate::time::Date;

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let is_leave = |day: &&DayOff| day.kind == DayOffKind::Leave && !facts.options.is_over(day.date);
    let leave: HashMap<(&Person, Date), &DayOff> =
        facts.days_off.iter().filter(is_leave).map(|day| ((&day.person, day.date), day)).collect();
    if leave.is_empty() {
        return;
    }
    for shift in &facts.shifts {
        let date = shift.begins.date();
        if let Some(day) = leave.get(&(shift.person, date)) {
            let problem = Meaning::ShiftOnLeave { person: shift.person.clone(), date };
            out.push(Diagnostic::meaning(problem, shift.origin).with_other(day.origin));
        }
    }
}
