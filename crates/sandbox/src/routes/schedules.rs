//! `schedules.json`: dated duties, in four different shapes of reply (api-spec.md 3.2, H31 to H43).

use jiff::civil::Time;
use serde::Serialize;
use serde_json::{Value, json};

use super::HelpdeskCall;
use crate::envelope::{Rejection, Reply};
use crate::fields::{self, Object};
use crate::options::Overnight;
use crate::store::duties::{self, Duty, Times};
use crate::store::supports;

const MOST_CHARACTERS: usize = 30;

/// All duties of a person on a day, as they are read: `schedules` is nested twice.
#[derive(Serialize)]
struct Read {
    sid: String,
    date: String,
    schedules: [Vec<ReadDuty>; 1],
}

/// A duty as it is read: no `url`, and a `status` that no table explains.
#[derive(Serialize)]
struct ReadDuty {
    #[serde(rename = "dutyId")]
    id: String,
    name: String,
    remark: String,
    start_time: String,
    end_time: String,
    status: &'static str,
}

pub(super) fn list(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let query = call.query()?;
    let bound = |name: &str| query.get(name).map(|text| fields::date(text, name)).transpose();
    let (from, to) = (bound("startDT")?, bound("endDT")?);
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Rejection::invalid("endDT", "is before startDT"));
    }
    let mut groups: Vec<Read> = Vec::new();
    let mut last: Option<(i64, String)> = None;
    duties::for_each(call.database, from, to, |duty| {
        if last.as_ref().is_none_or(|(sid, date)| *sid != duty.sid || *date != duty.date) {
            last = Some((duty.sid, duty.date.clone()));
            groups.push(Read { sid: duty.sid.to_string(), date: duty.date.clone(), schedules: [Vec::new()] });
        }
        if let Some(group) = groups.last_mut() {
            group.schedules[0].push(ReadDuty {
                id: duty.id(),
                name: duty.name.unwrap_or_default(),
                remark: duty.remark.unwrap_or_default(),
                start_time: duty.start_time,
                end_time: duty.end_time,
                status: "1",
            });
        }
    })?;
    // One person on one day is an object, as documented; anything else has to be an array (api-spec.md H31).
    #[derive(Serialize)]
    struct Data<T> {
        duty: T,
    }
    match groups.as_slice() {
        [only] => Reply::enveloped("ok", &Data { duty: only }),
        groups => Reply::enveloped("ok", &Data { duty: groups }),
    }
}

pub(super) fn create(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let body = fields::json(call.body)?;
    let days = body.get("duty").ok_or_else(|| Rejection::Missing("duty".to_owned()))?;
    let days = fields::array(days, "duty")?;
    if days.is_empty() {
        return Err(Rejection::Missing("duty".to_owned()));
    }
    let mut shown = Vec::with_capacity(days.len());
    for day in days {
        shown.push(create_day(call, fields::object(day, "duty")?)?);
    }
    Reply::enveloped("success", &json!({"duty": shown}))
}

fn create_day(call: &HelpdeskCall<'_>, day: &Object) -> Result<Value, Rejection> {
    let sid = fields::required_scalar(day, "sid")?;
    let date = fields::required_scalar(day, "date")?;
    let date = fields::date(&date, "date")?;
    let sent = fields::array(fields::required(day, "schedules")?, "schedules")?;
    if sent.is_empty() {
        return Err(Rejection::Missing("schedules".to_owned()));
    }
    let id: i64 = sid.parse().map_err(|_| Rejection::NoSuchSupport)?;
    supports::find_active(call.database, id)?.ok_or(Rejection::NoSuchSupport)?;
    let mut shown = Vec::with_capacity(sent.len());
    for duty in sent {
        let duty = fields::object(duty, "schedules")?;
        let times = times(call, duty)?;
        let duty = Duty {
            sid: id,
            date: date.to_string(),
            name: name(duty)?,
            remark: fields::optional_scalar(duty, "remark")?,
            start_time: times.start,
            end_time: times.end,
            url: fields::optional_scalar(duty, "url")?,
            ..Duty::default()
        };
        let duty = duties::add(call.database, duty)?;
        let mut reply = json!({
            "dutyId": duty.id(),
            "name": duty.name.unwrap_or_default(),
            "start_time": duty.start_time,
            "end_time": duty.end_time,
        });
        if let Some(remark) = duty.remark {
            reply["remark"] = json!(remark);
        }
        if let Some(url) = duty.url {
            reply["url"] = json!(url);
        }
        shown.push(reply);
    }
    Ok(json!({"sid": sid, "date": date.to_string(), "schedules": shown}))
}

pub(super) fn update(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let mut duty = find(call)?;
    let body = call.wrapped("duty")?;
    let times = times(call, &body)?;
    duty.start_time = times.start;
    duty.end_time = times.end;
    // What is not sent keeps its value (api-spec.md H39).
    duty.name = name(&body)?.or(duty.name);
    duty.remark = fields::optional_scalar(&body, "remark")?.or(duty.remark);
    duty.url = fields::optional_scalar(&body, "url")?.or(duty.url);
    duties::update(call.database, &duty)?;
    let url = duty.url.clone().unwrap_or_default();
    single(duty, |shown| shown["url"] = json!(url))
}

pub(super) fn delete(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let duty = find(call)?;
    let start = fields::date(&duty.date, "date")?.to_datetime(fields::time_of_day(&duty.start_time, "start_time")?);
    if start < call.options.clock.now() {
        return Err(Rejection::PastDuty);
    }
    duties::delete(call.database, &duty)?;
    single(duty, |_| ())
}

/// The reply about one duty: an object with a flat array.
fn single(duty: Duty, complete: impl FnOnce(&mut Value)) -> Result<Reply, Rejection> {
    let mut shown = json!({
        "dutyId": duty.id(),
        "name": duty.name.unwrap_or_default(),
        "remark": duty.remark.unwrap_or_default(),
        "start_time": duty.start_time,
        "end_time": duty.end_time,
        "status": "1",
    });
    complete(&mut shown);
    let duty = json!({"sid": duty.sid.to_string(), "date": duty.date, "schedules": [shown]});
    Reply::enveloped("ok", &json!({"duty": duty}))
}

fn find(call: &HelpdeskCall<'_>) -> Result<Duty, Rejection> {
    let query = call.query()?;
    let id = query.get("dutyId").ok_or_else(|| Rejection::Missing("dutyId".to_owned()))?;
    duties::find(call.database, id)?.ok_or(Rejection::NoSuchDuty)
}

fn name(duty: &Object) -> Result<Option<String>, Rejection> {
    let name = fields::optional_scalar(duty, "name")?;
    if name.as_ref().is_some_and(|name| name.chars().count() > MOST_CHARACTERS) {
        return Err(Rejection::invalid("name", format!("is longer than {MOST_CHARACTERS} characters")));
    }
    Ok(name)
}

fn times(call: &HelpdeskCall<'_>, duty: &Object) -> Result<Times, Rejection> {
    let read = |field: &str| -> Result<Time, Rejection> {
        let text = fields::required_scalar(duty, field)?;
        let time = fields::time_of_day(&text, field)?;
        // Seconds are dropped: every documented reply is to the minute.
        Ok(Time::constant(time.hour(), time.minute(), 0, 0))
    };
    let (start, end) = (read("start_time")?, read("end_time")?);
    let overnight = end < start && call.options.overnight == Overnight::Accept;
    if end <= start && !overnight {
        return Err(Rejection::invalid("end_time", "is not after start_time"));
    }
    Ok(Times { start: minutes(start), end: minutes(end) })
}

fn minutes(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}
