//! Shifts as duties: api-spec.md section 3.2.

use deskform_model::kind::shift::{END, START};
use deskform_model::time::{Date, format_time};
use deskform_model::{FieldKey, Kind, Platform, RemoteId, Value, Values};
use deskform_planner::overnight::Piece;
use serde_json::{Map, Value as Json};

use super::put;
use crate::request::{Body, Method, Repeat, Request, Wrapper};

const PATH: &str = "/api/v1/schedules.json";

/// `POST /api/v1/schedules.json` for one person: an element a day, in order of days; the duties of a day in the order given. The reply
/// lists them in the order of the request.
pub fn create(person: &RemoteId, duties: &[(Piece, &Values)]) -> Request {
    let sid = Json::from(person.as_str()).to_string();
    let mut known: Vec<(&Piece, &Values, String)> = Vec::new();
    let mut body = String::from(r#"{"duty":["#);
    let mut day: Option<Date> = None;
    for at in order(duties) {
        let (piece, values) = &duties[at];
        if day == Some(piece.date) {
            body.push(',');
        } else {
            if day.replace(piece.date).is_some() {
                body.extend([r#"],"sid":"#, &sid, "},"]);
            }
            body.extend([r#"{"date":""#, &piece.date.to_string(), r#"","schedules":["#]);
        }
        // A month has few different duties; each is written once.
        let same =
            |(other, of_other, _): &&(&Piece, &Values, String)| (other.start, other.end) == (piece.start, piece.end) && of_other == values;
        match known.iter().find(same) {
            Some((_, _, text)) => body.push_str(text),
            None => {
                let text = Json::Object(fields(piece, values, false)).to_string();
                body.push_str(&text);
                known.push((piece, values, text));
            }
        }
    }
    if day.is_some() {
        body.extend([r#"],"sid":"#, &sid, "}"]);
    }
    body.push_str("]}");
    Request::new(Platform::Helpdesk, Method::Post, PATH, Repeat::Unsafe, Wrapper::Envelope).body(Body::Text(body))
}

/// The order in which [`create`] sends duties: by day, then as they were given.
pub fn order(duties: &[(Piece, &Values)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..duties.len()).collect();
    order.sort_by_key(|at| (duties[*at].0.date, *at));
    order
}

/// `PUT /api/v1/schedules.json`. Always all five fields, empty ones as "": whether what is left out is kept or cleared is not known
/// (api-spec.md H39).
pub fn update(id: &RemoteId, piece: &Piece, values: &Values) -> Request {
    Request::new(Platform::Helpdesk, Method::Put, PATH, Repeat::Safe, Wrapper::Envelope)
        .query("dutyId", id.as_str())
        .body(Json::Object(Map::from_iter([("duty".to_owned(), Json::Object(fields(piece, values, true)))])))
}

/// `DELETE /api/v1/schedules.json`.
pub fn delete(id: &RemoteId) -> Request {
    Request::new(Platform::Helpdesk, Method::Delete, PATH, Repeat::Safe, Wrapper::Envelope).query("dutyId", id.as_str())
}

/// A duty's fields: the hours of the piece, the rest of the shift. A create leaves empty text out, as its documented example does.
fn fields(piece: &Piece, values: &Values, editing: bool) -> Map<String, Json> {
    let mut body = Map::new();
    for at in 0..Kind::Shift.fields().len() {
        let key = FieldKey::Known(u8::try_from(at).expect("the table is short"));
        let value = match &key {
            FieldKey::Known(START) => Value::text(format_time(piece.start)),
            FieldKey::Known(END) => Value::text(format_time(piece.end)),
            key => values.get(key).cloned().unwrap_or(Value::Null),
        };
        if editing || value != Value::Null {
            put(Kind::Shift, &key, &value, editing, &mut body);
        }
    }
    body
}
