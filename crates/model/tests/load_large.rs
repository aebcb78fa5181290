//! Loading many manifests: two threads, many objects, one result.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::Write as _;

use deskform_model::diagnostic::one_line;
use deskform_model::source::Sources;
use deskform_model::{Kind, LoadOptions, Loaded, load, time};

const PEOPLE_PER_FILE: usize = 50;
const DAYS: usize = 28;

/// Files of people, each with a permission by label, a month of shifts and a seat; `roster` is everybody's line.
fn centre(files: usize, roster: &str) -> Sources {
    let mut sources = Sources::default();
    for file in 0..files {
        let mut text = String::new();
        let names = || (0..PEOPLE_PER_FILE).map(|person| file * PEOPLE_PER_FILE + person);
        for number in names() {
            writeln!(text, "---\napiVersion: deskform/v1\nkind: Support\nmetadata: {{name: p{number}, labels: {{team: t{file}}}}}")
                .unwrap();
            writeln!(text, "spec: {{account: \"139{number:08}\", staffNumber: \"{number:05}\", name: 张三}}").unwrap();
            writeln!(text, "---\napiVersion: deskform/v1\nkind: Agent\nmetadata: {{name: s{number}}}").unwrap();
            writeln!(text, "spec: {{operatorId: \"{number}\", support: p{number}, role: 客服}}").unwrap();
        }
        writeln!(text, "---\napiVersion: deskform/v1\nkind: Permission\nmetadata: {{name: voice-{file}}}").unwrap();
        writeln!(text, "spec: {{supports: [{{labels: {{team: t{file}}}}}], module: callCenter}}").unwrap();
        writeln!(text, "---\napiVersion: deskform/v1\nkind: Schedule\nmetadata: {{name: month-{file}}}").unwrap();
        writeln!(text, "spec:\n  from: 2026-12-01\n  to: 2026-12-{DAYS}\n  shiftTypes:\n    早: {{start: \"06:00\", end: \"14:00\"}}")
            .unwrap();
        writeln!(text, "    夜: {{start: \"22:00\", end: \"06:00\"}}\n  roster:").unwrap();
        for number in names() {
            writeln!(text, "    p{number}: {roster}").unwrap();
        }
        sources.add(format!("{file:03}.yaml"), text);
    }
    sources
}

fn loaded(sources: &Sources) -> Loaded {
    load(sources, &LoadOptions::new(time::parse_date("2026-11-20").unwrap()))
}

fn findings(loaded: &Loaded, sources: &Sources) -> Vec<String> {
    loaded.diagnostics.iter().map(|diagnostic| one_line(diagnostic, sources)).collect()
}

#[test]
fn every_person_of_every_file_has_a_seat_a_permission_and_all_shifts() {
    let sources = centre(30, &"早".repeat(DAYS));
    let loaded = loaded(&sources);
    assert_eq!(findings(&loaded, &sources), Vec::<String>::new());
    let desired = loaded.desired.unwrap();
    let count = |kind| desired.resources().iter().filter(|resource| resource.kind() == kind).count();
    let people = 30 * PEOPLE_PER_FILE;
    assert_eq!([Kind::Support, Kind::Permission, Kind::Shift, Kind::Agent].map(count), [people, people, people * DAYS, people]);
    assert!(desired.resources().is_sorted_by(|a, b| a.address < b.address), "addresses are sorted and unique");
    for resource in desired.resources().iter().step_by(97) {
        assert_eq!(desired.get(&resource.address).unwrap().origin, resource.origin);
    }
}

#[test]
fn findings_have_one_order_however_the_threads_run() {
    // A night before an early shift once a month: one finding a person.
    let sources = centre(20, &format!("夜早{}", ".".repeat(DAYS - 2)));
    let first = findings(&loaded(&sources), &sources);
    assert_eq!(first.len(), 20 * PEOPLE_PER_FILE);
    assert!(first.iter().all(|line| line.contains("short-rest")), "{}", first[0]);
    assert!(first.is_sorted_by_key(|line| line[..3].to_owned()), "files keep their order");
    for _ in 0..3 {
        assert_eq!(findings(&loaded(&sources), &sources), first);
    }
}

#[test]
fn a_few_lines_cannot_ask_for_more_than_a_machine_holds() {
    let mut sources = centre(20, &".".repeat(DAYS));
    let mut text = String::from("apiVersion: deskform/v1\nkind: Schedule\nmetadata: {name: flood}\nspec:\n  shifts:\n");
    for hour in 0..3 {
        for file in 0..20 {
            writeln!(
                text,
                "    - {{supports: [{{labels: {{team: t{file}}}}}], dates: {{from: 2027-01-01, to: 2027-12-31}}, start: \"{hour:02}:00\", end: \"{hour:02}:30\"}}"
            )
            .unwrap();
        }
    }
    sources.add("flood.yaml", text);
    let loaded = loaded(&sources);
    assert_eq!(
        findings(&loaded, &sources),
        ["000.yaml:4:18: too-many-objects: the manifests together expand to more than 1000000 objects"]
    );
    assert!(loaded.desired.is_none());
}

/// A set with ranges of ten thousand seats from each of these numbers on.
fn set_of_ranges(firsts: impl Iterator<Item = usize>) -> Sources {
    let mut text =
        String::from("apiVersion: deskform/v1\nkind: AgentSet\nmetadata: {name: all}\nspec:\n  defaults: {role: 客服}\n  seats:\n");
    for first in firsts {
        writeln!(text, "    {first}..{}: {{}}", first + 9_999).unwrap();
    }
    let mut sources = Sources::default();
    sources.add("set.yaml", text);
    sources
}

#[test]
fn a_set_holds_thousands_of_seats_and_not_more_than_a_machine() {
    let sources = set_of_ranges([10_000, 20_000, 15_000].into_iter());
    let found = loaded(&sources);
    assert_eq!(findings(&found, &sources), Vec::<String>::new());
    assert_eq!(found.desired.unwrap().resources().len(), 20_000);

    let sources = set_of_ranges((1..=1_000).map(|number| number * 10_000_000));
    let found = loaded(&sources);
    assert_eq!(findings(&found, &sources), ["set.yaml:3:18: too-many-objects: the manifests together expand to more than 1000000 objects"]);
}
