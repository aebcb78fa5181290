//! What a plain scalar means: the core schema of YAML 1.2.
//!
//! `.inf`, `.nan` and numbers beyond what a double holds are numbers too, of which no field can take any: as JSON they are [`NOWHERE`].

use serde_json::Number;

use super::NodeKind;
use crate::Text;

/// The value of numbers that JSON does not have: no whole number, and below every minimum.
const NOWHERE: f64 = -1.5e-300;

/// The value of a plain scalar.
pub(super) fn resolve(text: &str) -> NodeKind {
    // Most scalars are words; their first letter says so.
    match text.bytes().next() {
        None | Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F') => word(text),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number_or_text(text),
        Some(_) => NodeKind::String(text.into()),
    }
}

fn word(text: &str) -> NodeKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => NodeKind::Null,
        "true" | "True" | "TRUE" => NodeKind::Bool(true),
        "false" | "False" | "FALSE" => NodeKind::Bool(false),
        _ => NodeKind::String(text.into()),
    }
}

fn number_or_text(text: &str) -> NodeKind {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let usual = digits == "0" && digits.len() == text.len() || !digits.starts_with('0') && is_digits(digits);
    if usual && let Ok(number) = text.parse() {
        return NodeKind::Integer(number);
    }
    if parse(text).is_some() || is_beyond_json(text) { NodeKind::Number(Text::from(text)) } else { NodeKind::String(text.into()) }
}

/// The value of a [`NodeKind::Number`].
pub(super) fn number(raw: &str) -> Number {
    parse(raw).or_else(|| Number::from_f64(NOWHERE)).unwrap_or_else(|| Number::from(0))
}

/// Infinity, what is no number, and finite numbers that are too large.
fn is_beyond_json(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") || is_float(unsigned) || is_digits(unsigned)
}

fn parse(text: &str) -> Option<Number> {
    if let Some(octal) = text.strip_prefix("0o") {
        return radix(octal, 8);
    }
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return radix(hexadecimal, 16);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if is_digits(unsigned) {
        let decimal = text.strip_prefix('+').unwrap_or(text);
        if let Ok(number) = decimal.parse::<i64>() {
            return Some(number.into());
        }
        if let Ok(number) = decimal.parse::<u64>() {
            return Some(number.into());
        }
    } else if !is_float(unsigned) {
        return None;
    }
    Number::from_f64(text.parse().ok()?)
}

fn radix(digits: &str, radix: u32) -> Option<Number> {
    // `from_str_radix` takes a sign, YAML does not.
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| i64::from_str_radix(digits, radix).ok()).flatten().map(Number::from)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `[0-9]+(\.[0-9]*)?` or `\.[0-9]+`, then perhaps an exponent.
fn is_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    has_digits
        && all_digits(whole)
        && all_digits(fraction)
        && exponent.is_none_or(|exponent| is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> NodeKind {
        NodeKind::String(text.into())
    }

    #[test]
    fn words_of_yaml_1_1_are_text() {
        for word in ["no", "on", "yes", "off", "y", "NO", "12:30", "12:30:00", "2026-11-21", "1_000", "+.nan", ".infinity", "nil", "0b11"] {
            assert_eq!(resolve(word), text(word), "{word}");
        }
    }

    #[test]
    fn null_and_truth_have_three_spellings_each() {
        for word in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(resolve(word), NodeKind::Null, "{word}");
        }
        assert_eq!(resolve("True"), NodeKind::Bool(true));
        assert_eq!(resolve("FALSE"), NodeKind::Bool(false));
        assert_eq!(resolve("tRUE"), text("tRUE"));
    }

    #[test]
    fn a_number_that_would_not_come_back_the_same_keeps_its_spelling() {
        for raw in ["001", "+8613200000000", "0x1F", "0o17", "1.50", "1e3", "-0", "00", "99999999999999999999", ".5", "5."] {
            assert_eq!(resolve(raw), NodeKind::Number(raw.into()), "{raw}");
        }
        assert_eq!(number("001"), 1.into());
        assert_eq!(number("+8613200000000"), 8_613_200_000_000_i64.into());
        assert_eq!(number("0x1F"), 31.into());
        assert_eq!(number("0o17"), 15.into());
    }

    #[test]
    fn numbers_that_json_does_not_have_are_numbers_that_fit_nowhere() {
        for raw in [".inf", "-.Inf", "+.INF", ".nan", ".NaN", "1e400", "-1e999"] {
            assert_eq!(resolve(raw), NodeKind::Number(raw.into()), "{raw}");
            assert!(number(raw).as_f64().is_some_and(|number| number < 0.0 && number.fract() != 0.0), "{raw}");
        }
    }

    #[test]
    fn usual_whole_numbers_are_integers() {
        for (raw, value) in [("0", 0), ("-7", -7), ("13240000000", 13_240_000_000), ("-9223372036854775808", i64::MIN)] {
            assert_eq!(resolve(raw), NodeKind::Integer(value), "{raw}");
        }
    }

    #[test]
    fn what_only_begins_like_a_number_is_text() {
        for raw in ["-", "+", ".", "1-2", "0x", "0xG", "0x+1", "1e", "1.2.3", "--1", "+-1", "..早早", "e5", ".e5"] {
            assert_eq!(resolve(raw), text(raw), "{raw}");
        }
    }
}
