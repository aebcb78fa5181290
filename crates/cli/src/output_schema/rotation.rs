//! What `rotate-password` writes.

use serde_json::{Value as Json, json};

use super::{address, described, file, flag, number, object, text};

/// The schema of `--format json`.
pub(super) fn document() -> Json {
    let declared = object([("version", number()), ("place", text())]);
    let root = object([
        ("formatVersion", json!({ "const": 1 })),
        ("address", address()),
        ("operatorId", text()),
        ("generated", described(flag(), "Whether deskform made the password up.")),
        (
            "version",
            described(
                json!({ "type": ["integer", "null"] }),
                "The version that the manifest has to give; null where none declares a password.",
            ),
        ),
        ("declared", json!({ "anyOf": [{ "type": "null" }, declared], "description": "What the manifest gives today, and where." })),
        ("credentials", described(json!({ "type": ["string", "null"] }), "The file that holds the password.")),
    ]);
    file("A password that was set", "What `deskform rotate-password --format json` writes. The password is not in it.", root, [])
}
