//! Reading single values out of request bodies, with the refusals that belong to them.

use jiff::civil::{Date, DateTime, Time};
use serde_json::{Map, Value};

use crate::envelope::Rejection;

/// A JSON object of a request.
pub(crate) type Object = Map<String, Value>;

/// Reads a body as JSON, whatever its `Content-Type` says: one documented example sends none (api-spec.md H22).
pub(crate) fn json(body: &[u8]) -> Result<Value, Rejection> {
    serde_json::from_slice(body).map_err(Rejection::NotJson)
}

/// The value as an object.
pub(crate) fn object<'a>(value: &'a Value, field: &str) -> Result<&'a Object, Rejection> {
    value.as_object().ok_or_else(|| Rejection::invalid(field, "is not an object"))
}

/// The value as an array.
pub(crate) fn array<'a>(value: &'a Value, field: &str) -> Result<&'a [Value], Rejection> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| Rejection::invalid(field, "is not an array"))
}

/// The helpdesk's scalars: strings, or numbers that become strings; null is empty.
pub(crate) fn scalar(value: &Value, field: &str) -> Result<String, Rejection> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null => Ok(String::new()),
        _ => Err(Rejection::invalid(field, "is not a string")),
    }
}

/// A scalar that may be left out.
pub(crate) fn optional_scalar(object: &Object, field: &str) -> Result<Option<String>, Rejection> {
    object.get(field).map(|value| scalar(value, field)).transpose()
}

/// A scalar that must be there and not empty.
pub(crate) fn required_scalar(object: &Object, field: &str) -> Result<String, Rejection> {
    match optional_scalar(object, field)? {
        Some(text) if !text.trim().is_empty() => Ok(text),
        _ => Err(Rejection::Missing(field.to_owned())),
    }
}

/// A value that must be there.
pub(crate) fn required<'a>(object: &'a Object, field: &str) -> Result<&'a Value, Rejection> {
    object.get(field).ok_or_else(|| Rejection::Missing(field.to_owned()))
}

/// `2023-11-07`
pub(crate) fn date(text: &str, field: &str) -> Result<Date, Rejection> {
    let parsed = Date::strptime("%Y-%m-%d", text).ok().filter(|date| date.to_string() == text);
    parsed.ok_or_else(|| Rejection::invalid(field, "is not a date like 2023-11-29"))
}

/// `2012-01-01 00:00:00`
pub(crate) fn date_time(text: &str, field: &str) -> Result<DateTime, Rejection> {
    let parsed = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok();
    parsed.ok_or_else(|| Rejection::invalid(field, "is not a time like 2012-01-01 00:00:00"))
}

/// `15:00` or `15:00:00`; both stand in the documents (api-spec.md H34).
pub(crate) fn time_of_day(text: &str, field: &str) -> Result<Time, Rejection> {
    let shape = match text.len() {
        5 => "%H:%M",
        8 => "%H:%M:%S",
        _ => return Err(Rejection::invalid(field, "is not a time like 15:00")),
    };
    Time::strptime(shape, text).map_err(|_| Rejection::invalid(field, "is not a time like 15:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_with_and_without_seconds() {
        assert_eq!(time_of_day("15:00", "t").ok(), Some(Time::constant(15, 0, 0, 0)));
        assert_eq!(time_of_day("20:00:30", "t").ok(), Some(Time::constant(20, 0, 30, 0)));
        for wrong in ["24:00", "9:00", "15", "15:60", "aa:bb", ""] {
            assert!(time_of_day(wrong, "t").is_err(), "{wrong}");
        }
    }

    #[test]
    fn dates_are_read_only_in_full() {
        assert!(date("2023-11-07", "d").is_ok());
        for wrong in ["2023-11-7", "2023-02-29", "07.11.2023", "2023-11-07 00:00:00", ""] {
            assert!(date(wrong, "d").is_err(), "{wrong}");
        }
    }
}
