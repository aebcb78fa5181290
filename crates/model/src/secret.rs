//! References to secrets. The secret itself is never here.

use crate::Text;

/// Where a secret is read at apply time, and which version of it the manifest means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRef {
    /// Where it is read.
    pub source: SecretSource,
    /// Counted up by people when the secret behind the reference has changed; deskform sets the password again then.
    pub version: u32,
}

/// The places that a manifest may name (design.md section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable that `secrets.allowEnv` allows.
    Env(Text),
    /// A file, relative to the project folder and inside it.
    File(Text),
}
