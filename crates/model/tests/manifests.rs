//! Runs the cases under `tests/manifests/`: each folder is one fact, told by its name.
//!
//! A case is some manifests (`*.yaml`), perhaps an `options.yaml` (`today`, `allowEnv`, `credentialEnv`, `credentialFiles`,
//! `minimumRestHours`, `shiftTypes`), and `expected.txt`. Under `invalid/` that is the findings; under `valid/` the findings, which are
//! warnings at most, and what the manifests want. `BLESS=1` writes what comes out instead of comparing it; the diff is then for a person to
//! judge.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use deskform_model::diagnostic::{Severity, one_line};
use deskform_model::document::{self, Node};
use deskform_model::secret::SecretSource;
use deskform_model::source::{Sources, Span};
use deskform_model::{Desired, Ensure, FieldKey, LoadOptions, Loaded, Release, Resource, Value, load, time};

#[test]
fn valid_manifests_become_the_expected_resources() {
    run("valid", |loaded, sources| {
        let desired = loaded.desired.as_ref()?;
        Some(findings(loaded, sources) + &resources(desired, sources))
    });
}

#[test]
fn invalid_manifests_are_reported_as_expected() {
    run("invalid", |loaded, sources| loaded.desired.is_none().then(|| findings(loaded, sources)));
}

/// Runs all cases of a folder. `show` gives the text to compare, or nothing when the case is in the wrong folder.
fn run(folder: &str, show: impl Fn(&Loaded, &Sources) -> Option<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests").join(folder);
    let bless = std::env::var_os("BLESS").is_some();
    let mut failures = String::new();
    let cases = entries(&root);
    assert!(!cases.is_empty(), "no cases in {}", root.display());
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let (loaded, sources) = load_case(&case);
        let Some(actual) = show(&loaded, &sources) else {
            writeln!(failures, "--- {name}: does not belong into {folder}/\n{}", findings(&loaded, &sources)).unwrap();
            continue;
        };
        let file = case.join("expected.txt");
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        if bless && actual != expected {
            std::fs::write(&file, &actual).unwrap();
        } else if actual != expected {
            writeln!(failures, "--- {name}: expected\n{expected}--- but got\n{actual}").unwrap();
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn load_case(case: &Path) -> (Loaded, Sources) {
    let mut sources = Sources::default();
    let mut options = LoadOptions::new(time::parse_date("2026-11-20").unwrap());
    for path in entries(case).into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "yaml")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let id = sources.add(&name, text.clone());
        if name == "options.yaml" {
            let root = document::parse(id, &text).documents.remove(0).root;
            options.project = Some(id);
            read_options(&root, &mut options);
        }
    }
    (load(&sources, &options), sources)
}

fn read_options(root: &Node, options: &mut LoadOptions) {
    let texts = |key: &str| root.get(key).map(Node::items).unwrap_or_default().iter().map(|item| item.as_text().unwrap().clone());
    if let Some(today) = root.get("today") {
        options.today = time::parse_date(today.as_str().unwrap()).unwrap();
    }
    if let Some(hours) = root.get("minimumRestHours") {
        options.minimum_rest_hours = hours.as_integer().map(|hours| hours.try_into().unwrap());
    }
    options.secrets.allow_env = texts("allowEnv").map(|text| text.to_string()).collect();
    options.credential_env = texts("credentialEnv").collect();
    options.credential_files = texts("credentialFiles").collect();
    options.shift_types = root.get("shiftTypes").cloned();
}

/// `error a.yaml:1:2: code: message`, then what the caret stands under, the other places and the help.
fn findings(loaded: &Loaded, sources: &Sources) -> String {
    let mut text = String::new();
    for diagnostic in &loaded.diagnostics {
        let severity = if diagnostic.problem.severity() == Severity::Error { "error" } else { "warning" };
        writeln!(text, "{severity} {}", one_line(diagnostic, sources)).unwrap();
        writeln!(text, "    at: {}", sources.text(diagnostic.at).lines().next().unwrap_or_default()).unwrap();
        for other in &diagnostic.others {
            writeln!(text, "    {}: {}", diagnostic.problem.other_label(), place(*other, sources)).unwrap();
        }
        let help = diagnostic.problem.help().filter(|help| !help.is_empty());
        writeln!(text, "    help: {}", help.expect("every finding says what to do")).unwrap();
    }
    text
}

fn place(span: Span, sources: &Sources) -> String {
    let position = sources.position(span);
    format!("{}:{}:{}", sources.get(span.source).path, position.line, position.column)
}

fn resources(desired: &Desired, sources: &Sources) -> String {
    let mut text = String::new();
    for resource in desired.resources() {
        let title = Some(&resource.title).filter(|title| !title.is_empty()).map(|title| format!(" {title}")).unwrap_or_default();
        writeln!(text, "{}{title} ({})", resource.address, place(resource.origin, sources)).unwrap();
        for line in details(resource, sources) {
            writeln!(text, "    {line}").unwrap();
        }
    }
    for day in &desired.days_off {
        let name = Some(&day.name).filter(|name| !name.is_empty()).map(|name| format!(" {name}")).unwrap_or_default();
        writeln!(text, "{:?} {} {}{name} ({})", day.kind, day.person, day.date, place(day.origin, sources)).unwrap();
    }
    for release in &desired.releases {
        let Release { name, brake, kind, expect, until, reason, origin } = release;
        let kind = kind.map(|kind| format!(" of {}", kind.word())).unwrap_or_default();
        writeln!(text, "release {name}: {expect} {}{kind} until {until}: {reason} ({})", brake.word(), place(*origin, sources)).unwrap();
    }
    text
}

/// The values, each with its line and column where it stands alone, and what else is known about the resource.
fn details(resource: &Resource, sources: &Sources) -> Vec<String> {
    let kind = resource.kind();
    let show = |(key, value): (&FieldKey, &Value)| {
        let span = resource.field_spans.iter().find(|(have, _)| have == key).map(|(_, span)| sources.position(*span));
        let at = span.map(|at| format!(" ({}:{})", at.line, at.column)).unwrap_or_default();
        format!("{} {}{at}", key.name(kind), key.field(kind).codec.show(value))
    };
    let values: Vec<String> = resource.values.iter().map(show).collect();
    let mut lines: Vec<String> = Some(values.join(", ")).filter(|line| !line.is_empty()).into_iter().collect();
    lines.extend(resource.support.as_ref().map(|person| format!("support {person}")));
    lines.extend(resource.secret.as_ref().map(|secret| match &secret.source {
        SecretSource::Env(variable) => format!("secret from variable {variable}"),
        SecretSource::File(path) => format!("secret from file {path}"),
        SecretSource::Age(path) => format!("secret from encrypted file {path}"),
    }));
    let lifecycle = &resource.lifecycle;
    let ignore: Vec<String> = lifecycle.ignore.iter().map(|key| key.name(kind)).collect();
    let traits = [
        lifecycle.protect.then(|| "protected".to_owned()),
        lifecycle.replace.then(|| "may be replaced".to_owned()),
        (!ignore.is_empty()).then(|| format!("ignores {}", ignore.join(", "))),
        (lifecycle.ensure != Ensure::Present).then(|| format!("{:?}", lifecycle.ensure).to_lowercase()),
    ];
    lines.extend(traits.into_iter().flatten());
    lines
}
