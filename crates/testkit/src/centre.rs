//! A service centre of any size as manifests: the same for the same seed, realistic enough to measure with (design.md section 9).
//!
//! "Centre 1k" is `Centre::new(1000)`: 1,000 supports, 1,000 permissions, 1,000 seats and 30,000 shifts, half of them written as rosters and
//! half as single shifts; one file of people and seats and one of shifts for each team of 20.

use std::fmt::Write as _;

/// People in a team, and so in a file.
const TEAM: usize = 20;
/// The first day of the month that is scheduled.
const FIRST_DAY: &str = "2026-12-01";
const LAST_DAY: &str = "2026-12-30";
/// Days of the month, each of them a shift.
const DAYS: usize = 30;

const SURNAMES: [&str; 12] = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "欧阳", "司马"];
const NAMES: [&str; 12] = ["伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "秀英", "桂兰"];
const GROUPS: [&str; 4] = ["售后", "售前", "投诉", "夜间"];

/// How large, and which of the endless number of that size.
#[derive(Clone, Copy, Debug)]
pub struct Centre {
    /// How many people; each has a permission, a seat and thirty shifts.
    pub people: usize,
    /// Another seed gives other names and hours.
    pub seed: u64,
}

impl Centre {
    /// The usual centre of this many people.
    pub fn new(people: usize) -> Self {
        Self { people, seed: 1 }
    }

    /// How many resources the manifests expand to.
    pub fn resources(&self) -> usize {
        self.people * (3 + DAYS)
    }

    /// The project file of the centre.
    pub fn project(&self) -> String {
        format!(
            "apiVersion: deskform/v1\nkind: Project\nmetadata: {{name: centre-{}}}\nspec:\n  helpdesk: {{requestsPerSecond: 0}}\n  \
             secrets: {{allowEnv: [\"SEAT_*\"]}}\n  sandbox: {{now: \"2026-11-30T12:00:00+08:00\"}}\n  brakes: {{shift: {{maxDeletions: 1000000}}}}\n{}",
            self.people, SHIFT_TYPES
        )
    }

    /// All manifest files, path and text, in sorted order.
    pub fn files(&self) -> Vec<(String, String)> {
        let teams = self.people.div_ceil(TEAM);
        let mut dice = Dice(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mut files = vec![("manifests/permissions.yaml".to_owned(), PERMISSIONS.to_owned())];
        for team in 0..teams {
            let people = team * TEAM..((team + 1) * TEAM).min(self.people);
            files.push((format!("manifests/people/team-{team:03}.yaml"), staff(team, people.clone(), &mut dice)));
            let shifts = if team % 2 == 0 { roster(team, people, &mut dice) } else { singles(team, people, &mut dice) };
            files.push((format!("manifests/schedules/2026-12/team-{team:03}.yaml"), shifts));
        }
        files.sort();
        files
    }
}

const SHIFT_TYPES: &str = "  shiftTypes:
    早: {start: \"06:00\", end: \"14:00\", name: 早班}
    中: {start: \"09:00\", end: \"18:00\", name: 中班, remark: 前台}
    夜: {start: \"22:00\", end: \"06:00\", name: 夜班}
    休: {type: rest}
";

const PERMISSIONS: &str = "apiVersion: deskform/v1
kind: Permission
metadata: {name: voice}
spec:
  supports: [{labels: {channel: voice}}]
  module: callCenter
  enabled: true
";

fn person(at: usize) -> String {
    format!("staff-{at:05}")
}

fn staff(team: usize, people: std::ops::Range<usize>, dice: &mut Dice) -> String {
    let mut text = String::new();
    for at in people {
        let name = format!("{}{}", dice.pick(&SURNAMES), dice.pick(&NAMES));
        let gender = dice.pick(&["female", "male"]);
        let group = dice.pick(&GROUPS);
        let (id, seat) = (person(at), 10_000 + at);
        let _ = write!(
            text,
            "{}apiVersion: deskform/v1
kind: Support
metadata: {{name: {id}, labels: {{team: team-{team:03}, channel: voice}}}}
spec:
  account: \"130{at:08}\"
  staffNumber: \"{at:05}\"
  name: {name}
  gender: {gender}
  email: {id}@example.com
  mobile: \"130{at:08}\"
  groups: [344124, {}]
---
apiVersion: deskform/v1
kind: Agent
metadata: {{name: seat-{seat}}}
spec:
  operatorId: \"{seat}\"
  support: {id}
  name: {name}
  role: 客服
  skillGroup: {group}
  afterCallSeconds: {}
",
            if text.is_empty() { "" } else { "---\n" },
            344_200 + team,
            5 + dice.below(20),
        );
    }
    text
}

fn roster(team: usize, people: std::ops::Range<usize>, dice: &mut Dice) -> String {
    let mut text = format!(
        "apiVersion: deskform/v1\nkind: Schedule\nmetadata: {{name: 2026-12-team-{team:03}}}\nspec:\n  from: {FIRST_DAY}\n  to: {LAST_DAY}\n  roster:\n"
    );
    for at in people {
        let sign = dice.pick(&["早", "中", "夜"]);
        let _ = writeln!(text, "    {}: {}", person(at), sign.repeat(DAYS));
    }
    text
}

fn singles(team: usize, people: std::ops::Range<usize>, dice: &mut Dice) -> String {
    let mut text = format!("apiVersion: deskform/v1\nkind: Schedule\nmetadata: {{name: 2026-12-team-{team:03}}}\nspec:\n  shifts:\n");
    for at in people {
        let (start, end, name) = *dice.pick(&[("06:00", "14:00", "早班"), ("09:00", "18:00", "中班"), ("22:00", "06:00", "夜班")]);
        let id = person(at);
        for day in 1..=DAYS {
            let _ = writeln!(text, "    - {{supports: [{id}], date: 2026-12-{day:02}, start: \"{start}\", end: \"{end}\", name: {name}}}");
        }
    }
    text
}

/// A small generator of numbers (xorshift): the same everywhere, and nothing here needs a better one.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }

    fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_centre() {
        assert_eq!(Centre::new(45).files(), Centre::new(45).files());
        assert_ne!(Centre { people: 45, seed: 1 }.files(), Centre { people: 45, seed: 2 }.files());
    }
}
