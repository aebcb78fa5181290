//! Single shifts: some people, one or several days, and either times or a type.

use super::types::{Template, single};
use super::{Schedule, days};
use crate::diagnostic::{Diagnostic, Meaning};
use crate::document::Node;
use crate::kind::{Kind, shift};
use crate::manifest::reference;
use crate::time::Date;

/// What happens on the days of an item.
enum What {
    Sign(char),
    Shift(Template),
}

/// So many shifts of a schedule are remembered; comparing with more would cost more than reading one anew.
const REMEMBERED: usize = 8;

/// The fields of a shift as an item writes them, in the order of the table.
pub(super) type Written<'a> = [Option<&'a Node>; shift::FIELDS.len()];

/// Adds one item of `spec.shifts`.
pub(super) fn expand<'a>(item: &'a Node, schedule: &mut Schedule<'a, '_>) {
    if item.is_refused() {
        return;
    }
    let days = days_of(item, schedule);
    let what = what(item, schedule);
    let Some(supports) = item.get("supports") else { return };
    // With broken days the people are looked up as for today, so that their mistakes show as well.
    let last = days.as_ref().and_then(|days| days.last().copied()).unwrap_or(schedule.context.options.today);
    let purpose = schedule.purpose(last);
    let people = reference::many(supports, purpose, schedule.context, schedule.out);
    let (Some(days), Some(what)) = (days, what) else { return };
    for (person, _) in &people {
        for day in &days {
            match &what {
                What::Sign(sign) => schedule.add_sign(*sign, person, *day, item.span),
                What::Shift(template) => schedule.add_shift(template, person, *day, item.span),
            }
        }
    }
}

fn days_of(item: &Node, schedule: &mut Schedule<'_, '_>) -> Option<Vec<Date>> {
    match (item.entry("date"), item.entry("dates")) {
        (Some(date), None) => days::date(&date.value, schedule.out).map(|date| vec![date]),
        (None, Some(dates)) => days::dates(&dates.value, schedule.out),
        (Some(one), Some(other)) if one.value.is_refused() || other.value.is_refused() => None,
        (Some(date), Some(dates)) => {
            schedule.out.report(Diagnostic::meaning(Meaning::DateAndDates, dates.key_span).with_other(date.key_span));
            None
        }
        (None, None) => {
            schedule.out.report(Diagnostic::meaning(Meaning::ShiftWithoutDate, item.span));
            None
        }
    }
}

fn what<'a>(item: &'a Node, schedule: &mut Schedule<'a, '_>) -> Option<What> {
    if let Some(sign) = item.entry("type") {
        if sign.value.is_refused() {
            return None;
        }
        if let Some(stray) = Kind::Shift.fields().iter().find_map(|field| item.entry(field.name)) {
            let problem = Meaning::TypeAndTimes { key: stray.key.clone() };
            schedule.out.report(Diagnostic::meaning(problem, stray.key_span).with_other(sign.key_span));
            return None;
        }
        let letter = single(sign.value.as_str()?)?;
        return schedule.knows(letter, sign.value.span).then_some(What::Sign(letter));
    }
    if item.get("start").is_none() || item.get("end").is_none() {
        schedule.out.report(Diagnostic::meaning(Meaning::ShiftWithoutTimes, item.span));
        return None;
    }
    template(item, schedule).map(What::Shift)
}

/// The shift that an item describes. Most items of a schedule repeat what an earlier one says of another day, and share its values.
fn template<'a>(item: &'a Node, schedule: &mut Schedule<'a, '_>) -> Option<Template> {
    let mut written: Written<'a> = Default::default();
    for (value, field) in written.iter_mut().zip(shift::FIELDS) {
        *value = item.get(field.name);
    }
    if let Some((_, known)) = schedule.remembered.iter().find(|(have, _)| *have == written) {
        return Some(known.clone());
    }
    let template = Template::read(item, schedule.out)?;
    if schedule.remembered.len() < REMEMBERED {
        schedule.remembered.push((written, template.clone()));
    }
    Some(template)
}
