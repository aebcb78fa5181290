//! What a plan promises (design.md section 3), one file a promise.
#![allow(missing_docs, clippy::unwrap_used)]

mod absence;
mod brakes;
mod claims;
mod converge;
mod drift;
mod fields;
mod fingerprint;
mod identity;
mod order;
mod people;
mod recheck;
mod scope;
mod shifts;
mod world;
