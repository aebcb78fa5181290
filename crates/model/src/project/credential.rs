//! Where the platforms' credentials are read. The credential itself is never here.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Where a platform credential is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Credential {
    /// An environment variable.
    Env(String),
    /// A file, relative to the project file.
    File(String),
    /// The first line that a program prints: the program and its arguments.
    Command(Vec<String>),
}

impl JsonSchema for Credential {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Credential".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "writeOnly": true,
            "additionalProperties": false,
            "properties": {
                "env": { "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "description": "Environment variable that holds it." },
                "file": { "type": "string", "minLength": 1, "description": "File that holds it, relative to the project file." },
                "command": {
                    "type": "array",
                    "minItems": 1,
                    "items": { "type": "string" },
                    "description": "Program that prints it on its first line, and its arguments.",
                },
            },
            "oneOf": [{ "required": ["env"] }, { "required": ["file"] }, { "required": ["command"] }],
        })
    }
}
