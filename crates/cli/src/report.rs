//! `--report FILE`: one JSON document about a run, whatever becomes of it.
//!
//! ```text
//! {"formatVersion": 1, "command", "status": "done"|"failed"|"invalid"|"refused"|"incomplete"|"stale"|"usage"|"interrupted"|"panicked"|
//!  "unfinished", "exit": code or null, "error"?, "hints"?: [..], "run": null | see view/apply_json.rs}
//! ```
//!
//! It is written when the run begins, so that a file that cannot be written is noticed before anything is sent, and so that a killed
//! run leaves one that says `unfinished`; and once more when the run ends, a panic included. A pipe or a device, in which nothing can be
//! written over, gets the end alone. It holds no secrets, because nothing that it is made from does.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::args::Global;
use crate::error::{CliError, ErrorKind, Trouble, causes};
use crate::exit::Exit;
use crate::mask::{Masked, Personal};
use crate::settings::under;
use crate::ui::Ui;
use crate::view::talk;

/// A report in the making. Dropped before its end, it says that the run did not end, or that it panicked.
#[derive(Debug)]
pub struct Report {
    path: Option<PathBuf>,
    /// What is no regular file, opened once: whoever reads a pipe reads one document.
    stream: Option<File>,
    command: &'static str,
    /// Plan and outcome, as JSON text.
    run: Option<Vec<u8>>,
    /// What is masked.
    masks: Option<Personal>,
}

impl Report {
    /// Begins the report of a command in the file at `path`, if one is wanted.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin(global: &Global, path: Option<&Path>, command: &'static str) -> Result<Self, CliError> {
        let path = path.map(|path| under(&global.chdir, path));
        let mut report = Self { path, stream: None, command, run: None, masks: global.masks() };
        if let Some(path) = &report.path {
            let failed = |source| Trouble::Write { path: path.clone(), source };
            if path.metadata().is_ok_and(|there| !there.is_file() && !there.is_dir()) {
                report.stream = Some(OpenOptions::new().write(true).open(path).map_err(failed)?);
            } else {
                report.write(path, &json!({ "status": "unfinished", "exit": null })).map_err(failed)?;
            }
        }
        Ok(report)
    }

    /// Takes in what `write` writes about plan and outcome.
    pub fn run(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if self.path.is_some() {
            let mut run = Vec::new();
            // Memory takes everything.
            self.run = write(&mut run).is_ok().then_some(run);
        }
    }

    /// Writes how the run ended and hands its result on.
    ///
    /// # Errors
    /// Those of the run.
    pub fn end(mut self, result: Result<Exit, CliError>, ui: &mut Ui) -> Result<Exit, CliError> {
        let Some(path) = self.path.take() else { return result };
        let end = match &result {
            Ok(exit) => json!({ "status": "done", "exit": exit.code() }),
            Err(error) => json!({
                "status": status(error.kind),
                "exit": error.kind.exit().code(),
                "error": causes(&*error.source),
                "hints": error.hints,
            }),
        };
        if let Err(error) = self.write(&path, &end) {
            ui.warn(&talk::no_report(&path, &error));
        }
        result
    }

    fn write(&self, path: &Path, end: &Json) -> io::Result<()> {
        let mut out = BufWriter::new(match &self.stream {
            Some(stream) => stream.try_clone()?,
            None => File::create(path)?,
        });
        match &self.masks {
            Some(personal) => {
                let mut masked = Masked::new(&mut out, personal.mask());
                self.write_to(&mut masked, end)?;
                masked.finish()?;
            }
            None => self.write_to(&mut out, end)?,
        }
        out.flush()
    }

    fn write_to(&self, out: &mut dyn Write, end: &Json) -> io::Result<()> {
        writeln!(out, "{{\"formatVersion\":1,\n\"command\":{},", json!(self.command))?;
        for (name, value) in end.as_object().into_iter().flatten() {
            writeln!(out, "{}:{value},", json!(name))?;
        }
        write!(out, "\"run\":")?;
        out.write_all(self.run.as_deref().unwrap_or(b"null"))?;
        writeln!(out, "}}")
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if let Some(path) = self.path.take()
            && std::thread::panicking()
        {
            // The panic is told elsewhere, and its message may hold a value, which may be a secret.
            let _ = self.write(&path, &json!({ "status": "panicked", "exit": Exit::Bug.code() }));
        }
    }
}

fn status(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Failed => "failed",
        ErrorKind::Invalid => "invalid",
        ErrorKind::Refused => "refused",
        ErrorKind::Incomplete => "incomplete",
        ErrorKind::Stale => "stale",
        ErrorKind::Usage => "usage",
        ErrorKind::Interrupted => "interrupted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Loudness;

    fn read(path: &Path) -> Json {
        serde_json::from_str(&std::fs::read_to_string(path).expect("it was written")).expect("json")
    }

    fn in_folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        (folder, path)
    }

    #[test]
    fn a_run_that_is_killed_leaves_an_unfinished_report() {
        let (_folder, path) = in_folder();
        let _report = Report::begin(&Global::default(), Some(&path), "apply").expect("writable");
        assert_eq!((read(&path)["status"].as_str(), &read(&path)["exit"]), (Some("unfinished"), &Json::Null));
    }

    #[test]
    fn a_panic_is_reported_with_what_was_known_before() {
        let (_folder, path) = in_folder();
        let mut report = Report::begin(&Global::default(), Some(&path), "apply").expect("writable");
        report.run(|out| write!(out, "{{\"known\":true}}"));
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _report = report;
            panic!("planted-secret");
        }));
        assert!(caught.is_err());
        let json = read(&path);
        assert_eq!(
            (json["status"].as_str(), json["exit"].as_u64(), json["run"]["known"].as_bool()),
            (Some("panicked"), Some(70), Some(true))
        );
        assert!(!json.to_string().contains("planted"));
    }

    #[test]
    fn a_failure_is_reported_with_its_causes_and_its_exit_code() {
        let (_folder, path) = in_folder();
        let mut ui = Ui::to_writers(Vec::new(), Vec::new(), Loudness::Quiet);
        let report = Report::begin(&Global::default(), Some(&path), "apply").expect("writable");
        let error = CliError::new(ErrorKind::Incomplete, io::Error::other("1 failed")).hint("try again");
        assert!(report.end(Err(error), &mut ui).is_err());
        let json = read(&path);
        assert_eq!((json["status"].as_str(), json["exit"].as_u64()), (Some("incomplete"), Some(5)));
        assert_eq!((&json["error"], &json["hints"]), (&json!(["1 failed"]), &json!(["try again"])));
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_gets_one_document_when_the_run_has_ended() {
        use std::os::fd::AsRawFd as _;
        let (mut reader, writer) = io::pipe().expect("a pipe");
        let path = format!("/dev/fd/{}", writer.as_raw_fd());
        let report = Report::begin(&Global::default(), Some(Path::new(&path)), "apply").expect("writable");
        let mut ui = Ui::to_writers(Vec::new(), Vec::new(), Loudness::Quiet);
        assert!(report.end(Ok(Exit::Done), &mut ui).is_ok());
        drop(writer);
        let json: Json = serde_json::from_str(&io::read_to_string(&mut reader).expect("text")).expect("one document");
        assert_eq!(json["status"], "done");
    }

    #[test]
    fn a_report_that_cannot_be_written_stops_the_run_before_it_begins() {
        let (folder, _) = in_folder();
        assert!(Report::begin(&Global::default(), Some(&folder.path().join("missing/report.json")), "apply").is_err());
        assert!(Report::begin(&Global::default(), None, "apply").is_ok());
    }
}
