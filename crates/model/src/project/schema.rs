//! The JSON Schema of the project file, derived from the types of the settings and made like the other kinds' schemas.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value as Json, json};

use super::settings::Settings;
use crate::schema::API_VERSION;

/// The schema of `shiftTypes`, which schedules have as well.
pub(super) fn shift_types(_: &mut SchemaGenerator) -> Schema {
    Schema::try_from(crate::manifest::schedule::shift_types_schema()).expect("the schema is an object")
}

/// The schema of `environments`. A patch is checked with the settings that it is merged into.
pub(super) fn environments(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": { "type": "object" },
        "examples": [{ "staging": { "helpdesk": { "url": "https://abtest.bangwo8.com" }, "ledger": { "file": ".deskform/staging.json" } } }],
    })
}

/// The schema of the whole project file.
pub(super) fn document_schema() -> Json {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let mut spec = Json::from(settings.into_generator().into_root_schema_for::<Settings>());
    if let Some(spec) = spec.as_object_mut() {
        spec.remove("$schema");
        spec.remove("title");
        spec.remove("description");
        // Defaults stand with their own keys; once more in each object around them is noise.
        spec.remove("default");
    }
    // The derive takes what is not written back for a secret.
    if let Some(shift_types) = spec.pointer_mut("/properties/shiftTypes").and_then(Json::as_object_mut) {
        shift_types.remove("writeOnly");
    }
    tidy(&mut spec);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Project",
        "description": "The settings of a project, deskform.yaml.",
        "type": "object",
        "additionalProperties": false,
        "required": ["apiVersion", "kind", "metadata"],
        "properties": {
            "apiVersion": { "const": API_VERSION, "description": "Version of the format." },
            "kind": { "const": "Project" },
            "metadata": crate::schema::metadata(),
            "spec": spec,
        },
    })
}

/// Makes what the derive says about `Option` fit ours: a setting may be left out, but not be null.
fn tidy(schema: &mut Json) {
    match schema {
        Json::Object(map) => {
            if map.get("default").is_some_and(|default| default.is_null() || default.is_object()) {
                map.remove("default");
            }
            map.remove("format");
            // Words with a description each come as `oneOf` of constants; a list of words reads better and is explained better.
            let mut words = Vec::new();
            for key in ["oneOf", "anyOf"] {
                let Some(branches) = map.get(key).and_then(Json::as_array) else { continue };
                let branches: Vec<Json> = branches.iter().filter(|branch| branch["type"] != "null").cloned().collect();
                if branches.iter().all(|branch| branch["const"].is_string()) {
                    words = branches.iter().map(|branch| branch["const"].clone()).collect();
                    map.remove(key);
                } else if let [Json::Object(only)] = branches.as_slice() {
                    let only = only.clone();
                    map.remove(key);
                    for (key, value) in only {
                        map.entry(key).or_insert(value);
                    }
                }
            }
            if !words.is_empty() {
                map.insert("type".into(), json!("string"));
                map.insert("enum".into(), Json::Array(words));
            }
            if let Some(Json::Array(types)) = map.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".into(), only);
                }
            }
            map.iter_mut().filter(|(key, _)| *key != "examples").for_each(|(_, inner)| tidy(inner));
        }
        Json::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_setting_can_be_null() {
        fn walk(schema: &Json, path: &str) {
            // Shift types are manifests' own and may clear texts.
            if path.ends_with("shiftTypes") {
                return;
            }
            assert!(!schema["type"].to_string().contains("\"null\""), "{path}");
            for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
                walk(inner, &format!("{path}/{key}"));
            }
        }
        walk(&document_schema(), "");
    }
}
