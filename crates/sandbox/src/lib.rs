//! Both platforms' documented APIs over SQLite, quirks included.
//!
//! The helpdesk and the call centre are served from one listener; their paths do not collide, so both base URLs are the
//! same origin. Data lives in memory or in a file that can be opened with any SQLite tool: its columns carry the names
//! of the documents. The crate shares no type with the client, so that one misreading of the documents cannot hide in
//! both.
//!
//! What the documents leave open is decided in [`assumptions`], and nowhere else. Trouble can be scripted with [`Faults`]; every request
//! is in the journal.
//!
//! ```no_run
//! # async fn demo() -> Result<(), deskform_sandbox::StartError> {
//! use deskform_sandbox::{Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options::default()).await?;
//! assert!(sandbox.helpdesk_url().starts_with("http://127.0.0.1:"));
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```

pub mod assumptions;
mod auth;
mod clock;
mod envelope;
mod fault;
mod fields;
mod journal;
mod line;
mod options;
mod routes;
mod server;
mod store;

pub use clock::Clock;
pub use fault::{Faults, FaultsError};
pub use journal::JournalEntry;
pub use options::{Data, Options, Overnight};
pub use routes::{Endpoint, endpoints};
pub use server::{Running, Sandbox, StartError};
