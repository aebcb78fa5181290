//! AgentSet manifests: seats that are nearly alike, by number and by range of numbers.
//!
//! Entries lie upon each other like layers: the set's `defaults` below everything, wide ranges below narrow ones, single numbers on top.
//! Each field of a seat comes from the topmost layer that gives it, and so does each part of `lifecycle`. Where two ranges of equal width
//! would have to decide, the set is refused. What comes out are ordinary seats, so that nothing after this module knows of sets.
//!
//! Costs as much as the ranges hold seats, overlaps included; these count against the [`super::Budget`] before anything is made of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::object::Given;
use super::reference::{self, Purpose};
use super::{Context, Expansion, Header, lifecycle};
use crate::diagnostic::{BadRange, Diagnostic, Meaning};
use crate::document::Node;
use crate::field::{FieldKey, KEY};
use crate::kind::Kind;
use crate::resource::{Ensure, Lifecycle, Resource};
use crate::schema::{self, ManifestKind};
use crate::secret::SecretRef;
use crate::source::Span;
use crate::{Address, NaturalKey, Person, Text, Value, Values};

/// The most seats of one range: those of the largest centre.
const MOST_SEATS: usize = 10_000;

/// More digits than anybody's seats have, and few enough to count with.
const MOST_DIGITS: usize = 18;

/// The bottom layer.
const DEFAULTS: usize = 0;

/// Adds the seats of one set.
pub(super) fn expand(header: &Header<'_>, context: &Context<'_>, out: &mut Expansion) {
    let Some(seats) = header.spec("seats") else { return };
    let mut layers = vec![Layer::new(header.spec("defaults"), header.root.get("lifecycle"), header.at, usize::MAX)];
    let mut entries = Vec::with_capacity(seats.entries().len());
    for entry in seats.entries() {
        match Numbers::read(&entry.key) {
            Ok(numbers) => entries.push((entry, numbers)),
            Err(why) => out.report(Diagnostic::meaning(Meaning::BadSeatRange { range: entry.key.clone(), why }, entry.key_span)),
        }
    }
    context.budget.spend(entries.iter().map(|(_, numbers)| numbers.width().max(1)).sum());
    if context.budget.is_exceeded() {
        return;
    }
    let mut stacks: BTreeMap<Text, Vec<usize>> = BTreeMap::new();
    for (entry, numbers) in entries {
        for number in numbers.iter() {
            stacks.entry(number).or_default().push(layers.len());
        }
        layers.push(Layer::new(Some(&entry.value), entry.value.get("lifecycle"), entry.key_span, numbers.width()));
    }
    for stack in stacks.values_mut() {
        stack.sort_by_key(|at| layers[*at].width);
        stack.push(DEFAULTS);
    }
    let mut set = Set { layers, rivals: BTreeSet::new(), usual: BTreeMap::new() };
    for (number, stack) in &stacks {
        set.seat(number, stack, context, out);
    }
}

/// What an entry's key names.
enum Numbers<'a> {
    One(&'a Text),
    Range { first: u64, last: u64, digits: usize },
}

impl<'a> Numbers<'a> {
    fn read(key: &'a Text) -> Result<Self, BadRange> {
        let Some((first, last)) = key.split_once("..") else { return Ok(Self::One(key)) };
        let number = |text: &str| {
            let digits = !text.is_empty() && text.len() <= MOST_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| digits).ok_or(BadRange::NotNumbers)
        };
        let (digits, width) = (first.len(), last.len());
        let (first, last): (u64, u64) = (number(first)?, number(last)?);
        let seats = last.checked_sub(first).map(|more| more + 1);
        match seats {
            _ if digits != width => Err(BadRange::Widths),
            None => Err(BadRange::Reversed),
            Some(seats) if seats > MOST_SEATS as u64 => Err(BadRange::TooMany { seats, limit: MOST_SEATS }),
            Some(_) => Ok(Self::Range { first, last, digits }),
        }
    }

    /// How many seats a range holds; nothing is narrower than a single number.
    fn width(&self) -> usize {
        match self {
            Self::One(_) => 0,
            Self::Range { first, last, .. } => usize::try_from(last - first).unwrap_or(usize::MAX - 1) + 1,
        }
    }

    fn iter(&self) -> impl Iterator<Item = Text> {
        let (one, range, digits) = match self {
            Self::One(number) => (Some((*number).clone()), None, 0),
            Self::Range { first, last, digits } => (None, Some(*first..=*last), *digits),
        };
        one.into_iter().chain(range.into_iter().flatten().map(move |number| smol_str::format_smolstr!("{number:0digits$}")))
    }
}

/// What one entry, or the set as a whole, says about its seats.
struct Layer<'a> {
    /// The mapping with the fields, if there is one.
    node: Option<&'a Node>,
    /// Where the entry's key stands, or the name of the set.
    at: Span,
    /// How many seats it is about; 0 for a single number.
    width: usize,
    protect: Option<(bool, Span)>,
    replace: Option<bool>,
    ignore: Option<Vec<FieldKey>>,
    ensure: Option<(Ensure, Span)>,
    /// Read when a seat that should exist needs it: a stale value of what goes away is not wrong.
    given: Option<Given>,
    /// The person of its `support`, for seats that should exist and for those that go away.
    people: [Option<Option<Person>>; 2],
}

impl<'a> Layer<'a> {
    fn new(node: Option<&'a Node>, section: Option<&Node>, at: Span, width: usize) -> Self {
        let place = |name: &str| section.and_then(|section| section.get(name)).map_or(at, |node| node.span);
        let protect = section.and_then(|section| section.get("protect")).and_then(Node::as_bool);
        Self {
            node,
            at,
            width,
            protect: protect.map(|protect| (protect, place("protect"))),
            replace: section.and_then(lifecycle::given_replace),
            ignore: section.and_then(|section| lifecycle::given_ignore(Kind::Agent, section)),
            ensure: section.and_then(lifecycle::given_ensure).map(|ensure| (ensure, place("ensure"))),
            given: None,
            people: [None, None],
        }
    }

    fn read(&mut self, context: &Context<'_>, out: &mut Expansion) {
        if let (Some(node), None) = (self.node, &self.given) {
            self.given = Some(Given::read(Kind::Agent, node, false, context, out));
        }
    }

    fn person(&mut self, tombstone: bool, context: &Context<'_>, out: &mut Expansion) -> Option<Person> {
        let node = self.node.and_then(|node| node.get("support"))?;
        let purpose = Purpose { past: tombstone, removal: tombstone };
        self.people[usize::from(tombstone)].get_or_insert_with(|| reference::one(node, purpose, context, out)).clone()
    }

    /// A field's value, with where its secret is.
    fn value(&self, key: &FieldKey) -> Option<(&Value, Option<&SecretRef>)> {
        let given = self.given.as_ref()?;
        let value = given.values.get(key)?;
        Some((value, given.secret.as_ref().filter(|_| matches!(value, Value::Secret { .. }))))
    }

    /// Where a value of the field stands, or may stand, that was refused.
    fn refused(&self, key: &FieldKey) -> Option<Span> {
        if self.node.is_some_and(Node::is_refused) {
            return Some(self.at);
        }
        self.given.as_ref()?.spans.iter().find(|(have, _)| have == key).map(|(_, span)| *span)
    }
}

struct Set<'a> {
    layers: Vec<Layer<'a>>,
    /// Pairs of layers that were reported, each once.
    rivals: BTreeSet<(usize, usize)>,
    /// The lifecycles that seats share, by the layers that they lie under.
    usual: BTreeMap<Vec<usize>, Arc<Lifecycle>>,
}

impl Set<'_> {
    /// Adds the seat that lies under these layers, the topmost first.
    fn seat(&mut self, number: &Text, stack: &[usize], context: &Context<'_>, out: &mut Expansion) {
        let lifecycle = self.lifecycle(number, stack, out);
        let tombstone = lifecycle.ensure != Ensure::Present;
        let (top, mut values, mut spans) = (self.layers[stack[0]].at, Values::new(), Vec::new());
        let mut secret = None;
        if !tombstone {
            stack.iter().for_each(|at| self.layers[*at].read(context, out));
        }
        for (field, at) in Kind::Agent.fields().iter().zip(0u8..) {
            let key = FieldKey::Known(at);
            if field.has(KEY) {
                values.insert(key.clone(), Value::Text(number.clone()));
                spans.push((key, top));
            } else if !tombstone && let Some(layer) = self.topmost(number, stack, field.name, |layer| layer.value(&key), out) {
                let layer = &self.layers[layer];
                let Some((value, of)) = layer.value(&key) else { continue };
                secret = of.cloned().or(secret);
                let span = layer.given.as_ref().and_then(|given| given.spans.iter().find(|(have, _)| *have == key));
                spans.push((key.clone(), span.map_or(layer.at, |(_, span)| *span)));
                values.insert(key, value.clone());
            } else if let Some(refused) = stack.iter().find_map(|at| self.layers[*at].refused(&key)) {
                spans.push((key, refused));
            }
        }
        let support = self.topmost(number, stack, "support", |layer| layer.node.and_then(|node| node.get("support")), out);
        let resource = Resource {
            address: Address::agent(number),
            key: NaturalKey::Agent { operator_id: number.clone() },
            title: values.named(Kind::Agent, "name").and_then(Value::as_text).cloned().unwrap_or_default(),
            values,
            secret: secret.map(Box::new),
            support: support.and_then(|layer| self.layers[layer].person(tombstone, context, out)).map(Box::new),
            lifecycle,
            origin: top,
            field_spans: spans.into(),
        };
        // There is room: it was counted with its range.
        out.resources.push(resource);
    }

    fn lifecycle(&mut self, number: &Text, stack: &[usize], out: &mut Expansion) -> Arc<Lifecycle> {
        let speaks = |at: &usize| {
            let layer = &self.layers[*at];
            layer.protect.is_some() || layer.replace.is_some() || layer.ignore.is_some() || layer.ensure.is_some()
        };
        let speaking: Vec<usize> = stack.iter().copied().filter(speaks).collect();
        if let Some(usual) = self.usual.get(&speaking) {
            return Arc::clone(usual);
        }
        let stack = &speaking;
        let protect = self.topmost(number, stack, "lifecycle.protect", |layer| layer.protect.map(|(protect, _)| protect), out);
        let replace = self.topmost(number, stack, "lifecycle.replace", |layer| layer.replace, out);
        let ignore = self.topmost(number, stack, "lifecycle.ignore", |layer| layer.ignore.as_ref(), out);
        let ensure = self.topmost(number, stack, "lifecycle.ensure", |layer| layer.ensure.map(|(ensure, _)| ensure), out);
        let protect = protect.and_then(|at| self.layers[at].protect);
        let ensure = ensure.and_then(|at| self.layers[at].ensure);
        if let (Some((true, protect)), Some((Ensure::Absent, absent))) = (protect, ensure) {
            out.report(Diagnostic::meaning(Meaning::ProtectAndAbsent, protect).with_other(absent));
        }
        let lifecycle = Arc::new(Lifecycle {
            protect: protect.is_some_and(|(protect, _)| protect),
            ignore: ignore.and_then(|at| self.layers[at].ignore.clone()).unwrap_or_default(),
            replace: replace.and_then(|at| self.layers[at].replace).unwrap_or(false),
            ensure: ensure.map(|(ensure, _)| ensure).unwrap_or_default(),
        });
        self.usual.insert(speaking, Arc::clone(&lifecycle));
        lifecycle
    }

    /// The topmost layer that gives something. Reports another one of its width that gives something else.
    fn topmost<'b, T: PartialEq>(
        &'b mut self,
        number: &Text,
        stack: &[usize],
        field: &str,
        get: impl Fn(&'b Layer<'_>) -> Option<T>,
        out: &mut Expansion,
    ) -> Option<usize> {
        let layers = &self.layers;
        let mut giving = stack.iter().filter_map(|at| Some((*at, get(&layers[*at])?)));
        let (top, value) = giving.next()?;
        let width = layers[top].width;
        for (other, _) in giving.take_while(|(at, _)| layers[*at].width == width).filter(|(_, other)| *other != value) {
            let (first, second) = (top.min(other), top.max(other));
            if self.rivals.insert((first, second)) {
                let problem = Meaning::AmbiguousSeat { operator_id: number.clone(), field: field.into() };
                out.report(Diagnostic::meaning(problem, layers[second].at).with_other(layers[first].at));
            }
        }
        Some(top)
    }
}

/// The schema of the `spec` of an AgentSet: the field table twice, without the number, which is the key of an entry.
pub(crate) fn spec_schema() -> Json {
    let mut defaults = seat_fields();
    defaults["description"] = json!("What all seats have in common.");
    let mut entry = seat_fields();
    // An entry without a value (`"8031":`) differs in nothing.
    entry["type"] = json!(["object", "null"]);
    entry["properties"]["support"] = reference::one_schema();
    entry["properties"]["lifecycle"] = schema::lifecycle(ManifestKind::AgentSet);
    entry["description"] = json!("What differs from the defaults and from wider entries; may be empty.");
    let mut key = Kind::Agent.fields().iter().find(|field| field.has(KEY)).map(schema::property).unwrap_or_default();
    key["description"] = json!("A seat's number, or the first and the last of several: both included, leading zeros kept.");
    key["examples"] = json!(["8031", "8031..8040"]);
    let mut spec = schema::object();
    spec["required"] = json!(["seats"]);
    spec["properties"]["defaults"] = defaults;
    spec["properties"]["seats"] = json!({
        "type": "object",
        "minProperties": 1,
        "propertyNames": key,
        "additionalProperties": entry,
        "description": "The seats, by number or range. The narrower entry wins, field by field.",
        "examples": [{ "8031..8040": {}, "8033": { "type": "leader" } }],
    });
    spec
}

fn seat_fields() -> Json {
    let mut fields = schema::fields(Kind::Agent);
    for field in Kind::Agent.fields().iter().filter(|field| field.has(KEY)) {
        if let Some(properties) = fields["properties"].as_object_mut() {
            properties.remove(field.name);
        }
    }
    fields["required"] = json!([]);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(key: &str) -> Result<Vec<String>, BadRange> {
        Ok(Numbers::read(&key.into())?.iter().map(|number| number.to_string()).collect())
    }

    #[test]
    fn a_range_holds_both_ends_and_keeps_leading_zeros() {
        assert_eq!(numbers("0098..0101"), Ok(["0098", "0099", "0100", "0101"].map(str::to_owned).to_vec()));
        assert_eq!(numbers("8031..8031"), Ok(vec!["8031".into()]));
    }

    #[test]
    fn a_range_of_one_is_wider_than_its_number() {
        let (range, number) = ("8031..8031".into(), "8031".into());
        let width = |key| Numbers::read(key).map(|numbers| numbers.width());
        assert_eq!((width(&range), width(&number)), (Ok(1), Ok(0)));
    }

    #[test]
    fn a_range_is_two_numbers_of_one_width_in_order_and_not_too_long() {
        for (key, why) in [
            ("8031..", BadRange::NotNumbers),
            ("8031...8040", BadRange::NotNumbers),
            ("a1..a9", BadRange::NotNumbers),
            ("+1..+9", BadRange::NotNumbers),
            ("1111111111111111111..1111111111111111119", BadRange::NotNumbers),
            ("98..102", BadRange::Widths),
            ("8040..8031", BadRange::Reversed),
            ("10000..20000", BadRange::TooMany { seats: 10_001, limit: MOST_SEATS }),
        ] {
            assert_eq!(numbers(key), Err(why), "{key}");
        }
        assert_eq!(numbers("10000..19999").map(|seats| seats.len()), Ok(MOST_SEATS));
    }

    #[test]
    fn a_number_may_be_any_text() {
        assert_eq!(numbers("A-8031"), Ok(vec!["A-8031".into()]));
    }
}
