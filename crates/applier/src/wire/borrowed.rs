//! JSON whose texts stand in the reply itself. For long lists: a tree of owned keys and texts costs several times as much as all that is
//! made of it.

use std::borrow::Cow;
use std::fmt;

use deskform_model::Text;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value as Json};

/// Most objects of the platforms have no more members.
const MEMBERS: usize = 8;

/// A value that borrows from the text that it was read from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Borrowed<'a> {
    Null,
    Flag(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Borrowed<'a>>),
    /// Members in the order of the text. Of a name given twice the last one counts.
    Object(Vec<(Cow<'a, str>, Borrowed<'a>)>),
}

impl<'a> Borrowed<'a> {
    /// The same as a tree.
    pub(crate) fn of(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(flag) => Self::Flag(*flag),
            Json::Number(number) => Self::Number(number.clone()),
            Json::String(text) => Self::Text(text.as_str().into()),
            Json::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Json::Object(map) => Self::Object(map.iter().map(|(name, value)| (name.as_str().into(), Self::of(value))).collect()),
        }
    }

    /// A tree that owns everything.
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Flag(flag) => Json::Bool(*flag),
            Self::Number(number) => Json::Number(number.clone()),
            Self::Text(text) => Json::from(text.as_ref()),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Object(members) => members.iter().map(|(name, value)| (name.to_string(), value.to_json())).collect(),
        }
    }

    /// Strings and numbers as text, as [`deskform_model::codec::scalar_text`] has it.
    pub(crate) fn scalar_text(&self) -> Option<Text> {
        match self {
            Self::Text(text) => Some(text.as_ref().into()),
            Self::Number(number) => Some(number.to_string().into()),
            _ => None,
        }
    }

    /// The members of the object itself, or of the first of a list: wrappers in the singular may hold lists (api-spec.md section 8).
    pub(crate) fn members(&self) -> Option<&[(Cow<'a, str>, Borrowed<'a>)]> {
        match self {
            Self::Object(members) => Some(members),
            Self::List(items) => match items.first()? {
                Self::Object(members) => Some(members),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it is an object or a list.
    pub(crate) fn holds_others(&self) -> bool {
        matches!(self, Self::List(_) | Self::Object(_))
    }
}

impl<'de> Deserialize<'de> for Borrowed<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Whole)
    }
}

/// A name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Letters).map(Self)
    }
}

struct Letters;

impl<'de> Visitor<'de> for Letters {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(name.into())
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(name.to_owned().into())
    }
}

struct Whole;

impl<'de> Visitor<'de> for Whole {
    type Value = Borrowed<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Borrowed<'de>, A::Error> {
        let mut members = Vec::with_capacity(MEMBERS);
        while let Some((Name(name), value)) = entries.next_entry()? {
            members.push((name, value));
        }
        Ok(Borrowed::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Borrowed<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = entries.next_element()? {
            items.push(item);
        }
        Ok(Borrowed::List(items))
    }

    fn visit_unit<E>(self) -> Result<Borrowed<'de>, E> {
        Ok(Borrowed::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Borrowed<'de>, E> {
        Ok(Borrowed::Flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Borrowed<'de>, E> {
        Ok(Borrowed::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Borrowed<'de>, E> {
        Ok(Borrowed::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Borrowed<'de>, E> {
        Ok(Number::from_f64(value).map_or(Borrowed::Null, Borrowed::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Borrowed<'de>, E> {
        Ok(Borrowed::Text(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Borrowed<'de>, E> {
        Ok(Borrowed::Text(value.to_owned().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_a_tree_is() {
        let text = r#"{"a":[1,-2,3.5,true,null,"x","a\"b",[],{}],"\u4e2d":{"b":"中"}}"#;
        let tree: Json = serde_json::from_str(text).expect("JSON");
        let borrowed: Borrowed<'_> = serde_json::from_slice(text.as_bytes()).expect("JSON");
        assert_eq!(borrowed.to_json(), tree);
        assert_eq!(Borrowed::of(&tree).to_json(), tree);
    }

    #[test]
    fn texts_without_escapes_are_not_copied() {
        let borrowed: Borrowed<'_> = serde_json::from_str(r#"["早班", "a\nb"]"#).expect("JSON");
        let Borrowed::List(items) = borrowed else { panic!("it is a list") };
        assert!(matches!(items[0], Borrowed::Text(Cow::Borrowed("早班"))));
        assert!(matches!(&items[1], Borrowed::Text(Cow::Owned(text)) if text == "a\nb"));
    }

    #[test]
    fn of_a_name_given_twice_the_last_counts() {
        let borrowed: Borrowed<'_> = serde_json::from_str(r#"{"a":1,"a":2}"#).expect("JSON");
        assert_eq!(borrowed.to_json(), serde_json::json!({ "a": 2 }));
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for text in ["", "{", r#"{"a"}"#, "[1", "{1:2}", "nul", "[1,]"] {
            assert!(serde_json::from_str::<Borrowed<'_>>(text).is_err(), "{text}");
        }
    }
}
