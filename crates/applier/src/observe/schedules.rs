//! Everybody's duties of a range of days. The list has no pages and no total (api-spec.md 3.2, H42), so the range is split.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::mem;

use deskform_model::RemoteId;
use deskform_model::time::{self, Date};
use deskform_planner::Duty;
use tokio::task::JoinSet;

use super::{ObserveError, Progress, ReadProgress, next};
use crate::client::Client;
use crate::error::Fault;
use crate::request::list_duties;
use crate::wire::decode::UnreadableObject;
use crate::wire::duties::{DutyRows, ROWS_AT, order};
use crate::wire::rows::Streamed;

/// Days of the first window. It also tells how long the others may be.
const FIRST_DAYS: usize = 7;

/// No window is longer: the documents' example asks for less than a month.
const MOST_DAYS: usize = 31;

/// Duties that one reply should hold at most. The texts of several replies are in memory at the same time.
const ROWS: usize = 20_000;

/// What consecutive days showed.
struct Shown {
    first: Option<Date>,
    days: usize,
    duties: Vec<Duty>,
    problems: Vec<UnreadableObject>,
}

/// What was read so far.
struct Reading<'a, 'p> {
    windows: Vec<Shown>,
    duties: usize,
    days: usize,
    total_days: usize,
    progress: &'a Progress<'p>,
}

pub(super) async fn observe(client: &Client, days: Option<(Date, Date)>, progress: &Progress<'_>) -> Result<Vec<Duty>, ObserveError> {
    let days = days.map(|(first, last)| each_day(first, last)).unwrap_or_default();
    let mut reading = Reading { windows: Vec::new(), duties: 0, days: 0, total_days: days.len(), progress };
    let (sample, rest) = days.split_at(days.len().min(FIRST_DAYS));
    if !sample.is_empty() {
        reading.take(read(client, sample.to_vec()).await?);
    }
    let length = (ROWS * sample.len() / reading.duties.max(1)).clamp(1, MOST_DAYS);
    let mut tasks = JoinSet::new();
    for window in rest.chunks(length) {
        let (client, window) = (client.clone(), window.to_vec());
        tasks.spawn(async move { read(&client, window).await });
    }
    while let Some(shown) = next(&mut tasks).await {
        reading.take(shown?);
    }
    let mut duties = reading.finish()?;
    sort(&mut duties);
    keep_first(&mut duties);
    Ok(duties)
}

/// Sorts duties. Lists come by day and then by person, so that what each person has is nearly sorted; sorting all of it would compare
/// ids of persons over and over.
fn sort(duties: &mut [Duty]) {
    let mut numbers: HashMap<&RemoteId, usize> = HashMap::new();
    let mut counts = Vec::new();
    let mut place = Vec::with_capacity(duties.len());
    for duty in &*duties {
        let number = *numbers.entry(&duty.person).or_insert(counts.len());
        if number == counts.len() {
            counts.push(0);
        }
        counts[number] += 1;
        place.push(number);
    }
    let mut people: Vec<(&RemoteId, usize)> = numbers.into_iter().collect();
    people.sort_unstable();
    // Of each person the place of the next duty.
    let mut next = vec![0; people.len()];
    let mut sum = 0;
    for (_, number) in people {
        next[number] = sum;
        sum += counts[number];
    }
    for place in &mut place {
        let next = &mut next[*place];
        *place = *next;
        *next += 1;
    }
    // Each swap brings one duty to its place, so that there is no second list of them.
    for at in 0..duties.len() {
        while place[at] != at {
            let to = place[at];
            duties.swap(at, to);
            place.swap(at, to);
        }
    }
    for own in duties.chunk_by_mut(|a, b| a.person == b.person) {
        own.sort_by(|a, b| order(a).cmp(&order(b)));
    }
}

/// Keeps of the duties of one id the first. Whether there are any such is seen from hashes, which are sorted faster than a table of ids is
/// made.
fn keep_first(duties: &mut Vec<Duty>) {
    let hasher = RandomState::new();
    let mut hashes: Vec<u64> = duties.iter().map(|duty| hasher.hash_one(&duty.remote)).collect();
    hashes.sort_unstable();
    if hashes.windows(2).any(|pair| pair[0] == pair[1]) {
        let mut seen = HashSet::with_capacity(duties.len());
        duties.retain(|duty| seen.insert(duty.remote.clone()));
    }
}

impl Reading<'_, '_> {
    fn take(&mut self, shown: Shown) {
        self.duties += shown.duties.len();
        self.days += shown.days;
        self.windows.push(shown);
        self.progress.report(ReadProgress::Duties { read: self.duties, days: self.days, total_days: self.total_days });
    }

    /// All duties, window by window.
    fn finish(self) -> Result<Vec<Duty>, ObserveError> {
        let Self { mut windows, duties: count, .. } = self;
        // Replies come in any order.
        windows.sort_by_key(|window| window.first);
        ObserveError::from_problems(windows.iter_mut().flat_map(|window| mem::take(&mut window.problems)).collect())?;
        let mut duties = Vec::with_capacity(count);
        windows.into_iter().for_each(|mut window| duties.append(&mut window.duties));
        Ok(duties)
    }
}

/// Reads consecutive days with one request, or, where the reply is larger than the client takes, with several of fewer days.
async fn read(client: &Client, days: Vec<Date>) -> Result<Shown, ObserveError> {
    let mut shown = Shown { first: days.first().copied(), days: days.len(), duties: Vec::new(), problems: Vec::new() };
    let mut open = VecDeque::from([days.as_slice()]);
    while let Some(window) = open.pop_front() {
        let (Some(&first), Some(&last)) = (window.first(), window.last()) else { continue };
        let mut rows = DutyRows::default();
        let streamed = Streamed { path: ROWS_AT, rows: &mut rows };
        let reply = match client.send_streamed(&list_duties(first, last), Some(streamed)).await {
            Ok(reply) => reply,
            Err(error) if window.len() > 1 && matches!(*error.fault, Fault::TooLarge { .. }) => {
                let (head, tail) = window.split_at(window.len() / 2);
                open.extend([head, tail]);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let (mut duties, problems) = rows.finish(&reply.content);
        // Another window shows what is outside of this one, or nobody asked for it.
        duties.retain(|duty| (first..=last).contains(&duty.date));
        if shown.duties.is_empty() {
            shown.duties = duties;
        } else {
            shown.duties.append(&mut duties);
        }
        shown.problems.extend(problems);
    }
    Ok(shown)
}

/// The days from `first` to `last`, both included.
fn each_day(first: Date, last: Date) -> Vec<Date> {
    std::iter::successors(Some(first), |day| time::next_day(*day)).take_while(|day| *day <= last).collect()
}

#[cfg(test)]
mod tests {
    use deskform_model::Values;

    use super::*;

    fn duty(id: &str, person: &str, date: &str) -> Duty {
        let remote = |id: &str| RemoteId::new(id).expect("an id");
        Duty { remote: remote(id), person: remote(person), date: time::parse_date(date).expect("a date"), values: Values::new() }
    }

    fn ids(duties: &[Duty]) -> Vec<&str> {
        duties.iter().map(|duty| duty.remote.as_str()).collect()
    }

    #[test]
    fn duties_are_in_order_wherever_they_came_from() {
        let listed = [("f", "2", "2026-12-02"), ("b", "10", "2026-12-02"), ("e", "2", "2026-12-02"), ("c", "10", "2026-12-03")];
        let mut duties: Vec<Duty> = listed
            .into_iter()
            .chain([("a", "1", "2026-12-09"), ("d", "2", "2026-12-01")])
            .map(|(id, person, date)| duty(id, person, date))
            .collect();
        sort(&mut duties);
        assert_eq!(ids(&duties), ["a", "b", "c", "d", "e", "f"]);
        assert!(duties.is_sorted_by(|a, b| order(a) <= order(b)));
    }

    #[test]
    fn of_the_duties_with_one_id_the_first_is_kept() {
        let mut duties =
            vec![duty("a", "1", "2026-12-01"), duty("b", "1", "2026-12-02"), duty("a", "2", "2026-12-01"), duty("b", "1", "2026-12-03")];
        let expected = duties[..2].to_vec();
        keep_first(&mut duties);
        assert_eq!(duties, expected);
        keep_first(&mut duties);
        assert_eq!(duties, expected);
    }

    #[test]
    fn a_range_holds_both_its_ends() {
        let days = |first, last| {
            let date = |text| time::parse_date(text).expect("a date");
            each_day(date(first), date(last)).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(days("2026-12-31", "2027-01-01"), ["2026-12-31", "2027-01-01"]);
        assert_eq!(days("2026-12-01", "2026-12-01"), ["2026-12-01"]);
        assert_eq!(days("2026-12-02", "2026-12-01"), [""; 0]);
    }
}
