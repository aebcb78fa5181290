//! Shifts over midnight: one shift here, one or two duties on the platform (design.md section 2, api-spec.md H38).

use deskform_model::kind::shift::{END, START};
use deskform_model::time::{self, Date, Time};
use deskform_model::{FieldKey, Value, Values};

use crate::policy::Overnight;

/// The part of a shift that one duty holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The duty's day.
    pub date: Date,
    /// The duty's start.
    pub start: Time,
    /// The duty's end.
    pub end: Time,
}

/// The last minute of a day, where the first half of a split shift ends.
pub const LAST_MINUTE: Time = Time::constant(23, 59, 0, 0);

/// The duties that a shift is sent as: one, or two when it crosses midnight and the setting splits it.
///
/// A shift that ends at 00:00 needs no second half: nothing of it lies on the next day.
pub fn pieces(date: Date, start: Time, end: Time, overnight: Overnight) -> Vec<Piece> {
    let whole = Piece { date, start, end };
    if end > start || overnight == Overnight::Single {
        return vec![whole];
    }
    let first = Piece { date, start, end: LAST_MINUTE };
    match time::next_day(date) {
        Some(next) if end > Time::MIN => vec![first, Piece { date: next, start: Time::MIN, end }],
        _ => vec![first],
    }
}

/// Start and end of a shift's values; `None` when either is missing or no time.
pub fn hours(values: &Values) -> Option<(Time, Time)> {
    Some((time_of(values, START)?, time_of(values, END)?))
}

fn time_of(values: &Values, field: u8) -> Option<Time> {
    match values.get(&FieldKey::Known(field))? {
        Value::Text(text) => time::parse_time(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        time::parse_time(text).expect("a time")
    }

    #[test]
    fn a_night_shift_is_two_duties_or_one_as_the_setting_says() {
        let date = time::parse_date("2026-12-31").expect("a date");
        let split = pieces(date, at("22:00"), at("06:00"), Overnight::Split);
        assert_eq!(split.len(), 2);
        assert_eq!((split[0].end, split[1].start), (LAST_MINUTE, Time::MIN));
        assert_eq!(split[1].date.to_string(), "2027-01-01");
        assert_eq!(pieces(date, at("22:00"), at("06:00"), Overnight::Single).len(), 1);
    }

    #[test]
    fn a_shift_until_midnight_is_one_duty() {
        let date = time::parse_date("2026-12-01").expect("a date");
        assert_eq!(pieces(date, at("16:00"), at("00:00"), Overnight::Split), [Piece { date, start: at("16:00"), end: LAST_MINUTE }]);
    }
}
