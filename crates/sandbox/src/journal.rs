//! Every request seen, in order of arrival: in memory for assertions, and in a file for people and programs.
//!
//! The memory is bounded: the oldest entries are dropped first. Headers that carry credentials are recorded nowhere; bodies are kept in
//! memory as they came, and go to the file without passwords.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::envelope::json_response;
use crate::fault::NoAnswer;

/// How many requests are remembered.
const CAPACITY: usize = 20_000;

/// The longest body that is read, in bytes.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Headers that are not recorded.
const SECRET_HEADERS: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "token"];

/// One request as the server saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// When it had arrived whole, by the machine's clock.
    pub at: Timestamp,
    /// `GET`, `POST`, ...
    pub method: String,
    /// Path and query, encoded as sent: `/api/v1/supports.json?page=2`.
    pub path: String,
    /// The name of the endpoint, as in [`crate::Endpoint::name`]; absent when there is none at this path.
    pub endpoint: Option<&'static str>,
    /// Names in lower case and values, in the order sent, without those that carry credentials.
    pub headers: Vec<(String, String)>,
    /// The body; empty when there was none. Bytes that are not UTF-8 are replaced.
    pub body: String,
    /// The HTTP status answered; absent while there is none, or when the connection broke before.
    pub status: Option<u16>,
    /// The scripted faults that it met.
    pub fault: Option<String>,
}

/// The requests seen by one server.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: Mutex<Entries>,
    file: Option<Mutex<File>>,
}

#[derive(Debug, Default)]
struct Entries {
    kept: VecDeque<Kept>,
    dropped: usize,
}

#[derive(Debug)]
struct Kept {
    entry: JournalEntry,
    /// Whether the file has it.
    written: bool,
}

/// The place of one request in the journal; handlers find it in the extensions of their request.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    journal: Arc<Journal>,
    number: usize,
}

/// Writes the line of a request when it ends, however it ends: a client may go away while it waits.
struct Open(Entry);

impl Journal {
    /// A journal that appends to this file as well.
    pub(crate) fn with_file(path: &Path) -> std::io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Self { entries: Mutex::default(), file: Some(Mutex::new(file)) })
    }

    pub(crate) fn entries(&self) -> Vec<JournalEntry> {
        self.lock().kept.iter().map(|kept| kept.entry.clone()).collect()
    }

    pub(crate) fn clear(&self) {
        let mut entries = self.lock();
        entries.dropped += entries.kept.len();
        entries.kept.clear();
    }

    fn arrived(&self, entry: JournalEntry) -> usize {
        let mut entries = self.lock();
        if entries.kept.len() == CAPACITY {
            entries.kept.pop_front();
            entries.dropped += 1;
        }
        entries.kept.push_back(Kept { entry, written: false });
        entries.dropped + entries.kept.len() - 1
    }

    fn change(&self, number: usize, change: impl FnOnce(&mut Kept)) {
        let mut entries = self.lock();
        let index = number.checked_sub(entries.dropped);
        if let Some(kept) = index.and_then(|index| entries.kept.get_mut(index)) {
            change(kept);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// The request is one of this endpoint.
    pub(crate) fn belongs_to(&self, endpoint: &'static str) {
        self.journal.change(self.number, |kept| kept.entry.endpoint = Some(endpoint));
    }

    /// The request meets these faults.
    pub(crate) fn suffers(&self, faults: String) {
        self.journal.change(self.number, |kept| kept.entry.fault = Some(faults));
    }

    /// The request gets no answer: its line is written now, for whoever waits for that.
    pub(crate) fn hangs(&self) {
        self.write();
    }

    fn write(&self) {
        let Some(file) = &self.journal.file else { return };
        let mut line = None;
        self.journal.change(self.number, |kept| {
            if !std::mem::replace(&mut kept.written, true) {
                line = Some(format!("{}\n", written(&kept.entry)));
            }
        });
        if let Some(line) = line {
            // One call is one line, also beside other writers. A journal that cannot be written is no reason to serve nobody.
            let _ = file.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.write();
    }
}

/// Records each request when its body has arrived, and the status when it is answered.
pub(crate) async fn record(State(journal): State<Arc<Journal>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        let refusal = r#"{"status":413,"message":"the body is too long or was cut off"}"#;
        return json_response(axum::http::StatusCode::PAYLOAD_TOO_LARGE, refusal.to_owned());
    };
    let number = journal.arrived(JournalEntry {
        at: Timestamp::now(),
        method: parts.method.to_string(),
        path: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
        endpoint: None,
        headers: without_credentials(&parts.headers),
        body: String::from_utf8_lossy(&body).into_owned(),
        status: None,
        fault: None,
    });
    let open = Open(Entry { journal, number });
    parts.extensions.insert(open.0.clone());
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if response.extensions().get::<NoAnswer>().is_none() {
        open.0.journal.change(number, |kept| kept.entry.status = Some(response.status().as_u16()));
    }
    response
}

fn without_credentials(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| !SECRET_HEADERS.contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

/// The line of the file.
fn written(entry: &JournalEntry) -> Value {
    let body = match serde_json::from_str(&entry.body) {
        _ if entry.body.is_empty() => Value::Null,
        Ok(mut body) => {
            hide_passwords(&mut body);
            body
        }
        // What cannot be read cannot be searched for secrets either.
        Err(_) => json!(format!("(not JSON, {} bytes)", entry.body.len())),
    };
    json!({
        "at": entry.at.to_string(),
        "method": entry.method,
        "path": entry.path,
        "endpoint": entry.endpoint,
        "body": body,
        "status": entry.status,
        "fault": entry.fault,
    })
}

fn hide_passwords(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                if name.to_ascii_lowercase().contains("password") {
                    *value = json!("(secret)");
                } else {
                    hide_passwords(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide_passwords),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str) -> JournalEntry {
        JournalEntry {
            at: Timestamp::UNIX_EPOCH,
            method: "GET".to_owned(),
            path: path.to_owned(),
            endpoint: None,
            headers: Vec::new(),
            body: String::new(),
            status: None,
            fault: None,
        }
    }

    #[test]
    fn the_oldest_entries_are_dropped_first_and_late_answers_find_their_entry() {
        let journal = Journal::default();
        let first = journal.arrived(entry("/first"));
        let second = journal.arrived(entry("/second"));
        for _ in 0..CAPACITY - 1 {
            journal.arrived(entry("/more"));
        }
        journal.change(first, |kept| kept.entry.status = Some(200));
        journal.change(second, |kept| kept.entry.status = Some(404));
        let entries = journal.entries();
        assert_eq!(entries.len(), CAPACITY);
        assert_eq!((entries[0].path.as_str(), entries[0].status), ("/second", Some(404)));
        assert!(entries[1..].iter().all(|entry| entry.status.is_none()));
    }

    #[test]
    fn a_line_holds_no_password_however_deep() {
        let body = r#"{"operatorId":"8001","password":"planted","more":[{"sipPassword":"planted"}]}"#;
        let line = written(&JournalEntry { body: body.to_owned(), ..entry("/x") }).to_string();
        assert!(line.contains("8001") && !line.contains("planted"), "{line}");
        let line = written(&JournalEntry { body: "password=planted".to_owned(), ..entry("/x") }).to_string();
        assert!(line.contains("(not JSON, 16 bytes)") && !line.contains("planted"), "{line}");
    }
}
