//! Duties in replies of `/api/v1/schedules.json`, whatever they are packed in (api-spec.md 3.2, H31).

use std::borrow::Cow;
use std::collections::BTreeMap;

use deskform_model::kind::shift;
use deskform_model::time::{self, Date};
use deskform_model::{FieldKey, Kind, RemoteId, SharedValues, Value, Values};
use deskform_planner::Duty;
use serde_json::{Map, Value as Json};

use super::borrowed::Borrowed;
use super::decode::{Illegible, UnreadableObject, read_fields};
use super::rows::Rows;

/// The end of a day as some write it. It is the midnight with which the next day begins (api-spec.md H38).
const END_OF_DAY: [&str; 2] = ["24:00", "24:00:00"];

/// How many looks of shifts are remembered with their values. A platform has a handful of shift types; it may have more.
const LOOKS: usize = 16;

/// The duties of a reply's `data`, and what in it could not be read.
///
/// `duty` may be one object, a list, empty, null or an object keyed by numbers, and `schedules` may be nested to any depth. Person and
/// day are taken from the nearest object around a duty. Sorted by person, day, start and id.
pub fn decode_duties(data: &Json) -> (Vec<Duty>, Vec<UnreadableObject>) {
    let (mut duties, problems) = DutyRows::default().finish(data);
    duties.sort_by(|a, b| order(a).cmp(&order(b)));
    (duties, problems)
}

/// Where a reply has its long list.
pub(crate) const ROWS_AT: &[&str] = &["data", "duty"];

/// Reads the duties of a reply's list one by one.
#[derive(Default)]
pub(crate) struct DutyRows(Reading);

impl Rows for DutyRows {
    fn begin(&mut self) {
        self.0.duties.clear();
        self.0.problems.clear();
    }

    fn take(&mut self, row: &Borrowed<'_>) {
        self.0.walk(row, &Around::default());
    }
}

impl DutyRows {
    /// What was taken, and what else the reply's `data` holds, in the order of the reply; see [`decode_duties`].
    pub(crate) fn finish(self, data: &Json) -> (Vec<Duty>, Vec<UnreadableObject>) {
        let Self(mut reading) = self;
        match data {
            Json::Object(map) if !map.is_empty() => match map.get("duty") {
                Some(duty) => reading.walk(&Borrowed::of(duty), &Around::default()),
                None => reading.problems.push(UnreadableObject::new("the schedules", Illegible::Missing("duty"))),
            },
            _ => reading.walk(&Borrowed::of(data), &Around::default()),
        }
        (reading.duties, reading.problems)
    }
}

/// The order in which duties are kept everywhere.
pub(crate) fn order(duty: &Duty) -> impl Ord + '_ {
    (&duty.person, duty.date, duty.values.get(&FieldKey::Known(shift::START)), &duty.remote)
}

/// What the objects around a duty say about it.
#[derive(Clone, Default)]
struct Around {
    person: Option<RemoteId>,
    date: Option<Date>,
}

#[derive(Default)]
struct Reading {
    duties: Vec<Duty>,
    problems: Vec<UnreadableObject>,
    shared: SharedValues,
    /// The first few looks that were met, and what they mean: most duties are equal to others in all but person and day.
    known: Vec<(Looks<Box<str>>, Values)>,
}

/// The texts of a duty's fields, by their position in the table.
type Looks<T> = [Option<T>; shift::FIELDS.len()];

/// The members of an object that are looked at.
#[derive(Default)]
struct Members<'a> {
    person: Option<&'a Borrowed<'a>>,
    person_too: Option<&'a Borrowed<'a>>,
    date: Option<&'a Borrowed<'a>>,
    duty: Option<&'a Borrowed<'a>>,
    schedules: Option<&'a Borrowed<'a>>,
    fields: [Option<&'a Borrowed<'a>>; shift::FIELDS.len()],
}

impl<'a> Members<'a> {
    fn of(members: &'a [(Cow<'a, str>, Borrowed<'a>)]) -> Self {
        let mut found = Self::default();
        for (name, value) in members {
            let place = match name.as_ref() {
                "sid" => &mut found.person,
                "sId" => &mut found.person_too,
                "date" => &mut found.date,
                "dutyId" => &mut found.duty,
                "schedules" => &mut found.schedules,
                other => match shift::FIELDS.iter().position(|field| field.api == other) {
                    Some(at) => &mut found.fields[at],
                    None => continue,
                },
            };
            *place = Some(value);
        }
        found
    }

    /// The fields where all that are shown are texts.
    fn looks(&self) -> Option<Looks<&'a str>> {
        let mut looks = Looks::default();
        for (look, field) in looks.iter_mut().zip(self.fields) {
            *look = match field {
                Some(Borrowed::Text(text)) => Some(text.as_ref()),
                Some(_) => return None,
                None => None,
            };
        }
        Some(looks)
    }
}

impl Reading {
    fn walk(&mut self, json: &Borrowed<'_>, around: &Around) {
        match json {
            Borrowed::Null => {}
            Borrowed::Text(text) if text.is_empty() => {}
            Borrowed::List(items) => items.iter().for_each(|item| self.walk(item, around)),
            Borrowed::Object(members) => {
                let found = Members::of(members);
                let around = Around {
                    person: id(found.person).or_else(|| id(found.person_too)).or_else(|| around.person.clone()),
                    date: found.date.and_then(date).or(around.date),
                };
                if let Some(remote) = id(found.duty) {
                    match self.duty(remote, &found, around) {
                        Ok(duty) => self.duties.push(duty),
                        Err(problem) => self.problems.push(problem),
                    }
                } else if let Some(schedules) = found.schedules {
                    self.walk(schedules, &around);
                } else if members.iter().all(|(_, inner)| inner.holds_others()) {
                    // A list whose keys survived: {"0": {...}, "1": {...}}.
                    let inner: BTreeMap<&str, &Borrowed<'_>> = members.iter().map(|(key, inner)| (key.as_ref(), inner)).collect();
                    inner.values().for_each(|inner| self.walk(inner, &around));
                } else {
                    self.problems.push(UnreadableObject::new(describe(&around), Illegible::Missing("dutyId")));
                }
            }
            _ => self.problems.push(UnreadableObject::new("the schedules", Illegible::Expected("a list of duties"))),
        }
    }

    fn duty(&mut self, remote: RemoteId, found: &Members<'_>, around: Around) -> Result<Duty, UnreadableObject> {
        let unreadable = |problem: Illegible| UnreadableObject::new(format_args!("duty {remote}"), problem);
        let person = around.person.ok_or_else(|| unreadable(Illegible::Missing("sid")))?;
        let date = around.date.ok_or_else(|| unreadable(Illegible::Missing("date")))?;
        let looks = found.looks();
        let known = looks.and_then(|looks| self.known.iter().find(|(known, _)| known.iter().map(Option::as_deref).eq(looks)));
        let values = match known {
            Some((_, values)) => values.clone(),
            None => {
                let values = self.shared.share(values(found).map_err(unreadable)?);
                if let (Some(looks), true) = (looks, self.known.len() < LOOKS) {
                    self.known.push((looks.map(|look| look.map(Box::from)), values.clone()));
                }
                values
            }
        };
        Ok(Duty { remote, person, date, values })
    }
}

/// The values of a duty's fields.
fn values(found: &Members<'_>) -> Result<Values, Illegible> {
    let shown = shift::FIELDS.iter().zip(found.fields).filter_map(|(field, value)| Some((field.api.to_owned(), value?.to_json())));
    let mut map: Map<String, Json> = shown.collect();
    if map.get("end_time").and_then(Json::as_str).is_some_and(|end| END_OF_DAY.contains(&end)) {
        map.insert("end_time".into(), Json::from("00:00"));
    }
    let mut values = read_fields(Kind::Shift, &map, true)?;
    for (at, api) in [(shift::START, "start_time"), (shift::END, "end_time")] {
        if values.get(&FieldKey::Known(at)).is_none_or(|value| *value == Value::Null) {
            return Err(Illegible::Missing(api));
        }
    }
    // An absent name or remark is an empty one, but an absent link is one that is not shown (api-spec.md H36).
    if !map.contains_key("url")
        && let Some(url) = Kind::Shift.key("url")
    {
        values.remove(&url);
    }
    Ok(values)
}

/// An id as number or string (api-spec.md H1).
fn id(json: Option<&Borrowed<'_>>) -> Option<RemoteId> {
    json?.scalar_text().and_then(RemoteId::new)
}

/// `2023-12-04`, or the same with a time behind it.
fn date(json: &Borrowed<'_>) -> Option<Date> {
    let Borrowed::Text(text) = json else { return None };
    let (date, rest) = text.split_at_checked("2023-12-04".len())?;
    (rest.is_empty() || rest.starts_with([' ', 'T'])).then(|| time::parse_date(date)).flatten()
}

fn describe(around: &Around) -> String {
    match (&around.person, around.date) {
        (Some(person), Some(date)) => format!("a duty of {person} on {date}"),
        (Some(person), None) => format!("a duty of {person}"),
        _ => "a duty".to_owned(),
    }
}
