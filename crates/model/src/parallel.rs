//! Work on two threads, with the result of one.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Maps in the order of the items, on two threads if that is worth it: each takes the next item that is left.
pub(crate) fn map_in_order<T: Sync, R: Send>(items: &[T], parallel: bool, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if !parallel || items.len() < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || -> Vec<(usize, R)> {
        let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < items.len());
        std::iter::from_fn(take).map(|at| (at, work(&items[at]))).collect()
    };
    let mut results = std::thread::scope(|scope| {
        let other = scope.spawn(run);
        let mut results = run();
        match other.join() {
            Ok(mut more) => results.append(&mut more),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        results
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_threads_give_the_order_of_one() {
        let items: Vec<u32> = (0..1000).collect();
        assert_eq!(map_in_order(&items, true, |item| item * 2), map_in_order(&items, false, |item| item * 2));
    }
}
