//! `cargo xtask bench`: what whole runs of the program cost beside the least that anybody would have to do.
//!
//! For each size a centre is generated, applied to a `deskform sandbox` of its own process on loopback, and planned: nothing changed, one
//! person in a hundred changed, from empty. The floor is measured in the same run by a program that does nothing else than reading and
//! parsing the same files and sending the same requests (see [`floor`]). Ratios to it are what the budgets of the design speak of; times
//! depend on the machine and on what else it does.

pub(crate) mod floor;
mod measure;
mod platform;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use deskform_testkit::centre::Centre;

use self::measure::{Cost, measure, once};
use self::platform::{CREDENTIALS, NOW, Platform};
use self::table::{Budget, Row, Table};

/// The sizes that are measured; `--large` adds the last.
const SIZES: [usize; 3] = [100, 1_000, 10_000];

/// One run of the program in milliseconds of wall time; the design's budgets for starting.
const STARTS: [(&str, &[&str], f64); 2] = [("--version", &["--version"], 10.0), ("--help", &["--help"], 10.0)];
/// The same for `validate` of the example, which is a repository of about ten files.
const SMALL_VALIDATE: f64 = 20.0;

/// The programs that are measured, as they are released.
pub(crate) struct Programs {
    /// The program.
    pub(crate) deskform: PathBuf,
    /// This program, which holds the floor.
    pub(crate) xtask: PathBuf,
}

/// Runs everything and returns the tables.
pub(crate) fn run(large: bool) -> Result<String, String> {
    let programs = build(&["deskform-cli", "deskform-xtask"])?;
    let folder = programs.xtask.with_file_name("bench");
    let _ = fs::remove_dir_all(&folder);
    let mut table = Table::default();
    start_up(&programs, &mut table)?;
    for people in &SIZES[..if large { SIZES.len() } else { SIZES.len() - 1 }] {
        Bench::new(&programs, &folder, *people)?.run(&mut table)?;
    }
    Ok(table.to_string())
}

/// Builds these packages as they are released.
pub(crate) fn build(packages: &[&str]) -> Result<Programs, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release"]).args(packages.iter().flat_map(|package| ["--package", package])).current_dir(crate::repository());
    let built = command.status().map_err(|error| format!("cargo: {error}"))?;
    if !built.success() {
        return Err("the release build failed".to_owned());
    }
    // This program is in the folder of another profile beside it.
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let target = here.parent().and_then(Path::parent).ok_or("this program is in no target folder")?.join("release");
    Ok(Programs { deskform: target.join("deskform"), xtask: target.join("deskform-xtask") })
}

/// How long the program takes to begin.
fn start_up(programs: &Programs, table: &mut Table) -> Result<(), String> {
    for (name, arguments, limit) in STARTS {
        let mut command = Command::new(&programs.deskform);
        command.args(arguments);
        table.start_up(name, measure(&command, 20)?, limit);
    }
    let mut command = Command::new(&programs.deskform);
    command.args(["validate", "--chdir"]).arg(crate::repository().join("examples/service-desk"));
    table.start_up("validate of the example", measure(&command, 20)?, SMALL_VALIDATE);
    Ok(())
}

/// Writes the project, to be used with [`Platform`], and its manifests.
fn write(project: &Path, centre: &Centre) -> Result<(), String> {
    let with_platforms = centre.project().replacen("  helpdesk: {requestsPerSecond: 0}\n", platform::SETTINGS, 1);
    let mut files = centre.files();
    files.push(("deskform.yaml".to_owned(), with_platforms));
    for (name, text) in files {
        write_file(&project.join(name), &text)?;
    }
    Ok(())
}

fn write_file(path: &Path, text: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    fs::write(path, text).map_err(failed)
}

/// The runs of one size.
struct Bench<'a> {
    programs: &'a Programs,
    folder: PathBuf,
    project: PathBuf,
    centre: Centre,
    /// How often a run that changes nothing is repeated, so that short ones are seen at all.
    times: usize,
}

impl<'a> Bench<'a> {
    fn new(programs: &'a Programs, folder: &Path, people: usize) -> Result<Self, String> {
        let folder = folder.join(people.to_string());
        let project = folder.join("project");
        let centre = Centre::new(people);
        write(&project, &centre)?;
        Ok(Self { programs, folder, project, centre, times: (5_000 / people).clamp(1, 20) })
    }

    fn run(&self, table: &mut Table) -> Result<(), String> {
        let validate = measure(&self.deskform(&["validate"], None), self.times)?;
        let parsing = measure(&self.floor(&["parse"]), self.times)?;
        self.row(table, "validate", validate, parsing, Budget { cpu: Some(1.5), wall: Some(1.0), memory: None });

        let real = Platform::start(&self.programs.deskform, &self.folder.join("real"))?;
        self.plan(table, "plan from empty", &real)?;
        drop(real);
        let real = self.apply(table)?;

        self.plan(table, "plan, nothing changed", &real)?;
        self.change_one_in_a_hundred()?;
        self.plan(table, "plan, 1 % changed", &real)
    }

    /// Applies from empty and sends the same requests, several times in turn, each time to new platforms; the least disturbed run counts.
    /// Returns the platforms that were applied to last.
    fn apply(&self, table: &mut Table) -> Result<Platform, String> {
        let rounds = (5_000 / self.centre.people).clamp(3, 5);
        let mut best: Option<(Cost, Cost)> = None;
        let mut round = 1;
        loop {
            let real = Platform::start(&self.programs.deskform, &self.folder.join(format!("real-{round}")))?;
            let _ = fs::remove_dir_all(self.project.join(".deskform"));
            let apply = once(&self.deskform(&["apply", "--auto-approve", "--new-ledger"], Some(&real)))?;
            let requests = self.requests(&real, 0)?;
            let fresh = Platform::start(&self.programs.deskform, &self.folder.join(format!("fresh-{round}")))?;
            let least = once(&self.sending(&fresh, &requests))?;
            let (apply, least) = best.map_or((apply, least), |best| (best.0.least(apply), best.1.least(least)));
            best = Some((apply, least));
            if round == rounds {
                self.row(table, "apply from empty", apply, least, Budget { cpu: None, wall: Some(1.2), memory: None });
                return Ok(real);
            }
            round += 1;
        }
    }

    fn row(&self, table: &mut Table, operation: &'static str, cost: Cost, floor: Cost, budget: Budget) {
        // The budgets speak of large centres; of a small one the program's own start is the larger part.
        let budget = if self.centre.people < 1_000 { Budget::default() } else { budget };
        table.rows.push(Row { people: self.centre.people, resources: self.centre.resources(), operation, cost, floor, budget });
    }

    fn plan(&self, table: &mut Table, operation: &'static str, platform: &Platform) -> Result<(), String> {
        let command = self.deskform(&["plan"], Some(platform));
        // The first run tells which requests there are, and warms the platform.
        let before = platform.mark()?;
        once(&command)?;
        let requests = self.requests(platform, before)?;
        let cost = measure(&command, self.times)?;
        let floor = measure(&self.sending(platform, &requests), self.times)?;
        let memory = (self.centre.people / 1_000).checked_sub(1).map(|more| if more == 0 { 100.0 } else { 800.0 });
        let cpu = (operation == "plan, nothing changed").then_some(1.5);
        self.row(table, operation, cost, floor, Budget { cpu, wall: None, memory });
        Ok(())
    }

    /// A run of the program in the project, with these platforms where it needs any.
    fn deskform(&self, arguments: &[&str], platform: Option<&Platform>) -> Command {
        let mut command = Command::new(&self.programs.deskform);
        command.args(arguments).args(["--now", NOW, "--chdir"]).arg(&self.project).envs(CREDENTIALS);
        if let Some(platform) = platform {
            command.args(["--helpdesk-url", &platform.url, "--call-center-url", &platform.url]);
        }
        command
    }

    /// A run of the floor over the same files.
    fn floor(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.programs.xtask);
        command.arg("floor").args(arguments).arg(&self.project);
        command
    }

    fn sending(&self, platform: &Platform, requests: &Path) -> Command {
        let mut command = self.floor(&["send"]);
        command.arg(&platform.url).arg(requests);
        command
    }

    /// What the platforms were asked since the mark, as the floor reads it.
    fn requests(&self, platform: &Platform, mark: usize) -> Result<PathBuf, String> {
        let path = self.folder.join("requests.txt");
        write_file(&path, &platform.requests_since(mark)?)?;
        Ok(path)
    }

    /// Gives one person in a hundred another e-mail address.
    fn change_one_in_a_hundred(&self) -> Result<(), String> {
        for (name, text) in self.centre.files() {
            let changed = (0..self.centre.people).step_by(100).fold(text.clone(), |text, at| {
                let address = format!("staff-{at:05}@example.");
                if text.contains(&address) { text.replace(&format!("{address}com"), &format!("{address}org")) } else { text }
            });
            if changed != text {
                write_file(&self.project.join(name), &changed)?;
            }
        }
        Ok(())
    }
}
