//! Merge patch (RFC 7396) on trees, so that what an environment changes keeps the place where it is written.

use super::{Entry, Node, NodeKind};

/// `target` with `patch` over it: mappings are merged key by key, `null` takes a key away, everything else replaces.
#[must_use]
pub fn merge_patch(target: &Node, patch: &Node) -> Node {
    let NodeKind::Mapping(changes) = &patch.kind else { return patch.clone() };
    let mut entries = target.entries().to_vec();
    for change in changes {
        let at = entries.iter().position(|entry| entry.key == change.key);
        if change.value.is_null() {
            if let Some(at) = at {
                entries.remove(at);
            }
            continue;
        }
        match at {
            Some(at) => {
                let value = merge_patch(&entries[at].value, &change.value);
                entries[at] = Entry { value, ..change.clone() };
            }
            // Merging into nothing takes the nulls out of the patch itself, as the RFC has it.
            None => {
                let nothing = Node { span: change.value.span, kind: NodeKind::Null };
                entries.push(Entry { value: merge_patch(&nothing, &change.value), ..change.clone() });
            }
        }
    }
    let span = if matches!(target.kind, NodeKind::Mapping(_)) { target.span } else { patch.span };
    Node { span, kind: NodeKind::Mapping(entries) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse;
    use crate::source::SourceId;
    use serde_json::json;

    fn read(text: &str) -> Node {
        parse(SourceId(0), text).documents.remove(0).root
    }

    /// The examples of RFC 7396, appendix A, whose target and patch are not bare null.
    #[test]
    fn the_examples_of_the_rfc_hold() {
        for (target, patch, result) in [
            ("{a: b}", "{a: c}", json!({"a": "c"})),
            ("{a: b}", "{b: c}", json!({"a": "b", "b": "c"})),
            ("{a: b}", "{a: null}", json!({})),
            ("{a: b, b: c}", "{a: null}", json!({"b": "c"})),
            ("{a: [b]}", "{a: c}", json!({"a": "c"})),
            ("{a: c}", "{a: [b]}", json!({"a": ["b"]})),
            ("{a: {b: c}}", "{a: {b: d, c: null}}", json!({"a": {"b": "d"}})),
            ("{a: [{b: c}]}", "{a: [1]}", json!({"a": [1]})),
            ("[a, b]", "[c, d]", json!(["c", "d"])),
            ("{a: b}", "[c]", json!(["c"])),
            ("{e: null}", "{a: 1}", json!({"e": null, "a": 1})),
            ("[1, 2]", "{a: b, c: null}", json!({"a": "b"})),
            ("{}", "{a: {bb: {ccc: null}}}", json!({"a": {"bb": {}}})),
        ] {
            assert_eq!(merge_patch(&read(target), &read(patch)).to_json(), result, "{target} with {patch}");
        }
    }

    #[test]
    fn a_changed_value_stands_where_the_patch_writes_it() {
        let text = "base: {url: one}\npatch: {url: two}\n";
        let root = read(text);
        let merged = merge_patch(root.get("base").expect("there"), root.get("patch").expect("there"));
        let span = merged.get("url").expect("there").span;
        assert_eq!(&text[span.start as usize..span.end as usize], "two");
        assert!(span.start > 20);
    }
}
