//! Wall-clock dates and times as the platforms write them.
//!
//! The one place that names the time library, so that changing it is changing this file. No zone is converted anywhere: the project's
//! `timezone` only says how "now" is read (api-spec.md X3).

pub use jiff::civil::{Date, DateTime, Time, Weekday};

/// The day after `date`; `None` after the last day that the calendar knows.
pub fn next_day(date: Date) -> Option<Date> {
    date.tomorrow().ok()
}

/// The day before `date`; `None` before the first day that the calendar knows.
pub fn previous_day(date: Date) -> Option<Date> {
    date.yesterday().ok()
}

/// When a shift begins and ends: one whose end is not after its start ends the next day (design.md section 2).
pub fn interval(date: Date, start: Time, end: Time) -> (DateTime, DateTime) {
    let begins = date.to_datetime(start);
    let ends = if end > start { date } else { next_day(date).unwrap_or(date) }.to_datetime(end);
    (begins, ends)
}

/// How many days after `from` the day `to` is; negative when it is before.
pub fn days_between(from: Date, to: Date) -> i32 {
    from.duration_until(to).as_hours().div_euclid(24).try_into().unwrap_or(i32::MAX)
}

/// How many minutes after `from` the moment `to` is; negative when it is before.
pub fn minutes_between(from: DateTime, to: DateTime) -> i64 {
    from.duration_until(to).as_mins()
}

/// Reads `mon` to `sun`.
pub fn parse_weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

/// Reads `HH:MM` or `HH:MM:SS`, to the minute (api-spec.md H34). `None` for anything else, `24:00` included.
pub fn parse_time(text: &str) -> Option<Time> {
    let (clock, seconds) = text.split_at_checked(5)?;
    if !seconds.is_empty() {
        two_digits(seconds.strip_prefix(':')?).filter(|second| *second < 60)?;
    }
    if clock.as_bytes()[2] != b':' {
        return None;
    }
    Time::new(two_digits(clock.get(..2)?)?, two_digits(clock.get(3..)?)?, 0, 0).ok()
}

/// Reads `YYYY-MM-DD`; a date that does not exist is `None`.
pub fn parse_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() });
    if !shape {
        return None;
    }
    Date::new(text[0..4].parse().ok()?, text[5..7].parse().ok()?, text[8..10].parse().ok()?).ok()
}

/// Reads `YYYY-MM-DD HH:MM:SS`, the seconds optional, a `T` in place of the blank allowed: a moment as the helpdesk writes it (api-spec.md
/// section 1). To the second, unlike [`parse_time`].
pub fn parse_date_time(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once([' ', 'T'])?;
    let seconds: i8 = match time.splitn(3, ':').nth(2) {
        Some(seconds) => two_digits(seconds)?,
        None => 0,
    };
    let time = parse_time(time)?;
    Some(parse_date(date)?.to_datetime(Time::new(time.hour(), time.minute(), seconds, 0).ok()?))
}

/// Writes `YYYY-MM-DD HH:MM:SS`.
pub fn format_date_time(moment: DateTime) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Writes `HH:MM`.
pub fn format_time(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// Whether the time zone database knows the zone `name` (`Asia/Shanghai`).
pub fn zone_exists(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

/// All zones that the database knows, for "did you mean".
pub fn zone_names() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).collect()
}

/// Whether `text` is an instant as RFC 3339 writes it.
pub fn is_instant(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
}

fn two_digits(text: &str) -> Option<i8> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_and_dropped() {
        assert_eq!(parse_time("20:00:00"), parse_time("20:00"));
        assert_eq!(parse_time("24:00"), None);
        assert_eq!(parse_time("9:00"), None);
    }

    #[test]
    fn a_moment_is_read_to_the_second_and_written_as_the_helpdesk_does() {
        for (text, expected) in [
            ("2026-12-01 09:00:59", Some("2026-12-01 09:00:59")),
            ("2026-12-01T09:00", Some("2026-12-01 09:00:00")),
            ("2026-12-01", None),
            ("2026-12-01 24:00:00", None),
            ("2026-12-01 09:00:60", None),
            ("2026-12-01 9:00", None),
            ("2026-02-29 09:00:00", None),
        ] {
            assert_eq!(parse_date_time(text).map(format_date_time).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_date_that_does_not_exist_is_refused() {
        assert_eq!(parse_date("2026-02-29"), None);
        assert!(parse_date("2028-02-29").is_some());
    }

    #[test]
    fn days_are_counted_over_leap_days_and_years() {
        let date = |text| parse_date(text).expect("valid");
        assert_eq!(days_between(date("2028-02-28"), date("2028-03-01")), 2);
        assert_eq!(days_between(date("2026-12-31"), date("2027-01-01")), 1);
        assert_eq!(days_between(date("2026-12-02"), date("2026-12-01")), -1);
        assert_eq!(days_between(date("0001-01-01"), date("9999-12-31")), 3_652_058);
    }

    #[test]
    fn a_shift_over_midnight_ends_the_next_day() {
        let date = parse_date("2026-12-31").expect("valid");
        let (begins, ends) = interval(date, Time::constant(22, 0, 0, 0), Time::constant(6, 0, 0, 0));
        assert_eq!(begins.to_string(), "2026-12-31T22:00:00");
        assert_eq!(ends.to_string(), "2027-01-01T06:00:00");
    }
}
