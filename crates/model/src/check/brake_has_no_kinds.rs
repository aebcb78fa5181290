//! `brake-has-no-kinds`: a Release names a kind for a brake that looks at the plan as a whole.
//!
//! Bad:
//! ```yaml
//! spec: {brake: last-admin, kind: support, expect: 1, until: 2026-12-31, reason: moving house}
//! ```
//! Good: the same without `kind`.

use crate::diagnostic::{Diagnostic, Meaning};
use crate::document::Node;
use crate::release::BrakeName;

/// Checks the `kind` of one Release, if it has one.
pub(crate) fn check(brake: BrakeName, kind: Option<&Node>) -> Option<Diagnostic> {
    let kind = kind.filter(|_| !brake.is_per_kind())?;
    Some(Diagnostic::meaning(Meaning::BrakeHasNoKinds { brake: brake.word() }, kind.span))
}
