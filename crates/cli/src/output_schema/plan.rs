//! A saved plan: Terraform's representation, and what `apply` needs under `deskform`.

use deskform_model::Kind;
use serde_json::{Value as Json, json};

use super::{
    address, code, date, described, file, flag, kind, list, mark, moment, number, object, per_kind, place, refer, terraform, text, value,
    values,
};
use crate::saved::document::FORMAT;

/// The file's schema.
pub(super) fn document() -> Json {
    let description = "What `deskform plan --out` and `--format json` write. It holds no secrets. `apply` takes it only as it was written.";
    file("A plan of deskform", description, root(), definitions())
}

/// The plan itself, with its definitions beside it.
pub(super) fn root() -> Json {
    object([
        ("format_version", json!({ "const": "1.2", "description": "The version of Terraform's plan representation that is followed." })),
        ("applyable", described(flag(), "Whether there is something to do and no brake refuses it.")),
        ("complete", described(flag(), "Whether it is the whole plan, and not one narrowed by --target and the like.")),
        ("errored", json!({ "const": false })),
        ("resource_changes", list(refer("resourceChange"))),
        ("resource_drift", described(list(refer("resourceChange")), "What changed on the platforms since it was last seen.")),
        ("deskform", refer("deskform")),
    ])
}

/// What [`root`] refers to.
pub(super) fn definitions() -> Vec<(&'static str, Json)> {
    let mut definitions = vec![
        ("resourceChange", terraform::resource_change()),
        ("change", terraform::change()),
        ("deskform", deskform()),
        ("about", about()),
        ("scope", scope()),
        ("deskformChange", change()),
        ("key", key()),
        ("fieldChange", field_change()),
        ("refusal", refusal()),
        ("note", note()),
        ("brake", brake()),
        ("brakes", brakes()),
        ("counts", counts()),
        ("place", place()),
        ("value", value()),
    ];
    definitions.extend(Kind::ALL.map(|kind| (terraform::attributes_name(kind), terraform::attributes(kind))));
    definitions
}

fn deskform() -> Json {
    object([
        ("formatVersion", json!({ "const": FORMAT })),
        ("writtenBy", described(text(), "The version of deskform, which alone applies the file.")),
        ("fingerprint", json!({ "type": "string", "pattern": "^[0-9a-f]{64}$", "description": "A hash of what the plan means." })),
        ("about", refer("about")),
        ("empty", described(flag(), "Whether nothing is to be done and nothing to be recorded.")),
        ("ledgerKnown", described(flag(), "Whether there was a ledger; without one nothing is deleted.")),
        ("scope?", refer("scope")),
        ("validUntil?", described(moment(), "When the first shift begins or ends that would change the plan, in the project's zone.")),
        ("changes", described(list(refer("deskformChange")), "All changes; they name each other by their position.")),
        ("notes", list(refer("note"))),
        ("brakes", refer("brakes")),
        ("counts", refer("counts")),
        ("unchanged", per_kind("Declared and as it should be.")),
        ("unmanaged", per_kind("On the platforms and not managed here.")),
        ("owned", per_kind("Owned by the ledger.")),
        ("admins", object([("removed", list(address())), ("left", number())])),
        ("ended", described(list(text()), "Entries of the ledger that are over and leave it.")),
        ("digest", described(text(), "SHA-256 of the file before this member: an edited plan is refused.")),
    ])
}

fn about() -> Json {
    let ledger = object([("id", text()), ("serial", number()), ("applied?", number())]);
    described(
        object([
            ("project", text()),
            ("environment?", text()),
            ("destroy?", described(mark(), "It removes everything that the ledger owns.")),
            ("helpdesk?", described(text(), "Origin; loopback hosts count as one.")),
            ("callCenter?", text()),
            ("abbreviate?", text()),
            ("overnight", json!({ "enum": ["split", "single"] })),
            ("ledger?", ledger),
        ]),
        "What the plan was made for and against; it is refused for anything else.",
    )
}

fn scope() -> Json {
    let left_out = json!({
        "type": "object",
        "propertyNames": kind(),
        "additionalProperties": object([("declared", number()), ("owned", number())]),
        "description": "What was not looked at: declared, and owned without being declared.",
    });
    let held = object([("address", address()), ("title?", text()), ("why", code(&["removes", "replaces", "waits"]))]);
    described(
        object([
            ("targets", list(text())),
            ("excludes", list(text())),
            ("noDelete", flag()),
            ("leftOut", left_out),
            ("pulledIn", described(list(address()), "Not selected, and needed by what was.")),
            ("heldBack", described(list(held), "Selected, and left out as well.")),
        ]),
        "What a narrowed plan looked at; it is not there when nothing was left out.",
    )
}

fn change() -> Json {
    let actions = ["create", "update", "restore", "delete", "record", "forget", "refuse"];
    let reasons = [
        "new",
        "vanished",
        "your-change",
        "drift",
        "both",
        "adopted",
        "not-declared",
        "ensure-absent",
        "ensure-released",
        "replaced",
        "replace-asked",
        "destroy",
    ];
    let person = json!({
        "description": "Whose it is: a platform's id, or the position of the change that makes the person.",
        "oneOf": [object([("id", text())]), object([("change", number())])],
    });
    let places = ["env", "file", "age"].map(|place| object([(place, text()), ("version", number())]));
    let secret = json!({
        "description": "Where a password is read when the plan is applied.",
        "oneOf": places,
    });
    object([
        ("address", address()),
        ("action", json!({ "enum": actions })),
        ("reason", code(&reasons)),
        ("title?", described(text(), "What people call it.")),
        ("source?", refer("place")),
        ("key", refer("key")),
        ("closesAccess?", described(mark(), "It takes access away from somebody.")),
        ("person?", person),
        ("remoteIds?", list(json!({ "type": ["string", "null"] }))),
        ("values?", values("What will be there; of a deletion what was last there.")),
        ("fields?", list(refer("fieldChange"))),
        ("saw?", values("What was seen of the object and is not changed.")),
        ("secret?", secret),
        ("successor?", described(number(), "The position of the change that replaces it.")),
        ("entry?", described(text(), "The entry of the ledger that is forgotten.")),
        ("forgetReason?", code(&["gone", "released", "already-off"])),
        ("refusals?", list(refer("refusal"))),
        ("waitsFor?", described(list(number()), "Positions of the changes that come first.")),
        ("adopted?", described(mark(), "It exists and was not ours before.")),
        ("movedFrom?", address()),
        ("released?", described(list(text()), "Fields that are no longer ours.")),
        ("voids?", described(list(text()), "Entries of the ledger that it makes void.")),
        ("protect?", mark()),
        ("validUntil?", moment()),
    ])
}

fn key() -> Json {
    json!({
        "description": "The natural key.",
        "oneOf": [
            object([("account", text())]),
            object([("operatorId", text())]),
            object([("person", text()), ("module", text())]),
            object([("person", text()), ("date", date()), ("start", text())]),
        ],
    })
}

fn field_change() -> Json {
    let last_set = object([("value", refer("value")), ("at", text())]);
    let before = json!({
        "oneOf": [{ "const": "unknown" }, object([("live", refer("value"))]), object([("lastSet", last_set)])],
    });
    object([
        ("field", text()),
        ("before", before),
        ("after", refer("value")),
        ("why", code(&["your-change", "drift", "both", "unrecorded"])),
    ])
}

fn refusal() -> Json {
    object([
        ("code", code(&["fixed", "below-minimum", "password-create-only", "adoption-refused", "too-late"])),
        ("message?", text()),
        ("field?", text()),
        ("have?", refer("value")),
        ("want?", refer("value")),
        ("min?", json!({ "type": "integer" })),
        ("since?", moment()),
    ])
}

fn note() -> Json {
    let codes = ["no-longer-declared", "drift-kept", "ended", "start-pinned", "in-progress-kept", "initial-only", "may-still-appear"];
    object([
        ("address", address()),
        ("code", code(&codes)),
        ("message?", text()),
        ("title?", text()),
        ("source?", refer("place")),
        ("field?", text()),
        ("live?", refer("value")),
        ("want?", refer("value")),
    ])
}

fn brake() -> Json {
    object([
        ("code", code(&["too-many-deletions", "kind-vanished", "protected", "replaces-person"])),
        ("kind?", kind()),
        ("count", number()),
        ("message", text()),
        ("help", text()),
        ("first", described(list(text()), "The first objects concerned.")),
        ("allow", described(text(), "What `--allow` takes to let it pass.")),
    ])
}

fn brakes() -> Json {
    let document = object([("name", text()), ("until", date()), ("reason", text()), ("source", refer("place"))]);
    let released_by = json!({ "oneOf": [object([("flag", text())]), object([("document", document)])] });
    object([
        ("refused", described(list(refer("brake")), "What stops the plan.")),
        ("released", list(object([("brake", refer("brake")), ("releasedBy", released_by)]))),
        ("warnings", list(object([("code", code(&[])), ("message", text()), ("source?", refer("place"))]))),
    ])
}

fn counts() -> Json {
    object([
        ("add", number()),
        ("change", number()),
        ("restore", number()),
        ("remove", number()),
        ("shifts", object([("add", number()), ("change", number()), ("remove", number())])),
        ("takeOver", number()),
        ("move", number()),
        ("refresh", number()),
        ("forget", number()),
        ("cannotChange", number()),
        ("unchanged", number()),
    ])
}
