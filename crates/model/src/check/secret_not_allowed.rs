//! `secret-not-allowed`: a manifest names an environment variable that `secrets.allowEnv` does not allow. Otherwise a pull request could
//! send any variable of the machine to the platform as somebody's password.
//! `secret-is-a-credential`: it names one, or a file, that deskform itself signs in or decrypts with, whatever is allowed.
//!
//! Bad:
//! ```yaml
//! password: {env: AWS_SECRET_ACCESS_KEY}
//! ```
//! Good: `{env: SEAT_8001}` with `secrets: {allowEnv: ["SEAT_*"]}` in the project file.

use crate::Text;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::load::LoadOptions;
use crate::secret::path_key;
use crate::source::Span;

/// Checks the variable of one reference.
pub(crate) fn check(variable: &Text, at: Span, options: &LoadOptions) -> Option<Diagnostic> {
    let variable = variable.clone();
    let problem = if options.credential_env.contains(&variable) {
        Meaning::SecretIsACredential { place: variable }
    } else if options.secrets.allows(&variable) {
        return None;
    } else {
        Meaning::SecretNotAllowed { variable, allowed: options.secrets.allow_env.clone() }
    };
    Some(Diagnostic::meaning(problem, at))
}

/// Checks the file of one reference by its text; links are followed and checked again when the secret is read.
pub(crate) fn check_file(path: &Text, at: Span, options: &LoadOptions) -> Option<Diagnostic> {
    let is_credential = options.credential_files.contains(path_key(path).as_str());
    is_credential.then(|| Diagnostic::meaning(Meaning::SecretIsACredential { place: path.clone() }, at))
}
