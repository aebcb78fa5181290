//! Repository chores: `cargo xtask <command>`.

mod bench;
mod bless;
mod centre;
mod instructions;
mod schema;
mod tidy;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  bench [--large]  measure whole runs beside the floor, at 100 and 1,000 people (and 10,000)
  bless            run all tests and accept what the golden files hold now
  centre --people N --out DIR
                   write a service centre of N people
  instructions [--check | --bless]
                   count the instructions of load and plan below callgrind; compare them with, or write, the file
  schema           write the JSON Schema files to schemas/
  schema --check   fail when they are not what the field tables say
  tidy             check the arrows between the crates and the house rules
";

/// The folder of the repository.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let result = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["centre", "--people", people, "--out", out] => centre::write(people, out),
        ["bench"] => bench::run(false),
        ["bench", "--large"] => bench::run(true),
        ["floor", "parse", folder] => bench::floor::parse(folder),
        ["floor", "send", folder, url, requests] => bench::floor::send(folder, url, requests),
        ["instructions"] => instructions::show(),
        ["instructions", "--check"] => instructions::check(),
        ["instructions", "--bless"] => instructions::bless(),
        ["load-and-plan", what, people] => instructions::load_and_plan(what, people),
        ["bless"] => bless::bless(),
        ["tidy"] => tidy::check(),
        ["schema"] => schema::write(),
        ["schema", "--check"] => schema::check(),
        _ => Err(USAGE.to_owned()),
    };
    let (code, mut text) = match result {
        Ok(text) => (ExitCode::SUCCESS, text),
        Err(text) => (ExitCode::FAILURE, text),
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    // Nothing is left to be said when stderr is closed.
    let _ = std::io::stderr().write_all(text.as_bytes());
    code
}
