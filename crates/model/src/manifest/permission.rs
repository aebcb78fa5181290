//! Permission manifests: one module for several people.

use serde_json::{Value as Json, json};

use super::reference::{self, Purpose};
use super::{Context, Expansion, Header, lifecycle};
use crate::document::Node;
use crate::field::FieldKey;
use crate::kind::{Kind, Module};
use crate::resource::{Ensure, Resource};
use crate::{Address, NaturalKey, Text, Value, Values};

/// Adds one resource for each person. Who is named twice, by name and by label, is the same person once.
pub(super) fn expand(header: &Header<'_>, context: &Context<'_>, out: &mut Expansion) {
    let lifecycle = lifecycle::read(Kind::Permission, header, out);
    let Some(supports) = header.spec("supports") else { return };
    let people = reference::many(supports, Purpose::of(header.ensure), context, out);
    let Some(module) = header.spec("module").and_then(Node::as_str).and_then(Module::from_word) else { return };
    let enabled = header.spec("enabled");
    let key = FieldKey::Known(0);
    let mut values = Values::new();
    if header.ensure == Ensure::Present {
        values.insert(key.clone(), Value::Flag(enabled.and_then(Node::as_bool).unwrap_or(true)));
    }
    let field_spans: Box<[_]> = enabled.map(|node| (key, node.span)).into_iter().collect();
    for (person, origin) in people {
        let resource = Resource {
            address: Address::permission(&person, module),
            key: NaturalKey::Permission { person, module },
            title: Text::default(),
            values: values.clone(),
            secret: None,
            support: None,
            lifecycle: lifecycle.clone(),
            origin,
            field_spans: field_spans.clone(),
        };
        out.add(resource, context);
    }
}

/// The schema of the `spec` of a Permission.
pub(crate) fn spec_schema() -> Json {
    let enabled = &Kind::Permission.fields()[0];
    let mut switch = enabled.codec.schema();
    switch["description"] = json!(enabled.description());
    switch["default"] = json!(true);
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["supports", "module"],
        "properties": {
            "supports": reference::many_schema(),
            "module": {
                "type": "string",
                "enum": Module::ALL.map(Module::word),
                "description": "What is opened. API field: mType.",
                "examples": ["callCenter"],
            },
            "enabled": switch,
        },
        "examples": [{ "supports": ["zhang-san", { "labels": { "channel": "voice" } }], "module": "callCenter", "enabled": true }],
    })
}
