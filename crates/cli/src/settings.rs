//! What was asked for: the project file of one environment with variables and flags on top of it, in the words of planner and applier.
//!
//! Order, the strongest first: flag, environment variable, `--env`, file. Flags and variables are one by the time they come here
//! ([`crate::args`]), `--env` and file likewise ([`deskform_model::project`]).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use deskform_applier::ledger_store::{BucketOptions, LedgerPlace, LedgerUrl};
use deskform_applier::{CallCenterOptions, ClientOptions, HelpdeskAuth, HelpdeskOptions, Pace, Secrets};
use deskform_model::project::{Adopt, Auth, OnAbsence, OnDrift, Overnight, Project};
use deskform_model::{Desired, FieldKey, Kind, Platform, Text};
use deskform_planner::brake;
use deskform_planner::ledger::Identity;
use deskform_planner::policy::{self, Policy};
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretString};

use crate::args::Global;
use crate::clock::Clock;
use crate::error::{CliError, Trouble};
use crate::repository;
use crate::secrets::credential;

/// The folder of everything that deskform writes beside the manifests.
const OWN_FOLDER: &str = ".deskform";

/// Everything that a command needs to know besides its own flags.
#[derive(Debug)]
pub struct Settings {
    /// The project's folder.
    pub root: PathBuf,
    /// The same from the root of its repository, as it stands before a manifest's path: empty, or folders that end with `/`.
    pub folder: String,
    /// The project file, environment merged in.
    pub project: Project,
    /// The project's zone.
    pub zone: TimeZone,
    /// When this run takes place.
    pub clock: Clock,
    /// Where the ledger is.
    pub ledger: LedgerPlace,
    /// Whether the platforms are a sandbox in this process.
    pub sandbox: bool,
}

impl Settings {
    /// Puts flags and variables on top of the project file.
    ///
    /// # Errors
    /// When the zone is unknown or the given time is none.
    pub fn new(global: &Global, root: PathBuf, mut project: Project) -> Result<Self, Trouble> {
        let name = &project.settings.timezone;
        let zone = TimeZone::get(name).map_err(|source| Trouble::Zone { name: name.clone(), source })?;
        let sandbox_now = project.settings.sandbox.now.as_deref().filter(|_| global.sandbox);
        let clock = Clock::read(global.now.as_deref().or(sandbox_now), &zone)?;
        if let Some(url) = &global.helpdesk_url {
            project.settings.helpdesk.url = without_slash(url);
        }
        if let (Some(url), Some(call_center)) = (&global.call_center_url, &mut project.settings.call_center) {
            call_center.url = without_slash(url);
        }
        let ledger = &project.settings.ledger;
        let ledger = match &ledger.url {
            _ if global.sandbox => LedgerPlace::File(under(&root, &Path::new(OWN_FOLDER).join("sandbox-ledger.json"))),
            Some(url) => {
                let url = LedgerUrl::parse(url).map_err(|source| Trouble::LedgerPlace { source: Box::new(source) })?;
                LedgerPlace::Bucket(url, BucketOptions::from_environment())
            }
            None => LedgerPlace::File(under(&root, Path::new(&ledger.file))),
        };
        let folder = repository::folder(global);
        Ok(Self { root, folder, project, zone, clock, ledger, sandbox: global.sandbox })
    }

    /// The file of the sandbox's data.
    pub fn sandbox_data(&self) -> PathBuf {
        under(&self.root, &Path::new(OWN_FOLDER).join("sandbox.db"))
    }

    /// `--env`, or empty.
    pub fn environment(&self) -> &str {
        self.project.environment.as_deref().unwrap_or_default()
    }

    /// Whose ledger is to be used, with the platforms as they are reached in this run.
    pub fn identity(&self, sandbox_url: Option<&str>) -> Identity {
        let project = self.project.name.clone();
        if self.sandbox {
            // One sandbox serves all environments of a project. Where none was started, its address does not matter.
            let url = Text::from(sandbox_url.unwrap_or_default());
            return Identity {
                project,
                environment: "sandbox".into(),
                helpdesk: url.clone(),
                call_center: url,
                abbreviate: Text::default(),
            };
        }
        let helpdesk = &self.project.settings.helpdesk;
        let call_center = self.project.settings.call_center.as_ref();
        Identity {
            project,
            environment: self.environment().into(),
            helpdesk: if helpdesk.auth.is_some() { origin(&helpdesk.url) } else { Text::default() },
            call_center: call_center.map(|call_center| origin(&call_center.url)).unwrap_or_default(),
            abbreviate: call_center.map(|call_center| call_center.abbreviate.as_str().into()).unwrap_or_default(),
        }
    }

    /// Whether every configured platform is on this machine.
    pub fn is_loopback(&self) -> bool {
        let settings = &self.project.settings;
        let helpdesk = settings.helpdesk.auth.is_some().then_some(&settings.helpdesk.url);
        let call_center = settings.call_center.as_ref().map(|call_center| &call_center.url);
        self.sandbox || helpdesk.into_iter().chain(call_center).all(|url| is_loopback(url))
    }

    /// How the platforms are reached. Credentials are read for those that are `wanted`, and only for them.
    ///
    /// # Errors
    /// When a wanted platform is not configured or a credential cannot be read.
    pub fn client(&self, wanted: impl Fn(Platform) -> bool, sandbox_url: Option<&str>) -> Result<ClientOptions, CliError> {
        let secrets = self.secrets();
        let settings = &self.project.settings;
        let pace = Pace {
            requests_per_second: if self.sandbox { 0 } else { settings.helpdesk.requests_per_second },
            concurrency: settings.helpdesk.concurrency as usize,
        };
        let mut options = ClientOptions::default();
        if let Some(url) = sandbox_url {
            let defaults = deskform_sandbox::Options::default();
            let password = SecretString::from(defaults.password);
            options.helpdesk = Some(HelpdeskOptions { pace, ..HelpdeskOptions::new(url, defaults.account, password) });
            let token = SecretString::from(defaults.token);
            options.call_center = Some(CallCenterOptions { pace, ..CallCenterOptions::new(url, token, defaults.abbreviate) });
            return Ok(options);
        }
        if wanted(Platform::Helpdesk) {
            let auth = settings.helpdesk.auth.as_ref().ok_or(Trouble::NotConfigured { platform: Platform::Helpdesk })?;
            let auth = match auth {
                Auth::Basic(basic) => HelpdeskAuth::Basic {
                    account: credential(&secrets, &basic.account)?.expose_secret().into(),
                    password: credential(&secrets, &basic.password)?,
                },
                Auth::OAuth2(oauth2) => HelpdeskAuth::OAuth2 {
                    client_id: credential(&secrets, &oauth2.client_id)?,
                    client_secret: credential(&secrets, &oauth2.client_secret)?,
                    token_url: oauth2.token_url.clone(),
                    account: oauth2.account.as_deref().map(Text::from),
                },
            };
            let helpdesk = HelpdeskOptions::with_auth(&settings.helpdesk.url, auth);
            options.helpdesk = Some(HelpdeskOptions { pace, request_ids: settings.helpdesk.request_id, ..helpdesk });
        }
        if wanted(Platform::CallCenter) {
            let call_center = settings.call_center.as_ref().ok_or(Trouble::NotConfigured { platform: Platform::CallCenter })?;
            let token = credential(&secrets, &call_center.token)?;
            options.call_center = Some(CallCenterOptions {
                pace,
                company_id: call_center.company_id,
                success_codes: call_center.success_codes.iter().copied().collect(),
                ..CallCenterOptions::new(&call_center.url, token, call_center.abbreviate.as_str())
            });
        }
        Ok(options)
    }

    /// Where credentials and manifests' secrets are read.
    pub fn secrets(&self) -> Secrets {
        Secrets::new(&self.root).without_files(self.project.credential_files())
    }

    /// How long something just written may be missing from lists.
    pub fn settle(&self) -> Duration {
        if self.sandbox { Duration::ZERO } else { Duration::from_millis(self.project.settings.helpdesk.settle.0) }
    }

    /// What a plan does with differences. The manifests are asked for the custom fields that they use: the project file may name any.
    pub fn policy(&self, desired: &Desired, destroy: bool) -> Policy {
        let settings = &self.project.settings;
        let custom = desired.of_kind(Kind::Support).iter().flat_map(|resource| resource.values.iter());
        let custom: BTreeSet<&FieldKey> = custom.map(|(key, _)| key).filter(|key| matches!(key, FieldKey::Custom(_))).collect();
        let custom = custom.into_iter().map(|key| (Kind::Support, key.clone()));
        let known = Kind::ALL.into_iter().flat_map(|kind| (0..kind.fields().len()).map_while(move |at| known_field(kind, at)));
        let drift = |kind, key: &FieldKey| match settings.drift.of(kind, key) {
            OnDrift::Revert => policy::Drift::Revert,
            OnDrift::Keep => policy::Drift::Keep,
        };
        Policy {
            absence: Kind::ALL
                .into_iter()
                .map(|kind| match settings.absence.of(kind) {
                    OnAbsence::Keep => (kind, policy::Absence::Keep),
                    OnAbsence::Delete => (kind, policy::Absence::Delete),
                })
                .collect(),
            drift_of_field: known.chain(custom).map(|(kind, key)| ((kind, key.clone()), drift(kind, &key))).collect(),
            adopt: settings.adopt == Adopt::Allow,
            overnight: self.overnight(),
            destroy,
            ..Policy::default()
        }
    }

    /// How shifts over midnight are sent.
    pub fn overnight(&self) -> policy::Overnight {
        match self.project.settings.helpdesk.overnight {
            Overnight::Split => policy::Overnight::Split,
            Overnight::Single => policy::Overnight::Single,
        }
    }

    /// How much each kind may lose in one plan.
    pub fn limits(&self) -> BTreeMap<Kind, brake::Limit> {
        let limit = |kind| {
            let limit = self.project.settings.brakes.of(kind);
            brake::Limit { max_deletions: Some(limit.deletions), max_deletion_percent: (limit.percent < 100).then_some(limit.percent) }
        };
        Kind::ALL.into_iter().map(|kind| (kind, limit(kind))).collect()
    }
}

fn known_field(kind: Kind, at: usize) -> Option<(Kind, FieldKey)> {
    u8::try_from(at).ok().map(|at| (kind, FieldKey::Known(at)))
}

/// `path` taken from `base`; without a `./` in front when the base is the working folder, because people read these paths.
pub fn under(base: &Path, path: &Path) -> PathBuf {
    if base.as_os_str().is_empty() || base == Path::new(".") { path.to_owned() } else { base.join(path) }
}

fn without_slash(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

/// Scheme, host and port in lower case.
fn origin(url: &str) -> Text {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}").to_lowercase().into()
}

pub(crate) fn is_loopback(url: &str) -> bool {
    let origin = origin(url);
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use deskform_model::project;
    use deskform_model::source::SourceId;

    use super::*;

    const PROJECT: &str = "\
apiVersion: deskform/v1
kind: Project
metadata: {name: acme}
spec:
  helpdesk: {url: https://helpdesk.example/, auth: {basic: {account: {env: A}, password: {env: B}}}}
  callCenter: {url: https://calls.example, token: {env: C}, abbreviate: acme}
  sandbox: {now: \"2026-12-01T06:00:00+08:00\"}
  drift: {default: keep, agent.name: revert}
  brakes: {shift: {maxDeletions: 7, maxDeletionPercent: 100}}
  environments:
    staging: {helpdesk: {url: https://staging.example}, ledger: {file: .deskform/staging.json}}
";

    fn settings(global: &Global) -> Settings {
        let (project, findings) = project::read(SourceId(0), PROJECT, global.env.as_deref(), "0.1.0");
        assert!(findings.is_empty(), "{findings:?}");
        Settings::new(global, PathBuf::from("."), project.expect("valid")).expect("valid")
    }

    #[test]
    fn a_flag_beats_the_environment_which_beats_the_file() {
        let url = |global: &Global| settings(global).project.settings.helpdesk.url;
        let staging = Global { env: Some("staging".into()), ..Global::default() };
        assert_eq!(url(&Global::default()), "https://helpdesk.example");
        assert_eq!(url(&staging), "https://staging.example");
        assert_eq!(url(&Global { helpdesk_url: Some("http://127.0.0.1:1/".into()), ..staging }), "http://127.0.0.1:1");
    }

    #[test]
    fn the_sandbox_has_a_ledger_and_a_clock_of_its_own() {
        let plain = settings(&Global { env: Some("staging".into()), ..Global::default() });
        assert_eq!(plain.ledger.to_string(), ".deskform/staging.json");
        assert!(!plain.clock.fixed && !plain.is_loopback());
        let sandbox = settings(&Global { sandbox: true, ..Global::default() });
        assert_eq!(sandbox.ledger.to_string(), ".deskform/sandbox-ledger.json");
        assert_eq!(sandbox.clock.now.to_string(), "2026-12-01T06:00:00");
        assert!(sandbox.is_loopback());
    }

    #[test]
    fn now_beats_the_sandboxes_clock() {
        let global = Global { sandbox: true, now: Some("2027-01-01T00:00:00Z".into()), ..Global::default() };
        assert_eq!(settings(&global).clock.now.to_string(), "2027-01-01T08:00:00");
    }

    #[test]
    fn drift_and_limits_reach_the_planner() {
        let settings = settings(&Global::default());
        let policy = settings.policy(&Desired::default(), false);
        let drift = |kind: Kind, name: &str| policy.drift(kind, &kind.key(name).expect("a field"));
        assert_eq!(drift(Kind::Agent, "name"), policy::Drift::Revert);
        assert_eq!(drift(Kind::Agent, "role"), policy::Drift::Keep);
        assert_eq!(settings.limits()[&Kind::Shift], brake::Limit { max_deletions: Some(7), max_deletion_percent: None });
    }

    #[test]
    fn origins_and_loopback_are_told_by_the_host() {
        assert_eq!(origin("HTTPS://Helpdesk.example:8443/api"), "https://helpdesk.example:8443");
        for url in ["http://127.0.0.1:80", "http://localhost/x", "http://[::1]:9"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["https://127.0.0.1.example", "https://localhost.example", "https://10.0.0.1"] {
            assert!(!is_loopback(url), "{url}");
        }
    }

    #[test]
    fn credentials_of_platforms_that_are_not_wanted_are_not_read() {
        let options = settings(&Global::default()).client(|_| false, None).expect("nothing to read");
        assert!(options.helpdesk.is_none() && options.call_center.is_none());
    }
}
