//! Talks to the two platforms and keeps the ledger files. Everything asynchronous begins here.
//!
//! ```text
//! Request --Client (lane, retries, credentials)--> Reply --wire--> values of the model
//! Needs   --Reader--> Observed                                     complete, or an error
//! Ledger with open intents --recovery--> Healed                    they own what they made
//! Plan    --steps--> Step --writes--> Request
//! what is no desired state (presence, sign-ins, search, the recycle bin)  --live--> values
//! Plan    --executor::apply (queue, ledger file)--> Event..., Outcome
//! ```
//!
//! A [`Request`] is a value and never sends itself; a [`Client`] sends it through its platform's lane; planning gets a [`Reader`],
//! which cannot write. What replies mean is in [`wire`], as pure functions.
//!
//! Limits: nothing is printed, and no message, debug form or file holds a credential or a password.

pub mod client;
pub mod credentials;
pub mod error;
pub mod event;
pub mod executor;
pub mod lane;
pub mod ledger_store;
pub mod live;
mod oauth;
pub mod observe;
pub mod outcome;
pub mod queue;
mod rate;
pub mod reader;
pub mod recovery;
pub mod request;
pub mod retry;
pub mod rotation;
pub mod sealed;
pub mod secret;
pub mod steps;
pub mod wire;
pub mod writes;

pub use client::{CallCenterOptions, Client, ClientOptions, HelpdeskAuth, HelpdeskOptions, Reply};
pub use credentials::{CredentialsError, CredentialsFile, CredentialsOut, SeatCredentials};
pub use error::{ClientError, Fault, RequestError};
pub use event::{Event, Stop};
pub use executor::{ApplyError, ApplyOptions, Interrupt, OpenLedger, apply};
pub use lane::{Pace, Pause};
pub use ledger_store::{FileLedger, LedgerError, LedgerPlace, LedgerStore, LockProbe, Mode, StoredLedger};
pub use observe::{ObserveError, ReadProgress};
pub use outcome::{ChangeOutcome, Credentials, Fate, Outcome, SeatOutcome, StepError, Whereabouts};
pub use reader::Reader;
pub use recovery::{Patience, observe_and_heal};
pub use request::{Method, Repeat, Request, Wrapper};
pub use retry::RetryPolicy;
pub use sealed::Recipient;
pub use secret::{Credential, SecretError, Secrets};
