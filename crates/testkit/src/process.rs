//! The program as a process of its own: a sandbox server that ends with the value, and runs whose end a test waits for.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::project::Project;

/// What a run of the program said, and how it ended.
#[derive(Clone, Debug)]
pub struct Said {
    /// The data.
    pub stdout: String,
    /// The talk.
    pub stderr: String,
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
}

/// `deskform sandbox`, ended when the value goes.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where both platforms are.
    pub url: String,
}

/// The credentials that the project of `tests/desk` reads, as the sandbox wants them.
pub const CREDENTIALS: [(&str, &str); 4] =
    [("DESK_ACCOUNT", "admin"), ("DESK_PASSWORD", "admin-pass"), ("DESK_TOKEN", "test-token"), ("SEAT_8001", "planted-seat-secret")];

impl Server {
    /// Starts the server on a free port, its data in the project.
    ///
    /// # Panics
    /// When it does not say where it is.
    pub fn start(binary: &Path, project: &Project) -> Self {
        Self::start_with(binary, project, &[])
    }

    /// The same with more flags.
    ///
    /// # Panics
    /// When it does not say where it is.
    pub fn start_with(binary: &Path, project: &Project, flags: &[&str]) -> Self {
        let mut child = Command::new(binary)
            .args(["sandbox", "--listen", "127.0.0.1:0", "--data"])
            .arg(project.file("server.db"))
            .args(flags)
            .current_dir(project.path())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
        let mut line = String::new();
        let stdout = child.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut line).expect("the server says where it is");
        let url = line.split('"').find(|part| part.starts_with("http://")).expect("an address").to_owned();
        Self { child, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program with the credentials of `tests/desk` and an otherwise empty environment.
pub fn command(binary: &Path, project: &Project, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command.args(arguments).current_dir(project.path()).env_clear().envs(CREDENTIALS).stdin(Stdio::null());
    command
}

/// Runs the program to its end.
///
/// # Panics
/// When it cannot be started.
pub fn run(mut command: Command) -> Said {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { stdout: text(&output.stdout), stderr: text(&output.stderr), code: output.status.code() }
}

/// A run that a test does something to while it goes on.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: ChildStdout,
    stderr: BufReader<std::process::ChildStderr>,
    heard: String,
}

impl Running {
    /// Starts it.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(mut command: Command) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = BufReader::new(child.stderr.take().expect("stderr is piped"));
        Self { child, stdout, stderr, heard: String::new() }
    }

    /// Waits until a line on stderr holds the text.
    ///
    /// # Panics
    /// When the program ends before it says so.
    pub fn wait_for(&mut self, text: &str) {
        loop {
            let mut line = String::new();
            let read = self.stderr.read_line(&mut line).expect("stderr is readable");
            assert!(read > 0, "it ended without saying {text:?}; it said:\n{}", self.heard);
            self.heard.push_str(&line);
            if line.contains(text) {
                return;
            }
        }
    }

    /// Sends a signal by name (`INT`, `TERM`, `KILL`).
    ///
    /// # Panics
    /// When the signal cannot be sent.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().expect("kill can be run");
        assert!(status.success(), "the signal {name} was not sent");
    }

    /// Whether it has ended by itself.
    ///
    /// # Panics
    /// When the system does not say.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("it is our child").is_some()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When its output cannot be read.
    pub fn finish(mut self) -> Said {
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).expect("stdout is text");
        self.stderr.read_to_string(&mut self.heard).expect("stderr is text");
        let code = self.child.wait().expect("it can be waited for").code();
        Said { stdout, stderr: self.heard, code }
    }
}
