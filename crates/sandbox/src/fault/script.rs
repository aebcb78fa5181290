//! The form of a script: strict, with messages that name the rule.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::StatusCode;
use serde::Deserialize;

use crate::routes::{Endpoint, endpoints};

/// A script of faults. The default is none at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    pub(super) seed: u64,
    pub(super) rules: Vec<Rule>,
}

/// Why a script cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FaultsError {
    /// It is no YAML or JSON of the form that README.md describes.
    #[error("the faults cannot be read")]
    Form(#[source] serde_yaml::Error),
    /// A rule makes no sense.
    #[error("rule {number} of the faults: {problem}")]
    Rule {
        /// Counts from 1.
        number: usize,
        /// What is wrong with it.
        problem: String,
    },
}

/// What happens to some calls of some endpoints.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) at: Target,
    pub(super) calls: Calls,
    /// How often it strikes at most.
    pub(super) times: Option<u64>,
    /// Whether the request is carried out before its answer is spoiled.
    pub(super) carried_out: bool,
    pub(super) fault: Fault,
}

/// The endpoints of a rule, by name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target(BTreeSet<&'static str>);

/// The calls that a rule strikes, counted from 1 over all its endpoints.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Calls {
    Every,
    These(BTreeSet<u64>),
    /// Each with this probability.
    Rate(f64),
}

/// What a platform or the network does wrong.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    Status {
        code: StatusCode,
        retry_after: Option<RetryAfter>,
    },
    Html,
    ErrorCode {
        code: Option<String>,
        message: String,
    },
    Reset,
    Hang,
    SlowHead(Duration),
    SlowBody(Duration),
    BrokenBody,
    TruncatedJson,
    Lag(Duration),
    MovedRows(u32),
    LyingCount(i64),
    /// A batch of agents makes so many at most.
    ShortBatch(u32),
    /// A batch of agents begins so many numbers later.
    OtherNumbers(i64),
}

/// The two forms of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryAfter {
    Seconds(u32),
    /// An HTTP date so many seconds ahead.
    Date(u32),
}

impl Faults {
    /// Reads a script, as YAML or JSON.
    ///
    /// # Errors
    ///
    /// When it has another form, or a rule makes no sense.
    pub fn parse(text: &str) -> Result<Self, FaultsError> {
        let raw: RawFaults = serde_yaml::from_str(text).map_err(FaultsError::Form)?;
        let rules = raw
            .rules
            .into_iter()
            .enumerate()
            .map(|(at, rule)| rule.read().map_err(|problem| FaultsError::Rule { number: at + 1, problem }));
        Ok(Self { seed: raw.seed, rules: rules.collect::<Result<_, _>>()? })
    }

    /// Whether lists have to know how old objects are.
    pub(crate) fn has_lag(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.fault, Fault::Lag(_)))
    }
}

impl Target {
    pub(super) fn concerns(&self, endpoint: &Endpoint) -> bool {
        self.0.contains(endpoint.name)
    }

    /// Names of endpoints and of groups of them.
    fn read(names: Vec<String>) -> Result<Self, String> {
        let mut found = BTreeSet::new();
        for name in names {
            let before = found.len();
            found.extend(endpoints().filter(|endpoint| endpoint.name == name || is_in(&name, endpoint)).map(|endpoint| endpoint.name));
            if found.len() == before && !endpoints().any(|endpoint| endpoint.name == name || is_in(&name, endpoint)) {
                let known: Vec<&str> = GROUPS.into_iter().chain(endpoints().map(|endpoint| endpoint.name)).collect();
                return Err(format!("at: {name} is no endpoint; there are {}", known.join(", ")));
            }
        }
        match found.is_empty() {
            true => Err("at: names no endpoint".to_owned()),
            false => Ok(Self(found)),
        }
    }
}

const GROUPS: [&str; 5] = ["all", "reads", "lists", "writes", "creates"];

/// Endpoints that show many objects.
const LISTS: [&str; 5] = ["list-supports", "show-many-supports", "search-supports", "list-schedules", "page-agents"];

/// Endpoints that make objects which nothing keeps from being made twice, or which refuse a second one.
const CREATES: [&str; 3] = ["create-support", "create-schedules", "create-agent"];

/// The endpoint that makes several agents in one call.
const BATCH: &str = "create-agent";

fn is_in(group: &str, endpoint: &Endpoint) -> bool {
    // The call centre reads by POST.
    let reads = endpoint.method == "GET" || matches!(endpoint.name, "page-agents" | "get-agent");
    match group {
        "all" => true,
        "reads" => reads,
        "lists" => LISTS.contains(&endpoint.name),
        // A token changes nothing that anybody reads.
        "writes" => !reads && endpoint.name != "get-token",
        "creates" => CREATES.contains(&endpoint.name),
        _ => false,
    }
}

impl Fault {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Html => "html",
            Self::ErrorCode { .. } => "error-code",
            Self::Reset => "reset",
            Self::Hang => "hang",
            Self::SlowHead(_) => "slow-head",
            Self::SlowBody(_) => "slow-body",
            Self::BrokenBody => "broken-body",
            Self::TruncatedJson => "truncated-json",
            Self::Lag(_) => "lag",
            Self::MovedRows(_) => "moved-rows",
            Self::LyingCount(_) => "lying-count",
            Self::ShortBatch(_) => "short-batch",
            Self::OtherNumbers(_) => "other-numbers",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawFaults {
    #[serde(default = "one")]
    seed: u64,
    rules: Vec<RawRule>,
}

fn one() -> u64 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawRule {
    #[serde(deserialize_with = "one_or_many")]
    at: Vec<String>,
    fault: RawFault,
    #[serde(default, deserialize_with = "one_or_many_numbers")]
    call: Option<Vec<u64>>,
    rate: Option<f64>,
    times: Option<u64>,
    carried_out: Option<bool>,
    status: Option<u16>,
    retry_after: Option<u32>,
    retry_after_date: Option<u32>,
    code: Option<String>,
    message: Option<String>,
    milliseconds: Option<u64>,
    rows: Option<u32>,
    by: Option<i64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawFault {
    Status,
    Html,
    ErrorCode,
    Reset,
    Hang,
    SlowHead,
    SlowBody,
    BrokenBody,
    TruncatedJson,
    Lag,
    MovedRows,
    LyingCount,
    ShortBatch,
    OtherNumbers,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn all(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(OneOrMany::deserialize(deserializer)?.all())
}

fn one_or_many_numbers<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u64>>, D::Error> {
    Ok(Some(OneOrMany::deserialize(deserializer)?.all()))
}

impl RawRule {
    fn read(mut self) -> Result<Rule, String> {
        let at = Target::read(std::mem::take(&mut self.at))?;
        let calls = match (self.call.take(), self.rate.take()) {
            (Some(_), Some(_)) => return Err("call and rate exclude each other".to_owned()),
            (Some(calls), None) if calls.is_empty() || calls.contains(&0) => return Err("call: counts from 1".to_owned()),
            (Some(calls), None) => Calls::These(calls.into_iter().collect()),
            (None, Some(rate)) if !(0.0..=1.0).contains(&rate) => return Err("rate: is not between 0 and 1".to_owned()),
            (None, Some(rate)) => Calls::Rate(rate),
            (None, None) => Calls::Every,
        };
        let times = self.times.take();
        let fault = self.fault()?;
        let carried_out = self.carried_out.take();
        let before_or_after = matches!(fault, Fault::Status { .. } | Fault::Html | Fault::ErrorCode { .. } | Fault::Reset | Fault::Hang);
        if carried_out.is_some() && !before_or_after {
            return Err(format!("carriedOut: has no meaning for {}, which carries every request out", fault.name()));
        }
        if matches!(fault, Fault::Lag(_) | Fault::MovedRows(_) | Fault::LyingCount(_)) && !at.0.iter().all(|name| LISTS.contains(name)) {
            return Err(format!("at: {} is for lists ({})", fault.name(), LISTS.join(", ")));
        }
        if matches!(fault, Fault::ShortBatch(_) | Fault::OtherNumbers(_)) && !at.0.iter().all(|name| *name == BATCH) {
            return Err(format!("at: {} is for {BATCH}", fault.name()));
        }
        if matches!(fault, Fault::ShortBatch(0)) {
            return Err("rows: a batch makes one at least".to_owned());
        }
        if let Some(name) = self.left_over() {
            return Err(format!("{name}: has no meaning for {}", fault.name()));
        }
        Ok(Rule { at, calls, times, carried_out: carried_out.unwrap_or(false), fault })
    }

    /// Takes what the fault needs out of the rule.
    fn fault(&mut self) -> Result<Fault, String> {
        fn needed<T>(value: &mut Option<T>, name: &str, fault: &str) -> Result<T, String> {
            value.take().ok_or_else(|| format!("{name}: is missing; {fault} needs it"))
        }
        let mut wait = |fault: &str| needed(&mut self.milliseconds, "milliseconds", fault).map(Duration::from_millis);
        Ok(match self.fault {
            RawFault::Status => {
                let code = needed(&mut self.status, "status", "status")?;
                let code = StatusCode::from_u16(code).ok().filter(|code| code.as_u16() >= 400 && code.as_u16() < 600);
                let code = code.ok_or("status: is not between 400 and 599")?;
                let retry_after = match (self.retry_after.take(), self.retry_after_date.take()) {
                    (Some(_), Some(_)) => return Err("retryAfter and retryAfterDate exclude each other".to_owned()),
                    (Some(seconds), None) => Some(RetryAfter::Seconds(seconds)),
                    (None, Some(seconds)) => Some(RetryAfter::Date(seconds)),
                    (None, None) => None,
                };
                Fault::Status { code, retry_after }
            }
            RawFault::ErrorCode => {
                let message = self.message.take().unwrap_or_else(|| "system busy".to_owned());
                Fault::ErrorCode { code: self.code.take(), message }
            }
            RawFault::Html => Fault::Html,
            RawFault::Reset => Fault::Reset,
            RawFault::Hang => Fault::Hang,
            RawFault::SlowHead => Fault::SlowHead(wait("slow-head")?),
            RawFault::SlowBody => Fault::SlowBody(wait("slow-body")?),
            RawFault::BrokenBody => Fault::BrokenBody,
            RawFault::TruncatedJson => Fault::TruncatedJson,
            RawFault::Lag => Fault::Lag(wait("lag")?),
            RawFault::MovedRows => Fault::MovedRows(needed(&mut self.rows, "rows", "moved-rows")?),
            RawFault::LyingCount => Fault::LyingCount(needed(&mut self.by, "by", "lying-count")?),
            RawFault::ShortBatch => Fault::ShortBatch(needed(&mut self.rows, "rows", "short-batch")?),
            RawFault::OtherNumbers => Fault::OtherNumbers(needed(&mut self.by, "by", "other-numbers")?),
        })
    }

    /// A parameter that the fault did not take.
    fn left_over(&self) -> Option<&'static str> {
        [
            (self.status.is_some(), "status"),
            (self.retry_after.is_some(), "retryAfter"),
            (self.retry_after_date.is_some(), "retryAfterDate"),
            (self.code.is_some(), "code"),
            (self.message.is_some(), "message"),
            (self.milliseconds.is_some(), "milliseconds"),
            (self.rows.is_some(), "rows"),
            (self.by.is_some(), "by"),
        ]
        .into_iter()
        .find_map(|(is, name)| is.then_some(name))
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[track_caller]
    fn refused(script: &str) -> String {
        let error = Faults::parse(script).expect_err("it is refused");
        match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        }
    }

    #[test]
    fn yaml_and_json_say_the_same() {
        let yaml = "seed: 7\nrules:\n  - at: [writes, list-supports]\n    call: 2\n    fault: status\n    status: 429\n    retryAfter: 3\n    carriedOut: true\n";
        let json = r#"{"seed": 7, "rules": [{"at": ["writes", "list-supports"], "call": [2], "fault": "status", "status": 429, "retryAfter": 3, "carriedOut": true}]}"#;
        let faults = Faults::parse(yaml).expect("valid");
        assert_eq!(faults, Faults::parse(json).expect("valid"));
        assert_eq!(faults.seed, 7);
        let [rule] = &faults.rules[..] else { panic!("{faults:?}") };
        assert!(rule.carried_out);
        assert_eq!(rule.fault, Fault::Status { code: StatusCode::TOO_MANY_REQUESTS, retry_after: Some(RetryAfter::Seconds(3)) });
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_rule_and_key() {
        for (script, says) in [
            ("rules: [{at: all, fault: html}, {at: create-suport, fault: html}]", "rule 2 of the faults: at: create-suport is no endpoint"),
            ("rules: [{at: all, fault: html, call: 0}]", "call: counts from 1"),
            ("rules: [{at: all, fault: html, call: 1, rate: 0.5}]", "exclude each other"),
            ("rules: [{at: all, fault: html, rate: 2}]", "rate: is not between 0 and 1"),
            ("rules: [{at: all, fault: status}]", "status: is missing"),
            ("rules: [{at: all, fault: status, status: 200}]", "between 400 and 599"),
            ("rules: [{at: all, fault: slow-head}]", "milliseconds: is missing; slow-head needs it"),
            ("rules: [{at: all, fault: html, milliseconds: 5}]", "milliseconds: has no meaning for html"),
            ("rules: [{at: all, fault: slow-head, milliseconds: 5, carriedOut: true}]", "carriedOut: has no meaning for slow-head"),
            ("rules: [{at: writes, fault: lag, milliseconds: 5}]", "at: lag is for lists"),
            ("rules: [{at: [], fault: html}]", "at: names no endpoint"),
            ("rules: [{at: creates, fault: short-batch, rows: 3}]", "at: short-batch is for create-agent"),
            ("rules: [{at: create-agent, fault: short-batch, rows: 0}]", "rows: a batch makes one at least"),
            ("rules: [{at: create-agent, fault: other-numbers}]", "by: is missing; other-numbers needs it"),
        ] {
            let message = refused(script);
            assert!(message.contains(says), "{script}\n{message}");
        }
    }

    #[test]
    fn unknown_keys_and_faults_are_refused_by_name() {
        let message = refused("rules: [{at: all, fault: html, cal: 1}]");
        assert!(message.contains("cal") && message.contains("carriedOut"), "{message}");
        let message = refused("rules: [{at: all, fault: htm}]");
        assert!(message.contains("htm") && message.contains("truncated-json"), "{message}");
        assert!(refused("seeds: 1\nrules: []").contains("seeds"));
    }
}
