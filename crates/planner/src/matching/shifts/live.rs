//! Live duties put together to shifts: a split overnight shift is two duties on the platform and one shift here.

use std::collections::{BTreeMap, BTreeSet};

use deskform_model::kind::shift::{END, NAME, START};
use deskform_model::time::{Date, DateTime, Time, format_time};
use deskform_model::{FieldKey, Kind, RemoteId, Value, Values};

use crate::ledger::{Entry, Ledger};
use crate::observed::{Duty, Observed};
use crate::overnight::{self, Piece};
use crate::policy::Overnight;

/// A live shift.
#[derive(Clone, Debug)]
pub(super) struct Live {
    /// Its duties; `None` where one of two is missing.
    pub(super) remotes: Vec<Option<RemoteId>>,
    /// Its values as one shift.
    pub(super) values: Values,
}

/// All live duties by id and by person and day.
pub(super) struct LiveDay<'a> {
    by_id: BTreeMap<&'a RemoteId, &'a Duty>,
    unowned: BTreeMap<(&'a RemoteId, Date), Vec<&'a Duty>>,
    taken: BTreeSet<&'a RemoteId>,
}

impl<'a> LiveDay<'a> {
    pub(super) fn new(observed: &'a Observed, ledger: &'a Ledger) -> Self {
        let owned: BTreeSet<&RemoteId> = ledger.of_kind(Kind::Shift).flat_map(|entry| &entry.remotes).collect();
        let mut unowned: BTreeMap<(&RemoteId, Date), Vec<&Duty>> = BTreeMap::new();
        for duty in observed.duties.iter().filter(|duty| !owned.contains(&duty.remote)) {
            unowned.entry((&duty.person, duty.date)).or_default().push(duty);
        }
        Self { by_id: observed.duties.iter().map(|duty| (&duty.remote, duty)).collect(), unowned, taken: BTreeSet::new() }
    }

    /// The live shift of an entry; `None` when all of its duties are gone.
    pub(super) fn owned(&mut self, entry: &Entry) -> Option<Live> {
        let duties: Vec<Option<&Duty>> = entry.remotes.iter().map(|remote| self.by_id.get(remote).copied()).collect();
        let shown = duties.iter().flatten().next()?;
        let mut values = shown.values.clone();
        if let [first, second] = duties[..] {
            join(&mut values, first, second);
        } else if entry.remotes.len() == 1 && ends_with_its_day(&entry.set) && hour(&values, END) == Some(overnight::LAST_MINUTE) {
            // Sent as 23:59, meant as 00:00.
            values.insert(FieldKey::Known(END), text(Time::MIN));
        }
        Some(Live { remotes: duties.into_iter().map(|duty| duty.map(|duty| duty.remote.clone())).collect(), values })
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
        Some(Live { remotes: found.iter().map(|duty| Some(duty.remote.clone())).collect(), values })
    }

    fn find(&self, person: &RemoteId, piece: &Piece, name: &Value) -> Option<&'a Duty> {
        let day = self.unowned.get(&(person, piece.date))?;
        let equal = |duty: &&&Duty| {
            !self.taken.contains(&duty.remote)
                && hour(&duty.values, START) == Some(piece.start)
                && hour(&duty.values, END) == Some(piece.end)
                && duty.values.get(&FieldKey::Known(NAME)).unwrap_or(&Value::Null) == name
        };
        day.iter().find(equal).copied()
    }

    /// How many duties from `now` on nobody owns or wants.
    pub(super) fn unowned_from(&self, now: DateTime) -> usize {
        let ahead = |duty: &&&Duty| hour(&duty.values, START).is_some_and(|start| duty.date.to_datetime(start) >= now);
        self.unowned.values().flatten().filter(|duty| !self.taken.contains(&duty.remote)).filter(ahead).count()
    }
}

/// Puts the two halves of a split shift together. A half that is missing or was changed shows in the hours, so that it differs.
fn join(values: &mut Values, first: Option<&Duty>, second: Option<&Duty>) {
    match (first, second) {
        (Some(first), Some(second)) => {
            let touching = hour(&first.values, END) == Some(overnight::LAST_MINUTE) && hour(&second.values, START) == Some(Time::MIN);
            if touching && let Some(end) = second.values.get(&FieldKey::Known(END)) {
                values.insert(FieldKey::Known(END), end.clone());
            }
            // Both halves carry the same texts; the one that somebody changed is the one to show.
            for (key, value) in second.values.iter() {
                if !matches!(key, FieldKey::Known(START | END)) && first.values.get(key) != Some(value) {
                    values.insert(key.clone(), value.clone());
                }
            }
        }
        (None, Some(_)) => {
            values.insert(FieldKey::Known(START), text(Time::MIN));
        }
        (Some(_) | None, None) => {}
    }
}

fn ends_with_its_day(set: &Values) -> bool {
    hour(set, END) == Some(Time::MIN)
}

fn hour(values: &Values, field: u8) -> Option<Time> {
    values.get(&FieldKey::Known(field)).and_then(Value::as_text).and_then(|text| deskform_model::time::parse_time(text))
}

fn text(time: Time) -> Value {
    Value::Text(format_time(time).into())
}
