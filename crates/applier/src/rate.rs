//! How many requests a second a platform is asked: what the settings allow, less after the platform said that it was too much, and
//! gradually more again. A value without clock or waiting of its own (api-spec.md X4).

use std::time::Duration;

use tokio::time::Instant;

/// What an unlimited rate becomes when a platform complains, before it is halved: the default of the settings.
const FIRST_LIMIT: f64 = 10.0;

/// An unlimited rate is unlimited again from here on.
const NO_LIMIT: f64 = 1000.0;

/// The rate is never less than this part of what the settings allow.
const FLOOR: f64 = 1.0 / 16.0;

/// Complaints that come together are one: the requests that were under way when the first one came knew nothing of it. Also how long a
/// platform must not have complained before the rate grows, and how often it does.
const STRIDE: Duration = Duration::from_secs(1);

/// Requests a second, now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// What the settings allow; infinite for no limit.
    limit: f64,
    current: f64,
    /// When it was changed last; nothing while it is what the settings allow.
    changed: Option<Instant>,
}

impl Rate {
    /// `per_second` of 0 is no limit.
    pub(crate) fn new(per_second: u32) -> Self {
        let limit = if per_second == 0 { f64::INFINITY } else { f64::from(per_second) };
        Self { limit, current: limit, changed: None }
    }

    /// The platform has said that it was too much: half as fast, down to the floor.
    pub(crate) fn slow(&mut self, now: Instant) {
        if self.changed.is_some_and(|changed| self.current < self.limit && now < changed + STRIDE) {
            return;
        }
        let base = if self.limit.is_finite() { self.limit } else { FIRST_LIMIT };
        self.current = (self.current.min(base) / 2.0).max(base * FLOOR);
        self.changed = Some(now);
    }

    /// Time has passed without a complaint: a twentieth of the limit more for each second; without a limit a quarter more.
    pub(crate) fn recover(&mut self, now: Instant) {
        while let Some(changed) = self.changed.filter(|changed| *changed + STRIDE <= now) {
            self.current = if self.limit.is_finite() { self.current + self.limit / 20.0 } else { self.current * 1.25 };
            self.changed = Some(changed + STRIDE);
            let reached = if self.limit.is_finite() { self.limit } else { NO_LIMIT };
            if self.current >= reached {
                *self = Self { limit: self.limit, current: self.limit, changed: None };
            }
        }
    }

    /// Time between two departures. They are spaced evenly: a platform that counts per second never sees more than the rate, as it would
    /// after a burst.
    pub(crate) fn spacing(&self) -> Duration {
        if self.current.is_finite() { Duration::from_secs_f64(1.0 / self.current) } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(rate: &Rate) -> u128 {
        rate.spacing().as_millis()
    }

    #[test]
    fn a_complaint_halves_the_rate_down_to_a_sixteenth() {
        let (mut rate, start) = (Rate::new(10), Instant::now());
        let mut seen = vec![millis(&rate)];
        for second in 0..6 {
            rate.slow(start + STRIDE * second);
            seen.push(millis(&rate));
        }
        assert_eq!(seen, [100, 200, 400, 800, 1600, 1600, 1600]);
    }

    #[test]
    fn complaints_that_come_together_are_one() {
        let (mut rate, start) = (Rate::new(10), Instant::now());
        for millis in [0, 10, 500, 999] {
            rate.slow(start + Duration::from_millis(millis));
        }
        assert_eq!(millis(&rate), 200);
    }

    #[test]
    fn the_rate_grows_second_by_second_and_never_beyond_the_limit() {
        let (mut rate, start) = (Rate::new(10), Instant::now());
        rate.slow(start);
        for (after, spacing) in [(999, 200), (1000, 181), (2000, 166), (5000, 133), (9999, 105), (10_000, 100), (3_600_000, 100)] {
            rate.recover(start + Duration::from_millis(after));
            assert_eq!(millis(&rate), spacing, "after {after} ms");
        }
        assert!(rate.changed.is_none());
    }

    #[test]
    fn no_limit_becomes_one_and_is_lifted_again() {
        let (mut rate, start) = (Rate::new(0), Instant::now());
        assert_eq!(rate.spacing(), Duration::ZERO);
        rate.slow(start);
        assert_eq!(millis(&rate), 200);
        rate.recover(start + Duration::from_secs(10));
        assert!(millis(&rate) > 10, "not at once");
        rate.recover(start + Duration::from_secs(60));
        assert_eq!(rate.spacing(), Duration::ZERO);
    }
}
