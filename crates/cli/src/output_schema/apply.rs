//! What `apply` and `destroy` write: the document of `--format json` and the report of `--report`.

use serde_json::{Value as Json, json};

use super::{address, described, file, flag, list, number, object, plan, refer, text};

/// The schema of `--format json`.
pub(super) fn document() -> Json {
    let description = "What `deskform apply --format json` and `deskform destroy --format json` write: the plan, and what became of it.";
    file("An apply of deskform", description, run(), definitions())
}

/// The schema of `--report`.
pub(super) fn report() -> Json {
    let statuses = ["done", "failed", "invalid", "refused", "incomplete", "stale", "usage", "interrupted", "panicked", "unfinished"];
    let root = object([
        ("formatVersion", json!({ "const": 1 })),
        ("command", json!({ "enum": ["apply", "destroy"] })),
        ("status", json!({ "enum": statuses, "description": "`unfinished` is what a killed run leaves." })),
        ("exit", described(json!({ "type": ["integer", "null"] }), "The exit code; null while the run goes on.")),
        ("error?", described(list(text()), "What failed, with its causes behind it.")),
        ("hints?", list(text())),
        ("run", json!({ "anyOf": [{ "type": "null" }, refer("run")], "description": "Null when there was no plan." })),
    ]);
    let description = "What `apply --report FILE` and `destroy --report FILE` write, whatever becomes of the run.";
    file("A report of deskform", description, root, definitions().into_iter().chain([("run", run())]))
}

fn run() -> Json {
    let outcome = json!({ "anyOf": [{ "type": "null" }, refer("outcome")], "description": "Null when nothing was sent." });
    object([("formatVersion", json!({ "const": 1 })), ("plan", refer("plan")), ("outcome", outcome)])
}

fn definitions() -> Vec<(&'static str, Json)> {
    let mut definitions = plan::definitions();
    definitions.extend([
        ("plan", plan::root()),
        ("outcome", outcome()),
        ("credentials", credentials()),
        ("fate", fate()),
        ("outcomeChange", change()),
    ]);
    definitions
}

fn outcome() -> Json {
    object([
        ("complete", flag()),
        ("interrupted", flag()),
        ("ledgerError?", text()),
        ("credentials", refer("credentials")),
        ("readBackError?", text()),
        ("stillOpen", described(list(address()), "Access that should be gone and, for all that is known, is not.")),
        ("next", described(json!({ "type": ["string", "null"] }), "The command that goes on from here.")),
        ("changes", list(refer("outcomeChange"))),
        ("counts", json!({ "type": "object", "propertyNames": refer("fate"), "additionalProperties": number() })),
    ])
}

fn credentials() -> Json {
    object([
        (
            "file",
            described(json!({ "type": ["string", "null"] }), "Where generated passwords were written; null where none was asked for."),
        ),
        ("handedOver", list(address())),
        ("discarded", described(list(address()), "Seats whose generated passwords nobody has.")),
        ("lost", described(list(address()), "Seats whose generated passwords could not be written.")),
        ("error?", text()),
    ])
}

fn fate() -> Json {
    json!({ "enum": ["applied", "failed", "unknown", "stale", "blocked", "refused", "notStarted"] })
}

fn change() -> Json {
    object([
        ("address", address()),
        ("title?", text()),
        ("fate", refer("fate")),
        ("closesAccess", flag()),
        ("message?", text()),
        ("status?", described(number(), "The HTTP status.")),
        ("code?", described(text(), "The platform's own code.")),
        ("requestId?", text()),
        ("hint?", text()),
        ("blockedBy?", address()),
    ])
}
