//! Duties in replies of `/api/v1/schedules.json`, whatever they are packed in (api-spec.md 3.2, H31).

use deskform_model::codec::scalar_text;
use deskform_model::kind::shift;
use deskform_model::time::{self, Date};
use deskform_model::{FieldKey, Kind, RemoteId, SharedValues, Value};
use deskform_planner::Duty;
use serde_json::{Map, Value as Json};

use super::decode::{Illegible, UnreadableObject, read_fields, remote_id};
use super::rows::Rows;

/// The end of a day as some write it. It is the midnight with which the next day begins (api-spec.md H38).
const END_OF_DAY: [&str; 2] = ["24:00", "24:00:00"];

/// The duties of a reply's `data`, and what in it could not be read.
///
/// `duty` may be one object, a list, empty, null or an object keyed by numbers, and `schedules` may be nested to any depth. Person and
/// day are taken from the nearest object around a duty. Sorted by person, day, start and id.
pub fn decode_duties(data: &Json) -> (Vec<Duty>, Vec<UnreadableObject>) {
    DutyRows::default().finish(data)
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

    fn take(&mut self, row: &Json) {
        self.0.walk(row, &Around::default());
    }
}

impl DutyRows {
    /// What was taken, and what else the reply's `data` holds; see [`decode_duties`].
    pub(crate) fn finish(self, data: &Json) -> (Vec<Duty>, Vec<UnreadableObject>) {
        let Self(mut reading) = self;
        match data {
            Json::Object(map) if !map.is_empty() => match map.get("duty") {
                Some(duty) => reading.walk(duty, &Around::default()),
                None => reading.problems.push(UnreadableObject::new("the schedules", Illegible::Missing("duty"))),
            },
            _ => reading.walk(data, &Around::default()),
        }
        reading.duties.sort_by(|a, b| order(a).cmp(&order(b)));
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
}

impl Reading {
    fn walk(&mut self, json: &Json, around: &Around) {
        match json {
            Json::Null => {}
            Json::String(text) if text.is_empty() => {}
            Json::Array(items) => items.iter().for_each(|item| self.walk(item, around)),
            Json::Object(map) => self.walk_object(map, around),
            _ => self.problems.push(UnreadableObject::new("the schedules", Illegible::Expected("a list of duties"))),
        }
    }

    fn walk_object(&mut self, map: &Map<String, Json>, around: &Around) {
        let around = Around {
            person: remote_id(map, "sid").or_else(|| remote_id(map, "sId")).or_else(|| around.person.clone()),
            date: date(map).or(around.date),
        };
        if let Some(remote) = remote_id(map, "dutyId") {
            match duty(remote, map, around) {
                Ok(duty) => self.duties.push(Duty { values: self.shared.share(duty.values), ..duty }),
                Err(problem) => self.problems.push(problem),
            }
        } else if let Some(schedules) = map.get("schedules") {
            self.walk(schedules, &around);
        } else if map.values().all(|inner| inner.is_object() || inner.is_array()) {
            // A list whose keys survived: {"0": {...}, "1": {...}}.
            map.values().for_each(|inner| self.walk(inner, &around));
        } else {
            self.problems.push(UnreadableObject::new(describe(&around), Illegible::Missing("dutyId")));
        }
    }
}

fn duty(remote: RemoteId, map: &Map<String, Json>, around: Around) -> Result<Duty, UnreadableObject> {
    let unreadable = |problem: Illegible| UnreadableObject::new(format_args!("duty {remote}"), problem);
    let person = around.person.ok_or_else(|| unreadable(Illegible::Missing("sid")))?;
    let date = around.date.ok_or_else(|| unreadable(Illegible::Missing("date")))?;
    let values = match map.get("end_time").and_then(Json::as_str) {
        Some(end) if END_OF_DAY.contains(&end) => {
            let mut map = map.clone();
            map.insert("end_time".into(), Json::from("00:00"));
            read_fields(Kind::Shift, &map, true)
        }
        _ => read_fields(Kind::Shift, map, true),
    };
    let mut values = values.map_err(|error| unreadable(error.into()))?;
    for (at, api) in [(shift::START, "start_time"), (shift::END, "end_time")] {
        if values.get(&FieldKey::Known(at)).is_none_or(|value| *value == Value::Null) {
            return Err(unreadable(Illegible::Missing(api)));
        }
    }
    // An absent name or remark is an empty one, but an absent link is one that is not shown (api-spec.md H36).
    if !map.contains_key("url")
        && let Some(url) = Kind::Shift.key("url")
    {
        values.remove(&url);
    }
    Ok(Duty { remote, person, date, values })
}

/// `2023-12-04`, or the same with a time behind it.
fn date(map: &Map<String, Json>) -> Option<Date> {
    let text = scalar_text(map.get("date")?)?;
    time::parse_date(text.split([' ', 'T']).next()?)
}

fn describe(around: &Around) -> String {
    match (&around.person, around.date) {
        (Some(person), Some(date)) => format!("a duty of {person} on {date}"),
        (Some(person), None) => format!("a duty of {person}"),
        _ => "a duty".to_owned(),
    }
}
