//! Carries out one step: sends its requests, and looks where an answer was lost.
//!
//! Nothing here touches the ledger. What is found after a lost answer is handed back as candidates: whether one of them is free to be
//! ours is for the executor to say, who knows what is owned.

use std::time::Duration;

use deskform_model::RemoteId;
use deskform_model::time::{Date, next_day};
use deskform_planner::Duty;
use tokio::time::sleep;

use super::created::{created_duties, created_support, is_equal};
use super::job::{DutyWork, Job, Wanted};
use crate::client::Client;
use crate::error::RequestError;
use crate::observe::ObserveError;
use crate::outcome::StepError;
use crate::reader::Reader;
use crate::request::{Request, list_duties};
use crate::wire::decode::Stat;
use crate::wire::duties::decode_duties;
use crate::writes::agent;

/// What a step did, and how it ended.
pub(super) struct Report {
    pub(super) progress: Progress,
    pub(super) end: End,
    /// The platform did not accept the credentials: trying the next thing could lock the account (api-spec.md A3).
    pub(super) unauthorized: bool,
}

/// What exists now, as far as it is known.
pub(super) enum Progress {
    /// Nothing that the ledger has to learn beyond the end.
    Plain,
    /// What was created, in the order of the request.
    Created(Vec<RemoteId>),
    /// The answer to a create was lost; for each wanted object the live ones that are equal to it.
    Candidates(Vec<Vec<RemoteId>>),
    /// A support left the recycle bin.
    Restored,
    /// A seat's fields were edited, its password was not.
    Edited,
    /// The duties that a changed or half-deleted shift has now.
    Duties(Vec<RemoteId>),
}

/// How a step ended.
pub(super) enum End {
    Applied,
    Failed(StepError),
    Unknown(StepError),
    Stale(StepError),
}

/// Carries jobs out. Cheap to clone.
#[derive(Clone)]
pub(super) struct Performer {
    client: Client,
    reader: Reader,
    /// How long something just written may be missing from lists.
    settle: Duration,
}

impl Report {
    pub(super) fn failed(error: StepError) -> Self {
        Self { progress: Progress::Plain, end: End::Failed(error), unauthorized: false }
    }

    fn applied(progress: Progress) -> Self {
        Self { progress, end: End::Applied, unauthorized: false }
    }

    /// A request that may be repeated has failed for good.
    fn after(progress: Progress, error: &RequestError) -> Self {
        let unauthorized = error.is_authentication() && (error.status() == Some(401) || error.code() == Some("401"));
        let end = if error.is_not_found() {
            End::Stale(error.into())
        } else if error.may_have_arrived() {
            End::Unknown(error.into())
        } else {
            End::Failed(error.into())
        };
        Self { progress, end, unauthorized }
    }
}

impl Performer {
    pub(super) fn new(client: Client, settle: Duration) -> Self {
        Self { reader: Reader::new(client.clone()), client, settle }
    }

    pub(super) async fn perform(&self, job: Job) -> Report {
        match job {
            Job::CreateSupport { account, create } => self.create_support(&account, &create).await,
            Job::UpdateSupport { restore, update } => self.update_support(restore.as_ref(), update.as_ref()).await,
            Job::DeleteSupport { id, account, delete } => self.delete_support(&id, &account, &delete).await,
            Job::SetPermission(request) => match self.client.send(&request).await {
                Ok(_) => Report::applied(Progress::Plain),
                Err(error) => Report::after(Progress::Plain, &error),
            },
            Job::CreateSeat { id, create, values } => self.create_seat(&id, &create, &values).await,
            Job::UpdateSeat { edit, password } => self.update_seat(edit.as_ref(), password.as_ref()).await,
            Job::DeleteSeat { id, delete } => self.delete_seat(&id, &delete).await,
            Job::CreateShifts { person, create, duties } => self.create_shifts(&person, &create, &duties).await,
            Job::UpdateShift(works) => self.update_shift(works).await,
            Job::DeleteShift { person, duties, from } => self.delete_shift(&person, duties, from).await,
        }
    }

    async fn create_support(&self, account: &str, create: &Request) -> Report {
        let error = match self.client.send(create).await {
            Ok(reply) => match created_support(&reply) {
                Some(id) => return Report::applied(Progress::Created(vec![id])),
                None => StepError::new("the reply to the creation shows no sId"),
            },
            Err(error) if !error.may_have_arrived() => return Report::after(Progress::Plain, &error),
            Err(error) => (&error).into(),
        };
        sleep(self.settle).await;
        match self.reader.search_account(account).await {
            Ok(found) => lost(error, vec![found.into_iter().map(|record| record.remote).collect()]),
            Err(look) => unsettled(error, &look),
        }
    }

    async fn update_support(&self, restore: Option<&Request>, update: Option<&Request>) -> Report {
        if let Some(restore) = restore
            && let Err(error) = self.client.send(restore).await
        {
            return Report::after(Progress::Plain, &error);
        }
        let progress = || if restore.is_some() { Progress::Restored } else { Progress::Plain };
        if let Some(update) = update
            && let Err(error) = self.client.send(update).await
        {
            return Report::after(progress(), &error);
        }
        Report::applied(progress())
    }

    async fn delete_support(&self, id: &RemoteId, account: &str, delete: &Request) -> Report {
        let Err(error) = self.client.send(delete).await else { return Report::applied(Progress::Plain) };
        let gone = async {
            // A support in the bin may still be found by id, without a word that it is there (api-spec.md H10, H20).
            match self.reader.read_support(id).await? {
                None => return Ok(true),
                Some(record) if matches!(record.stat, Some(Stat::Recycled | Stat::Purged)) => return Ok(true),
                Some(_) => {}
            }
            Ok(!self.reader.search_account(account).await?.iter().any(|record| record.remote == *id))
        };
        Self::deleted(&error, gone).await
    }

    async fn create_seat(&self, id: &RemoteId, create: &Request, values: &deskform_model::Values) -> Report {
        if let Err(error) = self.client.send(create).await {
            if !error.may_have_arrived() {
                return Report::after(Progress::Plain, &error);
            }
            sleep(self.settle).await;
            match self.reader.read_agent(id).await {
                // The number is the seat's identity, and nobody had it when the plan was made.
                Ok(Some(_)) => {}
                Ok(None) => return lost((&error).into(), Vec::new()),
                Err(look) => return unsettled((&error).into(), &look),
            }
        }
        let created = || Progress::Created(vec![id.clone()]);
        if !agent::needs_completion(values) {
            return Report::applied(created());
        }
        // The main skill group may have come with the initial skill (api-spec.md A15); a seat that is not shown yet is edited blindly.
        let live = match self.reader.read_agent(id).await {
            Ok(live) => live,
            Err(ObserveError::Request(error)) if error.is_authentication() => return Report::after(created(), &error),
            Err(_) => None,
        };
        match agent::complete(id, values, live.as_ref().map(|live| &live.values)) {
            None => Report::applied(created()),
            Some(edit) => match self.client.send(&edit).await {
                Ok(_) => Report::applied(created()),
                Err(error) => Report::after(created(), &error),
            },
        }
    }

    async fn update_seat(&self, edit: Option<&Request>, password: Option<&Request>) -> Report {
        if let Some(edit) = edit
            && let Err(error) = self.client.send(edit).await
        {
            return Report::after(Progress::Plain, &error);
        }
        if let Some(password) = password
            && let Err(error) = self.client.send(password).await
        {
            return Report::after(Progress::Edited, &error);
        }
        Report::applied(Progress::Plain)
    }

    async fn delete_seat(&self, id: &RemoteId, delete: &Request) -> Report {
        let Err(error) = self.client.send(delete).await else { return Report::applied(Progress::Plain) };
        Self::deleted(&error, async { Ok(self.reader.read_agent(id).await?.is_none()) }).await
    }

    async fn create_shifts(&self, person: &RemoteId, create: &Request, wanted: &[Wanted]) -> Report {
        let error = match self.client.send(create).await {
            Ok(reply) => match created_duties(&reply.content, person, wanted) {
                Some(ids) => return Report::applied(Progress::Created(ids)),
                None => StepError::new("the reply to the creation does not show every shift"),
            },
            Err(error) if !error.may_have_arrived() => return Report::after(Progress::Plain, &error),
            Err(error) => (&error).into(),
        };
        sleep(self.settle).await;
        match self.equals(person, wanted).await {
            Ok(candidates) => lost(error, candidates),
            Err(look) => unsettled(error, &look),
        }
    }

    async fn update_shift(&self, works: Vec<DutyWork>) -> Report {
        let mut have = Vec::new();
        let mut left = works.into_iter();
        while let Some(work) = left.next() {
            let result = match &work {
                DutyWork::Put { request, id } => self.client.send(request).await.map(|_| Some(id.clone())),
                DutyWork::Delete { request, .. } => self.client.send(request).await.map(|_| None),
                DutyWork::Post { person, wanted, request } => self.client.send(request).await.map(|reply| {
                    created_duties(&reply.content, person, std::slice::from_ref(wanted)).and_then(|ids| ids.into_iter().next())
                }),
            };
            match (result, work) {
                (Ok(Some(id)), _) => have.push(id),
                (Ok(None), DutyWork::Post { person, wanted, .. }) => match self.find_one(&person, &wanted).await {
                    Some(id) => have.push(id),
                    None => {
                        have.extend(left.filter_map(DutyWork::into_live));
                        let error = StepError::new("the reply to the creation does not show the shift");
                        return Report { progress: Progress::Duties(have), end: End::Unknown(error), unauthorized: false };
                    }
                },
                (Ok(None), _) => {}
                (Err(error), DutyWork::Delete { .. }) if error.is_not_found() => {}
                (Err(error), work) => {
                    have.extend(work.into_live());
                    have.extend(left.filter_map(DutyWork::into_live));
                    return Report::after(Progress::Duties(have), &error);
                }
            }
        }
        Report::applied(Progress::Duties(have))
    }

    async fn delete_shift(&self, person: &RemoteId, duties: Vec<(RemoteId, Request)>, from: Date) -> Report {
        let mut left: Vec<RemoteId> = duties.iter().map(|(id, _)| id.clone()).collect();
        for (id, request) in duties {
            if let Err(error) = self.client.send(&request).await {
                let gone = async {
                    let live = self.duties(from, next_day(from).unwrap_or(from)).await?;
                    Ok(!live.iter().any(|duty| duty.remote == id && duty.person == *person))
                };
                let report = Self::deleted(&error, gone).await;
                if !matches!(report.end, End::Applied) {
                    return Report { progress: Progress::Duties(left), ..report };
                }
            }
            left.retain(|other| *other != id);
        }
        Report::applied(Progress::Plain)
    }

    /// Removing what is gone already is done (api-spec.md H20, A18). The platform's refusals are not documented, so the object is asked
    /// for instead of the message.
    async fn deleted(error: &RequestError, gone: impl Future<Output = Result<bool, ObserveError>>) -> Report {
        let report = match Report::after(Progress::Plain, error) {
            // A refusal because the object is unknown is no reason for a new plan: that it goes is all that was asked.
            Report { end: End::Stale(error), .. } => Report::failed(error),
            report => report,
        };
        if error.is_authentication() {
            return report;
        }
        match gone.await {
            Ok(true) => Report::applied(Progress::Plain),
            // It is there for certain, so the removal did not happen, lost answer or not.
            Ok(false) => Report::failed(error.into()),
            Err(_) => report,
        }
    }

    /// Everybody's duties of these days.
    async fn duties(&self, first: Date, last: Date) -> Result<Vec<Duty>, ObserveError> {
        let (live, problems) = decode_duties(&self.client.send(&list_duties(first, last)).await?.content);
        match problems.into_iter().next() {
            None => Ok(live),
            Some(problem) => Err(ObserveError::unreadable(problem)),
        }
    }

    /// The live duties that are equal to each of the wanted ones.
    async fn equals(&self, person: &RemoteId, wanted: &[Wanted]) -> Result<Vec<Vec<RemoteId>>, ObserveError> {
        let days = || wanted.iter().map(|wanted| wanted.piece.date);
        let Some((first, last)) = days().min().zip(days().max()) else { return Ok(Vec::new()) };
        let live = self.duties(first, last).await?;
        let equal = |wanted: &Wanted| live.iter().filter(|duty| is_equal(duty, person, wanted)).map(|duty| duty.remote.clone()).collect();
        Ok(wanted.iter().map(equal).collect())
    }

    async fn find_one(&self, person: &RemoteId, wanted: &Wanted) -> Option<RemoteId> {
        sleep(self.settle).await;
        let mut found = self.equals(person, std::slice::from_ref(wanted)).await.ok()?.pop()?;
        if found.len() == 1 { found.pop() } else { None }
    }
}

impl DutyWork {
    /// The duty that is there whether or not the work is done.
    fn into_live(self) -> Option<RemoteId> {
        match self {
            Self::Put { id, .. } | Self::Delete { id, .. } => Some(id),
            Self::Post { .. } => None,
        }
    }
}

/// The answer to a create was lost, and this is what a look has found.
fn lost(error: StepError, candidates: Vec<Vec<RemoteId>>) -> Report {
    Report { progress: Progress::Candidates(candidates), end: End::Unknown(error), unauthorized: false }
}

/// The answer to a create was lost, and looking failed as well.
fn unsettled(mut error: StepError, look: &ObserveError) -> Report {
    error.message = format!("{}; looking for what it did failed as well: {look}", error.message);
    Report { progress: Progress::Plain, end: End::Unknown(error), unauthorized: false }
}
