//! What planning gets: a client without write methods.

use deskform_model::RemoteId;
use deskform_planner::{LiveObject, Needs, Observed};

use crate::client::Client;
use crate::event::Event;
use crate::observe::{self, ObserveError, ReadProgress};
use crate::request::{find_agents, get_agent, search_supports_by_account};
use crate::wire::decode::{SupportRecord, decode_agent, decode_support};

/// Reads from both platforms and cannot write.
#[derive(Clone, Debug)]
pub struct Reader {
    client: Client,
}

impl Reader {
    /// Reads through this client, within its lanes.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Reads everything that a plan needs, completely or not at all. All lists come sorted by natural key.
    ///
    /// # Errors
    /// When a request fails for good, a list does not come whole, or something in it cannot be read.
    pub async fn observe(&self, needs: &Needs, progress: &mut dyn FnMut(ReadProgress)) -> Result<Observed, ObserveError> {
        observe::observe(&self.client, needs, progress).await
    }

    /// The same; long waits of the requests, and nothing else, are told to `on_event`.
    ///
    /// # Errors
    /// Those of [`Reader::observe`].
    pub async fn observe_telling(
        &self,
        needs: &Needs,
        progress: &mut dyn FnMut(ReadProgress),
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Observed, ObserveError> {
        self.client.telling_pauses(&mut |pause| on_event(Event::Paused(pause)), self.observe(needs, progress)).await
    }

    /// One support with all its fields. `None` when there is none; one in the recycle bin is found, and says so where the platform
    /// shows `isStat` (api-spec.md H20).
    ///
    /// # Errors
    /// When the request fails for good or the reply cannot be read.
    pub async fn read_support(&self, id: &RemoteId) -> Result<Option<SupportRecord>, ObserveError> {
        observe::supports::read_support(&self.client, id).await
    }

    /// One seat. `None` when there is none: the platform may say so with a refusal or with nothing (api-spec.md A17).
    ///
    /// # Errors
    /// When the request fails for good, or the reply cannot be read or is about another seat.
    pub async fn read_agent(&self, operator_id: &RemoteId) -> Result<Option<LiveObject>, ObserveError> {
        let reply = match self.client.send(&get_agent(operator_id)).await {
            Ok(reply) => reply,
            Err(error) if error.is_not_found() => return Ok(None),
            // A code that no document explains may mean "no such seat" or anything else: the list knows.
            Err(error) if error.is_unexplained_refusal() => return self.find_agent(operator_id).await,
            Err(error) => return Err(error.into()),
        };
        if observe::supports::is_empty(&reply.content) {
            return Ok(None);
        }
        let agent = decode_agent(&reply.content).map_err(ObserveError::unreadable)?;
        if agent.remote != *operator_id {
            return Err(ObserveError::OtherObject { asked: operator_id.clone(), found: agent.remote });
        }
        Ok(Some(agent))
    }

    /// One seat in the list, which may be filtered exactly or not (api-spec.md A23). `None` when the list does not show it.
    async fn find_agent(&self, operator_id: &RemoteId) -> Result<Option<LiveObject>, ObserveError> {
        let mut number = 1;
        loop {
            let page = observe::decode_agents_page(number, self.client.send(&find_agents(operator_id, number)).await?);
            let (found, more) = page.into_found()?;
            if let Some(agent) = found.into_iter().find(|agent: &LiveObject| agent.remote == *operator_id) {
                return Ok(Some(agent));
            }
            if !more {
                return Ok(None);
            }
            number += 1;
        }
    }

    /// The supports in service with exactly this account, sorted by id. More than one is for people to sort out (api-spec.md H17,
    /// H24).
    ///
    /// # Errors
    /// When a request fails for good or a reply cannot be read.
    pub async fn search_account(&self, account: &str) -> Result<Vec<SupportRecord>, ObserveError> {
        let reply = self.client.send(&search_supports_by_account(account)).await?;
        let mut found = Vec::new();
        for item in reply.content.as_array().map(Vec::as_slice).unwrap_or_default() {
            let mut record = decode_support(item, false).map_err(ObserveError::unreadable)?;
            if record.account.is_none()
                && let Some(whole) = self.read_support(&record.remote).await?
            {
                record = whole;
            }
            if record.account.as_deref() == Some(account) {
                found.push(record);
            }
        }
        found.sort_by(|a, b| a.remote.cmp(&b.remote));
        found.dedup_by(|a, b| a.remote == b.remote);
        Ok(found)
    }
}
