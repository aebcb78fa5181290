//! Schedule manifests: rosters and single shifts become dated shifts and free days.

mod days;
mod roster;
mod schema;
mod single;
mod types;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) use days::date;
pub(crate) use schema::{shift_types_schema, spec_schema};
pub(crate) use types::ShiftTypes;

use self::types::{ShiftType, Template};
use super::reference::Purpose;
use super::{Context, Expansion, Header, lifecycle};
use crate::diagnostic::{Diagnostic, Meaning};
use crate::document::Node;
use crate::resource::{DayOff, Ensure, Lifecycle, Resource};
use crate::source::Span;
use crate::time::Date;
use crate::{Address, Kind, NaturalKey, Person};

/// Places of one unknown sign that are shown; the rest is a number in the message.
const SHOWN_PLACES: usize = 10;

/// Adds a resource for each shift and a [`DayOff`] for each free day.
pub(super) fn expand(header: &Header<'_>, context: &Context<'_>, out: &mut Expansion) {
    let lifecycle = lifecycle::read(Kind::Shift, header, out);
    let types = header.spec("shiftTypes").map(|node| ShiftTypes::read(node, out)).unwrap_or_default();
    let mut schedule = Schedule { header, context, types, lifecycle, remembered: Vec::new(), unknown: BTreeMap::new(), out };
    let dates = header.spec("from").zip(header.spec("to"));
    // Read without a roster too, so that a wrong date never goes unnoticed.
    let days = dates.and_then(|(from, to)| days::range(from, to, schedule.out));
    if let Some(rows) = header.root.get("spec").and_then(|spec| spec.entry("roster")) {
        match days {
            Some(days) => roster::expand(&rows.value, &days, &mut schedule),
            None if dates.is_some() => roster::look(&rows.value, &mut schedule),
            None => schedule.out.report(Diagnostic::meaning(Meaning::RosterWithoutDates, rows.key_span)),
        }
    }
    let items = header.spec("shifts").map(Node::items).unwrap_or_default();
    // Most are about one person and one day.
    schedule.out.resources.reserve(items.len());
    for item in items {
        single::expand(item, &mut schedule);
    }
    schedule.report_unknown_signs();
}

/// One schedule while it is expanded.
struct Schedule<'a, 'b> {
    header: &'b Header<'a>,
    context: &'b Context<'b>,
    types: ShiftTypes,
    lifecycle: Arc<Lifecycle>,
    /// Shifts that stood in single items, and how they were written.
    remembered: Vec<(single::Written<'a>, Template)>,
    /// Signs without a type and where they stand.
    unknown: BTreeMap<char, Vec<Span>>,
    out: &'b mut Expansion,
}

impl Schedule<'_, '_> {
    /// For what people are looked up whose last day is `last`.
    fn purpose(&self, last: Date) -> Purpose {
        Purpose::of(self.header.ensure).in_past(self.context.options.is_over(last))
    }

    /// Adds what a sign means on one day of one person.
    fn add_sign(&mut self, sign: char, person: &Person, date: Date, origin: Span) {
        match self.types.get(sign).or_else(|| self.context.shift_types.get(sign)) {
            Some(ShiftType::Work(template)) => {
                self.out.add(shift(template, person, date, &self.lifecycle, origin), self.context);
            }
            Some(ShiftType::Off { kind, name }) if self.header.ensure == Ensure::Present => {
                let day = DayOff { person: person.clone(), date, kind: *kind, name: name.clone(), origin };
                self.out.add_day_off(day, self.context);
            }
            Some(ShiftType::Off { .. } | ShiftType::Broken) => {}
            None => self.unknown.entry(sign).or_default().push(origin),
        }
    }

    /// Adds a shift that is not of any type.
    fn add_shift(&mut self, template: &Template, person: &Person, date: Date, origin: Span) {
        self.out.add(shift(template, person, date, &self.lifecycle, origin), self.context);
    }

    /// Whether a sign has a type; notes the place if not.
    fn knows(&mut self, sign: char, at: Span) -> bool {
        let known = self.types.get(sign).or_else(|| self.context.shift_types.get(sign)).is_some();
        if !known {
            self.unknown.entry(sign).or_default().push(at);
        }
        known
    }

    /// One finding a sign, not one a place: a forgotten type stands in every line.
    fn report_unknown_signs(self) {
        if !self.types.is_complete() {
            return;
        }
        let known = self.types.signs().chain(self.context.shift_types.signs());
        let mut known: Vec<char> = known.collect();
        known.sort_unstable();
        known.dedup();
        let known = known.into_iter().map(String::from).collect::<Vec<_>>().join(" ");
        for (sign, places) in self.unknown {
            let problem = Meaning::UnknownSign { sign: sign.to_string().into(), uses: places.len(), known: known.clone() };
            let mut diagnostic = Diagnostic::meaning(problem, places[0]);
            diagnostic.others.extend(places.into_iter().skip(1).take(SHOWN_PLACES));
            self.out.report(diagnostic);
        }
    }
}

fn shift(template: &Template, person: &Person, date: Date, lifecycle: &Arc<Lifecycle>, origin: Span) -> Resource {
    Resource {
        address: Address::shift(person, date, template.start),
        key: NaturalKey::Shift { person: person.clone(), date, start: template.start },
        title: template.title.clone(),
        values: template.values.clone(),
        secret: None,
        support: None,
        lifecycle: Arc::clone(lifecycle),
        origin,
        field_spans: Box::default(),
    }
}
