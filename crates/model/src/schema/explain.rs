//! From a validator's error to a finding that says what to write instead.
//!
//! A validator knows values and schemas, not YAML: places, raw spellings and "did you mean" come from the tree and from the schema around
//! the keyword that failed. What stands under a schema with `writeOnly` is a secret or beside one: it is never repeated.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Failure;
use serde_json::Value as Json;

use super::{form, nearest};
use crate::Text;
use crate::codec::quote;
use crate::diagnostic::{Diagnostic, Shape};
use crate::document::{Node, NodeKind};
use crate::source::Span;

/// Appends what `error` means; one error may be several findings (three unknown keys).
pub(super) fn explain(schema: &Json, root: &Node, error: &ValidationError<'_>, findings: &mut Vec<Diagnostic>) {
    let place = Place::new(schema, root, error);
    match error.kind() {
        Failure::AdditionalProperties { unexpected } => {
            for key in unexpected.iter().take(super::MAX_FINDINGS) {
                place.unknown_key(key, findings);
            }
        }
        Failure::Required { property } => {
            let field = property.as_str().unwrap_or_default();
            let example = place.example(schema, field);
            place.report(Shape::MissingField { field: field.into(), parent: place.parent(), example }, place.key_span, findings);
        }
        Failure::Type { .. } => place.wrong_type(findings),
        Failure::Constant { expected_value } => place.bad_value(&[expected_value], findings),
        Failure::Enum { options } => place.bad_value(&options.as_array().into_iter().flatten().collect::<Vec<_>>(), findings),
        Failure::Pattern { pattern } => {
            // An empty text that is required is reported as empty; a type that has no pattern is the type's problem.
            if !place.node.as_str().is_some_and(str::is_empty) || place.around["minLength"].is_null() {
                place.bad_form(pattern, findings);
            }
        }
        Failure::MaxLength { limit } => {
            let length = place.node.as_str().map_or(0, |text| text.chars().count());
            place.report(Shape::TooLong { field: place.field(), length, max: *limit }, place.node.span, findings);
        }
        Failure::MinLength { .. } | Failure::MinItems { .. } | Failure::MinProperties { .. } => {
            place.report(Shape::Empty { field: place.field() }, place.node.span, findings);
        }
        Failure::MaxProperties { .. } => place.exactly_one(place.known_keys(), findings),
        Failure::Minimum { .. } | Failure::Maximum { .. } | Failure::ExclusiveMinimum { .. } | Failure::ExclusiveMaximum { .. } => {
            place.out_of_range(findings);
        }
        Failure::UniqueItems => place.report(Shape::Repeated { field: place.field() }, place.repeated(), findings),
        Failure::PropertyNames { error } => place.bad_key(error, findings),
        Failure::OneOfNotValid { context } | Failure::OneOfMultipleValid { context } | Failure::AnyOf { context } => {
            place.alternatives(schema, root, error, context, findings);
        }
        _ => place.bad_form("", findings),
    }
}

/// Where an error is: in the tree and in the schema.
struct Place<'a> {
    node: &'a Node,
    /// The names of the mappings around it and its own; a list's index is none.
    path: Vec<Text>,
    /// The key of the value, or the value where it has none.
    key_span: Span,
    /// Whether it stands in a list.
    item: bool,
    /// The schema that holds the keyword that failed.
    around: &'a Json,
    /// Whether secrets are near.
    secret: bool,
}

impl<'a> Place<'a> {
    fn new(schema: &'a Json, root: &'a Node, error: &ValidationError<'_>) -> Self {
        let pointer = error.instance_path().as_str();
        let node = root.pointer(pointer).unwrap_or(root);
        let mut path = Vec::new();
        let mut key_span = root.entries().first().map_or(root.span, |entry| entry.key_span);
        let (mut at, mut item) = (root, false);
        for (end, _) in pointer.match_indices('/').skip(1).chain([(pointer.len(), "")]) {
            let Some(next) = root.pointer(&pointer[..end]).filter(|_| end > 0) else { continue };
            item = matches!(at.kind, NodeKind::Sequence(_));
            match root.pointer_entry(&pointer[..end]) {
                Some(entry) => {
                    path.push(entry.key.clone());
                    key_span = entry.key_span;
                }
                None => key_span = next.span,
            }
            at = next;
        }
        let keyword = error.schema_path().as_str();
        let around = keyword.rsplit_once('/').and_then(|(around, _)| schema.pointer(around)).unwrap_or(&Json::Null);
        let secret = keyword
            .match_indices('/')
            .filter_map(|(end, _)| schema.pointer(&keyword[..end]))
            .any(|around| around["writeOnly"] == Json::Bool(true));
        Self { node, path, key_span, item, around, secret }
    }

    fn report(&self, problem: Shape, at: Span, findings: &mut Vec<Diagnostic>) {
        let problem = if self.secret { problem.guarded() } else { problem };
        findings.push(Diagnostic::shape(problem, at));
    }

    /// What the value is called.
    fn field(&self) -> Text {
        match self.path.last() {
            Some(name) if self.item => format!("an item of {name}").into(),
            Some(name) => name.clone(),
            None => "the document".into(),
        }
    }

    /// What a mapping that lacks a key is called; empty for the document.
    fn parent(&self) -> Text {
        if self.path.is_empty() { Text::default() } else { self.field() }
    }

    /// What a missing key could hold, from the schema that describes it. That one need not be the schema which requires the key
    /// (`else`), so that the way to it is taken from the tree.
    fn example(&self, schema: &Json, field: &str) -> Option<String> {
        let mut described = &self.around["properties"][field];
        if described.is_null() {
            let outer = self.path.iter().try_fold(schema, |schema, step| schema["properties"].get(step.as_str()))?;
            described = &outer["properties"][field];
        }
        if described["writeOnly"] == Json::Bool(true) {
            return Some(format!("{field}: {{env: NAME}}"));
        }
        let example = described.get("const").or_else(|| described["examples"].get(0)).or_else(|| described["enum"].get(0))?;
        Some(format!("{field}: {example}"))
    }

    /// The value as it may be repeated.
    fn value(&self) -> Option<Text> {
        if self.secret { None } else { self.node.scalar_text() }
    }

    fn known_keys(&self) -> Vec<Text> {
        self.around["properties"].as_object().into_iter().flatten().map(|(key, _)| Text::from(key.as_str())).collect()
    }

    fn unknown_key(&self, key: &str, findings: &mut Vec<Diagnostic>) {
        let known = self.known_keys();
        let nearest: Option<Text> = nearest(key, known.iter().map(Text::as_str)).map(Into::into);
        let at = self.node.entry(key).map_or(self.node.span, |entry| entry.key_span);
        let guard = sounds_secret(key) || nearest.as_deref().is_some_and(sounds_secret);
        // In a secret's mapping the key may be the secret: `password: {hunter2}`.
        let key = if self.secret && key != "command" { "this key" } else { key };
        let problem = Shape::UnknownKey { key: key.into(), nearest, known };
        self.report(if guard { problem.guarded() } else { problem }, at, findings);
    }

    fn wrong_type(&self, findings: &mut Vec<Diagnostic>) {
        let expected = types(self.around);
        let field = self.field();
        if !matches!(self.node.kind, NodeKind::Mapping(_) | NodeKind::Null) && self.around["writeOnly"] == Json::Bool(true) {
            let forms = if self.around["properties"]["command"].is_null() {
                "{env: NAME}, {file: path} or {age: path}"
            } else {
                "{env: NAME}, {file: path} or {command: [program, argument]}"
            };
            return self.report(Shape::LiteralSecret { field, forms }, self.node.span, findings);
        }
        if self.node.is_null() {
            return self.report(Shape::Null { field }, self.node.span, findings);
        }
        let words: Vec<&str> = expected.iter().filter(|expected| **expected != "null").map(|expected| type_word(expected)).collect();
        let problem = Shape::WrongType { field, expected: words.join(" or "), found: self.found(), fix: self.fix(&expected) };
        self.report(problem, self.node.span, findings);
    }

    /// What is there, in words.
    fn found(&self) -> String {
        match &self.node.kind {
            _ if self.secret => "that".into(),
            NodeKind::Null | NodeKind::Refused => "null".into(),
            NodeKind::Bool(flag) => flag.to_string(),
            NodeKind::Integer(number) => format!("the number {number}"),
            NodeKind::Number(raw) => format!("the number {raw}"),
            NodeKind::String(text) => format!("the text {}", quote(&text.chars().take(40).collect::<String>())),
            NodeKind::Sequence(_) => "a list".into(),
            NodeKind::Mapping(_) => "a mapping".into(),
        }
    }

    /// What to write instead.
    fn fix(&self, expected: &[&str]) -> Option<String> {
        let wants = |name: &str| expected.contains(&name);
        match &self.node.kind {
            _ if self.secret => None,
            NodeKind::Integer(number) if wants("string") => Some(self.as_text(&number.to_string())),
            NodeKind::Number(raw) if wants("string") => Some(self.as_text(raw)),
            NodeKind::Bool(flag) if wants("string") => Some(self.as_text(&flag.to_string())),
            NodeKind::String(_) | NodeKind::Integer(_) if wants("boolean") => Some("write true or false".into()),
            NodeKind::String(text) if wants("integer") && text.parse::<i64>().is_ok() => Some(format!("write it without quotes: {text}")),
            NodeKind::String(_) | NodeKind::Integer(_) | NodeKind::Number(_) if wants("array") => {
                Some(format!("write a list: [{}]", self.node.scalar_text()?))
            }
            NodeKind::Mapping(_) | NodeKind::Sequence(_) if wants("string") => None,
            _ if wants("object") => {
                let keys = self.known_keys();
                (!keys.is_empty()).then(|| format!("write a mapping with {}", keys.join(", ")))
            }
            _ => None,
        }
    }

    /// What to write instead of something that would be text in quotes: quotes alone must not be the next mistake.
    fn as_text(&self, raw: &str) -> String {
        let words: Vec<&str> = self.around["enum"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let pattern = self.around["pattern"].as_str().unwrap_or_default();
        if !words.is_empty() && !words.contains(&raw) {
            format!("one of {}", words.join(", "))
        } else if form::misses(pattern, raw) {
            form::of(pattern).fix(Some(raw))
        } else if self.known_keys().iter().any(|key| key == "id") {
            format!("quote a name, \"{raw}\"; a number of the helpdesk is {{id: {raw}}}")
        } else {
            format!("quote it: \"{raw}\"")
        }
    }

    fn bad_value(&self, options: &[&Json], findings: &mut Vec<Diagnostic>) {
        let typed = self.around["type"].as_str().is_some();
        if self.node.is_null() {
            // The type says so as well, where there is one.
            if !typed {
                self.report(Shape::Null { field: self.field() }, self.node.span, findings);
            }
            return;
        }
        if typed && self.node.as_str().is_none() {
            return;
        }
        let options: Vec<Text> =
            options.iter().map(|option| option.as_str().map_or_else(|| option.to_string().into(), Text::from)).collect();
        let value = self.value();
        let nearest = value.as_deref().and_then(|value| nearest(value, options.iter().map(Text::as_str))).map(Into::into);
        let value = value.or_else(|| (!self.secret).then(|| self.found().into()));
        self.report(Shape::BadValue { field: self.field(), value, options, nearest }, self.node.span, findings);
    }

    fn bad_form(&self, pattern: &str, findings: &mut Vec<Diagnostic>) {
        let (value, form) = (self.value(), form::of(pattern));
        let fix = form.fix(value.as_deref());
        let problem = Shape::BadForm { field: self.field(), value, wanted: form.wanted.into(), fix };
        self.report(problem, self.node.span, findings);
    }

    /// A key that does not look as keys here must.
    fn bad_key(&self, error: &ValidationError<'_>, findings: &mut Vec<Diagnostic>) {
        let key = error.instance().as_str().unwrap_or_default();
        let at = self.node.entry(key).map_or(self.node.span, |entry| entry.key_span);
        let problem = match error.kind() {
            Failure::Pattern { pattern } => {
                let form = form::of(pattern);
                let field = format!("a key of {}", self.field()).into();
                Shape::BadForm { field, value: Some(key.into()), wanted: form.wanted.into(), fix: form.fix(Some(key)) }
            }
            Failure::MaxLength { limit } => {
                let length = key.chars().count();
                Shape::TooLong { field: format!("a key of {}", self.field()).into(), length, max: *limit }
            }
            Failure::AnyOf { context } => {
                let words = context
                    .iter()
                    .flatten()
                    .find_map(|error| if let Failure::Enum { options } = error.kind() { options.as_array() } else { None });
                let known: Vec<Text> = words.into_iter().flatten().filter_map(Json::as_str).map(Text::from).collect();
                let nearest: Option<Text> = nearest(key, known.iter().map(Text::as_str)).map(Into::into);
                Shape::UnknownKey { key: key.into(), nearest, known }
            }
            _ => Shape::Empty { field: format!("a key of {}", self.field()).into() },
        };
        self.report(problem, at, findings);
    }

    fn out_of_range(&self, findings: &mut Vec<Diagnostic>) {
        // What should be a whole number and is none has been told so.
        if types(self.around) == ["integer"] && self.node.to_json().as_f64().is_some_and(|number| number.fract() != 0.0) {
            return;
        }
        let limit = |keyword: &str| self.around[keyword].as_number().map(ToString::to_string);
        let wanted = match (limit("minimum"), limit("maximum")) {
            (Some(min), Some(max)) => format!("between {min} and {max}"),
            (Some(min), None) => format!("at least {min}"),
            (None, Some(max)) => format!("at most {max}"),
            (None, None) => "within its limits".into(),
        };
        self.report(Shape::OutOfRange { field: self.field(), wanted }, self.node.span, findings);
    }

    /// The first item that equals an earlier one.
    fn repeated(&self) -> Span {
        let items = self.node.items();
        let mut seen = std::collections::HashSet::new();
        items.iter().find(|item| !seen.insert(item.to_json().to_string())).map_or(self.node.span, |item| item.span)
    }

    fn exactly_one(&self, of: Vec<Text>, findings: &mut Vec<Diagnostic>) {
        self.report(Shape::ExactlyOne { field: self.field(), of }, self.node.span, findings);
    }

    /// Our schemas have two sorts of alternatives: which of several keys is given, and a list of words or a pattern.
    fn alternatives(
        &self,
        schema: &Json,
        root: &Node,
        error: &ValidationError<'_>,
        context: &[Vec<ValidationError<'static>>],
        findings: &mut Vec<Diagnostic>,
    ) {
        let branches = self.around[error.kind().keyword()].as_array().map(Vec::as_slice).unwrap_or_default();
        let keys: Vec<Text> = branches.iter().filter_map(|branch| branch["required"][0].as_str()).map(Text::from).collect();
        if !keys.is_empty() && keys.len() == branches.len() {
            if matches!(self.node.kind, NodeKind::Mapping(_)) {
                self.exactly_one(keys, findings);
            }
            return;
        }
        let words = context.iter().flatten().find(|error| matches!(error.kind(), Failure::Enum { .. }));
        match words.or_else(|| context.iter().flatten().next()) {
            Some(inner) => explain(schema, root, inner, findings),
            None => self.bad_form("", findings),
        }
    }
}

/// The types that a schema allows.
fn types(schema: &Json) -> Vec<&str> {
    match &schema["type"] {
        Json::String(one) => vec![one],
        Json::Array(several) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn type_word(name: &str) -> &str {
    match name {
        "string" => "text",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "array" => "a list",
        "object" => "a mapping",
        other => other,
    }
}

/// Whether what stands under such a key may be a secret.
pub(crate) fn sounds_secret(text: &str) -> bool {
    let text = text.to_lowercase();
    ["passw", "pwd", "secret", "token", "密码"].iter().any(|word| text.contains(word))
}
