//! The commands, one file each. They receive what was typed, go through [`crate::pipeline`], and leave all text to the views.

pub mod apply;
pub mod destroy;
pub mod ledger;
pub mod plan;
pub mod rotate_password;
pub mod sandbox;
pub mod schema;
pub mod show;
pub mod validate;
