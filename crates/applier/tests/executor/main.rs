//! Plans carried out against the sandbox over real HTTP: what is sent, in which order, and what the ledger knows afterwards.
#![allow(clippy::unwrap_used, missing_docs)]

mod batches;
mod changes;
mod creation;
mod credentials;
mod desk;
mod interruption;
mod ledger;
mod lost_answers;
mod proxy;
mod recovery;
#[cfg(feature = "s3")]
mod stolen_lock;
mod trouble;
