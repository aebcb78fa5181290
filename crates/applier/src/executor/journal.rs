//! The ledger of a run: changed at once in memory, saved in groups behind the executor's back.
//!
//! While one group is being made durable the next one collects, so a run never waits for a disk unless it needs the promise that an intent
//! is on it.

use std::time::Duration;

use deskform_model::Values;
use deskform_planner::Ledger;
use deskform_planner::ledger::{Entry, EntryId, Record, format};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};
use tokio::time::Instant;

use super::OpenLedger;
use crate::ledger_store::{Guard, LedgerError, LedgerStore};

/// Most records that wait for a group (design.md section 4).
const RECORDS: usize = 100;
/// Longest time that a record waits for a group.
const PATIENCE: Duration = Duration::from_millis(100);

/// To look an entry up costs as much as passing so many.
const SPARSE: usize = 8;

type Store = Box<dyn LedgerStore>;

pub(super) struct Journal {
    ledger: Ledger,
    /// Where it is saved; away while a group is being written.
    store: Option<Store>,
    writing: Option<JoinHandle<(Store, Result<(), LedgerError>)>>,
    group: Group,
    /// The number of the group that collects.
    number: u64,
    /// The records of the group that is being written.
    writing_records: usize,
    /// A group was lost, so nothing more is appended.
    broken: bool,
    next_intent: u64,
    /// What reads at the end of the run showed. A snapshot holds it anyway; without one it has to be appended.
    seen: Vec<EntryId>,
    guard: Guard,
}

#[derive(Default)]
struct Group {
    text: String,
    records: usize,
    since: Option<Instant>,
}

impl Journal {
    /// Opens the ledger for records and proves that they can be saved: when this returns, something of this run is durable, and with it
    /// what became of intents of earlier runs.
    pub(super) fn begin(ledger: OpenLedger, recovered: &[Record]) -> Result<Self, LedgerError> {
        let OpenLedger { mut ledger, mut store } = ledger;
        if !store.is_clean() {
            ledger.serial += 1;
            store.replace(ledger.serial, &mut format::snapshot(&ledger))?;
        }
        let next_intent = ledger.next_intent();
        let mut group = format::segment_header(&ledger);
        for record in recovered {
            format::write_record(&mut group, record);
            ledger.record(record.clone());
        }
        store.append(&group)?;
        Ok(Self {
            next_intent,
            ledger,
            seen: Vec::new(),
            guard: store.guard(),
            store: Some(store),
            writing: None,
            group: Group::default(),
            number: 1,
            writing_records: 0,
            broken: false,
        })
    }

    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// A number that no intent of this ledger has had in this run.
    pub(super) fn next_intent(&mut self) -> u64 {
        self.next_intent += 1;
        self.next_intent - 1
    }

    /// Changes the ledger now and saves the change with the next group. Returns the entry that the record replaced.
    pub(super) fn record(&mut self, record: Record) -> Option<Entry> {
        format::write_record(&mut self.group.text, &record);
        self.group.records += 1;
        self.group.since.get_or_insert_with(Instant::now);
        match record {
            Record::Done { intent, entry } => self.ledger.fulfil(intent, *entry),
            record => {
                self.ledger.record(record);
                None
            }
        }
    }

    /// Shows the entries of these ids, which are sorted. What `look` returns is what a read showed of an entry; it changes the ledger in
    /// memory alone, and [`Journal::finish`] saves it.
    pub(super) fn visit<'i, T: AsRef<EntryId>>(&mut self, ids: &'i [T], mut look: impl FnMut(&'i T, &Entry) -> Option<Values>) {
        let mut show = |id: &'i T, entry: &mut Entry| {
            if let Some(seen) = look(id, entry) {
                entry.seen = Some(seen);
                self.seen.push(id.as_ref().clone());
            }
        };
        if ids.len() < self.ledger.entries.len() / SPARSE {
            for id in ids {
                if let Some(entry) = self.ledger.entries.get_mut(id.as_ref()) {
                    show(id, entry);
                }
            }
            return;
        }
        // Both are in order, so nothing has to be looked up.
        let mut ids = ids.iter().peekable();
        for (id, entry) in &mut self.ledger.entries {
            while ids.next_if(|other| other.as_ref() < id).is_some() {}
            match ids.peek() {
                None => break,
                Some(other) if other.as_ref() == id => show(other, entry),
                Some(_) => {}
            }
        }
    }

    /// Tells when the lock of the ledger is lost.
    pub(super) fn guard(&self) -> Guard {
        self.guard.clone()
    }

    /// The number of the group that the last record stands in.
    pub(super) fn group(&self) -> u64 {
        self.number
    }

    /// Whether everything up to this group is durable.
    pub(super) fn is_durable(&self, group: u64) -> bool {
        !self.broken && group + u64::from(self.writing.is_some()) < self.number
    }

    /// When the collecting group should be saved at the latest; nothing to save, or no way to, is `None`.
    pub(super) fn deadline(&self) -> Option<Instant> {
        if self.writing.is_some() || self.broken {
            return None;
        }
        self.group.since.map(|since| if self.group.records >= RECORDS { since } else { since + PATIENCE })
    }

    /// Begins to save the collected group, unless another one is being saved.
    pub(super) fn flush(&mut self) {
        if self.broken || self.group.records == 0 || self.writing.is_some() {
            return;
        }
        let Some(mut store) = self.store.take() else { return };
        let group = std::mem::take(&mut self.group);
        self.writing_records = group.records;
        self.number += 1;
        self.writing = Some(spawn_blocking(move || {
            let result = store.append(&group.text);
            (store, result)
        }));
    }

    /// Waits for the group that is being saved, and tells how many records it held. Pending for ever when there is none. Cancel safe.
    pub(super) async fn saved(&mut self) -> Result<usize, LedgerError> {
        let Some(writing) = &mut self.writing else { return std::future::pending().await };
        let (store, result) = writing.await.unwrap_or_else(resume);
        self.writing = None;
        self.store = Some(store);
        self.broken |= result.is_err();
        result.map(|()| self.writing_records)
    }

    /// Saves everything that was recorded, and tells how many records that were.
    pub(super) async fn save_all(&mut self) -> Result<usize, LedgerError> {
        let mut records = 0;
        loop {
            if self.writing.is_some() {
                records += self.saved().await?;
            } else if self.group.records > 0 && !self.broken {
                self.flush();
            } else {
                return Ok(records);
            }
        }
    }

    /// Ends the run: appends what is not saved yet, or replaces snapshot and segment by one new snapshot when that is due, and tells how
    /// many records were saved. A snapshot is also the way out when a group was lost: it holds everything.
    pub(super) async fn finish(&mut self) -> Result<usize, LedgerError> {
        let saved = self.save_all().await;
        let wants_snapshot = self.store.as_ref().is_some_and(|store| store.wants_snapshot());
        match saved {
            Ok(records) if wants_snapshot || self.broken => self.compact().map(|()| records),
            Ok(records) => {
                self.append_seen();
                Ok(records + self.save_all().await?)
            }
            Err(error) => self.compact().map(|()| 0).map_err(|_| error),
        }
    }

    /// Gives the lock back. Nothing can be saved from then on.
    pub(super) fn give_lock_back(&mut self) {
        self.store = None;
    }

    fn append_seen(&mut self) {
        for id in std::mem::take(&mut self.seen) {
            let seen = self.ledger.entries.get(&id).and_then(|entry| entry.seen.clone());
            if let Some(seen) = seen {
                self.record(Record::Seen { id, seen });
            }
        }
    }

    fn compact(&mut self) -> Result<(), LedgerError> {
        let Some(store) = &mut self.store else { return Ok(()) };
        self.ledger.serial += 1;
        store.replace(self.ledger.serial, &mut format::snapshot(&self.ledger))
    }
}

fn resume<T>(error: JoinError) -> T {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(error) => unreachable!("nothing cancels a write of the ledger: {error}"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use deskform_model::{Address, Kind, NaturalKey, RemoteId, Text};

    use super::*;

    /// Keeps nothing: these facts are about the ledger in memory.
    pub(in super::super) struct Nowhere;

    impl LedgerStore for Nowhere {
        fn is_clean(&self) -> bool {
            true
        }

        fn append(&mut self, _: &str) -> Result<(), LedgerError> {
            Ok(())
        }

        fn replace(&mut self, _: u64, _: &mut dyn Iterator<Item = String>) -> Result<(), LedgerError> {
            Ok(())
        }
    }

    fn seat(number: usize) -> Entry {
        let number = format!("{number:03}");
        Entry {
            address: Address::agent(&number),
            key: NaturalKey::Agent { operator_id: number.as_str().into() },
            remotes: vec![RemoteId::new(number).expect("not empty")],
            set: Values::new(),
            seen: None,
            at: Text::default(),
            protect: false,
            support: None,
            title: Text::default(),
        }
    }

    #[test]
    fn few_entries_are_visited_like_many() {
        struct Wanted(EntryId);
        impl AsRef<EntryId> for Wanted {
            fn as_ref(&self) -> &EntryId {
                &self.0
            }
        }
        for step in [1, 2, 50] {
            let mut ledger = Ledger::default();
            ledger.entries.extend((0..100).map(seat).map(|entry| (entry.id(), entry)));
            let store = Box::new(Nowhere);
            let mut journal = Journal::begin(OpenLedger { ledger, store }, &[]).expect("nothing can fail");
            // Beyond the hundredth there is none.
            let wanted: Vec<Wanted> = (0..110).step_by(step).map(|number| Wanted(seat(number).id())).collect();
            let mut visited = Vec::new();
            journal.visit(&wanted, |wanted, entry| {
                assert_eq!(wanted.0, entry.id());
                visited.push(entry.id());
                (visited.len() > 1).then(Values::new)
            });
            assert_eq!(visited, wanted.into_iter().map(|wanted| wanted.0).take(100_usize.div_ceil(step)).collect::<Vec<_>>());
            let seen = journal.ledger().of_kind(Kind::Agent).filter(|entry| entry.seen.is_some()).map(Entry::id);
            assert_eq!(seen.collect::<Vec<_>>(), visited[1..]);
        }
    }
}
