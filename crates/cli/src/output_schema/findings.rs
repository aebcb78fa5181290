//! What `validate --format json` writes.

use serde_json::{Value as Json, json};

use super::{code, described, file, flag, list, number, object, refer, text};

/// The file's schema.
pub(super) fn document() -> Json {
    let root = object([("valid", flag()), ("errors", number()), ("warnings", number()), ("diagnostics", list(refer("diagnostic")))]);
    let description = "What `deskform validate --format json` writes, and every command when the manifests are not valid.";
    let place = [
        ("path", described(text(), "From the project's folder.")),
        ("line", described(number(), "From 1.")),
        ("column", described(number(), "In characters, from 1.")),
    ];
    let [path, line, column] = place.clone();
    let other = object([path, line, column, ("label", described(text(), "What stands there."))]);
    let [path, line, column] = place;
    let diagnostic = object([
        ("code", code(&["unknown-key", "duplicate-account", "overlapping-shifts"])),
        ("severity", json!({ "enum": ["error", "warning"] })),
        ("message", text()),
        ("help?", text()),
        path,
        line,
        column,
        ("others", described(list(other), "Other places that belong to it.")),
    ]);
    file("Findings of deskform", description, root, [("diagnostic", diagnostic)])
}
