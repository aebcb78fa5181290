//! The patterns of our schemas as plain functions: a table of regular expressions takes longer to compile than a small project to check.

/// Whether a text has the form of a pattern, if that is certain.
pub(super) type Fits = fn(&str) -> Option<bool>;

/// The function of a pattern; `None` for one that is not known here.
pub(super) fn fits(pattern: &str) -> Option<Fits> {
    Some(match pattern {
        r"^[\p{L}\p{M}\p{N}._-]+$" => |text| (!text.is_empty() && text.chars().all(is_common_in_names)).then_some(true),
        r"^[^\r\n]*$" => |text| Some(!text.contains(['\r', '\n'])),
        r"^([^@\s]+@[^@\s]+)?$" => |text| Some(text.is_empty() || is_address(text)),
        r"^(https?://\S+)?$" => |text| Some(text.is_empty() || is_link(text)),
        r"^[^,\s]+$" => |text| Some(!text.is_empty() && !text.contains(|letter| letter == ',' || is_space(letter))),
        r"^[^\s.]$" => |text| Some(is_one(text, |letter| letter != '.' && !is_space(letter))),
        "^[0-9]+$" => |text| Some(is_digits(text)),
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" => |text| Some(looks_like(text, b"0000-00-00")),
        "^([01][0-9]|2[0-3]):[0-5][0-9]$" => |text| Some(looks_like(text, b"00:00") && &text[..2] < "24" && &text[3..] < "60"),
        "^[0-9]{1,9}(ms|s|m|h)$" => |text| Some(is_duration(text)),
        "^[A-Za-z_][A-Za-z0-9_]*$" => |text| Some(!text.starts_with(|letter: char| letter.is_ascii_digit()) && is_of(text, "_")),
        "^[A-Za-z0-9_*]+$" => |text| Some(is_of(text, "_*")),
        "^field_[0-9]+$" => |text| Some(is_numbered(text, "field_")),
        r"^customFields\.field_[0-9]+$" => |text| Some(is_numbered(text, "customFields.field_")),
        r"^support\.customFields\.field_[0-9]+$" => |text| Some(is_numbered(text, "support.customFields.field_")),
        _ => return None,
    })
}

/// Letters and digits of ASCII, the letters of Western Europe and Chinese characters. Other scripts grow from one version of Unicode to the
/// next, so that the standard library and the validator may not agree on them.
fn is_common_in_names(letter: char) -> bool {
    match letter {
        '.' | '_' | '-' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{2a6df}' => true,
        '\u{c0}'..='\u{24f}' => letter.is_alphabetic(),
        _ => letter.is_ascii_alphanumeric(),
    }
}

/// White space as JavaScript has it, and so JSON Schema: with the byte order mark, without U+0085.
fn is_space(letter: char) -> bool {
    letter == '\u{feff}' || letter != '\u{85}' && letter.is_whitespace()
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    parts.is_some() && !text.contains(is_space)
}

fn is_link(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(is_space))
}

fn is_one(text: &str, holds: impl Fn(char) -> bool) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(holds) && letters.next().is_none()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_numbered(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(is_digits)
}

fn is_duration(text: &str) -> bool {
    let number = ["ms", "s", "m", "h"].into_iter().find_map(|unit| text.strip_suffix(unit));
    number.is_some_and(|number| is_digits(number) && number.len() <= 9)
}

/// Some letters, digits and these others of ASCII.
fn is_of(text: &str, others: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.as_bytes().contains(&byte))
}

/// Whether a text is like an example in which `0` stands for any digit.
fn looks_like(text: &str, example: &[u8]) -> bool {
    let alike = |(byte, wanted): (u8, &u8)| if *wanted == b'0' { byte.is_ascii_digit() } else { byte == *wanted };
    text.len() == example.len() && text.bytes().zip(example).all(alike)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::fits;
    use crate::schema::ManifestKind;

    /// All patterns of all schemas.
    fn patterns() -> Vec<String> {
        fn collect(schema: &Json, patterns: &mut Vec<String>) {
            match schema {
                Json::Object(map) => {
                    patterns.extend(map.get("pattern").and_then(Json::as_str).map(str::to_owned));
                    map.values().for_each(|inner| collect(inner, patterns));
                }
                Json::Array(items) => items.iter().for_each(|inner| collect(inner, patterns)),
                _ => {}
            }
        }
        let mut patterns = Vec::new();
        ManifestKind::ALL.into_iter().for_each(|kind| collect(&crate::schema::json_schema(kind), &mut patterns));
        patterns.sort();
        patterns.dedup();
        patterns
    }

    /// Texts that fit some pattern, and what differs from them by one letter put in, taken out or put in the place of another.
    fn texts() -> Vec<String> {
        let fitting = [
            "",
            "a",
            "9",
            "张三",
            "a@b",
            "http://x",
            "https://x/y",
            "2026-12-01",
            "09:00",
            "19:59",
            "23:59",
            "24:00",
            "7ms",
            "123456789h",
            "1s",
            "5m",
            "A_9",
            "*",
            "field_7",
            "customFields.field_12",
            "support.customFields.field_3",
        ];
        let strange =
            ["", "0", "6", "a", "s", "@", ":", "-", "_", ".", ",", "*", "é", "\n", "\r", " ", "\u{85}", "\u{a0}", "\u{feff}", "Ⓐ"];
        let mut texts = Vec::new();
        for text in fitting {
            for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
                let behind = text.get(at + letter.len_utf8()..).unwrap_or_default();
                for put in strange {
                    texts.push(format!("{}{put}{}", &text[..at], &text[at..]));
                    texts.push(format!("{}{put}{behind}", &text[..at]));
                }
            }
        }
        texts
    }

    #[test]
    fn every_function_agrees_with_its_pattern() {
        let (patterns, texts) = (patterns(), texts());
        assert!(patterns.len() > 10 && texts.len() > 3_000, "{} patterns, {} texts", patterns.len(), texts.len());
        for pattern in patterns {
            let fits = fits(&pattern).unwrap_or_else(|| panic!("{pattern} has no function"));
            let schema = jsonschema::validator_for(&json!({ "pattern": pattern })).expect("a pattern");
            for text in &texts {
                let verdict = schema.is_valid(&json!(text));
                assert!(fits(text).is_none_or(|fits| fits == verdict), "{pattern} and {text:?}");
            }
        }
    }

    #[test]
    fn of_all_letters_of_the_world_those_taken_for_names_and_signs_fit_their_patterns() {
        for (pattern, least) in [(r"^[\p{L}\p{M}\p{N}._-]+$", 70_000), (r"^[^,\s]+$", 1_000_000)] {
            let fits = fits(pattern).expect("known");
            let taken: String = (char::MIN..=char::MAX).filter(|letter| fits(&letter.to_string()) == Some(true)).collect();
            assert!(taken.chars().count() > least);
            assert!(jsonschema::is_valid(&json!({ "pattern": pattern }), &json!(taken)), "{pattern}");
        }
    }

    #[test]
    fn names_as_people_write_them_are_certain() {
        let fits = fits(r"^[\p{L}\p{M}\p{N}._-]+$").expect("known");
        for name in ["zhang-san", "张三", "0001", "Zoë.Müller_2", "𠮷田"] {
            assert_eq!(fits(name), Some(true), "{name}");
        }
    }
}
