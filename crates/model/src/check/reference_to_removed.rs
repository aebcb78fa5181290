//! `reference-to-removed`: a reference names a support whose own manifest says that it is absent or released. Days in the past may still
//! name people who have left, and what is removed itself may refer to them.
//!
//! Bad:
//! ```yaml
//! {kind: Support, metadata: {name: li-si}, lifecycle: {ensure: absent}}
//! {kind: Agent, spec: {operatorId: "8002", support: li-si}}
//! ```
//! Good: the seat without `support`, or with `lifecycle: {ensure: absent}` as well.

use crate::diagnostic::{Diagnostic, Meaning};
use crate::manifest::Member;
use crate::source::Span;

/// The finding for a reference at `at` to `member`.
pub(crate) fn report(member: &Member<'_>, at: Span) -> Diagnostic {
    Diagnostic::meaning(Meaning::ReferenceToRemoved { name: member.name.clone(), ensure: member.ensure }, at).with_other(member.at)
}
