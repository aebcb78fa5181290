//! The commands, one file each. They receive what was typed, go through [`crate::pipeline`], and leave all text to the views.

pub mod adherence;
pub mod agent;
pub mod apply;
pub mod checkin;
pub mod destroy;
pub mod drift;
pub mod graph;
pub mod ledger;
pub mod plan;
pub mod presence;
pub mod rotate_password;
pub mod sandbox;
pub mod schema;
pub mod show;
pub mod support;
pub mod validate;
