//! What both platforms offer beside desired state: who is there, who signed in, who can be found, who is in the recycle bin.
//!
//! ```text
//! presence --read, write--> a state's name        repeated after trouble, like all idempotent requests
//! sign_ins --list--> SignIns, --create-->          created once; after a lost answer nobody sends it again
//! search   --find--> supports                      fuzzy, filtered by the caller
//! restore  --restore--> whoever was in the bin
//! ```
//!
//! Limits: nothing here knows manifests, plans or the ledger, and nothing is decided; the command line does that.

pub mod presence;
pub mod restore;
pub mod search;
pub mod sign_ins;
