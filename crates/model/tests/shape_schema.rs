//! The committed schema files are the generated ones, and they accept what the design shows.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use deskform_model::document::parse;
use deskform_model::schema;
use deskform_model::source::SourceId;

#[test]
fn the_committed_schemas_are_the_generated_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    for (name, text) in schema::files() {
        let committed = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
        assert!(committed == text, "schemas/{name} is out of date; run: cargo xtask schema");
    }
}

#[test]
fn the_combined_schema_agrees_with_the_one_of_the_kind() {
    let combined = schema::files().into_iter().find(|(name, _)| name == "deskform.schema.json").unwrap().1;
    let combined = jsonschema::validator_for(&serde_json::from_str(&combined).unwrap()).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shape");
    let mut seen = [0, 0];
    for case in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(case.unwrap().path().join("input.yaml")).unwrap();
        let parsed = parse(SourceId(0), &text);
        // What a tag stands at has been refused before any schema sees it.
        if parsed.diagnostics.iter().any(|finding| finding.problem.code() == "yaml-tag") {
            continue;
        }
        for document in parsed.documents {
            let Ok(kind) = schema::header(&document.root) else { continue };
            let valid = schema::check(kind, &document.root).is_empty();
            assert_eq!(combined.is_valid(&document.root.to_json()), valid, "{text}");
            seen[usize::from(valid)] += 1;
        }
    }
    assert!(seen[0] > 20 && seen[1] > 3, "{seen:?}");
}

#[test]
fn of_endless_mistakes_only_the_first_thousand_are_told() {
    let head = "apiVersion: deskform/v1\nkind: Support\nmetadata: {name: x}\nspec:\n";
    let keys: String = (0..20_000).map(|at| format!("  k{at}: 1\n")).collect();
    let groups = format!("  groups: [{}]\n", "true, ".repeat(20_000));
    for text in [format!("{head}{keys}"), format!("{head}{groups}")] {
        let parsed = parse(SourceId(0), &text);
        let root = &parsed.documents[0].root;
        let findings = schema::check(schema::header(root).unwrap(), root);
        assert!((1_000..=1_010).contains(&findings.len()), "{}", findings.len());
    }
}
