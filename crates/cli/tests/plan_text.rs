//! The text of a plan, for every kind of change. Plans are built by hand: what is shown does not depend on how it was decided.
#![allow(clippy::unwrap_used, missing_docs)]

mod plans;

use deskform_model::{Kind, Value};
use deskform_planner::plan::{Before, Bookkeeping, ChangeId, FieldReason, ForgetReason, Note, NoteKind, Reason, Refusal};
use deskform_planner::{Action, Plan};
use plans::{address, change, changed, date_time, entry_id, id, origin, plan, shift, text, values};

#[test]
fn an_edit_shows_old_and_new_and_where_it_is_declared() {
    let fields = vec![
        changed(Kind::Support, "mobile", Before::Live("13240000000".into_value()), "13240000001".into_value(), FieldReason::YourChange),
        changed(
            Kind::Support,
            "groups",
            Before::Live(Value::set(["344124".into(), "344214".into()])),
            Value::set(["344124".into(), "344999".into()]),
            FieldReason::YourChange,
        ),
    ];
    let mut edit = change("support/zhang-san", "张三", update(fields), Reason::YourChange);
    edit.origin = Some(origin(4));
    assert_eq!(
        text(&Plan { unchanged: [(Kind::Support, 303)].into(), ..plan(vec![edit]) }),
        "\
1 person is edited.

deskform will perform the following actions:

  ~ support/zhang-san 张三                                manifests/tier1.yaml:4
      ~ mobile : \"13240000000\" -> \"13240000001\"
      ~ groups : - 344214, + 344999

Plan: 1 to change. 303 resources unchanged.
"
    );
}

#[test]
fn danger_comes_first_and_says_what_it_does() {
    let switched_off =
        vec![changed(Kind::Permission, "enabled", Before::Live(true.into_value()), false.into_value(), FieldReason::YourChange)];
    let changes = vec![
        change("agent/8001", "张三", update(vec![named(Kind::Agent, "callerId", "1", "2")]), Reason::YourChange),
        change("agent/8029", "李四", delete(), Reason::EnsureAbsent),
        change("permission/li-si/callCenter", "", delete(), Reason::NotDeclared),
        change("permission/wang-wu/callCenter", "", update(switched_off), Reason::YourChange),
        change("support/li-si", "李四", delete(), Reason::Replaced),
        change(
            "agent/8002",
            "",
            Action::Refuse {
                why: vec![Refusal::Fixed { field: key(Kind::Agent, "audio"), have: Value::Flag(true), want: Value::Flag(false) }],
            },
            Reason::YourChange,
        ),
    ];
    assert_eq!(
        text(&plan(changes)),
        "\
2 people lose call-centre access, 1 person is replaced, 1 seat is removed, 1 seat in use changes at once, 1 resource cannot be changed.

deskform will perform the following actions:

  cannot change, left out by apply:
  ! agent/8002
      ! audio : true -> false is fixed once created; `lifecycle: {replace: allow}` would delete it and create it anew

  access taken away:
  - permission/li-si/callCenter (no longer declared; switched off)
  ~ permission/wang-wu/callCenter
      ~ enabled : true -> false

  replaced:
  - support/li-si 李四 (replaced, a fixed field changed; to the recycle bin)

  removed:
  - agent/8029 李四 (ensure: absent)

  seats in use that change at once:
  ~ agent/8001 张三
      ~ callerId : \"1\" -> \"2\"

Plan: 2 to change, 3 to remove; 1 cannot change. 0 resources unchanged.
"
    );
}

#[test]
fn a_creation_lists_its_values_and_hides_its_secret() {
    let create = Action::Create {
        values: values(
            Kind::Agent,
            &[
                ("name", "张三".into_value()),
                ("recordCalls", true.into_value()),
                ("password", Value::Secret { version: 1 }),
                ("callerId", Value::Null),
            ],
        ),
        secret: None,
    };
    assert_eq!(
        text(&plan(vec![change("agent/8001", "张三", create, Reason::New)])),
        "\
1 seat is new.

deskform will perform the following actions:

  + agent/8001 张三
      + name        : \"张三\"
      + recordCalls : true
      + password    : (secret) version 1

Plan: 1 to add. 0 resources unchanged.
"
    );
}

#[test]
fn what_cannot_be_read_says_when_it_was_last_set_and_drift_says_who_changed_it() {
    let fields = vec![
        changed(
            Kind::Agent,
            "role",
            Before::LastSet("客服".into_value(), "2026-11-20T08:00:00".into()),
            "班长".into_value(),
            FieldReason::YourChange,
        ),
        changed(
            Kind::Agent,
            "password",
            Before::LastSet(Value::Secret { version: 1 }, "2026-11-20T08:00:00".into()),
            Value::Secret { version: 2 },
            FieldReason::YourChange,
        ),
        changed(Kind::Agent, "callerId", Before::Live("1".into_value()), "2".into_value(), FieldReason::Drift),
        changed(Kind::Agent, "name", Before::Live(Value::Null), "张三".into_value(), FieldReason::Both),
        changed(Kind::Agent, "type", Before::Unknown, "leader".into_value(), FieldReason::Unrecorded),
    ];
    assert_eq!(
        text(&plan(vec![change("agent/8001", "", update(fields), Reason::Both)])),
        "\
1 seat in use changes at once.

deskform will perform the following actions:

  seats in use that change at once:
  ~ agent/8001
      ~ role     : \"客服\" -> \"班长\"  (not readable; last set on 2026-11-20)
      ~ password : (secret) version 1 -> (secret) version 2  (not readable; last set on 2026-11-20)
      ~ callerId : \"1\" -> \"2\"  (changed on the platform)
      ~ name     : null -> \"张三\"  (changed here and on the platform)
      ~ type     : ? -> leader  (not readable; never set from here)

Plan: 1 to change. 0 resources unchanged.
"
    );
}

#[test]
fn several_lines_of_text_are_shown_as_a_line_diff() {
    let fields = vec![changed(
        Kind::Agent,
        "ttsContent",
        Before::Live("您好。\n欢迎致电。\n谢谢。\n".into_value()),
        "您好。\n欢迎来电。\n谢谢。\n".into_value(),
        FieldReason::YourChange,
    )];
    assert_eq!(
        text(&plan(vec![change("agent/8001", "", update(fields), Reason::YourChange)])),
        "\
1 seat in use changes at once.

deskform will perform the following actions:

  seats in use that change at once:
  ~ agent/8001
      ~ ttsContent :
            您好。
          - 欢迎致电。
          + 欢迎来电。
            谢谢。

Plan: 1 to change. 0 resources unchanged.
"
    );
}

#[test]
fn shifts_stand_together_with_removals_first_and_columns_that_line_up() {
    let mut edited = shift("li-si", "2026-12-02", "06:00", "14:00", "早班", "update");
    edited.reason = Reason::Drift;
    let changes = vec![
        shift("li-si", "2026-12-01", "06:00", "14:00", "早班", "create"),
        edited,
        shift("zhang-san", "2026-12-03", "22:00", "06:00", "Long night", "create"),
        shift("zhang-san", "2026-12-04", "09:00", "18:00", "", "delete"),
    ];
    let plan = Plan { valid_until: Some(date_time("2026-12-01T06:00:00")), ..plan(changes) };
    assert_eq!(
        text(&plan),
        "\
2 people change shifts.

deskform will perform the following actions:

  shifts of 2 people: +2 ~1 -1
  2026-12   Tue Wed Thu Fri
            01  02  03  04
  li-si     +早 ~早 .   .
  zhang-san .   .   +L  -A
      早 早班 06:00-14:00  A 09:00-18:00  L Long night 22:00-06:00
      + added  ~ changed  - removed  . no change
      ~早 06:00-15:00 -> 06:00-14:00  (changed on the platform): li-si 2026-12-02

Plan: shifts 2 to add, 1 to change, 1 to remove. 0 resources unchanged.
Valid until 2026-12-01 06:00, when the first shift that it changes begins.
"
    );
}

#[test]
fn taking_over_moving_and_forgetting_are_listed_and_are_no_changes() {
    let record = || Action::Record { remotes: vec![id("7")], values: values(Kind::Support, &[]) };
    let mut adopted = change("support/li-si", "李四", record(), Reason::Adopted);
    adopted.bookkeeping = Bookkeeping { adopted: true, ..Bookkeeping::default() };
    let mut moved = change("support/wang-wu", "王五", record(), Reason::YourChange);
    moved.bookkeeping =
        Bookkeeping { moved_from: Some(address("support/wang")), released: vec![key(Kind::Support, "qq")], ..Bookkeeping::default() };
    let forgotten =
        change("agent/8003", "", Action::Forget { id: entry_id(Kind::Agent, "8003"), why: ForgetReason::Gone }, Reason::NotDeclared);
    assert_eq!(
        text(&plan(vec![forgotten, adopted, moved])),
        "\
Nothing changes on the platforms; only the ledger does.

deskform will perform the following actions:

  only the ledger changes:
  = support/li-si 李四 (exists already, taken over)
  = support/wang-wu 王五
      was support/wang
      no longer managed: qq

  no longer in the ledger:
  x agent/8003 (neither declared nor on the platform)

Plan: nothing to change; 1 to take over, 1 to move, 1 to forget. 0 resources unchanged.
"
    );
}

#[test]
fn a_restore_and_a_replacement_are_told_from_a_creation() {
    let restore =
        Action::Restore {
            remote: id("7"), values: values(Kind::Support, &[]), fields: vec![named(Kind::Support, "name", "李", "李四")]
        };
    let create = Action::Create { values: values(Kind::Support, &[("account", "b".into_value())]), secret: None };
    let changes = vec![change("support/li-si", "李四", restore, Reason::New), change("support/zhang-san", "", create, Reason::Replaced)];
    assert_eq!(
        text(&plan(changes)),
        "\
1 person comes back.

deskform will perform the following actions:

  replaced:
  + support/zhang-san (replaced, a fixed field changed)
      + account : \"b\"

  other changes:
  + support/li-si 李四
      taken out of the recycle bin
      ~ name : \"李\" -> \"李四\"

Plan: 1 to add, 1 to restore. 0 resources unchanged.
"
    );
}

#[test]
fn a_plan_holds_until_the_present_start_of_a_shift_that_it_moves() {
    let start = |text: &str| Value::text(text);
    let fields = vec![changed(Kind::Shift, "start", Before::Live(start("07:00")), start("13:00"), FieldReason::YourChange)];
    let moved = change("shift/li-si/2026-12-01T13:00", "", update(fields), Reason::YourChange);
    let until = |time| text(&Plan { valid_until: Some(date_time(time)), ..plan(vec![moved.clone()]) });
    assert!(until("2026-12-01T07:00:00").contains("Valid until 2026-12-01 07:00, when the first shift that it changes begins."));
    assert!(until("2026-12-01T21:00:00").contains("when the first shift that it changes ends."));
}

#[test]
fn a_seat_that_is_made_anew_says_what_it_loses() {
    let last = values(Kind::Agent, &[("sipNumber", "870001".into_value())]);
    let removal = |successor| Action::Delete { remotes: vec![id("8001")], last: last.clone(), successor: Some(successor) };
    let create = |fields: &[(&str, Value)]| Action::Create { values: values(Kind::Agent, fields), secret: None };
    let lost = |fields: &[(&str, Value)]| {
        let changes = vec![
            change("agent/8001", "", removal(ChangeId(1)), Reason::Replaced),
            change("agent/8001", "", create(fields), Reason::Replaced),
        ];
        text(&plan(changes))
    };
    assert!(lost(&[]).contains("      its password and its SIP number 870001 are lost\n"));
    assert!(lost(&[("sipNumber", "870001".into_value())]).contains("      its password is lost\n"));
}

#[test]
fn no_changes_is_said_for_nothing_at_all_and_notes_come_with_it() {
    let note = |address_text: &str, what| Note { address: address(address_text), title: "".into(), what, origin: None };
    let plan = Plan {
        notes: vec![
            note("agent/8003", NoteKind::NoLongerDeclared),
            note("shift/li-si/2026-11-01T09:00", NoteKind::Ended),
            note("shift/li-si/2026-11-02T09:00", NoteKind::Ended),
            note(
                "shift/li-si/2026-12-02T09:00",
                NoteKind::DriftKept { field: key(Kind::Shift, "end"), live: "18:30".into_value(), want: "18:00".into_value() },
            ),
            note("shift/li-si/2026-12-01T09:00", NoteKind::StartPinned { live: "09:00".into_value(), want: "08:00".into_value() }),
        ],
        unchanged: [(Kind::Support, 1)].into(),
        unmanaged: [(Kind::Support, 2), (Kind::Permission, 0), (Kind::Shift, 1), (Kind::Agent, 4)].into(),
        ledger_known: false,
        ..plan(vec![])
    };
    assert_eq!(
        text(&plan),
        "  to know:
  . agent/8003: no longer declared and kept; `ensure: absent` or `ensure: released` decides
  . shift/li-si/2026-12-02T09:00: end : 18:30 on the platform is kept, 18:00 is declared
  . shift/li-si/2026-12-01T09:00: is in progress: its start stays 09:00, 08:00 is declared
  . 2 shifts are over; left as they are

No changes. 1 resource is as declared.
2 people, 1 future shift, 4 seats here are not managed.
There is no ledger yet. Without a ledger nothing is deleted.
"
    );
}

#[test]
fn remote_ids_are_shown_to_those_who_ask() {
    let plan = plan(vec![change("agent/8029", "", delete(), Reason::EnsureAbsent)]);
    assert!(!text(&plan).contains("id 7"));
    assert!(plans::verbose_text(&plan).contains("      id 7\n"));
}

// Below: shorter ways to write the values above.

trait IntoValue {
    fn into_value(self) -> Value;
}

impl IntoValue for &str {
    fn into_value(self) -> Value {
        Value::text(self)
    }
}

impl IntoValue for bool {
    fn into_value(self) -> Value {
        Value::Flag(self)
    }
}

fn key(kind: Kind, name: &str) -> deskform_model::FieldKey {
    kind.key(name).unwrap()
}

fn named(kind: Kind, name: &str, before: &str, after: &str) -> deskform_planner::plan::FieldChange {
    changed(kind, name, Before::Live(before.into_value()), after.into_value(), FieldReason::YourChange)
}

fn update(fields: Vec<deskform_planner::plan::FieldChange>) -> Action {
    Action::Update {
        remotes: vec![Some(id("7"))],
        values: deskform_model::Values::new(),
        fields,
        saw: deskform_model::Values::new(),
        secret: None,
    }
}

fn delete() -> Action {
    Action::Delete { remotes: vec![id("7")], last: deskform_model::Values::new(), successor: None }
}
