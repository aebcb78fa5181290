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

/// Whether a pattern of `secrets.allowEnv` allows a variable. `*` stands for any characters, everything else for itself.
pub fn matches(pattern: &str, variable: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| variable.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    // Taking the first place of each middle part leaves the most for those that follow.
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, variable) in [("SEAT_*", "SEAT_8001"), ("SEAT_*", "SEAT_"), ("*", "X"), ("A*B*C", "A1B2BC"), ("EXACT", "EXACT")] {
            assert!(matches(pattern, variable), "{pattern} should allow {variable}");
        }
        for (pattern, variable) in [("SEAT_*", "MY_SEAT_1"), ("EXACT", "EXACTLY"), ("A*B", "AB_"), ("AB*BA", "ABA"), ("", "X")] {
            assert!(!matches(pattern, variable), "{pattern} should not allow {variable}");
        }
    }
}
