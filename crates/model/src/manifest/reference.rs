//! References to people, one form everywhere: a name, `{account}`, `{id}`, or where several are meant `{labels}` (design.md section 2).

use serde_json::{Value as Json, json};

use super::{Context, Expansion};
use crate::document::{Entry, Node};
use crate::resource::Ensure;
use crate::source::Span;
use crate::{Person, Text, check};

/// For what people are looked up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Purpose {
    /// Only for days that are over: whoever has left is skipped (design.md section 2, last rule on shifts).
    pub(super) past: bool,
    /// To take something away from them, which is right for somebody who is taken away too.
    pub(super) removal: bool,
}

impl Purpose {
    /// For something that should be as `ensure` says.
    pub(super) fn of(ensure: Ensure) -> Self {
        Self { past: false, removal: ensure != Ensure::Present }
    }

    /// The same, for days that are all over or not.
    pub(super) fn in_past(self, past: bool) -> Self {
        Self { past, ..self }
    }
}

/// The person of a reference that means one, if there is such a person.
pub(super) fn one(node: &Node, purpose: Purpose, context: &Context<'_>, out: &mut Expansion) -> Option<Person> {
    if let Some(name) = node.as_text() {
        return named(name, node.span, purpose, context, out);
    }
    if let Some(account) = node.get("account") {
        let text = account.as_text()?;
        return match context.staff.with_account(text) {
            Some(member) => named(member.name, account.span, purpose, context, out),
            None => Some(Person::Account(text.clone())),
        };
    }
    node.get("id")?.scalar_text().map(Person::Id)
}

/// The people of a list of references and the reference that each of them comes from. Who is meant twice is there once.
pub(super) fn many(list: &Node, purpose: Purpose, context: &Context<'_>, out: &mut Expansion) -> Vec<(Person, Span)> {
    let mut people = Vec::new();
    for node in list.items() {
        match node.get("labels") {
            Some(labels) => people.extend(labelled(labels, purpose, context, out).into_iter().map(|person| (person, node.span))),
            None => people.extend(one(node, purpose, context, out).map(|person| (person, node.span))),
        }
    }
    // Most lists of single shifts name one person.
    if people.len() > 1 {
        let mut met = std::collections::HashSet::with_capacity(people.len());
        people.retain(|(person, _)| met.insert(person.clone()));
    }
    people
}

/// The declared support of this name. Reports one that does not exist or is taken away.
pub(super) fn named(name: &Text, at: Span, purpose: Purpose, context: &Context<'_>, out: &mut Expansion) -> Option<Person> {
    match context.staff.named(name) {
        Some(member) if member.ensure == Ensure::Present || purpose.removal => return Some(Person::Declared(name.clone())),
        _ if purpose.past => {}
        Some(member) => out.report(check::reference_to_removed::report(member, at)),
        None if context.staff.lacks(name) => out.report(check::unknown_support::report(name, at)),
        None => {}
    }
    None
}

fn labelled(node: &Node, purpose: Purpose, context: &Context<'_>, out: &mut Expansion) -> Vec<Person> {
    if node.is_refused() || node.entries().iter().any(|entry| entry.value.is_refused()) {
        return Vec::new();
    }
    let pair = |entry: &Entry| Some((entry.key.clone(), entry.value.as_text()?.clone()));
    let pairs: Vec<(Text, Text)> = node.entries().iter().filter_map(pair).collect();
    let people: Vec<Person> =
        context.staff.with_labels(&pairs, purpose.removal).into_iter().map(|member| Person::Declared(member.name.clone())).collect();
    if people.is_empty() && !purpose.past && !purpose.removal && context.staff.knows_labels() {
        out.report(check::labels_match_nobody::report(&pairs, context.staff, node.span));
    }
    if !purpose.past {
        out.used_labels.extend(pairs);
    }
    people
}

/// The schema of a reference to one person (`spec.support` of an agent).
///
/// A union of types rather than of schemas: a validator then says what is wrong inside the object instead of "none of these match".
pub(crate) fn one_schema() -> Json {
    schema(
        json!({ "account": account(), "id": id() }),
        "One person: the metadata.name of a Support, or {account} or {id} for somebody whom no manifest declares.",
        json!(["zhang-san", { "account": "13900000001" }, { "id": 123 }]),
    )
}

/// The schema of a list of references, each to one person or, by labels, to several.
pub(crate) fn many_schema() -> Json {
    json!({
        "type": "array",
        "minItems": 1,
        "description": "The people who are meant.",
        "items": schema(
            json!({ "account": account(), "id": id(), "labels": labels() }),
            "The metadata.name of a Support; {account} or {id} for somebody whom no manifest declares; {labels} for every Support that carries them all.",
            json!(["zhang-san", { "account": "13900000001" }, { "id": 123 }, { "labels": { "team": "tier1" } }]),
        ),
        "examples": [["zhang-san", { "labels": { "team": "tier1" } }]],
    })
}

fn schema(properties: Json, description: &str, examples: Json) -> Json {
    json!({
        "type": ["string", "object"],
        "minLength": 1,
        "minProperties": 1,
        "maxProperties": 1,
        "properties": properties,
        "additionalProperties": false,
        "description": description,
        "examples": examples,
    })
}

fn account() -> Json {
    json!({ "type": "string", "minLength": 1, "maxLength": 255, "description": "Login name on the helpdesk (sPassportName)." })
}

fn id() -> Json {
    json!({
        "type": ["integer", "string"],
        "minimum": 1,
        "pattern": "^[0-9]+$",
        "description": "The helpdesk's number of the person (sId).",
    })
}

fn labels() -> Json {
    json!({
        "type": "object",
        "minProperties": 1,
        "additionalProperties": { "type": "string", "minLength": 1 },
        "description": "Label pairs; a Support is meant when it carries all of them.",
    })
}
