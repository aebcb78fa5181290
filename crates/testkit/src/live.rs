//! What both platforms hold, read over their APIs by a client that shares nothing with the program: for comparing two centres.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Map, Value, json};

/// `admin:admin-pass`, as HTTP Basic wants it.
const BASIC: &str = "YWRtaW46YWRtaW4tcGFzcw==";

/// Fields that the platforms give, and that differ between two equal centres.
const GIVEN: [&str; 9] = ["sId", "createDT", "updateDT", "id", "ctime", "utime", "sipid", "sipPassword", "maingroupid"];

/// Every person, duty and seat of the sandbox at `url`, one a line, sorted; people by their account and without what the platform gave
/// them, so that equal centres read the same and a double is a double line.
///
/// # Panics
/// When the sandbox does not answer, or not as documented.
pub fn everything(url: &str) -> String {
    let mut lines = Vec::new();
    let mut accounts = Map::new();
    for support in pages(|page| get(url, &format!("/api/v1/supports.json?page={page}"), "/supports")) {
        let id = support["sId"].to_string();
        let detail = call(url, "GET", &format!("/api/v1/supports/{id}.json"), None);
        lines.push(line("support", &detail["support"]));
        accounts.insert(id, support["sPassportName"].clone());
    }
    for day in get(url, "/api/v1/schedules.json", "/data/duty") {
        let account = &accounts[day["sid"].as_str().expect("sid is a string")];
        for duty in day["schedules"][0].as_array().expect("schedules are nested twice") {
            let text = |name: &str| duty[name].as_str().expect("a string").to_owned();
            lines.push(format!(
                "duty {} {account} {}-{} {} {}",
                day["date"],
                text("start_time"),
                text("end_time"),
                text("name"),
                text("remark")
            ));
        }
    }
    lines.extend(seats(url).iter().map(|seat| line("seat", seat)));
    lines.sort();
    lines.join("\n")
}

/// The passwords of all SIP numbers, which nobody but the platform may tell.
///
/// # Panics
/// When the sandbox does not answer, or not as documented.
pub fn sip_passwords(url: &str) -> Vec<String> {
    seats(url).iter().filter_map(|seat| seat["sipPassword"].as_str().map(str::to_owned)).collect()
}

fn seats(url: &str) -> Vec<Value> {
    pages(|page| {
        let body = json!({"abbreviate": "demo", "pageNumber": page, "pageSize": 100});
        rows(&call(url, "POST", "/api/v1/config/openapi/agent/page", Some(&body)), "/data/result")
    })
}

fn pages(page: impl Fn(usize) -> Vec<Value>) -> Vec<Value> {
    (1..).map(page).take_while(|rows| !rows.is_empty()).flatten().collect()
}

fn get(url: &str, path: &str, pointer: &str) -> Vec<Value> {
    rows(&call(url, "GET", path, None), pointer)
}

fn rows(reply: &Value, pointer: &str) -> Vec<Value> {
    match reply.pointer(pointer) {
        Some(Value::Array(rows)) => rows.clone(),
        // One person on one day.
        Some(row @ Value::Object(_)) => vec![row.clone()],
        _ => panic!("no {pointer} in {reply}"),
    }
}

fn line(kind: &str, object: &Value) -> String {
    let fields = object.as_object().unwrap_or_else(|| panic!("no object: {object}"));
    // SIP numbers are counted up, also over those that were given back.
    let shown = fields.iter().filter(|(name, _)| !GIVEN.contains(&name.as_str())).map(|(name, value)| match name.as_str() {
        "sipNumber" => format!("sipNumber={}", value.is_string()),
        _ => format!("{name}={value}"),
    });
    format!("{kind} {}", shown.collect::<Vec<_>>().join(" "))
}

/// One call over a connection of its own.
fn call(url: &str, method: &str, path: &str, body: Option<&Value>) -> Value {
    let address = url.trim_start_matches("http://");
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect(address).unwrap_or_else(|error| panic!("{url}: {error}"));
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Basic {BASIC}\r\ntoken: test-token\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("the sandbox listens");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the sandbox answers in UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
    serde_json::from_str(body).expect("every answer is JSON")
}
