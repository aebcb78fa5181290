//! What is said on stderr beside errors: questions, notes and warnings, one function for each.

use std::path::Path;

use deskform_applier::ledger_file::Holder;

use super::plural::{Noun, count};

/// Before the first answer of a platform.
pub fn reading() -> &'static str {
    "reading the platforms"
}

/// The patterns find nothing, which is rarely meant.
pub fn no_manifests(patterns: &[String]) -> String {
    format!("no file is found by {}", patterns.join(", "))
}

/// A plan is made while an apply runs.
pub fn apply_is_running(holder: Option<&Holder>) -> String {
    let who = holder.map(|holder| format!(": {holder}")).unwrap_or_default();
    format!("an apply is running; this plan may be out of date when it ends{who}")
}

/// So many variables have the sandbox's own password in their place.
pub fn stand_ins(variables: usize) -> String {
    let are = if variables == 1 { "is" } else { "are" };
    format!("{} {are} not set; the sandbox uses a password of its own", count(variables, Noun::Variable))
}

/// The question before an apply, and the answer that begins it.
pub fn approve_apply() -> (String, &'static str) {
    ("\nApply this plan? Only \"yes\" does:".to_owned(), "yes")
}

/// The question before everything on this machine's platforms is removed.
pub fn approve_local_destroy() -> (String, &'static str) {
    ("\nRemove all this? Only \"yes\" does:".to_owned(), "yes")
}

/// The question before everything on real platforms is removed; its answer is the project's name.
pub fn approve_destroy(project: &str) -> (String, &str) {
    (format!("\nThis removes what deskform owns on real platforms. Type the project's name, {project}, to do it:"), project)
}

/// A file was written.
pub fn wrote(path: &Path) -> String {
    format!("wrote {}", path.display())
}
