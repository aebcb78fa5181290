//! A server whose every answer is scripted, down to the bytes: what no well-behaved server can be asked for.
#![allow(dead_code)]

use std::sync::{Arc, Mutex};

use deskform_applier::{CallCenterOptions, Client, ClientOptions, HelpdeskOptions, Pace, RetryPolicy};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    /// The value of a query parameter, or of a number in the JSON body.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let target = self.line.split(' ').nth(1).unwrap();
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let from_query = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned));
        from_query.or_else(|| serde_json::from_str::<serde_json::Value>(&self.body).ok()?.get(name).map(ToString::to_string))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// The bytes to answer with; the connection is closed after them when `close` is set.
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) close: bool,
}

pub(crate) fn json(status: &str, body: impl ToString) -> Answer {
    with_headers(status, "Content-Type: application/json\r\n", &body.to_string())
}

pub(crate) fn with_headers(status: &str, headers: &str, body: &str) -> Answer {
    let bytes = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes();
    Answer { bytes, close: false }
}

pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Serves until the runtime ends.
    pub(crate) async fn start(answer: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(answer);
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                tokio::spawn(async move {
                    serve(stream, log, &*answer).await;
                });
            }
        });
        Self { url, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn options(&self) -> ClientOptions {
        options(&self.url)
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.options()).unwrap()
    }
}

/// Both platforms at one URL, without a rate limit, with waits of milliseconds.
pub(crate) fn options(url: &str) -> ClientOptions {
    let pace = Pace { requests_per_second: 0, concurrency: 8 };
    let mut helpdesk = HelpdeskOptions::new(url, "planted-account", "planted-password".into());
    helpdesk.pace = pace;
    let mut call_center = CallCenterOptions::new(url, "planted-token".into(), "acme");
    call_center.pace = pace;
    let retry = RetryPolicy { first_wait: Duration::from_millis(2), ..RetryPolicy::default() };
    ClientOptions { helpdesk: Some(helpdesk), call_center: Some(call_center), retry, ..ClientOptions::default() }
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Vec<Seen>>>, answer: &(impl Fn(&Seen, usize) -> Answer + Send + Sync)) {
    let mut buffer = Vec::new();
    loop {
        let Some(seen) = read_request(&mut stream, &mut buffer).await else { return };
        let number = {
            let mut log = log.lock().unwrap();
            log.push(seen.clone());
            log.len()
        };
        let answer = answer(&seen, number);
        if stream.write_all(&answer.bytes).await.is_err() || answer.close {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Seen> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(|length| length.trim().parse().unwrap()))
                .unwrap_or(0usize);
            if buffer.len() >= end + 4 + length {
                let body = String::from_utf8(buffer[end + 4..end + 4 + length].to_vec()).unwrap();
                buffer.drain(..end + 4 + length);
                return Some(Seen { line: head.lines().next().unwrap().to_owned(), head, body });
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
        // A greeting that is not HTTP (TLS) gets a reply in the clear, as from a server that knows no TLS.
        if buffer.first().is_some_and(|byte| !byte.is_ascii_uppercase()) {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await.ok()?;
            return None;
        }
    }
}
