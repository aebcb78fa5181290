//! Live duties put together to shifts: a split overnight shift is two duties on the platform and one shift here.

use std::collections::{HashMap, HashSet};

use deskform_model::kind::shift::{END, NAME, START};
use deskform_model::time::{Date, DateTime, Time, format_time};
use deskform_model::{FieldKey, Kind, RemoteId, Value, Values};

use crate::ledger::{Entry, Ledger};
use crate::observed::{Duty, Observed};
use crate::overnight::{self, Live, Piece, hour};
use crate::policy::Overnight;

/// All live duties by id and by person and day.
pub(super) struct LiveDay<'a> {
    by_id: HashMap<&'a RemoteId, &'a Duty>,
    unowned: HashMap<(&'a RemoteId, Date), Vec<&'a Duty>>,
    taken: HashSet<&'a RemoteId>,
}

impl<'a> LiveDay<'a> {
    pub(super) fn new(observed: &'a Observed, ledger: &'a Ledger) -> Self {
        let mut owned: HashSet<&RemoteId> = HashSet::with_capacity(observed.duties.len());
        owned.extend(ledger.of_kind(Kind::Shift).flat_map(|entry| &entry.remotes));
        let mut unowned: HashMap<(&RemoteId, Date), Vec<&Duty>> = HashMap::new();
        for duty in observed.duties.iter().filter(|duty| !owned.contains(&duty.remote)) {
            unowned.entry((&duty.person, duty.date)).or_default().push(duty);
        }
        Self { by_id: observed.duties.iter().map(|duty| (&duty.remote, duty)).collect(), unowned, taken: HashSet::new() }
    }

    /// The live shift of an entry; `None` when all of its duties are gone.
    pub(super) fn owned(&self, entry: &Entry) -> Option<Live> {
        overnight::joined(entry, |remote| self.by_id.get(remote).copied())
    }

    /// Takes a live shift that nobody owns and that has the same start, end and name.
    pub(super) fn take_equal(&mut self, person: &RemoteId, date: Date, wanted: &Values, overnight: Overnight) -> Option<Live> {
        let (start, end) = overnight::hours(wanted)?;
        let pieces = overnight::pieces(date, start, end, overnight);
        let name = wanted.get(&FieldKey::Known(NAME))?;
        let found: Vec<&'a Duty> = pieces.iter().map(|piece| self.find(person, piece, name)).collect::<Option<_>>()?;
        self.taken.extend(found.iter().map(|duty| &duty.remote));
        let mut values = found.first()?.values.clone();
        values.insert(FieldKey::Known(START), text(start));
        values.insert(FieldKey::Known(END), text(end));
        Some(Live { remotes: found.iter().map(|duty| Some(duty.remote.clone())).collect(), values, torn: false })
    }

    fn find(&self, person: &RemoteId, piece: &Piece, name: &Value) -> Option<&'a Duty> {
        let day = self.unowned.get(&(person, piece.date))?;
        let equal = |duty: &&&Duty| !self.taken.contains(&duty.remote) && overnight::is_piece(duty, piece, name);
        day.iter().find(equal).copied()
    }

    /// How many duties from `now` on nobody owns or wants.
    pub(super) fn unowned_from(&self, now: DateTime) -> usize {
        let ahead = |duty: &&&Duty| hour(&duty.values, START).is_some_and(|start| duty.date.to_datetime(start) >= now);
        self.unowned.values().flatten().filter(|duty| !self.taken.contains(&duty.remote)).filter(ahead).count()
    }
}

fn text(time: Time) -> Value {
    Value::Text(format_time(time).into())
}
