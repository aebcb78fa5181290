//! JSON Schema (draft 2020-12) of every kind, from the field tables, and the files that editors use.

use serde_json::{Map, Value as Json, json};

use super::{API_VERSION, ManifestKind};
use crate::document;
use crate::field::{CLEARABLE, Field, KEY, REQUIRED};
use crate::kind::{Kind, support};
use crate::manifest::{agent_set, permission, reference, release, schedule};
use crate::project;
use crate::source::SourceId;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// `metadata.name`: letters of any script with their marks.
/// Without a count: sixty-three times all letters of the world make a pattern that takes longer to compile than a project to check.
const NAME: &str = r"^[\p{L}\p{M}\p{N}._-]+$";

/// The schema of a whole document of one kind.
pub fn document(kind: ManifestKind) -> Json {
    let (doc, spec) = match kind {
        ManifestKind::Project => return project::json_schema(),
        ManifestKind::Support => ("A member of staff on the helpdesk.", fields(Kind::Support)),
        ManifestKind::Agent => {
            let mut spec = fields(Kind::Agent);
            spec["properties"]["support"] = reference::one_schema();
            ("A phone seat of the call centre.", spec)
        }
        ManifestKind::AgentSet => ("Seats of the call centre that are nearly alike.", agent_set::spec_schema()),
        ManifestKind::Permission => ("A module that is switched on or off for people.", permission::spec_schema()),
        ManifestKind::Schedule => ("When people work: a roster, single shifts, or both.", schedule::spec_schema()),
        ManifestKind::Release => ("Lets a plan pass one brake, for a stated number and time.", release::spec_schema()),
    };
    let mut schema = json!({
        "$schema": DIALECT,
        "title": kind.word(),
        "description": doc,
        "type": "object",
        "additionalProperties": false,
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": { "const": API_VERSION, "description": "Version of the format." },
            "kind": { "const": kind.word() },
            "metadata": metadata(),
            "spec": spec,
        },
    });
    if kind.resources().is_some() {
        schema["properties"]["lifecycle"] = lifecycle(kind);
    }
    let required = kind.resources().map(required_beside_key).unwrap_or_default();
    if !required.is_empty() && matches!(kind, ManifestKind::Support | ManifestKind::Agent) {
        // What should go away or be left alone needs to be known by its key only.
        schema["if"] = json!({
            "required": ["lifecycle"],
            "properties": { "lifecycle": { "required": ["ensure"], "properties": { "ensure": { "enum": ["absent", "released"] } } } },
        });
        schema["else"] = json!({ "properties": { "spec": { "required": required } } });
    }
    schema
}

/// The generated files: name and text. One per kind, and one for editors that know files only, not kinds.
pub fn files() -> Vec<(String, String)> {
    let mut files: Vec<_> = ManifestKind::ALL
        .into_iter()
        .map(|kind| (format!("{}.schema.json", kind.word().to_lowercase()), document(kind)))
        .chain([("deskform.schema.json".to_owned(), combined())])
        .map(|(name, schema)| (name, format!("{schema:#}\n")))
        .collect();
    files.sort();
    files
}

/// All kinds in one schema. It dispatches on `kind` with if/then, so that an editor speaks of the one kind that is meant.
fn combined() -> Json {
    let mut definitions = Map::new();
    let mut branches = Vec::new();
    for kind in ManifestKind::ALL {
        let mut schema = document(kind);
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("$schema");
        }
        definitions.insert(kind.word().to_owned(), schema);
        branches.push(json!({
            "if": { "required": ["kind"], "properties": { "kind": { "const": kind.word() } } },
            "then": { "$ref": format!("#/$defs/{}", kind.word()) },
        }));
    }
    json!({
        "$schema": DIALECT,
        "title": "deskform",
        "description": "Any deskform document.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {
            "apiVersion": { "const": API_VERSION },
            "kind": { "enum": ManifestKind::ALL.map(ManifestKind::word) },
        },
        "allOf": branches,
        "$defs": definitions,
    })
}

/// The schema of `metadata`.
pub(crate) fn metadata() -> Json {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["name"],
        "properties": {
            "name": {
                "type": "string",
                "pattern": NAME,
                "maxLength": 63,
                "description": "1 to 63 letters of any script, digits, \"-\", \"_\" or \".\"; unique per kind.",
                "examples": ["zhang-san", "张三"],
            },
            "labels": {
                "type": "object",
                "propertyNames": { "minLength": 1 },
                "additionalProperties": { "type": "string", "minLength": 1 },
                "description": "Pairs by which references choose people.",
                "examples": [{ "team": "tier1", "channel": "voice" }],
            },
        },
    })
}

/// The schema of `lifecycle`.
pub(crate) fn lifecycle(kind: ManifestKind) -> Json {
    let mut properties = json!({
        "protect": { "type": "boolean", "default": false, "description": "Never delete it." },
        "ensure": {
            "type": "string",
            "enum": ["present", "absent", "released"],
            "default": "present",
            "description": "Absent deletes it, whoever made it; released stops managing it and keeps it. Both need only the natural key.",
        },
    });
    // A shift is one value and a permission one switch: there is nothing in them that could be left alone.
    if let Some(kind) = kind.resources().filter(|kind| matches!(kind, Kind::Support | Kind::Agent)) {
        properties["ignore"] = json!({
            "type": "array",
            "uniqueItems": true,
            "items": ignorable(kind),
            "description": "Fields that are set on create and then left alone.",
        });
    }
    if matches!(kind, ManifestKind::Support | ManifestKind::Agent | ManifestKind::AgentSet) {
        properties["replace"] = json!({
            "type": "string",
            "enum": ["allow", "refuse"],
            "default": "refuse",
            "description": "Whether delete-and-create is permitted when a fixed field changes.",
        });
    }
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "description": "How deskform treats it.",
    })
}

fn ignorable(kind: Kind) -> Json {
    let mut names: Vec<&str> = kind.fields().iter().filter(|field| !field.has(KEY)).map(|field| field.name).collect();
    // A section (`initialSkill`) stands for all its fields.
    let mut sections: Vec<&str> = names.iter().filter_map(|name| name.split_once('.')).map(|(section, _)| section).collect();
    sections.dedup();
    names.append(&mut sections);
    let known = json!({ "type": "string", "enum": names });
    if kind == Kind::Support {
        let custom = support::FIELDS[support::CUSTOM_FIELDS].name;
        json!({ "anyOf": [known, { "type": "string", "pattern": format!(r"^{custom}\.field_[0-9]+$") }] })
    } else {
        known
    }
}

fn required_beside_key(kind: Kind) -> Vec<&'static str> {
    kind.fields().iter().filter(|field| field.has(REQUIRED) && !field.has(KEY)).map(|field| field.name).collect()
}

/// The schema of a `spec` that holds the fields of a kind as they are. Dotted names become objects.
pub(crate) fn fields(kind: Kind) -> Json {
    let mut spec = object();
    for field in kind.fields() {
        let mut target = &mut spec;
        let mut path = field.name.split('.').peekable();
        while let Some(step) = path.next() {
            let properties = &mut target["properties"];
            if path.peek().is_none() {
                properties[step] = property(field);
                break;
            }
            if properties.get(step).is_none() {
                properties[step] = object();
            }
            target = &mut properties[step];
        }
    }
    let keys: Vec<&str> = kind.fields().iter().filter(|field| field.has(KEY) && field.has(REQUIRED)).map(|field| field.name).collect();
    spec["required"] = json!(keys);
    spec
}

/// The schema of a mapping that has no keys yet.
pub(crate) fn object() -> Json {
    json!({ "type": "object", "additionalProperties": false, "properties": {} })
}

/// The schema of one field.
pub(crate) fn property(field: &Field) -> Json {
    let mut schema = field.codec.schema();
    if field.has(CLEARABLE) {
        schema["type"] = json!([schema["type"], "null"]);
    }
    if field.has(REQUIRED) && schema["type"] == "string" {
        schema["minLength"] = json!(1);
    }
    schema["description"] = json!(field.description());
    if let Some(example) = document::parse(SourceId(0), field.example).documents.first() {
        schema["examples"] = json!([example.root.to_json()]);
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_generated_schema_compiles() {
        for (name, text) in files() {
            let schema: Json = serde_json::from_str(&text).expect("JSON");
            assert!(jsonschema::meta::is_valid(&schema), "{name}");
            assert!(jsonschema::validator_for(&schema).is_ok(), "{name}");
        }
    }

    #[test]
    fn every_example_is_valid_for_its_own_field() {
        for kind in Kind::ALL {
            for field in kind.fields() {
                let schema = property(field);
                let example = &schema["examples"][0];
                assert!(jsonschema::is_valid(&schema, example), "{} of {kind:?}: {example}", field.name);
            }
        }
    }

    #[test]
    fn null_is_allowed_where_it_clears_and_nowhere_else() {
        for kind in [Kind::Support, Kind::Agent] {
            for field in kind.fields() {
                assert_eq!(jsonschema::is_valid(&property(field), &Json::Null), field.has(CLEARABLE), "{} of {kind:?}", field.name);
            }
        }
    }

    #[test]
    fn dotted_names_become_objects() {
        let schema = fields(Kind::Agent);
        assert_eq!(schema.pointer("/properties/initialSkill/properties/level/type"), Some(&json!("integer")));
    }
}
