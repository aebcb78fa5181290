//! The `deskform` command; everything is in the library, so that tests call it without a process.

use std::process::ExitCode;

fn main() -> ExitCode {
    deskform_cli::run(std::env::args_os()).into()
}
