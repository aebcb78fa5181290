//! Shift types: what a sign of a roster means.

use crate::Text;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::document::{Entry, Node};
use crate::field::FieldKey;
use crate::kind::{Kind, shift};
use crate::manifest::Expansion;
use crate::resource::DayOffKind;
use crate::time::{self, Time};
use crate::{Value, Values, check};

/// The types of one schedule or of the project.
#[derive(Default)]
pub(crate) struct ShiftTypes {
    /// By sign.
    types: Vec<(char, ShiftType)>,
    /// Whether something was refused that may explain further signs.
    incomplete: bool,
}

/// What one sign means.
pub(super) enum ShiftType {
    /// A shift.
    Work(Template),
    /// A free day.
    Off {
        /// Rest or leave.
        kind: DayOffKind,
        /// Its name, or empty.
        name: Text,
    },
    /// A type with a mistake that has been reported. Its sign is known, its days mean nothing.
    Broken,
}

/// Everything about a shift except whose it is and when.
#[derive(Clone)]
pub(super) struct Template {
    pub(super) start: Time,
    pub(super) title: Text,
    pub(super) values: Values,
}

impl ShiftTypes {
    /// Reads a `shiftTypes:` mapping.
    pub(crate) fn read(node: &Node, out: &mut Expansion) -> Self {
        let read = |entry: &Entry| Some((single(&entry.key)?, ShiftType::read(entry, out)));
        let mut types: Vec<_> = node.entries().iter().filter_map(read).collect();
        types.sort_by_key(|(sign, _)| *sign);
        let incomplete = node.is_refused() || types.len() < node.entries().len();
        Self { types, incomplete }
    }

    /// What `sign` means.
    pub(super) fn get(&self, sign: char) -> Option<&ShiftType> {
        self.types.binary_search_by_key(&sign, |(have, _)| *have).ok().map(|at| &self.types[at].1)
    }

    /// Whether a sign that is not here certainly means nothing.
    pub(super) fn is_complete(&self) -> bool {
        !self.incomplete
    }

    /// All signs.
    pub(super) fn signs(&self) -> impl Iterator<Item = char> {
        self.types.iter().map(|(sign, _)| *sign)
    }
}

/// The one character of a text that has one.
pub(super) fn single(text: &str) -> Option<char> {
    let mut letters = text.chars();
    letters.next().filter(|_| letters.next().is_none())
}

impl ShiftType {
    fn read(entry: &Entry, out: &mut Expansion) -> Self {
        let word = entry.value.get("type");
        if entry.value.is_refused() || word.is_some_and(Node::is_refused) {
            return Self::Broken;
        }
        let kind = match word.and_then(Node::as_str) {
            Some("rest") => DayOffKind::Rest,
            Some("leave") => DayOffKind::Leave,
            _ if entry.value.get("start").is_none() || entry.value.get("end").is_none() => {
                out.report(Diagnostic::meaning(Meaning::ShiftTypeWithoutTimes { sign: entry.key.clone() }, entry.key_span));
                return Self::Broken;
            }
            _ => return Template::read(&entry.value, out).map_or(Self::Broken, Self::Work),
        };
        let stray = entry.value.entries().iter().filter(|inner| !matches!(inner.key.as_str(), "type" | "name"));
        for inner in stray {
            let problem = Meaning::DayOffWithTimes { sign: entry.key.clone(), key: inner.key.clone() };
            out.report(Diagnostic::meaning(problem, inner.key_span));
        }
        Self::Off { kind, name: entry.value.get("name").and_then(Node::as_text).cloned().unwrap_or_default() }
    }
}

impl Template {
    /// Reads the fields of a shift from the mapping that holds them; it has `start` and `end`. An absent text is empty: a shift is one
    /// value. `None` when it is no shift at all, which is reported.
    pub(super) fn read(node: &Node, out: &mut Expansion) -> Option<Self> {
        let value = |field: &crate::Field| node.get(field.name).and_then(|node| field.codec.read(node)).unwrap_or(Value::Null);
        let values: Values = Kind::Shift.fields().iter().zip(0u8..).map(|(field, at)| (FieldKey::Known(at), value(field))).collect();
        let time = |at| values.get(&FieldKey::Known(at)).and_then(Value::as_text).and_then(|text| time::parse_time(text));
        let (start, end) = (time(shift::START)?, time(shift::END)?);
        if start == end {
            out.report(check::shift_is_empty::report(start, node.get("end").unwrap_or(node).span));
            return None;
        }
        let title = values.get(&FieldKey::Known(shift::NAME)).and_then(Value::as_text).cloned().unwrap_or_default();
        Some(Self { start, title, values })
    }
}
