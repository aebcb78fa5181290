//! What can be chosen when a sandbox starts.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Clock;
use crate::fault::Faults;

/// Everything that can be chosen when a sandbox starts; the default serves a fresh in-memory centre on a free loopback
/// port.
#[derive(Clone)]
pub struct Options {
    /// Address to listen on. Port 0, the default, takes a free one.
    pub listen: SocketAddr,
    /// Where the data lives.
    pub data: Data,
    /// What the server takes for the current time.
    pub clock: Clock,
    /// Account (`sPassportName`) of the administrator that always exists. It is a support like any other.
    pub account: String,
    /// Password of that administrator; set again at every start.
    pub password: String,
    /// The key pair of OAuth2, with which tokens are had: its SecretID.
    pub client_id: String,
    /// Its Secret.
    pub client_secret: String,
    /// How long a token is good for.
    pub token_lifetime: Duration,
    /// Password of supports that are created without one.
    pub initial_password: String,
    /// The call centre's `token` header.
    pub token: String,
    /// The call centre's company abbreviation, required in every body.
    pub abbreviate: String,
    /// The `code` with which the call centre reports success; the documents do not give it (api-spec.md A1).
    pub success_code: i64,
    /// What the helpdesk does with a duty that ends before it starts (api-spec.md H38).
    pub overnight: Overnight,
    /// Scripted trouble.
    pub faults: Faults,
    /// A file to which every request is appended as a line of JSON, without credentials and passwords.
    pub journal: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: Data::Memory,
            clock: Clock::default(),
            account: "admin".to_owned(),
            password: "admin-pass".to_owned(),
            client_id: "test-client".to_owned(),
            client_secret: "test-client-secret".to_owned(),
            token_lifetime: Duration::from_secs(3600),
            initial_password: "initial-pass".to_owned(),
            token: "test-token".to_owned(),
            abbreviate: "demo".to_owned(),
            success_code: 0,
            overnight: Overnight::Reject,
            faults: Faults::default(),
            journal: None,
        }
    }
}

/// Leaves out passwords, the secret of the key pair and the token.
impl std::fmt::Debug for Options {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Options")
            .field("listen", &self.listen)
            .field("data", &self.data)
            .field("clock", &self.clock)
            .field("account", &self.account)
            .field("client_id", &self.client_id)
            .field("token_lifetime", &self.token_lifetime)
            .field("abbreviate", &self.abbreviate)
            .field("success_code", &self.success_code)
            .field("overnight", &self.overnight)
            .field("faults", &self.faults)
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}

/// Where the data lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// In memory; gone when the sandbox stops.
    Memory,
    /// In a SQLite file, made when it does not exist; survives the process.
    File(PathBuf),
}

/// What the helpdesk does with a duty that ends before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overnight {
    /// Refuses it.
    Reject,
    /// Takes it as one duty that ends the next day. Equal times are refused all the same.
    Accept,
}
