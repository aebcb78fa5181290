//! Scripted trouble: what networks and overloaded platforms do, on demand, at an endpoint of choice and on the n-th call.
//!
//! A script ([`Faults`]) is read from a file; [`script`] has its form, the crate's README its documentation. [`Director`] counts calls
//! and decides; [`treat`] carries a decision out around a handler. What happens to a connection happens on the wire: a reset is a reset
//! ([`crate::line`]).

mod script;

use std::future::pending;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::sleep;

use script::{Calls, Fault, RetryAfter, Rule};
pub use script::{Faults, FaultsError};

use crate::envelope::{Form, json_response};
use crate::journal::Entry;
use crate::line::Cutter;
use crate::routes::Endpoint;

/// What happens to one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Treatment {
    /// What the server does instead of answering, or to its answer.
    trouble: Option<Trouble>,
    /// How lists look at the data.
    pub(crate) view: View,
    /// Added to the number of objects that a list announces.
    count: i64,
    /// What a batch of agents does instead of what it is asked for.
    batch: Batch,
}

/// What becomes of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Batch {
    /// It makes so many at most.
    most: Option<u32>,
    /// It begins so many numbers later.
    shift: i64,
}

#[derive(Clone, Debug)]
struct Trouble {
    fault: Fault,
    carried_out: bool,
}

/// How a list looks at the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct View {
    /// Objects younger than this are not shown.
    pub(crate) lag: Option<Duration>,
    /// So many of the first rows have gone from where they were.
    pub(crate) moved: u32,
}

impl View {
    /// Whether everything is shown as it is.
    pub(crate) fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// Counts calls and decides what happens to each.
#[derive(Debug)]
pub(crate) struct Director(Mutex<Scene>);

#[derive(Debug)]
struct Scene {
    seed: u64,
    /// Each rule, how many calls it was asked about, and how often it struck.
    rules: Vec<(Rule, u64, u64)>,
}

impl Director {
    pub(crate) fn new(faults: Faults) -> Self {
        Self(Mutex::new(Scene::new(faults)))
    }

    /// Begins another script at its first call.
    pub(crate) fn replace(&self, faults: Faults) {
        *self.lock() = Scene::new(faults);
    }

    /// Decides about the next call of an endpoint. Every rule that concerns it counts it; of those that strike, the first with trouble is
    /// carried out, and all that change what a list shows.
    pub(crate) fn next(&self, endpoint: &Endpoint) -> Treatment {
        let mut treatment = Treatment::default();
        let mut scene = self.lock();
        let seed = scene.seed;
        for (number, (rule, calls, struck)) in scene.rules.iter_mut().enumerate() {
            if !rule.at.concerns(endpoint) {
                continue;
            }
            *calls += 1;
            let strikes = match &rule.calls {
                Calls::Every => true,
                Calls::These(these) => these.contains(calls),
                Calls::Rate(rate) => chance(seed, number, *calls) < *rate,
            };
            if !strikes || rule.times.is_some_and(|times| *struck >= times) {
                continue;
            }
            match &rule.fault {
                Fault::Lag(lag) => treatment.view.lag = treatment.view.lag.max(Some(*lag)),
                Fault::MovedRows(rows) => {
                    treatment.view.moved += rows;
                    treatment.count += i64::from(*rows);
                }
                Fault::LyingCount(by) => treatment.count += by,
                Fault::ShortBatch(rows) => treatment.batch.most = Some(treatment.batch.most.map_or(*rows, |most| most.min(*rows))),
                Fault::OtherNumbers(by) => treatment.batch.shift += by,
                _ if treatment.trouble.is_some() => continue,
                fault => treatment.trouble = Some(Trouble { fault: fault.clone(), carried_out: rule.carried_out }),
            }
            *struck += 1;
        }
        treatment
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Scene> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scene {
    fn new(faults: Faults) -> Self {
        Self { seed: faults.seed, rules: faults.rules.into_iter().map(|rule| (rule, 0, 0)).collect() }
    }
}

/// A number from 0 to 1 that depends on nothing but its arguments (SplitMix64), so that a seed tells the same story every time.
fn chance(seed: u64, rule: usize, call: u64) -> f64 {
    let mut mixed = seed ^ call.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ u64::try_from(rule).unwrap_or(0).rotate_right(16);
    for factor in [0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB] {
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(factor);
    }
    // 53 bits are what a double holds exactly.
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

impl Treatment {
    fn name(&self) -> Option<String> {
        let trouble = self.trouble.as_ref().map(|trouble| match trouble.carried_out {
            true => format!("{} after it was carried out", trouble.fault.name()),
            false => trouble.fault.name().to_owned(),
        });
        let shown = [(self.view.lag.is_some(), "lag"), (self.view.moved > 0, "moved-rows")];
        let lies = self.view.moved == 0 && self.count != 0;
        let made = [(self.batch.most.is_some(), "short-batch"), (self.batch.shift != 0, "other-numbers")];
        let shown = shown.into_iter().chain([(lies, "lying-count")]).chain(made).filter(|(is, _)| *is).map(|(_, name)| name.to_owned());
        let names: Vec<String> = trouble.into_iter().chain(shown).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

impl Treatment {
    /// What the handler is asked for instead of this. A call for one agent stays what it is.
    pub(crate) fn asked(&self, body: Bytes) -> Bytes {
        let Batch { most, shift } = self.batch;
        let Ok(mut json) = serde_json::from_slice::<Value>(&body) else { return body };
        if self.batch == Batch::default() || json["batchFlag"] != 1 {
            return body;
        }
        if let (Some(most), Some(size)) = (most, json["batchSize"].as_u64()) {
            json["batchSize"] = size.min(u64::from(most)).into();
        }
        let first = json["operatorId"].as_str().and_then(|first| Some((first.len(), first.parse::<i64>().ok()?.checked_add(shift)?)));
        if let Some((width, first)) = first {
            json["operatorId"] = format!("{first:0width$}").into();
        }
        json.to_string().into()
    }
}

/// Lets the handler work as the treatment says, and spoils what it answers.
pub(crate) async fn treat(
    treatment: Treatment,
    form: Form,
    line: Option<&Cutter>,
    entry: Option<&Entry>,
    work: impl Future<Output = Response>,
) -> Response {
    let name = treatment.name();
    let note = || {
        if let (Some(entry), Some(name)) = (entry, name) {
            entry.suffers(name);
        }
    };
    let Some(Trouble { fault, carried_out }) = treatment.trouble else {
        note();
        return recount(work.await, treatment.count).await;
    };
    match fault {
        Fault::Status { .. } | Fault::Html | Fault::ErrorCode { .. } | Fault::Reset | Fault::Hang => {
            if carried_out {
                drop(work.await);
            }
            // Not before it is true: whoever reads the journal may act on it.
            note();
            instead(fault, form, line, entry).await
        }
        _ => {
            note();
            spoiled(fault, recount(work.await, treatment.count).await, line).await
        }
    }
}

/// What comes instead of the answer.
async fn instead(fault: Fault, form: Form, line: Option<&Cutter>, entry: Option<&Entry>) -> Response {
    match fault {
        Fault::Status { code, retry_after } => refused(code, retry_after, form),
        Fault::Html => {
            let page = "<html><head><title>系统维护</title></head><body><h1>系统维护中</h1></body></html>";
            ([(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
        }
        Fault::ErrorCode { code, message } => json_response(StatusCode::OK, error_inside(form, code, &message).to_string()),
        Fault::Hang => {
            if let Some(entry) = entry {
                entry.hangs();
            }
            // Until the client goes away.
            pending().await
        }
        _ => {
            if let Some(line) = line {
                line.reset();
            }
            let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
            response.extensions_mut().insert(NoAnswer);
            response
        }
    }
}

/// The answer, late or in part.
async fn spoiled(fault: Fault, answer: Response, line: Option<&Cutter>) -> Response {
    match (fault, line) {
        (Fault::SlowHead(wait), _) => sleep(wait).await,
        (Fault::SlowBody(wait), Some(line)) => line.pause_in_body(wait),
        (Fault::BrokenBody, Some(line)) => line.close_in_body(),
        (Fault::TruncatedJson, _) => {
            let (mut parts, body) = answer.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
            parts.headers.remove(CONTENT_LENGTH);
            return Response::from_parts(parts, Body::from(body.slice(..body.len() / 2)));
        }
        _ => {}
    }
    answer
}

/// Marks an answer that nobody will see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoAnswer;

fn refused(code: StatusCode, retry_after: Option<RetryAfter>, form: Form) -> Response {
    let reason = code.canonical_reason().unwrap_or("scripted");
    let mut response = json_response(code, error_inside(form, None, reason).to_string());
    let header = retry_after.map(|retry_after| match retry_after {
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date(seconds) => {
            let until = Timestamp::now() + SignedDuration::from_secs(i64::from(seconds));
            until.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
        }
    });
    if let Some(header) = header.and_then(|header| HeaderValue::try_from(header).ok()) {
        HeaderMap::insert(response.headers_mut(), RETRY_AFTER, header);
    }
    response
}

/// An error in the words of the endpoint's platform.
fn error_inside(form: Form, code: Option<String>, message: &str) -> Value {
    let code = code.unwrap_or_else(|| "500".to_owned());
    match form {
        Form::Bare | Form::Permission => json!({"errcode": code, "errmsg": message}),
        Form::Envelope => json!({"code": code, "message": message}),
        Form::EnvelopeInSignIn => json!({"signIn": {"code": code, "message": message}}),
        Form::OAuth => json!({"error": code, "error_description": message}),
        Form::CallCenter => {
            let code = code.parse::<i64>().map_or_else(|_| json!(code), |number| json!(number));
            json!({"code": code, "msg": message})
        }
    }
}

/// Changes the number of objects that a list announces: `count` of the helpdesk, `data.total` of the call centre.
async fn recount(response: Response, by: i64) -> Response {
    if by == 0 {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Ok(mut json) = serde_json::from_slice::<Value>(&body) else { return Response::from_parts(parts, Body::from(body)) };
    for pointer in ["/count", "/data/total"] {
        if let Some(count) = json.pointer_mut(pointer) {
            let changed = |number: i64| number.saturating_add(by).max(0);
            *count = match &*count {
                Value::String(text) => json!(changed(text.parse().unwrap_or(0)).to_string()),
                number => json!(changed(number.as_i64().unwrap_or(0))),
            };
        }
    }
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(json.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::endpoints;

    fn director(script: &str) -> Director {
        Director::new(Faults::parse(script).expect("the script is valid"))
    }

    /// The names of what happens to so many calls of an endpoint.
    fn story(director: &Director, name: &str, calls: usize) -> Vec<String> {
        let endpoint = endpoints().find(|endpoint| endpoint.name == name).expect("an endpoint");
        (0..calls).map(|_| director.next(endpoint).name().unwrap_or_default()).collect()
    }

    #[test]
    fn a_rule_strikes_the_calls_that_it_names() {
        let director = director("rules: [{at: create-support, call: [1, 3], fault: html}]");
        assert_eq!(story(&director, "create-agent", 1), [""]);
        assert_eq!(story(&director, "create-support", 4), ["html", "", "html", ""]);
    }

    #[test]
    fn a_rule_strikes_no_more_often_than_its_times() {
        let director = director("rules: [{at: all, times: 2, fault: reset}]");
        assert_eq!(story(&director, "list-supports", 3), ["reset", "reset", ""]);
    }

    #[test]
    fn of_two_rules_the_first_makes_trouble_and_the_second_keeps_its_times() {
        let director = director(
            "rules: [{at: all, call: 1, fault: reset}, {at: all, times: 1, fault: html}, {at: lists, fault: lag, milliseconds: 5}]",
        );
        assert_eq!(story(&director, "page-agents", 3), ["reset, lag", "html, lag", "lag"]);
    }

    #[test]
    fn the_same_seed_strikes_the_same_calls() {
        let script = |seed: u32| format!("{{seed: {seed}, rules: [{{at: all, rate: 0.3, fault: html}}]}}");
        let first = story(&director(&script(1)), "list-supports", 1000);
        assert_eq!(first, story(&director(&script(1)), "list-supports", 1000));
        assert_ne!(first, story(&director(&script(2)), "list-supports", 1000));
        let struck = first.iter().filter(|name| !name.is_empty()).count();
        assert!((250..350).contains(&struck), "{struck} of 1000");
    }

    #[test]
    fn a_batch_is_asked_for_less_or_for_other_numbers_and_a_single_agent_for_what_it_is() {
        let director = director(
            "rules: [{at: create-agent, fault: short-batch, rows: 3}, {at: create-agent, call: [2, 3], fault: other-numbers, by: 2}]",
        );
        let endpoint = endpoints().find(|endpoint| endpoint.name == "create-agent").expect("an endpoint");
        let asked = |body: &'static str| {
            let treatment = director.next(endpoint);
            String::from_utf8(treatment.asked(body.into()).to_vec()).expect("text")
        };
        let batch = r#"{"batchFlag":1,"batchSize":10,"operatorId":"0098"}"#;
        assert_eq!(asked(batch), r#"{"batchFlag":1,"batchSize":3,"operatorId":"0098"}"#);
        assert_eq!(asked(batch), r#"{"batchFlag":1,"batchSize":3,"operatorId":"0100"}"#);
        assert_eq!(asked(r#"{ "operatorId": "0098" }"#), r#"{ "operatorId": "0098" }"#);
        assert_eq!(asked(r#"{"batchFlag":1,"batchSize":2}"#), r#"{"batchFlag":1,"batchSize":2}"#);
    }

    #[test]
    fn another_script_begins_at_its_first_call() {
        let director = director("rules: [{at: all, call: 2, fault: html}]");
        assert_eq!(story(&director, "list-supports", 1), [""]);
        director.replace(Faults::parse("rules: [{at: all, call: 2, fault: reset}]").expect("valid"));
        assert_eq!(story(&director, "list-supports", 2), ["", "reset"]);
    }
}
