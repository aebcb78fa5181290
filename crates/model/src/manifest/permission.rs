//! Permission manifests: one module for several people.

use serde_json::{Value as Json, json};

use super::reference;
use crate::kind::{Kind, Module};

/// The schema of the `spec` of a Permission.
pub(crate) fn spec_schema() -> Json {
    let enabled = &Kind::Permission.fields()[0];
    let mut switch = enabled.codec.schema();
    switch["description"] = json!(format!("{} API field: {}.", enabled.doc, enabled.api));
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
