//! Everybody's duties of a range of days. The list has no pages and no total (api-spec.md 3.2, H42).

use std::collections::HashSet;

use deskform_model::time::{self, Date};
use deskform_planner::Duty;
use tokio::task::JoinSet;

use super::{ObserveError, Progress, ReadProgress, next};
use crate::client::Client;
use crate::request::list_duties;
use crate::wire::duties::{decode_duties, order};

/// Days that one request asks for. The documents' example asks for less than a month; a week of ten thousand people is a reply of
/// some 15 MB, of which several are held at the same time.
const WINDOW: usize = 7;

pub(super) async fn observe(client: &Client, days: Option<(Date, Date)>, progress: &Progress<'_>) -> Result<Vec<Duty>, ObserveError> {
    let Some((first, last)) = days else {
        return Ok(Vec::new());
    };
    let windows = windows(first, last);
    let total_days = windows.iter().map(|window| window.days).sum();
    let mut tasks = JoinSet::new();
    for window in windows {
        let client = client.clone();
        tasks.spawn(async move {
            let reply = client.send(&list_duties(window.first, window.last)).await?;
            let (mut duties, problems) = decode_duties(&reply.content);
            // Another window shows what is outside of this one, or nobody asked for it.
            duties.retain(|duty| (window.first..=window.last).contains(&duty.date));
            Ok::<_, ObserveError>((window.days, duties, problems))
        });
    }
    let (mut duties, mut problems, mut read) = (Vec::new(), Vec::new(), 0);
    while let Some(window) = next(&mut tasks).await {
        let (days, found, unreadable) = window?;
        duties.extend(found);
        problems.extend(unreadable);
        read += days;
        progress.report(ReadProgress::Duties { read: duties.len(), days: read, total_days });
    }
    ObserveError::from_problems(problems)?;
    duties.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    let mut seen = HashSet::with_capacity(duties.len());
    duties.retain(|duty| seen.insert(duty.remote.clone()));
    Ok(duties)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    first: Date,
    last: Date,
    days: usize,
}

/// The days from `first` to `last`, both included, in windows that touch and do not overlap.
fn windows(first: Date, last: Date) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    let mut day = Some(first).filter(|first| *first <= last);
    while let Some(today) = day {
        match windows.last_mut() {
            Some(window) if window.days < WINDOW => {
                window.last = today;
                window.days += 1;
            }
            _ => windows.push(Window { first: today, last: today, days: 1 }),
        }
        day = time::next_day(today).filter(|next| *next <= last);
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_every_day_once() {
        let date = |text| time::parse_date(text).expect("a date");
        let windows = |first, last| super::windows(date(first), date(last));
        let found = windows("2026-12-25", "2027-01-10");
        let days: Vec<_> = found.iter().map(|window| (window.first.to_string(), window.last.to_string(), window.days)).collect();
        let expected = [("2026-12-25", "2026-12-31", 7), ("2027-01-01", "2027-01-07", 7), ("2027-01-08", "2027-01-10", 3)];
        assert_eq!(days, expected.map(|(first, last, days)| (first.to_owned(), last.to_owned(), days)));
        assert_eq!(windows("2026-12-01", "2026-12-01").len(), 1);
        assert_eq!(windows("2026-12-02", "2026-12-01").len(), 0);
    }
}
