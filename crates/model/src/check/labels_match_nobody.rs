//! `labels-match-nobody`: no support carries all labels of a reference.
//!
//! Bad:
//! ```yaml
//! supports: [{labels: {team: tire1}}]
//! ```
//! Good: `{labels: {team: tier1}}`, if some Support has that label and is not taken away.

use crate::Text;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::manifest::Staff;
use crate::schema::nearest;
use crate::source::Span;

/// The finding for a reference at `at` with these pairs.
pub(crate) fn report(labels: &[(Text, Text)], staff: &Staff<'_>, at: Span) -> Diagnostic {
    let stray = labels.iter().find(|pair| !staff.has_label(pair));
    let stray = stray.map(|(key, value)| Box::new((key.clone(), value.clone(), nearest(value, staff.values_of(key)).map(Text::from))));
    Diagnostic::meaning(Meaning::LabelsMatchNobody { labels: labels.to_vec(), stray }, at)
}
