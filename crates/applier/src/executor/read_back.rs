//! After the writes: what do the platforms show of them? One list a touched kind fills `seen`, the half of "in sync" that only a read can
//! tell (design.md section 3).
//!
//! The same lists tell whether an object that was edited still looked as the plan saw it in the fields that the edit left alone; then its
//! step ends stale and names the field; so does that of an object which somebody has removed. That is the limit: a field that was edited is overwritten without a look, because the
//! platforms have no conditional writes and nothing is read one by one; and what no list shows cannot be compared.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use deskform_model::field::READ;
use deskform_model::kind::shift::NAME;
use deskform_model::time::{Date, Time, next_day};
use deskform_model::{FieldKey, Kind, NaturalKey, Person, RemoteId, Value, Values};
use deskform_planner::ledger::{Entry, EntryId};
use deskform_planner::overnight::{Piece, hours, joined, pieces};
use deskform_planner::plan::{Action, ChangeId};
use deskform_planner::policy::Overnight;
use deskform_planner::{Duty, Needs, Observed, Plan};
use tokio::time::sleep;

use super::books::Books;
use crate::event::Event;
use crate::observe::ObserveError;
use crate::outcome::StepError;
use crate::reader::Reader;

/// Something that is not as the plan saw it, and that nothing in this run has done: a field, or that the object is there.
pub(super) struct Moved {
    /// The change whose object it is.
    pub(super) change: ChangeId,
    /// What people are told.
    pub(super) error: StepError,
}

/// Reads every entry that this run has written. What a list lacks is given `settle` to appear and listed once more; a shift that is then
/// listed under other ids than its creation answered gets those.
pub(super) async fn read_back(
    reader: &Reader,
    books: &mut Books,
    settle: Duration,
    (plan, overnight): (&Plan, Overnight),
    moved: &mut Vec<Moved>,
    on_event: &mut dyn FnMut(Event),
) -> Result<(), ObserveError> {
    let of_lists = books.written.iter().filter(|(id, _)| id.kind != Kind::Permission);
    let mut open: Vec<Open> = of_lists.map(|(id, written)| Open { id: id.clone(), author: written.author }).collect();
    for attempt in 1..=2 {
        if open.is_empty() {
            return Ok(());
        }
        if attempt == 2 {
            on_event(Event::Waiting { wait: settle, objects: open.len() });
            sleep(settle).await;
        }
        let needs = needs(books, plan, &open);
        let mut kinds: Vec<Kind> = open.iter().map(|open| open.id.kind).collect();
        kinds.dedup();
        on_event(Event::ReadBack { kinds });
        let observed = reader.observe_telling(&needs, &mut |_| {}, on_event).await?;
        let shown = Shown::new(&observed);
        if attempt == 2 {
            find_renamed(books, &shown, &mut open, overnight);
        }
        let mut missing = Vec::new();
        let Books { journal, written, .. } = &mut *books;
        journal.visit(&open, |open, entry| {
            let seen = shown.values(entry);
            match (seen, open.author) {
                (Some(mut seen), author) => {
                    moved.extend(author.and_then(|change| meanwhile(plan, change, &mut seen)));
                    report_rewritten(entry, &seen, || written.get(&open.id)?.before.as_deref(), on_event);
                    return Some(seen);
                }
                (None, Some(change)) if shown.is_recycled(entry) => moved.push(removed(change, "somebody moved it to the recycle bin")),
                (None, _) => missing.push(open.clone()),
            }
            None
        });
        open = missing;
    }
    // People and seats that were there before were asked for one by one.
    open.retain(|Open { id, author }| {
        let gone = author.filter(|change| matches!(id.kind, Kind::Support | Kind::Agent) && edits(plan, Some(*change)));
        moved.extend(gone.map(|change| removed(change, "somebody removed it")));
        gone.is_none()
    });
    let entries = &books.journal.ledger().entries;
    let addresses: Vec<_> = open.iter().filter_map(|open| Some(entries.get(&open.id)?.address.clone())).collect();
    if !addresses.is_empty() {
        on_event(Event::NotShown { addresses });
    }
    Ok(())
}

/// An entry that no list has shown yet.
#[derive(Clone)]
struct Open {
    id: EntryId,
    /// The change of this run that has made or edited it.
    author: Option<ChangeId>,
}

impl AsRef<EntryId> for Open {
    fn as_ref(&self) -> &EntryId {
        &self.id
    }
}

/// The lists that show these entries, and nothing besides.
fn needs(books: &mut Books, plan: &Plan, open: &[Open]) -> Needs {
    let mut needs = Needs::default();
    books.journal.visit(open, |open, entry| {
        match &entry.key {
            NaturalKey::Support { account } => {
                needs.supports = true;
                needs.support_ids.extend(entry.remotes.first().cloned());
                if entry.set.iter().any(|(key, _)| matches!(key, FieldKey::Custom(_))) {
                    needs.detail_accounts.insert(account.clone());
                }
            }
            NaturalKey::Agent { .. } => {
                needs.agents = true;
                // What was there before this run is asked for by number before it is called gone.
                needs.agent_ids.extend(entry.remotes.first().filter(|_| edits(plan, open.author)).cloned());
            }
            NaturalKey::Shift { date, .. } => {
                // The second half of a night shift lies on the day after.
                let last = if entry.remotes.len() > 1 { next_day(*date).unwrap_or(*date) } else { *date };
                needs.duties = Some(needs.duties.map_or((*date, last), |(first, end)| (first.min(*date), end.max(last))));
            }
            NaturalKey::Permission { .. } => {}
        }
        None
    });
    needs
}

/// What the lists show, by id.
struct Shown<'a> {
    supports: BTreeMap<&'a RemoteId, &'a Values>,
    recycled: BTreeSet<&'a RemoteId>,
    agents: BTreeMap<&'a RemoteId, &'a Values>,
    duties: HashMap<&'a RemoteId, &'a Duty>,
}

impl<'a> Shown<'a> {
    fn new(observed: &'a Observed) -> Self {
        Self {
            supports: observed.supports.iter().map(|object| (&object.remote, &object.values)).collect(),
            recycled: observed.recycled.iter().map(|object| &object.remote).collect(),
            agents: observed.agents.iter().map(|object| (&object.remote, &object.values)).collect(),
            duties: observed.duties.iter().map(|duty| (&duty.remote, duty)).collect(),
        }
    }

    /// Whether the platform says that somebody is in the recycle bin.
    fn is_recycled(&self, entry: &Entry) -> bool {
        entry.key.kind() == Kind::Support && entry.remotes.first().is_some_and(|id| self.recycled.contains(id))
    }

    /// What is shown of the fields that are ours; `None` when the object, or half of it, is not shown at all.
    fn values(&self, entry: &Entry) -> Option<Values> {
        let first = entry.remotes.first()?;
        let live = match entry.key.kind() {
            Kind::Support => (*self.supports.get(first)?).clone(),
            Kind::Agent => (*self.agents.get(first)?).clone(),
            Kind::Shift => {
                let live = joined(entry, |remote| self.duties.get(remote).copied())?;
                if live.remotes.iter().any(Option::is_none) {
                    return None;
                }
                live.values
            }
            Kind::Permission => return None,
        };
        if live.iter().all(|(key, _)| entry.set.get(key).is_some()) {
            return Some(live);
        }
        Some(entry.set.iter().filter_map(|(key, _)| Some((key.clone(), live.get(key)?.clone()))).collect())
    }
}

/// Gives shifts that are not listed under their ids those under which they are listed. The documents show ids of one form in the reply to
/// a creation and of another in lists (api-spec.md H33).
fn find_renamed(books: &mut Books, shown: &Shown<'_>, open: &mut [Open], overnight: Overnight) {
    let mut unowned: HashMap<Looks<'_>, Vec<&RemoteId>> = HashMap::new();
    for duty in shown.duties.values().filter(|duty| books.owner(Kind::Shift, &duty.remote).is_none()) {
        if let Some(looks) = Looks::of(duty) {
            unowned.entry(looks).or_default().push(&duty.remote);
        }
    }
    let renamed = |books: &mut Books, id: &EntryId| -> Option<EntryId> {
        let entry = books.journal.ledger().entries.get(id)?;
        let NaturalKey::Shift { person: Person::Id(person), date, .. } = &entry.key else { return None };
        let (start, end) = hours(&entry.set)?;
        let name = entry.set.get(&FieldKey::Known(NAME)).unwrap_or(&Value::Null);
        let mut remotes = Vec::new();
        for (at, Piece { date, start, end }) in pieces(*date, start, end, overnight).into_iter().enumerate() {
            if let Some(remote) = entry.remotes.get(at).filter(|remote| shown.duties.contains_key(remote)) {
                remotes.push(remote.clone());
                continue;
            }
            let looks = Looks { person, date, hours: (start, end), name };
            let [remote] = unowned.get(&looks)?[..] else { return None };
            remotes.push(remote.clone());
        }
        books.rename(id.clone(), remotes)
    };
    for open in open.iter_mut() {
        if let Some(id) = renamed(books, &open.id) {
            open.id = id;
        }
    }
    open.sort_unstable_by(|a, b| a.id.cmp(&b.id));
}

/// What makes a duty recognisable without its id (api-spec.md section 7).
#[derive(PartialEq, Eq, Hash)]
struct Looks<'a> {
    person: &'a str,
    date: Date,
    hours: (Time, Time),
    name: &'a Value,
}

impl<'a> Looks<'a> {
    fn of(duty: &'a Duty) -> Option<Self> {
        let name = duty.values.get(&FieldKey::Known(NAME)).unwrap_or(&Value::Null);
        Some(Self { person: duty.person.as_str(), date: duty.date, hours: hours(&duty.values)?, name })
    }
}

/// Whether somebody changed a field of ours while this run changed others. The ledger keeps what the plan saw, so that the next plan
/// shows it as drift.
fn meanwhile(plan: &Plan, id: ChangeId, seen: &mut Values) -> Option<Moved> {
    let change = plan.get(id);
    let Action::Update { saw, .. } = &change.action else { return None };
    // A change of a shift sends all of its fields.
    if change.kind() == Kind::Shift {
        return None;
    }
    let moved: Vec<(FieldKey, Value)> = saw
        .iter()
        .filter(|(key, saw)| seen.get(key).is_some_and(|shown| shown != *saw))
        .map(|(key, saw)| (key.clone(), saw.clone()))
        .collect();
    let names: Vec<String> = moved.iter().map(|(key, _)| key.name(change.kind())).collect();
    for (key, saw) in moved {
        seen.insert(key, saw);
    }
    (!names.is_empty()).then(|| Moved {
        change: id,
        error: StepError {
            hint: Some("its own fields were written; look at the next plan for the others"),
            ..StepError::new(format!("somebody changed {} since the plan was made", names.join(", ")))
        },
    })
}

/// Whether a change is one of an object that was there before it.
fn edits(plan: &Plan, change: Option<ChangeId>) -> bool {
    change.is_some_and(|id| matches!(plan.get(id).action, Action::Update { .. }))
}

/// What was written is not there any more. The ledger keeps it, so that the next plan says what can be done.
fn removed(change: ChangeId, what: &str) -> Moved {
    let hint = Some("the next plan shows what is left of it");
    Moved { change, error: StepError { hint, ..StepError::new(format!("{what} since the plan was made")) } }
}

/// Says what the platform made of the values, unless an earlier run has said the same.
fn report_rewritten<'a>(entry: &Entry, seen: &Values, before: impl Fn() -> Option<&'a Entry>, on_event: &mut dyn FnMut(Event)) {
    let kind = entry.key.kind();
    let said = |key: &FieldKey, sent: &Value, shown: &Value| {
        before()
            .is_some_and(|before| before.set.get(key) == Some(sent) && before.seen.as_ref().and_then(|seen| seen.get(key)) == Some(shown))
    };
    for (key, sent) in entry.set.iter().filter(|(key, _)| key.field(kind).has(READ)) {
        if let Some(shown) = seen.get(key).filter(|shown| *shown != sent)
            && !said(key, sent, shown)
        {
            let (sent, shown) = (sent.clone(), shown.clone());
            on_event(Event::Rewritten { address: entry.address.clone(), field: key.name(kind), sent, shown });
        }
    }
}
