//! Reading what is stored, piece by piece and each kind of values once.
//!
//! A piece is checked inside its own braces: an error raised there knows its line, one raised after the closing brace would name the next.
//!
//! All shifts of one type have the same values, and a ledger writes them in the same letters, ten thousands of times. So values are looked
//! up by their text first and parsed only when it is new; what was equal in the text is then shared.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

use deskform_model::field::READ;
use deskform_model::{Kind, Text, Value, Values};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::document::Word;

/// Something of the ledger that is read from a document of the format.
pub(super) trait Stored: Sized {
    /// What is stored of it.
    type Document<'a>: Deserialize<'a>;

    /// Makes it of its document, or says what is wrong with that.
    fn read<'a>(document: Self::Document<'a>, known: &mut KnownValues<'a>) -> Result<Self, String>;
}

/// Reads one piece.
pub(super) fn from_str<'a, T: Stored>(text: &'a str, known: &mut KnownValues<'a>) -> serde_json::Result<T> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let piece = InBraces::<T> { known, piece: PhantomData }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(piece)
}

struct InBraces<'k, 'a, T> {
    known: &'k mut KnownValues<'a>,
    piece: PhantomData<T>,
}

impl<'a, T: Stored> DeserializeSeed<'a> for InBraces<'_, 'a, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a, T: Stored> Visitor<'a> for InBraces<'_, 'a, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, map: A) -> Result<T, A::Error> {
        T::read(T::Document::deserialize(MapAccessDeserializer::new(map))?, self.known).map_err(A::Error::custom)
    }
}

/// For how many pieces a list has room at first.
const ROOM: usize = 1024;

/// A list of pieces.
pub(super) struct List<T>(pub(super) Vec<T>);

impl<'a, T: Stored> Deserialize<'a> for List<T> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct InBrackets<T>(PhantomData<T>);
        impl<'a, T: Stored> Visitor<'a> for InBrackets<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<List<T>, A::Error> {
                let mut known = KnownValues::default();
                let mut pieces = Vec::new();
                while let Some(piece) = items.next_element_seed(InBraces { known: &mut known, piece: PhantomData })? {
                    if pieces.len() == pieces.capacity() {
                        // Pieces are large and copied whenever the list grows; room that is never used is never touched.
                        pieces.reserve(ROOM.max(3 * pieces.len()));
                    }
                    pieces.push(piece);
                }
                Ok(List(pieces))
            }
        }
        deserializer.deserialize_seq(InBrackets(PhantomData))
    }
}

/// The values of an entry, as they are stored.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    /// What was sent.
    pub(super) set: &'a RawValue,
    /// What of the reading after that does not follow from `set`; nothing where there was none.
    pub(super) seen: Option<&'a RawValue>,
    /// The names of the fields that it did not show.
    pub(super) unseen: Option<&'a RawValue>,
}

/// [`Texts`] of a kind.
type Key<'a> = (Kind, &'a str, Option<&'a str>, Option<&'a str>);

/// [`Texts`] that are compared before a hash of them is made.
const OFTEN: usize = 16;

/// Values that were read before, by their texts.
#[derive(Default)]
pub(super) struct KnownValues<'a> {
    sets: HashMap<(Kind, &'a str), Values>,
    entries: HashMap<Key<'a>, (Values, Option<Values>)>,
    /// The first few that were met a second time, and are likely to be met ten thousands of times.
    often: Vec<(Key<'a>, (Values, Option<Values>))>,
}

impl<'a> KnownValues<'a> {
    /// The values that a text holds.
    pub(super) fn set(&mut self, kind: Kind, text: &'a RawValue) -> Result<Values, String> {
        if let Some(known) = self.sets.get(&(kind, text.get())) {
            return Ok(known.clone());
        }
        let values = parse(kind, text)?;
        self.sets.insert((kind, text.get()), values.clone());
        Ok(values)
    }

    /// What was sent, and what was seen after that.
    pub(super) fn set_and_seen(&mut self, kind: Kind, texts: Texts<'a>) -> Result<(Values, Option<Values>), String> {
        let key = (kind, texts.set.get(), texts.seen.map(RawValue::get), texts.unseen.map(RawValue::get));
        if let Some((_, known)) = self.often.iter().find(|(often, _)| *often == key) {
            return Ok(known.clone());
        }
        if let Some(known) = self.entries.get(&key) {
            if self.often.len() < OFTEN {
                self.often.push((key, known.clone()));
            }
            return Ok(known.clone());
        }
        let set = self.set(kind, texts.set)?;
        let seen = match texts.seen {
            None => None,
            Some(different) => {
                let unseen: Vec<Text> = match texts.unseen {
                    None => Vec::new(),
                    Some(names) => serde_json::from_str(names.get()).map_err(|error| without_place(&error))?,
                };
                Some(restore(kind, &set, &parse(kind, different)?, &unseen))
            }
        };
        self.entries.insert(key, (set.clone(), seen.clone()));
        Ok((set, seen))
    }
}

/// What was seen, of what was sent and of what [`super::written`] keeps besides.
fn restore(kind: Kind, set: &Values, differs: &Values, unseen: &[Text]) -> Values {
    let shown = set.iter().filter(|(key, _)| key.field(kind).has(READ));
    let mut seen: Values = shown.map(|(key, value)| (key.clone(), value.clone())).collect();
    for key in unseen.iter().filter_map(|name| kind.key(name)) {
        seen.remove(&key);
    }
    for (key, value) in differs.iter() {
        seen.insert(key.clone(), value.clone());
    }
    seen
}

fn parse(kind: Kind, text: &RawValue) -> Result<Values, String> {
    struct OfKind(Kind);
    impl<'a> Visitor<'a> for OfKind {
        type Value = Option<Values>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut values = Vec::new();
            while let Some(Word(name)) = map.next_key()? {
                // An older deskform wrote a field that this one does not know; nothing can be said about it any more.
                match self.0.key(&name) {
                    Some(key) => values.push(Value::from_json(&map.next_value::<Json>()?).map(|value| (key, value))),
                    None => drop(map.next_value::<IgnoredAny>()?),
                }
            }
            Ok(values.into_iter().collect())
        }
    }
    match serde_json::Deserializer::from_str(text.get()).deserialize_map(OfKind(kind)) {
        Ok(Some(values)) => Ok(values),
        Ok(None) => Err(of_no_known_form(kind)),
        // Its place is one in this text; the piece knows its own.
        Err(error) => Err(without_place(&error)),
    }
}

/// What is said of values that no version writes.
pub(super) fn of_no_known_form(kind: Kind) -> String {
    format!("the values of a {} are of no known form", kind.word())
}

/// What an error says, without the place that it names at its end.
pub(super) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what).to_owned()
}
