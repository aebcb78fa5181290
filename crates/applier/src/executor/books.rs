//! What the ledger learns from a step: the only place that turns plan and report into records.

use std::collections::{BTreeMap, HashMap};

use deskform_model::{Kind, NaturalKey, Person, RemoteId, Text, Value, Values};
use deskform_planner::claims::as_created;
use deskform_planner::ledger::{Entry, EntryId, Intent, Record, Recycled};
use deskform_planner::plan::{Action, Change, ChangeId, Plan};

use super::job::Workshop;
use super::journal::Journal;
use super::perform::{End, Progress};
use crate::steps::Step;

/// The ledger's side of a run.
pub(super) struct Books {
    pub(super) journal: Journal,
    /// Which entry a duty belongs to; made when it is first needed, and kept up to date from then on.
    owners: Option<HashMap<RemoteId, EntryId>>,
    /// Entries that this run has written.
    pub(super) written: BTreeMap<EntryId, Written>,
    /// Intents that are open in this run, by change.
    intents: HashMap<ChangeId, u64>,
}

/// What this run has done to an entry.
#[derive(Default)]
pub(super) struct Written {
    /// What was there before it.
    pub(super) before: Option<Box<Entry>>,
    /// The change that has last made or edited it.
    pub(super) author: Option<ChangeId>,
}

impl Books {
    pub(super) fn new(journal: Journal) -> Self {
        Self { journal, owners: None, written: BTreeMap::new(), intents: HashMap::new() }
    }

    /// Gives the lock of the ledger back. What was large is taken apart elsewhere, so that nobody waits for it.
    pub(super) fn close(mut self) {
        self.journal.give_lock_back();
        // Without a thread it is taken apart here.
        let _ = std::thread::Builder::new().spawn(move || drop(self));
    }

    /// Writes down what a create is about to send.
    pub(super) fn intend(&mut self, step: &Step, workshop: &Workshop<'_>, at: &Text) {
        for id in &step.changes {
            let change = workshop.plan.get(*id);
            let Some(values) = change.values() else { continue };
            let person = workshop.person(change);
            let number = self.journal.next_intent();
            let intent = Intent {
                number,
                address: change.address.clone(),
                key: resolved(&change.key, person.as_ref()),
                set: values.clone(),
                at: at.clone(),
                support: person.filter(|_| change.kind() == Kind::Agent),
            };
            self.journal.record(Record::Intended(intent));
            self.intents.insert(*id, number);
        }
    }

    /// Takes back the intents of a step that certainly did nothing.
    pub(super) fn withdraw(&mut self, step: &Step) {
        for id in &step.changes {
            if let Some(intent) = self.intents.remove(id) {
                self.journal.record(Record::Withdrawn { intent });
            }
        }
    }

    /// Takes shifts that are over out of the ledger.
    pub(super) fn drop_ended(&mut self, plan: &Plan) {
        for id in &plan.ended {
            self.gone(id.clone());
        }
    }

    /// What to call the request that carries out the intents of these changes: the same whenever just these are sent.
    pub(super) fn request_id(&self, changes: &[ChangeId]) -> Option<String> {
        let first = self.intents.get(changes.first()?)?;
        Some(format!("{}-{first}-{}", self.journal.ledger().id, changes.len()))
    }

    /// The open intent of a change.
    pub(super) fn intent(&self, id: ChangeId) -> Option<&Intent> {
        self.journal.ledger().intents.get(self.intents.get(&id)?)
    }

    /// An entry's object turned out to have other ids than the platform gave when it was made.
    pub(super) fn rename(&mut self, id: EntryId, remotes: Vec<RemoteId>) -> Option<EntryId> {
        let entry = Entry { remotes, ..self.journal.ledger().entries.get(&id)?.clone() };
        let renamed = entry.id();
        let written = self.written.remove(&id).unwrap_or_default();
        self.gone(id);
        self.done(entry, None, None);
        self.written.insert(renamed.clone(), written);
        Some(renamed)
    }

    /// Writes the ledger for a change that writes nothing else.
    pub(super) fn book(&mut self, change: &Change, person: Option<RemoteId>, at: &Text) {
        self.void(change);
        match &change.action {
            Action::Record { remotes, values } => {
                let before = remotes.first().and_then(|first| self.owned_entry(change, first)).cloned();
                let mut entry = entry(change, person, remotes.clone(), values.clone(), at);
                if let Some(before) = before {
                    if before.id() != entry.id() {
                        self.gone(before.id());
                    }
                    // Nothing was written to the platform.
                    entry.at = before.at;
                    entry.seen = before.seen;
                }
                self.done(entry, None, None);
            }
            Action::Forget { id, .. } => self.gone(id.clone()),
            _ => {}
        }
    }

    /// Writes down what a step has done, and what of it.
    pub(super) fn conclude(&mut self, step: &Step, workshop: &Workshop<'_>, progress: &Progress, end: &End, at: &Text) {
        let applied = matches!(end, End::Applied);
        let change = workshop.plan.get(step.changes[0]);
        let person = workshop.person(change);
        match (&change.action, progress) {
            (Action::Create { values, .. }, _) if change.kind() == Kind::Permission => {
                if let (true, Some(id)) = (applied, person.clone()) {
                    self.finish(change, entry(change, person, vec![id], values.clone(), at), None, None);
                }
            }
            (Action::Create { .. }, Progress::Created(ids)) => self.created(step, workshop, ids, applied, at),
            // Half of a night was there, and now all of it is.
            (Action::Create { values, .. }, Progress::Duties(ids)) if applied => {
                let intent = self.intents.remove(&step.changes[0]);
                self.finish(change, entry(change, person, ids.clone(), values.clone(), at), intent, None);
            }
            (Action::Create { .. }, Progress::Duties(_)) => {}
            // The next run finds it by its intent; until then nothing is said of it.
            (Action::Create { .. }, Progress::NotHandedOver) => {}
            // Its answer is lost: the intent stays open and claims what it made when somebody sees it.
            (Action::Create { .. }, _) if matches!(end, End::Unknown(_)) => {}
            (Action::Create { .. }, _) => self.withdraw(step),
            (Action::Update { values, .. }, Progress::Duties(duties)) => {
                let set = if applied { Some(values.clone()) } else { None };
                self.duties(change, person, duties, set, at);
                self.withdraw(step);
            }
            (Action::Update { remotes, values, .. }, _) if applied => {
                let remotes = remotes.iter().flatten().cloned().collect();
                let entry = entry(change, person, remotes, values.clone(), at);
                self.finish(change, entry, None, Some(step.changes[0]));
            }
            (Action::Update { remotes, values, .. }, Progress::Edited) => {
                let remotes: Vec<RemoteId> = remotes.iter().flatten().cloned().collect();
                let before = remotes.first().and_then(|first| self.owned_entry(change, first));
                let set = with_secrets_of(values, before.map(|entry| &entry.set));
                self.done(entry(change, person, remotes, set, at), None, None);
            }
            (Action::Restore { remote, values, .. }, Progress::Restored) => self.restored(change, remote, values, applied, at),
            (Action::Delete { remotes, .. }, Progress::Duties(left)) if left.len() < remotes.len() => {
                self.duties(change, person, left, None, at);
            }
            (Action::Delete { remotes, last, .. }, _) if applied => self.deleted(change, person, remotes, last),
            _ => {}
        }
    }

    fn created(&mut self, step: &Step, workshop: &Workshop<'_>, ids: &[RemoteId], applied: bool, at: &Text) {
        let mut remotes: Vec<Vec<RemoteId>> = vec![Vec::new(); step.changes.len()];
        if workshop.plan.get(step.changes[0]).kind() == Kind::Shift {
            for ((change, _, _), id) in workshop.duties(step).into_iter().zip(ids) {
                remotes[change].push(id.clone());
            }
        } else {
            // One each, whether it is one seat or a whole batch.
            for (own, id) in remotes.iter_mut().zip(ids) {
                own.push(id.clone());
            }
        }
        for (id, remotes) in step.changes.iter().zip(remotes) {
            let change = workshop.plan.get(*id);
            let Some(values) = change.values() else { continue };
            // A seat that exists and was not completed: what only the edit sets was not sent.
            let set = if applied { values.clone() } else { as_created(change.kind(), values) };
            let intent = self.intents.remove(id);
            let entry = entry(change, workshop.person(change), remotes, set, at);
            self.finish(change, entry, intent, applied.then_some(*id));
        }
    }

    fn restored(&mut self, change: &Change, remote: &RemoteId, values: &Values, applied: bool, at: &Text) {
        let NaturalKey::Support { account } = &change.key else { return };
        let recycled = self.journal.ledger().recycled.get(account).map(|recycled| recycled.set.clone());
        let set = if applied { values.clone() } else { recycled.unwrap_or_default() };
        self.finish(change, entry(change, None, vec![remote.clone()], set, at), None, None);
    }

    fn deleted(&mut self, change: &Change, person: Option<RemoteId>, remotes: &[RemoteId], last: &Values) {
        self.void(change);
        match &change.key {
            NaturalKey::Support { account } => {
                let Some(remote) = remotes.first() else { return };
                let set = self.journal.ledger().entries.get(&EntryId::new(Kind::Support, remote)).map(|entry| entry.set.clone());
                let recycled =
                    Recycled { remote: remote.clone(), address: change.address.clone(), set: set.unwrap_or_else(|| last.clone()) };
                self.journal.record(Record::Recycled { account: account.clone(), recycled: Box::new(recycled) });
            }
            NaturalKey::Permission { module, .. } => {
                if let Some(person) = person {
                    self.gone(EntryId::permission(person.as_str(), *module));
                }
            }
            NaturalKey::Shift { .. } | NaturalKey::Agent { .. } => {
                let owners: Vec<EntryId> = remotes.iter().filter_map(|id| self.owner(change.kind(), id)).collect();
                for id in owners {
                    self.gone(id);
                }
            }
        }
    }

    /// A shift has these duties now; `set` is what it holds, or nothing when that is not certain.
    fn duties(&mut self, change: &Change, person: Option<RemoteId>, duties: &[RemoteId], set: Option<Values>, at: &Text) {
        let known: Vec<RemoteId> = match &change.action {
            Action::Update { remotes, .. } => remotes.iter().flatten().cloned().collect(),
            Action::Delete { remotes, .. } => remotes.clone(),
            _ => Vec::new(),
        };
        let before = known.first().and_then(|first| self.owned_entry(change, first)).cloned();
        // Nothing was made, so the ledger knows as much as before. Without a half that is missing it would take the other one for the whole.
        if set.is_none() && before.as_ref().is_some_and(|before| duties.iter().all(|duty| before.remotes.contains(duty))) {
            return;
        }
        let new = match (set, &before) {
            (Some(set), _) => Some(entry(change, person, duties.to_vec(), set, at)),
            (None, Some(before)) => Some(Entry { remotes: duties.to_vec(), seen: None, ..before.clone() }),
            (None, None) => None,
        };
        let Some(new) = new.filter(|entry| !entry.remotes.is_empty()) else { return };
        if let Some(before) = before.filter(|before| before.id() != new.id()) {
            self.gone(before.id());
        }
        self.finish(change, new, None, None);
    }

    fn finish(&mut self, change: &Change, entry: Entry, intent: Option<u64>, author: Option<ChangeId>) {
        self.void(change);
        self.done(entry, intent, author);
    }

    fn void(&mut self, change: &Change) {
        for id in &change.bookkeeping.voids {
            self.gone(id.clone());
        }
    }

    /// `author` is the change that has made or edited it completely.
    fn done(&mut self, entry: Entry, intent: Option<u64>, author: Option<ChangeId>) {
        let id = entry.id();
        if let (Kind::Shift, Some(owners)) = (id.kind, &mut self.owners) {
            owners.extend(entry.remotes.iter().map(|remote| (remote.clone(), id.clone())));
        }
        // Whoever exists under an account, the bin does not hold it any more.
        let left_bin = match &entry.key {
            NaturalKey::Support { account } if self.journal.ledger().recycled.contains_key(account) => Some(account.clone()),
            _ => None,
        };
        let before = self.journal.record(Record::Done { intent, entry: Box::new(entry) });
        if let Some(account) = left_bin {
            self.journal.record(Record::LeftBin { account });
        }
        let written = self.written.entry(id).or_insert_with(|| Written { before: before.map(Box::new), author: None });
        written.author = author.or(written.author);
    }

    fn gone(&mut self, id: EntryId) {
        let Some(entry) = self.journal.ledger().entries.get(&id) else { return };
        if let (Kind::Shift, Some(owners)) = (id.kind, &mut self.owners) {
            for remote in &entry.remotes {
                owners.remove(remote);
            }
        }
        self.written.remove(&id);
        self.journal.record(Record::Gone { id });
    }

    fn owned_entry(&mut self, change: &Change, remote: &RemoteId) -> Option<&Entry> {
        let id = match &change.key {
            NaturalKey::Permission { module, .. } => EntryId::permission(remote.as_str(), *module),
            _ => self.owner(change.kind(), remote)?,
        };
        self.journal.ledger().entries.get(&id)
    }

    /// The entry that an object belongs to.
    pub(super) fn owner(&mut self, kind: Kind, remote: &RemoteId) -> Option<EntryId> {
        if kind != Kind::Shift {
            let id = EntryId::new(kind, remote);
            return self.journal.ledger().entries.contains_key(&id).then_some(id);
        }
        let owners = self.owners.get_or_insert_with(|| {
            let shifts = self.journal.ledger().of_kind(Kind::Shift);
            shifts.flat_map(|entry| entry.remotes.iter().map(|remote| (remote.clone(), entry.id()))).collect()
        });
        owners.get(remote).cloned()
    }
}

fn entry(change: &Change, person: Option<RemoteId>, remotes: Vec<RemoteId>, set: Values, at: &Text) -> Entry {
    Entry {
        address: change.address.clone(),
        key: resolved(&change.key, person.as_ref()),
        remotes,
        set,
        seen: None,
        at: at.clone(),
        protect: change.protect,
        support: person.filter(|_| change.kind() == Kind::Agent),
        title: change.title.clone(),
    }
}

/// The natural key as the ledger keeps it: people by id.
fn resolved(key: &NaturalKey, person: Option<&RemoteId>) -> NaturalKey {
    let mut key = key.clone();
    if let (Some(id), NaturalKey::Permission { person, .. } | NaturalKey::Shift { person, .. }) = (person, &mut key) {
        *person = Person::Id(id.text().clone());
    }
    key
}

/// These values with the secrets that were set before instead of their own.
fn with_secrets_of(values: &Values, before: Option<&Values>) -> Values {
    let mut set = values.clone();
    for (key, value) in values.iter().filter(|(_, value)| matches!(value, Value::Secret { .. })) {
        match before.and_then(|before| before.get(key)) {
            Some(old) if old != value => {
                set.insert(key.clone(), old.clone());
            }
            Some(_) => {}
            None => {
                set.remove(key);
            }
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use deskform_model::Address;
    use deskform_planner::Ledger;

    use super::super::OpenLedger;
    use super::super::journal::tests::Nowhere;
    use super::*;

    fn id(text: &str) -> RemoteId {
        RemoteId::new(text).expect("not empty")
    }

    fn night_shift(duties: &[&str]) -> Entry {
        let person = Person::Id("7".into());
        let date = deskform_model::time::parse_date("2026-12-01").expect("a date");
        let start = deskform_model::time::parse_time("22:00").expect("a time");
        Entry {
            address: Address::shift(&person, date, start),
            key: NaturalKey::Shift { person, date, start },
            remotes: duties.iter().map(|duty| id(duty)).collect(),
            set: Values::new(),
            seen: None,
            at: Text::default(),
            protect: false,
            support: None,
            title: Text::default(),
        }
    }

    fn books() -> Books {
        let entry = night_shift(&["a", "b"]);
        let mut ledger = Ledger::default();
        ledger.entries.insert(entry.id(), entry);
        Books::new(Journal::begin(OpenLedger { ledger, store: Box::new(Nowhere) }, &[]).expect("nothing can fail"))
    }

    #[test]
    fn a_change_that_failed_leaves_a_night_with_both_its_halves_in_the_ledger() {
        let mut books = books();
        let night = night_shift(&["a", "b"]);
        let action = Action::Update {
            remotes: vec![Some(id("a")), None],
            values: Values::new(),
            fields: Vec::new(),
            saw: Values::new(),
            secret: None,
        };
        let change = Change {
            address: night.address.clone(),
            key: night.key.clone(),
            title: Text::default(),
            action,
            reason: deskform_planner::plan::Reason::Drift,
            bookkeeping: deskform_planner::plan::Bookkeeping::default(),
            person: None,
            waits_for: Vec::new(),
            origin: None,
            protect: false,
            valid_until: None,
        };
        books.duties(&change, None, &[id("a")], None, &Text::default());
        assert_eq!(books.journal.ledger().entries.get(&night.id()), Some(&night));
        books.duties(&change, None, &[id("a"), id("c")], None, &Text::default());
        assert_eq!(books.journal.ledger().entries.get(&night.id()), Some(&night_shift(&["a", "c"])), "a half was made");
    }

    #[test]
    fn ownership_follows_what_the_run_writes() {
        let mut books = books();
        assert!(books.owner(Kind::Shift, &id("b")).is_some());
        let renamed = books.rename(night_shift(&["a"]).id(), vec![id("a"), id("c")]).expect("it is there");
        assert_eq!((books.owner(Kind::Shift, &id("b")), books.owner(Kind::Shift, &id("c"))), (None, Some(renamed.clone())));
        books.gone(renamed);
        assert_eq!(books.owner(Kind::Shift, &id("a")), None);
    }
}
