//! A plan as GitLab's Terraform report: the numbers that a merge request shows.
//!
//! ```text
//! {"create": n, "update": n, "delete": n}
//! ```
//!
//! As in Terraform, a replacement counts as a deletion and a creation. Whoever comes back from the recycle bin is created.

use std::io::{self, Write};

use deskform_planner::Plan;
use serde_json::json;

use super::plan_outline::Counts;

/// Writes the object described above.
///
/// # Errors
/// When the writer fails.
pub fn write(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let Counts { others, shifts, .. } = Counts::of(plan);
    let create = others.add + others.restore + shifts.add + shifts.restore;
    let numbers = json!({ "create": create, "update": others.change + shifts.change, "delete": others.remove + shifts.remove });
    writeln!(out, "{numbers}")
}
