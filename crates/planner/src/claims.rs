//! Recovery: what became of creates whose answers nobody has recorded (design.md section 4).
//!
//! An open intent claims at most one live object that nobody owns and that is equal to it in natural key: of a shift person, date, start,
//! end and name. What it claims is owned from then on, whatever the manifests say now. Several equal intents and several equal objects
//! are a multiset: each intent claims one object, and no object is claimed twice.
//!
//! An intent that finds nothing is void only when the lists were certainly read late enough to show what it made; until then it is
//! still open. Shifts that are over are facts, so their intents end in any case.
//!
//! Limits: a ledger without open intents is neither copied nor searched. The object's age is no evidence: whoever made an equal object in
//! the meantime made what was wanted.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use deskform_model::field::{CREATE, EDIT};
use deskform_model::kind::shift::{END, NAME, START};
use deskform_model::time::{self, Date, DateTime, Time, format_time};
use deskform_model::{Address, Field, FieldKey, Kind, NaturalKey, Person, RemoteId, Text, Value, Values};

use crate::ledger::{Entry, EntryId, Intent, Ledger, Record};
use crate::observed::{Duty, Observed};
use crate::overnight::{Piece, hours, pieces};
use crate::policy::Overnight;

/// How long after its intent was written a request may still leave: it waits for its turn, for a pause that the platform asked for, and for
/// its own retries, each of them two minutes at most.
const SENDING: Duration = Duration::from_secs(600);

/// When the lists were read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The project's wall clock then.
    pub now: DateTime,
    /// How long something just written may be missing from lists.
    pub settle: Duration,
    /// Whether nobody else can have sent anything for at least `settle` before: the reader holds the ledger's lock, and has waited.
    pub waited: bool,
}

/// What of an intent is on its platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trace {
    /// All of it, under these ids.
    Whole(Vec<RemoteId>),
    /// One half of an overnight shift; `None` where the other one is missing.
    Half(Vec<Option<RemoteId>>),
    /// The half that an entry lacked: the intent was to complete it.
    Completes {
        /// The entry.
        entry: EntryId,
        /// All its duties now.
        remotes: Vec<RemoteId>,
    },
    /// Nothing.
    Nothing,
}

/// An object that an open intent has made ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The intent's number.
    pub intent: u64,
    /// What the ledger learns.
    pub entry: Entry,
    /// The entry that this one replaces under another id.
    pub voids: Option<EntryId>,
}

/// A ledger after its open intents were looked at.
#[derive(Clone, Debug)]
pub struct Healed<'a> {
    /// The ledger that a plan is made with. Only intents that are still open are left in it.
    pub ledger: Cow<'a, Ledger>,
    /// What was found.
    pub claimed: Vec<Claim>,
    /// Numbers of intents that are too young to decide.
    pub open: Vec<u64>,
    /// Numbers and addresses of intents that certainly came to nothing.
    pub void: Vec<(u64, Address)>,
}

impl Healed<'_> {
    /// What the ledger has to learn before anything is sent, in the order of the intents.
    pub fn records(&self) -> Vec<Record> {
        let claimed = self.claimed.iter().flat_map(Claim::records);
        claimed.chain(self.void.iter().map(|(intent, _)| Record::Withdrawn { intent: *intent })).collect()
    }
}

impl Claim {
    fn records(&self) -> impl Iterator<Item = Record> {
        let gone = self.voids.clone().map(|id| Record::Gone { id });
        gone.into_iter().chain([Record::Done { intent: Some(self.intent), entry: Box::new(self.entry.clone()) }])
    }
}

/// Lets each open intent claim what it made.
pub fn heal<'a>(ledger: &'a Ledger, observed: &Observed, reading: &Reading) -> Healed<'a> {
    let mut healed = Healed { ledger: Cow::Borrowed(ledger), claimed: Vec::new(), open: Vec::new(), void: Vec::new() };
    if ledger.intents.is_empty() {
        return healed;
    }
    for (number, trace) in trace(ledger, observed, ledger.intents.values()) {
        let intent = &ledger.intents[&number];
        let late = is_late_enough(intent, reading);
        match trace {
            // The other half may only be missing from the list.
            Trace::Nothing | Trace::Half(_) if !late => healed.open.push(number),
            Trace::Nothing => healed.void.push((number, intent.address.clone())),
            trace => healed.claimed.extend(claim(ledger, intent, trace)),
        }
    }
    let records = healed.records();
    if !records.is_empty() {
        let ledger = healed.ledger.to_mut();
        records.into_iter().for_each(|record| ledger.record(record));
    }
    healed
}

/// Whether what this intent made would be listed.
fn is_late_enough(intent: &Intent, reading: &Reading) -> bool {
    let ended = match (&intent.key, hours(&intent.set)) {
        (NaturalKey::Shift { date, .. }, Some((start, end))) => time::interval(*date, start, end).1 <= reading.now,
        _ => false,
    };
    let old = || {
        let at: DateTime = intent.at.parse().ok()?;
        let age = Duration::try_from(reading.now.duration_since(at)).ok()?;
        Some(age > SENDING + reading.settle)
    };
    ended || reading.waited || reading.settle.is_zero() || old().unwrap_or(false)
}

/// Finds what of each intent is on its platform. The intents are those of `ledger`, or some of them.
pub fn trace<'a>(ledger: &Ledger, observed: &Observed, intents: impl IntoIterator<Item = &'a Intent>) -> BTreeMap<u64, Trace> {
    let intents: Vec<&Intent> = intents.into_iter().collect();
    let kinds: BTreeSet<Kind> = intents.iter().map(|intent| intent.key.kind()).collect();
    let mut traces = BTreeMap::new();
    let mut supports = if kinds.contains(&Kind::Support) { unowned_supports(ledger, observed) } else { HashMap::new() };
    let mut duties = if kinds.contains(&Kind::Shift) { Duties::new(ledger, observed) } else { Duties::default() };
    let seats = if kinds.contains(&Kind::Agent) { unowned_seats(ledger, observed) } else { HashSet::new() };
    let mut halves = Vec::new();
    for intent in intents {
        let trace = match &intent.key {
            NaturalKey::Support { account } => supports.get_mut(account).and_then(Vec::pop).map_or(Trace::Nothing, whole),
            NaturalKey::Agent { operator_id } => {
                let remote = RemoteId::new(operator_id.clone()).filter(|remote| seats.contains(remote));
                remote.map_or(Trace::Nothing, whole)
            }
            NaturalKey::Shift { person: Person::Id(person), date, .. } => match duties.whole(person, *date, intent) {
                Some(trace) => trace,
                // Halves come last: what makes somebody else's night whole is not given away as half of another.
                None => {
                    halves.push((intent, person, *date));
                    continue;
                }
            },
            // Setting a permission is safe to repeat, and nobody can be on duty without an id.
            NaturalKey::Permission { .. } | NaturalKey::Shift { .. } => Trace::Nothing,
        };
        traces.insert(intent.number, trace);
    }
    for (intent, person, date) in halves {
        traces.insert(intent.number, duties.half(person, date, intent).unwrap_or(Trace::Nothing));
    }
    traces
}

fn whole(remote: RemoteId) -> Trace {
    Trace::Whole(vec![remote])
}

/// People whom nobody owns, by account; of several with one account the lowest id is the last.
fn unowned_supports<'a>(ledger: &Ledger, observed: &'a Observed) -> HashMap<&'a Text, Vec<RemoteId>> {
    let mut unowned: HashMap<&Text, Vec<RemoteId>> = HashMap::new();
    for object in observed.supports.iter().rev() {
        if let NaturalKey::Support { account } = &object.key
            && !ledger.entries.contains_key(&EntryId::new(Kind::Support, &object.remote))
        {
            unowned.entry(account).or_default().push(object.remote.clone());
        }
    }
    unowned.values_mut().for_each(|ids| ids.sort_by(|a, b| b.cmp(a)));
    unowned
}

/// Seats that nobody owns.
fn unowned_seats<'a>(ledger: &Ledger, observed: &'a Observed) -> HashSet<&'a RemoteId> {
    let live = observed.agents.iter().map(|object| &object.remote);
    live.filter(|remote| !ledger.entries.contains_key(&EntryId::new(Kind::Agent, remote))).collect()
}

/// What makes a duty recognisable without its id (api-spec.md section 7).
#[derive(PartialEq, Eq, Hash)]
struct Looks<'a> {
    person: &'a str,
    date: Date,
    hours: (Time, Time),
    name: &'a Value,
}

/// All live duties by their looks.
#[derive(Default)]
struct Duties<'a> {
    free: HashMap<Looks<'a>, Vec<&'a RemoteId>>,
    /// Duties of entries of which nothing else is live.
    lone: HashMap<Looks<'a>, (EntryId, &'a RemoteId)>,
}

impl<'a> Duties<'a> {
    fn new(ledger: &Ledger, observed: &'a Observed) -> Self {
        let mut owners: HashMap<&RemoteId, EntryId> = HashMap::new();
        for entry in ledger.of_kind(Kind::Shift) {
            owners.extend(entry.remotes.iter().map(|remote| (remote, entry.id())));
        }
        let mut live_of: HashMap<&EntryId, usize> = HashMap::new();
        for id in observed.duties.iter().filter_map(|duty| owners.get(&duty.remote)) {
            *live_of.entry(id).or_default() += 1;
        }
        let mut duties = Self::default();
        for duty in observed.duties.iter().rev() {
            let Some(looks) = Looks::of(duty) else { continue };
            match owners.get(&duty.remote) {
                None => duties.free.entry(looks).or_default().push(&duty.remote),
                Some(id) if live_of.get(id) == Some(&1) => {
                    duties.lone.insert(looks, (id.clone(), &duty.remote));
                }
                Some(_) => {}
            }
        }
        duties
    }

    /// Takes all of an intent's shift, as one duty or as two, whatever the setting is now.
    fn whole(&mut self, person: &'a str, date: Date, intent: &'a Intent) -> Option<Trace> {
        let (start, end) = hours(&intent.set)?;
        let looks = |piece: &Piece| Looks::wanted(person, piece, intent);
        for split in [Overnight::Split, Overnight::Single] {
            let pieces = pieces(date, start, end, split);
            match &pieces[..] {
                [one] => {
                    if let Some(remote) = self.take(&looks(one)) {
                        return Some(Trace::Whole(vec![remote]));
                    }
                }
                [first, second] => {
                    let (first, second) = (looks(first), looks(second));
                    match (self.has(&first), self.has(&second)) {
                        (true, true) => return Some(Trace::Whole(self.take(&first).into_iter().chain(self.take(&second)).collect())),
                        (true, false) => {
                            if let Some((entry, other)) = self.lone.remove(&second) {
                                let remotes = self.take(&first).into_iter().chain([other.clone()]).collect();
                                return Some(Trace::Completes { entry, remotes });
                            }
                        }
                        (false, true) => {
                            if let Some((entry, other)) = self.lone.remove(&first) {
                                let remotes = [other.clone()].into_iter().chain(self.take(&second)).collect();
                                return Some(Trace::Completes { entry, remotes });
                            }
                        }
                        (false, false) => {}
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Takes the half of a split shift that is there.
    fn half(&mut self, person: &'a str, date: Date, intent: &'a Intent) -> Option<Trace> {
        let (start, end) = hours(&intent.set)?;
        let pieces = pieces(date, start, end, Overnight::Split);
        let remotes: Vec<Option<RemoteId>> = pieces.iter().map(|piece| self.take(&Looks::wanted(person, piece, intent))).collect();
        (remotes.len() > 1 && remotes.iter().any(Option::is_some)).then_some(Trace::Half(remotes))
    }

    fn has(&self, looks: &Looks<'a>) -> bool {
        self.free.get(looks).is_some_and(|ids| !ids.is_empty())
    }

    fn take(&mut self, looks: &Looks<'a>) -> Option<RemoteId> {
        self.free.get_mut(looks)?.pop().cloned()
    }
}

impl<'a> Looks<'a> {
    fn of(duty: &'a Duty) -> Option<Self> {
        let name = duty.values.get(&FieldKey::Known(NAME)).unwrap_or(&Value::Null);
        Some(Self { person: duty.person.as_str(), date: duty.date, hours: hours(&duty.values)?, name })
    }

    fn wanted(person: &'a str, piece: &Piece, intent: &'a Intent) -> Self {
        let name = intent.set.get(&FieldKey::Known(NAME)).unwrap_or(&Value::Null);
        Self { person, date: piece.date, hours: (piece.start, piece.end), name }
    }
}

/// What the ledger learns from a trace.
fn claim(ledger: &Ledger, intent: &Intent, trace: Trace) -> Option<Claim> {
    let claim = |entry| Some(Claim { intent: intent.number, entry, voids: None });
    match trace {
        Trace::Nothing => None,
        Trace::Whole(remotes) => claim(entry(intent, remotes)),
        Trace::Completes { entry, remotes } => {
            // What was sent to the half that was there before is what its entry says; only the ids are news.
            let completed = Entry { remotes, seen: None, ..ledger.entries.get(&entry)?.clone() };
            let voids = (completed.id() != entry).then_some(entry);
            Some(Claim { intent: intent.number, entry: completed, voids })
        }
        Trace::Half(remotes) => match &remotes[..] {
            // It was sent as far as midnight: then the rest is a change to come, and no drift that a setting could keep.
            [Some(first), None] => {
                let mut entry = entry(intent, vec![first.clone()]);
                entry.set.insert(FieldKey::Known(END), clock(crate::overnight::LAST_MINUTE));
                claim(entry)
            }
            // Without its first half it is a shift of the next day, which nobody declares.
            [None, Some(second)] => {
                let mut entry = entry(intent, vec![second.clone()]);
                entry.set.insert(FieldKey::Known(START), clock(Time::MIN));
                if let NaturalKey::Shift { person, date, .. } = &intent.key {
                    let date = time::next_day(*date)?;
                    entry.key = NaturalKey::Shift { person: person.clone(), date, start: Time::MIN };
                }
                claim(entry)
            }
            _ => None,
        },
    }
}

fn entry(intent: &Intent, remotes: Vec<RemoteId>) -> Entry {
    let kind = intent.key.kind();
    let title = intent.set.named(kind, "name").and_then(Value::as_text).cloned().unwrap_or_default();
    Entry {
        address: intent.address.clone(),
        key: intent.key.clone(),
        remotes,
        set: as_created(kind, &intent.set),
        seen: None,
        at: intent.at.clone(),
        protect: false,
        support: intent.support.clone(),
        title,
    }
}

/// What the call that makes an object of this kind takes of these values: a seat whose completion is not certain is not complete
/// (api-spec.md A14).
pub fn as_created(kind: Kind, values: &Values) -> Values {
    let edit_only = |field: &Field| field.has(EDIT) && !field.has(CREATE);
    values.iter().filter(|(key, _)| !edit_only(key.field(kind))).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn clock(time: Time) -> Value {
    Value::Text(format_time(time).into())
}
