//! Supports: the list of those in service, and some by id.

use std::collections::{BTreeMap, BTreeSet};

use deskform_model::RemoteId;
use deskform_planner::{LiveObject, Needs};
use serde_json::Value as Json;
use tokio::task::JoinSet;

use super::paging::{self, List, Page};
use super::{ObserveError, Progress, ReadProgress, next};
use crate::client::{Client, Reply};
use crate::request::{get_support, list_supports};
use crate::wire::decode::{Illegible, Stat, SupportRecord, UnreadableObject, decode_support, decode_support_row};

/// The supports that were found.
#[derive(Default)]
pub(super) struct Supports {
    pub(super) in_service: Vec<LiveObject>,
    pub(super) recycled: Vec<LiveObject>,
}

/// Lists supports; reads by id those whose custom fields are managed, whose item does not show everything, or whom the list lacks
/// although the ledger knows them (design.md section 4).
pub(super) async fn observe(client: &Client, needs: &Needs, progress: &Progress<'_>) -> Result<Supports, ObserveError> {
    if !needs.supports {
        return Ok(Supports::default());
    }
    let list = List {
        name: "/api/v1/supports.json",
        request: list_supports,
        rows: &["supports"],
        row: decode_support_row,
        decode: decode_page,
        id: |record: &SupportRecord| &record.remote,
    };
    let listed = list.read(client, |read, total| progress.report(ReadProgress::Supports { read, total })).await?;
    let mut listed: BTreeMap<RemoteId, SupportRecord> = listed.into_iter().map(|record| (record.remote.clone(), record)).collect();

    let remembered = needs.support_ids.iter().chain(&needs.recycled_ids);
    let mut wanted: BTreeSet<RemoteId> = remembered.filter(|id| !listed.contains_key(*id)).cloned().collect();
    wanted.extend(listed.values().filter(|record| needs_detail(record, needs)).map(|record| record.remote.clone()));
    let details = read_by_id(client, &wanted, progress).await?;

    let mut supports = Supports::default();
    let mut problems = Vec::new();
    for (id, detail) in details {
        let was_listed = listed.remove(&id).is_some();
        // Nobody: it left between the two reads, or the ledger remembers somebody who is gone.
        let Some(detail) = detail else { continue };
        // Where the reply does not say it (api-spec.md H10, H20), whoever was put into the bin is still there, and everybody else is in
        // service: lists may lag (X8), and somebody who is in service after all must not be forgotten with open access.
        let unsaid = if needs.recycled_ids.contains(&id) && !was_listed { Stat::Recycled } else { Stat::InService };
        let stat = detail.stat.unwrap_or(unsaid);
        match (stat, detail.into_object()) {
            (Stat::Purged, _) => {}
            (Stat::InService, Some(object)) => supports.in_service.push(object),
            (Stat::Recycled, Some(object)) => supports.recycled.push(object),
            (_, None) => problems.push(without_account(&id)),
        }
    }
    for (id, record) in listed {
        match (record.stat, record.into_object()) {
            // A list that shows the bin as well (api-spec.md H20).
            (Some(Stat::Purged), _) => {}
            (Some(Stat::Recycled), Some(object)) => supports.recycled.push(object),
            (_, Some(object)) => supports.in_service.push(object),
            (_, None) => problems.push(without_account(&id)),
        }
    }
    ObserveError::from_problems(problems)?;
    for objects in [&mut supports.in_service, &mut supports.recycled] {
        objects.sort_by(|a, b| (&a.key, &a.remote).cmp(&(&b.key, &b.remote)));
    }
    Ok(supports)
}

/// Whether the list's item is not enough. Nobody can be matched without an account; of people who are not ours the rest does not
/// matter, and asking for each of them would take as long as the helpdesk is large.
fn needs_detail(record: &SupportRecord, needs: &Needs) -> bool {
    match &record.account {
        None => true,
        Some(account) => needs.detail_accounts.contains(account) || (needs.support_ids.contains(&record.remote) && !record.is_whole()),
    }
}

fn without_account(id: &RemoteId) -> UnreadableObject {
    UnreadableObject::new(format_args!("support {id}"), Illegible::Missing("sPassportName"))
}

async fn read_by_id(
    client: &Client,
    ids: &BTreeSet<RemoteId>,
    progress: &Progress<'_>,
) -> Result<BTreeMap<RemoteId, Option<SupportRecord>>, ObserveError> {
    let mut tasks = JoinSet::new();
    for id in ids {
        let (client, id) = (client.clone(), id.clone());
        tasks.spawn(async move {
            let record = read_support(&client, &id).await;
            (id, record)
        });
    }
    let (mut found, mut problems) = (BTreeMap::new(), Vec::new());
    while let Some((id, record)) = next(&mut tasks).await {
        match record {
            Ok(record) => {
                found.insert(id, record);
            }
            Err(ObserveError::Unreadable { objects, .. }) => problems.extend(objects),
            Err(error) => return Err(error),
        }
        progress.report(ReadProgress::SupportDetails { read: found.len() + problems.len(), total: ids.len() });
    }
    ObserveError::from_problems(problems)?;
    Ok(found)
}

/// One support with all its fields, in service or not; `None` when there is none of this id.
pub(crate) async fn read_support(client: &Client, id: &RemoteId) -> Result<Option<SupportRecord>, ObserveError> {
    let reply = match client.send(&get_support(id)).await {
        Ok(reply) => reply,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // Nothing in the wrapper is how some replies say that there is nobody.
    if is_empty(&reply.content) {
        return Ok(None);
    }
    let record = decode_support(&reply.content, true).map_err(ObserveError::unreadable)?;
    if record.remote != *id {
        return Err(ObserveError::OtherObject { asked: id.clone(), found: record.remote });
    }
    Ok(Some(record))
}

pub(crate) fn is_empty(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::Object(map) => map.is_empty(),
        Json::String(text) => text.is_empty(),
        _ => false,
    }
}

/// `supports`, with `count` and `next_page` beside it (api-spec.md 1.2).
fn decode_page(number: usize, reply: Reply) -> Page<SupportRecord> {
    let total = paging::number(reply.rest.get("count"));
    let mut page = Page::new(total, Some(&reply.content), number, |item| decode_support(item, false));
    page.more = reply.rest.get("next_page").is_some_and(|link| !is_empty(link));
    page
}
