//! What `ledger list`, `ledger show` and `ledger forget` write.

use serde_json::{Value as Json, json};

use super::{address, described, file, flag, kind, list, number, object, refer, text, value, values};

/// The file's schema.
pub(super) fn document() -> Json {
    let about = object([
        ("id", text()),
        ("serial", described(number(), "How often it was compacted.")),
        ("revision?", described(text(), "The Git revision that was applied last.")),
    ]);
    let root = object([("formatVersion", json!({ "const": 1 })), ("ledger", about), ("resources", list(refer("resource")))]);
    let resource = object([
        ("address", address()),
        ("kind", kind()),
        ("status", json!({ "enum": ["owned", "recycled", "open"], "description": "`open` was sent, and no answer came." })),
        ("remotes", described(list(text()), "The platform's ids.")),
        ("title?", text()),
        ("account?", described(text(), "Of somebody in the recycle bin.")),
        ("at?", described(text(), "When it was last written.")),
        ("protect?", flag()),
        ("support?", described(text(), "The id of the person whose seat it is.")),
        ("set", values("What was sent last.")),
        ("seen?", values("What the read after that showed; missing where nothing was read.")),
    ]);
    let description = "What `deskform ledger list --format json`, `ledger show` and `ledger forget` write.";
    file("Resources of a ledger", description, root, [("resource", resource), ("value", value())])
}
