//! What `--target` and `--exclude` name: an address, a pattern of addresses, a kind, or people by a label.

use std::fmt;
use std::str::FromStr;

use deskform_model::schema::nearest;
use deskform_model::{Kind, Text};

/// A choice of resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// All of a kind: `shift`.
    Kind(Kind),
    /// One address, or all that fit a pattern in which `*` stands for any text and `?` for one character: `shift/zhang-san/*`.
    Address(Text),
    /// People by a label of their Support manifests, and everything that is theirs: `team=tier1`, `label:team=tier1`.
    Label {
        /// The label's key.
        key: Text,
        /// Its value.
        value: Text,
    },
}

/// Why a text is no [`Selector`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectorError {
    /// `label:` without a pair behind it.
    #[error("{0} names no label; write it like label:team=tier1")]
    NoLabel(String),
    /// Neither an address nor a kind nor a label.
    #[error("{text} is no address, kind or label{}; write it like support/zhang-san, shift/zhang-san/*, shift or team=tier1",
        nearest.map(|kind| format!(" (did you mean {kind}?)")).unwrap_or_default())]
    Unknown {
        /// What was given.
        text: String,
        /// The kind with the most similar name.
        nearest: Option<&'static str>,
    },
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        if let Some(pair) = text.strip_prefix("label:") {
            return label(pair).ok_or_else(|| SelectorError::NoLabel(text.to_owned()));
        }
        if let Some(kind) = Kind::from_word(&text.to_lowercase()) {
            return Ok(Self::Kind(kind));
        }
        let unknown = |word: &str| SelectorError::Unknown { text: text.to_owned(), nearest: nearest(word, Kind::ALL.map(Kind::word)) };
        // An account in an address may hold an equals sign; a label's key holds no slash.
        match text.split_once('/') {
            Some((kind, _)) if is_pattern(kind) || Kind::from_word(kind).is_some() => Ok(Self::Address(text.into())),
            Some((kind, _)) if !kind.contains('=') => Err(unknown(kind)),
            _ if is_pattern(text) => Ok(Self::Address(text.into())),
            _ => label(text).ok_or_else(|| unknown(text)),
        }
    }
}

fn label(pair: &str) -> Option<Selector> {
    let (key, value) = pair.split_once('=')?;
    (!key.is_empty() && !value.is_empty()).then(|| Selector::Label { key: key.into(), value: value.into() })
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => f.write_str(kind.word()),
            Self::Address(pattern) => f.write_str(pattern),
            Self::Label { key, value } => write!(f, "label:{key}={value}"),
        }
    }
}

/// Whether a text stands for several others.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether a text fits a pattern: `*` stands for any text, the empty one and slashes included, `?` for one character.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    // Where to go on when what stands behind the last star does not fit: behind that star, one character later.
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[read] => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((behind, from)) = star else { return false };
                star = Some((behind, from + 1));
                at = behind + 1;
                read = from + 1;
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Selector {
        text.parse().expect("a selector")
    }

    #[test]
    fn the_four_forms_are_told_apart_and_shown_as_they_were_given() {
        assert_eq!(read("shift"), Selector::Kind(Kind::Shift));
        assert_eq!(read("Support"), Selector::Kind(Kind::Support));
        assert_eq!(read("agent/8001"), Selector::Address("agent/8001".into()));
        assert_eq!(read("*/zhang-san*"), Selector::Address("*/zhang-san*".into()));
        for text in ["team=tier1", "label:team=tier1"] {
            assert_eq!(read(text), Selector::Label { key: "team".into(), value: "tier1".into() }, "{text}");
        }
        assert_eq!(read("support/account:a=b"), Selector::Address("support/account:a=b".into()));
        assert_eq!(read("site=east/1"), Selector::Label { key: "site".into(), value: "east/1".into() });
        assert_eq!(read("team=tier1").to_string(), "label:team=tier1");
    }

    #[test]
    fn what_is_none_of_them_names_the_nearest_kind() {
        let told = |text: &str| text.parse::<Selector>().expect_err(text).to_string();
        assert!(told("shfit/zhang-san/*").contains("did you mean shift?"), "{}", told("shfit/zhang-san/*"));
        assert!(told("suport").contains("did you mean support?"));
        for text in ["", "zhang-san", "=x", "team=", "label:team", "label:"] {
            assert!(text.parse::<Selector>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_star_stands_for_any_text_and_a_question_mark_for_one_character() {
        for (pattern, text) in [
            ("shift/zhang-san/*", "shift/zhang-san/2026-12-01T09:00"),
            ("*/张三*", "permission/张三/callCenter"),
            ("shift/*/2026-12-??T09:00", "shift/li-si/2026-12-24T09:00"),
            ("*ab*abc", "xababxabc"),
            ("agent/8001", "agent/8001"),
            ("*", ""),
        ] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("agent/800", "agent/8001"), ("shift/a/?", "shift/a/"), ("*b", "abc"), ("agent/8001", "agent/800")] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }
}
