//! References to people, one form everywhere: a name, `{account}`, `{id}`, or where several are meant `{labels}` (design.md section 2).

use serde_json::{Value as Json, json};

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
