//! The documents that people write, and how they become resources.

pub(crate) mod permission;
pub(crate) mod reference;
pub(crate) mod schedule;
