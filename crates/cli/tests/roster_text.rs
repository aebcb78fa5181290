//! The roster of a plan in a terminal: how it wraps and lines up, and what it says beside the grid.
#![allow(clippy::unwrap_used, missing_docs)]

mod plans;

use deskform_cli::args::Format;
use deskform_cli::ui::Screen;
use deskform_cli::view::plan_view::PlanView;
use deskform_model::{Kind, Value};
use deskform_planner::brake::Verdict;
use deskform_planner::plan::{Before, FieldReason, Reason};
use deskform_planner::{Action, Change, Plan};
use plans::{change, changed, id, plan, report, shift, text_within};

/// The lines of the shifts' part.
fn roster(plan: &Plan, columns: usize) -> String {
    let text = text_within(plan, columns);
    let from = text.find("  shifts of ").unwrap();
    let lines = text[from..].split("\n\n").next().unwrap().lines().skip(1);
    lines.map(|line| format!("{line}\n")).collect()
}

/// A shift whose name and hours become others.
fn edit(person: &str, date: &str, before: [&str; 3], after: [&str; 3]) -> Change {
    let field = |name: &str, at: usize| {
        let before = Before::Live(Value::text(before[at]));
        changed(Kind::Shift, name, before, Value::text(after[at]), FieldReason::YourChange)
    };
    let fields = vec![field("name", 0), field("start", 1), field("end", 2)];
    let mut made = shift(person, date, after[1], after[2], after[0], "create");
    let values = made.values().unwrap().clone();
    made.action = Action::Update { remotes: vec![Some(id("9"))], values, fields, saw: deskform_model::Values::new(), secret: None };
    made.reason = Reason::YourChange;
    made
}

const EARLY: [&str; 3] = ["早班", "06:00", "14:00"];
const NIGHT: [&str; 3] = ["夜班", "22:00", "06:00"];

#[test]
fn weeks_stand_beside_each_other_where_there_is_room_and_below_each_other_where_there_is_none() {
    let days = ["2026-11-29", "2026-12-01", "2026-12-08", "2026-12-09"];
    let mut changes: Vec<Change> = days.iter().map(|day| shift("li-si", day, "06:00", "14:00", "早班", "create")).collect();
    changes.push(shift("欧阳", "2026-12-08", "22:00", "06:00", "夜班", "delete"));
    // Two weeks without a change lie between.
    changes.push(shift("欧阳", "2026-12-31", "22:00", "06:00", "夜班", "create"));
    let plan = plan(changes);
    assert_eq!(
        roster(&plan, 80),
        "  2026-11/12 Sun Mon Tue Wed Thu Fri Sat Sun Mon Tue Wed
             29  30  01  02  03  04  05  06  07  08  09
  li-si      +早 .   +早 .   .   .   .   .   .   +早 +早
  欧阳       .   .   .   .   .   .   .   .   .   -夜 .
  2026-12    Thu
             31
  欧阳       +夜
      早 早班 06:00-14:00  夜 夜班 22:00-06:00
      + added  - removed  . no change
"
    );
    let narrow = roster(&plan, 40);
    assert!(narrow.lines().all(|line| deskform_cli::view::layout::width(line) <= 40), "{narrow}");
    assert!(narrow.contains("  2026-11    Sun\n             29\n  li-si      +早\n  2026-11/12 Mon"), "{narrow}");
}

#[test]
fn several_shifts_of_a_day_and_signs_of_two_letters_widen_their_column_alone() {
    let mut changes = vec![
        shift("li-si", "2026-12-01", "06:00", "14:00", "早班", "delete"),
        shift("li-si", "2026-12-01", "22:00", "06:00", "夜班", "create"),
        shift("li-si", "2026-12-02", "06:00", "14:00", "早班", "create"),
        shift("wang-wu", "2026-12-02", "07:00", "15:00", "早班", "create"),
    ];
    changes.push(shift("wang-wu", "2026-12-03", "07:00", "15:00", "早班", "create"));
    assert_eq!(
        roster(&plan(changes), 80),
        "  2026-12 Tue   Wed Thu
          01    02  03
  li-si   -A+夜 +A  .
  wang-wu .     +B  +B
      A 早班 06:00-14:00  B 早班 07:00-15:00  夜 夜班 22:00-06:00
      + added  - removed  . no change
"
    );
}

#[test]
fn what_changes_in_shifts_that_stay_is_said_once_for_all_that_change_alike() {
    let mut changes: Vec<Change> =
        (1..=7).map(|day| edit("li-si", &format!("2026-12-{day:02}"), ["早班", "06:00", "15:00"], EARLY)).collect();
    let mut remark = shift("wang-wu", "2026-12-01", "06:00", "14:00", "早班", "create");
    remark.reason = Reason::Vanished;
    changes.push(remark);
    let roster = roster(&plan(changes), 80);
    let days = "li-si 2026-12-01, li-si 2026-12-02, li-si 2026-12-03, li-si 2026-12-04, li-si 2026-12-05 and 2 more";
    assert!(roster.contains(&format!("      ~早 06:00-15:00 -> 06:00-14:00: {days}\n")), "{roster}");
    assert!(roster.contains("      +早 (gone from the platform, made again): wang-wu 2026-12-01\n"), "{roster}");
}

#[test]
fn two_people_who_exchange_their_shifts_of_a_day_are_named_once() {
    let changes = vec![edit("li-si", "2026-12-01", EARLY, NIGHT), edit("zhang-san", "2026-12-01", NIGHT, EARLY)];
    let roster = roster(&plan(changes), 80);
    assert!(roster.starts_with("  swap: li-si 2026-12-01 早班 <-> zhang-san 2026-12-01 夜班\n"), "{roster}");
    assert!(roster.contains("  li-si     ~夜\n  zhang-san ~早\n"), "{roster}");
    assert!(!roster.contains("->  ") && roster.matches("22:00").count() == 1, "the grid and the swap say everything: {roster}");
}

#[test]
fn a_place_that_does_not_fit_stands_below_its_line() {
    let fields = vec![changed(Kind::Support, "qq", Before::Live(Value::text("1")), Value::text("2"), FieldReason::YourChange)];
    let (values, saw) = (deskform_model::Values::new(), deskform_model::Values::new());
    let action = Action::Update { remotes: vec![Some(id("7"))], values, fields, saw, secret: None };
    let mut edit = change("support/zhang-san", "张三", action, Reason::YourChange);
    edit.origin = Some(plans::origin(4));
    let plan = plan(vec![edit]);
    assert!(
        text_within(&plan, 60).contains("  ~ support/zhang-san 张三            manifests/tier1.yaml:4\n"),
        "{}",
        text_within(&plan, 60)
    );
    assert!(text_within(&plan, 44).contains("  ~ support/zhang-san 张三\n      manifests/tier1.yaml:4\n"));
}

#[test]
fn what_is_longer_than_the_terminal_begins_with_what_matters_most() {
    let seats = (0..40).map(|seat| {
        let removal = Action::Delete { remotes: vec![id("7")], last: deskform_model::Values::new(), successor: None };
        change(&format!("agent/{seat}"), "", removal, Reason::EnsureAbsent)
    });
    let report = report(&plan(seats.collect()), &Verdict::default());
    let show = |rows| {
        let screen = Screen { columns: 80, rows };
        let mut out = anstream::StripStream::new(Vec::new());
        PlanView { report: &report, verbose: false, documents_from: None, folder: "", screen, mask: None }
            .write(Format::Text, &mut out)
            .unwrap();
        String::from_utf8(out.into_inner()).unwrap()
    };
    let glance = show(Some(24));
    let whole = show(None);
    let screen = glance.strip_suffix(&whole).expect("the whole follows");
    assert!(screen.lines().count() <= 24, "{screen}");
    assert!(screen.starts_with("at a glance: 40 seats are removed.\n  removed:\n  - agent/0 (ensure: absent)\n"), "{screen}");
    assert!(screen.contains("  and 25 more of these below\nPlan: 40 to remove."), "{screen}");
    assert_eq!(show(Some(100)), whole, "what fits needs no glance");
}
