//! `shift-is-empty`: a shift ends when it starts. It is not taken for 24 hours, because nobody can tell which is meant.
//!
//! Bad:
//! ```yaml
//! {start: "09:00", end: "09:00"}
//! ```
//! Good: `{start: "09:00", end: "18:00"}`, or `{start: "22:00", end: "06:00"}` over midnight.

use crate::diagnostic::{Diagnostic, Meaning};
use crate::source::Span;
use crate::time::Time;

/// The finding for a shift from `time` to `time`.
pub(crate) fn report(time: Time, at: Span) -> Diagnostic {
    Diagnostic::meaning(Meaning::ShiftIsEmpty { time }, at)
}
