//! Literal texts that are masked wherever they stand, whatever they look like: what a field for phone numbers holds is one.
//!
//! All texts are looked for at once, so that the time grows with the output alone. A text stands alone: inside a longer number or word it is
//! something else. Upper and lower case are one.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use deskform_model::printable::printable;

use super::{KEPT, mask, separator};

/// Fewest characters of a text that is looked for, and fewest digits of a number: what is shorter stands in other places by chance.
const FEWEST: usize = 5;

/// What masks personal data: by the look of it, and by what it is known to be.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    known: Option<Arc<AhoCorasick>>,
}

impl Mask {
    /// Masks these texts as well; each must be `is_telling`.
    pub fn of(texts: &HashSet<String>) -> Self {
        let spelled: HashSet<String> = texts.iter().flat_map(|text| spellings(text)).collect();
        if spelled.is_empty() {
            return Self::default();
        }
        // It fails for texts of more than some GiB, which no platform takes.
        let known = AhoCorasick::builder().ascii_case_insensitive(true).build(&spelled);
        Self { known: known.ok().map(Arc::new) }
    }

    /// The text with personal data masked.
    pub fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.hide_known(text) {
            None => mask(text),
            Some(hidden) => Cow::Owned(mask(&hidden).into_owned()),
        }
    }

    /// The text without what is known; nothing when nothing of it stands there.
    fn hide_known(&self, text: &str) -> Option<String> {
        let found = self.known.as_ref()?.find_overlapping_iter(text).map(|found| (found.start(), found.end()));
        let mut spans: Vec<(usize, usize)> = found.filter(|(start, end)| stands_alone(text, *start, *end)).collect();
        if spans.is_empty() {
            return None;
        }
        spans.sort_unstable();
        let mut hidden = String::with_capacity(text.len());
        let mut copied = 0;
        let mut spans = spans.into_iter().peekable();
        while let Some((start, mut end)) = spans.next() {
            // A number with its extension, and the same without.
            while let Some((_, further)) = spans.next_if(|(next, _)| *next < end) {
                end = end.max(further);
            }
            hidden.push_str(&text[copied..start]);
            hide(&text[start..end], &mut hidden);
            copied = end;
        }
        hidden.push_str(&text[copied..]);
        Some(hidden)
    }
}

/// Whether a text says enough of somebody to be looked for: an address, or some digits.
pub(super) fn is_telling(text: &str) -> bool {
    let address = text.split_once('@').is_some_and(|(before, behind)| !before.is_empty() && !behind.is_empty());
    text.chars().count() >= FEWEST && (address || text.chars().filter(|letter| is_digit(*letter)).count() >= FEWEST)
}

/// How outputs may write a text: as it is, without what terminals would obey, as JSON, as HTML.
fn spellings(text: &str) -> Vec<String> {
    let printed = printable(text).into_owned();
    let mut spellings = vec![text.to_owned()];
    for text in [text, &printed] {
        let json = serde_json::Value::from(text).to_string();
        spellings.push(json[1..json.len() - 1].to_owned());
    }
    let html = printed.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;");
    spellings.extend([printed, html]);
    spellings
}

/// Whether what stands there is a text of its own and no part of a longer number, word or hash, and no number of JSON.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let (before, found, behind) = (&text[..start], &text[start..end], &text[end..]);
    let begins = !found.starts_with(in_word) || !before.ends_with(in_word) || ends_with_escape(before);
    let ends = !found.ends_with(in_word) || !behind.starts_with(in_word);
    let number = found.bytes().all(|byte| byte.is_ascii_digit()) && before.trim_end_matches(' ').ends_with("\":");
    begins && ends && !number
}

/// Whether the last letters are those of an escape sequence, of a terminal or of JSON.
fn ends_with_escape(before: &str) -> bool {
    // As long as sequences of terminals are here at most.
    const LONGEST: usize = 24;
    let bytes = &before.as_bytes()[before.len().saturating_sub(LONGEST)..];
    (0..bytes.len()).any(|at| separator(&bytes[at..]) == Some(bytes.len() - at))
}

fn in_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || is_digit(letter)
}

/// Digits of Chinese keyboards are as wide as Chinese letters.
fn is_digit(letter: char) -> bool {
    letter.is_ascii_digit() || ('\u{ff10}'..='\u{ff19}').contains(&letter)
}

/// Of an address what stands behind the `@` stays, of a number its last digits, of a short one fewer.
fn hide(text: &str, hidden: &mut String) {
    let text = match text.rfind('@') {
        Some(at) if at > 0 => {
            hidden.push_str("***");
            &text[at..]
        }
        _ => text,
    };
    let mut left = text.chars().filter(|letter| is_digit(*letter)).count();
    if left < FEWEST {
        hidden.push_str(text);
        return;
    }
    let kept = KEPT.min(left / 2);
    for letter in text.chars() {
        let hide = is_digit(letter) && left > kept;
        left -= usize::from(is_digit(letter));
        hidden.push(if hide { '*' } else { letter });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Mask {
        Mask::of(&texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn what_is_known_is_masked_whatever_it_looks_like() {
        for (known, text, masked) in [
            ("139.1234.5678", "call 139.1234.5678!", "call ***.****.5678!"),
            ("(010) 6370-0000", "landline: (010) 6370-0000", "landline: (***) ****-0000"),
            ("x@例子.com", "\"x@例子.com\"", "\"***@例子.com\""),
            ("+1 (555) 123-4567", "+1 (555) 123-4567,", "+* (***) ***-4567,"),
            ("5551234", "电话5551234张三", "电话****234张三"),
            ("１３９１２３４５６７８", "１３９１２３４５６７８", "*******５６７８"),
            ("13912345670x", "support/13912345670x", "support/*******5670x"),
            ("a13912345674", "A13912345674", "A*******5674"),
            ("5551234", "\\n5551234 \u{1b}[1m5551234\u{1b}[0m", "\\n****234 \u{1b}[1m****234\u{1b}[0m"),
            ("5551234", "5551234@139.com", "***@139.com"),
            ("\"5551234\"", "{\"mobile\":\"\\\"5551234\\\"\"}", "{\"mobile\":\"\\\"****234\\\"\"}"),
            ("a&b@x.cn", "<p>a&amp;b@x.cn</p>", "<p>***@x.cn</p>"),
        ] {
            let mask = of(&[known]);
            assert_eq!(mask.apply(text), masked, "{text}");
            assert_eq!(mask.apply(&mask.apply(text)), masked, "twice: {text}");
        }
    }

    #[test]
    fn what_overlaps_is_masked_as_one() {
        assert_eq!(of(&["6370000", "6370000-8280"]).apply("6370000-8280, 6370000-1"), "*******-8280, ****000-1");
        assert_eq!(of(&["5551234 13", "13 5556789"]).apply("5551234 13 5556789"), "******* ** ***6789");
    }

    #[test]
    fn what_is_part_of_something_else_is_left_alone() {
        for text in ["15551234", "5551234ab", "ab5551234", "55512340", "{\"bytes\": 5551234}", "{\"bytes\":5551234,"] {
            assert_eq!(of(&["5551234"]).apply(text), text);
        }
    }

    #[test]
    fn what_is_short_or_says_nothing_is_not_looked_for() {
        for text in ["", "8001", "a@b", "12-34", "前台转接", "none yet"] {
            assert!(!is_telling(text), "{text}");
        }
        for text in ["55512", "x@例子.com", "010-63700"] {
            assert!(is_telling(text), "{text}");
        }
    }
}
