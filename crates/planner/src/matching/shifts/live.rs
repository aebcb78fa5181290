//! Live duties put together to shifts: a split overnight shift is two duties on the platform and one shift here.

use deskform_model::kind::shift::{END, NAME, START};
use deskform_model::time::{Date, DateTime, Time, format_time};
use deskform_model::{FieldKey, RemoteId, Value, Values};

use crate::duty_index::DutyIndex;
use crate::ledger::Entry;
use crate::observed::{Duty, Observed};
use crate::overnight::{self, Live, Piece, hour};
use crate::policy::Overnight;

/// All live duties, and which of them are somebody's.
pub(super) struct LiveDay<'a> {
    index: DutyIndex<'a>,
    /// By position: whether an entry owns it or a declared shift has taken it.
    given: Vec<bool>,
}

impl<'a> LiveDay<'a> {
    pub(super) fn new(observed: &'a Observed) -> Self {
        Self { index: DutyIndex::new(&observed.duties), given: vec![false; observed.duties.len()] }
    }

    /// Gives an entry its duties and returns the first two. All entries have to have theirs before the rest is offered to anybody.
    pub(super) fn own(&mut self, entry: &Entry) -> [Option<&'a Duty>; 2] {
        let mut found = [None; 2];
        for (place, position) in self.index.positions(entry).enumerate() {
            let Some(position) = position else { continue };
            self.given[position] = true;
            if let Some(found) = found.get_mut(place) {
                *found = Some(self.index.duties()[position]);
            }
        }
        found
    }

    /// Takes a live shift that nobody owns and that has the same start, end and name.
    pub(super) fn take_equal(&mut self, person: &RemoteId, date: Date, wanted: &Values, overnight: Overnight) -> Option<Live> {
        let (start, end) = overnight::hours(wanted)?;
        let pieces = overnight::pieces(date, start, end, overnight);
        let name = wanted.get(&FieldKey::Known(NAME))?;
        let found: Vec<usize> = pieces.iter().map(|piece| self.find(person, piece, name)).collect::<Option<_>>()?;
        found.iter().for_each(|at| self.given[*at] = true);
        let found: Vec<&Duty> = found.into_iter().map(|at| self.index.duties()[at]).collect();
        let mut values = found.first()?.values.clone();
        values.insert(FieldKey::Known(START), text(start));
        values.insert(FieldKey::Known(END), text(end));
        Some(Live { remotes: found.iter().map(|duty| Some(duty.remote.clone())).collect(), values, torn: false })
    }

    fn find(&self, person: &RemoteId, piece: &Piece, name: &Value) -> Option<usize> {
        let equal = |at: &usize| !self.given[*at] && overnight::is_piece(self.index.duties()[*at], piece, name);
        self.index.day(person.as_str(), piece.date).find(equal)
    }

    /// How many duties from `now` on nobody owns or wants.
    pub(super) fn unowned_from(&self, now: DateTime) -> usize {
        let ahead = |duty: &Duty| hour(&duty.values, START).is_some_and(|start| duty.date.to_datetime(start) >= now);
        self.index.duties().iter().zip(&self.given).filter(|(duty, given)| !**given && ahead(duty)).count()
    }
}

fn text(time: Time) -> Value {
    Value::Text(format_time(time).into())
}
