//! Values of fields in normal form, and sets of them.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json, json};

use crate::Text;
use crate::field::FieldKey;
use crate::kind::Kind;

/// A field's value in the one form in which manifests, platforms and the ledger are compared (design.md section 3, "Normal form").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Empty: what `null` in a manifest asks for, and what `""`, null and absence mean in a platform's text (api-spec.md A19).
    Null,
    /// Text that is not empty. Choices are their words, hours are `HH:MM`.
    Text(Text),
    /// A whole number.
    Number(i64),
    /// Yes or no, whatever the platform's encoding.
    Flag(bool),
    /// A set of ids, sorted, without repeats (`groupId`, api-spec.md H6).
    Set(Vec<Text>),
    /// Texts in order (a cascade custom field).
    List(Vec<Text>),
    /// Attachments of a custom field, `(fileName, fileUrl)`.
    Files(Vec<(Text, Text)>),
    /// A secret of this version. Nothing derived from the secret itself is ever kept.
    Secret {
        /// The version that the manifest gives.
        version: u32,
    },
}

impl Value {
    /// Text in normal form: empty text is [`Value::Null`].
    pub fn text(text: impl Into<Text>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Null } else { Self::Text(text) }
    }

    /// A set in normal form: sorted, without repeats or empty members; an empty one is [`Value::Null`].
    pub fn set(members: impl IntoIterator<Item = Text>) -> Self {
        let mut members: Vec<Text> = members.into_iter().filter(|member| !member.is_empty()).collect();
        members.sort_unstable();
        members.dedup();
        if members.is_empty() { Self::Null } else { Self::Set(members) }
    }

    /// The text, if this is text.
    pub fn as_text(&self) -> Option<&Text> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The ledger's form: JSON that [`Value::from_json`] reads back to the same value.
    pub fn to_json(&self) -> Json {
        json!(self)
    }

    /// Reads the ledger's form; `None` for JSON that [`Value::to_json`] never writes.
    pub fn from_json(json: &Json) -> Option<Self> {
        let texts = |json: &Json| -> Option<Vec<Text>> { json.as_array()?.iter().map(|item| item.as_str().map(Text::from)).collect() };
        Some(match json {
            Json::Null => Self::Null,
            Json::String(text) => Self::text(text.as_str()),
            Json::Number(number) => Self::Number(number.as_i64()?),
            Json::Bool(flag) => Self::Flag(*flag),
            Json::Array(_) => Self::List(texts(json)?),
            Json::Object(map) => {
                let (name, inner) = map.iter().next().filter(|_| map.len() == 1)?;
                match name.as_str() {
                    "set" => Self::set(texts(inner)?),
                    "secretVersion" => Self::Secret { version: inner.as_u64()?.try_into().ok()? },
                    "files" => {
                        let pair = |pair: &Json| Some((Text::from(pair.get(0)?.as_str()?), Text::from(pair.get(1)?.as_str()?)));
                        Self::Files(inner.as_array()?.iter().map(pair).collect::<Option<_>>()?)
                    }
                    _ => return None,
                }
            }
        })
    }
}

/// The ledger's form.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::List(items) => serializer.collect_seq(items),
            Self::Set(members) => serializer.collect_map([("set", members)]),
            Self::Files(files) => serializer.collect_map([("files", files)]),
            Self::Secret { version } => serializer.collect_map([("secretVersion", version)]),
        }
    }
}

/// The values of one object, sorted by field. A field that is not there is "not ours" in a resource and "not readable" in an observed
/// object.
///
/// A clone shares the entries until one of the two changes: all shifts of one type have the same values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Values {
    entries: Arc<Vec<(FieldKey, Value)>>,
}

impl Values {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a field, if it is there.
    pub fn get(&self, key: &FieldKey) -> Option<&Value> {
        // Of a kind whose fields are all given, like a shift's, each stands at its position in the table.
        if let FieldKey::Known(at) = key
            && let Some((have, value)) = self.entries.get(usize::from(*at))
            && have == key
        {
            return Some(value);
        }
        self.entries.binary_search_by(|(have, _)| have.cmp(key)).ok().map(|at| &self.entries[at].1)
    }

    /// The value of the table's field `name`; custom fields are looked up with [`Values::get`].
    pub fn named(&self, kind: Kind, name: &str) -> Option<&Value> {
        self.get(&kind.key(name)?)
    }

    /// Sets a value and returns the one before.
    pub fn insert(&mut self, key: FieldKey, value: Value) -> Option<Value> {
        let entries = Arc::make_mut(&mut self.entries);
        match entries.binary_search_by(|(have, _)| have.cmp(&key)) {
            Ok(at) => Some(std::mem::replace(&mut entries[at].1, value)),
            Err(at) => {
                entries.insert(at, (key, value));
                None
            }
        }
    }

    /// Takes a value out.
    pub fn remove(&mut self, key: &FieldKey) -> Option<Value> {
        let at = self.entries.binary_search_by(|(have, _)| have.cmp(key)).ok()?;
        Some(Arc::make_mut(&mut self.entries).remove(at).1)
    }

    /// All values in the order of the kind's table, custom fields last.
    pub fn iter(&self) -> impl Iterator<Item = (&FieldKey, &Value)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// How many fields have a value.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no field has a value.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The ledger's form, field names as in manifests (`customFields.field_1` for custom fields).
    pub fn to_json(&self, kind: Kind) -> Map<String, Json> {
        self.entries.iter().map(|(key, value)| (key.name(kind), value.to_json())).collect()
    }

    /// Reads the ledger's form. Fields that this version does not know are dropped: an older deskform wrote them, and nothing can be
    /// said about them any more. `None` when a value has a form that is never written.
    pub fn from_json(kind: Kind, map: &Map<String, Json>) -> Option<Self> {
        let mut values = Self::new();
        for (name, json) in map {
            if let Some(key) = kind.key(name) {
                values.insert(key, Value::from_json(json)?);
            }
        }
        Some(values)
    }
}

/// Keeps equal values once. What is read piece by piece, like the shifts of a month, repeats the same few values ten thousands of times.
#[derive(Clone, Debug, Default)]
pub struct SharedValues {
    known: HashSet<Values>,
    /// The first few of them, which are found without a hash.
    first: Vec<Values>,
}

/// Many objects have few different values; comparing with so many is cheaper than a hash of one.
const FIRST: usize = 8;

impl SharedValues {
    /// The same values, shared with the first that were equal to them.
    pub fn share(&mut self, values: Values) -> Values {
        if let Some(known) = self.first.iter().find(|known| **known == values).or_else(|| self.known.get(&values)) {
            return known.clone();
        }
        if self.first.len() < FIRST {
            self.first.push(values.clone());
        } else {
            self.known.insert(values.clone());
        }
        values
    }
}

impl FromIterator<(FieldKey, Value)> for Values {
    fn from_iter<I: IntoIterator<Item = (FieldKey, Value)>>(items: I) -> Self {
        let mut entries: Vec<(FieldKey, Value)> = items.into_iter().collect();
        if entries.is_sorted_by(|(a, _), (b, _)| a < b) {
            return Self { entries: Arc::new(entries) };
        }
        // Of one key given twice the last value counts.
        entries.reverse();
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries.dedup_by(|(later, _), (first, _)| later == first);
        Self { entries: Arc::new(entries) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_survives_the_ledgers_form() {
        for value in [
            Value::Null,
            Value::text("001"),
            Value::Number(-3),
            Value::Flag(true),
            Value::set(["b".into(), "a".into(), "b".into()]),
            Value::List(vec!["北京市".into(), "丰台区".into()]),
            Value::Files(vec![("a.txt".into(), "https://example.com/a.txt".into())]),
            Value::Secret { version: 2 },
        ] {
            assert_eq!(Value::from_json(&value.to_json()), Some(value));
        }
    }

    #[test]
    fn equal_values_are_kept_once_and_change_alone() {
        let values = |text: &str| Values::from_iter([(FieldKey::Known(0), Value::text(text))]);
        let mut shared = SharedValues::default();
        let many: Vec<Values> = (0..3 * FIRST).map(|number| shared.share(values(&format!("{number}")))).collect();
        assert!(many.iter().all(|known| Arc::ptr_eq(&shared.share(known.entries.iter().cloned().collect()).entries, &known.entries)));
        let (first, mut second, third) = (shared.share(values("a")), shared.share(values("a")), shared.share(values("b")));
        assert!(Arc::ptr_eq(&first.entries, &second.entries) && !Arc::ptr_eq(&first.entries, &third.entries));
        second.insert(FieldKey::Known(0), Value::text("c"));
        assert_eq!(first, values("a"));
    }

    #[test]
    fn an_empty_set_and_an_empty_text_are_null() {
        assert_eq!(Value::set(["".into()]), Value::Null);
        assert_eq!(Value::text(""), Value::Null);
    }
}
