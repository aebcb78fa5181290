//! Finds the duties of entries without a table of all their ids.
//!
//! A duty is listed where it was made: with its person, on its day or, the second half of a night, on the day after. It is looked for
//! there, so that a table of hundreds of thousands of ids is made only when one is missing: it is gone, or somebody has moved it.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

use deskform_model::time::Date;
use deskform_model::{NaturalKey, RemoteId};

use crate::ledger::Entry;
use crate::observed::Duty;

/// Nobody has more duties on two days; where somebody does, the table is faster.
const NEARBY: usize = 16;

/// All live duties, by person and day. Those of one day keep their order.
pub(crate) struct DutyIndex<'a> {
    by_day: Vec<&'a Duty>,
    people: HashMap<&'a str, Range<usize>>,
    by_id: OnceCell<HashMap<&'a RemoteId, usize>>,
}

impl<'a> DutyIndex<'a> {
    pub(crate) fn new(duties: &'a [Duty]) -> Self {
        let mut by_day: Vec<&Duty> = duties.iter().collect();
        // Nearly always they come in this order.
        by_day.sort_by(|a, b| (&a.person, a.date).cmp(&(&b.person, b.date)));
        let mut people = HashMap::new();
        let mut from = 0;
        for own in by_day.chunk_by(|a, b| a.person == b.person) {
            people.insert(own[0].person.as_str(), from..from + own.len());
            from += own.len();
        }
        Self { by_day, people, by_id: OnceCell::new() }
    }

    /// All duties; what is said of positions means positions in this list.
    pub(crate) fn duties(&self) -> &[&'a Duty] {
        &self.by_day
    }

    /// The positions of a person's duties of one day.
    pub(crate) fn day(&self, person: &str, date: Date) -> Range<usize> {
        let since = self.since(person, date);
        let count = self.by_day[since.clone()].iter().take_while(|duty| duty.date == date).count();
        since.start..since.start + count
    }

    /// For each duty of an entry its position; `None` for one that is gone.
    pub(crate) fn positions(&self, entry: &Entry) -> impl Iterator<Item = Option<usize>> {
        let near = self.near(entry);
        let find = move |remote: &RemoteId| {
            let at = near.clone().find(|at| self.by_day[*at].remote == *remote);
            at.or_else(|| self.by_id().get(remote).copied())
        };
        entry.remotes.iter().map(find)
    }

    /// Where an entry's duties were made.
    fn near(&self, entry: &Entry) -> Range<usize> {
        let (NaturalKey::Shift { date, .. }, Some(owner)) = (&entry.key, entry.owner()) else { return 0..0 };
        let since = self.since(owner, *date);
        let next = date.tomorrow().unwrap_or(*date);
        let count = self.by_day[since.clone()].iter().take(NEARBY).take_while(|duty| duty.date <= next).count();
        since.start..since.start + count
    }

    /// The positions of a person's duties from a day on.
    fn since(&self, person: &str, date: Date) -> Range<usize> {
        let own = self.people.get(person).cloned().unwrap_or_default();
        let before = self.by_day[own.clone()].partition_point(|duty| duty.date < date);
        own.start + before..own.end
    }

    fn by_id(&self) -> &HashMap<&'a RemoteId, usize> {
        self.by_id.get_or_init(|| self.by_day.iter().enumerate().map(|(at, duty)| (&duty.remote, at)).collect())
    }
}

#[cfg(test)]
mod tests {
    use deskform_model::time::parse_date;
    use deskform_model::{Address, Person, Text, Values};

    use super::*;

    fn duty(id: &str, person: &str, date: &str) -> Duty {
        let remote = |id: &str| RemoteId::new(id).expect("an id");
        Duty { remote: remote(id), person: remote(person), date: parse_date(date).expect("a date"), values: Values::new() }
    }

    fn entry(person: &str, date: &str, remotes: &[&str]) -> Entry {
        let (date, start) = (parse_date(date).expect("a date"), "22:00".parse().expect("a time"));
        Entry {
            address: Address::shift(&Person::Declared("zhang".into()), date, start),
            key: NaturalKey::Shift { person: Person::Id(person.into()), date, start },
            remotes: remotes.iter().map(|id| RemoteId::new(*id).expect("an id")).collect(),
            set: Values::new(),
            seen: None,
            at: Text::default(),
            protect: false,
            support: None,
            title: Text::default(),
        }
    }

    fn found(index: &DutyIndex<'_>, entry: &Entry) -> Vec<Option<String>> {
        let duty = |at: usize| index.duties()[at].remote.to_string();
        index.positions(entry).map(|at| at.map(duty)).collect()
    }

    #[test]
    fn duties_are_found_wherever_they_are() {
        let duties = [
            duty("c", "2", "2026-12-02"),
            duty("b", "1", "2026-12-02"),
            duty("a", "1", "2026-12-01"),
            duty("e", "2", "2026-12-09"),
            duty("d", "2", "2026-12-02"),
        ];
        let index = DutyIndex::new(&duties);
        let some = |ids: &[&str]| ids.iter().map(|id| Some((*id).to_owned())).collect::<Vec<_>>();
        assert_eq!(found(&index, &entry("1", "2026-12-01", &["a", "b"])), some(&["a", "b"]), "a night");
        assert!(index.by_id.get().is_none(), "nobody needed the table");
        assert_eq!(found(&index, &entry("2", "2026-12-01", &["e", "a"])), some(&["e", "a"]), "another day, another person");
        assert_eq!(found(&index, &entry("3", "2026-12-01", &["c", "x"])), [Some("c".to_owned()), None]);
    }

    #[test]
    fn the_duties_of_a_day_keep_their_order() {
        let duties =
            [duty("z", "1", "2026-12-02"), duty("y", "1", "2026-12-01"), duty("a", "1", "2026-12-02"), duty("b", "2", "2026-12-02")];
        let index = DutyIndex::new(&duties);
        let day = |person, date| index.day(person, parse_date(date).expect("a date")).map(|at| index.duties()[at].remote.as_str());
        assert_eq!(day("1", "2026-12-02").collect::<Vec<_>>(), ["z", "a"]);
        assert_eq!(day("1", "2026-12-03").count() + day("3", "2026-12-02").count(), 0);
    }
}
