//! Finding values, keys and single signs in a tree.

use super::{Entry, Node, NodeKind};
use crate::source::Span;

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

    /// One step down: a key of a mapping, an index of a list.
    fn step(&self, token: &str) -> Option<&Self> {
        match &self.kind {
            NodeKind::Mapping(_) => self.get(token),
            NodeKind::Sequence(items) => items.get(token.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// Where the `index`-th visible character of this scalar's text stands (spaces and line breaks do not count), for findings inside a
    /// roster line. `source` is the whole text that the span points into.
    ///
    /// Right for plain, quoted and block scalars. Where an escape makes text and source differ it is the whole scalar.
    pub fn visible_character(&self, source: &str, index: usize) -> Span {
        let raw = source.get(self.span.start as usize..self.span.end as usize).unwrap_or_default();
        let body = match raw.as_bytes().first() {
            Some(b'"') if raw.contains('\\') => return self.span,
            Some(b'\'') if raw[1..].trim_end_matches('\'').contains("''") => return self.span,
            Some(b'"' | b'\'') => 1,
            _ => 0,
        };
        let visible = raw[body..].char_indices().filter(|(_, letter)| !letter.is_whitespace()).nth(index);
        visible.map_or(self.span, |(at, letter)| self.span.slice(body + at, letter.len_utf8()))
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

    #[test]
    fn a_sign_of_a_roster_line_has_its_own_place() {
        for text in ["张三: 早早夜 休", "张三: \"早早夜 休\"", "张三: '早早夜 休'", "张三: |\n  早早夜\n  休\n", "张三: 早早夜\n  休\n"]
        {
            with_root(text, |root| {
                let span = root.get("张三").expect("there").visible_character(text, 3);
                assert_eq!(&text[span.start as usize..span.end as usize], "休", "{text}");
            });
        }
    }

    #[test]
    fn with_escapes_the_whole_scalar_is_the_place() {
        let text = "a: \"早\\u65e9夜\"";
        with_root(text, |root| {
            let node = root.get("a").expect("there");
            assert_eq!(node.visible_character(text, 2), node.span);
        });
    }
}
