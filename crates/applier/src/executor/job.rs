//! What one step sends, with everything that its task needs: built from the plan by the executor, carried out by [`super::perform`].

use std::collections::BTreeMap;

use deskform_model::{NaturalKey, RemoteId, Text, Value, Values};
use deskform_planner::overnight::{Piece, hours, pieces};
use deskform_planner::plan::{Action, Change, ChangeId, Plan};
use deskform_planner::policy::Overnight;
use secrecy::SecretString;

use crate::request::Request;
use crate::steps::Step;
use crate::writes::{agent, duty, support};

/// The requests of one step.
pub(super) enum Job {
    CreateSupport {
        create: Request,
    },
    UpdateSupport {
        restore: Option<Request>,
        update: Option<Request>,
    },
    DeleteSupport {
        id: RemoteId,
        account: Text,
        delete: Request,
    },
    SetPermission(Request),
    CreateSeat {
        id: RemoteId,
        create: Request,
        values: Values,
    },
    /// Several seats in one call.
    CreateSeats {
        create: Request,
        seats: Vec<NewSeat>,
    },
    UpdateSeat {
        edit: Option<Request>,
        password: Option<Request>,
    },
    DeleteSeat {
        id: RemoteId,
        delete: Request,
    },
    CreateShifts {
        person: RemoteId,
        create: Request,
        duties: Vec<Wanted>,
    },
    /// The rest of making a seat that exists.
    CompleteSeat {
        id: RemoteId,
        values: Values,
    },
    /// What to do about each duty, by its position in `slots`, which hold those that live.
    UpdateShift {
        works: Vec<(usize, DutyWork)>,
        slots: Vec<Option<RemoteId>>,
    },
    DeleteShift {
        person: RemoteId,
        duties: Vec<(RemoteId, Request)>,
        from: deskform_model::time::Date,
    },
}

impl Job {
    /// Gives the request that creates something an id that stays the same when it is sent again.
    pub(super) fn with_id(mut self, id: Option<String>) -> Self {
        if let Self::CreateSupport { create }
        | Self::CreateSeat { create, .. }
        | Self::CreateSeats { create, .. }
        | Self::CreateShifts { create, .. } = &mut self
        {
            create.id = id;
        }
        self
    }
}

/// A seat that is made together with others.
pub(super) struct NewSeat {
    pub(super) change: ChangeId,
    pub(super) id: RemoteId,
    /// Whether a manifest chose its password.
    pub(super) chosen: bool,
}

/// A duty that is to exist, by what makes it recognisable (design.md section 4, "Recovery").
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) piece: Piece,
    pub(super) name: Value,
}

/// What is sent about one duty of a shift that is changed.
pub(super) enum DutyWork {
    Put { request: Request },
    Post { person: RemoteId, wanted: Wanted, request: Request },
    Delete { request: Request },
}

/// What jobs are built from.
pub(super) struct Workshop<'a> {
    pub(super) plan: &'a Plan,
    pub(super) overnight: Overnight,
    /// People that this run has made.
    pub(super) people: &'a BTreeMap<ChangeId, RemoteId>,
    pub(super) secrets: &'a BTreeMap<ChangeId, SecretString>,
}

impl Workshop<'_> {
    /// The `sId` of the person that a change belongs to.
    pub(super) fn person(&self, change: &Change) -> Option<RemoteId> {
        use deskform_planner::plan::PersonTarget::{Live, New};
        match change.person.as_ref()? {
            Live(remote) => Some(remote.clone()),
            New(id) => self.people.get(id).cloned(),
        }
    }

    /// The duties that a step's changes create, with their change's position in the step, in the order in which they are sent.
    pub(super) fn duties(&self, step: &Step) -> Vec<(usize, Piece, &Values)> {
        let mut duties = Vec::new();
        for (at, id) in step.changes.iter().enumerate() {
            let change = self.plan.get(*id);
            if let Some(values) = change.values() {
                duties.extend(shift_pieces(change, values, self.overnight).into_iter().map(|piece| (at, piece, values)));
            }
        }
        let sent: Vec<(Piece, &Values)> = duties.iter().map(|(_, piece, values)| (*piece, *values)).collect();
        duty::order(&sent).into_iter().map(|at| duties[at]).collect()
    }

    /// Builds the job of a step that writes to a platform. An error is a contradiction in the plan, never the platform's.
    pub(super) fn job(&self, step: &Step) -> Result<Job, &'static str> {
        let id = step.changes[0];
        let change = self.plan.get(id);
        let secret = self.secrets.get(&id);
        let person = || self.person(change).ok_or("the plan does not say whose it is");
        let first = |remotes: &[Option<RemoteId>]| remotes.iter().flatten().next().cloned().ok_or("the plan gives no remote id");
        Ok(match (&change.action, &change.key) {
            (Action::Create { values, .. }, NaturalKey::Support { .. }) => Job::CreateSupport { create: support::create(values, secret) },
            (Action::Update { remotes, values, fields, .. }, NaturalKey::Support { .. }) => {
                Job::UpdateSupport { restore: None, update: support::update(&first(remotes)?, values, fields) }
            }
            (Action::Restore { remote, values, fields }, NaturalKey::Support { .. }) => {
                Job::UpdateSupport { restore: Some(support::restore(remote)), update: support::update(remote, values, fields) }
            }
            (Action::Delete { remotes, .. }, NaturalKey::Support { account }) => {
                let id = remotes.first().cloned().ok_or("the plan gives no remote id")?;
                Job::DeleteSupport { account: account.clone(), delete: support::delete(&id), id }
            }
            (Action::Create { values, .. } | Action::Update { values, .. }, NaturalKey::Permission { module, .. }) => {
                let enabled = values.named(deskform_model::Kind::Permission, "enabled") != Some(&Value::Flag(false));
                Job::SetPermission(support::set_permission(&person()?, *module, enabled))
            }
            (Action::Delete { .. }, NaturalKey::Permission { module, .. }) => {
                Job::SetPermission(support::set_permission(&person()?, *module, false))
            }
            (Action::Create { values, .. }, NaturalKey::Agent { .. }) if step.changes.len() > 1 => {
                let seats = step.changes.iter().map(|id| NewSeat::of(*id, self.plan.get(*id))).collect::<Result<Vec<_>, _>>()?;
                Job::CreateSeats { create: agent::create_batch(values, secret, seats.len()), seats }
            }
            (Action::Create { values, .. }, NaturalKey::Agent { operator_id }) => {
                let id = RemoteId::new(operator_id.clone()).ok_or("the operator id is empty")?;
                Job::CreateSeat { id, create: agent::create(values, secret), values: values.clone() }
            }
            (Action::Update { remotes, fields, .. }, NaturalKey::Agent { .. }) => {
                let id = first(remotes)?;
                Job::UpdateSeat { edit: agent::update(&id, fields), password: secret.map(|secret| agent::set_password(&id, secret)) }
            }
            (Action::Delete { remotes, .. }, NaturalKey::Agent { .. }) => {
                let id = remotes.first().cloned().ok_or("the plan gives no remote id")?;
                Job::DeleteSeat { delete: agent::delete(&id), id }
            }
            (Action::Create { .. }, NaturalKey::Shift { .. }) => {
                let person = person()?;
                let duties = self.duties(step);
                let sent: Vec<(Piece, &Values)> = duties.iter().map(|(_, piece, values)| (*piece, *values)).collect();
                let create = duty::create(&person, &sent);
                let duties = duties.into_iter().map(|(_, piece, values)| Wanted::new(piece, values)).collect();
                Job::CreateShifts { person, create, duties }
            }
            (Action::Update { remotes, values, .. }, NaturalKey::Shift { .. }) => {
                update_shift(&person()?, remotes, &shift_pieces(change, values, self.overnight), values)
            }
            (Action::Delete { remotes, .. }, NaturalKey::Shift { date, .. }) => {
                let duties = remotes.iter().map(|id| (id.clone(), duty::delete(id))).collect();
                Job::DeleteShift { person: person()?, duties, from: *date }
            }
            (Action::Restore { .. }, _) => return Err("only people can be restored"),
            (Action::Record { .. } | Action::Forget { .. } | Action::Refuse { .. }, _) => return Err("it writes to no platform"),
        })
    }
}

impl Workshop<'_> {
    /// Whether a step makes something, so that sending it twice could make it twice (design.md section 4): a support, shifts, a seat, or
    /// the half that an overnight shift lacks. A permission is set, not made.
    pub(super) fn is_unsafe_to_repeat(&self, step: &Step) -> bool {
        let change = self.plan.get(step.changes[0]);
        match (&change.action, change.kind()) {
            (Action::Create { .. }, kind) => kind != deskform_model::Kind::Permission,
            (Action::Update { remotes, values, .. }, deskform_model::Kind::Shift) => {
                let pieces = shift_pieces(change, values, self.overnight);
                (0..pieces.len()).any(|at| remotes.get(at).is_none_or(Option::is_none))
            }
            _ => false,
        }
    }

    /// Builds what makes a shift whole of which these duties live.
    pub(super) fn complete_shift(&self, id: ChangeId, remotes: &[Option<RemoteId>]) -> Result<Job, &'static str> {
        let change = self.plan.get(id);
        let person = self.person(change).ok_or("the plan does not say whose it is")?;
        let values = change.values().ok_or("the plan does not say what it is to hold")?;
        Ok(update_shift(&person, remotes, &shift_pieces(change, values, self.overnight), values))
    }
}

impl NewSeat {
    fn of(id: ChangeId, change: &Change) -> Result<Self, &'static str> {
        let NaturalKey::Agent { operator_id } = &change.key else { return Err("a batch holds seats alone") };
        let chosen = change.values().is_some_and(|values| values.named(deskform_model::Kind::Agent, "password").is_some());
        Ok(Self { change: id, id: RemoteId::new(operator_id.clone()).ok_or("the operator id is empty")?, chosen })
    }
}

impl Wanted {
    fn new(piece: Piece, values: &Values) -> Self {
        let name = values.named(deskform_model::Kind::Shift, "name").cloned().unwrap_or(Value::Null);
        Self { piece, name }
    }
}

/// The duties that a shift is sent as.
pub(super) fn shift_pieces(change: &Change, values: &Values, overnight: Overnight) -> Vec<Piece> {
    match (&change.key, hours(values)) {
        (NaturalKey::Shift { date, .. }, Some((start, end))) => pieces(*date, start, end, overnight),
        _ => Vec::new(),
    }
}

/// PUT for what lives, then POST for a half that is missing, then DELETE for one too many: what a lost answer leaves open is at most
/// one duty, and nobody is without a shift in between.
fn update_shift(person: &RemoteId, remotes: &[Option<RemoteId>], pieces: &[Piece], values: &Values) -> Job {
    let slots: Vec<Option<RemoteId>> = (0..pieces.len().max(remotes.len())).map(|at| remotes.get(at).cloned().flatten()).collect();
    let (mut puts, mut posts, mut deletes) = (Vec::new(), Vec::new(), Vec::new());
    for (at, slot) in slots.iter().enumerate() {
        match (pieces.get(at), slot) {
            (Some(piece), Some(id)) => puts.push((at, DutyWork::Put { request: duty::update(id, piece, values) })),
            (Some(piece), None) => {
                let (person, wanted) = (person.clone(), Wanted::new(*piece, values));
                let request = duty::create(&person, &[(*piece, values)]);
                posts.push((at, DutyWork::Post { person, wanted, request }));
            }
            (None, Some(id)) => deletes.push((at, DutyWork::Delete { request: duty::delete(id) })),
            (None, None) => {}
        }
    }
    Job::UpdateShift { works: puts.into_iter().chain(posts).chain(deletes).collect(), slots }
}
