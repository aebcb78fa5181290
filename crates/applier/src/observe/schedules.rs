//! Everybody's duties of a range of days. The list has no pages and no total (api-spec.md 3.2, H42), so the range is split.

use std::collections::{HashMap, HashSet, VecDeque};

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

/// What one request showed.
struct Shown {
    days: usize,
    duties: Vec<Duty>,
    problems: Vec<UnreadableObject>,
}

/// What was read so far.
struct Reading<'a, 'p> {
    duties: Vec<Duty>,
    problems: Vec<UnreadableObject>,
    days: usize,
    total_days: usize,
    progress: &'a Progress<'p>,
}

pub(super) async fn observe(client: &Client, days: Option<(Date, Date)>, progress: &Progress<'_>) -> Result<Vec<Duty>, ObserveError> {
    let days = days.map(|(first, last)| each_day(first, last)).unwrap_or_default();
    let mut reading = Reading { duties: Vec::new(), problems: Vec::new(), days: 0, total_days: days.len(), progress };
    let (sample, rest) = days.split_at(days.len().min(FIRST_DAYS));
    if !sample.is_empty() {
        reading.take(read(client, sample.to_vec()).await?);
    }
    let length = (ROWS * sample.len() / reading.duties.len().max(1)).clamp(1, MOST_DAYS);
    let mut tasks = JoinSet::new();
    for window in rest.chunks(length) {
        let (client, window) = (client.clone(), window.to_vec());
        tasks.spawn(async move { read(&client, window).await });
    }
    while let Some(shown) = next(&mut tasks).await {
        reading.take(shown?);
    }
    ObserveError::from_problems(reading.problems)?;
    let mut duties = in_order(reading.duties);
    let mut seen = HashSet::with_capacity(duties.len());
    duties.retain(|duty| seen.insert(duty.remote.clone()));
    Ok(duties)
}

/// Sorts duties. Lists come by day and then by person, so that what each person has is nearly sorted; sorting all of it would compare
/// ids of persons over and over.
fn in_order(duties: Vec<Duty>) -> Vec<Duty> {
    let count = duties.len();
    let mut people: HashMap<RemoteId, Vec<Duty>> = HashMap::new();
    for duty in duties {
        match people.get_mut(&duty.person) {
            Some(own) => own.push(duty),
            None => drop(people.insert(duty.person.clone(), vec![duty])),
        }
    }
    let mut people: Vec<(RemoteId, Vec<Duty>)> = people.into_iter().collect();
    people.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    let mut sorted = Vec::with_capacity(count);
    for (_, mut own) in people {
        own.sort_by(|a, b| order(a).cmp(&order(b)));
        sorted.append(&mut own);
    }
    sorted
}

impl Reading<'_, '_> {
    fn take(&mut self, shown: Shown) {
        self.duties.extend(shown.duties);
        self.problems.extend(shown.problems);
        self.days += shown.days;
        self.progress.report(ReadProgress::Duties { read: self.duties.len(), days: self.days, total_days: self.total_days });
    }
}

/// Reads consecutive days with one request, or, where the reply is larger than the client takes, with several of fewer days.
async fn read(client: &Client, days: Vec<Date>) -> Result<Shown, ObserveError> {
    let mut shown = Shown { days: days.len(), duties: Vec::new(), problems: Vec::new() };
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
        shown.duties.append(&mut duties);
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
    use super::*;

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
