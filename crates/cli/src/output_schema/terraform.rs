//! The part of a plan that follows Terraform's representation ([`crate::saved`]).

use deskform_model::Kind;
use deskform_model::codec::Codec;
use serde_json::{Map, Value as Json, json};

use super::{address, code, described, kind, object, refer, text};

/// One entry of `resource_changes` and `resource_drift`.
pub(super) fn resource_change() -> Json {
    let mut schema = object([
        ("address", address()),
        ("previous_address?", described(address(), "What the same object was called before.")),
        ("mode", json!({ "const": "managed" })),
        ("type", kind()),
        ("name", described(text(), "The label: what the address says behind the kind.")),
        ("provider_name", json!({ "const": "deskform" })),
        ("change", refer("change")),
        ("action_reason?", code(&["replace_because_cannot_update", "replace_by_request", "delete_because_no_resource_config"])),
    ]);
    schema["properties"]["action_reason"]["pattern"] = "^[a-z_]+$".into();
    let of_kind = |kind: Kind| {
        let attributes = json!({ "anyOf": [{ "type": "null" }, refer(attributes_name(kind))] });
        json!({
            "if": { "properties": { "type": { "const": kind.word() } } },
            "then": { "properties": { "change": { "properties": { "before": attributes, "after": attributes } } } },
        })
    };
    schema["allOf"] = Kind::ALL.into_iter().map(of_kind).collect();
    schema
}

/// What an entry changes.
pub(super) fn change() -> Json {
    let marks = |description: &str| described(json!({ "type": "object", "additionalProperties": { "const": true } }), description);
    let attributes = |description: &str| described(json!({ "type": ["object", "null"] }), description);
    object([
        (
            "actions",
            json!({
                "enum": [["create"], ["update"], ["delete"], ["no-op"], ["forget"], ["delete", "create"], ["create", "delete"]],
                "description": "Two stand for a replacement, in their order. Coming back from the recycle bin is a creation.",
            }),
        ),
        ("before", attributes("What is there, as far as it is known; null when there is nothing.")),
        ("after", attributes("What will be there; null when there will be nothing.")),
        ("after_unknown", marks("Attributes that are known only afterwards: the id of what is made.")),
        ("before_sensitive", marks("Attributes of `before` that stand for a secret.")),
        ("after_sensitive", marks("Attributes of `after` that stand for a secret.")),
        ("importing?", described(object([("id", text())]), "It exists and is taken over; the platform's id.")),
    ])
}

/// The name of a kind's attributes among the definitions.
pub(super) const fn attributes_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Support => "supportAttributes",
        Kind::Permission => "permissionAttributes",
        Kind::Shift => "shiftAttributes",
        Kind::Agent => "agentAttributes",
    }
}

/// The attributes of a kind: its fields and the platform's id. A field that is not there is not managed; null is empty or not known.
pub(super) fn attributes(kind: Kind) -> Json {
    let id = "The platform's id; several duties of one night are joined with a comma.";
    let mut properties = Map::from_iter([("id".to_owned(), described(text(), id))]);
    let mut schema = json!({ "type": "object", "additionalProperties": false });
    for field in kind.fields() {
        let attribute = match field.codec {
            Codec::Custom => {
                let pattern = format!(r"^{}\.field_[0-9]+$", field.name);
                schema["patternProperties"] = json!({ pattern: described(custom(), field.doc) });
                continue;
            }
            Codec::Number { .. } => json!({ "type": ["integer", "null"] }),
            Codec::Flag { .. } => json!({ "type": ["boolean", "null"] }),
            Codec::IdSet => json!({ "type": ["array", "null"], "items": text() }),
            Codec::Secret { .. } => json!({
                "type": ["object", "null"],
                "additionalProperties": false,
                "properties": { "version": { "type": "integer", "minimum": 0 } },
            }),
            Codec::Text { .. } | Codec::Lines { .. } | Codec::Choice(_) | Codec::Time | Codec::Sip => json!({ "type": ["string", "null"] }),
        };
        properties.insert(field.name.to_owned(), described(attribute, field.doc));
    }
    schema["properties"] = properties.into();
    schema
}

fn custom() -> Json {
    let file = object([("fileName", text()), ("fileUrl", text())]);
    json!({ "type": ["string", "array", "null"], "items": { "anyOf": [text(), file] } })
}
