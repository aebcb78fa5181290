//! A plan as Markdown: short enough for a comment, and nothing in it that a value could do.
#![allow(clippy::unwrap_used, missing_docs)]

mod plans;

use deskform_cli::mask::Mask;
use deskform_cli::view::plan_markdown::{LIMIT, PlanMarkdown};
use deskform_model::{Kind, Value};
use deskform_planner::brake::{Brake, Protected, Verdict};
use deskform_planner::plan::{Before, FieldReason, Note, NoteKind, Reason};
use deskform_planner::{Action, Change, Plan};
use plans::{address, change, changed, date_time, id, plan, report, shift, values};

fn markdown(plan: &Plan, mask: bool) -> String {
    let mut out = Vec::new();
    PlanMarkdown { report: &report(plan, &Verdict::default()), documents_from: None, mask: mask.then_some(&Mask::default()) }
        .write(&mut out)
        .unwrap();
    String::from_utf8(out).unwrap()
}

fn removal(at: &str) -> Change {
    change(at, "", Action::Delete { remotes: vec![id("7")], last: deskform_model::Values::new(), successor: None }, Reason::EnsureAbsent)
}

fn creation(at: &str, fields: &[(&str, &str)]) -> Change {
    let kind = address(at).kind;
    let fields: Vec<(&str, Value)> = fields.iter().map(|(name, text)| (*name, Value::text(*text))).collect();
    change(at, "", Action::Create { values: values(kind, &fields), secret: None }, Reason::New)
}

fn edit(at: &str, field: &str, before: &str, after: &str) -> Change {
    let kind = address(at).kind;
    let fields = vec![changed(kind, field, Before::Live(Value::text(before)), Value::text(after), FieldReason::YourChange)];
    let (values, saw) = (deskform_model::Values::new(), deskform_model::Values::new());
    change(at, "", Action::Update { remotes: vec![Some(id("7"))], values, fields, saw, secret: None }, Reason::YourChange)
}

#[test]
fn plain_words_come_first_then_numbers_then_danger_and_the_rest_is_folded() {
    let changes = vec![
        edit("support/li-si", "name", "李四", "李肆"),
        removal("permission/li-si/callCenter"),
        shift("li-si", "2026-12-01", "06:00", "14:00", "早班", "create"),
        shift("li-si", "2026-12-02", "06:00", "14:00", "早班", "update"),
        shift("zhang-san", "2026-12-07", "09:00", "18:00", "", "delete"),
    ];
    let plan = Plan { valid_until: Some(date_time("2026-12-01T06:00:00")), ..plan(changes) };
    let fingerprint = report(&plan, &Verdict::default()).fingerprint().to_owned();
    assert_eq!(
        markdown(&plan, true),
        format!(
            "\
1 person loses call-centre access, 1 person is edited, 2 people change shifts.

| | add | change | restore | remove |
|---|--:|--:|--:|--:|
| people |  | 1 |  |  |
| permissions |  |  |  | 1 |
| shifts | 1 | 1 |  | 1 |

**Access taken away**

```diff
- permission/li-si/callCenter (ensure: absent; switched off)
```

<details><summary>Other changes (1)</summary>

```diff
~ support/li-si
      ~ name : \"李四\" -> \"李肆\"
```

</details>

<details><summary>Shifts of 2 people: +1 ~1 -1</summary>

`早` `早班 06:00-14:00`, `A` `09:00-18:00`. `+` added, `~` changed, `-` removed; an empty field is no change.

| 2026-11-30 | Mon 30 | Tue 1 | Wed 2 | Thu 3 | Fri 4 | Sat 5 | Sun 6 |
|---|---|---|---|---|---|---|---|
| `li-si` |  | `+早` | `~早` |  |  |  |  |

| 2026-12-07 | Mon 7 | Tue 8 | Wed 9 | Thu 10 | Fri 11 | Sat 12 | Sun 13 |
|---|---|---|---|---|---|---|---|
| `zhang-san` | `-A` |  |  |  |  |  |  |

- `~早 06:00-15:00 -> 06:00-14:00  (changed on the platform): li-si 2026-12-02`

</details>

**Plan:** 1 to change, 1 to remove; shifts 1 to add, 1 to change, 1 to remove. 0 resources unchanged.
Valid until 2026-12-01 06:00, when the first shift that it changes begins.
Project `acme`.

Fingerprint: {fingerprint}
"
        )
    );
}

#[test]
fn a_brake_stands_open_before_the_changes() {
    let plan = plan(vec![removal("support/li-si")]);
    let brake = Brake::Protected(Protected { kind: Kind::Support, count: 1, first: vec![address("support/li-si")] });
    let report = report(&plan, &Verdict { refused: vec![brake], ..Verdict::default() });
    let mut out = Vec::new();
    PlanMarkdown { report: &report, documents_from: None, mask: Some(&Mask::default()) }.write(&mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let (brake, change) = (text.find("**Brakes refuse this plan**").unwrap(), text.find("**Removed**").unwrap());
    assert!(brake < change && text.contains("brake[protected]"), "{text}");
}

#[test]
fn personal_data_is_masked_unless_it_is_wanted() {
    let plan = plan(vec![
        edit("support/13909200001", "mobile", "13240000000", "13240000001"),
        creation("support/li-si", &[("email", "li-si@example.com"), ("landline", "010-6370000-8280")]),
        shift("13909200001", "2026-12-01", "06:00", "14:00", "早班", "create"),
    ]);
    let masked = markdown(&plan, true);
    for secret in ["1390920", "1324000", "li-si@", "6370000"] {
        assert!(!masked.contains(secret), "{secret}: {masked}");
    }
    assert!(
        masked.contains("support/*******0001") && masked.contains("| `*******0001` |") && masked.contains("***@example.com"),
        "{masked}"
    );
    let open = markdown(&plan, false);
    assert!(open.contains("13240000001") && open.contains("li-si@example.com"), "{open}");
}

#[test]
fn no_value_gets_out_of_its_code() {
    const EVIL: &str = "</details> ```\n@everyone [x](https://evil.example) | <img src=x onerror=y> `` #1 ~~~";
    let mut named = shift("li|si`", "2026-12-01", "06:00", "14:00", EVIL, "create");
    named.title = EVIL.into();
    let mut titled = edit("agent/8001", "ttsContent", "a\n", EVIL);
    titled.title = EVIL.into();
    let note = Note { address: address("agent/8003"), title: EVIL.into(), what: NoteKind::NoLongerDeclared, origin: None };
    let text = markdown(&Plan { notes: vec![note], ..plan(vec![titled, named]) }, true);
    let outside = outside_of_code(&text);
    for harm in ["@everyone", "evil.example", "<img", "[x]", "#1"] {
        assert!(text.contains(harm) && !outside.contains(harm), "{harm}: {text}");
    }
    assert_eq!(outside.matches("<details>").count(), outside.matches("</details>").count(), "{text}");
    assert!(text.contains("`` li\u{a6}si` ``"), "{text}");
}

/// What a renderer would take for Markdown: neither fenced blocks nor code spans.
fn outside_of_code(text: &str) -> String {
    let mut outside = String::new();
    let mut fence: Option<usize> = None;
    for line in text.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            None if ticks >= 3 && !line[ticks..].contains('`') => fence = Some(ticks),
            None => outside.push_str(&without_spans(line)),
            Some(open) if ticks >= open && line.len() == ticks => fence = None,
            Some(_) => {}
        }
        outside.push('\n');
    }
    assert_eq!(fence, None, "a block that does not end");
    outside
}

fn without_spans(line: &str) -> String {
    let (mut outside, mut rest) = (String::new(), line);
    while let Some(at) = rest.find('`') {
        outside.push_str(&rest[..at]);
        let ticks = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        let inner = &rest[at + ticks..];
        let end = (0..inner.len()).find(|from| {
            let run = &inner.as_bytes()[*from..];
            let length = run.iter().take_while(|byte| **byte == b'`').count();
            length == ticks && (*from == 0 || inner.as_bytes()[from - 1] != b'`')
        });
        let Some(end) = end else { panic!("a span that does not end: {line}") };
        rest = &inner[end + ticks..];
    }
    outside + rest
}

#[test]
fn thirty_three_thousand_changes_fit_into_a_comment_and_what_is_missing_is_said() {
    let mut changes = Vec::new();
    for person in 0..700 {
        let fields = [("name", "某某"), ("account", "a"), ("staffNumber", "007")];
        changes.push(creation(&format!("support/p{person:04}"), &fields));
    }
    for person in 0..300 {
        changes.push(removal(&format!("permission/p{person:04}/callCenter")));
    }
    for person in 0..1_050 {
        for day in 1..=30 {
            changes.push(shift(&format!("p{person:04}"), &format!("2026-12-{day:02}"), "06:00", "14:00", "早班", "create"));
        }
    }
    for seat in 0..500 {
        changes.push(edit(&format!("agent/{seat}"), "callerId", "1", "2"));
    }
    let plan = plan(changes);
    assert_eq!(plan.changes.len(), 33_000);
    let text = markdown(&plan, true);
    let length = text.chars().count();
    assert!((LIMIT - 2_000..=LIMIT).contains(&length), "{length}");
    // Danger is in whole, then there is a line for each, and of the shifts there are as many as fit.
    let number = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!((number("- permission/"), number("~ agent/"), number("      ~ callerId"), number("+ support/")), (300, 500, 500, 700));
    let shifts: usize = text.lines().filter(|line| line.starts_with("| `p")).map(|line| line.matches("`+早`").count()).sum();
    assert!((1..31_500).contains(&shifts), "{shifts}");
    let notice = text.lines().find(|line| line.starts_with("**Left out**")).unwrap();
    assert!(notice.contains(&format!("the details of 700 changes, {} of \"shifts\"", 31_500 - shifts)), "{notice}");
    assert!(text.trim_end().ends_with(&format!("Fingerprint: {}", report(&plan, &Verdict::default()).fingerprint())));
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    assert_eq!(outside_of_code(&text).matches("Left out").count(), 1);
}

#[test]
fn a_change_that_is_too_large_for_a_comment_loses_its_details_and_not_its_line() {
    let long = "很长的一行文字\n".repeat(9_000);
    let text = markdown(&plan(vec![edit("agent/8001", "ttsContent", "a\n", &long), removal("permission/li-si/callCenter")]), true);
    assert!(text.chars().count() <= LIMIT);
    assert!(text.contains("~ agent/8001\n```") && text.contains("the details of 1 change"), "{text}");
}
