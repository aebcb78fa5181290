//! A `deskform sandbox` in a process of its own, so that its work counts for nobody, with a journal of what it was asked.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value as Json;

/// The time of program and platform: the day before the month that a centre schedules.
pub(crate) const NOW: &str = "2026-11-30T12:00:00+08:00";
/// What the sandbox takes, and [`SETTINGS`] name.
pub(crate) const CREDENTIALS: [(&str, &str); 3] =
    [("DESK_ACCOUNT", "admin"), ("DESK_PASSWORD", "admin-pass"), ("DESK_TOKEN", "test-token")];
/// The platforms' part of the project file: as fast as they can. The addresses come with the command.
pub(crate) const SETTINGS: &str = "  helpdesk:
    url: http://127.0.0.1:9
    auth: {basic: {account: {env: DESK_ACCOUNT}, password: {env: DESK_PASSWORD}}}
    requestsPerSecond: 0
  callCenter: {url: http://127.0.0.1:9, token: {env: DESK_TOKEN}, abbreviate: demo}
";

/// Both platforms; ended when the value goes.
pub(crate) struct Platform {
    child: Child,
    journal: PathBuf,
    /// Where they are.
    pub(crate) url: String,
}

impl Platform {
    /// Starts them empty, their data below `folder`.
    pub(crate) fn start(deskform: &Path, folder: &Path) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let journal = folder.join("journal.jsonl");
        let mut command = Command::new(deskform);
        command.args(["sandbox", "--listen", "127.0.0.1:0", "--now", NOW, "--data"]).arg(folder.join("data.db"));
        command.arg("--journal").arg(&journal).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", deskform.display()))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let said: Json = serde_json::from_str(&line).map_err(|error| format!("the sandbox said {line:?}: {error}"))?;
        let url = said["helpdesk"].as_str().ok_or("the sandbox gave no address")?.to_owned();
        Ok(Self { child, journal, url })
    }

    /// How much the journal holds now, in bytes.
    pub(crate) fn mark(&self) -> Result<usize, String> {
        let size = fs::metadata(&self.journal).map_err(|error| format!("{}: {error}", self.journal.display()))?.len();
        usize::try_from(size).map_err(|error| error.to_string())
    }

    /// Method, path and body of what was asked since then, a line each, in the order of the answers.
    pub(crate) fn requests_since(&self, mark: usize) -> Result<String, String> {
        let journal = fs::read_to_string(&self.journal).map_err(|error| format!("{}: {error}", self.journal.display()))?;
        let mut requests = String::new();
        for line in journal[mark..].lines() {
            let entry: Json = serde_json::from_str(line).map_err(|error| format!("journal: {error}"))?;
            let word = |name: &str| entry[name].as_str().unwrap_or_default();
            let body = if entry["body"].is_null() { String::new() } else { entry["body"].to_string() };
            let _ = writeln!(requests, "{} {} {body}", word("method"), word("path"));
        }
        Ok(requests)
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
