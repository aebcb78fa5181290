//! The sandbox against the request and reply pairs of the documents: `tests/contract/<endpoint>/<case>/`.
//!
//! The form of a case is described in `tests/contract/README.md`. Adding a case is adding a folder.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use deskform_sandbox::{Clock, Options, Running, Sandbox, endpoints};
use reqwest::{Client, Method};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    path: String,
    #[serde(default)]
    query: BTreeMap<String, String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    auth: Option<Credentials>,
    body: Option<Value>,
    /// A body of form fields instead.
    form: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    account: String,
    password: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    request: Request,
    #[serde(default = "once")]
    repeat: usize,
    /// Name to JSON pointer into the reply.
    #[serde(default)]
    capture: BTreeMap<String, String>,
}

fn once() -> usize {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, Value>,
    body: Value,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Value,
}

/// What was captured so far, by name.
type Captured = BTreeMap<String, String>;

#[tokio::test]
async fn the_sandbox_answers_as_the_documents_show() {
    let client = Client::builder().no_proxy().build().unwrap();
    let mut problems = Vec::new();
    for (endpoint, folder) in cases() {
        let outcome = run(&client, &endpoint, &folder).await;
        let found = outcome.unwrap_or_else(|problem| vec![problem]);
        problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", folder.display())));
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn every_endpoint_has_a_case_and_every_folder_an_endpoint() {
    let known: BTreeSet<String> = endpoints().map(|endpoint| endpoint.name.to_owned()).collect();
    let covered: BTreeSet<String> = cases().into_iter().map(|(endpoint, _)| endpoint).collect();
    assert_eq!(covered, known);
}

#[test]
fn a_mismatch_is_reported_where_it_is() {
    let captured = Captured::from([("sid".to_owned(), "7".to_owned())]);
    let compare = |expected: Value, got: Value| {
        let mut problems = Vec::new();
        compare("", &expected, &got, &captured, &mut problems);
        problems
    };
    assert_eq!(compare(json!({"a": [{"$any": "string"}]}), json!({"a": [1]})).len(), 1);
    assert_eq!(compare(json!({"a": 1}), json!({"a": 1, "b": 2})), ["/b: not expected"]);
    assert_eq!(compare(json!({"a": 1, "$others": true}), json!({"a": 1, "b": 2})), [""; 0]);
    assert_eq!(compare(json!({"a": 1, "b": 2}), json!({"a": 1})), ["/b: missing"]);
    assert_eq!(compare(json!("${sid}"), json!("7")), [""; 0]);
    assert_eq!(compare(json!("${sid}"), json!(7)).len(), 1);
    assert_eq!(compare(json!({"$number": "${sid}"}), json!(7)), [""; 0]);
    assert_eq!(compare(json!({"$number": "${sid}"}), json!("7")).len(), 1);
    assert_eq!(compare(json!({"$like": "${sid}_*.json"}), json!("7_x.json")), [""; 0]);
    assert_eq!(compare(json!({"$like": "${sid}_*.json"}), json!("8_x.json")).len(), 1);
    assert_eq!(compare(json!([1]), json!([1, 2])).len(), 1);
    assert_eq!(compare(json!({"$other": true}), json!({})), [": unknown matcher $other"]);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/contract")
}

/// All cases with the name of their endpoint, in sorted order.
fn cases() -> Vec<(String, PathBuf)> {
    let mut cases = Vec::new();
    for endpoint in folders(&root(), &["README.md"]) {
        let name = endpoint.file_name().unwrap().to_str().unwrap().to_owned();
        let found = folders(&endpoint, &[]);
        assert!(!found.is_empty(), "{} has no case", endpoint.display());
        cases.extend(found.into_iter().map(|case| (name.clone(), case)));
    }
    cases
}

fn folders(parent: &Path, files: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(parent).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.push(entry.path());
        } else {
            let name = entry.file_name();
            assert!(files.contains(&name.to_str().unwrap()), "{} is not a folder", entry.path().display());
        }
    }
    found.sort();
    found
}

async fn run(client: &Client, endpoint: &str, folder: &Path) -> Result<Vec<String>, String> {
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name();
        let known = ["setup.json", "request.json", "reply.json", "note.md"];
        if !known.iter().any(|known| name == *known) {
            return Err(format!("{} is not part of a case", name.display()));
        }
    }
    let request: Request = read(&folder.join("request.json"))?;
    let expected: Reply = read(&folder.join("reply.json"))?;
    let setup = folder.join("setup.json");
    let setup: Vec<Step> = if setup.exists() { read(&setup)? } else { Vec::new() };

    let clock = Clock::Fixed(jiff::civil::date(2023, 12, 1).at(12, 0, 0, 0));
    let sandbox = Sandbox::start(Options { clock, ..Options::default() }).await.map_err(|error| error.to_string())?;
    let mut captured = Captured::new();
    for step in setup {
        for number in 1..=step.repeat {
            captured.insert("n".to_owned(), number.to_string());
            let answer = send(client, &sandbox, &step.request, &captured).await?;
            if answer.status != 200 {
                return Err(format!("setup was refused: {answer:?}"));
            }
            for (name, pointer) in &step.capture {
                let value = answer.body.pointer(pointer).ok_or_else(|| format!("setup has no {pointer}: {answer:?}"))?;
                captured.insert(name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            }
        }
    }
    captured.remove("n");

    let answer = send(client, &sandbox, &request, &captured).await?;
    let mut problems = Vec::new();
    if !belongs_to(endpoint, &sandbox) {
        problems.push(format!("the request is not one of {endpoint}"));
    }
    if answer.status != expected.status {
        problems.push(format!("status {} instead of {}", answer.status, expected.status));
    }
    for (name, value) in &expected.headers {
        match answer.headers.get(&name.to_lowercase()) {
            Some(got) => compare(name, value, &json!(got), &captured, &mut problems),
            None => problems.push(format!("{name}: missing header")),
        }
    }
    compare("", &expected.body, &answer.body, &captured, &mut problems);
    sandbox.stop().await;
    Ok(problems)
}

/// Whether the last request seen has the method and path of the endpoint.
fn belongs_to(endpoint: &str, sandbox: &Running) -> bool {
    let Some(endpoint) = endpoints().find(|known| known.name == endpoint) else {
        return false;
    };
    let journal = sandbox.journal();
    let Some(seen) = journal.last() else {
        return false;
    };
    let path = seen.path.split('?').next().unwrap_or_default();
    let fits = match endpoint.path.split_once("{id}") {
        None => path == endpoint.path,
        Some((before, after)) => {
            let id = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            id.is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
        }
    };
    fits && seen.method == endpoint.method
}

async fn send(client: &Client, sandbox: &Running, request: &Request, captured: &Captured) -> Result<Answer, String> {
    let method: Method = request.method.parse().map_err(|_| format!("{} is no method", request.method))?;
    let agents = request.path.starts_with("/api/v1/config/openapi/");
    let base = if agents { sandbox.call_center_url() } else { sandbox.helpdesk_url() };
    let mut builder = client.request(method, format!("{base}{}", filled(&request.path, captured)?));
    builder = match (&request.auth, agents) {
        _ if request.headers.contains_key("Authorization") => builder,
        (_, true) => builder.header("token", "test-token"),
        (Some(auth), false) => builder.basic_auth(&auth.account, Some(&auth.password)),
        (None, false) => builder.basic_auth("admin", Some("admin-pass")),
    };
    let mut query = Vec::new();
    for (name, value) in &request.query {
        query.push((name, filled(value, captured)?));
    }
    if !query.is_empty() {
        builder = builder.query(&query);
    }
    for (name, value) in &request.headers {
        builder = builder.header(name, filled(value, captured)?);
    }
    if let Some(form) = &request.form {
        let pairs: Vec<String> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        builder = builder.body(pairs.join("&"));
    }
    if let Some(body) = &request.body {
        builder = builder.body(filled(&body.to_string(), captured)?);
    }
    let response = builder.send().await.map_err(|error| error.to_string())?;
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
    let (status, headers) = (response.status().as_u16(), headers.collect());
    let body = response.json().await.map_err(|error| format!("the answer is not JSON: {error}"))?;
    Ok(Answer { status, headers, body })
}

/// Replaces `${name}` by what was captured.
fn filled(text: &str, captured: &Captured) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').ok_or_else(|| format!("{text}: unclosed ${{"))?;
        let value = captured.get(name).ok_or_else(|| format!("nothing was captured as {name}"))?;
        out.push_str(before);
        out.push_str(value);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn compare(at: &str, expected: &Value, got: &Value, captured: &Captured, problems: &mut Vec<String>) {
    match (expected, got) {
        (Value::Object(expected), got) if expected.len() == 1 && !expected.contains_key("$others") => {
            let (key, value) = expected.iter().next().unwrap();
            match key.strip_prefix('$') {
                Some(matcher) => problems.extend(mismatch(matcher, value, got, captured).map(|problem| format!("{at}: {problem}"))),
                None => compare_objects(at, expected, got, captured, problems),
            }
        }
        (Value::Object(expected), got) => compare_objects(at, expected, got, captured, problems),
        (Value::Array(expected), Value::Array(got)) => {
            if expected.len() != got.len() {
                problems.push(format!("{at}: {} elements instead of {}: {got:?}", got.len(), expected.len()));
            }
            for (index, (expected, got)) in expected.iter().zip(got).enumerate() {
                compare(&format!("{at}/{index}"), expected, got, captured, problems);
            }
        }
        (Value::String(expected), got) => match filled(expected, captured) {
            Ok(expected) if *got == expected.as_str() => {}
            Ok(expected) => problems.push(format!("{at}: {got} instead of {expected:?}")),
            Err(problem) => problems.push(format!("{at}: {problem}")),
        },
        (expected, got) if expected == got => {}
        (expected, got) => problems.push(format!("{at}: {got} instead of {expected}")),
    }
}

fn compare_objects(at: &str, expected: &serde_json::Map<String, Value>, got: &Value, captured: &Captured, problems: &mut Vec<String>) {
    let Value::Object(got) = got else {
        problems.push(format!("{at}: {got} instead of an object"));
        return;
    };
    for (key, value) in expected.iter().filter(|(key, _)| *key != "$others") {
        match got.get(key) {
            Some(got) => compare(&format!("{at}/{key}"), value, got, captured, problems),
            None => problems.push(format!("{at}/{key}: missing")),
        }
    }
    if !expected.contains_key("$others") {
        let unexpected = got.keys().filter(|key| !expected.contains_key(*key));
        problems.extend(unexpected.map(|key| format!("{at}/{key}: not expected")));
    }
}

/// Why a value does not satisfy a matcher.
fn mismatch(matcher: &str, argument: &Value, got: &Value, captured: &Captured) -> Option<String> {
    let argument = match argument.as_str().map(|argument| filled(argument, captured)) {
        Some(Ok(argument)) => argument,
        Some(Err(problem)) => return Some(problem),
        None => String::new(),
    };
    let satisfied = match (matcher, argument.as_str()) {
        ("any", "string") => got.is_string(),
        ("any", "integer") => got.is_i64(),
        ("any", "array") => got.is_array(),
        ("any", "object") => got.is_object(),
        ("any", "boolean") => got.is_boolean(),
        ("like", pattern) => got.as_str().is_some_and(|got| like(pattern, got)),
        ("number", number) => matches!(got, Value::Number(got) if got.to_string() == number),
        _ => return Some(format!("unknown matcher ${matcher}")),
    };
    (!satisfied).then(|| format!("{got} is not {matcher} {argument}"))
}

/// Whether the text fits the pattern, where `*` is any run of characters.
fn like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn read<T: for<'de> Deserialize<'de>>(file: &Path) -> Result<T, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}
