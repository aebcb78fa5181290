//! The clock, read once a run, as wall-clock of the project's zone (design.md section 3).

use deskform_model::time::DateTime;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::error::Trouble;

/// How far `apply` may be from the real time on platforms that are not on loopback.
const TOLERANCE: SignedDuration = SignedDuration::from_hours(24);

/// When this run takes place.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Wall-clock in the project's zone.
    pub now: DateTime,
    /// The moment itself.
    pub at: Timestamp,
    /// Whether somebody set it, instead of its being the real time.
    pub fixed: bool,
    /// How far it is from the real time.
    offset: SignedDuration,
}

impl Clock {
    /// The real time, or the one that is `given` as RFC 3339.
    ///
    /// # Errors
    /// When `given` is no such time.
    pub fn read(given: Option<&str>, zone: &TimeZone) -> Result<Self, Trouble> {
        Self::at(given, zone, Timestamp::now())
    }

    fn at(given: Option<&str>, zone: &TimeZone, real: Timestamp) -> Result<Self, Trouble> {
        let at = match given {
            Some(text) => text.parse().map_err(|source| Trouble::Now { text: text.to_owned(), source })?,
            None => real,
        };
        Ok(Self { now: at.to_zoned(zone.clone()).datetime(), at, fixed: given.is_some(), offset: at.duration_since(real).abs() })
    }

    /// What time it is by now in `zone`. A clock that was set stands still.
    pub fn by_now(&self, zone: &TimeZone) -> DateTime {
        if self.fixed { self.now } else { Timestamp::now().to_zoned(zone.clone()).datetime() }
    }

    /// Whether the clock is so far from the real time that an apply would write nonsense to a real platform.
    pub fn is_far_off(&self) -> bool {
        self.offset > TOLERANCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shanghai() -> TimeZone {
        TimeZone::get("Asia/Shanghai").expect("bundled")
    }

    #[test]
    fn now_is_the_wall_clock_of_the_projects_zone() {
        let clock = Clock::read(Some("2026-12-01T20:30:00Z"), &shanghai()).expect("a time");
        assert_eq!(clock.now.to_string(), "2026-12-02T04:30:00");
        assert!(clock.fixed);
    }

    #[test]
    fn a_day_is_tolerated_and_more_is_far_off() {
        let real = "2026-12-01T00:00:00Z".parse().expect("a time");
        let read = |text| Clock::at(Some(text), &shanghai(), real).expect("a time");
        assert!(!read("2026-12-02T00:00:00Z").is_far_off());
        assert!(read("2026-12-02T00:00:01Z").is_far_off());
        assert!(read("2026-11-29T23:59:59Z").is_far_off());
    }

    #[test]
    fn a_time_without_a_zone_is_refused() {
        assert!(Clock::read(Some("2026-12-01T00:00:00"), &shanghai()).is_err());
    }
}
