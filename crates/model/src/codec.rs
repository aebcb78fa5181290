//! Codecs: a field's type, limits, schema, wire form in and out, normal form and display.
//!
//! What the platforms want and answer is api-spec.md; a codec's variants cite the quirk that makes them necessary. Nothing here knows
//! requests: it turns one value into JSON and back.

use serde_json::{Map, Value as Json, json};

use crate::Text;
use crate::document::{Node, NodeKind};
use crate::field::Field;
use crate::kind::Platform;
use crate::printable::is_harmful;
use crate::time;
use crate::value::Value;

/// The words of a choice and their numbers on the wire.
pub type Choices = &'static [(&'static str, i64)];

/// How one field's values are written, sent, read, compared and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// One line of text of at most `max` characters, in one of the formats below.
    Text {
        /// Characters, not bytes.
        max: usize,
        /// What the text must look like.
        format: Format,
    },
    /// Several lines of text; plans show a line diff.
    Lines {
        /// Characters, not bytes.
        max: usize,
    },
    /// A whole number.
    Number {
        /// Smallest allowed.
        min: i64,
        /// Largest allowed.
        max: i64,
    },
    /// Yes or no.
    Flag {
        /// The wire's number for yes.
        on: i64,
        /// The wire's number for no.
        off: i64,
    },
    /// One of several words; numbers on the wire (api-spec.md H5).
    Choice(Choices),
    /// A set of ids; one text with commas on the wire (api-spec.md H6).
    IdSet,
    /// A map of custom fields; its members are compared one by one (api-spec.md H9).
    Custom,
    /// A time of day, `HH:MM` (api-spec.md H34).
    Time,
    /// A SIP number: bound by its own field, unbound by a command (api-spec.md A12, A13).
    Sip,
    /// A reference to a secret.
    Secret {
        /// Fewest characters of the secret itself, checked when it is read.
        min: usize,
        /// Most characters of the secret itself.
        max: usize,
    },
}

/// What a line of text must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Anything.
    Any,
    /// An e-mail address.
    Email,
    /// An `http` or `https` link.
    Url,
}

/// A reply's value that is not what the field can hold. The text names the value's form, never the value itself.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("field \"{api}\" holds {found} where {wanted} is expected")]
pub struct UnreadableValue {
    /// The platform's name of the field.
    pub api: &'static str,
    /// What is there.
    pub found: String,
    /// What should be there.
    pub wanted: &'static str,
}

impl Codec {
    /// Yes as 1, no as 0.
    pub const FLAG: Self = Self::Flag { on: 1, off: 0 };

    /// Any line of at most `max` characters.
    pub const fn text(max: usize) -> Self {
        Self::Text { max, format: Format::Any }
    }

    /// An e-mail address.
    pub const fn email() -> Self {
        Self::Text { max: 255, format: Format::Email }
    }

    /// A link.
    pub const fn url() -> Self {
        Self::Text { max: 2048, format: Format::Url }
    }

    /// Several lines.
    pub const fn lines() -> Self {
        Self::Lines { max: 4000 }
    }

    /// Reads a manifest's value that the schema has accepted. `None` when it is none of this codec's (the schema would have said so);
    /// custom fields and secrets are read by the manifest reader, which knows more than one value.
    pub fn read(&self, node: &Node) -> Option<Value> {
        if node.is_null() {
            return Some(Value::Null);
        }
        if node.is_refused() {
            return None;
        }
        Some(match self {
            Self::Text { .. } | Self::Lines { .. } | Self::Sip => Value::text(node.as_text()?.clone()),
            Self::Choice(words) => Value::Text(words.iter().find(|(word, _)| Some(*word) == node.as_str())?.0.into()),
            Self::Number { .. } => Value::Number(node.as_integer()?),
            Self::Flag { .. } => Value::Flag(node.as_bool()?),
            Self::Time => Value::Text(time::format_time(time::parse_time(node.as_str()?)?).into()),
            Self::IdSet => Value::set(node.items().iter().map(id).collect::<Option<Vec<_>>>()?),
            Self::Custom => custom_from_node(node)?,
            Self::Secret { .. } => return None,
        })
    }

    /// The JSON that a request carries for `value`, in the platform's kind of scalars. `None` for a secret, which only the applier has.
    pub fn to_wire(&self, platform: Platform, value: &Value) -> Option<Json> {
        let scalar = |number: i64| match platform {
            Platform::Helpdesk => Json::from(number.to_string()),
            Platform::CallCenter => Json::from(number),
        };
        Some(match (self, value) {
            (Self::Choice(words), Value::Text(word)) => scalar(words.iter().find(|(known, _)| known == word)?.1),
            (Self::Flag { on, off }, Value::Flag(flag)) => scalar(if *flag { *on } else { *off }),
            (_, Value::Number(number)) => scalar(*number),
            (_, Value::Null) => Json::from(""),
            (_, Value::Text(text)) => Json::from(text.as_str()),
            (_, Value::Set(members)) => Json::from(members.join(",")),
            (_, Value::List(items)) => json!(items),
            (_, Value::Files(files)) => {
                files.iter().map(|(name, url)| json!({ "fileName": name, "fileUrl": url })).collect::<Vec<_>>().into()
            }
            (_, Value::Flag(_) | Value::Secret { .. }) => return None,
        })
    }

    /// Puts `value` into a create or edit body under the platform's name of `field`.
    pub fn put(&self, field: &Field, platform: Platform, editing: bool, value: &Value, body: &mut Map<String, Json>) {
        match (self, value) {
            (Self::Sip, Value::Null) => {
                body.insert("unbindSip".into(), Json::from(1));
            }
            _ => {
                if let Some(json) = self.to_wire(platform, value) {
                    let name = field.edit_api.filter(|_| editing).unwrap_or(field.api);
                    body.insert(name.into(), json);
                }
            }
        }
    }

    /// Reads a reply's value into normal form: numbers as numbers or strings, null and "" alike, times with or without seconds
    /// (api-spec.md 1.3, A19, H34).
    ///
    /// # Errors
    /// When the value is of a form that the field cannot have.
    pub fn from_wire(&self, field: &Field, json: &Json) -> Result<Value, UnreadableValue> {
        if json.is_null() || json.as_str().is_some_and(str::is_empty) {
            return Ok(Value::Null);
        }
        let unreadable = |wanted| UnreadableValue { api: field.api, found: form_of(json), wanted };
        let number = || match json {
            Json::Number(number) => number.as_i64(),
            Json::String(text) => text.trim().parse().ok(),
            Json::Bool(flag) => Some(i64::from(*flag)),
            _ => None,
        };
        match self {
            Self::Text { .. } | Self::Lines { .. } | Self::Sip | Self::Secret { .. } => {
                scalar_text(json).map(Value::text).ok_or_else(|| unreadable("text"))
            }
            Self::Number { .. } => number().map(Value::Number).ok_or_else(|| unreadable("a whole number")),
            Self::Flag { on, off } => match number() {
                Some(code) if code == *on => Ok(Value::Flag(true)),
                Some(code) if code == *off => Ok(Value::Flag(false)),
                _ => Err(unreadable("0 or 1")),
            },
            Self::Choice(words) => number()
                .and_then(|code| words.iter().find(|(_, known)| *known == code))
                .map(|(word, _)| Value::Text((*word).into()))
                .ok_or_else(|| unreadable("one of the documented numbers")),
            Self::IdSet => match json {
                Json::Array(items) => items.iter().map(scalar_text).collect::<Option<Vec<_>>>().map(Value::set),
                _ => scalar_text(json).map(|text| Value::set(text.split(',').map(|part| Text::from(part.trim())))),
            }
            .ok_or_else(|| unreadable("ids with commas")),
            Self::Time => json
                .as_str()
                .and_then(time::parse_time)
                .map(|time| Value::Text(time::format_time(time).into()))
                .ok_or_else(|| unreadable("a time as HH:MM")),
            Self::Custom => custom_from_wire(json).ok_or_else(|| unreadable("text, a list of texts or a list of attachments")),
        }
    }

    /// The value as plans and messages show it: text in quotes, words and numbers bare, secrets never.
    pub fn show(&self, value: &Value) -> String {
        match value {
            Value::Null => "null".to_owned(),
            Value::Text(text) if matches!(self, Self::Choice(_) | Self::Time) => text.to_string(),
            Value::Text(text) => quote(text),
            Value::Number(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Set(members) => format!("[{}]", members.join(", ")),
            Value::List(items) => format!("[{}]", items.iter().map(|item| quote(item)).collect::<Vec<_>>().join(", ")),
            Value::Files(files) => {
                format!("[{}]", files.iter().map(|(name, url)| format!("{} ({url})", quote(name))).collect::<Vec<_>>().join(", "))
            }
            Value::Secret { version } => format!("(secret) version {version}"),
        }
    }

    /// The JSON Schema of the field's manifest value, without description.
    pub fn schema(&self) -> Json {
        match self {
            Self::Text { max, format } => {
                let mut schema = json!({ "type": "string", "maxLength": max, "pattern": "^[^\\r\\n]*$" });
                match format {
                    Format::Any => {}
                    Format::Email => schema["pattern"] = json!("^([^@\\s]+@[^@\\s]+)?$"),
                    Format::Url => schema["pattern"] = json!("^(https?://\\S+)?$"),
                }
                schema
            }
            Self::Lines { max } => json!({ "type": "string", "maxLength": max }),
            Self::Sip => json!({ "type": "string", "minLength": 1, "maxLength": 255 }),
            Self::Number { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
            Self::Flag { .. } => json!({ "type": "boolean" }),
            Self::Choice(words) => json!({ "type": "string", "enum": words.iter().map(|(word, _)| word).collect::<Vec<_>>() }),
            Self::IdSet => {
                json!({ "type": "array", "uniqueItems": true, "items": { "type": ["integer", "string"], "pattern": "^[^,\\s]+$" } })
            }
            Self::Time => json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" }),
            // Unions of types rather than of schemas: a validator then says what is wrong inside instead of "none of these match".
            Self::Custom => json!({
                "type": "object",
                "propertyNames": { "pattern": "^field_[0-9]+$" },
                "additionalProperties": {
                    "type": ["string", "array", "null"],
                    "items": {
                        "type": ["string", "object"],
                        "additionalProperties": false,
                        "required": ["fileName", "fileUrl"],
                        "properties": {
                            "fileName": { "type": "string", "minLength": 1 },
                            "fileUrl": { "type": "string", "pattern": "^(https?://\\S+)?$", "minLength": 1 },
                        },
                    },
                    "if": { "type": "array", "contains": { "type": "object" } },
                    "then": { "items": { "type": "object" } },
                },
            }),
            // `writeOnly` marks what must never be printed.
            Self::Secret { .. } => json!({
                "type": "object",
                "writeOnly": true,
                "additionalProperties": false,
                "properties": {
                    "env": {
                        "type": "string",
                        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                        "description": "Environment variable that holds the secret; secrets.allowEnv must allow it.",
                    },
                    "file": { "type": "string", "minLength": 1, "description": "File that holds the secret, relative to the project folder." },
                    "age": {
                        "type": "string",
                        "minLength": 1,
                        "description": "File that holds the secret encrypted with age, relative to the project folder; apply reads the key from DESKFORM_AGE_IDENTITY.",
                    },
                    "version": { "type": "integer", "minimum": 1, "maximum": 4_294_967_295_u32, "default": 1, "description": "Count it up when the secret has changed." },
                },
                "oneOf": [{ "required": ["env"] }, { "required": ["file"] }, { "required": ["age"] }],
            }),
        }
    }
}

/// Text in quotes with line breaks and quotes made visible, on one line.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            harmful if is_harmful(harmful) => quoted.push_str(&harmful.escape_unicode().to_string()),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// An id in a manifest may be a number or a text.
fn id(node: &Node) -> Option<Text> {
    node.scalar_text()
}

/// Strings and numbers as text: ids are numbers in some replies and strings in others (api-spec.md H1).
pub fn scalar_text(json: &Json) -> Option<Text> {
    match json {
        Json::String(text) => Some(text.as_str().into()),
        Json::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

fn custom_from_node(node: &Node) -> Option<Value> {
    match &node.kind {
        NodeKind::String(text) => Some(Value::text(text.clone())),
        NodeKind::Sequence(items) if items.is_empty() => Some(Value::Null),
        NodeKind::Sequence(items) if items[0].as_str().is_some() => {
            items.iter().map(|item| item.as_text().cloned()).collect::<Option<_>>().map(Value::List)
        }
        NodeKind::Sequence(items) => {
            let file = |item: &Node| Some((item.get("fileName")?.as_text()?.clone(), item.get("fileUrl")?.as_text()?.clone()));
            items.iter().map(file).collect::<Option<_>>().map(Value::Files)
        }
        _ => None,
    }
}

fn custom_from_wire(json: &Json) -> Option<Value> {
    match json {
        Json::Array(items) if items.is_empty() => Some(Value::Null),
        Json::Array(items) if items[0].is_object() => {
            let file = |item: &Json| Some((scalar_text(item.get("fileName")?)?, scalar_text(item.get("fileUrl")?)?));
            items.iter().map(file).collect::<Option<_>>().map(Value::Files)
        }
        Json::Array(items) => items.iter().map(scalar_text).collect::<Option<_>>().map(Value::List),
        _ => scalar_text(json).map(Value::text),
    }
}

fn form_of(json: &Json) -> String {
    match json {
        Json::Null => "null".into(),
        Json::Bool(_) => "a truth value".into(),
        Json::Number(_) => "a number".into(),
        Json::String(text) => format!("a text of {} characters", text.chars().count()),
        Json::Array(items) => format!("a list of {}", items.len()),
        Json::Object(map) => format!("an object of {}", map.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    fn field(kind: Kind, name: &str) -> &'static Field {
        kind.key(name).expect("a field").field(kind)
    }

    #[test]
    fn permission_is_on_as_zero_and_off_as_one() {
        let field = field(Kind::Permission, "enabled");
        assert_eq!(field.codec.to_wire(Platform::Helpdesk, &Value::Flag(true)), Some(json!("0")));
        assert_eq!(field.codec.to_wire(Platform::Helpdesk, &Value::Flag(false)), Some(json!("1")));
    }

    #[test]
    fn the_helpdesk_gets_strings_and_the_call_centre_integers() {
        let admin = field(Kind::Support, "admin");
        assert_eq!(admin.codec.to_wire(Platform::Helpdesk, &Value::Flag(true)), Some(json!("1")));
        let video = field(Kind::Agent, "video");
        assert_eq!(video.codec.to_wire(Platform::CallCenter, &Value::Flag(true)), Some(json!(1)));
    }

    #[test]
    fn gender_one_is_female_as_number_or_string() {
        let gender = field(Kind::Support, "gender");
        for one in [json!(1), json!("1")] {
            assert_eq!(gender.codec.from_wire(gender, &one), Ok(Value::text("female")));
        }
        assert!(gender.codec.from_wire(gender, &json!("3")).is_err());
    }

    #[test]
    fn groups_are_a_set_whatever_their_order() {
        let groups = field(Kind::Support, "groups");
        let read = |text: &str| groups.codec.from_wire(groups, &json!(text)).expect("readable");
        assert_eq!(read("344214,344124"), read("344124, 344214"));
        assert_eq!(read(""), Value::Null);
    }

    #[test]
    fn a_null_sip_number_becomes_the_unbind_command() {
        let sip = field(Kind::Agent, "sipNumber");
        let mut body = Map::new();
        sip.codec.put(sip, Platform::CallCenter, true, &Value::Null, &mut body);
        assert_eq!(Json::Object(body), json!({ "unbindSip": 1 }));
        let mut body = Map::new();
        sip.codec.put(sip, Platform::CallCenter, true, &Value::text("870001"), &mut body);
        assert_eq!(Json::Object(body), json!({ "sipnumber": "870001" }));
    }

    #[test]
    fn an_unreadable_value_is_described_without_being_repeated() {
        let time = field(Kind::Shift, "start");
        let error = time.codec.from_wire(time, &json!("s3cret")).expect_err("not a time");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}
