//! What is said about documents of a wrong form: one folder a fact, `input.yaml` and `expected.txt`.
//!
//! A case reads its file as manifests, or as the project file when it holds a Project. A first line `# environment: NAME` chooses the
//! environment. With BLESS set, the expectations are written instead of compared.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::Path;

use deskform_model::diagnostic::{self, Diagnostic};
use deskform_model::source::Sources;
use deskform_model::{document, project, schema};

fn findings(sources: &mut Sources, text: &str) -> Vec<Diagnostic> {
    let id = sources.add("input.yaml", text.to_owned());
    if text.contains("kind: Project\nmetadata: {name: acme") {
        let environment = text.lines().next().and_then(|line| line.strip_prefix("# environment: "));
        let (project, findings) = project::read(id, text, environment, "0.1.0");
        assert_eq!(project.is_some(), findings.is_empty(), "{text}");
        return findings;
    }
    let parsed = document::parse(id, text);
    let mut findings = parsed.diagnostics;
    for document in &parsed.documents {
        match schema::header(&document.root) {
            Ok(kind) => findings.extend(schema::check(kind, &document.root)),
            Err(finding) => findings.push(*finding),
        }
    }
    diagnostic::sort(&mut findings);
    findings
}

fn shown(text: &str) -> String {
    let mut sources = Sources::default();
    let findings = findings(&mut sources, text);
    let hidden = diagnostic::hidden_lines(&findings, &sources);
    let mut shown = String::new();
    for finding in findings {
        writeln!(shown, "{}", diagnostic::one_line(&finding, &sources)).unwrap();
        if hidden.contains(&(finding.at.source, sources.position(finding.at).line)) {
            writeln!(shown, "  at: (not shown)").unwrap();
        } else {
            writeln!(shown, "  at: {}", sources.text(finding.at).lines().next().unwrap_or_default()).unwrap();
        }
        for other in &finding.others {
            writeln!(shown, "  {}: {}", finding.problem.other_label(), sources.file_line(*other)).unwrap();
        }
        let help = finding.problem.help().filter(|help| !help.is_empty());
        writeln!(shown, "  help: {}", help.expect("every finding says what to do")).unwrap();
    }
    if shown.is_empty() { "nothing\n".to_owned() } else { shown }
}

#[test]
fn every_case_says_what_it_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shape");
    let mut cases: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 30, "{} cases", cases.len());
    let mut wrong = String::new();
    for case in cases {
        let text = std::fs::read_to_string(case.join("input.yaml")).unwrap();
        let actual = shown(&text);
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        assert!(!actual.contains("hunter2"), "{name} repeats a secret:\n{actual}");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(case.join("expected.txt"), actual).unwrap();
            continue;
        }
        let expected = std::fs::read_to_string(case.join("expected.txt")).unwrap_or_default();
        if actual != expected {
            write!(wrong, "\n== {name}\n-- expected\n{expected}-- actual\n{actual}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}\nwith BLESS=1 the expectations are written anew");
}

/// Every case with one line left out, or one value replaced by something else.
#[test]
fn other_mistakes_have_messages_and_places_too() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shape");
    let mut looked_at = 0;
    for case in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(case.unwrap().path().join("input.yaml")).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let (key, _) = line.split_once(": ").unwrap_or((line, ""));
            let changes = ["null", "5", "007", "yes", "true", "[]", "{}", "[{a: 1}]", "{env: X}", "\"\"", "'\n\n'", "*x"];
            for change in changes.map(|value| format!("{key}: {value}")).into_iter().chain([String::new()]) {
                let mut changed: Vec<&str> = lines.clone();
                changed[at] = &change;
                let changed = changed.join("\n");
                let mut sources = Sources::default();
                for finding in findings(&mut sources, &changed) {
                    looked_at += 1;
                    let place = changed.get(finding.at.start as usize..finding.at.end as usize);
                    assert!(place.is_some(), "{finding:?} in\n{changed}");
                    let message = finding.problem.message();
                    assert!(!message.is_empty() && !message.contains("another form"), "{message} in\n{changed}");
                    assert!(finding.problem.help().is_some_and(|help| !help.is_empty()), "{message} in\n{changed}");
                }
            }
        }
    }
    assert!(looked_at > 5_000, "{looked_at}");
}
