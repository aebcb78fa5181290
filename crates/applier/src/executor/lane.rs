//! The steps of one platform that may start: which goes next, and how many are on their way.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::perform::Performer;

/// Most creates whose intents are written before there is room to send them: enough for full groups (design.md section 4).
const STAGED: usize = 128;

pub(super) struct Lane {
    performer: Performer,
    /// Steps that may start, by rank, and whether each has to write intents first.
    ready: BinaryHeap<Reverse<(usize, usize, bool)>>,
    /// Creates whose intents are durable, with their ranks, in the order in which they were written.
    durable: VecDeque<(usize, usize)>,
    /// How many creates wait for the disk.
    unsaved: usize,
    running: usize,
    /// Most steps that are on their way: as many as may travel at once, because what is on its way cannot be stopped any more.
    most: usize,
    closed: bool,
}

/// What a lane does next.
pub(super) enum Next {
    /// Send the step's requests.
    Send(usize),
    /// Write the step's intents.
    Intend(usize),
}

impl Lane {
    pub(super) fn new(performer: Performer, concurrency: usize) -> Self {
        let most = concurrency.max(1);
        Self { performer, ready: BinaryHeap::new(), durable: VecDeque::new(), unsaved: 0, running: 0, most, closed: false }
    }

    /// Adds a step that may start.
    pub(super) fn push(&mut self, rank: usize, at: usize, is_create: bool) {
        self.ready.push(Reverse((rank, at, is_create)));
    }

    /// Adds a part of a step whose intents are durable.
    pub(super) fn resume(&mut self, rank: usize, at: usize) {
        self.durable.push_back((rank, at));
    }

    /// The intents of a step are durable.
    pub(super) fn saved(&mut self, rank: usize, at: usize) {
        self.unsaved -= 1;
        self.durable.push_back((rank, at));
    }

    /// Takes out what can be done now, by rank.
    pub(super) fn next(&mut self) -> Option<Next> {
        if self.closed {
            return None;
        }
        let room = self.running < self.most;
        let first_durable = self.durable.front().map_or(usize::MAX, |(rank, _)| *rank);
        match self.ready.peek() {
            Some(Reverse((_, at, true))) if self.unsaved + self.durable.len() < STAGED => {
                let at = *at;
                self.ready.pop();
                self.unsaved += 1;
                Some(Next::Intend(at))
            }
            Some(Reverse((rank, at, false))) if room && *rank < first_durable => {
                let at = *at;
                self.ready.pop();
                Some(Next::Send(at))
            }
            _ if room => self.durable.pop_front().map(|(_, at)| Next::Send(at)),
            _ => None,
        }
    }

    /// Whether the platform is about to have nothing to do while creates wait for the disk.
    pub(super) fn is_running_dry(&self) -> bool {
        self.unsaved > 0 && self.running + self.durable.len() < self.most
    }

    /// A step goes out.
    pub(super) fn start(&mut self) -> Performer {
        self.running += 1;
        self.performer.clone()
    }

    /// A step has come back.
    pub(super) fn end(&mut self) {
        self.running -= 1;
    }

    /// Hands out nothing more; returns the creates whose intents are durable and that were not sent.
    pub(super) fn close(&mut self) -> Vec<usize> {
        self.closed = true;
        self.unsaved = 0;
        std::mem::take(&mut self.durable).into_iter().map(|(_, at)| at).collect()
    }
}
