//! `servicers/{sId}.json`: back from the recycle bin, or into it (api-spec.md 2.2, H22).

use serde_json::json;

use super::HelpdeskCall;
use crate::clock::written;
use crate::envelope::{Rejection, Reply};
use crate::fields;
use crate::store::supports::{self, Standing};

pub(super) fn set_standing(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let body = call.wrapped("support")?;
    let asked = fields::required_scalar(&body, "isStat")?;
    let standing = match asked.as_str() {
        "1" => Standing::Active,
        "0" => Standing::Recycled,
        _ => return Err(Rejection::invalid("isStat", "is neither 0 nor 1")),
    };
    let support = supports::find(call.database, call.id)?.ok_or(Rejection::NoSuchSupport)?;
    if standing == Standing::Recycled && support.id == call.caller.id {
        return Err(Rejection::OwnAccount);
    }
    if standing != support.standing {
        supports::set_standing(call.database, support.id, standing, &written(call.options.clock.now()))?;
    }
    Reply::new(&json!({"support": {"sId": support.id.to_string(), "isStat": asked}}))
}
