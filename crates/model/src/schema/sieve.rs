//! A quick look at documents: most are valid, and a validator need not be made to see that.
//!
//! A sieve is a schema boiled down to what our schemas ask for. It says yes, no, or nothing where it is not certain: at a keyword that it
//! does not know, or at a number whose spelling is unusual. Only a yes counts, everything else is the validator's to judge and to explain.
//! So a keyword that is new in a schema makes reading slower until it is known here, never laxer. The tests hold yes and no against the
//! validator's verdict.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::pattern::{self, Fits};
use crate::Text;
use crate::document::{Node, NodeKind};

/// Keywords that ask for nothing.
const ANNOTATIONS: [&str; 6] = ["$schema", "title", "description", "default", "examples", "writeOnly"];
/// Keywords that are read with the keyword beside them.
const BESIDE: [&str; 3] = ["properties", "then", "else"];

/// Whether a value is as it should be, if that is certain.
type Verdict = Option<bool>;

/// What a value must be like: all of these rules.
#[derive(Debug, Default)]
pub(super) struct Sieve(Vec<Rule>);

/// One keyword of a schema, or several that belong together. A rule for one type says yes to all others, as in JSON Schema.
#[derive(Debug)]
enum Rule {
    /// `type`.
    Type(Vec<Type>),
    /// `enum` and `const`, all of them texts.
    Words(Vec<Text>),
    /// `pattern`.
    Pattern(Fits),
    /// `minLength`, in characters.
    MinLength(usize),
    /// `maxLength`, in characters.
    MaxLength(usize),
    /// `minimum`.
    Minimum(i64),
    /// `maximum`.
    Maximum(i64),
    /// `minItems`.
    MinItems(usize),
    /// `uniqueItems`.
    Unique,
    /// `items`.
    Items(Sieve),
    /// `contains`.
    Contains(Sieve),
    /// `minProperties`.
    MinProperties(usize),
    /// `maxProperties`.
    MaxProperties(usize),
    /// `required`.
    Required(Vec<Text>),
    /// `propertyNames`.
    Names(Sieve),
    /// `properties`, sorted, and `additionalProperties`.
    Members { known: Vec<(Text, Sieve)>, others: Sieve },
    /// `if`, `then` and `else`.
    If { condition: Sieve, then: Sieve, otherwise: Sieve },
    /// `anyOf`.
    AnyOf(Vec<Sieve>),
    /// `oneOf`.
    OneOf(Vec<Sieve>),
    /// `false`.
    Never,
    /// A keyword, or a form of one, that is not known here.
    Unknown,
}

/// A word under `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl Sieve {
    /// Boils down a schema.
    pub(super) fn new(schema: &Json) -> Self {
        match schema {
            Json::Bool(true) => Self::default(),
            Json::Bool(false) => Self(vec![Rule::Never]),
            Json::Object(schema) => Self(Rule::all_of(schema)),
            _ => Self(vec![Rule::Unknown]),
        }
    }

    /// Whether the value is certainly valid.
    pub(super) fn accepts(&self, node: &Node) -> bool {
        self.judge(node) == Some(true)
    }

    fn judge(&self, node: &Node) -> Verdict {
        all(self.0.iter().map(|rule| rule.judge(node)))
    }
}

/// Yes if all say yes, else the first other answer.
fn all(mut verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    verdicts.find(|verdict| *verdict != Some(true)).unwrap_or(Some(true))
}

/// Yes if any says yes, no if all say no.
fn any(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut any = Some(false);
    for verdict in verdicts {
        match verdict {
            Some(true) => return verdict,
            Some(false) => {}
            None => any = None,
        }
    }
    any
}

/// Yes if exactly one says yes and all the others say no.
fn one(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut yes = 0;
    for verdict in verdicts {
        yes += usize::from(verdict?);
    }
    Some(yes == 1)
}

impl Rule {
    fn all_of(schema: &Map<String, Json>) -> Vec<Self> {
        let own = schema.iter().filter(|(keyword, _)| !ANNOTATIONS.contains(&keyword.as_str()) && !BESIDE.contains(&keyword.as_str()));
        let mut rules: Vec<Self> = own.map(|(keyword, value)| Self::new(keyword, value, schema).unwrap_or(Self::Unknown)).collect();
        if let Some(properties) = schema.get("properties").filter(|_| !schema.contains_key("additionalProperties")) {
            rules.push(Self::members(Some(properties), &Json::Bool(true)).unwrap_or(Self::Unknown));
        }
        rules
    }

    /// The rule of a keyword, with what stands beside it in its schema. `None` for what is not known here.
    fn new(keyword: &str, value: &Json, schema: &Map<String, Json>) -> Option<Self> {
        let count = || usize::try_from(value.as_u64()?).ok();
        let list = || Some(value.as_array()?.iter().map(Sieve::new).collect());
        let beside = |keyword: &str| schema.get(keyword).map(Sieve::new).unwrap_or_default();
        Some(match keyword {
            "type" => match value {
                Json::Array(types) => Self::Type(types.iter().map(Type::new).collect::<Option<_>>()?),
                one => Self::Type(vec![Type::new(one)?]),
            },
            "enum" => Self::Words(texts(value)?),
            "const" => Self::Words(vec![value.as_str()?.into()]),
            "pattern" => Self::Pattern(pattern::fits(value.as_str()?)?),
            "minLength" => Self::MinLength(count()?),
            "maxLength" => Self::MaxLength(count()?),
            "minimum" => Self::Minimum(value.as_i64()?),
            "maximum" => Self::Maximum(value.as_i64()?),
            "minItems" => Self::MinItems(count()?),
            "uniqueItems" => Some(Self::Unique).filter(|_| *value == Json::Bool(true))?,
            "items" => Self::Items(Sieve::new(value)),
            "contains" => Self::Contains(Sieve::new(value)),
            "minProperties" => Self::MinProperties(count()?),
            "maxProperties" => Self::MaxProperties(count()?),
            "required" => Self::Required(texts(value)?),
            "propertyNames" => Self::Names(Sieve::new(value)),
            "additionalProperties" => Self::members(schema.get("properties"), value)?,
            "if" => Self::If { condition: Sieve::new(value), then: beside("then"), otherwise: beside("else") },
            "anyOf" => Self::AnyOf(list()?),
            "oneOf" => Self::OneOf(list()?),
            _ => return None,
        })
    }

    fn members(properties: Option<&Json>, others: &Json) -> Option<Self> {
        let properties = properties.map(|properties| properties.as_object()).unwrap_or_default();
        let mut known: Vec<(Text, Sieve)> =
            properties.into_iter().flatten().map(|(name, schema)| (Text::from(name.as_str()), Sieve::new(schema))).collect();
        known.sort_by(|(a, _), (b, _)| a.cmp(b));
        Some(Self::Members { known, others: Sieve::new(others) })
    }

    fn judge(&self, node: &Node) -> Verdict {
        let text = |holds: &dyn Fn(&str) -> Verdict| node.as_str().map_or(Some(true), holds);
        let number = |holds: &dyn Fn(i64) -> bool| match node.kind {
            NodeKind::Integer(number) => Some(holds(number)),
            NodeKind::Number(_) => None,
            _ => Some(true),
        };
        let is_mapping = matches!(node.kind, NodeKind::Mapping(_));
        let is_list = matches!(node.kind, NodeKind::Sequence(_));
        match self {
            Self::Type(types) => any(types.iter().map(|kind| kind.judge(node))),
            Self::Words(words) => match &node.kind {
                NodeKind::String(text) => Some(words.contains(text)),
                _ => Some(false),
            },
            Self::Pattern(fits) => text(&|text| fits(text)),
            Self::MinLength(least) => text(&|text| Some(text.chars().take(*least).count() == *least)),
            // There are at least as many bytes as characters.
            Self::MaxLength(most) => text(&|text| Some(text.len() <= *most || text.chars().count() <= *most)),
            Self::Minimum(least) => number(&|number| number >= *least),
            Self::Maximum(most) => number(&|number| number <= *most),
            Self::MinItems(least) => Some(!is_list || node.items().len() >= *least),
            Self::Unique => unique(node.items()),
            Self::Items(items) => all(node.items().iter().map(|item| items.judge(item))),
            Self::Contains(wanted) if is_list => any(node.items().iter().map(|item| wanted.judge(item))),
            Self::MinProperties(least) => Some(!is_mapping || node.entries().len() >= *least),
            Self::MaxProperties(most) => Some(!is_mapping || node.entries().len() <= *most),
            Self::Required(keys) if is_mapping => Some(keys.iter().all(|key| node.entry(key).is_some())),
            Self::Names(names) => all(node.entries().iter().map(|entry| {
                let key = Node { span: entry.key_span, kind: NodeKind::String(entry.key.clone()) };
                names.judge(&key)
            })),
            Self::Members { known, others } => all(node.entries().iter().map(|entry| {
                let at = known.binary_search_by(|(name, _)| name.as_str().cmp(&entry.key));
                at.map_or(others, |at| &known[at].1).judge(&entry.value)
            })),
            Self::If { condition, then, otherwise } => if condition.judge(node)? { then } else { otherwise }.judge(node),
            Self::AnyOf(sieves) => any(sieves.iter().map(|sieve| sieve.judge(node))),
            Self::OneOf(sieves) => one(sieves.iter().map(|sieve| sieve.judge(node))),
            Self::Contains(_) | Self::Required(_) => Some(true),
            Self::Never => Some(false),
            Self::Unknown => None,
        }
    }
}

impl Type {
    fn new(word: &Json) -> Option<Self> {
        Some(match word.as_str()? {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }

    fn judge(self, node: &Node) -> Verdict {
        Some(match node.kind {
            NodeKind::Null => self == Self::Null,
            NodeKind::Bool(_) => self == Self::Boolean,
            NodeKind::Integer(_) => matches!(self, Self::Integer | Self::Number),
            // `1.0` and `1e3` are whole numbers to JSON Schema.
            NodeKind::Number(_) if self == Self::Integer => return None,
            NodeKind::Number(_) => self == Self::Number,
            NodeKind::String(_) => self == Self::String,
            NodeKind::Sequence(_) => self == Self::Array,
            NodeKind::Mapping(_) => self == Self::Object,
            NodeKind::Refused => return None,
        })
    }
}

/// Whether all items differ; nothing is said about lists of anything but texts and usual numbers.
fn unique(items: &[Node]) -> Verdict {
    if items.len() < 2 {
        return Some(true);
    }
    let (mut texts, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for item in items {
        let is_new = match &item.kind {
            NodeKind::String(text) => texts.insert(text),
            NodeKind::Integer(number) => numbers.insert(*number),
            _ => return None,
        };
        if !is_new {
            return Some(false);
        }
    }
    Some(true)
}

fn texts(list: &Json) -> Option<Vec<Text>> {
    list.as_array()?.iter().map(|word| Some(word.as_str()?.into())).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use deskform_testkit::golden::texts;

    use super::*;
    use crate::document::{Entry, parse};
    use crate::schema::{ManifestKind, header, json_schema};
    use crate::source::SourceId;

    /// The most documents of one kind that are mutated.
    const MUTATED: usize = 12;

    fn all_documents() -> Vec<(ManifestKind, Node)> {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let texts = ["crates/model/tests", "examples"].into_iter().flat_map(|folder| texts(&repository.join(folder), ".yaml"));
        let roots = texts.flat_map(|text| parse(SourceId(0), &text).documents).map(|document| document.root);
        roots.filter_map(|root| Some((header(&root).ok()?, root))).collect()
    }

    /// The value at this position, counted from the outside in.
    fn nth<'a>(node: &'a mut Node, at: &mut usize) -> Option<&'a mut Node> {
        if *at == 0 {
            return Some(node);
        }
        *at -= 1;
        match &mut node.kind {
            NodeKind::Sequence(items) => items.iter_mut().find_map(|item| nth(item, at)),
            NodeKind::Mapping(entries) => entries.iter_mut().find_map(|entry| nth(&mut entry.value, at)),
            _ => None,
        }
    }

    /// The document with each of its values replaced by each of some others, and with each key taken away.
    fn mutants(root: &Node) -> Vec<Node> {
        let others = "[null, true, 0, 1, -7, 10000000000, 001, 2.0, 1.5, '', x, '7', 早, '2026-12-01', '09:00', ' ', field_1, absent,\n\
                      [], [1, 1], [1, '1'], [a, a], [{}], [2.0, 2], [x, {labels: {a: b}}], {}, {env: X}, {env: X, file: y}, {x: y},\n\
                      {field_1: x}, {field_1: [{fileName: a, fileUrl: 'http://x'}]}, {field_1: [a, {}]}, {ensure: absent}, {\"\": a}]";
        let others = parse(SourceId(0), others).documents.remove(0).root;
        let mut mutants = Vec::new();
        for at in 0.. {
            let Some(value) = nth(&mut root.clone(), &mut at.clone()).map(|value| value.clone()) else { return mutants };
            let lacking = (0..value.entries().len()).map(|gone| {
                let rest = value.entries().iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, entry)| entry.clone());
                NodeKind::Mapping(rest.collect::<Vec<Entry>>())
            });
            for kind in others.items().iter().map(|other| other.kind.clone()).chain(lacking) {
                let mut mutant = root.clone();
                if let Some(place) = nth(&mut mutant, &mut at.clone()) {
                    place.kind = kind;
                }
                mutants.push(mutant);
            }
        }
        mutants
    }

    #[test]
    fn a_certain_verdict_is_that_of_the_validator() {
        let mut met: BTreeMap<ManifestKind, usize> = BTreeMap::new();
        let (mut yes, mut no, mut nothing) = (0, 0, 0);
        for (kind, root) in all_documents() {
            let compiled = kind.compiled();
            let met = met.entry(kind).or_default();
            *met += 1;
            let mutants = if *met <= MUTATED { mutants(&root) } else { Vec::new() };
            for document in [root].iter().chain(&mutants) {
                let json = document.to_json();
                let Some(verdict) = compiled.sieve.judge(document) else {
                    nothing += 1;
                    continue;
                };
                assert_eq!(verdict, compiled.explaining().1.is_valid(&json), "{kind:?}: {json:#}");
                *if verdict { &mut yes } else { &mut no } += 1;
            }
        }
        assert_eq!(met.len(), ManifestKind::ALL.len(), "{met:?}");
        assert!(yes > 2_000 && no > 20_000 && nothing < (yes + no) / 10, "{yes} are valid, {no} are not, {nothing} are uncertain");
    }

    #[test]
    fn every_keyword_of_every_schema_is_known() {
        for kind in ManifestKind::ALL {
            let rules = format!("{:?}", Sieve::new(&json_schema(kind)));
            assert!(!rules.contains("Unknown"), "{kind:?}: {rules}");
        }
    }

    #[test]
    fn a_keyword_that_is_not_known_leaves_the_verdict_to_the_validator() {
        let node = parse(SourceId(0), "x").documents.remove(0).root;
        for schema in [r#"{"not": {}}"#, r#"{"pattern": "^y"}"#, r#"{"maxLength": 1.5}"#, r#"{"enum": [1]}"#] {
            assert_eq!(Sieve::new(&serde_json::from_str(schema).expect("JSON")).judge(&node), None, "{schema}");
        }
    }
}
