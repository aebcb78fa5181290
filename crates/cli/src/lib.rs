//! The deskform command: arguments, views, exit codes. Everything but `main`, so that tests call views and commands without a process.

pub mod args;
pub mod clock;
pub mod error;
pub mod exit;
pub mod sources;
pub mod ui;
pub mod view;
/// tmp
pub fn run(_: std::env::ArgsOs) -> exit::Exit { exit::Exit::Done }
