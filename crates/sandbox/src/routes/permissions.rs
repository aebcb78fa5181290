//! `permissions/{sId}.json`: modules switched on and off; cannot be read (api-spec.md 2.2, H25 to H27).

use serde_json::json;

use super::HelpdeskCall;
use crate::envelope::{Rejection, Reply};
use crate::fields;
use crate::store::{permissions, supports};

/// The only documented module: the call centre.
const CALL_CENTER: &str = "4";

pub(super) fn set(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let body = call.wrapped("permission")?;
    let module = fields::required_scalar(&body, "mType")?;
    let switch = fields::required_scalar(&body, "state")?;
    if module != CALL_CENTER {
        return Err(Rejection::invalid("mType", "is not 4"));
    }
    // 0 is on and 1 is off (api-spec.md H25).
    let on = match switch.as_str() {
        "0" => true,
        "1" => false,
        _ => return Err(Rejection::invalid("state", "is neither 0 nor 1")),
    };
    supports::find_active(call.database, call.id)?.ok_or(Rejection::NoSuchSupport)?;
    permissions::set(call.database, call.id, &module, on)?;
    Reply::new(&json!({"permission": {"sId": call.id.to_string(), "mType": module, "state": switch}}))
}
