//! What people and programs read about brakes.
#![allow(clippy::unwrap_used, missing_docs)]

mod plans;

use deskform_cli::saved::BrakeReport;
use deskform_cli::view::brake_human::{self, BrakeHuman};
use deskform_model::time::parse_date;
use deskform_model::{BrakeName, Kind, Release};
use deskform_planner::brake::{Brake, LastAdmin, Protected, Released, ReleasedBy, Unused, Verdict};
use plans::{address, json, origin, plan};
use serde_json::json;

fn protected(count: usize) -> Brake {
    let first = (1..=count.min(5)).map(|seat| address(&format!("agent/{seat}"))).collect();
    Brake::Protected(Protected { kind: Kind::Agent, count, first })
}

fn release() -> Release {
    Release {
        name: "seats-move".into(),
        brake: BrakeName::Protected,
        kind: Some(Kind::Agent),
        expect: 7,
        until: parse_date("2026-12-31").unwrap(),
        reason: "搬家\u{1b}[31m".into(),
        origin: origin(3),
    }
}

fn brakes(verdict: &Verdict) -> BrakeReport {
    plans::report(&plan(vec![]), verdict).brakes
}

fn text(verdict: &Verdict, today: Option<&str>) -> String {
    let documents_from = today.map(|today| parse_date(today).unwrap());
    let mut out = anstream::StripStream::new(Vec::new());
    BrakeHuman { brakes: &brakes(verdict), documents_from }.write(&mut out).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

#[test]
fn a_refusal_names_five_the_rest_the_flag_and_a_document() {
    let verdict = Verdict { refused: vec![protected(7)], ..Verdict::default() };
    let expected = "
brake[protected]: the plan deletes 7 seats, which are protected
  - agent/1
  - agent/2
  - agent/3
  - agent/4
  - agent/5
  and 2 more
  hint: put the manifest back, apply it once without `protect: true`, then remove it
  hint: if it is meant, add --allow protected:agent, or put this among the manifests:

    apiVersion: deskform/v1
    kind: Release
    metadata: {name: protected-agent}
    spec:
      brake: protected
      kind: agent
      expect: 7
      until: 2027-01-05
      reason: say here why this is meant
";
    assert_eq!(text(&verdict, Some("2026-12-29")), expected);
}

#[test]
fn destroy_reads_no_manifests_and_is_offered_no_document() {
    let brake = Brake::LastAdmin(LastAdmin { removed: 1, first: vec![address("support/a")] });
    let text = text(&Verdict { refused: vec![brake], ..Verdict::default() }, None);
    assert!(text.ends_with("  hint: if it is meant, add --allow last-admin\n"), "{text}");
}

#[test]
fn what_is_released_says_by_what_and_colours_no_terminal() {
    let by = |by| Released { brake: protected(7), by };
    let released = vec![by(ReleasedBy::Document(release())), by(ReleasedBy::Flag("protected".parse().unwrap()))];
    let text = text(&Verdict { released, ..Verdict::default() }, Some("2026-12-01"));
    let expected = "
brake[protected]: the plan deletes 7 seats, which are protected
  released by manifests/tier1.yaml:3 until 2026-12-31: 搬家\\u{1b}[31m

brake[protected]: the plan deletes 7 seats, which are protected
  released by --allow protected
";
    assert_eq!(text, expected);
}

#[test]
fn programs_read_what_refuses_what_is_released_and_what_is_not_used() {
    let verdict = Verdict {
        refused: vec![Brake::LastAdmin(LastAdmin { removed: 1, first: vec![address("support/a")] })],
        released: vec![Released { brake: protected(7), by: ReleasedBy::Document(release()) }],
        warnings: vec![Unused::WrongNumber { release: release(), found: 3 }, Unused::Flag("kind-vanished:shift".parse().unwrap())],
    };
    let json = json(&plan(vec![]), &verdict);
    assert_eq!(json["applyable"], false);
    let json = &json["deskform"]["brakes"];
    assert_eq!((&json["refused"][0]["allow"], json["refused"][0].get("kind")), (&json!("last-admin"), None));
    let released = &json["released"][0];
    let brake = &released["brake"];
    assert_eq!((&brake["code"], &brake["kind"], &brake["count"]), (&json!("protected"), &json!("agent"), &json!(7)));
    let document = &released["releasedBy"]["document"];
    assert_eq!((&document["name"], &document["until"]), (&json!("seats-move"), &json!("2026-12-31")));
    assert_eq!(document["source"]["line"], 3);
    assert_eq!(json["warnings"][0]["code"], "release-expects-another-number");
    assert_eq!((&json["warnings"][1]["code"], json["warnings"][1].get("source")), (&json!("allow-not-used"), None));
}

#[test]
fn a_warning_about_a_document_says_where_it_stands() {
    let verdict = Verdict { warnings: vec![Unused::Document(release())], ..Verdict::default() };
    let told = brake_human::unused(&brakes(&verdict).warnings[0]);
    assert_eq!(told, "manifests/tier1.yaml:3: the release seats-move is not used: protected:agent finds nothing in this plan");
}
