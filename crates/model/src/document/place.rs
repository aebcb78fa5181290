//! Finding values, keys and single signs in a tree.

use super::{Entry, Node, NodeKind};

impl Node {
    /// The value at a JSON pointer (RFC 6901): `/spec/shifts/0/start`.
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        let mut node = self;
        for token in tokens(pointer)? {
            node = node.step(&token)?;
        }
        Some(node)
    }

    /// The mapping entry at a JSON pointer: its key and its value. `None` for items of a list and the root.
    pub fn pointer_entry(&self, pointer: &str) -> Option<&Entry> {
        let (parent, last) = pointer.rsplit_once('/')?;
        self.pointer(parent)?.entry(&unescape(last))
    }

    /// The value at a JSON pointer, to be changed.
    pub(crate) fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        let mut node = self;
        for token in tokens(pointer)? {
            node = match &mut node.kind {
                NodeKind::Mapping(entries) => entries.iter_mut().find(|entry| entry.key == *token).map(|entry| &mut entry.value)?,
                NodeKind::Sequence(items) => items.get_mut(token.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(node)
    }

    /// One step down: a key of a mapping, an index of a list.
    fn step(&self, token: &str) -> Option<&Self> {
        match &self.kind {
            NodeKind::Mapping(_) => self.get(token),
            NodeKind::Sequence(items) => items.get(token.parse::<usize>().ok()?),
            _ => None,
        }
    }
}

fn tokens(pointer: &str) -> Option<impl Iterator<Item = String>> {
    let rest = if pointer.is_empty() { None } else { Some(pointer.strip_prefix('/')?) };
    Some(rest.into_iter().flat_map(|rest| rest.split('/')).map(unescape))
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use crate::document::parse;
    use crate::source::SourceId;

    fn with_root(text: &str, check: impl Fn(&super::Node)) {
        let parsed = parse(SourceId(0), text);
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        check(&parsed.documents[0].root);
    }

    #[test]
    fn pointers_go_through_mappings_and_lists() {
        with_root("a:\n  - {'x/y': 1}\n  - {b~c: 二}\n", |root| {
            assert_eq!(root.pointer("/a/0/x~1y").and_then(super::Node::as_integer), Some(1));
            assert_eq!(root.pointer("/a/1/b~0c").and_then(super::Node::as_str), Some("二"));
            assert!(root.pointer("/a/2").is_none() && root.pointer("a").is_none());
            assert!(root.pointer("").is_some());
            assert_eq!(root.pointer_entry("/a/1/b~0c").map(|entry| entry.key.as_str()), Some("b~c"));
        });
    }
}
