//! A lane: the one way to a platform, with a limit on how many requests travel at once, how fast they follow each other, and a pause
//! while the platform asks for one (design.md section 8, api-spec.md X4). All who send share it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deskform_model::Platform;
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::{Instant, sleep_until};

use crate::rate::Rate;

/// How much a platform is asked of at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Requests a second; 0 is no limit.
    pub requests_per_second: u32,
    /// Requests under way at the same time; at least 1.
    pub concurrency: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { requests_per_second: 10, concurrency: 8 }
    }
}

/// A wait that people should hear of, because it is long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Whose.
    pub platform: Platform,
    /// How long; less than a second where it was the attempt that took long.
    pub wait: Duration,
    /// What went wrong, as a lower-case fragment without secrets.
    pub why: String,
}

/// Shorter waits are not told, unless people have waited longer for what failed.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// A platform's lane.
#[derive(Debug)]
pub(crate) struct Lane {
    platform: Platform,
    permits: Semaphore,
    timetable: Mutex<Timetable>,
    /// The wait that was told last; when several begin together, one of them is enough.
    told: watch::Sender<Option<Pause>>,
}

#[derive(Debug)]
struct Timetable {
    rate: Rate,
    next: Option<Instant>,
    paused_until: Option<Instant>,
    /// Until when people expect to wait.
    told_until: Option<Instant>,
}

impl Lane {
    pub(crate) fn new(platform: Platform, pace: Pace) -> Self {
        let timetable = Timetable { rate: Rate::new(pace.requests_per_second), next: None, paused_until: None, told_until: None };
        Self {
            platform,
            permits: Semaphore::new(pace.concurrency.max(1)),
            timetable: Mutex::new(timetable),
            told: watch::Sender::new(None),
        }
    }

    /// Waits for a place and for the time to go. The place is free again when the permit is dropped.
    pub(crate) async fn enter(&self) -> SemaphorePermit<'_> {
        let permit = self.permits.acquire().await.expect("the semaphore is never closed");
        loop {
            let now = Instant::now();
            let departure = self.reserve(now);
            // Even a sleep that is over may cost a tick of the timer, a millisecond for every request of an unlimited lane.
            if departure > now {
                sleep_until(departure).await;
            }
            // A pause may have begun during the wait; then the departure is void and another one is taken.
            if !self.is_paused_at(Instant::now()) {
                return permit;
            }
        }
    }

    /// Nothing departs for this long.
    pub(crate) fn pause_for(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut timetable = self.timetable();
        timetable.paused_until = timetable.paused_until.max(Some(until));
    }

    /// The platform said that it was asked too much: everybody goes slower for a while.
    pub(crate) fn slow_down(&self) {
        self.timetable().rate.slow(Instant::now());
    }

    /// Somebody waits before trying again what has failed after `took`.
    pub(crate) fn tell(&self, took: Duration, wait: Duration, why: impl FnOnce() -> String) {
        let until = Instant::now() + wait;
        let mut timetable = self.timetable();
        if took.max(wait) < WORTH_TELLING || timetable.told_until.is_some_and(|told| until < told + WORTH_TELLING) {
            return;
        }
        timetable.told_until = Some(until);
        drop(timetable);
        self.told.send_replace(Some(Pause { platform: self.platform, wait, why: why() }));
    }

    /// Waits that are told from now on.
    pub(crate) fn pauses(&self) -> watch::Receiver<Option<Pause>> {
        self.told.subscribe()
    }

    fn reserve(&self, now: Instant) -> Instant {
        let mut timetable = self.timetable();
        let departure = now.max(timetable.next.unwrap_or(now)).max(timetable.paused_until.unwrap_or(now));
        timetable.rate.recover(departure);
        timetable.next = Some(departure + timetable.rate.spacing());
        departure
    }

    fn is_paused_at(&self, now: Instant) -> bool {
        self.timetable().paused_until.is_some_and(|until| until > now)
    }

    fn timetable(&self) -> MutexGuard<'_, Timetable> {
        // Nothing panics while it is held, and two instants are valid in any combination.
        self.timetable.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test(start_paused = true)]
    async fn departures_are_spaced_evenly() {
        let lane = Lane::new(Platform::Helpdesk, Pace { requests_per_second: 10, concurrency: 8 });
        let start = Instant::now();
        for _ in 0..11 {
            drop(lane.enter().await);
        }
        assert_eq!(start.elapsed().as_millis(), 1000);
    }

    #[tokio::test(start_paused = true)]
    async fn rate_zero_is_no_limit() {
        let lane = Lane::new(Platform::Helpdesk, Pace { requests_per_second: 0, concurrency: 1 });
        let start = Instant::now();
        for _ in 0..1000 {
            drop(lane.enter().await);
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everybody_even_those_already_waiting() {
        let lane = Arc::new(Lane::new(Platform::Helpdesk, Pace { requests_per_second: 1, concurrency: 8 }));
        let start = Instant::now();
        drop(lane.enter().await);
        let waiting = tokio::spawn({
            let lane = Arc::clone(&lane);
            async move {
                drop(lane.enter().await);
                start.elapsed()
            }
        });
        tokio::task::yield_now().await;
        lane.pause_for(Duration::from_secs(30));
        lane.pause_for(Duration::from_secs(5));
        assert_eq!(waiting.await.expect("no panic").as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_complaint_everybody_goes_at_half_the_rate_and_faster_again_later() {
        let lane = Lane::new(Platform::Helpdesk, Pace { requests_per_second: 10, concurrency: 8 });
        drop(lane.enter().await);
        lane.slow_down();
        let start = Instant::now();
        for _ in 0..6 {
            drop(lane.enter().await);
        }
        assert!((1000..=1100).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
        tokio::time::sleep(Duration::from_secs(60)).await;
        let start = Instant::now();
        for _ in 0..11 {
            drop(lane.enter().await);
        }
        assert_eq!(start.elapsed().as_millis(), 1000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_wait_is_told_once_however_many_wait() {
        let lane = Lane::new(Platform::Helpdesk, Pace::default());
        let mut pauses = lane.pauses();
        lane.tell(Duration::ZERO, Duration::from_millis(500), || "short".into());
        assert!(!pauses.has_changed().expect("the lane lives"));
        for _ in 0..8 {
            lane.tell(Duration::ZERO, Duration::from_secs(30), || "busy".into());
        }
        let told = pauses.borrow_and_update().clone();
        assert_eq!(told, Some(Pause { platform: Platform::Helpdesk, wait: Duration::from_secs(30), why: "busy".into() }));
        lane.tell(Duration::ZERO, Duration::from_secs(29), || "busy".into());
        assert!(!pauses.has_changed().expect("the lane lives"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_failed_after_a_long_time_is_told_however_short_the_wait() {
        let lane = Lane::new(Platform::Helpdesk, Pace::default());
        let mut pauses = lane.pauses();
        for _ in 0..2 {
            for _ in 0..8 {
                lane.tell(Duration::from_secs(30), Duration::from_millis(400), || "no answer".into());
            }
            let told = pauses.borrow_and_update().clone();
            assert_eq!(told.map(|pause| pause.wait), Some(Duration::from_millis(400)));
            assert!(!pauses.has_changed().expect("the lane lives"));
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_the_concurrency_travels_at_once() {
        let lane = Arc::new(Lane::new(Platform::Helpdesk, Pace { requests_per_second: 0, concurrency: 3 }));
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let (lane, now, most) = (Arc::clone(&lane), Arc::clone(&now), Arc::clone(&most));
                tokio::spawn(async move {
                    let _permit = lane.enter().await;
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    now.fetch_sub(1, Ordering::SeqCst);
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }
}
