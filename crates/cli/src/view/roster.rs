//! The shifts of a plan as a roster: people as rows, days as columns, a sign for each shift that changes.
//!
//! A value for every format. Shifts that stay as they are do not stand in a plan, so that an empty field means "no change" and not
//! "no shift".

use std::collections::{BTreeMap, BTreeSet};

use deskform_model::printable::printable;
use deskform_model::time::Date;
use deskform_model::{Kind, NaturalKey};
use deskform_planner::Action;
use deskform_planner::plan::Reason;

use super::change_detail::{Detail, field_change};
use super::layout::width;
use super::plan_outline::{Item, Renamed};
use super::shift_look::Look;
use super::swap::{self, Explained, Move, Swap};
use super::words;

/// What happens to a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// It goes.
    Removed,
    /// It becomes another.
    Changed,
    /// It comes.
    Added,
}

impl Mark {
    /// The letter before a sign.
    pub fn letter(self) -> char {
        match self {
            Self::Removed => '-',
            Self::Changed => '~',
            Self::Added => '+',
        }
    }

    /// The word of the legend.
    pub fn word(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Added => "added",
        }
    }

    fn of(action: &Action) -> Self {
        match action {
            Action::Delete { .. } => Self::Removed,
            Action::Update { .. } => Self::Changed,
            _ => Self::Added,
        }
    }
}

/// One shift on a person's day.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// What happens to it.
    pub mark: Mark,
    /// What it looks like: afterwards, or before it goes.
    pub look: Look<'a>,
    /// Its change.
    pub item: Item<'a>,
}

/// Everything that changes of one person, by day and by hour.
pub type Days<'a> = BTreeMap<Date, Vec<Cell<'a>>>;

/// A person and a day of theirs.
pub type PersonDay<'a> = (&'a str, Date);

/// What the grid cannot say, and of which shifts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark<'a> {
    /// What happens to them.
    pub mark: Mark,
    /// The sign in the grid.
    pub sign: String,
    /// `06:00-15:00 -> 06:00-14:00 (changed on the platform)`.
    pub text: String,
    /// Whose, and on which days.
    pub who: Vec<PersonDay<'a>>,
}

impl Remark<'_> {
    /// So many of its shifts are named; the grid shows the others.
    const NAMED: usize = 5;

    /// `~早 06:00-15:00 -> 06:00-14:00: li-si 2026-12-02`.
    pub fn line(&self) -> String {
        let named: Vec<String> = self.who.iter().take(Self::NAMED).map(|(person, date)| format!("{} {date}", printable(person))).collect();
        let more = match self.who.len().saturating_sub(Self::NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{}{} {}: {}{more}", self.mark.letter(), self.sign, self.text, named.join(", "))
    }
}

/// The shifts that a plan changes.
#[derive(Debug, Default)]
pub struct Roster<'a> {
    /// Rows, by name.
    pub people: BTreeMap<&'a str, Days<'a>>,
    /// The sign of each look that stands in the grid, by hours and name.
    pub signs: BTreeMap<Look<'a>, String>,
    /// What has been exchanged, each told once.
    pub swaps: Vec<Swap<'a>>,
    /// What changes in shifts that stay, and why shifts come or go where it is not plain.
    pub remarks: Vec<Remark<'a>>,
}

impl<'a> Roster<'a> {
    /// Puts the shifts of a plan's section into a roster.
    pub fn of(shifts: &[Item<'a>], renamed: &Renamed<'a>) -> Self {
        let mut roster = Self::default();
        let (mut lost, mut gained) = (Vec::new(), Vec::new());
        let mut at = 0;
        // They stand by address, so that one look finds the row of many.
        for theirs in shifts.chunk_by(|one, other| renamed.shift_person(one.change) == renamed.shift_person(other.change)) {
            let person = theirs.first().and_then(|item| renamed.shift_person(item.change)).unwrap_or_default();
            let row = roster.people.entry(person).or_default();
            for item in theirs {
                let change = at;
                at += 1;
                let NaturalKey::Shift { date, .. } = item.change.key else { continue };
                let (mark, look) = (Mark::of(&item.change.action), Look::of(item.change));
                // Nearly every day has one.
                row.entry(date).or_insert_with(|| Vec::with_capacity(1)).push(Cell { mark, look, item: *item });
                let before = Look::before(item.change);
                if mark != Mark::Added && (mark == Mark::Removed || before != look) {
                    lost.push(Move { date, look: before, person, change });
                }
                if mark != Mark::Removed && (mark == Mark::Added || before != look) {
                    gained.push(Move { date, look, person, change });
                }
            }
        }
        for cell in roster.people.values_mut().flat_map(BTreeMap::values_mut) {
            cell.sort_by_key(|cell| (cell.look, cell.mark));
        }
        let looks = distinct(roster.people.values().flat_map(BTreeMap::values).flatten().map(|cell| cell.look));
        roster.signs = signs(looks);
        let (swaps, explained) = swap::find(&lost, &gained);
        roster.swaps = swaps;
        roster.remarks = roster.remarks((shifts, renamed), &swapped(&lost, &gained, &explained));
        roster
    }

    /// The sign of a shift.
    pub fn sign<'b>(&'b self, look: &Look<'b>) -> &'b str {
        self.signs.get(look).map_or("?", String::as_str)
    }

    /// The days on which something changes.
    pub fn days(&self) -> BTreeSet<Date> {
        distinct(self.people.values().flat_map(BTreeMap::keys).copied())
    }

    /// The Mondays of the weeks in which something changes.
    pub fn weeks(&self) -> BTreeSet<Date> {
        self.days().into_iter().map(monday).collect()
    }

    /// The marks that stand in it.
    pub fn marks(&self) -> BTreeSet<Mark> {
        distinct(self.people.values().flat_map(BTreeMap::values).flatten().map(|cell| cell.mark))
    }

    fn remarks(&self, (shifts, renamed): (&[Item<'a>], &Renamed<'a>), swapped: &BTreeSet<usize>) -> Vec<Remark<'a>> {
        let mut remarks: BTreeMap<(Mark, &str, String), Vec<PersonDay<'a>>> = BTreeMap::new();
        for (at, item) in shifts.iter().enumerate() {
            let NaturalKey::Shift { date, .. } = &item.change.key else { continue };
            if let Some(text) = remark(item, swapped.contains(&at)) {
                let key = (Mark::of(&item.change.action), self.sign(&Look::of(item.change)), text);
                remarks.entry(key).or_default().push((renamed.shift_person(item.change).unwrap_or_default(), *date));
            }
        }
        remarks.into_iter().map(|((mark, sign, text), who)| Remark { mark, sign: sign.to_owned(), text, who }).collect()
    }
}

/// The few different ones of many. Collecting a set would sort them all.
fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> BTreeSet<T> {
    let mut found = BTreeSet::new();
    for item in items {
        if !found.contains(&item) {
            found.insert(item);
        }
    }
    found
}

/// The Monday of a day's week.
pub fn monday(date: Date) -> Date {
    date.saturating_sub(jiff::Span::new().days(date.weekday().to_monday_zero_offset()))
}

/// The seven days that begin with that Monday.
pub fn week(monday: Date) -> impl Iterator<Item = Date> {
    (0..7).map(move |day| monday.saturating_add(jiff::Span::new().days(day)))
}

/// The edits that swaps explain whole.
fn swapped(lost: &[Move<'_>], gained: &[Move<'_>], explained: &Explained) -> BTreeSet<usize> {
    let of = |moves: &[Move<'_>], explained: &[bool]| -> BTreeSet<usize> {
        moves.iter().zip(explained).filter(|(_, explained)| **explained).map(|(one, _)| one.change).collect()
    };
    &of(lost, &explained.lost) & &of(gained, &explained.gained)
}

/// What there is to say about one shift beside its sign.
fn remark(item: &Item<'_>, swapped: bool) -> Option<String> {
    let change = item.change;
    let mut said: Vec<String> = Vec::new();
    let mut reasons: Vec<&str> = Vec::new();
    if let Action::Update { fields, .. } = &change.action {
        let (before, after) = (Look::before(change), Look::of(change));
        if before != after && !swapped {
            let hours_alone = before.name == after.name;
            let text = |look: &Look<'_>| if hours_alone { look.hours() } else { look.text() };
            said.push(format!("{} -> {}", text(&before), text(&after)));
        }
        for field in fields {
            reasons.extend(words::field_reason(field.why));
            if !matches!(field.field.field(Kind::Shift).name, "start" | "end" | "name") {
                said.push(one_line(&field_change(Kind::Shift, field)));
            }
        }
        reasons.dedup();
    }
    said.extend(reasons.into_iter().map(str::to_owned));
    // That a removed shift is no longer declared goes without saying.
    let reason = words::reason(Kind::Shift, change.reason).filter(|_| change.reason != Reason::NotDeclared);
    said.extend(reason.map(|reason| format!("({reason})")));
    (!said.is_empty()).then(|| said.join("  "))
}

fn one_line(detail: &Detail) -> String {
    match detail {
        Detail::Changed { name, before, after, .. } => format!("{name} : {before} -> {after}"),
        Detail::Lines { name, diff, .. } => {
            let lines: Vec<String> =
                diff.iter().filter(|line| matches!(line.sign, '-' | '+')).map(|line| format!("{} {}", line.sign, line.line)).collect();
            format!("{name} : {}", lines.join(" / "))
        }
        Detail::New { name, .. } | Detail::Members { name, .. } => name.clone(),
        Detail::Refused(words) | Detail::Said(words) | Detail::Ids(words) => words.clone(),
    }
}

/// Gives each look a sign: the first letter of its name where no other look's name begins with it, a letter from A on otherwise.
fn signs(looks: BTreeSet<Look<'_>>) -> BTreeMap<Look<'_>, String> {
    let first = |look: &Look<'_>| look.name.chars().next().filter(|letter| letter.is_alphanumeric() && width(&letter.to_string()) > 0);
    let mut firsts: BTreeMap<char, usize> = BTreeMap::new();
    for letter in looks.iter().filter_map(first) {
        *firsts.entry(letter).or_default() += 1;
    }
    let mut others = letters().filter(|sign| !sign.chars().all(|letter| firsts.contains_key(&letter)));
    let mut sign = |look: &Look<'_>| match first(look).filter(|letter| firsts.get(letter) == Some(&1)) {
        Some(letter) => letter.to_string(),
        None => others.next().unwrap_or_default(),
    };
    looks.into_iter().map(|look| (look, sign(&look))).collect()
}

/// `A` to `Z`, then `AA`, `AB` and so on without end.
fn letters() -> impl Iterator<Item = String> {
    (0_usize..).map(|mut number| {
        let mut letters = Vec::new();
        loop {
            letters.push(char::from(b'A' + u8::try_from(number % 26).unwrap_or_default()));
            if number < 26 {
                break;
            }
            number = number / 26 - 1;
        }
        letters.iter().rev().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs_of(looks: &[(&'static str, &'static str)]) -> Vec<String> {
        let looks = looks.iter().map(|(start, name)| Look { start, end: "14:00", name }).collect();
        signs(looks).into_values().collect()
    }

    #[test]
    fn a_shift_is_known_by_the_first_letter_of_its_name_where_that_is_its_own() {
        assert_eq!(signs_of(&[("06:00", "早班"), ("22:00", "夜班")]), ["早", "夜"]);
        assert_eq!(signs_of(&[("06:00", "早班"), ("07:00", "早班"), ("22:00", "夜班")]), ["A", "B", "夜"]);
        assert_eq!(signs_of(&[("06:00", ""), ("07:00", "|x"), ("22:00", "A night")]), ["B", "C", "A"]);
    }

    #[test]
    fn there_are_always_more_letters() {
        let letters: Vec<String> = letters().take(703).collect();
        assert_eq!([&*letters[0], &*letters[25], &*letters[26], &*letters[27], &*letters[702]], ["A", "Z", "AA", "AB", "AAA"]);
    }

    #[test]
    fn a_week_begins_on_monday() {
        let date = |text| deskform_model::time::parse_date(text).expect("a date");
        assert_eq!(monday(date("2026-12-06")), date("2026-11-30"));
        assert_eq!(week(date("2026-11-30")).last(), Some(date("2026-12-06")));
    }
}
