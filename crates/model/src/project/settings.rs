//! The typed settings. Their doc comments are the schema's descriptions; every default stands in a `Default` of this file.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::auth::Auth;
use super::credential::Credential;
use super::duration::Milliseconds;
use super::schema::{environments, shift_types};
use crate::field::FieldKey;
use crate::kind::Kind;

/// The settings of the project.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Settings {
    /// The versions of deskform that may run this project: conditions like ">=0.1", "^0.1" or "0.1.0", with commas between them.
    pub requires: Option<String>,
    /// The zone in which the platforms' wall-clock is read; nothing is converted.
    pub timezone: String,
    /// Globs that find the manifest files, relative to the project file.
    #[schemars(length(min = 1), inner(length(min = 1)))]
    pub manifests: Vec<String>,
    /// The helpdesk, and how both platforms are called.
    pub helpdesk: Helpdesk,
    /// The call centre.
    pub call_center: Option<CallCenter>,
    /// What was applied last.
    pub ledger: Ledger,
    /// What happens to resources that are no longer declared, per kind.
    pub absence: Absence,
    /// What happens when somebody else changed a field.
    pub drift: Drift,
    /// Whether objects that exist already are taken over when manifests declare them.
    pub adopt: Adopt,
    /// How many deletions a plan may hold before it is refused, per kind.
    pub brakes: Brakes,
    /// Which secrets manifests may name.
    pub secrets: Secrets,
    /// Settings of the sandbox; read with --sandbox only.
    pub sandbox: Sandbox,
    /// Rules for shifts.
    pub shifts: Shifts,
    /// When a sign-in counts as being in time for a shift; read by `deskform adherence`.
    pub adherence: Adherence,
    /// Shift types that all schedules share.
    #[schemars(schema_with = "shift_types")]
    #[serde(skip_serializing)]
    shift_types: IgnoredAny,
    /// Settings that differ by environment: merge patches (RFC 7396) over these settings, chosen with --env.
    #[schemars(schema_with = "environments")]
    #[serde(skip_serializing)]
    environments: IgnoredAny,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            requires: None,
            timezone: "Asia/Shanghai".into(),
            manifests: vec!["manifests/**/*.yaml".into()],
            helpdesk: Helpdesk::default(),
            call_center: None,
            ledger: Ledger::default(),
            absence: Absence::default(),
            drift: Drift::default(),
            adopt: Adopt::Allow,
            brakes: Brakes::default(),
            secrets: Secrets::default(),
            sandbox: Sandbox::default(),
            shifts: Shifts::default(),
            adherence: Adherence::default(),
            shift_types: IgnoredAny,
            environments: IgnoredAny,
        }
    }
}

impl Settings {
    /// Links without a slash at the end, so that paths can be put behind them.
    pub(super) fn trim_urls(&mut self) {
        for url in [Some(&mut self.helpdesk.url), self.call_center.as_mut().map(|call_center| &mut call_center.url)].into_iter().flatten() {
            url.truncate(url.trim_end_matches('/').len());
        }
        if let Some(url) = &mut self.ledger.url {
            url.truncate(url.trim_end_matches('/').len());
        }
    }
}

/// The helpdesk, and how both platforms are called.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Helpdesk {
    /// Where the helpdesk is; https, or http on loopback.
    pub url: String,
    /// How deskform signs in.
    pub auth: Option<Auth>,
    /// Requests per second to each platform; 0 is no limit.
    #[schemars(range(max = 100_000))]
    pub requests_per_second: u32,
    /// Requests that may be under way at once, for each platform.
    #[schemars(range(min = 1, max = 256))]
    pub concurrency: u32,
    /// How a shift over midnight goes out: as two, or as one.
    pub overnight: Overnight,
    /// How long something just written may be missing from lists, on both platforms.
    pub settle: Milliseconds,
    /// Whether requests to the helpdesk carry a `Requestid` that stays the same when they are sent again. It helps to find them in the
    /// platform's logs; whether anything was made twice is never left to it.
    pub request_id: bool,
}

impl Default for Helpdesk {
    fn default() -> Self {
        Self {
            url: "https://www.bangwo8.com".into(),
            auth: None,
            requests_per_second: 10,
            concurrency: 8,
            overnight: Overnight::Split,
            settle: Milliseconds(2_000),
            request_id: false,
        }
    }
}

/// The call centre.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallCenter {
    /// Where the call centre is; https, or http on loopback.
    pub url: String,
    /// The token that every request carries.
    pub token: Credential,
    /// The company's abbreviation, in every request.
    #[schemars(length(min = 1))]
    pub abbreviate: String,
    /// The company's number, where the platform wants one.
    #[schemars(range(min = 0))]
    pub company_id: Option<i64>,
    /// The codes in replies that mean success.
    #[serde(default = "success_codes")]
    #[schemars(length(min = 1))]
    pub success_codes: Vec<i64>,
}

/// Success is 0 in the documents' text and 200 in their examples (api-spec.md A1).
fn success_codes() -> Vec<i64> {
    vec![0, 200]
}

/// How a shift over midnight goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Overnight {
    /// 22:00-06:00 goes out as 22:00-23:59 and 00:00-06:00 of the next day.
    Split,
    /// It goes out as it is.
    Single,
}

/// What was applied last.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Ledger {
    /// The ledger's file, relative to the project file.
    #[schemars(length(min = 1))]
    pub file: String,
    /// Instead of a file: a place in a bucket that several machines share (s3, gs or az); the environment says how to reach it.
    #[schemars(example = "s3://desk-ledgers/production")]
    pub url: Option<String>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { file: ".deskform/ledger.json".into(), url: None }
    }
}

impl Ledger {
    /// What names the ledger: its URL, or else its file. Two environments with the same name would share a ledger.
    pub fn name(&self) -> &str {
        self.url.as_deref().unwrap_or(&self.file)
    }
}

/// What happens to resources that are no longer declared, per kind.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Absence {
    /// Supports.
    pub support: OnAbsence,
    /// Permissions; deleting one is switching it off.
    pub permission: OnAbsence,
    /// Shifts.
    pub shift: OnAbsence,
    /// Seats.
    pub agent: OnAbsence,
}

impl Default for Absence {
    fn default() -> Self {
        Self { support: OnAbsence::Keep, permission: OnAbsence::Delete, shift: OnAbsence::Delete, agent: OnAbsence::Keep }
    }
}

impl Absence {
    /// What happens to resources of `kind`.
    pub fn of(&self, kind: Kind) -> OnAbsence {
        match kind {
            Kind::Support => self.support,
            Kind::Permission => self.permission,
            Kind::Shift => self.shift,
            Kind::Agent => self.agent,
        }
    }
}

/// What happens to a resource that is no longer declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OnAbsence {
    /// It stays and is listed in every plan.
    Keep,
    /// It is deleted.
    Delete,
}

/// What happens when somebody else changed a field: by `default`, by kind (`shift`), by field (`agent.skillGroup`); the narrowest counts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Drift(BTreeMap<String, OnDrift>);

impl Drift {
    /// What happens to drift of one field.
    pub fn of(&self, kind: Kind, field: &FieldKey) -> OnDrift {
        let name = format!("{}.{}", kind.word(), field.name(kind));
        let described = format!("{}.{}", kind.word(), field.field(kind).name);
        [name.as_str(), &described, kind.word(), "default"].iter().find_map(|key| self.0.get(*key)).copied().unwrap_or(OnDrift::Revert)
    }
}

impl JsonSchema for Drift {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Drift".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut keys = vec!["default".to_owned()];
        for kind in Kind::ALL {
            keys.push(kind.word().to_owned());
            keys.extend(kind.fields().iter().map(|field| format!("{}.{}", kind.word(), field.name)));
        }
        let action = OnDrift::json_schema(generator);
        json_schema!({
            "type": "object",
            "propertyNames": { "anyOf": [{ "enum": keys }, { "pattern": r"^support\.customFields\.field_[0-9]+$" }] },
            "additionalProperties": action,
            "examples": [{ "default": "revert", "shift": "keep", "agent.skillGroup": "keep" }],
        })
    }
}

/// What happens to a field that somebody else changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OnDrift {
    /// The plan sets it back.
    Revert,
    /// The plan shows it and leaves it.
    Keep,
}

/// Whether objects that exist already are taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Adopt {
    /// They are.
    Allow,
    /// They are an error.
    Refuse,
}

/// How many deletions a plan may hold, per kind.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Brakes {
    /// Supports; 2 deletions by default.
    pub support: Brake,
    /// Permissions; 100 deletions and 30 percent by default.
    pub permission: Brake,
    /// Shifts; 100 deletions and 30 percent by default.
    pub shift: Brake,
    /// Seats; 5 deletions by default.
    pub agent: Brake,
}

/// The brake of one kind.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Brake {
    /// More deletions are refused.
    pub max_deletions: Option<u32>,
    /// More deletions in percent of what the ledger owns of the kind are refused; looked at above 3 deletions.
    #[schemars(range(max = 100))]
    pub max_deletion_percent: Option<u8>,
}

/// What a brake lets through, defaults applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Deletions.
    pub deletions: u32,
    /// Deletions in percent of what the ledger owns of the kind; 100 is no limit.
    pub percent: u8,
}

impl Brakes {
    /// The limit of one kind. What the settings do not say is the default (design.md section 2).
    pub fn of(&self, kind: Kind) -> Limit {
        let (brake, deletions, percent) = match kind {
            Kind::Support => (self.support, 2, 100),
            Kind::Permission => (self.permission, 100, 30),
            Kind::Shift => (self.shift, 100, 30),
            Kind::Agent => (self.agent, 5, 100),
        };
        Limit { deletions: brake.max_deletions.unwrap_or(deletions), percent: brake.max_deletion_percent.unwrap_or(percent) }
    }
}

/// Which secrets manifests may name.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Secrets {
    /// Environment variables that manifests may name; "*" stands for any letters ("SEAT_*"). None by default.
    #[schemars(inner(regex(pattern = r"^[A-Za-z0-9_*]+$")))]
    pub allow_env: Vec<String>,
}

impl Secrets {
    /// Whether a manifest may name the environment variable. Whether a platform credential uses it is another question
    /// ([`super::Project::credential_variables`]).
    pub fn allows(&self, variable: &str) -> bool {
        self.allow_env.iter().any(|pattern| matches(pattern, variable))
    }
}

/// Whether `text` fits `pattern`, in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = tail.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    // Taking the first place of each middle part leaves the most for those that follow.
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Settings of the sandbox.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Sandbox {
    /// The instant that --sandbox takes for now, as RFC 3339.
    pub now: Option<String>,
}

/// Rules for shifts.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Shifts {
    /// Warn when somebody has fewer hours of rest between the shifts of two days; 0 is no warning.
    #[schemars(range(max = 48))]
    pub minimum_rest_hours: u32,
}

impl Default for Shifts {
    fn default() -> Self {
        Self { minimum_rest_hours: 11 }
    }
}

/// When a sign-in counts as being in time for a shift.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Adherence {
    /// How long before a shift begins a sign-in counts for it already.
    pub early_by: Milliseconds,
    /// How long after a shift has begun a sign-in is still in time.
    pub late_after: Milliseconds,
}

impl Default for Adherence {
    fn default() -> Self {
        Self { early_by: Milliseconds(2 * 3_600_000), late_after: Milliseconds(5 * 60_000) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_letters() {
        for (pattern, name, expected) in [
            ("SEAT_*", "SEAT_8001", true),
            ("SEAT_*", "MY_SEAT_1", false),
            ("*_KEY", "A_KEY", true),
            ("A*B*C", "A1B2C", true),
            ("A*B*C", "A1C2B", false),
            ("A*A", "A", false),
            ("A", "AB", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn the_narrowest_drift_setting_counts() {
        let drift: Drift = serde_json::from_value(
            serde_json::json!({ "default": "keep", "agent": "revert", "agent.name": "keep", "support.customFields.field_1": "revert" }),
        )
        .expect("readable");
        let of = |kind: Kind, name: &str| drift.of(kind, &kind.key(name).expect("a field"));
        assert_eq!(of(Kind::Support, "name"), OnDrift::Keep);
        assert_eq!(of(Kind::Agent, "role"), OnDrift::Revert);
        assert_eq!(of(Kind::Agent, "name"), OnDrift::Keep);
        assert_eq!(of(Kind::Support, "customFields.field_1"), OnDrift::Revert);
        assert_eq!(of(Kind::Support, "customFields.field_2"), OnDrift::Keep);
        assert_eq!(Drift::default().of(Kind::Shift, &FieldKey::Known(0)), OnDrift::Revert);
    }
}
