//! Help for tests: golden folders, temporary projects, stories, and a server that says what it is told.
//!
//! Development only; nothing that ships depends on it. Panics are how it reports, because only tests call it.
#![allow(clippy::print_stderr)]

pub mod canned;
pub mod centre;
pub mod golden;
pub mod live;
pub mod process;
pub mod project;
pub mod s3;
pub mod story;
