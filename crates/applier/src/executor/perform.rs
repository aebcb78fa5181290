//! Carries out one step: sends its requests.
//!
//! Nothing here touches the ledger, and nothing here looks for what became of a creation whose answer was lost: such a step ends in
//! doubt, and doubts are settled together ([`super::doubt`]).

use deskform_model::time::{Date, next_day};
use deskform_model::{RemoteId, Values};
use deskform_planner::Duty;
use deskform_planner::plan::ChangeId;

use super::batch::Unclear;
use super::created::{created_credentials, created_duties, created_seats, created_support, credentials};
use super::handover::Handover;
use super::job::{DutyWork, Job, NewSeat, Wanted};
use crate::client::Client;
use crate::credentials::SeatCredentials;
use crate::error::RequestError;
use crate::observe::ObserveError;
use crate::outcome::StepError;
use crate::reader::Reader;
use crate::request::{Request, list_duties};
use crate::wire::decode::{Stat, UnreadableObject};
use crate::wire::duties::{DutyRows, ROWS_AT};
use crate::wire::rows::Streamed;
use crate::writes::agent;

/// What a step did, and how it ended.
pub(super) struct Report {
    pub(super) progress: Progress,
    pub(super) end: End,
    /// What the platform generated for a seat and where that is: whether a password was among it, and whether it was handed over.
    pub(super) issued: Option<Issued>,
    /// The platform did not accept the credentials: trying the next thing could lock the account (api-spec.md A3).
    pub(super) unauthorized: bool,
}

/// What the platform generated for a seat.
#[derive(Clone, Copy)]
pub(super) struct Issued {
    /// Whether a password to sign in with was among it.
    pub(super) password: bool,
    /// Whether it was handed over.
    pub(super) handed_over: bool,
}

/// What exists now, as far as it is known.
pub(super) enum Progress {
    /// Nothing that the ledger has to learn beyond the end.
    Plain,
    /// What was created, in the order of the request.
    Created(Vec<RemoteId>),
    /// What came of a call for several seats. Its end is about those that it does not show.
    Seats(MadeSeats),
    /// The seat was created, and what the platform generated for it could not be handed over: nothing may be said of it until the next run.
    NotHandedOver,
    /// A support left the recycle bin.
    Restored,
    /// A seat's fields were edited, its password was not.
    Edited,
    /// The duties that a changed or half-deleted shift has now.
    Duties(Vec<RemoteId>),
}

/// What the reply to a call for several seats shows.
pub(super) struct MadeSeats {
    /// Those that were asked for, with what the platform generated for each.
    pub(super) made: Vec<(ChangeId, RemoteId, Option<Issued>)>,
    /// Why what was generated for them could not be handed over.
    pub(super) lost: Option<StepError>,
    /// Numbers that nobody asked for.
    pub(super) others: Vec<RemoteId>,
    /// Why nothing is known of the rest.
    pub(super) unclear: Unclear,
}

impl MadeSeats {
    fn none(unclear: Unclear) -> Self {
        Self { made: Vec::new(), lost: None, others: Vec::new(), unclear }
    }
}

/// How a step ended.
#[derive(Clone)]
pub(super) enum End {
    Applied,
    Failed(StepError),
    Unknown(StepError),
    Stale(StepError),
    /// A creation may or may not have been carried out.
    Doubt(StepError),
}

/// Carries jobs out. Cheap to clone.
#[derive(Clone)]
pub(super) struct Performer {
    client: Client,
    reader: Reader,
    handover: Handover,
}

impl Report {
    pub(super) fn failed(error: StepError) -> Self {
        Self { progress: Progress::Plain, end: End::Failed(error), issued: None, unauthorized: false }
    }

    pub(super) fn applied(progress: Progress) -> Self {
        Self { progress, end: End::Applied, issued: None, unauthorized: false }
    }

    fn doubt(progress: Progress, error: impl Into<StepError>) -> Self {
        Self { progress, end: End::Doubt(error.into()), issued: None, unauthorized: false }
    }

    /// A request that may be repeated has failed for good.
    fn after(progress: Progress, error: &RequestError) -> Self {
        let unauthorized = error.refuses_credentials();
        let end = if error.is_not_found() {
            End::Stale(error.into())
        } else if error.may_have_arrived() {
            End::Unknown(error.into())
        } else {
            End::Failed(error.into())
        };
        Self { progress, end, issued: None, unauthorized }
    }
}

impl Performer {
    pub(super) fn new(client: Client, handover: Handover) -> Self {
        Self { reader: Reader::new(client.clone()), client, handover }
    }

    pub(super) async fn perform(&self, job: Job) -> Report {
        match job {
            Job::CreateSupport { create } => self.create_support(&create).await,
            Job::UpdateSupport { restore, update } => self.update_support(restore.as_ref(), update.as_ref()).await,
            Job::DeleteSupport { id, account, delete } => self.delete_support(&id, &account, &delete).await,
            Job::SetPermission(request) => match self.client.send(&request).await {
                Ok(_) => Report::applied(Progress::Plain),
                Err(error) => Report::after(Progress::Plain, &error),
            },
            Job::CreateSeat { id, create, values } => self.create_seat(&id, &create, &values).await,
            Job::CreateSeats { create, seats } => self.create_seats(&create, seats).await,
            Job::UpdateSeat { edit, password } => self.update_seat(edit.as_ref(), password.as_ref()).await,
            Job::DeleteSeat { id, delete } => self.delete_seat(&id, &delete).await,
            Job::CreateShifts { person, create, duties } => self.create_shifts(&person, &create, &duties).await,
            Job::CompleteSeat { id, values } => self.complete_seat(&id, &values).await,
            Job::UpdateShift { works, slots } => self.update_shift(works, slots).await,
            Job::DeleteShift { person, duties, from } => self.delete_shift(&person, duties, from).await,
        }
    }

    async fn create_support(&self, create: &Request) -> Report {
        match self.client.send(create).await {
            Ok(reply) => match created_support(&reply) {
                Some(id) => Report::applied(Progress::Created(vec![id])),
                None => Report::doubt(Progress::Plain, StepError::new("the reply to the creation shows no sId")),
            },
            Err(error) => Self::not_created(&error),
        }
    }

    /// A creation has failed: for certain, or as far as is known.
    fn not_created(error: &RequestError) -> Report {
        if error.may_have_arrived() { Report::doubt(Progress::Plain, error) } else { Report::after(Progress::Plain, error) }
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

    async fn create_seat(&self, id: &RemoteId, create: &Request, values: &Values) -> Report {
        if let Err(error) = self.handover.check() {
            return Report::failed(error);
        }
        let reply = match self.client.send(create).await {
            Ok(reply) => reply,
            Err(error) => return Self::not_created(&error),
        };
        // Before anything else is sent: a run that is killed while it completes the seat must not take them with it.
        let credentials = created_credentials(&reply.content, id, values);
        let issued = match self.hand_over(credentials).await {
            Ok(issued) => issued,
            Err(error) => return Report { progress: Progress::NotHandedOver, ..Report::failed(error) },
        };
        Report { issued, ..self.complete_seat(id, values).await }
    }

    /// Which seats a batch makes is for the platform to say (api-spec.md A11): what the reply shows is made, all else is in doubt.
    async fn create_seats(&self, create: &Request, seats: Vec<NewSeat>) -> Report {
        if let Err(error) = self.handover.check() {
            return Report::failed(error);
        }
        let reply = match self.client.send(create).await {
            Ok(reply) => reply,
            // Some may have been made before the first that could not be, and nobody says which that was.
            Err(error) if error.refuses_request() => {
                return Report::doubt(Progress::Seats(MadeSeats::none(Unclear::Refused)), &error);
            }
            Err(error) if error.may_have_arrived() => {
                return Report::doubt(Progress::Seats(MadeSeats::none(Unclear::Unanswered)), &error);
            }
            Err(error) => return Report::after(Progress::Plain, &error),
        };
        let mut shown = created_seats(&reply.content);
        let asked = seats.len();
        let mut found = Vec::with_capacity(asked);
        for seat in seats {
            if let Some(json) = shown.remove(&seat.id) {
                found.push((credentials(Some(json), &seat.id, seat.chosen), seat));
            }
        }
        let others: Vec<RemoteId> = shown.into_keys().collect();
        let passwords: Vec<Option<bool>> =
            found.iter().map(|(credentials, _)| (!credentials.is_empty()).then(|| credentials.operator_password.is_some())).collect();
        let (credentials, seats): (Vec<SeatCredentials>, Vec<NewSeat>) = found.into_iter().unzip();
        let credentials: Vec<SeatCredentials> = credentials.into_iter().filter(|credentials| !credentials.is_empty()).collect();
        // Before anything else is sent, as for a single seat.
        let (handed_over, lost) = match credentials.is_empty() {
            true => (false, None),
            false => match self.handover.hand_over(credentials).await {
                Ok(handed_over) => (handed_over, None),
                Err(error) => (false, Some(error)),
            },
        };
        let issued = |password: Option<bool>| password.map(|password| Issued { password, handed_over });
        let made: Vec<_> = seats.into_iter().zip(passwords).map(|(seat, password)| (seat.change, seat.id, issued(password))).collect();
        let doubt = (made.len() < asked).then(|| StepError::new(unasked(asked, made.len(), &others)));
        let progress = Progress::Seats(MadeSeats { made, lost, others, unclear: Unclear::NotShown });
        match doubt {
            None => Report::applied(progress),
            Some(error) => Report::doubt(progress, error),
        }
    }

    async fn hand_over(&self, credentials: SeatCredentials) -> Result<Option<Issued>, StepError> {
        if credentials.is_empty() {
            return Ok(None);
        }
        let password = credentials.operator_password.is_some();
        Ok(Some(Issued { password, handed_over: self.handover.hand_over([credentials]).await? }))
    }

    /// A seat exists; what only an edit can set follows.
    async fn complete_seat(&self, id: &RemoteId, values: &Values) -> Report {
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
        match self.send_for_duties(create).await {
            Ok(shown) => match created_duties(shown, person, wanted) {
                Some(ids) => Report::applied(Progress::Created(ids)),
                None => Report::doubt(Progress::Plain, StepError::new("the reply to the creation does not show every shift")),
            },
            Err(error) => Self::not_created(&error),
        }
    }

    /// `slots` are the duties that live at first, by piece.
    async fn update_shift(&self, works: Vec<(usize, DutyWork)>, mut slots: Vec<Option<RemoteId>>) -> Report {
        for (at, work) in works {
            let failed = match work {
                DutyWork::Put { request } => self.client.send(&request).await.err(),
                DutyWork::Delete { request } => match self.client.send(&request).await {
                    Err(error) if !error.is_not_found() => Some(error),
                    _ => {
                        slots[at] = None;
                        None
                    }
                },
                DutyWork::Post { person, wanted, request } => match self.send_for_duties(&request).await {
                    Ok(shown) => match created_duties(shown, &person, std::slice::from_ref(&wanted)) {
                        Some(ids) => {
                            slots[at] = ids.into_iter().next();
                            None
                        }
                        None => {
                            let error = StepError::new("the reply to the creation does not show the shift");
                            return Report::doubt(Progress::duties(slots), error);
                        }
                    },
                    Err(error) if error.may_have_arrived() => return Report::doubt(Progress::duties(slots), &error),
                    Err(error) => Some(error),
                },
            };
            if let Some(error) = failed {
                return Report::after(Progress::duties(slots), &error);
            }
        }
        Report::applied(Progress::duties(slots))
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

    /// Sends a request and reads the duties that its reply shows, and what in it could not be read.
    async fn send_for_duties(&self, request: &Request) -> Result<(Vec<Duty>, Vec<UnreadableObject>), RequestError> {
        let mut rows = DutyRows::default();
        let reply = self.client.send_streamed(request, Some(Streamed { path: ROWS_AT, rows: &mut rows })).await?;
        Ok(rows.finish(&reply.content))
    }

    /// Everybody's duties of these days.
    async fn duties(&self, first: Date, last: Date) -> Result<Vec<Duty>, ObserveError> {
        let (live, problems) = self.send_for_duties(&list_duties(first, last)).await?;
        match problems.into_iter().next() {
            None => Ok(live),
            Some(problem) => Err(ObserveError::unreadable(problem)),
        }
    }
}

/// What is wrong with a reply to a batch.
fn unasked(asked: usize, made: usize, others: &[RemoteId]) -> String {
    let shown = format!("the reply to the creation of {asked} seats shows {made} of them");
    match others.len() {
        0 => shown,
        count => format!("{shown} and {count} that nobody asked for"),
    }
}

impl Progress {
    fn duties(slots: Vec<Option<RemoteId>>) -> Self {
        Self::Duties(slots.into_iter().flatten().collect())
    }
}
