//! An S3-compatible server for tests of shared ledgers: moto, from PyPI, in `target/s3` (CONTRIBUTING.md says how it gets there). Its
//! conditional writes are atomic, which is what a lock needs.
//!
//! Where it is not installed, tests say so and pass; with `DESKFORM_REQUIRE_S3=1`, as in CI, they fail.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Serves until its stdin is closed, so that it never outlives the tests, and says which port it has got.
const SERVE: &str = "
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
";

/// A running server; ends with the value.
#[derive(Debug)]
pub struct S3 {
    child: Child,
    stdin: Option<ChildStdin>,
    address: String,
}

impl S3 {
    /// The server that all tests of a process share, started by the first that needs it; `None`, with a line on stderr, where it is not
    /// installed.
    ///
    /// # Panics
    /// When it is required and not installed, or does not start.
    pub fn shared() -> Option<Arc<Self>> {
        static SERVER: Mutex<Weak<S3>> = Mutex::new(Weak::new());
        let mut shared = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/s3/bin/python");
        if !python.exists() {
            let required = std::env::var_os("DESKFORM_REQUIRE_S3").is_some_and(|value| !value.is_empty());
            assert!(!required, "the S3 test server is required and not installed; see CONTRIBUTING.md");
            eprintln!("skipped: the S3 test server is not installed; see CONTRIBUTING.md");
            return None;
        }
        let server = Arc::new(Self::start(&python));
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    fn start(python: &Path) -> Self {
        let mut child = Command::new(python)
            .args(["-c", SERVE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", python.display()));
        let stdin = child.stdin.take();
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout is piped")).read_line(&mut line).expect("the server says its port");
        let port: u16 = line.trim().parse().expect("the server says its port");
        Self { child, stdin, address: format!("127.0.0.1:{port}") }
    }

    /// Makes an empty bucket.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn make_bucket(&self, name: &str) {
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        let request = format!("PUT /{name} HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers");
        assert!(answer.split(' ').nth(1) == Some("200"), "{answer}");
    }

    /// The variables that lead a program to this server.
    pub fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT", format!("http://{}", self.address)),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "planted-bucket-secret".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
        ]
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
