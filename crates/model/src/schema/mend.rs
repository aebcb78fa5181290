//! Takes what is wrong out of a document, so that the rest of it can be read and checked as well.
//!
//! What the schema refuses is put out of sight as [`NodeKind::Refused`], which is neither missing nor there: whoever reads it gets nothing
//! and says nothing, because the mistake has been reported. What is missing stands there as refused too, and so does the key that a
//! misspelt one was likely meant to be.

use std::collections::HashSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Failure;
use serde_json::Value as Json;

use super::nearest;
use crate::document::{Entry, Node, NodeKind};

/// The document without what these errors are about.
pub(super) fn mended<'a>(schema: &Json, root: &Node, errors: impl IntoIterator<Item = &'a ValidationError<'a>>) -> Node {
    let mut mended = root.clone();
    for error in errors {
        // What lies in something that was refused before is out of sight already.
        if let Some(node) = mended.pointer_mut(error.instance_path().as_str()) {
            mend(schema, node, error);
        }
    }
    mended
}

/// A document of which nothing can be read.
pub(super) fn refused(root: &Node) -> Node {
    Node { span: root.span, kind: NodeKind::Refused }
}

/// Takes out what is missing only because its key is misspelt, which is told once.
pub(super) fn drop_consequences(schema: &Json, root: &Node, errors: &mut Vec<ValidationError<'_>>) {
    let mut misspelt = HashSet::new();
    for error in errors.iter() {
        if let Failure::AdditionalProperties { unexpected } = error.kind() {
            let path = error.instance_path().as_str();
            let entries = root.pointer(path).map(Node::entries).unwrap_or_default();
            let meant = unexpected.iter().take(super::MAX_FINDINGS).filter_map(|key| meant(schema, error, entries, key));
            misspelt.extend(meant.map(|meant| (path.to_owned(), meant.to_owned())));
        }
    }
    errors.retain(|error| match error.kind() {
        Failure::Required { property: Json::String(property) } => {
            !misspelt.contains(&(error.instance_path().as_str().to_owned(), property.clone()))
        }
        _ => true,
    });
}

/// The key that an unknown one was likely meant to be, if the mapping does not have that.
fn meant<'a>(schema: &'a Json, error: &ValidationError<'_>, entries: &[Entry], key: &str) -> Option<&'a str> {
    let around = error.schema_path().as_str().rsplit_once('/').and_then(|(around, _)| schema.pointer(around))?;
    let known = around["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str());
    nearest(key, known).filter(|meant| !entries.iter().any(|entry| entry.key == **meant))
}

fn mend(schema: &Json, node: &mut Node, error: &ValidationError<'_>) {
    let span = node.span;
    let NodeKind::Mapping(entries) = &mut node.kind else {
        // Twice the same is the same.
        if !matches!(error.kind(), Failure::UniqueItems) {
            node.kind = NodeKind::Refused;
        }
        return;
    };
    match error.kind() {
        Failure::AdditionalProperties { unexpected } => {
            for key in unexpected.iter().take(super::MAX_FINDINGS) {
                let meant = meant(schema, error, entries, key);
                let Some(at) = entries.iter().position(|entry| entry.key == **key) else { continue };
                match meant {
                    Some(meant) => entries[at] = missing(meant, &entries[at].value),
                    None => drop(entries.remove(at)),
                }
            }
        }
        Failure::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            if !entries.iter().any(|entry| entry.key == key) {
                let nothing = Node { span, kind: NodeKind::Refused };
                entries.push(missing(key, &nothing));
            }
        }
        Failure::PropertyNames { error } => {
            let key = error.instance().as_str().unwrap_or_default();
            if let Some(entry) = entries.iter_mut().find(|entry| entry.key == key) {
                entry.value.kind = NodeKind::Refused;
            }
        }
        _ => node.kind = NodeKind::Refused,
    }
}

fn missing(key: &str, at: &Node) -> Entry {
    Entry { key: key.into(), key_span: at.span, value: refused(at) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::parse;
    use crate::source::SourceId;

    fn mended_json(schema: &Json, text: &str) -> String {
        let root = parse(SourceId(0), text).documents.remove(0).root;
        let json = root.to_json();
        let validator = jsonschema::validator_for(schema).expect("a schema");
        let errors: Vec<_> = validator.iter_errors(&json).collect();
        shown(&mended(schema, &root, &errors))
    }

    fn shown(node: &Node) -> String {
        match &node.kind {
            NodeKind::Refused => "?".to_owned(),
            NodeKind::Mapping(entries) => {
                let mut pairs: Vec<String> = entries.iter().map(|entry| format!("{}: {}", entry.key, shown(&entry.value))).collect();
                pairs.sort();
                format!("{{{}}}", pairs.join(", "))
            }
            _ => node.to_json().to_string(),
        }
    }

    #[test]
    fn what_is_wrong_or_missing_is_refused_and_the_rest_stays() {
        let schema = json!({
            "required": ["name"],
            "additionalProperties": false,
            "properties": {
                "name": { "type": "string" },
                "size": { "type": "integer", "minimum": 1 },
                "signs": { "propertyNames": { "maxLength": 1 } },
                "list": { "uniqueItems": true },
            },
        });
        for (text, expected) in [
            ("{size: 0, list: [1, 1]}", "{list: [1,1], name: ?, size: ?}"),
            ("{name: a, sizes: 5}", "{name: \"a\", size: ?}"),
            ("{name: a, size: 5, sizes: 6, other: 7}", "{name: \"a\", size: 5}"),
            ("{name: a, signs: {x: 1, yy: 2}}", "{name: \"a\", signs: {x: 1, yy: ?}}"),
        ] {
            assert_eq!(mended_json(&schema, text), expected, "{text}");
        }
    }
}
