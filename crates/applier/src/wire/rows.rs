//! Replies with long lists: the items are handed over one by one while the text is read, instead of standing in memory all at once.
//!
//! A tree of a duty is several times as large as its text, and one reply may hold tens of thousands.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

use super::borrowed::Borrowed;

/// Takes the items of a list.
pub(crate) trait Rows {
    /// What was taken so far does not count: a reply, or a list in it, begins.
    fn begin(&mut self);
    /// Takes the next item.
    fn take(&mut self, row: &Borrowed<'_>);
}

/// Where a list stands in a reply, and who takes its items.
pub(crate) struct Streamed<'a> {
    /// The keys that lead to it.
    pub(crate) path: &'static [&'static str],
    /// Who takes its items.
    pub(crate) rows: &'a mut (dyn Rows + Send),
}

/// Reads JSON. If there is a list at the path, its items are handed over and the tree has an empty list there; everything else, also at the
/// path, stays in the tree.
///
/// # Errors
/// When it is not JSON. Some items may have been taken by then.
pub(crate) fn parse(bytes: &[u8], streamed: &mut Streamed<'_>) -> serde_json::Result<Json> {
    streamed.rows.begin();
    match std::str::from_utf8(bytes) {
        // One look at the encoding of all is cheaper than one at each text.
        Ok(text) => read(serde_json::Deserializer::from_str(text), streamed),
        Err(_) => read(serde_json::Deserializer::from_slice(bytes), streamed),
    }
}

fn read<'de, R: serde_json::de::Read<'de>>(
    mut deserializer: serde_json::Deserializer<R>,
    streamed: &mut Streamed<'_>,
) -> serde_json::Result<Json> {
    let tree = At { path: streamed.path, rows: &mut *streamed.rows }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(tree)
}

/// A value from which the list is so many keys away.
struct At<'a> {
    path: &'static [&'static str],
    rows: &'a mut (dyn Rows + Send),
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = match self.path.split_first() {
                Some((next, path)) if key == *next => entries.next_value_seed(At { path, rows: &mut *self.rows })?,
                _ => entries.next_value()?,
            };
            map.insert(key, value);
        }
        Ok(Json::Object(map))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        if self.path.is_empty() {
            self.rows.begin();
            while let Some(row) = items.next_element()? {
                self.rows.take(&row);
            }
        } else {
            while let Some(item) = items.next_element()? {
                list.push(item);
            }
        }
        Ok(Json::Array(list))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Default)]
    struct Taken(Vec<Json>);

    impl Rows for Taken {
        fn begin(&mut self) {
            self.0.clear();
        }

        fn take(&mut self, row: &Borrowed<'_>) {
            self.0.push(row.to_json());
        }
    }

    fn taken(text: &str) -> (serde_json::Result<Json>, Vec<Json>) {
        let mut taken = Taken(vec![json!("of an earlier reply")]);
        let tree = parse(text.as_bytes(), &mut Streamed { path: &["data", "duty"], rows: &mut taken });
        (tree, taken.0)
    }

    #[test]
    fn the_items_of_the_list_are_taken_out_of_the_tree() {
        let (tree, taken) = taken(r#"{"code": 0, "data": {"duty": [{"a": [1]}, 2], "n": -1.5}, "ok": true}"#);
        assert_eq!(tree.expect("JSON"), json!({ "code": 0, "data": { "duty": [], "n": -1.5 }, "ok": true }));
        assert_eq!(taken, [json!({ "a": [1] }), json!(2)]);
    }

    #[test]
    fn what_is_no_list_at_that_place_stays_where_it_is() {
        for text in [r#"{"data":{"duty":{"0":{"dutyId":1}}}}"#, r#"{"data":[{"duty":[1]}]}"#, r#"{"duty":[1]}"#, "[1]", "null", "\"x\""] {
            let (tree, taken) = taken(text);
            assert_eq!((tree.expect("JSON").to_string(), taken), (text.to_owned(), Vec::new()));
        }
    }

    #[test]
    fn of_a_key_given_twice_the_last_counts_as_everywhere() {
        let (_, taken) = taken(r#"{"data":{"duty":[1]},"data":{"duty":[2]}}"#);
        assert_eq!(taken, [json!(2)]);
    }

    #[test]
    fn what_is_no_json_is_an_error_at_its_end_too() {
        for text in ["", "{", r#"{"data":{"duty":[1"#, "{} {}", "<html>"] {
            assert!(taken(text).0.is_err(), "{text}");
        }
    }
}
