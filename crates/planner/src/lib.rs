//! Compares what is wanted with what is there and decides what to do: pure functions, the same bytes from the same inputs.
//!
//! ```text
//! Narrowing::choose(desired, ledger, ..)  -> Selection  what is meant, when only some of it is
//! needs(desired, ledger, now)            -> Needs      what has to be read
//! fresh::not_listed_yet(ledger, ..)     -> addresses  made a moment ago, so that a list may lack them
//! claims::heal(ledger, observed, ..)     -> Healed     open intents own what they made
//! plan(desired, observed, ledger, now)   -> Plan       matching, diff, order: complete before the first write
//! brake::check(plan, ...)                -> brakes     a separate pass that may refuse the plan
//! drift::drift(ledger, observed, ..)     -> Report     what somebody else changed, whatever is wanted
//! ```
//!
//! Limits: no files, no network, no clock, no printing, nothing asynchronous. [`matching`] holds everything that differs between kinds;
//! diff, order and brakes treat all kinds alike.

pub mod adherence;
pub mod brake;
pub mod claims;
pub mod diff;
pub mod drift;
mod duty_index;
pub mod fingerprint;
pub mod fresh;
pub mod ledger;
pub mod matching;
pub mod needs;
pub mod observed;
pub mod order;
pub mod overnight;
pub mod plan;
pub mod policy;
pub mod problem;
pub mod recheck;
pub mod saved;
pub mod scope;

pub use ledger::Ledger;
pub use matching::{Inputs, plan, plan_narrowed};
pub use needs::{Needs, needs, needs_narrowed};
pub use observed::{Duty, LiveObject, Observed};
pub use plan::{Action, Change, ChangeId, Plan};
pub use policy::Policy;
pub use problem::PlanProblem;
pub use scope::{Narrowing, Selection};
