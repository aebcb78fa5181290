//! Time spans in settings.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time span, written with its unit: `500ms`, `2s`, `1m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Milliseconds(pub u64);

impl Milliseconds {
    /// Reads a number with its unit: `ms`, `s`, `m` or `h`.
    pub fn parse(text: &str) -> Option<Self> {
        let unit = text.find(|letter: char| !letter.is_ascii_digit())?;
        let factor = match &text[unit..] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        text[..unit].parse::<u64>().ok()?.checked_mul(factor).map(Self)
    }
}

impl<'de> Deserialize<'de> for Milliseconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not a number with a unit"))
    }
}

impl Serialize for Milliseconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (number, unit) = match self.0 {
            whole if whole > 0 && whole.is_multiple_of(3_600_000) => (whole / 3_600_000, "h"),
            whole if whole > 0 && whole.is_multiple_of(60_000) => (whole / 60_000, "m"),
            whole if whole.is_multiple_of(1_000) => (whole / 1_000, "s"),
            other => (other, "ms"),
        };
        let text = format!("{number}{unit}");
        serializer.serialize_str(&text)
    }
}

impl JsonSchema for Milliseconds {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Milliseconds".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{1,9}(ms|s|m|h)$", "examples": ["2s", "500ms"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, expected) in [
            ("2s", Some(2_000)),
            ("500ms", Some(500)),
            ("1m", Some(60_000)),
            ("2", None),
            ("s", None),
            ("2 s", None),
            ("-1s", None),
            ("99999999999999999999s", None),
        ] {
            assert_eq!(Milliseconds::parse(text), expected.map(Milliseconds), "{text}");
        }
    }
}
