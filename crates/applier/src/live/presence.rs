//! Presence per module (api-spec.md 2.2, section 4, H28 to H30).

use deskform_model::codec::scalar_text;
use deskform_model::{RemoteId, Text};
use serde_json::Value as Json;

use crate::client::{Client, Reply};
use crate::error::RequestError;
use crate::request::get_presence;
use crate::writes;

/// A module that has presence. Its number is the presence call's `plate`, which is not the `mType` of permissions: there the call centre is
/// 4, here it is 3 (api-spec.md H28).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plate {
    /// 1: tickets.
    Tickets,
    /// 2: online chat.
    Chat,
    /// 3: the call centre.
    CallCenter,
}

impl Plate {
    /// All modules.
    pub const ALL: [Self; 3] = [Self::Tickets, Self::Chat, Self::CallCenter];

    /// The word that people write.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tickets => "tickets",
            Self::Chat => "chat",
            Self::CallCenter => "callCenter",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plate| plate.word() == word)
    }

    /// The number on the wire.
    pub const fn number(self) -> u8 {
        match self {
            Self::Tickets => 1,
            Self::Chat => 2,
            Self::CallCenter => 3,
        }
    }
}

/// Why presence is not known or not set.
#[derive(Debug, thiserror::Error)]
pub enum PresenceError {
    /// 10011: the helpdesk does not know the person, or the person is in the recycle bin.
    #[error("the person does not exist on the helpdesk (code 10011)")]
    UnknownPerson(#[source] RequestError),
    /// 10012: the helpdesk does not know the module.
    #[error("the helpdesk does not take the module (code 10012)")]
    WrongModule(#[source] RequestError),
    /// 10013: the back office has no state of this name.
    #[error("the back office has no such state (code 10013)")]
    UnknownState(#[source] RequestError),
    /// The reply is about something else than was asked (api-spec.md H16, H29).
    #[error("the reply is about {found} instead of {asked}")]
    OtherReply {
        /// What was asked about.
        asked: Text,
        /// What the reply is about.
        found: Text,
    },
    /// Anything else.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl PresenceError {
    fn of(error: RequestError) -> Self {
        match error.code() {
            Some("10011") => Self::UnknownPerson(error),
            Some("10012") => Self::WrongModule(error),
            Some("10013") => Self::UnknownState(error),
            _ => Self::Request(error),
        }
    }

    /// The request that failed, if it was one.
    pub fn request(&self) -> Option<&RequestError> {
        match self {
            Self::UnknownPerson(error) | Self::WrongModule(error) | Self::UnknownState(error) | Self::Request(error) => Some(error),
            Self::OtherReply { .. } => None,
        }
    }

    /// The request's own error, where there is one.
    pub fn into_cause(self) -> Box<dyn std::error::Error + Send + Sync> {
        match self {
            Self::UnknownPerson(error) | Self::WrongModule(error) | Self::UnknownState(error) | Self::Request(error) => Box::new(error),
            Self::OtherReply { .. } => Box::new(self),
        }
    }

    /// Whether a write that failed so may have been carried out all the same.
    pub fn may_have_arrived(&self) -> bool {
        self.request().is_none_or(RequestError::may_have_arrived)
    }
}

/// The name of a person's state in a module, as the back office calls it.
///
/// # Errors
/// When the request fails for good, or the reply is about somebody or something else.
pub async fn read(client: &Client, person: &RemoteId, plate: Plate) -> Result<Text, PresenceError> {
    let reply = client.send(&get_presence(person, plate.number())).await.map_err(PresenceError::of)?;
    shown(&reply, person, plate)
}

/// Sets it, again after trouble: the call is idempotent. Returns what the platform says that it is now.
///
/// # Errors
/// Those of [`read`].
pub async fn write(client: &Client, person: &RemoteId, plate: Plate, name: &str) -> Result<Text, PresenceError> {
    let reply = client.send(&writes::presence::set(person, plate.number(), name)).await.map_err(PresenceError::of)?;
    shown(&reply, person, plate)
}

/// An id or plate that the reply leaves out is taken for the one asked about; another one is an error.
fn shown(reply: &Reply, person: &RemoteId, plate: Plate) -> Result<Text, PresenceError> {
    let text = |name: &str| reply.content.get(name).and_then(scalar_text);
    let plate = Text::from(plate.number().to_string());
    for (name, asked) in [("sId", person.text()), ("plate", &plate)] {
        if let Some(found) = text(name).filter(|found| found != asked) {
            return Err(PresenceError::OtherReply { asked: format!("{name} {asked}").into(), found: format!("{name} {found}").into() });
        }
    }
    match reply.content.get("state") {
        Some(Json::Null) | None => Ok(Text::default()),
        Some(state) => Ok(scalar_text(state).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use deskform_model::kind::Module;

    use super::*;

    #[test]
    fn the_call_centre_has_another_number_here_than_among_permissions() {
        assert_eq!((Plate::CallCenter.number(), Module::CallCenter.code()), (3, 4));
        assert_eq!(Plate::ALL.map(Plate::number), [1, 2, 3]);
        assert!(Plate::ALL.into_iter().all(|plate| Plate::from_word(plate.word()) == Some(plate)));
    }
}
