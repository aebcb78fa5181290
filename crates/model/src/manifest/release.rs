//! Release manifests: no resources, but permission for a plan to pass one brake.

use serde_json::{Value as Json, json};

use super::schedule::date;
use super::{Context, Expansion, Header};
use crate::check;
use crate::document::Node;
use crate::kind::Kind;
use crate::release::{BrakeName, Release};

/// Adds one release. What is wrong with it alone is reported here, an expired one as a warning.
pub(super) fn expand(header: &Header<'_>, context: &Context<'_>, out: &mut Expansion) {
    let Some(until_node) = header.spec("until") else { return };
    let until = date(until_node, out);
    out.diagnostics.extend(until.and_then(|until| check::expired_release::check(until, until_node, context.options.today)));
    let Some(brake) = header.spec("brake").and_then(Node::as_str).and_then(BrakeName::from_word) else { return };
    let kind_node = header.spec("kind");
    out.diagnostics.extend(check::brake_has_no_kinds::check(brake, kind_node));
    let Some(until) = until else { return };
    let Some(expect) = header.spec("expect").and_then(Node::as_integer).and_then(|number| usize::try_from(number).ok()) else { return };
    let Some(reason) = header.spec("reason").and_then(Node::as_text).cloned() else { return };
    let kind = kind_node.and_then(Node::as_str).and_then(Kind::from_word);
    out.releases.push(Release { name: header.name.clone(), brake, kind, expect, until, reason, origin: header.at });
}

/// The schema of the `spec` of a Release.
pub(crate) fn spec_schema() -> Json {
    let per_kind: Vec<&str> = BrakeName::ALL.into_iter().filter(|brake| brake.is_per_kind()).map(BrakeName::word).collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["brake", "expect", "until", "reason"],
        "properties": {
            "brake": {
                "type": "string",
                "enum": BrakeName::ALL.map(BrakeName::word),
                "description": "The brake that is released, as the plan names it.",
                "examples": ["too-many-deletions"],
            },
            "kind": {
                "type": "string",
                "enum": Kind::ALL.map(Kind::word),
                "description": format!("For which kind; only where the brake is per kind: {}.", per_kind.join(", ")),
                "examples": ["shift"],
            },
            "expect": {
                "type": "integer",
                "minimum": 1,
                "description": "How many the brake finds. With any other number the release does not count.",
                "examples": [120],
            },
            "until": {
                "type": "string",
                "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                "description": "The last day on which it counts. YYYY-MM-DD.",
                "examples": ["2026-12-31"],
            },
            "reason": {
                "type": "string",
                "minLength": 1,
                "description": "Why this is meant; the plan shows it.",
                "examples": ["The December rosters move to the new team."],
            },
        },
        "if": { "required": ["brake"], "properties": { "brake": { "enum": per_kind } } },
        "then": { "required": ["kind"] },
        "examples": [{
            "brake": "too-many-deletions",
            "kind": "shift",
            "expect": 120,
            "until": "2026-12-31",
            "reason": "The December rosters move to the new team.",
        }],
    })
}
