//! When a failed request is sent again: a pure function, without clock or chance of its own.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::request::Repeat;

/// How long and how often is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The wait after the first failure; it doubles from then on.
    pub first_wait: Duration,
    /// No wait of our own choice is longer.
    pub longest_wait: Duration,
    /// What all attempts and waits of one request may take together.
    pub budget: Duration,
    /// How often a request is sent at most.
    pub attempts: u32,
    /// How often a connection is tried at most when the host cannot be reached at all: people wait for that message.
    pub connects: u32,
    /// How often a request is sent at most when the platform refuses it for a reason that nobody documented: most such reasons stay.
    pub refusals: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(20),
            budget: Duration::from_secs(120),
            attempts: 8,
            connects: 4,
            refusals: 3,
        }
    }
}

/// What kind of trouble an attempt met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No connection: not a byte was sent.
    NotSent,
    /// The connection broke or took too long after something was sent.
    Lost,
    /// The platform said no, and would again: wrong credentials, a well-formed 400, 403 or 404, a documented code.
    Final,
    /// The platform says no, in a way that may pass: an undocumented code, a well-formed 409.
    Unclear,
    /// The platform is unwell: 5xx, a page that is not its reply.
    Passing,
    /// The platform was asked too much (429) and did nothing.
    Throttled,
    /// Trying again cannot help: the reply is too large, the host redirects elsewhere.
    Hopeless,
}

/// Everything that the decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// Counts from 1.
    pub number: u32,
    /// Whether the request may be sent twice.
    pub repeatable: Repeat,
    /// What went wrong.
    pub trouble: Trouble,
    /// What the platform asked for.
    pub retry_after: Option<Duration>,
    /// What attempts and waits have taken so far.
    pub spent: Duration,
    /// A random number from 0 to 1, so that many clients do not come back at once.
    pub jitter: f64,
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Send it again after this long.
    Wait(Duration),
    /// Report the failure.
    GiveUp,
}

impl RetryPolicy {
    /// Decides. Creations are sent again only when they certainly did nothing: not a byte of them left, or the platform turned them away
    /// because it was asked too much (design.md section 4, "Retries"). Waits double, with a
    /// random part of up to half, and are never shorter than the platform asked for.
    pub fn decide(&self, attempt: &Attempt) -> Verdict {
        let limit = match (attempt.trouble, attempt.repeatable) {
            (Trouble::Final | Trouble::Hopeless, _) | (Trouble::Lost | Trouble::Unclear | Trouble::Passing, Repeat::Unsafe) => {
                return Verdict::GiveUp;
            }
            (Trouble::NotSent, _) => self.connects.min(self.attempts),
            (Trouble::Unclear, Repeat::Safe) => self.refusals.min(self.attempts),
            (Trouble::Lost | Trouble::Passing, Repeat::Safe) | (Trouble::Throttled, _) => self.attempts,
        };
        if attempt.number >= limit {
            return Verdict::GiveUp;
        }
        let doubled = self.first_wait.saturating_mul(1u32.checked_shl(attempt.number.saturating_sub(1)).unwrap_or(u32::MAX));
        let wait = doubled.min(self.longest_wait).mul_f64(0.5 + attempt.jitter.clamp(0.0, 1.0) / 2.0);
        let wait = wait.max(attempt.retry_after.unwrap_or_default());
        if attempt.spent.saturating_add(wait) > self.budget { Verdict::GiveUp } else { Verdict::Wait(wait) }
    }
}

/// Reads a `Retry-After` header: seconds or an HTTP date (api-spec.md X4). A date in the past is no wait; `None` for anything else.
pub fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(header.parse().unwrap_or(u64::MAX)));
    }
    // HTTP writes GMT; RFC 2822 calls that an obsolete zone, which the parser knows.
    let until = DateTimeParser::new().parse_timestamp(header).ok()?;
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: Attempt =
        Attempt { number: 1, repeatable: Repeat::Safe, trouble: Trouble::Passing, retry_after: None, spent: Duration::ZERO, jitter: 1.0 };

    fn decide(attempt: Attempt) -> Verdict {
        RetryPolicy::default().decide(&attempt)
    }

    fn millis(millis: u64) -> Verdict {
        Verdict::Wait(Duration::from_millis(millis))
    }

    #[test]
    fn what_may_be_sent_again_depends_on_trouble_and_request() {
        use Repeat::{Safe, Unsafe};
        for (trouble, repeatable, again) in [
            (Trouble::NotSent, Safe, true),
            (Trouble::NotSent, Unsafe, true),
            (Trouble::Lost, Safe, true),
            (Trouble::Lost, Unsafe, false),
            (Trouble::Unclear, Safe, true),
            (Trouble::Unclear, Unsafe, false),
            (Trouble::Passing, Safe, true),
            (Trouble::Passing, Unsafe, false),
            (Trouble::Throttled, Safe, true),
            (Trouble::Throttled, Unsafe, true),
            (Trouble::Final, Safe, false),
            (Trouble::Final, Unsafe, false),
            (Trouble::Hopeless, Safe, false),
            (Trouble::Hopeless, Unsafe, false),
        ] {
            let verdict = decide(Attempt { trouble, repeatable, ..FAILED });
            assert_eq!(verdict != Verdict::GiveUp, again, "{trouble:?} {repeatable:?}");
        }
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        for (number, wait) in [(1, 500), (2, 1000), (3, 2000), (6, 16_000), (7, 20_000)] {
            assert_eq!(decide(Attempt { number, ..FAILED }), millis(wait), "after attempt {number}");
        }
        assert_eq!(decide(Attempt { number: 8, ..FAILED }), Verdict::GiveUp);
    }

    #[test]
    fn chance_shortens_a_wait_by_up_to_half() {
        assert_eq!(decide(Attempt { jitter: 0.0, ..FAILED }), millis(250));
        assert_eq!(decide(Attempt { jitter: 0.5, ..FAILED }), millis(375));
    }

    #[test]
    fn an_unreachable_host_is_reported_sooner() {
        assert_ne!(decide(Attempt { number: 3, trouble: Trouble::NotSent, ..FAILED }), Verdict::GiveUp);
        assert_eq!(decide(Attempt { number: 4, trouble: Trouble::NotSent, ..FAILED }), Verdict::GiveUp);
    }

    #[test]
    fn an_undocumented_refusal_is_reported_sooner() {
        assert_ne!(decide(Attempt { number: 2, trouble: Trouble::Unclear, ..FAILED }), Verdict::GiveUp);
        assert_eq!(decide(Attempt { number: 3, trouble: Trouble::Unclear, ..FAILED }), Verdict::GiveUp);
    }

    #[test]
    fn the_platforms_wait_is_kept_and_our_own_may_be_longer() {
        assert_eq!(decide(Attempt { retry_after: Some(Duration::from_secs(30)), ..FAILED }), millis(30_000));
        assert_eq!(decide(Attempt { retry_after: Some(Duration::ZERO), ..FAILED }), millis(500));
    }

    #[test]
    fn a_wait_beyond_the_budget_is_not_begun() {
        assert_eq!(decide(Attempt { retry_after: Some(Duration::from_secs(121)), ..FAILED }), Verdict::GiveUp);
        assert_eq!(decide(Attempt { spent: Duration::from_millis(119_600), ..FAILED }), Verdict::GiveUp);
        assert_eq!(decide(Attempt { spent: Duration::from_millis(119_500), ..FAILED }), millis(500));
        assert_eq!(decide(Attempt { retry_after: Some(Duration::MAX), ..FAILED }), Verdict::GiveUp);
    }

    #[test]
    fn retry_after_is_seconds_or_an_http_date() {
        let now: Timestamp = "2026-12-01T08:00:00Z".parse().expect("a timestamp");
        for (header, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Tue, 01 Dec 2026 08:01:30 GMT", Some(90)),
            ("Tue, 01 Dec 2026 07:59:00 GMT", Some(0)),
            ("99999999999999999999", Some(u64::MAX)),
            ("soon", None),
            ("", None),
            ("-5", None),
        ] {
            assert_eq!(retry_after(header, now), seconds.map(Duration::from_secs), "{header:?}");
        }
    }
}
