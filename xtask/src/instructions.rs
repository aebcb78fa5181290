//! `cargo xtask instructions`: how many instructions load and plan of a small centre take, whatever else the machine does.
//!
//! A release build of this program does the work below callgrind, without files and platforms. The counts are compared with a file that
//! is written by `--bless`. Another compiler makes other code, so that a difference is only a warning where the compiler is not the one of
//! the file; where valgrind is missing nothing is counted, and that is said.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;
use std::{fs, io};

use deskform_planner::{Inputs, Ledger, Observed, Policy, plan};

use applied::{applied, manifests};

#[path = "../../crates/planner/benches/applied/mod.rs"]
mod applied;

/// What is counted. Each includes what stands before it, so that the difference is what it takes itself.
const COUNTED: [&str; 3] = ["load", "in-sync", "from-empty"];
/// People of the centre: 3,300 resources.
const PEOPLE: &str = "100";
/// A count may be so much larger than the file's.
const TOLERANCE: f64 = 0.05;

/// Counts by name, and the compiler that made the program.
struct Counts {
    compiler: String,
    instructions: BTreeMap<String, u64>,
}

/// Does the work once: reads the manifests of a centre (`load`), plans them against platforms that are in sync (`in-sync`), and against
/// empty ones besides (`from-empty`).
pub(crate) fn load_and_plan(what: &str, people: &str) -> Result<String, String> {
    let people = people.parse().map_err(|_| format!("{people} is no number of people"))?;
    let desired = manifests(people).load();
    let loaded = format!("{} resources", desired.resources().len());
    if what == "load" {
        return Ok(loaded);
    }
    let (observed, ledger) = applied(&desired);
    let policy = Policy::default();
    let now = "2026-11-30T12:00".parse().map_err(|_| "no moment")?;
    let in_sync = Inputs { desired: &desired, observed: &observed, ledger: &ledger, ledger_known: true, policy: &policy, now };
    let planned = plan(black_box(in_sync)).map_err(|problems| format!("{problems:?}"))?;
    if what == "in-sync" {
        return Ok(format!("{loaded}, {} changes", planned.changes.len()));
    }
    let (nothing, empty) = (Observed::default(), Ledger::default());
    let from_empty = Inputs { observed: &nothing, ledger: &empty, ..in_sync };
    let planned = plan(black_box(from_empty)).map_err(|problems| format!("{problems:?}"))?;
    Ok(format!("{loaded}, {} changes", planned.changes.len()))
}

/// Counts and shows.
pub(crate) fn show() -> Result<String, String> {
    Ok(count()?.map_or_else(missing, |counts| counts.to_text()))
}

/// Counts and writes the file.
pub(crate) fn bless() -> Result<String, String> {
    let Some(counts) = count()? else { return Err(missing()) };
    fs::write(path(), counts.to_text()).map_err(|error| format!("{}: {error}", path().display()))?;
    Ok(counts.to_text())
}

/// Counts and compares with the file.
pub(crate) fn check() -> Result<String, String> {
    let Some(counts) = count()? else { return Ok(missing()) };
    let text = fs::read_to_string(path()).map_err(|error| format!("{}: {error}", path().display()))?;
    let blessed = Counts::parse(&text)?;
    let mut report = String::new();
    let mut failed = false;
    for (what, now) in &counts.instructions {
        let before = *blessed.instructions.get(what).ok_or_else(|| format!("{} does not hold {what}", path().display()))?;
        let growth = ratio(*now, before) - 1.0;
        failed |= growth > TOLERANCE;
        let _ = writeln!(report, "{what}: {now} instructions, {:+.1} %", growth * 100.0);
    }
    if !failed {
        return Ok(report);
    }
    let _ = writeln!(
        report,
        "load or plan takes more than 5 % more instructions than before; find out why, or `cargo xtask instructions --bless`"
    );
    if counts.compiler == blessed.compiler {
        return Err(report);
    }
    let _ = writeln!(report, "warning only: the file was counted with {}, this is {}", blessed.compiler, counts.compiler);
    Ok(report)
}

#[expect(clippy::cast_precision_loss, reason = "no count needs all digits to be compared")]
fn ratio(now: u64, before: u64) -> f64 {
    now as f64 / before as f64
}

fn path() -> PathBuf {
    crate::repository().join("xtask/instructions.txt")
}

fn missing() -> String {
    "valgrind is not installed: instructions are not counted".to_owned()
}

/// Counts everything; `None` without valgrind.
fn count() -> Result<Option<Counts>, String> {
    match Command::new("valgrind").arg("--version").output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        result => result.map_err(|error| format!("valgrind: {error}"))?,
    };
    let programs = crate::bench::build(&["deskform-xtask"])?;
    let mut instructions = BTreeMap::new();
    for what in COUNTED {
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(&programs.xtask).args(["load-and-plan", what, PEOPLE]);
        let output = command.output().map_err(|error| format!("valgrind: {error}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        let collected = said.lines().find_map(|line| line.split_once("Collected : "));
        let number = collected.and_then(|(_, number)| number.trim().parse().ok());
        instructions.insert(what.to_owned(), number.filter(|_| output.status.success()).ok_or_else(|| format!("callgrind said:\n{said}"))?);
    }
    Ok(Some(Counts { compiler: compiler()?, instructions }))
}

fn compiler() -> Result<String, String> {
    let output = Command::new("rustc").arg("--version").output().map_err(|error| format!("rustc: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

impl Counts {
    fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.compiler);
        for (what, count) in &self.instructions {
            let _ = writeln!(text, "{what} {count}");
        }
        text
    }

    fn parse(text: &str) -> Result<Self, String> {
        let (compiler, counts) = text.split_once('\n').ok_or("the file of instructions is empty")?;
        let pair = |line: &str| {
            let (what, count) = line.split_once(' ').ok_or_else(|| format!("{line:?} is no count"))?;
            Ok((what.to_owned(), count.parse().map_err(|_| format!("{line:?} is no count"))?))
        };
        let instructions = counts.lines().map(pair).collect::<Result<_, String>>()?;
        Ok(Self { compiler: compiler.to_owned(), instructions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_as_it_was_written() {
        let instructions = [("in-sync".to_owned(), 7), ("load".to_owned(), 5)].into();
        let text = Counts { compiler: "rustc 1.95.0".to_owned(), instructions }.to_text();
        assert_eq!(Counts::parse(&text).expect("counts").to_text(), text);
    }
}
