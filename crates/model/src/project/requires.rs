//! `requires`: which versions of deskform a project works with.

/// A version: major, minor, patch.
type Version = [u64; 3];

/// One of the comma-separated parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    /// `>=1.2`.
    AtLeast(Version),
    /// `^1.2`: compatible, that is the first number that is not zero stays.
    Compatible(Version),
    /// `1.2.3` or `=1.2.3`; numbers that are not given are free.
    Exactly(Version, usize),
}

/// Whether `version` meets all conditions of `requires`; `None` when `requires` cannot be read.
pub(super) fn met(requires: &str, version: &str) -> Option<bool> {
    let running = version.split(['-', '+']).next().and_then(numbers)?.0;
    let conditions = requires.split(',').map(|part| condition(part.trim())).collect::<Option<Vec<_>>>()?;
    Some(conditions.into_iter().all(|condition| holds(condition, running)))
}

fn condition(text: &str) -> Option<Condition> {
    if let Some(rest) = text.strip_prefix(">=") {
        Some(Condition::AtLeast(numbers(rest.trim())?.0))
    } else if let Some(rest) = text.strip_prefix('^') {
        Some(Condition::Compatible(numbers(rest.trim())?.0))
    } else {
        let (version, given) = numbers(text.strip_prefix('=').unwrap_or(text).trim())?;
        Some(Condition::Exactly(version, given))
    }
}

/// The numbers of `1`, `1.2` or `1.2.3`, and how many there are.
fn numbers(text: &str) -> Option<(Version, usize)> {
    let mut version = [0; 3];
    let mut given = 0;
    for part in text.split('.') {
        *version.get_mut(given)? = part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())??;
        given += 1;
    }
    Some((version, given))
}

fn holds(condition: Condition, running: Version) -> bool {
    match condition {
        Condition::AtLeast(least) => running >= least,
        Condition::Compatible(least) => {
            let fixed = least.iter().position(|number| *number > 0).unwrap_or(2);
            running >= least && running[..=fixed] == least[..=fixed]
        }
        Condition::Exactly(version, given) => running[..given] == version[..given],
    }
}

#[cfg(test)]
mod tests {
    use super::met;

    #[test]
    fn conditions_hold_as_cargo_reads_them() {
        for (requires, version, expected) in [
            (">=0.1", "0.1.0", true),
            (">=0.1", "0.0.9", false),
            (">=0.2", "0.10.0", true),
            ("^0.1", "0.1.7", true),
            ("^0.1", "0.2.0", false),
            ("^1.2", "1.9.0", true),
            ("^1.2", "2.0.0", false),
            ("0.1.0", "0.1.0", true),
            ("=0.1", "0.1.5", true),
            ("0.1.0", "0.1.1", false),
            (">=0.1, ^0.1.2", "0.1.1", false),
            (">=0.1", "0.1.0-dev", true),
        ] {
            assert_eq!(met(requires, version), Some(expected), "{requires} {version}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_guessed() {
        for requires in ["", "latest", ">0.1", "1.2.3.4", ">=", "0.1,", "^-1", "1.x"] {
            assert_eq!(met(requires, "0.1.0"), None, "{requires}");
        }
    }
}
