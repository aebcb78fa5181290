//! `supports.json`, `supports/{id}.json` and `supports/show_many.json` (api-spec.md 2.2).

use serde_json::{Value, json};

use super::paging::{Page, VENDOR};
use super::{HelpdeskCall, SUPPORTS};
use crate::clock::written;
use crate::envelope::{Rejection, Reply};
use crate::fields;
use crate::store::supports::{self, Created, Draft, Order, Standing, Support};

/// The most ids that one `show_many` takes.
const MOST_IDS: usize = 100;

pub(super) fn list(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let query = call.query()?;
    let page = Page::read(&query)?;
    let created = Created {
        from: bound(query.get("created_start"), "created_start", "00:00:00")?,
        to: bound(query.get("created_end"), "created_end", "23:59:59")?,
    };
    let order = match query.get("created_order").map(String::as_str) {
        None => Order::Number,
        Some("asc") => Order::CreatedAscending,
        Some("desc") => Order::CreatedDescending,
        Some(_) => return Err(Rejection::invalid("created_order", "is neither asc nor desc")),
    };
    let count = supports::count(call.database, &created)?;
    let found = supports::page(call.database, &created, order, page.size, page.offset())?;
    let filters = ["created_start", "created_end", "created_order"];
    let (next, previous) = page.links(count, SUPPORTS, &query, &filters);
    Reply::new(&json!({
        "supports": found.iter().map(with_number_id).collect::<Vec<_>>(),
        "count": count,
        "next_page": next,
        "previous_page": previous,
    }))
}

pub(super) fn get(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let support = supports::find(call.database, call.id)?.ok_or(Rejection::NoSuchSupport)?;
    let mut shown = with_text_id(&support);
    shown["custom_fields"] = Value::Array(support.custom_fields()?);
    if support.standing == Standing::Recycled {
        shown["isStat"] = json!("0");
    }
    Reply::new(&json!({"support": shown}))
}

pub(super) fn show_many(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let query = call.query()?;
    let ids = query.get("ids").ok_or_else(|| Rejection::Missing("ids".to_owned()))?;
    let mut found: Vec<Support> = Vec::new();
    for (index, id) in ids.split(',').enumerate() {
        let id: i64 = id.trim().parse().map_err(|_| Rejection::invalid("ids", "are not numbers joined by commas"))?;
        if index == MOST_IDS {
            return Err(Rejection::invalid("ids", format!("are more than {MOST_IDS}")));
        }
        if found.iter().any(|support| support.id == id) {
            continue;
        }
        found.extend(supports::find_active(call.database, id)?);
    }
    Reply::new(&json!({"supports": found.iter().map(with_number_id).collect::<Vec<_>>()}))
}

pub(super) fn create(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let body = call.wrapped("support")?;
    let account = fields::required_scalar(&body, "sPassportName")?;
    fields::required_scalar(&body, "sNum")?;
    let password = fields::optional_scalar(&body, "password")?.filter(|password| !password.is_empty());
    let password = password.as_deref().unwrap_or(&call.options.initial_password);
    let draft = Draft::read(&body)?;
    let now = written(call.options.clock.now());
    let support = supports::create(call.database, &account, password, draft, &now)?;
    Ok(Reply::new(&json!({"support": with_number_id(&support)}))?.located_at(format!("{VENDOR}/api/v1/supports/{}.json", support.id)))
}

pub(super) fn update(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let draft = Draft::read(&call.wrapped("support")?)?;
    let support = supports::find_active(call.database, call.id)?.ok_or(Rejection::NoSuchSupport)?;
    let support = supports::update(call.database, &support, draft, &written(call.options.clock.now()))?;
    Reply::new(&json!({"support": with_number_id(&support)}))
}

pub(super) fn recycle(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let support = supports::find_active(call.database, call.id)?.ok_or(Rejection::NoSuchSupport)?;
    if support.id == call.caller.id {
        return Err(Rejection::OwnAccount);
    }
    let now = written(call.options.clock.now());
    supports::set_standing(call.database, support.id, Standing::Recycled, &now)?;
    Reply::new(&json!({"support": with_text_id(&support)}))
}

/// The object of lists and of replies to writes: `sId` is a number (api-spec.md 1.3).
fn with_number_id(support: &Support) -> Value {
    let mut shown = with_text_id(support);
    shown["sId"] = json!(support.id);
    shown
}

/// The object of single reads, deletions and searches: `sId` is a string.
pub(super) fn with_text_id(support: &Support) -> Value {
    let mut shown = json!({"sId": support.id.to_string()});
    for (name, value) in support.values() {
        shown[name] = json!(value);
    }
    shown
}

/// A bound of a time filter; a bare date means the whole day.
pub(super) fn bound(text: Option<&String>, field: &str, time: &str) -> Result<Option<String>, Rejection> {
    let Some(text) = text else {
        return Ok(None);
    };
    if fields::date(text, field).is_ok() {
        return Ok(Some(format!("{text} {time}")));
    }
    Ok(Some(written(fields::date_time(text, field)?)))
}
