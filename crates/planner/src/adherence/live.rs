//! Planned shifts from live duties: halves of a night are put together again.

use std::collections::HashMap;

use deskform_model::Text;
use deskform_model::kind::shift::NAME;
use deskform_model::time::{self, Time};
use deskform_model::{FieldKey, RemoteId, Value, Values};

use super::PlannedShift;
use crate::observed::Duty;
use crate::overnight::{LAST_MINUTE, hours};

/// The shifts that duties are, for those whose person `position` knows. Two duties of one person that meet at midnight and have the same
/// name are one shift ([`crate::overnight`] sends them so); two that somebody made by hand look the same, and are worked the same.
pub fn shifts_of_duties(duties: &[Duty], position: impl Fn(&RemoteId) -> Option<usize>) -> Vec<PlannedShift> {
    let mut shifts: Vec<PlannedShift> = Vec::new();
    for duty in duties {
        let (Some(person), Some((start, end))) = (position(&duty.person), hours(&duty.values)) else { continue };
        let (begins, ends) = time::interval(duty.date, start, end);
        shifts.push(PlannedShift { person, begins, ends, name: name(&duty.values) });
    }
    shifts.sort_by(|a, b| (a.person, a.begins, a.ends, &a.name).cmp(&(b.person, b.begins, b.ends, &b.name)));
    // Which shift may be continued at which midnight, by its person, name and that moment.
    let mut torn: HashMap<(usize, Text, time::DateTime), usize> = HashMap::new();
    let mut whole: Vec<PlannedShift> = Vec::with_capacity(shifts.len());
    for shift in shifts {
        if shift.begins.time() == Time::midnight()
            && let Some(first) = torn.remove(&(shift.person, shift.name.clone(), shift.begins))
        {
            whole[first].ends = shift.ends;
            continue;
        }
        if shift.ends.time() == LAST_MINUTE
            && let Some(next) = time::next_day(shift.ends.date())
        {
            torn.insert((shift.person, shift.name.clone(), next.to_datetime(Time::midnight())), whole.len());
        }
        whole.push(shift);
    }
    whole
}

fn name(values: &Values) -> Text {
    values.get(&FieldKey::Known(NAME)).and_then(Value::as_text).cloned().unwrap_or_default()
}
