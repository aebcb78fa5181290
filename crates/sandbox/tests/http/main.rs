//! The sandbox over real HTTP.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

mod agents;
mod centre;
mod faults;
mod journal;
mod presence_and_sign_ins;
mod schedules;
mod server;
mod supports;
mod tokens;
