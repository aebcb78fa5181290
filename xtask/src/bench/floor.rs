//! The floor: reading and parsing the same files into trees with places, sending the same requests bare, parsing the replies, and nothing
//! else (design.md section 9). A process of its own, so that it is measured like the program.
//!
//! Requests go out in the order in which the program's were answered, eight at a time to each platform as the program does. A reply becomes
//! a `serde_json::Value`, the least that somebody would do who reads it without knowing what it will hold.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use deskform_model::document;
use deskform_model::source::SourceId;
use serde_json::Value as Json;

use super::platform::CREDENTIALS;

/// Requests at a time to one platform: the default of `concurrency`.
const AT_A_TIME: usize = 8;
/// Where the call centre's endpoints begin; the helpdesk takes everything else.
const CALL_CENTER: &str = "/api/v1/config/";

/// Reads all YAML files below the folder and parses them.
pub(crate) fn parse(folder: &str) -> Result<String, String> {
    let mut files = Vec::new();
    find(Path::new(folder), &mut files)?;
    let mut documents = 0;
    let mut kept = Vec::with_capacity(files.len());
    for path in files {
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let parsed = document::parse(SourceId(0), &text);
        documents += parsed.documents.len();
        // The program keeps the texts and the trees until it has read everything.
        kept.push((text, parsed));
    }
    Ok(format!("{} files, {documents} documents", kept.len()))
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}

/// Parses the files, sends the requests that `requests` lists and parses the replies.
pub(crate) fn send(folder: &str, url: &str, requests: &str) -> Result<String, String> {
    let parsed = parse(folder)?;
    let text = fs::read_to_string(requests).map_err(|error| format!("{requests}: {error}"))?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let sent = runtime.block_on(send_all(url, &text))?;
    Ok(format!("{parsed}, {sent} requests"))
}

async fn send_all(url: &str, text: &str) -> Result<usize, String> {
    let client = reqwest::Client::builder().no_proxy().build().map_err(|error| error.to_string())?;
    let requests: VecDeque<(String, String, String)> = text.lines().filter_map(split).collect();
    let (call_center, helpdesk) = requests.into_iter().partition(|(_, path, _)| path.starts_with(CALL_CENTER));
    let mut workers = tokio::task::JoinSet::new();
    for queue in [call_center, helpdesk] {
        let queue: Arc<Mutex<VecDeque<_>>> = Arc::new(Mutex::new(queue));
        for _ in 0..AT_A_TIME {
            workers.spawn(work(client.clone(), url.to_owned(), Arc::clone(&queue)));
        }
    }
    let mut sent = 0;
    while let Some(worker) = workers.join_next().await {
        sent += worker.map_err(|error| error.to_string())??;
    }
    Ok(sent)
}

fn split(line: &str) -> Option<(String, String, String)> {
    let mut words = line.splitn(3, ' ');
    Some((words.next()?.to_owned(), words.next()?.to_owned(), words.next()?.to_owned()))
}

async fn work(client: reqwest::Client, url: String, queue: Arc<Mutex<VecDeque<(String, String, String)>>>) -> Result<usize, String> {
    let [(_, account), (_, password), (_, token)] = CREDENTIALS;
    let mut sent = 0;
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some((method, path, body)) = next else { return Ok(sent) };
        let method = reqwest::Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?;
        let mut request = client.request(method, format!("{url}{path}"));
        request = if path.starts_with(CALL_CENTER) { request.header("token", token) } else { request.basic_auth(account, Some(password)) };
        if !body.is_empty() {
            request = request.header("content-type", "application/json").body(body);
        }
        let reply = request.send().await.map_err(|error| error.to_string())?;
        if !reply.status().is_success() {
            return Err(format!("{path} was answered with {}", reply.status()));
        }
        let bytes = reply.bytes().await.map_err(|error| error.to_string())?;
        let parsed: Json = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        sent += usize::from(!parsed.is_null());
    }
}
