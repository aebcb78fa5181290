//! Shifts over midnight: one shift here, one or two duties on the platform (design.md section 2, api-spec.md H38).

use deskform_model::kind::shift::{END, NAME, START};
use deskform_model::time::{self, Date, Time, format_time};
use deskform_model::{FieldKey, RemoteId, Value, Values};

use crate::ledger::Entry;
use crate::observed::Duty;
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

/// Whether a duty is this piece of a shift of that name.
pub(crate) fn is_piece(duty: &Duty, piece: &Piece, name: &Value) -> bool {
    hour(&duty.values, START) == Some(piece.start)
        && hour(&duty.values, END) == Some(piece.end)
        && duty.values.get(&FieldKey::Known(NAME)).unwrap_or(&Value::Null) == name
}

/// Start and end of a shift's values; `None` when either is missing or no time.
pub fn hours(values: &Values) -> Option<(Time, Time)> {
    Some((hour(values, START)?, hour(values, END)?))
}

/// The time in one of a shift's fields; `None` when it is missing or no time.
pub fn hour(values: &Values, field: u8) -> Option<Time> {
    values.get(&FieldKey::Known(field)).and_then(Value::as_text).and_then(|text| time::parse_time(text))
}

/// A live shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Its duties; `None` where one of two is missing.
    pub remotes: Vec<Option<RemoteId>>,
    /// Its values as one shift.
    pub values: Values,
    /// Whether its two halves do not meet at midnight: somebody changed one of them, or a change of both was cut off.
    pub torn: bool,
}

/// Puts the duties of an entry together to the shift that it is; `None` when all of them are gone.
///
/// What is missing or was changed in one half shows in the result, so that it differs from what was sent.
pub fn joined<'a>(entry: &Entry, find: impl Fn(&RemoteId) -> Option<&'a Duty>) -> Option<Live> {
    let mut remotes = entry.remotes.iter().map(find);
    put_together(entry, [remotes.next().flatten(), remotes.next().flatten()])
}

/// The same of the entry's first duties as they were found: two for a night in two halves, of anything else the first alone counts.
pub(crate) fn put_together(entry: &Entry, [first, second]: [Option<&Duty>; 2]) -> Option<Live> {
    let second = (entry.remotes.len() == 2).then_some(second);
    let mut values = first.or(second.flatten())?.values.clone();
    let mut torn = false;
    if let Some(second) = second {
        torn = !meet(first, second);
        join(&mut values, first, second, entry.seen.as_ref().unwrap_or(&entry.set));
    } else if hour(&entry.set, END) == Some(Time::MIN) && hour(&values, END) == Some(LAST_MINUTE) {
        // Sent as 23:59, meant as 00:00.
        values.insert(FieldKey::Known(END), text(Time::MIN));
    }
    let remotes = std::iter::once(first).chain(second).map(|duty| duty.map(|duty| duty.remote.clone())).collect();
    Some(Live { remotes, values, torn })
}

/// Whether two halves are one shift. A half that is missing shows in the hours.
fn meet(first: Option<&Duty>, second: Option<&Duty>) -> bool {
    let (Some(first), Some(second)) = (first, second) else { return true };
    hour(&first.values, END) == Some(LAST_MINUTE) && hour(&second.values, START) == Some(Time::MIN)
}

fn join(values: &mut Values, first: Option<&Duty>, second: Option<&Duty>, known: &Values) {
    match (first, second) {
        (Some(_), Some(second)) => {
            if meet(first, Some(second))
                && let Some(end) = second.values.get(&FieldKey::Known(END))
            {
                values.insert(FieldKey::Known(END), end.clone());
            }
            // Both halves carry the same texts; the one that somebody changed is the one to show.
            for (key, value) in second.values.iter() {
                if !matches!(key, FieldKey::Known(START | END)) && values.get(key) == known.get(key) {
                    values.insert(key.clone(), value.clone());
                }
            }
        }
        (None, Some(_)) => {
            values.insert(FieldKey::Known(START), text(Time::MIN));
        }
        (Some(_) | None, None) => {}
    }
}

fn text(time: Time) -> Value {
    Value::Text(format_time(time).into())
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
