//! Takes secrets and noise out of what an error message quotes.

use serde_json::Value as Json;

use crate::error::Fault;

/// Names of JSON members whose text is secret, in lower case, wherever they stand (api-spec.md A25).
const SECRET_MEMBERS: [&str; 6] = ["password", "operatorpassword", "sippassword", "token", "access_token", "client_secret"];

/// Longest quotation, in characters.
const LONGEST: usize = 300;

/// What stands in a secret's place.
const MASK: &str = "(secret)";

/// The secrets that a quotation must not hold.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    secrets: Vec<String>,
}

impl Redactor {
    pub(crate) fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut redactor = Self::default();
        secrets.into_iter().for_each(|secret| redactor.add(secret));
        redactor
    }

    /// Adds every secret that a request body holds: platforms like to repeat what they refuse.
    pub(crate) fn with_body(mut self, body: &Json) -> Self {
        self.collect(body);
        self
    }

    /// Adds one more secret.
    pub(crate) fn with(mut self, secret: &str) -> Self {
        self.add(secret.to_owned());
        self
    }

    /// Reads a reply as JSON; what is quoted of one that is none holds no secret.
    pub(crate) fn parse(&self, status: u16, bytes: &[u8]) -> Result<Json, Fault> {
        let excerpt = || self.excerpt(&String::from_utf8_lossy(bytes));
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        serde_json::from_slice(text).map_err(|error| match error {
            error if error.is_eof() && !text.trim_ascii().is_empty() => Fault::Truncated { status, excerpt: excerpt() },
            _ => Fault::NotJson { status, html: text.trim_ascii_start().starts_with(b"<"), excerpt: excerpt() },
        })
    }

    /// The beginning of a text, without secrets and control characters.
    pub(crate) fn excerpt(&self, text: &str) -> String {
        // Before anything is cut, so that no half of a secret stays at the end.
        let mut text = mask_members(text);
        for secret in &self.secrets {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), MASK);
            }
        }
        let mut excerpt = String::new();
        let mut length = 0;
        let mut gap = false;
        for character in text.chars() {
            if character.is_whitespace() || character.is_control() || is_invisible(character) {
                gap = !excerpt.is_empty();
                continue;
            }
            if length >= LONGEST {
                excerpt.push('…');
                break;
            }
            if std::mem::take(&mut gap) {
                excerpt.push(' ');
                length += 1;
            }
            excerpt.push(character);
            length += 1;
        }
        excerpt
    }

    fn collect(&mut self, json: &Json) {
        match json {
            Json::Object(map) => {
                for (name, inner) in map {
                    match inner {
                        Json::String(text) if is_secret(name) => self.add(text.clone()),
                        _ => self.collect(inner),
                    }
                }
            }
            Json::Array(items) => items.iter().for_each(|item| self.collect(item)),
            _ => {}
        }
    }

    fn add(&mut self, secret: String) {
        if secret.is_empty() {
            return;
        }
        // As JSON writes it, where that is another spelling.
        let escaped = Json::from(secret.as_str()).to_string();
        let escaped = escaped.trim_matches('"').to_owned();
        if escaped != secret {
            self.secrets.push(escaped);
        }
        self.secrets.push(secret);
        // A secret may hold another one.
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }
}

fn is_secret(name: &str) -> bool {
    SECRET_MEMBERS.contains(&name.to_lowercase().as_str())
}

/// Marks that turn text around or hide it are no control characters to `char`, but do the same harm on a terminal.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Replaces the values of secret members in JSON text, whole or cut off: the text need not parse.
fn mask_members(text: &str) -> String {
    let mut masked = String::with_capacity(text.len().min(4096));
    let mut rest = text;
    while let Some(open) = rest.find('"') {
        let (name, after) = string_at(&rest[open..]);
        masked.push_str(&rest[..open]);
        masked.push_str(&rest[open..rest.len() - after.len()]);
        rest = after;
        if !is_secret(name) {
            continue;
        }
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        if let Some(value) = value.filter(|value| !value.starts_with(['{', '['])) {
            let after = if value.starts_with('"') {
                string_at(value).1
            } else {
                &value[value.find([',', '}', ']', '\n']).unwrap_or(value.len())..]
            };
            masked.push_str(":\"");
            masked.push_str(MASK);
            masked.push('"');
            rest = after;
        }
    }
    masked.push_str(rest);
    masked
}

/// The JSON string that `text` begins with, and what follows it; a string that never ends takes all.
fn string_at(text: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return (&text[1..at], &text[at + 1..]),
            _ => {}
        }
    }
    (&text[1..], "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secret_members_are_masked_even_in_text_that_is_cut_off() {
        let redactor = Redactor::default();
        assert_eq!(
            redactor.excerpt(r#"{"operatorId":"8001", "sipPassword" : "a\"b", "x":1}"#),
            r#"{"operatorId":"8001", "sipPassword":"(secret)", "x":1}"#
        );
        assert_eq!(redactor.excerpt(r#"{"operatorPassword":"half a sec"#), r#"{"operatorPassword":"(secret)""#);
        assert_eq!(redactor.excerpt(r#"{"password":12345,"a":2}"#), r#"{"password":"(secret)","a":2}"#);
    }

    #[test]
    fn known_secrets_are_masked_anywhere_and_in_json_spelling() {
        let redactor = Redactor::new(["to\"ken".to_owned()]).with_body(&json!({ "support": { "password": "planted" } }));
        assert_eq!(redactor.excerpt("bad planted"), "bad (secret)");
        assert_eq!(redactor.excerpt(r#"{"text":"to\"ken"}"#), r#"{"text":"(secret)"}"#);
    }

    #[test]
    fn a_quotation_is_one_short_line_of_visible_characters() {
        assert_eq!(Redactor::default().excerpt("  a\r\n\tb\u{1b}[31m\u{202e}c "), "a b [31m c");
        let long = Redactor::default().excerpt(&"张".repeat(1000));
        assert_eq!(long.chars().count(), LONGEST + 1);
    }
}
