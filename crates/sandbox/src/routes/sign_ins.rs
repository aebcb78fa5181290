//! `signin.json`: an append-only log of events (api-spec.md 3.1, H45 to H48).

use serde_json::{Value, json};

use super::paging::Page;
use super::supports::bound;
use super::{HelpdeskCall, SIGN_IN};
use crate::clock::written;
use crate::envelope::{Rejection, Reply};
use crate::fields::{self, Object};
use crate::store::sign_ins::{self, Filter, Place, SignIn};

const MOST_CHARACTERS: usize = 140;
const MOST_ATTACHMENTS: usize = 9;

pub(super) fn list(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let query = call.query()?;
    let page = Page::read(&query)?;
    let support = match query.get("sId") {
        None => None,
        Some(id) => Some(id.parse().map_err(|_| Rejection::invalid("sId", "is not a number"))?),
    };
    let filter = Filter {
        from: bound(query.get("created_start"), "created_start", "00:00:00")?,
        to: bound(query.get("created_end"), "created_end", "23:59:59")?,
        support,
    };
    let descending = match query.get("created_order").map(String::as_str) {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => return Err(Rejection::invalid("created_order", "is neither asc nor desc")),
    };
    let count = sign_ins::count(call.database, &filter)?;
    let found = sign_ins::page(call.database, &filter, descending, page.size, page.offset())?;
    let filters = ["created_start", "created_end", "created_order", "sId"];
    let (next, previous) = page.links(count, SIGN_IN, &query, &filters);
    Reply::enveloped(
        "success",
        &json!({
            "signIn": found.iter().map(listed).collect::<Vec<_>>(),
            "count": count,
            "next_page": next.unwrap_or_default(),
            "previous_page": previous.unwrap_or_default(),
        }),
    )
}

pub(super) fn create(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let body = call.wrapped("signIn")?;
    let remark = fields::optional_scalar(&body, "remark")?;
    if remark.as_ref().is_some_and(|remark| remark.chars().count() > MOST_CHARACTERS) {
        return Err(Rejection::invalid("remark", format!("is longer than {MOST_CHARACTERS} characters")));
    }
    let checkin_time = fields::required_scalar(&body, "checkinTime")?;
    let draft = SignIn {
        remark,
        attachments: attachments(&body)?,
        tags: tags(&body)?,
        checkin_time: written(fields::date_time(&checkin_time, "checkinTime")?),
        place: place(&body)?,
        ..SignIn::default()
    };
    let created = sign_ins::add(call.database, call.caller.id, draft, &written(call.options.clock.now()))?;
    let mut data = common(&created);
    let Place { address, landmark, latitude, longitude } = &created.place;
    data["current"] = json!({"address": address, "landmark": landmark, "latitude": latitude, "longitude": longitude});
    Reply::new(&json!({"signIn": {"code": "0", "message": "success", "data": data}}))
}

/// What reading and writing show alike. Keys that were never sent are absent, as in the second documented item.
fn common(sign_in: &SignIn) -> Value {
    let mut shown = json!({
        "name": sign_in.name,
        "sNum": sign_in.staff_number,
        "tags": sign_in.tags,
        "checkinTime": sign_in.checkin_time,
    });
    if let Some(remark) = &sign_in.remark {
        shown["remark"] = json!(remark);
    }
    if let Some(attachments) = &sign_in.attachments {
        shown["attachments"] = json!(attachments);
    }
    shown
}

fn listed(sign_in: &SignIn) -> Value {
    let Place { address, landmark, latitude, longitude } = &sign_in.place;
    let mut shown = common(sign_in);
    shown["clockingPoint"] = json!(format!("{address}{landmark},经度:{longitude}、纬度:{latitude}"));
    shown
}

/// The addresses of the attachments joined by commas, which is all that replies show of them.
fn attachments(body: &Object) -> Result<Option<String>, Rejection> {
    let Some(sent) = body.get("attachments") else {
        return Ok(None);
    };
    let sent = fields::array(sent, "attachments")?;
    if sent.len() > MOST_ATTACHMENTS {
        return Err(Rejection::invalid("attachments", format!("are more than {MOST_ATTACHMENTS}")));
    }
    let mut addresses = Vec::with_capacity(sent.len());
    for attachment in sent {
        let attachment = fields::object(attachment, "attachments")?;
        fields::required_scalar(attachment, "fileName")?;
        addresses.push(fields::required_scalar(attachment, "fileUrl")?);
    }
    Ok(Some(addresses.join(",")))
}

fn tags(body: &Object) -> Result<Vec<String>, Rejection> {
    let Some(sent) = body.get("tags") else {
        return Ok(Vec::new());
    };
    fields::array(sent, "tags")?.iter().map(|tag| fields::scalar(tag, "tags")).collect()
}

fn place(body: &Object) -> Result<Place, Rejection> {
    let current = fields::object(fields::required(body, "current")?, "current")?;
    Ok(Place {
        address: fields::required_scalar(current, "address")?,
        landmark: fields::required_scalar(current, "landmark")?,
        latitude: fields::required_scalar(current, "latitude")?,
        longitude: fields::required_scalar(current, "longitude")?,
    })
}
