//! A server that answers every request with what it was told: for replies that no platform should ever give.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// Starts a server on a free loopback port that answers each connection with `reply` (status line, headers and body, verbatim) and closes
/// it. It lives as long as the process and serves at most a few hundred requests.
///
/// # Panics
/// When no port can be had.
pub fn serve(reply: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    thread::spawn(move || {
        for stream in listener.incoming().take(500).flatten() {
            thread::spawn(move || answer(stream, reply));
        }
    });
    format!("http://{address}")
}

/// An address on which nobody listens.
///
/// # Panics
/// When no port can be had.
pub fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("a bound address"))
}

fn answer(stream: TcpStream, reply: &str) {
    let Ok(read_half) = stream.try_clone() else { return };
    let mut reader = BufReader::new(read_half);
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    // A client that goes away early is no concern of this server.
    let _ = reader.read_exact(&mut body);
    let mut stream = stream;
    let _ = stream.write_all(reply.as_bytes());
}
