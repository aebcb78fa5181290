//! Sets the password of a seat anew, outside of a plan, so that the next plan finds nothing to do about it.

use deskform_model::{Kind, RemoteId, Text, Value};
use deskform_planner::ledger::{Entry, Record};
use secrecy::SecretString;

use crate::client::Client;
use crate::error::RequestError;
use crate::writes::agent;

/// The version that a manifest should have after its password was set anew: its own when it is ahead of what was set last, else the next
/// one. A number that was used once never comes back, or two people could mean different passwords by it.
pub fn next_version(declared: u32, last_set: Option<u32>) -> u32 {
    match last_set {
        Some(last) if declared <= last => last.saturating_add(1),
        _ => declared,
    }
}

/// The version of the password that was set last, as far as the ledger knows.
pub fn last_version(entry: &Entry) -> Option<u32> {
    match entry.set.named(Kind::Agent, "password") {
        Some(Value::Secret { version }) => Some(*version),
        _ => None,
    }
}

/// What the ledger learns: this version was set at this time.
pub fn record(entry: &Entry, version: u32, at: Text) -> Record {
    let mut entry = Entry { at, ..entry.clone() };
    if let Some(key) = Kind::Agent.key("password") {
        entry.set.insert(key, Value::Secret { version });
    }
    Record::Done { intent: None, entry: Box::new(entry) }
}

/// Sets it, through `editPwd` as MD5 (api-spec.md A9). Safe to repeat.
///
/// # Errors
/// When the call centre refuses it, or its answer is lost.
pub async fn set_password(client: &Client, seat: &RemoteId, password: &SecretString) -> Result<(), RequestError> {
    client.send(&agent::set_password(seat, password)).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_that_is_ahead_keeps_its_version_and_a_used_one_is_counted_up() {
        assert_eq!(next_version(2, Some(1)), 2);
        assert_eq!(next_version(1, Some(1)), 2);
        assert_eq!(next_version(1, Some(4)), 5);
        assert_eq!(next_version(3, None), 3);
        assert_eq!(next_version(u32::MAX, Some(u32::MAX)), u32::MAX);
    }
}
