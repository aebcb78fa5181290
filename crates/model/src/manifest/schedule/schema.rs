//! The JSON Schema of Schedule manifests.
//!
//! What depends on two values at once (a work shift needs its times, a roster its dates) is left to the reader: it can name both.

use serde_json::{Map, Value as Json, json};

use crate::field::CLEARABLE;
use crate::kind::Kind;
use crate::manifest::reference;

/// The schema of the `spec` of a Schedule.
pub(crate) fn spec_schema() -> Json {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "from": date("First day of the roster."),
            "to": date("Last day of the roster; at most 366 days after the first."),
            "shiftTypes": shift_types_schema(),
            "roster": {
                "type": "object",
                "description": "One line a person: the name of a Support and one sign a day from `from` to `to`. Spaces are ignored, \".\" leaves the day alone.",
                // Signs may be digits: `1122` is a number in YAML and still a line. It is read as it was written.
                "additionalProperties": { "type": ["string", "number", "boolean"] },
                "examples": [{ "zhang-san": "早早夜夜休 休休" }],
            },
            "shifts": {
                "type": "array",
                "description": "Single shifts, beside or instead of a roster.",
                "items": shift(),
            },
        },
        "examples": [{
            "from": "2026-12-01",
            "to": "2026-12-07",
            "shiftTypes": { "早": { "start": "06:00", "end": "14:00", "name": "早班" }, "休": { "type": "rest" } },
            "roster": { "zhang-san": "早早早早早 休休" },
        }],
    })
}

/// The schema of `shiftTypes`, in a Schedule and in the project's settings.
pub(crate) fn shift_types_schema() -> Json {
    let mut properties = times_and_texts();
    properties.insert(
        "type".into(),
        json!({
            "type": "string",
            "enum": ["work", "rest", "leave"],
            "default": "work",
            "description": "Work has times. Rest and leave are free days: nothing is sent, but a shift on a day of leave is reported.",
        }),
    );
    json!({
        "type": "object",
        "description": "What the signs of rosters mean; a sign is one character, neither a space nor \".\".",
        "propertyNames": { "pattern": "^[^\\s.]$" },
        "additionalProperties": { "type": "object", "additionalProperties": false, "properties": properties },
        "examples": [{ "早": { "start": "06:00", "end": "14:00", "name": "早班" }, "休": { "type": "rest" } }],
    })
}

fn shift() -> Json {
    let mut properties = times_and_texts();
    properties.insert("supports".into(), reference::many_schema());
    properties.insert("date".into(), date("The day on which the shift starts."));
    properties.insert("dates".into(), dates());
    properties.insert(
        "type".into(),
        json!({
            "type": "string",
            "pattern": "^[^\\s.]$",
            "description": "Sign of a shift type, instead of start, end, name, remark and url.",
            "examples": ["早"],
        }),
    );
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["supports"],
        "properties": properties,
        "examples": [
            { "supports": ["zhang-san"], "date": "2026-12-10", "start": "09:00", "end": "18:00", "name": "培训" },
            { "supports": [{ "labels": { "team": "tier1" } }], "dates": { "from": "2026-12-14", "to": "2026-12-18" }, "type": "早" },
        ],
    })
}

fn dates() -> Json {
    json!({
        "type": "object",
        "description": "Several days, instead of `date`.",
        "additionalProperties": false,
        "required": ["from", "to"],
        "properties": {
            "from": date("First day."),
            "to": date("Last day; at most 366 days after the first."),
            "weekdays": {
                "type": "array",
                "description": "Only these days of the week.",
                "minItems": 1,
                "uniqueItems": true,
                "items": { "type": "string", "enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] },
                "examples": [["mon", "wed"]],
            },
            "except": {
                "type": "array",
                "description": "Days that are left out.",
                "items": date("A day that is left out."),
                "examples": [["2026-12-16"]],
            },
        },
    })
}

fn date(description: &str) -> Json {
    json!({
        "type": "string",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        "description": format!("{description} YYYY-MM-DD."),
        "examples": ["2026-12-01"],
    })
}

/// The fields of a shift as the table has them. `null` for a text means the same as no text.
fn times_and_texts() -> Map<String, Json> {
    let property = |field: &crate::Field| {
        let mut schema = field.codec.schema();
        if field.has(CLEARABLE) {
            schema["type"] = json!(["string", "null"]);
        }
        schema["description"] = json!(field.description());
        (field.name.to_owned(), schema)
    };
    Kind::Shift.fields().iter().map(property).collect()
}
