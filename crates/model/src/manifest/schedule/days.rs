//! Dates and ranges of dates.

use crate::diagnostic::{Diagnostic, Meaning};
use crate::document::Node;
use crate::manifest::Expansion;
use crate::time::{self, Date, Weekday};

/// The longest range: a leap year.
const MOST_DAYS: i32 = 366;

/// Reads a date. Reports one that the calendar does not have.
pub(in crate::manifest) fn date(node: &Node, out: &mut Expansion) -> Option<Date> {
    let text = node.as_text()?;
    let date = time::parse_date(text);
    if date.is_none() {
        out.report(Diagnostic::meaning(Meaning::NoSuchDate { text: text.clone() }, node.span));
    }
    date
}

/// All days between two dates, both included. Reports a range that is reversed or too long.
pub(super) fn range(from: &Node, to: &Node, out: &mut Expansion) -> Option<Vec<Date>> {
    let (first, last) = (date(from, out), date(to, out));
    let (first, last) = (first?, last?);
    let days = time::days_between(first, last) + 1;
    let problem = match days {
        ..=0 => Meaning::DatesReversed { from: first, to: last },
        1..=MOST_DAYS => {
            return Some(std::iter::successors(Some(first), |day| time::next_day(*day)).take_while(|day| *day <= last).collect());
        }
        _ => Meaning::RangeTooLong { days },
    };
    out.report(Diagnostic::meaning(problem, to.span));
    None
}

/// The days of a `dates:` mapping: a range, some days of the week, some exceptions.
pub(super) fn dates(node: &Node, out: &mut Expansion) -> Option<Vec<Date>> {
    let mut days = range(node.get("from")?, node.get("to")?, out)?;
    let refused = |list: &Node| list.is_refused() || list.items().iter().any(Node::is_refused);
    if [node.get("weekdays"), node.get("except")].into_iter().flatten().any(refused) {
        return None;
    }
    if let Some(list) = node.get("weekdays") {
        let weekdays: Vec<Weekday> = list.items().iter().filter_map(|item| time::parse_weekday(item.as_str()?)).collect();
        days.retain(|day| weekdays.contains(&day.weekday()));
    }
    if let Some(list) = node.get("except") {
        let mut except: Vec<Date> = list.items().iter().filter_map(|item| date(item, out)).collect();
        except.sort_unstable();
        days.retain(|day| except.binary_search(day).is_err());
    }
    if days.is_empty() {
        out.report(Diagnostic::meaning(Meaning::NoDayLeft, node.span));
        return None;
    }
    Some(days)
}
