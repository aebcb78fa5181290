//! The documents that people write, and how they become resources.
//!
//! [`header`] reads what all manifests share, [`staff`] indexes who is declared, and then one reader a kind turns a document into
//! resources: [`object`] for Support and Agent, which are one resource each, [`agent_set`], [`permission`] and [`schedule`] for those that
//! expand to many,
//! [`release`] for those that are no resource at all.
//! A reader gets what the schema has accepted: where it has refused a value, that is [`crate::document::NodeKind::Refused`], about which
//! nothing more is said. It reports what a schema cannot say.

pub(crate) mod agent_set;
mod expansion;
mod header;
mod lifecycle;
mod object;
pub(crate) mod permission;
pub(crate) mod reference;
pub(crate) mod release;
pub(crate) mod schedule;
mod staff;

pub(crate) use expansion::{Budget, Context, Expansion, MOST_OBJECTS};
pub(crate) use header::{Header, Label};
pub(crate) use staff::{Gaps, Member, Staff};

use crate::Kind;
use crate::schema::ManifestKind;

/// Turns one document into resources, unless there are too many already.
pub(crate) fn expand(header: &Header<'_>, context: &Context<'_>, out: &mut Expansion) {
    if context.budget.is_exceeded() {
        return;
    }
    match header.kind {
        ManifestKind::Support => object::expand(Kind::Support, header, context, out),
        ManifestKind::Agent => object::expand(Kind::Agent, header, context, out),
        ManifestKind::AgentSet => agent_set::expand(header, context, out),
        ManifestKind::Permission => permission::expand(header, context, out),
        ManifestKind::Schedule => schedule::expand(header, context, out),
        ManifestKind::Release => release::expand(header, context, out),
        ManifestKind::Project => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::{agent_set, permission, reference, release, schedule};

    /// Checks each example of a schema and of everything inside it, and counts them.
    fn examples(schema: &Json) -> usize {
        let own = schema["examples"].as_array().into_iter().flatten();
        let mut count = 0;
        for example in own {
            assert!(jsonschema::is_valid(schema, example), "{example} is no example of {schema:#}");
            count += 1;
        }
        let inner = schema["properties"].as_object().into_iter().flat_map(|map| map.values());
        count
            + inner
                .chain([&schema["items"], &schema["additionalProperties"]])
                .filter(|inner| inner.is_object())
                .map(examples)
                .sum::<usize>()
    }

    #[test]
    fn every_example_in_the_schemas_is_valid() {
        let schemas = [
            agent_set::spec_schema(),
            permission::spec_schema(),
            schedule::spec_schema(),
            schedule::shift_types_schema(),
            reference::one_schema(),
            release::spec_schema(),
        ];
        for schema in schemas {
            assert!(examples(&schema) > 0, "no example in {schema:#}");
        }
    }
}
