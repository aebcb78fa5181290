//! Out of the recycle bin (api-spec.md 2.2, H19, H22).

use deskform_model::RemoteId;
use deskform_model::codec::scalar_text;

use crate::client::Client;
use crate::observe::ObserveError;
use crate::writes;

/// Restores a support by id. Idempotent, and repeated after trouble.
///
/// # Errors
/// When the request fails for good, or the reply is about somebody else.
pub async fn restore(client: &Client, id: &RemoteId) -> Result<(), ObserveError> {
    let reply = client.send(&writes::support::restore(id)).await?;
    match reply.content.get("sId").and_then(scalar_text).and_then(RemoteId::new) {
        Some(found) if found != *id => Err(ObserveError::OtherObject { asked: id.clone(), found }),
        _ => Ok(()),
    }
}
