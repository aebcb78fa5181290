//! The YAML reader: places, limits, hostile input, and agreement with another reader.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;

use deskform_model::diagnostic::Diagnostic;
use deskform_model::document::{MAX_BYTES, MAX_VALUES, Node, Parsed, parse};
use deskform_model::source::{SourceId, Span};

fn read(text: &str) -> Parsed {
    parse(SourceId(0), text)
}

fn root(text: &str) -> Node {
    let mut parsed = read(text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    parsed.documents.remove(0).root
}

fn codes(parsed: &Parsed) -> Vec<&'static str> {
    parsed.diagnostics.iter().map(|diagnostic| diagnostic.problem.code()).collect()
}

fn covered(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn only(parsed: &Parsed) -> &Diagnostic {
    assert_eq!(parsed.diagnostics.len(), 1, "{:?}", parsed.diagnostics);
    &parsed.diagnostics[0]
}

#[test]
fn spans_are_bytes_of_the_text_even_after_chinese_letters() {
    let text =
        "# 说明\n姓名: 张三 # 备注\n\"引号\": '早班'\n列表: [一, \"二\", {三: 四}]\n块:\n  - 甲\n  - 乙\n\n# 完\n文: |\n  您好\n  再见\n";
    let root = root(text);
    assert_eq!(covered(text, root.entry("姓名").unwrap().key_span), "姓名");
    assert_eq!(covered(text, root.get("姓名").unwrap().span), "张三");
    assert_eq!(covered(text, root.entry("引号").unwrap().key_span), "\"引号\"");
    assert_eq!(covered(text, root.get("引号").unwrap().span), "'早班'");
    assert_eq!(covered(text, root.get("列表").unwrap().span), "[一, \"二\", {三: 四}]");
    assert_eq!(covered(text, root.pointer("/列表/2").unwrap().span), "{三: 四}");
    assert_eq!(covered(text, root.get("块").unwrap().span), "- 甲\n  - 乙");
    assert_eq!(covered(text, root.get("文").unwrap().span), "您好\n  再见\n");
    assert_eq!(root.get("文").unwrap().as_str(), Some("您好\n再见\n"));
}

#[test]
fn a_value_that_is_missing_stands_at_its_key() {
    let text = "account:\nname: 张三\nlast:";
    let root = root(text);
    assert_eq!(covered(text, root.get("account").unwrap().span), "account");
    assert_eq!(covered(text, root.get("last").unwrap().span), "last");
    assert!(root.get("account").unwrap().is_null());
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_nothing() {
    let text = "\u{feff}a: 1\r\nb: 二\r\n";
    let root = root(text);
    assert_eq!(root.to_json(), serde_json::json!({"a": 1, "b": "二"}));
    assert_eq!(covered(text, root.get("b").unwrap().span), "二");
}

#[test]
fn documents_of_comments_alone_are_none() {
    for text in ["", "# nothing\n", "---\n# nothing\n---\n", "---\n...\n"] {
        let parsed = read(text);
        assert!(parsed.documents.is_empty() && parsed.diagnostics.is_empty(), "{text:?} {parsed:?}");
    }
    assert_eq!(read("a: 1\n---\n# none\n---\nb: 2\n").documents.len(), 2);
}

#[test]
fn a_file_may_hold_thousands_of_documents() {
    assert_eq!(read(&"---\na: 1\n".repeat(5000)).documents.len(), 5000);
}

#[test]
fn a_key_given_twice_points_at_both_places_and_the_first_counts() {
    let text = "a: 1\n姓名: x\n姓名: y\n";
    let parsed = read(text);
    let diagnostic = only(&parsed);
    assert_eq!(diagnostic.problem.code(), "duplicate-key");
    assert_eq!((diagnostic.at.start, diagnostic.others[0].start), (15, 5));
    assert_eq!(parsed.documents[0].root.get("姓名").unwrap().as_str(), Some("x"));
}

#[test]
fn a_key_given_twice_is_found_among_many() {
    let text: String = (0..500).map(|at| format!("k{at}: 1\n")).chain(["k3: 2\n".into(), "k499: 2\n".into()]).collect();
    assert_eq!(codes(&read(&text)), ["duplicate-key", "duplicate-key"]);
}

#[test]
fn merge_keys_are_expanded_and_own_keys_win() {
    let text = "base: &b {start: '06:00', end: '14:00'}\nother: &o {end: '15:00', name: 夜}\nearly:\n  <<: [*b, *o]\n  start: '05:00'\n";
    let root = root(text);
    let early = root.get("early").unwrap();
    assert_eq!(early.to_json(), serde_json::json!({"start": "05:00", "end": "14:00", "name": "夜"}));
    assert_eq!(covered(text, early.get("name").unwrap().span), "夜");
}

#[test]
fn a_merge_key_takes_mappings_only() {
    assert_eq!(codes(&read("a:\n  <<: 1\n")), ["merge-not-mapping"]);
    assert_eq!(codes(&read("a: {<<: {x: 1}, <<: {y: 1}}\n")), ["duplicate-key"]);
    assert_eq!(root("'<<': 1\n").to_json(), serde_json::json!({"<<": 1}));
}

#[test]
fn keys_are_text_however_they_look() {
    assert_eq!(root("8001: a\ntrue: b\n001: c\n").to_json(), serde_json::json!({"8001": "a", "true": "b", "001": "c"}));
    for text in ["~: 1\n", "{[a]: 1}\n", "? {a: b}\n: 1\n", ": 1\n"] {
        assert_eq!(codes(&read(text)), ["key-not-text"], "{text}");
    }
}

#[test]
fn a_tag_is_refused_where_it_stands_and_reading_goes_on() {
    let parsed = read("a: !include x\nb: !!str 001\nc: [!x {d: 1}]\n");
    assert_eq!(codes(&parsed), ["yaml-tag", "yaml-tag", "yaml-tag"]);
    let messages: Vec<_> = parsed.diagnostics.iter().map(|diagnostic| diagnostic.problem.message()).collect();
    assert_eq!(messages[0], "the tag !include means nothing here");
    assert_eq!(messages[1], "the tag !!str means nothing here");
    assert_eq!(parsed.documents.len(), 1);
}

#[test]
fn a_syntax_error_has_a_place_and_keeps_the_documents_before_it() {
    for (text, at) in [
        ("a: 1\n---\nb: [1, 2\nc: 3\n", ": 3"),
        ("a: 1\n---\nb:\n\tc: 1\n", "\t"),
        ("a: 1\n---\n名: \"未完\n", ""),
        ("a: 1\n---\nb: 说明: 二\n", ": 二"),
        ("a: 1\n---\nb: *nobody\n", "*"),
        ("a: 1\n---\nb: @x\n", "@"),
        ("a: 1\n---\nb: 1\n  c: 2\n", ": 2"),
    ] {
        let parsed = read(text);
        let diagnostic = only(&parsed);
        assert_eq!(diagnostic.problem.code(), "yaml-syntax");
        assert_eq!(parsed.documents.len(), 1, "{text}");
        let rest = &text[diagnostic.at.start as usize..];
        assert!(diagnostic.at.start >= 9 && rest.starts_with(at), "{text} {rest:?} {}", diagnostic.problem.message());
        assert!(!diagnostic.problem.message().is_empty());
    }
}

#[test]
fn hostile_files_are_refused_at_once() {
    let laughs = {
        let mut text = String::from("a: &a [x,x,x,x,x,x,x,x,x]\n");
        for (name, before) in ('b'..='i').zip('a'..) {
            let items = vec![format!("*{before}"); 9].join(",");
            writeln!(text, "{name}: &{name} [{items}]").unwrap();
        }
        text
    };
    let long = format!("a: &a {}\nb:\n{}", "x".repeat(1 << 20), "- *a\n".repeat(2000));
    let nested_anchors: String = (0..60).map(|at| format!("{}k: &a{at}\n", " ".repeat(at))).collect();
    for (text, code) in [
        ("[".repeat(20_000), "too-deep"),
        ("{".repeat(20_000), "too-deep"),
        ("{a: ".repeat(20_000), "too-deep"),
        ("- ".repeat(50_000), "too-deep"),
        ("? ".repeat(50_000), "too-deep"),
        ((0..3000).map(|at| format!("{}a:\n", " ".repeat(at))).collect(), "too-deep"),
        (laughs, "too-many-aliases"),
        (long, "too-many-aliases"),
        ("a: &a [*a]\n".into(), "yaml-syntax"),
        ("a: 1\0\nb: 2\n".into(), "yaml-syntax"),
        ("x".repeat(MAX_BYTES + 1), "file-too-large"),
        (format!("[{}]", "[],".repeat(MAX_VALUES)), "too-many-values"),
    ] {
        let parsed = read(&text);
        assert_eq!(only(&parsed).problem.code(), code, "{}", &text[..10]);
        assert!(parsed.diagnostics[0].problem.message().len() < 200);
    }
    let many = read(&format!("{{{}}}", "a: 1, ".repeat(200_000)));
    assert!(many.diagnostics.len() <= 1_000 && codes(&many).iter().all(|code| *code == "duplicate-key"));
    assert!(read(&nested_anchors).diagnostics.is_empty());
}

#[test]
fn aliases_cannot_nest_deeper_than_brackets() {
    let mut text = String::from("a0: &a0 [x]\n");
    for at in 1..200 {
        writeln!(text, "a{at}: &a{at} [*a{}]", at - 1).unwrap();
    }
    assert_eq!(codes(&read(&text)), ["too-deep"]);
}

#[test]
fn one_anchor_may_be_used_by_everybody() {
    let text = format!("a: &a {{start: '06:00', end: '14:00'}}\nb:\n{}", "- *a\n".repeat(20_000));
    assert_eq!(root(&text).get("b").unwrap().items().len(), 20_000);
}

/// Every prefix and suffix of a file with everything in it, and the file with each letter replaced by a sign that means something.
#[test]
fn no_input_panics() {
    let whole = "%YAML 1.2\n---\n? a\n: &x [1, {二: '三'}, *x]\n<<: *x\nb: |+2\n   早\n\nc: >-\n  d\n\te: \"\\u65e9\\x\"\n!t f: ~ # 注\n...\n---\n- - g\n  - ? h\n";
    let signs = [
        "", "\n", "\t", "[", "]", "{", "}", ":", "- ", "? ", "&", "*", "!", "|", ">", "'", "\"", "%", "\u{feff}", "\u{85}", "---\n", "<<: ",
    ];
    let letters: Vec<usize> = whole.char_indices().map(|(at, _)| at).chain([whole.len()]).collect();
    for &end in &letters {
        check_places(&whole[..end]);
        check_places(&whole[end..]);
    }
    for pair in letters.windows(2) {
        for sign in signs {
            check_places(&format!("{}{sign}{}", &whole[..pair[0]], &whole[pair[1]..]));
        }
    }
}

/// All places are places of the text, between letters.
fn check_places(text: &str) {
    fn walk(text: &str, node: &Node) {
        assert!(text.get(node.span.start as usize..node.span.end as usize).is_some(), "{node:?} in {text:?}");
        for entry in node.entries() {
            assert!(text.get(entry.key_span.start as usize..entry.key_span.end as usize).is_some(), "{entry:?} in {text:?}");
            walk(text, &entry.value);
        }
        for item in node.items() {
            walk(text, item);
        }
    }
    let parsed = read(text);
    for document in &parsed.documents {
        walk(text, &document.root);
    }
    for diagnostic in &parsed.diagnostics {
        assert!(text.get(diagnostic.at.start as usize..diagnostic.at.end as usize).is_some(), "{diagnostic:?} in {text:?}");
    }
}

/// Both readers mean the same by the same text. Numbers with leading zeros are left out: the other one makes text of them, we keep their
/// spelling so that a message can say "quote it".
#[test]
fn another_reader_reads_the_same() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shape_reader");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 8, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let parsed = read(&text);
        assert!(parsed.diagnostics.is_empty(), "{} {:?}", file.display(), parsed.diagnostics);
        let ours: Vec<_> = parsed.documents.iter().map(|document| document.root.to_json()).collect();
        let options =
            serde_yaml::options! { strict_booleans: true, leading_zero_numbers_as_strings: true, underscored_numbers_as_strings: true };
        let theirs: Vec<serde_json::Value> = serde_yaml::from_multiple_with_options(&text, options).unwrap();
        assert_eq!(ours, theirs, "{}", file.display());
    }
}
