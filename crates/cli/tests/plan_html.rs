//! A plan as an HTML page: what stands in it. What a browser makes of it is tested in `browser.rs`.
#![allow(clippy::unwrap_used, missing_docs)]

mod plans;

use deskform_cli::mask::Mask;
use deskform_cli::view::plan_html::PlanHtml;
use deskform_model::{Kind, Value};
use deskform_planner::Plan;
use deskform_planner::brake::{Brake, Protected, Verdict};
use deskform_planner::plan::{Before, FieldReason, Note, NoteKind, Reason};
use plans::{address, change, changed, id, plan, report, shift};

fn html(plan: &Plan, verdict: &Verdict, mask: bool) -> String {
    let mut out = Vec::new();
    PlanHtml { report: &report(plan, verdict), documents_from: None, mask: mask.then_some(&Mask::default()) }.write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn edit(at: &str, field: &str, before: &str, after: &str) -> deskform_planner::Change {
    let fields = vec![changed(address(at).kind, field, Before::Live(Value::text(before)), Value::text(after), FieldReason::YourChange)];
    let (values, saw) = (deskform_model::Values::new(), deskform_model::Values::new());
    let action = deskform_planner::Action::Update { remotes: vec![Some(id("7"))], values, fields, saw, secret: None };
    change(at, "", action, Reason::YourChange)
}

#[test]
fn the_page_needs_nothing_but_itself() {
    let page = html(&plan(vec![edit("support/li-si", "name", "a", "b")]), &Verdict::default(), true);
    assert!(page.contains("default-src 'none'; style-src 'sha256-"), "{page}");
    for outside in ["http://", "https://", "src=", "href=", "url(", "@import", "style=\"", "onclick"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn values_are_text_in_every_place_where_one_can_stand() {
    const EVIL: &str = "\"><script>alert('x')</script>";
    let mut named = shift(EVIL, "2026-12-01", "06:00", "14:00", EVIL, "create");
    named.title = EVIL.into();
    let mut titled = edit("agent/8001", "ttsContent", "a\n", EVIL);
    titled.title = EVIL.into();
    let note = Note { address: address("agent/8003"), title: EVIL.into(), what: NoteKind::NoLongerDeclared, origin: None };
    let brake = Brake::Protected(Protected { kind: Kind::Agent, count: 1, first: vec![address(&format!("agent/{EVIL}"))] });
    let verdict = Verdict { refused: vec![brake], ..Verdict::default() };
    let page = html(&Plan { notes: vec![note], ..plan(vec![titled, named]) }, &verdict, true);
    assert_eq!(page.matches("<script").count(), 1, "{page}");
    assert!(page.matches("&lt;script&gt;alert(&#39;x&#39;)").count() >= 6, "{page}");
}

#[test]
fn the_same_sections_stand_in_the_same_order_as_in_the_text() {
    let changes = vec![
        edit("support/li-si", "name", "a", "b"),
        change(
            "permission/li-si/callCenter",
            "",
            deskform_planner::Action::Delete { remotes: vec![id("7")], last: deskform_model::Values::new(), successor: None },
            Reason::EnsureAbsent,
        ),
        shift("li-si", "2026-12-01", "06:00", "14:00", "早班", "create"),
        edit("agent/8001", "callerId", "1", "2"),
    ];
    let plan = plan(changes);
    let (page, text) = (html(&plan, &Verdict::default(), true), plans::text(&plan));
    let mut from = 0;
    for heading in ["Access taken away", "Seats in use that change at once", "Other changes", "Shifts of 1 person: +1"] {
        let at = page.find(&format!("{heading}</h2>")).unwrap_or_else(|| panic!("{heading}: {page}"));
        assert!(at > from, "{heading}");
        from = at;
        // The text begins its headings in lower case.
        assert!(text.contains(&heading.to_lowercase()), "{heading}: {text}");
    }
    assert!(page.contains(&format!("Fingerprint: <code>{}</code>", report(&plan, &Verdict::default()).fingerprint())));
}

#[test]
fn personal_data_is_masked_unless_it_is_wanted() {
    let changes = vec![edit("support/13909200001", "mobile", "13240000000", "13240000001")];
    let masked = html(&plan(changes.clone()), &Verdict::default(), true);
    assert!(!masked.contains("13909200001") && !masked.contains("13240000001") && masked.contains("data-person=\"*******0001\""));
    assert!(html(&plan(changes), &Verdict::default(), false).contains("13240000001"));
}
