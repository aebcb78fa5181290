//! `secret-in-hidden-folder`: the file of a secret is in a folder whose name begins with a dot. Git and deskform keep what they need in such
//! folders, tokens in remote URLs among it, and a pull request must not send that to a platform as somebody's password.
//!
//! Bad:
//! ```yaml
//! password: {file: .git/config}
//! ```
//! Good: `{file: secrets/seat-8001}`.

use crate::Text;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::secret::is_in_hidden_folder;
use crate::source::Span;

/// Checks the path of one reference by its text; links are followed and checked again when the secret is read.
pub(crate) fn check(path: &Text, at: Span) -> Option<Diagnostic> {
    is_in_hidden_folder(path).then(|| Diagnostic::meaning(Meaning::SecretInHiddenFolder { path: path.clone() }, at))
}
