//! Who came when: one table of days, and the edges of a report.
#![allow(clippy::unwrap_used, missing_docs)]

use deskform_model::kind::shift::{END, NAME, START};
use deskform_model::time::{self, DateTime};
use deskform_model::{FieldKey, RemoteId, Value, Values};
use deskform_planner::Duty;
use deskform_planner::adherence::{
    DayOff, Inputs, Member, NoOwner, Ownerless, Owners, PlannedShift, Report, SignIn, Tolerance, adherence, shifts_of_duties,
};

const TOLERANCE: Tolerance = Tolerance { early_by: 2 * 3600, late_after: 300 };

/// `02 09:00` of December 2026.
fn at(text: &str) -> DateTime {
    time::parse_date_time(&format!("2026-12-{text}")).unwrap()
}

/// `02 09:00 - 02 17:00`.
fn shift(text: &str) -> PlannedShift {
    let (begins, ends) = text.split_once(" - ").unwrap();
    PlannedShift { person: 0, begins: at(begins), ends: at(ends), name: "".into() }
}

fn member(label: &str, name: &str, staff_number: &str) -> Member {
    Member { label: label.into(), name: name.into(), staff_number: staff_number.into(), known: true }
}

struct World {
    people: Vec<Member>,
    shifts: Vec<PlannedShift>,
    sign_ins: Vec<SignIn>,
    days_off: Vec<DayOff>,
    now: DateTime,
}

impl World {
    fn new(shifts: &[&str], sign_ins: &[&str]) -> Self {
        Self {
            people: vec![member("zhang-san", "张三", "001")],
            shifts: shifts.iter().map(|text| shift(text)).collect(),
            sign_ins: sign_ins.iter().map(|text| SignIn { person: 0, at: at(text) }).collect(),
            days_off: Vec::new(),
            now: at("20 00:00"),
        }
    }

    fn report(&self) -> Report {
        let day = |text| time::parse_date(text).unwrap();
        adherence(&Inputs {
            first: day("2026-12-02"),
            last: day("2026-12-03"),
            now: self.now,
            tolerance: TOLERANCE,
            people: &self.people,
            shifts: &self.shifts,
            sign_ins: &self.sign_ins,
            days_off: &self.days_off,
        })
    }

    /// `02 09:00 late 6`, one for each line; a sign-in without a shift has its own time.
    fn told(&self) -> Vec<String> {
        let lines = &self.report().people[0].lines;
        let tell = |line: &deskform_planner::adherence::Line| {
            let moment =
                line.hours.map(|(begins, _)| begins).or(line.sign_in).map_or_else(String::new, |at| at.strftime(" %H:%M").to_string());
            let late = match line.outcome {
                deskform_planner::adherence::Outcome::Late { minutes } => format!(" {minutes}"),
                _ => String::new(),
            };
            let again = if line.again.is_empty() { String::new() } else { format!(" +{}", line.again.len()) };
            format!("{:02}{moment} {}{late}{again}", line.date.day(), line.outcome.word())
        };
        lines.iter().map(tell).collect()
    }
}

#[test]
fn a_table_of_days() {
    let day = "02 09:00 - 02 17:00";
    // What it is about, shifts, sign-ins, and what is told.
    type Case<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        ("early enough", &[day], &["02 07:00"], &["02 09:00 onTime"]),
        ("at the last second that is tolerated", &[day], &["02 09:05:00"], &["02 09:00 onTime"]),
        ("a second later", &[day], &["02 09:05:01"], &["02 09:00 late 5"]),
        ("hours later", &[day], &["02 12:30"], &["02 09:00 late 210"]),
        ("too early to count", &[day], &["02 06:59:59"], &["02 06:59 unplanned", "02 09:00 missing"]),
        ("when the shift is over", &[day], &["02 17:00"], &["02 09:00 missing", "02 17:00 unplanned"]),
        ("nobody", &[day], &[], &["02 09:00 missing"]),
        ("twice for one shift", &[day], &["02 08:50", "02 13:00"], &["02 09:00 onTime +1"]),
        ("twice, the first late", &[day], &["02 13:00", "02 09:10"], &["02 09:00 late 10 +1"]),
        ("no shift at all", &[], &["03 10:00"], &["03 10:00 unplanned"]),
        (
            "two shifts, a sign-in for each, in any order",
            &["02 14:00 - 02 22:00", "02 06:00 - 02 14:00"],
            &["02 13:55", "02 05:55"],
            &["02 06:00 onTime", "02 14:00 onTime"],
        ),
        (
            "a sign-in at the change of two shifts is for the second",
            &["02 06:00 - 02 14:00", "02 14:00 - 02 22:00"],
            &["02 13:55"],
            &["02 06:00 missing", "02 14:00 onTime"],
        ),
        (
            "what is nearer to the first shift's start is for the first",
            &["02 12:30 - 02 14:00", "02 14:00 - 02 22:00"],
            &["02 12:40", "02 14:20"],
            &["02 12:30 late 10", "02 14:00 late 20"],
        ),
        ("a night begins on its day", &["03 22:00 - 04 06:00"], &["03 21:58"], &["03 22:00 onTime"]),
        ("the last day's night may be late on the next day", &["03 22:00 - 04 06:00"], &["04 00:30"], &["03 22:00 late 150"]),
        ("the night before is not counted, nor is who comes late for it", &["01 22:00 - 02 06:00"], &["02 00:30"], &[]),
        ("the day after is not counted", &["04 06:00 - 04 14:00"], &["04 05:00"], &[]),
        (
            "who comes for the day after does not come for the night",
            &["03 22:00 - 04 06:00", "04 06:00 - 04 14:00"],
            &["04 05:30"],
            &["03 22:00 missing"],
        ),
    ];
    for (what, shifts, sign_ins, expected) in cases {
        assert_eq!(World::new(shifts, sign_ins).told(), *expected, "{what}");
    }
}

#[test]
fn who_is_not_due_yet_is_not_missing() {
    let mut world = World::new(&["02 09:00 - 02 17:00"], &[]);
    for (now, expected) in [("02 08:00", "notDue"), ("02 09:05", "notDue"), ("02 09:06", "missing")] {
        world.now = at(now);
        assert_eq!(world.told(), [format!("02 09:00 {expected}")], "{now}");
    }
}

#[test]
fn nights_at_both_edges_are_counted_to_be_told() {
    let report = World::new(&["01 22:00 - 02 06:00", "03 22:00 - 04 06:00", "01 16:00 - 02 00:00"], &[]).report();
    assert_eq!((report.run_in, report.run_out), (1, 1));
}

#[test]
fn leave_is_a_line_and_rest_is_not() {
    let mut world = World::new(&[], &["03 10:00"]);
    let day = |text, leave| DayOff { person: 0, date: at(text).date(), leave, name: "年假".into() };
    world.days_off = vec![day("02 00:00", true), day("03 00:00", false), day("05 00:00", true)];
    assert_eq!(world.told(), ["02 onLeave", "03 10:00 unplanned"]);
}

#[test]
fn somebody_whom_the_helpdesk_does_not_know_is_not_called_missing() {
    let mut world = World::new(&["02 09:00 - 02 17:00"], &[]);
    world.people[0].known = false;
    assert_eq!(world.told(), ["02 09:00 unknown"]);
}

#[test]
fn totals_are_the_sum_of_all_people() {
    let mut world = World::new(&["02 09:00 - 02 17:00", "03 09:00 - 03 17:00"], &["02 09:10", "02 09:20", "03 23:00"]);
    world.people.push(member("li-si", "李四", "002"));
    world.shifts.push(PlannedShift { person: 1, ..shift("02 09:00 - 02 17:00") });
    world.sign_ins.push(SignIn { person: 1, at: at("02 09:30") });
    // Nobody's.
    world.sign_ins.push(SignIn { person: 7, at: at("02 09:30") });
    let total = world.report().total;
    let counts = ["onTime", "late", "missing", "unplanned"].map(|word| total.of(word));
    assert_eq!((counts, total.late_minutes, total.again), ([0, 2, 1, 1], 40, 1));
}

#[test]
fn a_staff_number_finds_its_owner_and_a_name_tells_two_apart() {
    let people = [member("a", "张三", "001"), member("b", "李四", "007"), member("c", "王五", "007"), member("d", "无号", "")];
    let owners = Owners::new(&people);
    let nobody = |why, maybe: &[usize]| Err(Ownerless { why, maybe: maybe.into() });
    for (number, name, expected) in [
        ("001", "张三", Ok(0)),
        ("001", "", Ok(0)),
        ("007", "王五", Ok(2)),
        ("007", "", nobody(NoOwner::Ambiguous, &[1, 2])),
        ("007", "张三", nobody(NoOwner::Ambiguous, &[1, 2, 0])),
        ("1", "张三", nobody(NoOwner::Unknown, &[0])),
        ("1", "", nobody(NoOwner::Unknown, &[])),
        ("", "无号", nobody(NoOwner::Unknown, &[3])),
    ] {
        assert_eq!(owners.find(&number.into(), name), expected, "{number} {name}");
    }
}

#[test]
fn who_has_the_number_of_one_that_left_is_not_given_the_sign_ins() {
    let people = [member("a", "甲", "001"), member("b", "", "002"), member("c", "乙", "")];
    let owners = Owners::new(&people);
    assert_eq!(owners.find(&"001".into(), "甲"), Ok(0));
    assert_eq!(owners.find(&"001".into(), "乙"), Err(Ownerless { why: NoOwner::OtherName, maybe: vec![0, 2] }));
    assert_eq!(owners.find(&"002".into(), "乙"), Ok(1), "who shows no name may be called anything");
}

#[test]
fn halves_of_a_night_are_one_shift_again_and_other_nights_stay_as_they_are() {
    let duty = |id: &str, day: &str, start: &str, end: &str, name: &str| Duty {
        remote: RemoteId::new(id).unwrap(),
        person: RemoteId::new("7").unwrap(),
        date: at(&format!("{day} 00:00")).date(),
        values: [(START, start), (END, end), (NAME, name)]
            .map(|(at, text)| (FieldKey::Known(at), Value::text(text)))
            .into_iter()
            .collect::<Values>(),
    };
    let duties = [
        duty("b", "03", "00:00", "06:00", "夜"),
        duty("a", "02", "22:00", "23:59", "夜"),
        duty("c", "04", "22:00", "23:59", "夜"),
        duty("d", "05", "00:00", "06:00", "早"),
    ];
    let shifts = shifts_of_duties(&duties, |id| (id.as_str() == "7").then_some(0));
    let told: Vec<String> = shifts.iter().map(|shift| format!("{} {}", shift.begins, shift.ends)).collect();
    assert_eq!(
        told,
        ["2026-12-02T22:00:00 2026-12-03T06:00:00", "2026-12-04T22:00:00 2026-12-04T23:59:00", "2026-12-05T00:00:00 2026-12-05T06:00:00"]
    );
    assert!(shifts_of_duties(&duties, |_| None).is_empty());
}
