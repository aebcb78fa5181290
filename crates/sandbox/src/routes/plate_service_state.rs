//! `plate_service_state/{sId}.json`: presence per module, with the documented error codes (api-spec.md 2.2, 4).

use serde_json::json;

use super::HelpdeskCall;
use crate::envelope::{Rejection, Reply};
use crate::fields;
use crate::store::{presence, supports};

/// Tickets, online chat, call centre.
const PLATES: [&str; 3] = ["1", "2", "3"];

/// The names "configured in the back office"; the first is what nobody has changed yet.
const CONFIGURED: [&str; 4] = ["离线", "在线", "忙碌", "小休"];

pub(super) fn get(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let query = call.query()?;
    let plate = query.get("plate").ok_or_else(|| Rejection::Missing("plate".to_owned()))?;
    check(call, plate)?;
    let name = presence::get(call.database, call.id, plate)?;
    reply(call.id, plate, name.as_deref().unwrap_or(CONFIGURED[0]))
}

pub(super) fn set(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let body = call.wrapped("plate_service_state")?;
    let plate = fields::required_scalar(&body, "plate")?;
    let name = fields::required_scalar(&body, "state")?;
    check(call, &plate)?;
    if !CONFIGURED.contains(&name.as_str()) {
        return Err(Rejection::UnknownPresence);
    }
    presence::set(call.database, call.id, &plate, &name)?;
    reply(call.id, &plate, &name)
}

fn check(call: &HelpdeskCall<'_>, plate: &str) -> Result<(), Rejection> {
    supports::find_active(call.database, call.id)?.ok_or(Rejection::NoSuchSupport)?;
    if PLATES.contains(&plate) { Ok(()) } else { Err(Rejection::WrongPlate) }
}

fn reply(id: i64, plate: &str, name: &str) -> Result<Reply, Rejection> {
    Reply::new(&json!({"plate_service_state": {"sId": id, "plate": plate, "state": name}}))
}
