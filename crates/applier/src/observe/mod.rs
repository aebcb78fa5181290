//! Reads what a plan needs and proves that nothing is missing from it (design.md section 4, "Reads").
//!
//! A platform that the needs do not concern is not contacted. Lists are read in parallel within each platform's lane. A reading that
//! cannot be proved complete is an error that nothing releases.

mod paging;
mod schedules;
pub(crate) mod supports;

use std::cell::RefCell;
use std::collections::BTreeSet;

use deskform_model::RemoteId;
use deskform_planner::{LiveObject, Needs, Observed};
use tokio::task::{JoinError, JoinSet};

use crate::client::{Client, Reply};
use crate::error::RequestError;
use crate::reader::Reader;
use crate::request::{PAGE_SIZE, list_agents};
use crate::wire::decode::{Illegible, UnreadableObject, decode_agent, decode_agent_row};
use paging::{List, Page};

/// How many unreadable objects an error lists.
const LISTED: usize = 10;

/// How far reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadProgress {
    /// Supports from the list.
    Supports {
        /// How many are there.
        read: usize,
        /// How many the platform announced.
        total: Option<usize>,
    },
    /// Supports read by id.
    SupportDetails {
        /// How many are there.
        read: usize,
        /// How many will be read.
        total: usize,
    },
    /// Duties.
    Duties {
        /// How many are there.
        read: usize,
        /// Days that are read.
        days: usize,
        /// Days to be read.
        total_days: usize,
    },
    /// Seats.
    Agents {
        /// How many are there.
        read: usize,
        /// How many the platform announced.
        total: Option<usize>,
    },
}

/// Why there is no complete reading.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// A request failed.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A list was read several times and never came whole (api-spec.md A23, H4).
    #[error("{request} announced {expected} objects and showed {found}, each time it was read")]
    Incomplete {
        /// The request.
        request: String,
        /// What it announced.
        expected: usize,
        /// How many different ones came.
        found: usize,
    },
    /// Objects that nobody can read.
    #[error("{} cannot be read: {}", count(*total), list(objects))]
    Unreadable {
        /// The first ten of them.
        objects: Vec<UnreadableObject>,
        /// How many there are.
        total: usize,
    },
    /// A reply about somebody else (api-spec.md H16).
    #[error("asked for {asked}, the reply is about {found}")]
    OtherObject {
        /// The id that was asked for.
        asked: RemoteId,
        /// The id in the reply.
        found: RemoteId,
    },
}

fn count(total: usize) -> String {
    if total == 1 { "1 object".to_owned() } else { format!("{total} objects") }
}

fn list(objects: &[UnreadableObject]) -> String {
    objects.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl ObserveError {
    /// What a person can do about it, as a lower-case fragment.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Request(error) => error.hint(),
            Self::Incomplete { .. } => Some("something else may be writing at the same time: try again when it has finished"),
            Self::Unreadable { .. } => {
                Some("correct these objects on the platform, or report it: a newer version may be able to read them")
            }
            Self::OtherObject { .. } => Some("check that the url is the platform's api and nothing in between caches its replies"),
        }
    }

    pub(crate) fn unreadable(problem: UnreadableObject) -> Self {
        Self::Unreadable { objects: vec![problem], total: 1 }
    }

    /// `Ok` when there are no problems.
    pub(crate) fn from_problems(mut problems: Vec<UnreadableObject>) -> Result<(), Self> {
        if problems.is_empty() {
            return Ok(());
        }
        problems.sort_by(|a, b| a.object.cmp(&b.object));
        let total = problems.len();
        problems.truncate(LISTED);
        Err(Self::Unreadable { objects: problems, total })
    }
}

/// Where progress goes. The lists are read at the same time by one task, so a cell is enough.
pub(crate) struct Progress<'a>(RefCell<&'a mut dyn FnMut(ReadProgress)>);

impl Progress<'_> {
    fn report(&self, progress: ReadProgress) {
        (self.0.borrow_mut())(progress);
    }
}

/// Reads everything that `needs` asks for.
pub(crate) async fn observe(client: &Client, needs: &Needs, progress: &mut dyn FnMut(ReadProgress)) -> Result<Observed, ObserveError> {
    let progress = Progress(RefCell::new(progress));
    let (supports, duties, agents) = tokio::try_join!(
        supports::observe(client, needs, &progress),
        schedules::observe(client, needs.duties, &progress),
        agents(client, needs, &progress),
    )?;
    Ok(Observed { supports: supports.in_service, recycled: supports.recycled, agents, duties, caller: client.caller().cloned() })
}

async fn agents(client: &Client, needs: &Needs, progress: &Progress<'_>) -> Result<Vec<LiveObject>, ObserveError> {
    if !needs.agents {
        return Ok(Vec::new());
    }
    let list = List {
        name: "agent/page",
        request: list_agents,
        rows: &["data", "result"],
        row: decode_agent_row,
        decode: decode_agents_page,
        id: |agent: &LiveObject| &agent.remote,
    };
    let mut agents = list.read(client, |read, total| progress.report(ReadProgress::Agents { read, total })).await?;
    // What the ledger knows and the list lacks is asked for by number before it is called gone (design.md section 4).
    let listed: BTreeSet<&RemoteId> = agents.iter().map(|agent| &agent.remote).collect();
    let missing: Vec<RemoteId> = needs.agent_ids.iter().filter(|id| !listed.contains(id)).cloned().collect();
    let reader = Reader::new(client.clone());
    for id in &missing {
        agents.extend(reader.read_agent(id).await?);
    }
    agents.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(agents)
}

/// `data` of `agent/page`: `result`, `total`, `pageTotal` (api-spec.md section 5, A22).
pub(crate) fn decode_agents_page(number: usize, reply: Reply) -> Page<LiveObject> {
    let data = &reply.content;
    let total = paging::number(data.get("total"));
    let pages = paging::number(data.get("pageTotal"));
    let mut page = Page::new(total, data.get("result"), number, decode_agent);
    page.pages = pages;
    page.more = pages.is_some_and(|pages| number < pages);
    page
}

/// The next finished task's result. A panic in a task goes on here; nothing cancels tasks but dropping their set.
async fn next<T: 'static>(tasks: &mut JoinSet<T>) -> Option<T> {
    let resume = |error: JoinError| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(error) => unreachable!("a task of a living set was cancelled: {error}"),
    };
    Some(tasks.join_next().await?.unwrap_or_else(resume))
}

/// For a list that is not there or is something else.
fn no_list(page: usize) -> UnreadableObject {
    UnreadableObject::new(format_args!("page {page}"), Illegible::Expected("a list"))
}

const _: () = assert!(PAGE_SIZE >= 10 && PAGE_SIZE <= 100, "the call centre takes 10 to 100 (api-spec.md A22)");
