//! `protect-and-absent`: `lifecycle` protects what it takes away.
//!
//! Bad:
//! ```yaml
//! lifecycle: {protect: true, ensure: absent}
//! ```
//! Good: `{protect: true}`, or `{ensure: absent}` once the protection has been taken out and applied.

use crate::diagnostic::{Diagnostic, Meaning};
use crate::document::Node;
use crate::resource::Ensure;

/// Checks one `lifecycle:` section that says `ensure`.
pub(crate) fn check(lifecycle: &Node, ensure: Ensure) -> Option<Diagnostic> {
    let protect = lifecycle.get("protect").filter(|node| node.as_bool() == Some(true))?;
    let absent = lifecycle.get("ensure").filter(|_| ensure == Ensure::Absent)?;
    Some(Diagnostic::meaning(Meaning::ProtectAndAbsent, protect.span).with_other(absent.span))
}
