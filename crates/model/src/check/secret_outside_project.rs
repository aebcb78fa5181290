//! `secret-outside-project`: the file of a secret is outside the project folder, which manifests never reach.
//!
//! Bad:
//! ```yaml
//! password: {file: ../../etc/passwd}
//! ```
//! Good: `{file: secrets/seat-8001}`.

use crate::Text;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::source::Span;

/// Checks the path of one reference by its text; links are followed and checked again when the secret is read.
pub(crate) fn check(path: &Text, at: Span) -> Option<Diagnostic> {
    let absolute = path.starts_with(['/', '\\', '~']) || path.contains(':');
    let climbs = path.split(['/', '\\']).any(|part| part == "..");
    (absolute || climbs).then(|| Diagnostic::meaning(Meaning::SecretOutsideProject { path: path.clone() }, at))
}
