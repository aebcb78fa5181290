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
    CreateSupport { account: Text, create: Request },
    UpdateSupport { restore: Option<Request>, update: Option<Request> },
    DeleteSupport { id: RemoteId, account: Text, delete: Request },
    SetPermission(Request),
    CreateSeat { id: RemoteId, create: Request, values: Values },
    UpdateSeat { edit: Option<Request>, password: Option<Request> },
    DeleteSeat { id: RemoteId, delete: Request },
    CreateShifts { person: RemoteId, create: Request, duties: Vec<Wanted> },
    UpdateShift(Vec<DutyWork>),
    DeleteShift { person: RemoteId, duties: Vec<(RemoteId, Request)>, from: deskform_model::time::Date },
}

/// A duty that is to exist, by what makes it recognisable (design.md section 4, "Recovery").
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) piece: Piece,
    pub(super) name: Value,
}

/// One duty of a shift that is changed, in the order of the shift's pieces; surplus ones come last.
pub(super) enum DutyWork {
    Put { id: RemoteId, request: Request },
    Post { person: RemoteId, wanted: Wanted, request: Request },
    Delete { id: RemoteId, request: Request },
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
            (Action::Create { values, .. }, NaturalKey::Support { account }) => {
                Job::CreateSupport { account: account.clone(), create: support::create(values, secret) }
            }
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
                Job::UpdateShift(update_shift(&person()?, remotes, &shift_pieces(change, values, self.overnight), values))
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

/// PUT for what lives, POST for a half that is missing, DELETE for one too many.
fn update_shift(person: &RemoteId, remotes: &[Option<RemoteId>], pieces: &[Piece], values: &Values) -> Vec<DutyWork> {
    let mut works = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        works.push(match remotes.get(at).cloned().flatten() {
            Some(id) => DutyWork::Put { request: duty::update(&id, piece, values), id },
            None => DutyWork::Post {
                person: person.clone(),
                wanted: Wanted::new(*piece, values),
                request: duty::create(person, &[(*piece, values)]),
            },
        });
    }
    for id in remotes.iter().skip(pieces.len()).flatten() {
        works.push(DutyWork::Delete { id: id.clone(), request: duty::delete(id) });
    }
    works
}
