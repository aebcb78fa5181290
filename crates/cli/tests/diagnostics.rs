//! How findings about manifests are drawn.
#![allow(clippy::unwrap_used, missing_docs)]

use deskform_cli::view::{diagnostic_human, diagnostic_json};
use deskform_model::diagnostic::Diagnostic;
use deskform_model::source::Sources;
use deskform_model::time::parse_date;
use deskform_model::{LoadOptions, load};

/// The findings about these manifests, drawn without colour.
fn drawn(files: &[(&str, &str)]) -> String {
    let (findings, sources) = findings(files);
    let mut out = anstream::StripStream::new(Vec::new());
    diagnostic_human::write(&findings, &sources, &mut out).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

fn findings(files: &[(&str, &str)]) -> (Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    for (path, text) in files {
        sources.add(*path, (*text).to_owned());
    }
    let loaded = load(&sources, &LoadOptions::new(parse_date("2026-12-01").unwrap()));
    (loaded.diagnostics, sources)
}

fn support(name: &str, account: &str, more: &str) -> String {
    format!(
        "apiVersion: deskform/v1\nkind: Support\nmetadata: {{name: {name}}}\nspec: {{account: \"{account}\", staffNumber: \"1\", name: 张三{more}}}\n"
    )
}

#[test]
fn carets_line_up_under_chinese_text() {
    let text = drawn(&[("支持.yaml", &support("a", "1", ", 电话: \"2\""))]);
    assert_eq!(
        text,
        "\
error[unknown-key]: 电话 is not known here
 --> 支持.yaml:4:50
  |
4 | spec: {account: \"1\", staffNumber: \"1\", name: 张三, 电话: \"2\"}
  |                                                    ^^^^
  |
  = help: known here: account, admin, customFields, email, gender, groups, landline, mobile, name, password, qq, staffNumber

"
    );
}

#[test]
fn a_literal_secret_is_never_shown_not_even_beside_another_finding() {
    let text = drawn(&[("a.yaml", &support("a", "1", ", password: hunter2, 电话: \"2\""))]);
    assert!(text.contains("error[literal-secret]") && text.contains("error[unknown-key]"), "{text}");
    assert!(text.contains("--> a.yaml:4:"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn both_places_of_a_duplicate_are_shown_in_one_file_and_in_two() {
    let (first, second) = (support("a", "1", ""), support("a", "2", ""));
    for files in [vec![("a.yaml", first.as_str()), ("b.yaml", second.as_str())], vec![("a.yaml", &format!("{first}---\n{second}"))]] {
        let text = drawn(&files);
        assert_eq!(text.matches("metadata: {name: a}").count(), 2, "{text}");
        assert!(text.contains("---"), "the other place has a label: {text}");
    }
}

#[test]
fn json_holds_code_place_and_numbers() {
    let text = support("a", "1", ", 电话: \"2\"");
    let (findings, sources) = findings(&[("a.yaml", &text)]);
    let mut out = Vec::new();
    diagnostic_json::write(&findings, &sources, &mut out).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&json["valid"], &json["errors"], &json["warnings"]), (&false.into(), &1.into(), &0.into()));
    let finding = &json["diagnostics"][0];
    assert_eq!((&finding["code"], &finding["line"], &finding["column"]), (&"unknown-key".into(), &4.into(), &50.into()));
    assert_eq!(finding["severity"], "error");
}

#[test]
fn of_a_long_line_only_the_part_around_the_place_is_drawn() {
    let text = support("a", "1", &format!(", qq: \"{}\", 电话: \"2\", mobile: \"{}\"", "七".repeat(80), "7".repeat(200_000)));
    let text = drawn(&[("a.yaml", &text)]);
    assert!(text.contains("unknown-key") && text.contains("a.yaml:4:138") && text.contains("too-long"), "{text}");
    assert!(text.contains("七七\", 电话: \"2\", mobile: \"777"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() < 200), "{text}");
}

#[test]
fn a_byte_order_mark_moves_nothing() {
    let text = drawn(&[("a.yaml", "\u{feff}kind: Supporter\n")]);
    assert!(text.contains("a.yaml:1:7") && text.contains("1 | kind: Supporter\n  |       ^^^^^^^^^"), "{text}");
}

#[test]
fn a_file_that_cannot_be_read_is_named_without_a_picture() {
    let mut sources = Sources::default();
    sources.add_cut("a.yaml", String::new(), deskform_model::diagnostic::Shape::TooLarge { bytes: 17 << 20, limit: 16 << 20 });
    let loaded = load(&sources, &LoadOptions::new(parse_date("2026-12-01").unwrap()));
    let mut out = anstream::StripStream::new(Vec::new());
    diagnostic_human::write(&loaded.diagnostics, &sources, &mut out).unwrap();
    let text = String::from_utf8(out.into_inner()).unwrap();
    assert!(text.starts_with("error[file-too-large]: the file has 17 MiB; at most 16 MiB are read\n--> a.yaml:1:1\n"), "{text}");
}
