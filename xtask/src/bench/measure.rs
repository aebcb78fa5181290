//! Wall time, CPU time and peak memory of other processes.
//!
//! GNU time asks the system, because that takes a call which safe Rust does not have. It counts CPU in hundredths of a second, so that
//! short runs are repeated and counted together.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Repeats "$@" and stops at the first failure.
const REPEAT: &str = "n=$1; shift; while [ \"$n\" -gt 0 ]; do \"$@\" || exit; n=$((n-1)); done";
/// How often a measurement is made; the least disturbed counts.
const ROUNDS: usize = 3;

/// What one run costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Milliseconds.
    pub(crate) wall: f64,
    /// Milliseconds on all cores together, the system's included.
    pub(crate) cpu: f64,
    /// The largest it ever was, in MiB.
    pub(crate) memory: f64,
}

impl Cost {
    /// What both show that it takes: the least time, and the most memory.
    pub(crate) fn least(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), cpu: self.cpu.min(other.cpu), memory: self.memory.max(other.memory) }
    }
}

/// Runs a command that can be repeated `times` times in a row, and that several times.
pub(crate) fn measure(command: &Command, times: usize) -> Result<Cost, String> {
    let mut best: Option<Cost> = None;
    for _ in 0..ROUNDS {
        let cost = run(command, times)?;
        best = Some(best.map_or(cost, |best| best.least(cost)));
    }
    best.ok_or_else(|| "nothing was measured".to_owned())
}

/// Runs a command that leaves other things behind than it found.
pub(crate) fn once(command: &Command) -> Result<Cost, String> {
    run(command, 1)
}

fn run(command: &Command, times: usize) -> Result<Cost, String> {
    let report = tempfile(std::process::id());
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%U %S %M", "-o"]).arg(&report).args(["sh", "-c", REPEAT, "sh", &times.to_string()]);
    timed.arg(command.get_program()).args(command.get_args());
    timed.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    timed.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let start = Instant::now();
    let output = timed.output().map_err(|error| format!("/usr/bin/time (GNU time): {error}"))?;
    let wall = start.elapsed().as_secs_f64() * 1e3;
    if !output.status.success() {
        return Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let text = fs::read_to_string(&report).map_err(|error| format!("{}: {error}", report.display()))?;
    let _ = fs::remove_file(&report);
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let &[user, system, kilobytes] = numbers.as_slice() else { return Err(format!("GNU time said {text:?}")) };
    #[expect(clippy::cast_precision_loss, reason = "a number of runs is small")]
    let times = times as f64;
    Ok(Cost { wall: wall / times, cpu: (user + system) * 1e3 / times, memory: kilobytes / 1024.0 })
}

fn tempfile(number: u32) -> std::path::PathBuf {
    Path::new(&std::env::temp_dir()).join(format!("deskform-bench-{number}.txt"))
}
