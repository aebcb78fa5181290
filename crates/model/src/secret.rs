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
    /// The same, encrypted with age; [`AGE_IDENTITY`] says where the key is.
    Age(Text),
}

/// The variable that holds the age identities (`AGE-SECRET-KEY-1...`, one a line) that encrypted secrets are read with.
pub const AGE_IDENTITY: &str = "DESKFORM_AGE_IDENTITY";

/// The variable that names a file which holds them.
pub const AGE_IDENTITY_FILE: &str = "DESKFORM_AGE_IDENTITY_FILE";

/// A path below the project folder in one spelling, so that `./secrets//Token` and `secrets\\token` are one file: some file systems take
/// them for one.
pub fn path_key(path: &str) -> String {
    let parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").collect();
    parts.join("/").to_lowercase()
}

/// Whether a path leads into a folder whose name begins with a dot (`.git`, `.deskform`): what programs keep there is not for manifests.
pub fn is_in_hidden_folder(path: &str) -> bool {
    let mut parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != "." && *part != "..").collect();
    parts.pop();
    parts.iter().any(|folder| folder.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_path_are_one() {
        for spelling in ["secrets/token", "./secrets/token", "secrets//./token", "secrets\\token", "Secrets/TOKEN"] {
            assert_eq!(path_key(spelling), "secrets/token", "{spelling}");
        }
    }

    #[test]
    fn a_hidden_file_is_not_in_a_hidden_folder() {
        for (path, hidden) in [
            (".git/config", true),
            ("./.deskform/x", true),
            ("a/.b/c", true),
            (".GIT\\config", true),
            ("secrets/.seat", false),
            (".seat", false),
            ("../x", false),
            ("a.b/c", false),
        ] {
            assert_eq!(is_in_hidden_folder(path), hidden, "{path}");
        }
    }
}
