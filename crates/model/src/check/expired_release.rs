//! `expired-release` (a warning): the last day of a Release is over, so that it releases nothing.
//!
//! Bad, on 2027-01-01:
//! ```yaml
//! spec: {brake: last-admin, expect: 1, until: 2026-12-31, reason: moving house}
//! ```
//! Good: a release with a later day, or none.

use crate::diagnostic::{Diagnostic, Meaning};
use crate::document::Node;
use crate::time::Date;

/// Checks the last day of one Release.
pub(crate) fn check(until: Date, node: &Node, today: Date) -> Option<Diagnostic> {
    (until < today).then(|| Diagnostic::meaning(Meaning::ExpiredRelease { until }, node.span))
}
