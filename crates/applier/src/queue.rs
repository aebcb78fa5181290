//! A dependency queue: which steps may start, and what a failure blocks. A data structure without IO.
//!
//! Nodes are numbered from 0. Among ready nodes the one of the lowest rank comes first, then the one of the lowest number. All
//! operations together cost O((n + e) log n).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Where a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Waits for so many others.
    Waiting(usize),
    /// May start.
    Ready,
    /// Was handed out.
    Started,
    /// Succeeded.
    Finished,
    /// Failed itself.
    Failed,
    /// Will never start.
    Blocked,
}

/// The waits form a circle, so nothing in it could ever start.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{} steps wait for each other", nodes.len())]
pub struct Cycle {
    /// The nodes that can never start, in ascending order: those of the circle and those behind it.
    pub nodes: Vec<usize>,
}

/// Steps that wait for each other.
#[derive(Debug)]
pub struct DependencyQueue {
    states: Vec<State>,
    ranks: Vec<usize>,
    dependents: Vec<Vec<usize>>,
    ready: BinaryHeap<Reverse<(usize, usize)>>,
    unsettled: usize,
}

impl DependencyQueue {
    /// Builds the queue from each node's rank and the nodes that it waits for. Repeats among the latter count once.
    ///
    /// # Errors
    /// When nodes wait for each other in a circle.
    ///
    /// # Panics
    /// When a node waits for a number that is none.
    pub fn new(nodes: impl IntoIterator<Item = (usize, Vec<usize>)>) -> Result<Self, Cycle> {
        let nodes: Vec<(usize, Vec<usize>)> = nodes.into_iter().collect();
        let mut dependents = vec![Vec::new(); nodes.len()];
        let mut waits = Vec::with_capacity(nodes.len());
        let mut ranks = Vec::with_capacity(nodes.len());
        for (node, (rank, mut waits_for)) in nodes.into_iter().enumerate() {
            waits_for.sort_unstable();
            waits_for.dedup();
            for other in &waits_for {
                dependents[*other].push(node);
            }
            waits.push(waits_for.len());
            ranks.push(rank);
        }
        check_for_cycles(&waits, &dependents)?;
        let states: Vec<State> = waits.iter().map(|waits| if *waits == 0 { State::Ready } else { State::Waiting(*waits) }).collect();
        let ready = (0..states.len()).filter(|node| states[*node] == State::Ready).map(|node| Reverse((ranks[node], node))).collect();
        Ok(Self { unsettled: states.len(), states, ranks, dependents, ready })
    }

    /// Hands out the next node that may start.
    pub fn start(&mut self) -> Option<usize> {
        // A ready node is never blocked: everything that it waits for has succeeded.
        let Reverse((_, node)) = self.ready.pop()?;
        self.states[node] = State::Started;
        Some(node)
    }

    /// A node that was handed out has succeeded; what waited for nothing else becomes ready.
    pub fn finish(&mut self, node: usize) {
        debug_assert_eq!(self.states[node], State::Started, "only a started node finishes");
        self.states[node] = State::Finished;
        self.unsettled -= 1;
        for dependent in std::mem::take(&mut self.dependents[node]) {
            if let State::Waiting(left) = &mut self.states[dependent] {
                *left -= 1;
                if *left == 0 {
                    self.states[dependent] = State::Ready;
                    self.ready.push(Reverse((self.ranks[dependent], dependent)));
                }
            }
        }
    }

    /// A node that was handed out has failed. Returns, in ascending order, everything that waits for it directly or not and will never
    /// start; what an earlier failure blocked already is not repeated.
    pub fn fail(&mut self, node: usize) -> Vec<usize> {
        debug_assert_eq!(self.states[node], State::Started, "only a started node fails");
        self.states[node] = State::Failed;
        self.unsettled -= 1;
        let mut blocked = Vec::new();
        let mut open = std::mem::take(&mut self.dependents[node]);
        while let Some(next) = open.pop() {
            if matches!(self.states[next], State::Waiting(_)) {
                self.states[next] = State::Blocked;
                self.unsettled -= 1;
                blocked.push(next);
                open.append(&mut self.dependents[next]);
            }
        }
        blocked.sort_unstable();
        blocked
    }

    /// Whether every node has succeeded, failed or been blocked.
    pub fn is_settled(&self) -> bool {
        self.unsettled == 0
    }
}

/// Kahn's algorithm on the counts alone.
fn check_for_cycles(waits: &[usize], dependents: &[Vec<usize>]) -> Result<(), Cycle> {
    let mut left = waits.to_vec();
    let mut free: Vec<usize> = (0..left.len()).filter(|node| left[*node] == 0).collect();
    let mut reached = 0;
    while let Some(node) = free.pop() {
        reached += 1;
        for dependent in &dependents[node] {
            left[*dependent] -= 1;
            if left[*dependent] == 0 {
                free.push(*dependent);
            }
        }
    }
    if reached == left.len() {
        return Ok(());
    }
    Err(Cycle { nodes: (0..left.len()).filter(|node| left[*node] > 0).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(nodes: &[(usize, &[usize])]) -> DependencyQueue {
        DependencyQueue::new(nodes.iter().map(|(rank, waits)| (*rank, waits.to_vec()))).expect("no circle")
    }

    fn drain(queue: &mut DependencyQueue) -> Vec<usize> {
        std::iter::from_fn(|| queue.start()).collect()
    }

    #[test]
    fn ready_nodes_come_by_rank_then_by_number() {
        assert_eq!(drain(&mut queue(&[(2, &[]), (1, &[]), (1, &[]), (0, &[])])), [3, 1, 2, 0]);
    }

    #[test]
    fn a_node_starts_when_the_last_thing_it_waits_for_has_finished() {
        let mut queue = queue(&[(0, &[]), (0, &[]), (0, &[0, 1, 1])]);
        assert_eq!(drain(&mut queue), [0, 1]);
        queue.finish(1);
        assert_eq!(queue.start(), None);
        queue.finish(0);
        assert_eq!(queue.start(), Some(2));
        queue.finish(2);
        assert!(queue.is_settled());
    }

    #[test]
    fn a_failure_blocks_everything_behind_it_and_nothing_else() {
        let mut queue = queue(&[(0, &[]), (0, &[0]), (0, &[1]), (0, &[]), (0, &[3])]);
        assert_eq!(drain(&mut queue), [0, 3]);
        assert_eq!(queue.fail(0), [1, 2]);
        queue.finish(3);
        assert_eq!(drain(&mut queue), [4]);
        queue.finish(4);
        assert!(queue.is_settled());
    }

    #[test]
    fn what_two_failures_block_is_told_once() {
        let mut queue = queue(&[(0, &[]), (0, &[]), (0, &[0, 1]), (0, &[1])]);
        drain(&mut queue);
        assert_eq!(queue.fail(0), [2]);
        assert_eq!(queue.fail(1), [3]);
        assert!(queue.is_settled());
    }

    #[test]
    fn a_blocked_node_is_not_revived_by_a_success() {
        let mut queue = queue(&[(0, &[]), (0, &[]), (0, &[0, 1])]);
        drain(&mut queue);
        queue.fail(0);
        queue.finish(1);
        assert_eq!(queue.start(), None);
    }

    #[test]
    fn a_circle_is_refused_with_its_nodes() {
        let nodes = [(0, vec![]), (0, vec![2]), (0, vec![1]), (0, vec![2])];
        assert_eq!(DependencyQueue::new(nodes).expect_err("a circle"), Cycle { nodes: vec![1, 2, 3] });
    }

    #[test]
    fn a_long_chain_and_a_wide_fan_are_no_trouble() {
        let size = 200_000;
        let chain = (0..size).map(|node| (node, if node == 0 { vec![] } else { vec![node - 1] }));
        let mut queue = DependencyQueue::new(chain).expect("no circle");
        queue.start();
        assert_eq!(queue.fail(0).len(), size - 1);
        let fan = (0..size).map(|node| (0, if node == 0 { vec![] } else { vec![0] }));
        let mut queue = DependencyQueue::new(fan).expect("no circle");
        queue.start();
        queue.finish(0);
        assert_eq!(drain(&mut queue).len(), size - 1);
    }
}
