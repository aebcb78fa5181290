//! `--from` and `--to`: days or moments of the platforms' wall-clock.

use deskform_model::time::{self, Date, DateTime, Time};

use crate::live_trouble::LiveTrouble;

/// A range of time, open where a bound is not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first moment.
    pub from: Option<DateTime>,
    /// The last moment; of a day its last second.
    pub to: Option<DateTime>,
}

impl Period {
    /// Reads both bounds.
    ///
    /// # Errors
    /// When one of them is neither a date nor a time, or the range is empty.
    pub fn read(from: Option<&str>, to: Option<&str>) -> Result<Self, LiveTrouble> {
        let period = Self {
            from: from.map(|text| moment(text, Time::midnight())).transpose()?,
            to: to.map(|text| moment(text, Time::constant(23, 59, 59, 0))).transpose()?,
        };
        match (period.from, period.to) {
            (Some(from), Some(to)) if to < from => Err(LiveTrouble::Backwards),
            _ => Ok(period),
        }
    }
}

/// A day.
///
/// # Errors
/// When the text is none.
pub fn day(text: &str) -> Result<Date, LiveTrouble> {
    time::parse_date(text.trim()).ok_or_else(|| LiveTrouble::NotADay { text: text.to_owned() })
}

/// A moment, or `of_day` of a day.
///
/// # Errors
/// When the text is neither.
pub fn moment(text: &str, of_day: Time) -> Result<DateTime, LiveTrouble> {
    let text = text.trim();
    let moment = time::parse_date(text).map(|date| date.to_datetime(of_day)).or_else(|| time::parse_date_time(text));
    moment.ok_or_else(|| LiveTrouble::NotATime { text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_meant_to_its_last_second_and_a_moment_as_it_is() {
        let read = |from, to| Period::read(Some(from), Some(to)).map(|period| (period.from, period.to));
        let at = |text| time::parse_date_time(text);
        assert_eq!(read("2026-12-01", "2026-12-01").expect("a day"), (at("2026-12-01 00:00:00"), at("2026-12-01 23:59:59")));
        assert_eq!(read("2026-12-01 09:00", "2026-12-01T10:30:01").expect("hours"), (at("2026-12-01 09:00:00"), at("2026-12-01 10:30:01")));
    }

    #[test]
    fn what_is_no_time_or_ends_before_it_begins_is_refused() {
        assert!(matches!(Period::read(Some("yesterday"), None), Err(LiveTrouble::NotATime { .. })));
        assert!(matches!(Period::read(Some("2026-02-30"), None), Err(LiveTrouble::NotATime { .. })));
        assert!(matches!(Period::read(Some("2026-12-02"), Some("2026-12-01")), Err(LiveTrouble::Backwards)));
    }
}
