//! Shifts that a run has just made and that no list shows yet.
//!
//! A platform answers with a duty's id before its lists show the duty, and no call reads one by its id (api-spec.md section 3.2). A plan
//! that believes the list at once would call the shift gone and make it a second time. People and seats are read by id instead.

use std::time::Duration;

use deskform_model::time::{self, DateTime};
use deskform_model::{Address, Kind, NaturalKey};

use crate::duty_index::DutyIndex;
use crate::ledger::{Entry, Ledger};
use crate::observed::Observed;
use crate::overnight::hours;

/// Entries say when they were written to the second.
const ROUNDING: Duration = Duration::from_secs(1);

/// What no list has shown since it was written is given the benefit of the doubt for so long, however short the setting: the reading after
/// that run has missed it already.
const NEVER_SEEN: Duration = Duration::from_secs(600);

/// The shifts that were written less than `settle` before `now`, or never seen at all, that are not over, and of which a list read at `now`
/// lacks a duty.
pub fn not_listed_yet<'a>(ledger: &'a Ledger, observed: &Observed, now: DateTime, settle: Duration) -> Vec<&'a Address> {
    if settle.is_zero() {
        return Vec::new();
    }
    // Moments in this form sort as they follow each other.
    let since = |age: Duration| now.checked_sub(age).map(|moment| moment.strftime("%Y-%m-%dT%H:%M:%S").to_string()).unwrap_or_default();
    let (just_written, lately) = (since(settle.saturating_add(ROUNDING)), since(NEVER_SEEN.max(settle)));
    let is_fresh = |entry: &Entry| *entry.at >= *just_written || (entry.seen.is_none() && *entry.at >= *lately);
    let fresh: Vec<&Entry> = ledger.of_kind(Kind::Shift).filter(|entry| is_fresh(entry) && !is_over(entry, now)).collect();
    if fresh.is_empty() {
        return Vec::new();
    }
    let listed = DutyIndex::new(&observed.duties);
    let lacks = |entry: &&Entry| listed.positions(entry).any(|position| position.is_none());
    fresh.into_iter().filter(lacks).map(|entry| &entry.address).collect()
}

/// Whether it has ended; such shifts need not be listed.
fn is_over(entry: &Entry, now: DateTime) -> bool {
    match (&entry.key, hours(&entry.set)) {
        (NaturalKey::Shift { date, .. }, Some((start, end))) => time::interval(*date, start, end).1 <= now,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use deskform_model::kind::shift::{END, START};
    use deskform_model::time::parse_date;
    use deskform_model::{FieldKey, Person, RemoteId, Text, Value, Values};

    use super::*;
    use crate::ledger::EntryId;
    use crate::observed::Duty;

    const SETTLE: Duration = Duration::from_secs(2);

    fn now() -> DateTime {
        "2026-12-01T12:00:00".parse().expect("a moment")
    }

    fn values() -> Values {
        [(START, "09:00"), (END, "18:00")].into_iter().map(|(at, text)| (FieldKey::Known(at), Value::text(text))).collect()
    }

    fn ledger(date: &str, at: &str, seen: bool) -> Ledger {
        let date = parse_date(date).expect("a date");
        let entry = Entry {
            address: Address::shift(&Person::Declared("zhang".into()), date, "09:00".parse().expect("a time")),
            key: NaturalKey::Shift { person: Person::Id("7".into()), date, start: "09:00".parse().expect("a time") },
            remotes: vec![RemoteId::new("d1").expect("an id")],
            set: values(),
            seen: seen.then(values),
            at: at.into(),
            protect: false,
            support: None,
            title: Text::default(),
        };
        Ledger { entries: [(EntryId { kind: Kind::Shift, id: "d1".into() }, entry)].into(), ..Ledger::default() }
    }

    fn missing(ledger: &Ledger, observed: &Observed) -> usize {
        not_listed_yet(ledger, observed, now(), SETTLE).len()
    }

    #[test]
    fn what_was_written_a_moment_ago_may_still_come() {
        for (at, seen, expected) in [
            ("2026-12-01T12:00:00", true, 1),
            ("2026-12-01T11:59:57", true, 1),
            ("2026-12-01T11:59:56", true, 0),
            ("2026-12-01T11:59:56", false, 1),
            ("2026-12-01T11:49:59", false, 0),
        ] {
            assert_eq!(missing(&ledger("2026-12-03", at, seen), &Observed::default()), expected, "{at}, seen: {seen}");
        }
    }

    #[test]
    fn what_is_listed_or_over_is_not_waited_for() {
        let ours = ledger("2026-12-03", "2026-12-01T12:00:00", true);
        let remote = RemoteId::new("d1").expect("an id");
        let person = RemoteId::new("7").expect("an id");
        let duty = Duty { remote, person, date: parse_date("2026-12-03").expect("a date"), values: values() };
        assert_eq!(missing(&ours, &Observed { duties: vec![duty], ..Observed::default() }), 0);
        assert_eq!(missing(&ledger("2026-11-30", "2026-12-01T12:00:00", true), &Observed::default()), 0);
        assert!(not_listed_yet(&ours, &Observed::default(), now(), Duration::ZERO).is_empty(), "a platform without delays");
    }
}
