//! JSON Schemas (draft 2020-12) of what commands write, for whoever reads it: plans, reports, findings, ledgers.
//!
//! Names of members and their types are exact: what a document holds and the schema does not know is a mistake of the schema, and a test
//! validates real documents. Codes (reasons, notes, refusals, brakes) are open: later versions have more of them. Fields of the four kinds
//! come from the field tables.

mod apply;
mod findings;
mod ledger;
mod plan;
mod rotation;
mod terraform;

use crate::view::drift_json;
use deskform_model::Kind;
use serde_json::{Map, Value as Json, json};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The generated files: name and text.
pub fn files() -> Vec<(String, String)> {
    let schemas = [
        ("output-apply", apply::document()),
        ("output-ledger", ledger::document()),
        ("output-rotate-password", rotation::document()),
        ("output-validate", findings::document()),
        ("plan", plan::document()),
        ("report", apply::report()),
    ];
    let drift = ("output-drift.schema.json".to_owned(), drift_json::SCHEMA.to_owned());
    schemas.into_iter().map(|(name, schema)| (format!("{name}.schema.json"), format!("{schema:#}\n"))).chain([drift]).collect()
}

/// A whole file: a root schema with a title and what it refers to.
fn file(title: &str, description: &str, root: Json, definitions: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    let mut schema = json!({ "$schema": DIALECT, "title": title, "description": description });
    if let (Some(schema), Json::Object(root)) = (schema.as_object_mut(), root) {
        schema.extend(root);
    }
    let definitions: Map<String, Json> = definitions.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    schema["$defs"] = definitions.into();
    schema
}

/// An object that has these members and no others; a name that ends with `?` may be missing.
fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    let required: Vec<&str> = members.iter().map(|(name, _)| *name).filter(|name| !name.ends_with('?')).collect();
    let properties: Map<String, Json> =
        members.iter().map(|(name, schema)| (name.trim_end_matches('?').to_owned(), schema.clone())).collect();
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

fn described(mut schema: Json, description: &str) -> Json {
    schema["description"] = description.into();
    schema
}

fn refer(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn list(items: Json) -> Json {
    json!({ "type": "array", "items": items })
}

fn text() -> Json {
    json!({ "type": "string" })
}

fn number() -> Json {
    json!({ "type": "integer", "minimum": 0 })
}

fn flag() -> Json {
    json!({ "type": "boolean" })
}

/// A member that stands there only when it is true.
fn mark() -> Json {
    json!({ "const": true })
}

/// A kebab-case key of which later versions may have more.
fn code(known: &[&str]) -> Json {
    json!({ "type": "string", "pattern": "^[a-z]+(-[a-z]+)*$", "examples": known })
}

fn address() -> Json {
    let kinds = Kind::ALL.map(Kind::word).join("|");
    described(json!({ "type": "string", "pattern": format!("^({kinds})/.+$") }), "What plans call an object: kind and label.")
}

fn kind() -> Json {
    json!({ "enum": Kind::ALL.map(Kind::word) })
}

/// Numbers per kind.
fn per_kind(description: &str) -> Json {
    described(json!({ "type": "object", "propertyNames": kind(), "additionalProperties": number() }), description)
}

fn moment() -> Json {
    json!({ "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$" })
}

fn date() -> Json {
    json!({ "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$" })
}

fn place() -> Json {
    described(
        object([
            ("path", described(text(), "From the project's folder.")),
            ("line", described(number(), "From 1.")),
            ("column", described(number(), "In characters, from 1.")),
        ]),
        "Where it is declared.",
    )
}

/// The ledger's form of one value.
fn value() -> Json {
    let texts = list(text());
    let pair = json!({ "type": "array", "prefixItems": [text(), text()], "minItems": 2, "maxItems": 2 });
    json!({
        "description": "A value in the ledger's form: sets, files and the versions of secrets are objects of one member.",
        "anyOf": [
            { "type": ["null", "string", "integer", "boolean"] },
            texts,
            object([("set", texts.clone())]),
            object([("files", list(pair))]),
            object([("secretVersion", number())]),
        ],
    })
}

/// The ledger's form of the values of one object, by field.
fn values(description: &str) -> Json {
    described(json!({ "type": "object", "additionalProperties": refer("value") }), description)
}
