//! `short-rest` (warning): less time between the shifts of two days of one person than the project's minimum, 11 hours by default. Between
//! two shifts that start on one day lies a break, not a rest. Days that are over are left alone.
//!
//! Bad:
//! ```yaml
//! zhang-san: 夜早    # 夜 ends at 06:00, 早 starts at 06:00
//! ```
//! Good: `夜.早`.

use super::Facts;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::time;

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some(minimum) = facts.options.minimum_rest_hours else { return };
    for (earlier, later) in facts.neighbours() {
        if earlier.begins.date() == later.begins.date() || facts.options.is_over(later.begins.date()) {
            continue;
        }
        let minutes = time::minutes_between(earlier.ends, later.begins);
        if (0..i64::from(minimum) * 60).contains(&minutes) {
            let problem = Meaning::ShortRest { person: later.person.clone(), ends: earlier.ends, begins: later.begins, minutes, minimum };
            out.push(Diagnostic::meaning(problem, later.origin).with_other(earlier.origin));
        }
    }
}
