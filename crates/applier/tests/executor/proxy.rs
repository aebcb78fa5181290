//! A proxy in front of the sandbox that can spoil single exchanges: what a network does and a well-behaved server does not.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What happens to an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Passed on, answer and all.
    Pass,
    /// Passed on; the answer is lost.
    LoseAnswer,
    /// Only these elements of `duty` are passed on, from the first to before the second; the answer is lost.
    Part(usize, usize),
    /// Passed on with another text in its body; the answer is lost.
    AskAndLose(&'static str, &'static str),
    /// Passed on with another text in its body; the answer comes back.
    Ask(&'static str, &'static str),
    /// Not passed on; the connection breaks.
    LoseRequest,
    /// Answered with this status and a well-formed refusal.
    Refuse(u16),
    /// Answered with 429 and so many seconds to wait.
    Busy(u64),
    /// Passed on after this many milliseconds.
    Delay(u64),
    /// Passed on; the first text in the answer becomes the second, which is as long.
    Rewrite(&'static str, &'static str),
}

/// Requests as `METHOD /path`, head and body, in order of arrival.
type Log = Arc<Mutex<Vec<(String, String, String)>>>;

type Judge = Box<dyn FnMut(&str, &str) -> Fate + Send>;

pub(crate) struct Proxy {
    pub(crate) url: String,
    judge: Arc<Mutex<Judge>>,
    seen: Log,
}

impl Proxy {
    /// Passes everything on to `upstream` until told otherwise.
    pub(crate) async fn start(upstream: &str) -> Self {
        let upstream = upstream.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let judge: Arc<Mutex<Judge>> = Arc::new(Mutex::new(Box::new(|_, _| Fate::Pass)));
        let seen = Log::default();
        let (judges, log) = (Arc::clone(&judge), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, upstream.clone(), Arc::clone(&judges), Arc::clone(&log)));
            }
        });
        Self { url, judge, seen }
    }

    /// Decides about every request from now on, by its request line and body.
    pub(crate) fn judge(&self, judge: impl FnMut(&str, &str) -> Fate + Send + 'static) {
        *self.judge.lock().unwrap() = Box::new(judge);
    }

    /// `METHOD /path` of the requests so far, in order of arrival.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(target, _, _)| target.clone()).collect()
    }

    /// The bodies of the requests to one target so far.
    pub(crate) fn bodies(&self, target: &str) -> Vec<String> {
        self.seen.lock().unwrap().iter().filter(|(other, _, _)| other == target).map(|(_, _, body)| body.clone()).collect()
    }

    /// A header of the requests to one target so far.
    pub(crate) fn headers(&self, target: &str, name: &str) -> Vec<String> {
        let value = |head: &str| {
            let pairs = head.lines().filter_map(|line| line.split_once(": "));
            pairs.into_iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
        };
        self.seen.lock().unwrap().iter().filter(|(other, _, _)| other == target).filter_map(|(_, head, _)| value(head)).collect()
    }

    pub(crate) fn clear(&self) {
        self.seen.lock().unwrap().clear();
    }
}

async fn serve(mut client: TcpStream, upstream: String, judge: Arc<Mutex<Judge>>, log: Log) {
    let mut buffer = Vec::new();
    loop {
        let Some((line, body, raw)) = read_message(&mut client, &mut buffer).await else { return };
        let target = line.rsplit_once(' ').unwrap().0.to_owned();
        let head = String::from_utf8(raw[..raw.len() - body.len()].to_vec()).unwrap();
        log.lock().unwrap().push((target.clone(), head, body.clone()));
        let fate = (judge.lock().unwrap())(&target, &body);
        let answer = match fate {
            Fate::LoseRequest => return,
            Fate::Refuse(status) => {
                let body = format!(r#"{{"status":{status},"code":{status},"message":"scripted","msg":"scripted"}}"#);
                format!("HTTP/1.1 {status} Scripted\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
                    .into_bytes()
            }
            Fate::Busy(seconds) => {
                let body = r#"{"message":"scripted"}"#;
                let head = format!("HTTP/1.1 429 Scripted\r\nRetry-After: {seconds}\r\nContent-Length: {}", body.len());
                format!("{head}\r\n\r\n{body}").into_bytes()
            }
            Fate::Pass | Fate::LoseAnswer | Fate::Part(..) | Fate::Ask(..) | Fate::AskAndLose(..) | Fate::Delay(_) | Fate::Rewrite(..) => {
                if let Fate::Delay(millis) = fate {
                    tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
                }
                let mut server = TcpStream::connect(&upstream).await.unwrap();
                let raw = match fate {
                    Fate::Part(from, to) => part(&raw, &body, from, to),
                    Fate::Ask(from, to) | Fate::AskAndLose(from, to) => with_body(&raw, &body, &body.replace(from, to)),
                    _ => raw,
                };
                server.write_all(&raw).await.unwrap();
                let answer = read_message(&mut server, &mut Vec::new()).await.unwrap().2;
                match fate {
                    Fate::Rewrite(from, to) => String::from_utf8(answer).unwrap().replace(from, to).into_bytes(),
                    _ => answer,
                }
            }
        };
        if matches!(fate, Fate::LoseAnswer | Fate::Part(..) | Fate::AskAndLose(..)) || client.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// The request with some elements of `duty` alone.
fn part(raw: &[u8], body: &str, from: usize, to: usize) -> Vec<u8> {
    let mut json: serde_json::Value = serde_json::from_str(body).unwrap();
    let duty = json["duty"].as_array().unwrap()[from..to].to_vec();
    json["duty"] = duty.into();
    with_body(raw, body, &json.to_string())
}

/// The request with another body.
fn with_body(raw: &[u8], body: &str, other: &str) -> Vec<u8> {
    let head = String::from_utf8(raw[..raw.len() - body.len()].to_vec()).unwrap();
    let lines = head.lines().filter(|line| !line.is_empty() && !line.to_lowercase().starts_with("content-length:"));
    let head: String = lines.map(|line| format!("{line}\r\n")).collect();
    format!("{head}Content-Length: {}\r\n\r\n{other}", other.len()).into_bytes()
}

/// One request or reply: its first line, its body, and its bytes.
async fn read_message(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(String, String, Vec<u8>)> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(|text| text.trim().parse().unwrap()));
            let whole = end + 4 + length.unwrap_or(0usize);
            if buffer.len() >= whole {
                let raw: Vec<u8> = buffer.drain(..whole).collect();
                let body = String::from_utf8(raw[end + 4..].to_vec()).unwrap();
                return Some((head.lines().next().unwrap().to_owned(), body, raw));
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}
