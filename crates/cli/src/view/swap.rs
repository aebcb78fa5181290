//! Two shifts that two people exchange: what looks like four changes is one agreement, and a reviewer wants to read it as one.
//!
//! A shift of a day passes from one person to another when the first loses and the second gets one that looks the same. Two shifts that pass
//! between the same two people in opposite directions are a swap, on one day or on two.

use std::collections::BTreeMap;
use std::fmt;

use deskform_model::printable::printable;
use deskform_model::time::Date;

use super::shift_look::Look;

/// Where so many people lose or get the same shift of a day, who gave it to whom would be a guess; it also keeps the search linear.
const MOST: usize = 16;

/// A shift that somebody loses or gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move<'a> {
    /// The day on which it begins.
    pub date: Date,
    /// What it looks like.
    pub look: Look<'a>,
    /// Whose.
    pub person: &'a str,
    /// By which change: a position among the roster's shifts.
    pub change: usize,
}

/// Two shifts that two people exchange.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Swap<'a> {
    /// What the first person gives: their shift until now.
    pub one: Given<'a>,
    /// What they get for it.
    pub other: Given<'a>,
}

/// A shift and the person who has it until now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Given<'a> {
    /// The day on which it begins.
    pub date: Date,
    /// Whose it is until now.
    pub person: &'a str,
    /// What it looks like.
    pub look: Look<'a>,
}

impl fmt::Display for Swap<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <-> {}", self.one, self.other)
    }
}

impl fmt::Display for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", printable(self.person), self.date, self.look.short())
    }
}

/// A shift that passes from one person to another: positions of the loss and the gain.
#[derive(Clone, Copy)]
struct Passing {
    date: Date,
    lost: usize,
    gained: usize,
}

/// Finds the swaps, by date, and says which losses and gains they explain.
pub fn find<'a>(lost: &[Move<'a>], gained: &[Move<'a>]) -> (Vec<Swap<'a>>, Explained) {
    let mut explained = Explained { lost: vec![false; lost.len()], gained: vec![false; gained.len()] };
    let mut swaps = Vec::new();
    for (forth, back) in passings(lost, gained).into_values() {
        // Those of one day belong together first; what is left is paired in the order of days.
        for same_day in [true, false] {
            for one in &forth {
                let free = |passing: &Passing, explained: &Explained| !explained.lost[passing.lost] && !explained.gained[passing.gained];
                if !free(one, &explained) {
                    continue;
                }
                let other = back.iter().find(|other| free(other, &explained) && (!same_day || other.date == one.date));
                let Some(other) = other else { continue };
                for passing in [one, other] {
                    explained.lost[passing.lost] = true;
                    explained.gained[passing.gained] = true;
                }
                let given = |passing: &Passing| {
                    let Move { date, look, person, change: _ } = lost[passing.lost];
                    Given { date, person, look }
                };
                let (one, other) = (given(one), given(other));
                swaps.push(if one <= other { Swap { one, other } } else { Swap { one: other, other: one } });
            }
        }
    }
    swaps.sort_unstable();
    (swaps, explained)
}

/// Which losses and gains belong to swaps, by position.
#[derive(Debug, Default)]
pub struct Explained {
    /// Of the losses.
    pub lost: Vec<bool>,
    /// Of the gains.
    pub gained: Vec<bool>,
}

/// What passes between any two people: from the first by name to the second, and back.
type Pairs<'a> = BTreeMap<(&'a str, &'a str), (Vec<Passing>, Vec<Passing>)>;

fn passings<'a>(lost: &[Move<'a>], gained: &[Move<'a>]) -> Pairs<'a> {
    let mut same: BTreeMap<(Date, Look<'_>), (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (at, lost) in lost.iter().enumerate() {
        same.entry((lost.date, lost.look)).or_default().0.push(at);
    }
    for (at, gained) in gained.iter().enumerate() {
        if let Some((_, gains)) = same.get_mut(&(gained.date, gained.look)) {
            gains.push(at);
        }
    }
    let mut pairs = Pairs::new();
    for ((date, _), (losses, gains)) in same {
        if losses.len() > MOST || gains.len() > MOST {
            continue;
        }
        for (loss, gain) in losses.iter().flat_map(|loss| gains.iter().map(move |gain| (*loss, *gain))) {
            let (from, to) = (lost[loss].person, gained[gain].person);
            let passing = Passing { date, lost: loss, gained: gain };
            match from.cmp(to) {
                std::cmp::Ordering::Less => pairs.entry((from, to)).or_default().0.push(passing),
                std::cmp::Ordering::Greater => pairs.entry((to, from)).or_default().1.push(passing),
                // Somebody's own shift, made anew under another account.
                std::cmp::Ordering::Equal => {}
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use deskform_model::time::parse_date;

    use super::*;

    const EARLY: Look<'_> = Look { start: "06:00", end: "14:00", name: "早班" };
    const NIGHT: Look<'_> = Look { start: "22:00", end: "06:00", name: "夜班" };

    fn moves<'a>(all: &[(&'a str, u8, Look<'a>)]) -> Vec<Move<'a>> {
        let date = |day| parse_date(&format!("2026-12-{day:02}")).expect("a date");
        all.iter().enumerate().map(|(change, (person, day, look))| Move { date: date(*day), look: *look, person, change }).collect()
    }

    fn swaps(lost: &[(&str, u8, Look<'_>)], gained: &[(&str, u8, Look<'_>)]) -> Vec<String> {
        find(&moves(lost), &moves(gained)).0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn two_shifts_of_two_days_that_change_hands_are_one_swap() {
        let lost = [("li-si", 3, EARLY), ("zhang-san", 4, NIGHT)];
        let gained = [("zhang-san", 3, EARLY), ("li-si", 4, NIGHT)];
        assert_eq!(swaps(&lost, &gained), ["li-si 2026-12-03 早班 <-> zhang-san 2026-12-04 夜班"]);
    }

    #[test]
    fn two_shifts_of_one_day_that_change_hands_are_one_swap() {
        let lost = [("li-si", 3, EARLY), ("zhang-san", 3, NIGHT)];
        let gained = [("zhang-san", 3, EARLY), ("li-si", 3, NIGHT)];
        assert_eq!(swaps(&lost, &gained), ["li-si 2026-12-03 早班 <-> zhang-san 2026-12-03 夜班"]);
    }

    #[test]
    fn what_is_handed_over_without_return_and_what_goes_round_three_people_are_no_swaps() {
        assert_eq!(swaps(&[("a", 3, EARLY)], &[("b", 3, EARLY)]), [""; 0]);
        let lost = [("a", 3, EARLY), ("b", 4, EARLY), ("c", 5, EARLY)];
        let gained = [("b", 3, EARLY), ("c", 4, EARLY), ("a", 5, EARLY)];
        assert_eq!(swaps(&lost, &gained), [""; 0]);
        assert_eq!(swaps(&[("a", 3, EARLY), ("b", 4, NIGHT)], &[("b", 3, EARLY), ("a", 4, EARLY)]), [""; 0], "another shift comes back");
    }

    #[test]
    fn a_shift_belongs_to_one_swap_and_days_go_together() {
        let lost = [("a", 3, EARLY), ("b", 3, NIGHT), ("a", 4, EARLY), ("b", 4, NIGHT), ("a", 5, EARLY)];
        let gained = [("b", 3, EARLY), ("a", 3, NIGHT), ("b", 4, EARLY), ("a", 4, NIGHT), ("b", 5, EARLY)];
        assert_eq!(swaps(&lost, &gained), ["a 2026-12-03 早班 <-> b 2026-12-03 夜班", "a 2026-12-04 早班 <-> b 2026-12-04 夜班"]);
        let (_, explained) = find(&moves(&lost), &moves(&gained));
        assert_eq!(explained.lost, [true, true, true, true, false]);
    }
}
