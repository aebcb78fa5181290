//! A service desk for tests: a sandbox, a ledger folder, and manifests as resources. Plans are made by the planner from a real reading, so
//! that what is applied is what people would apply.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use deskform_applier::executor::{ApplyError, ApplyOptions, Interrupt, OpenLedger, apply};
use deskform_applier::ledger_store::{FileLedger, Mode};
use deskform_applier::{
    CallCenterOptions, Client, ClientOptions, CredentialsOut, Event, Fate, HelpdeskOptions, Outcome, Pace, Patience, Reader, RetryPolicy,
    Secrets, observe_and_heal,
};
use deskform_model::kind::Module;
use deskform_model::secret::{SecretRef, SecretSource};
use deskform_model::source::{SourceId, Span};
use deskform_model::time;
use deskform_model::{Address, Desired, Ensure, Kind, Lifecycle, NaturalKey, Person, Resource, Text, Value, Values};
use deskform_planner::ledger::{Entry, Identity, Record};
use deskform_planner::{Action, Inputs, Ledger, Plan, Policy, needs, plan};
use deskform_sandbox::{Clock, Options, Running, Sandbox};

use crate::proxy::Proxy;

pub(crate) const NOW: &str = "2026-12-01T08:00:00";

pub(crate) struct Desk {
    pub(crate) sandbox: Running,
    pub(crate) proxy: Proxy,
    pub(crate) client: Client,
    pub(crate) desired: Vec<Resource>,
    pub(crate) policy: Policy,
    pub(crate) interrupt: Interrupt,
    pub(crate) revision: &'static str,
    /// Where generated credentials go.
    pub(crate) credentials: Option<CredentialsOut>,
    /// How long the run believes that lists lag.
    pub(crate) settle: Duration,
    /// What the last plan found of open intents.
    recovered: RefCell<Vec<Record>>,
    folder: tempfile::TempDir,
    variables: Vec<(String, std::ffi::OsString)>,
}

/// What a run told and left behind.
pub(crate) struct Ran {
    pub(crate) plan: Plan,
    pub(crate) outcome: Outcome,
    pub(crate) events: Vec<Event>,
}

impl Desk {
    pub(crate) async fn open(desired: Vec<Resource>) -> Self {
        let clock = Clock::Fixed(NOW.parse().unwrap());
        let sandbox = Sandbox::start(Options { clock, ..Options::default() }).await.unwrap();
        let proxy = Proxy::start(sandbox.helpdesk_url()).await;
        let pace = Pace { requests_per_second: 0, concurrency: 8 };
        let mut helpdesk = HelpdeskOptions::new(&proxy.url, "admin", "admin-pass".into());
        helpdesk.pace = pace;
        helpdesk.request_ids = true;
        let mut call_center = CallCenterOptions::new(&proxy.url, "test-token".into(), "demo");
        call_center.pace = pace;
        let retry = RetryPolicy { first_wait: Duration::from_millis(2), attempts: 3, ..RetryPolicy::default() };
        let options = ClientOptions { helpdesk: Some(helpdesk), call_center: Some(call_center), retry, ..ClientOptions::default() };
        Self {
            client: Client::new(options).unwrap(),
            sandbox,
            proxy,
            desired,
            policy: Policy::default(),
            interrupt: Interrupt::new(),
            revision: "",
            credentials: None,
            settle: Duration::from_millis(5),
            recovered: RefCell::default(),
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    pub(crate) fn set_variable(&mut self, name: &str, value: &str) {
        self.variables.push((name.into(), value.into()));
    }

    pub(crate) fn ledger_path(&self) -> std::path::PathBuf {
        self.folder.path().join("ledger.json")
    }

    fn open_ledger(&self, mode: Mode) -> FileLedger {
        FileLedger::open(&self.ledger_path(), identity(), mode).unwrap()
    }

    /// The ledger as the next run would read it.
    pub(crate) fn ledger(&self) -> Ledger {
        self.open_ledger(Mode::Read).into_parts().0
    }

    pub(crate) fn entry(&self, address: &str) -> Option<Entry> {
        self.ledger().entries.into_values().find(|entry| entry.address.to_string() == address)
    }

    pub(crate) async fn plan(&self) -> Plan {
        let ledger = self.open_ledger(Mode::Read);
        let desired = Desired::new(self.desired.clone(), Vec::new(), 1);
        let now = NOW.parse().unwrap();
        let needs = needs(&desired, ledger.ledger(), now);
        let (reader, patience) = (Reader::new(self.client.clone()), Patience { now, settle: self.settle, wait: true });
        let (observed, healed) = observe_and_heal(&reader, &needs, ledger.ledger(), patience, &mut |_| {}, &mut |_| {}).await.unwrap();
        *self.recovered.borrow_mut() = healed.records();
        let inputs =
            Inputs { desired: &desired, observed: &observed, ledger: &healed.ledger, ledger_known: true, policy: &self.policy, now };
        plan(inputs).unwrap()
    }

    /// Plans and applies.
    pub(crate) async fn run(&self) -> Ran {
        let plan = self.plan().await;
        self.proxy.clear();
        self.try_apply(plan, &mut |_| {}).await.unwrap()
    }

    pub(crate) async fn try_apply(&self, plan: Plan, watch: &mut dyn FnMut(&Event)) -> Result<Ran, ApplyError> {
        let ledger = self.open_ledger(Mode::Apply { command: "test".into(), at: NOW.into() }).for_apply();
        self.apply_to(plan, ledger, watch).await
    }

    pub(crate) async fn apply_to(&self, plan: Plan, ledger: OpenLedger, watch: &mut dyn FnMut(&Event)) -> Result<Ran, ApplyError> {
        let secrets = Secrets::new(self.folder.path()).with_variables(self.variables.clone());
        let options = ApplyOptions {
            helpdesk_settle: self.settle,
            call_center_settle: self.settle,
            revision: self.revision.into(),
            credentials: self.credentials.clone(),
            recovered: self.recovered.take(),
            ..ApplyOptions::new(NOW.parse().unwrap())
        };
        let mut events = Vec::new();
        let mut on_event = |event: Event| {
            watch(&event);
            events.push(event);
        };
        let outcome = apply(&plan, ledger, &self.client, &secrets, &options, &self.interrupt, &mut on_event).await?;
        Ok(Ran { plan, outcome, events })
    }

    /// The requests that write, as `METHOD /path`, in order of arrival.
    pub(crate) fn writes(&self) -> Vec<String> {
        let reads = |request: &String| request.starts_with("GET") || request.ends_with("/agent/page") || request.ends_with("/one/v2");
        self.proxy.seen().into_iter().filter(|request| !reads(request)).collect()
    }

    /// Says that nothing would change, and why not if something would.
    pub(crate) async fn assert_in_sync(&self) {
        let plan = self.plan().await;
        let left: Vec<_> = plan.changes.iter().map(|change| (change.address.to_string(), &change.action)).collect();
        assert!(left.is_empty(), "{left:#?}");
    }
}

impl Ran {
    pub(crate) fn fate(&self, address: &str) -> &Fate {
        let found: Vec<_> = self.outcome.changes.iter().filter(|change| change.address.to_string() == address).collect();
        let [change] = found[..] else { panic!("{} changes of {address}", found.len()) };
        &change.fate
    }

    pub(crate) fn assert_complete(&self) {
        let bad: Vec<_> = self.outcome.changes.iter().filter(|change| !change.fate.is_applied()).collect();
        assert!(self.outcome.is_complete(), "{bad:#?} {:?}", self.outcome.ledger_error);
        assert!(self.outcome.read_back_error.is_none(), "{:?}", self.outcome.read_back_error);
    }

    /// The word for each change's action, by address.
    pub(crate) fn actions(&self) -> Vec<(String, &'static str)> {
        let word = |action: &Action| match action {
            Action::Create { .. } => "create",
            Action::Update { .. } => "update",
            Action::Restore { .. } => "restore",
            Action::Delete { .. } => "delete",
            Action::Record { .. } => "record",
            Action::Forget { .. } => "forget",
            Action::Refuse { .. } => "refuse",
        };
        self.plan.changes.iter().map(|change| (change.address.to_string(), word(&change.action))).collect()
    }
}

pub(crate) fn identity() -> Identity {
    Identity { project: "test".into(), helpdesk: "http://127.0.0.1".into(), ..Identity::default() }
}

pub(crate) fn values(kind: Kind, pairs: &[(&str, Value)]) -> Values {
    pairs.iter().map(|(name, value)| (kind.key(name).unwrap(), value.clone())).collect()
}

pub(crate) fn text(text: &str) -> Value {
    Value::text(text)
}

pub(crate) fn declared(name: &str) -> Person {
    Person::Declared(name.into())
}

fn resource(address: Address, key: NaturalKey, values: Values) -> Resource {
    Resource {
        address,
        key,
        title: Text::default(),
        values,
        secret: None,
        support: None,
        lifecycle: Arc::default(),
        origin: Span::new(SourceId(0), 0, 0),
        field_spans: Box::default(),
    }
}

fn with_more(mut values: Values, kind: Kind, more: &[(&str, Value)]) -> Values {
    for (field, value) in more {
        values.insert(kind.key(field).unwrap(), value.clone());
    }
    values
}

pub(crate) fn support(name: &str, more: &[(&str, Value)]) -> Resource {
    let account = format!("acc-{name}");
    let basic = values(Kind::Support, &[("account", text(&account)), ("staffNumber", text("001")), ("name", text(name))]);
    let key = NaturalKey::Support { account: account.into() };
    resource(Address::support(name), key, with_more(basic, Kind::Support, more))
}

pub(crate) fn permission(person: &str, enabled: bool) -> Resource {
    let person = declared(person);
    let key = NaturalKey::Permission { person: person.clone(), module: Module::CallCenter };
    resource(Address::permission(&person, Module::CallCenter), key, values(Kind::Permission, &[("enabled", Value::Flag(enabled))]))
}

pub(crate) fn shift(person: &str, date: &str, start: &str, end: &str) -> Resource {
    let person = declared(person);
    let (date, begins) = (time::parse_date(date).unwrap(), time::parse_time(start).unwrap());
    let pairs = [("start", text(start)), ("end", text(end)), ("name", text("早班")), ("remark", Value::Null), ("url", Value::Null)];
    let key = NaturalKey::Shift { person: person.clone(), date, start: begins };
    resource(Address::shift(&person, date, begins), key, values(Kind::Shift, &pairs))
}

pub(crate) fn seat(operator_id: &str, person: Option<&str>, more: &[(&str, Value)]) -> Resource {
    let basic = values(Kind::Agent, &[("operatorId", text(operator_id)), ("name", text("座席")), ("role", text("客服"))]);
    let key = NaturalKey::Agent { operator_id: operator_id.into() };
    let mut seat = resource(Address::agent(operator_id), key, with_more(basic, Kind::Agent, more));
    seat.support = person.map(declared).map(Box::new);
    seat
}

pub(crate) fn with_password(mut resource: Resource, variable: &str, version: u32) -> Resource {
    let key = resource.kind().key("password").unwrap();
    resource.values.insert(key, Value::Secret { version });
    resource.secret = Some(Box::new(SecretRef { source: SecretSource::Env(variable.into()), version }));
    resource
}

pub(crate) fn absent(mut resource: Resource) -> Resource {
    resource.lifecycle = Arc::new(Lifecycle { ensure: Ensure::Absent, ..Lifecycle::default() });
    resource
}

pub(crate) fn set(resource: &mut Resource, field: &str, value: Value) {
    let key = resource.kind().key(field).unwrap();
    resource.values.insert(key, value);
}
