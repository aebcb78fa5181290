//! Supports and seats in replies: one loop over the kind's field table, each value through its codec.
//!
//! Secrets (`sipPassword`, `operatorPassword`, a password that comes back) are never looked at, so they cannot be stored.

use std::borrow::Cow;
use std::fmt;

use deskform_model::codec::{Codec, UnreadableValue, scalar_text};
use deskform_model::field::{DETAIL, READ};
use deskform_model::{Field, FieldKey, Kind, NaturalKey, RemoteId, Text, Value, Values};
use deskform_planner::LiveObject;
use serde_json::{Map, Value as Json};

use super::borrowed::Borrowed;

/// An object that a reply holds and nobody can read. Names what and why, never a value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{object}: {problem}")]
pub struct UnreadableObject {
    /// What it is, as far as that is known: `support 12`, `item 3 of the list`.
    pub object: String,
    /// Why.
    pub problem: Illegible,
}

/// Why an object cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Illegible {
    /// A required member is absent, empty or of another type.
    #[error("\"{0}\" is missing")]
    Missing(&'static str),
    /// Something else stands where it should be.
    #[error("{0} is expected")]
    Expected(&'static str),
    /// A field holds what it cannot mean.
    #[error(transparent)]
    Value(#[from] UnreadableValue),
}

impl UnreadableObject {
    pub(crate) fn new(object: impl fmt::Display, problem: impl Into<Illegible>) -> Self {
        Self { object: object.to_string(), problem: problem.into() }
    }
}

/// Whether a support is in service: `isStat`, which most replies do not show (api-spec.md H10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stat {
    /// 0: in the recycle bin.
    Recycled,
    /// 1: in service.
    InService,
    /// 2: gone for good.
    Purged,
}

/// A support as one reply shows it. A list may leave out anything but the id (api-spec.md H14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportRecord {
    /// `sId`.
    pub remote: RemoteId,
    /// `sPassportName`, if shown.
    pub account: Option<Text>,
    /// The fields that the reply shows.
    pub values: Values,
    /// `isStat`, if shown.
    pub stat: Option<Stat>,
}

impl SupportRecord {
    /// The record as an observed object; `None` when it does not show its account, without which nothing can match it.
    pub fn into_object(self) -> Option<LiveObject> {
        Some(LiveObject { remote: self.remote, key: NaturalKey::Support { account: self.account? }, values: self.values })
    }

    /// Whether the reply shows every readable field that lists are expected to show.
    pub fn is_whole(&self) -> bool {
        readable(Kind::Support).all(|(key, _)| self.values.get(&key).is_some())
    }
}

/// Reads a support.
///
/// With `detail`, for replies that show one object, an absent text means an empty one and custom fields are read. Without it, for
/// lists, what is absent stays absent, so that somebody can ask again by id (api-spec.md H9, H14).
///
/// # Errors
/// When it is no object, has no `sId`, or a field holds what it cannot mean.
pub fn decode_support(json: &Json, detail: bool) -> Result<SupportRecord, UnreadableObject> {
    support(object(json), detail)
}

/// Reads a support of a list, which shows no custom fields; see [`decode_support`].
pub(crate) fn decode_support_row(row: &Borrowed<'_>) -> Result<SupportRecord, UnreadableObject> {
    support(row.members(), false)
}

fn support(map: Option<&(impl Members + ?Sized)>, detail: bool) -> Result<SupportRecord, UnreadableObject> {
    let map = map.ok_or_else(|| UnreadableObject::new("a support", Illegible::Expected("an object")))?;
    let remote = remote_id(map, "sId").ok_or_else(|| UnreadableObject::new("a support", Illegible::Missing("sId")))?;
    let unreadable = |problem| UnreadableObject::new(format_args!("support {remote}"), problem);
    let mut values = read_fields(Kind::Support, map, detail).map_err(|error| unreadable(error.into()))?;
    if detail && let Some(custom) = map.member("custom_fields") {
        read_custom_fields(&custom, &mut values).map_err(unreadable)?;
    }
    let stat = match map.member("isStat").and_then(|stat| scalar_text(&stat)).as_deref() {
        Some("0") => Some(Stat::Recycled),
        Some("1") => Some(Stat::InService),
        Some("2") => Some(Stat::Purged),
        _ => None,
    };
    let account = map.member("sPassportName").and_then(|account| scalar_text(&account)).filter(|account| !account.is_empty());
    Ok(SupportRecord { remote, account, values, stat })
}

/// Reads a seat. Null, empty and absent texts are alike (api-spec.md A19).
///
/// # Errors
/// When it is no object, has no `operatorId`, or a field holds what it cannot mean.
pub fn decode_agent(json: &Json) -> Result<LiveObject, UnreadableObject> {
    agent(object(json))
}

/// Reads a seat of a list; see [`decode_agent`].
pub(crate) fn decode_agent_row(row: &Borrowed<'_>) -> Result<LiveObject, UnreadableObject> {
    agent(row.members())
}

fn agent(map: Option<&(impl Members + ?Sized)>) -> Result<LiveObject, UnreadableObject> {
    let map = map.ok_or_else(|| UnreadableObject::new("a seat", Illegible::Expected("an object")))?;
    let remote = remote_id(map, "operatorId").ok_or_else(|| UnreadableObject::new("a seat", Illegible::Missing("operatorId")))?;
    let values = read_fields(Kind::Agent, map, true).map_err(|error| UnreadableObject::new(format_args!("seat {remote}"), error))?;
    Ok(LiveObject { key: NaturalKey::Agent { operator_id: remote.text().clone() }, remote, values })
}

/// Reads the fields that replies of this kind may show, custom fields and secrets excepted.
pub(crate) fn read_fields(kind: Kind, map: &(impl Members + ?Sized), absent_text_is_empty: bool) -> Result<Values, UnreadableValue> {
    let mut values = Vec::with_capacity(kind.fields().len());
    for (key, field) in readable(kind) {
        match map.member(field.api) {
            Some(json) => values.push((key, field.codec.from_wire(field, &json)?)),
            None if absent_text_is_empty && is_text(field.codec) => values.push((key, Value::Null)),
            None => {}
        }
    }
    values.shrink_to_fit();
    Ok(values.into_iter().collect())
}

/// An object of a reply, as a tree or as it stands in the text.
pub(crate) trait Members {
    /// A member, if it is there.
    fn member(&self, name: &str) -> Option<Cow<'_, Json>>;
}

impl Members for Map<String, Json> {
    fn member(&self, name: &str) -> Option<Cow<'_, Json>> {
        self.get(name).map(Cow::Borrowed)
    }
}

impl Members for [(Cow<'_, str>, Borrowed<'_>)] {
    fn member(&self, name: &str) -> Option<Cow<'_, Json>> {
        self.iter().rev().find(|(have, _)| have == name).map(|(_, value)| Cow::Owned(value.to_json()))
    }
}

/// An id as number or string (api-spec.md H1).
fn remote_id(map: &(impl Members + ?Sized), name: &str) -> Option<RemoteId> {
    map.member(name).and_then(|id| scalar_text(&id)).and_then(RemoteId::new)
}

/// The object itself, or the first of a list: wrappers in the singular may hold lists (api-spec.md section 8).
fn object(json: &Json) -> Option<&Map<String, Json>> {
    match json {
        Json::Array(items) => items.first()?.as_object(),
        _ => json.as_object(),
    }
}

fn readable(kind: Kind) -> impl Iterator<Item = (FieldKey, &'static Field)> {
    (0u8..).zip(kind.fields()).filter_map(|(at, field)| {
        let shown = field.has(READ) && !field.has(DETAIL) && !matches!(field.codec, Codec::Secret { .. });
        shown.then_some((FieldKey::Known(at), field))
    })
}

/// Whether an empty value and an absent one mean the same.
fn is_text(codec: Codec) -> bool {
    matches!(codec, Codec::Text { .. } | Codec::Lines { .. } | Codec::Sip | Codec::IdSet)
}

/// `[{"key": "field_1", "value": ...}]`, or the same as an object (api-spec.md 2.1, H9).
fn read_custom_fields(json: &Json, values: &mut Values) -> Result<(), Illegible> {
    let field = &deskform_model::kind::support::FIELDS[deskform_model::kind::support::CUSTOM_FIELDS];
    let mut read = |key: Text, value: &Json| -> Result<(), Illegible> {
        values.insert(FieldKey::Custom(key), field.codec.from_wire(field, value)?);
        Ok(())
    };
    match json {
        Json::Array(items) => {
            for item in items {
                let key = item.get("key").and_then(scalar_text).filter(|key| !key.is_empty());
                read(key.ok_or(Illegible::Expected("\"key\" in every item of custom_fields"))?, item.get("value").unwrap_or(&Json::Null))?;
            }
            Ok(())
        }
        Json::Object(map) => map.iter().try_for_each(|(key, value)| read(key.as_str().into(), value)),
        Json::Null => Ok(()),
        Json::String(text) if text.is_empty() => Ok(()),
        _ => Err(Illegible::Expected("a list in custom_fields")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_means_what_a_tree_means() {
        for text in [
            r#"{"sId":"1","sPassportName":"a","name":"张三","isAdmin":"1","groupId":"9,10","mobile":null,"isStat":1,"other":{"b":[2]}}"#,
            r#"{"sId":1,"sId":2,"name":"a\"b","custom_fields":[{"key":"field_1","value":"x"}]}"#,
            r#"{"operatorId":"8001","name":"前台","initialSkill":3,"sipPassword":"planted"}"#,
            r#"[{"sId":"5","operatorId":"5"},{"sId":"6"}]"#,
            r#"{"sId":"7","operatorId":"7","name":{"a":1}}"#,
            r#"{"sId":""}"#,
            "[[]]",
            "[]",
            "null",
        ] {
            let tree: Json = serde_json::from_str(text).expect("JSON");
            let row: Borrowed<'_> = serde_json::from_str(text).expect("JSON");
            assert_eq!(decode_support_row(&row), decode_support(&tree, false), "{text}");
            assert_eq!(decode_agent_row(&row), decode_agent(&tree), "{text}");
        }
    }
}
