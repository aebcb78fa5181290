//! Every request seen, in order of arrival, for assertions.
//!
//! Kept in memory and bounded: the oldest entries are dropped first. Headers that carry credentials are never recorded.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::envelope::json_response;

/// How many requests are remembered.
const CAPACITY: usize = 20_000;

/// The longest body that is read, in bytes.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Headers that are not recorded.
const SECRET_HEADERS: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "token"];

/// One request as the server saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// `GET`, `POST`, ...
    pub method: String,
    /// Path and query, encoded as sent: `/api/v1/supports.json?page=2`.
    pub path: String,
    /// Names in lower case and values, in the order sent, without those that carry credentials.
    pub headers: Vec<(String, String)>,
    /// The body; empty when there was none. Bytes that are not UTF-8 are replaced.
    pub body: String,
    /// The HTTP status answered; absent while there is none, or when the connection broke before.
    pub status: Option<u16>,
}

/// The requests seen by one server.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    kept: VecDeque<JournalEntry>,
    dropped: usize,
}

impl Journal {
    pub(crate) fn entries(&self) -> Vec<JournalEntry> {
        self.lock().kept.iter().cloned().collect()
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
        entries.kept.push_back(entry);
        entries.dropped + entries.kept.len() - 1
    }

    fn answered(&self, number: usize, status: StatusCode) {
        let mut entries = self.lock();
        let index = number.checked_sub(entries.dropped);
        if let Some(entry) = index.and_then(|index| entries.kept.get_mut(index)) {
            entry.status = Some(status.as_u16());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records each request when its body has arrived, and the status when it is answered.
pub(crate) async fn record(State(journal): State<Arc<Journal>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        let refusal = r#"{"status":413,"message":"the body is too long or was cut off"}"#;
        return json_response(StatusCode::PAYLOAD_TOO_LARGE, refusal.to_owned());
    };
    let number = journal.arrived(JournalEntry {
        method: parts.method.to_string(),
        path: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
        headers: without_credentials(&parts.headers),
        body: String::from_utf8_lossy(&body).into_owned(),
        status: None,
    });
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    journal.answered(number, response.status());
    response
}

fn without_credentials(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| !SECRET_HEADERS.contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str) -> JournalEntry {
        JournalEntry { method: "GET".to_owned(), path: path.to_owned(), headers: Vec::new(), body: String::new(), status: None }
    }

    #[test]
    fn the_oldest_entries_are_dropped_first_and_late_answers_find_their_entry() {
        let journal = Journal::default();
        let first = journal.arrived(entry("/first"));
        let second = journal.arrived(entry("/second"));
        for _ in 0..CAPACITY - 1 {
            journal.arrived(entry("/more"));
        }
        journal.answered(first, StatusCode::OK);
        journal.answered(second, StatusCode::NOT_FOUND);
        let entries = journal.entries();
        assert_eq!(entries.len(), CAPACITY);
        assert_eq!((entries[0].path.as_str(), entries[0].status), ("/second", Some(404)));
        assert!(entries[1..].iter().all(|entry| entry.status.is_none()));
    }
}
