//! Small worlds for planner tests: start with desired, live and ledger equal, then disturb one side.

use std::sync::Arc;

use deskform_model::kind::Module;
use deskform_model::source::{SourceId, Span};
use deskform_model::time::{self, DateTime};
use deskform_model::{Address, Desired, Ensure, Kind, Lifecycle, NaturalKey, Person, RemoteId, Resource, Text, Value, Values};
use deskform_planner::ledger::{Entry, EntryId, Recycled};
use deskform_planner::overnight;
use deskform_planner::policy::Overnight;
use deskform_planner::{Duty, Inputs, Ledger, LiveObject, Observed, Plan, PlanProblem, Policy, plan};

pub(crate) const NOW: &str = "2026-12-01T08:00";

pub(crate) struct World {
    pub(crate) desired: Vec<Resource>,
    pub(crate) observed: Observed,
    pub(crate) ledger: Ledger,
    pub(crate) policy: Policy,
    pub(crate) now: DateTime,
    next_duty: usize,
}

pub(crate) fn id(text: &str) -> RemoteId {
    RemoteId::new(text).expect("not empty")
}

pub(crate) fn values(kind: Kind, pairs: &[(&str, Value)]) -> Values {
    pairs.iter().map(|(name, value)| (kind.key(name).unwrap_or_else(|| panic!("{name} is no field of {kind:?}")), value.clone())).collect()
}

pub(crate) fn text(text: &str) -> Value {
    Value::text(text)
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

pub(crate) fn support(name: &str, account: &str, more: &[(&str, Value)]) -> Resource {
    let mut all = values(Kind::Support, &[("account", text(account)), ("staffNumber", text("001"))]);
    for (field, value) in more {
        all.insert(Kind::Support.key(field).expect("a field"), value.clone());
    }
    resource(Address::support(name), NaturalKey::Support { account: account.into() }, all)
}

pub(crate) fn permission(person: &Person, enabled: bool) -> Resource {
    let key = NaturalKey::Permission { person: person.clone(), module: Module::CallCenter };
    resource(Address::permission(person, Module::CallCenter), key, values(Kind::Permission, &[("enabled", Value::Flag(enabled))]))
}

pub(crate) fn shift(person: &Person, date: &str, start: &str, end: &str, name: &str) -> Resource {
    let (date, start_time) = (time::parse_date(date).expect("a date"), time::parse_time(start).expect("a time"));
    let all = values(
        Kind::Shift,
        &[("start", text(start)), ("end", text(end)), ("name", text(name)), ("remark", Value::Null), ("url", Value::Null)],
    );
    let key = NaturalKey::Shift { person: person.clone(), date, start: start_time };
    resource(Address::shift(person, date, start_time), key, all)
}

pub(crate) fn agent(operator: &str, more: &[(&str, Value)]) -> Resource {
    let mut all = values(Kind::Agent, &[("operatorId", text(operator))]);
    for (field, value) in more {
        all.insert(Kind::Agent.key(field).expect("a field"), value.clone());
    }
    resource(Address::agent(operator), NaturalKey::Agent { operator_id: operator.into() }, all)
}

pub(crate) fn declared(name: &str) -> Person {
    Person::Declared(name.into())
}

pub(crate) fn with(mut resource: Resource, change: impl FnOnce(&mut Lifecycle)) -> Resource {
    let mut lifecycle = Lifecycle::clone(&resource.lifecycle);
    change(&mut lifecycle);
    resource.lifecycle = Arc::new(lifecycle);
    resource
}

pub(crate) fn absent(resource: Resource) -> Resource {
    with(resource, |lifecycle| lifecycle.ensure = Ensure::Absent)
}

pub(crate) fn released(resource: Resource) -> Resource {
    with(resource, |lifecycle| lifecycle.ensure = Ensure::Released)
}

impl World {
    /// A world in which everything desired was applied: supports get the ids `1`, `2`, ... in the order given.
    pub(crate) fn applied(desired: Vec<Resource>) -> Self {
        let now = NOW.parse().expect("a moment");
        let mut world = Self {
            desired: Vec::new(),
            observed: Observed::default(),
            ledger: Ledger::default(),
            policy: Policy::default(),
            now,
            next_duty: 0,
        };
        world.observed.caller = Some("admin".into());
        for resource in desired {
            world.apply(&resource);
            world.desired.push(resource);
        }
        world
    }

    /// An empty world.
    pub(crate) fn new(desired: Vec<Resource>) -> Self {
        let mut world = Self::applied(Vec::new());
        world.desired = desired;
        world
    }

    fn person(&self, person: &Person) -> RemoteId {
        match person {
            Person::Id(sid) => id(sid),
            Person::Declared(name) => {
                let found = self.ledger.of_kind(Kind::Support).find(|entry| entry.address.label == *name).expect("applied before");
                found.remotes[0].clone()
            }
            Person::Account(_) => panic!("use a declared person or an id"),
        }
    }

    /// Puts a resource on its platform and into the ledger.
    pub(crate) fn apply(&mut self, resource: &Resource) {
        let before = self.observed.clone();
        let mut entry = Entry {
            address: resource.address.clone(),
            key: resource.key.clone(),
            remotes: Vec::new(),
            set: resource.values.clone(),
            seen: None,
            at: "2026-11-30T09:00:00".into(),
            protect: resource.lifecycle.protect,
            support: resource.support.as_ref().map(|person| self.person(person)),
            title: resource.title.clone(),
        };
        match &resource.key {
            NaturalKey::Support { .. } => {
                let remote = id(&(before.supports.len() + 1).to_string());
                entry.remotes.push(remote.clone());
                entry.seen = Some(resource.values.clone());
                self.observed.supports.push(LiveObject { remote, key: resource.key.clone(), values: resource.values.clone() });
            }
            NaturalKey::Agent { operator_id } => {
                let remote = id(operator_id);
                let mut shown = resource.values.clone();
                for hidden in ["role", "password", "initialSkill.name", "initialSkill.level"] {
                    shown.remove(&Kind::Agent.key(hidden).expect("a field"));
                }
                entry.remotes.push(remote.clone());
                entry.seen = Some(shown.clone());
                self.observed.agents.push(LiveObject { remote, key: resource.key.clone(), values: shown });
            }
            NaturalKey::Permission { person, module } => {
                let sid = self.person(person);
                entry.key = NaturalKey::Permission { person: Person::Id(sid.text().clone()), module: *module };
                entry.remotes.push(sid);
            }
            NaturalKey::Shift { person, date, start } => {
                let sid = self.person(person);
                entry.key = NaturalKey::Shift { person: Person::Id(sid.text().clone()), date: *date, start: *start };
                entry.remotes = self.duties(&sid, resource);
                let mut shown = resource.values.clone();
                shown.remove(&Kind::Shift.key("url").expect("a field"));
                entry.seen = Some(shown);
            }
        }
        self.ledger.entries.insert(entry.id(), entry);
    }

    /// Puts the duties of a shift on the platform only.
    pub(crate) fn duties(&mut self, person: &RemoteId, resource: &Resource) -> Vec<RemoteId> {
        let NaturalKey::Shift { date, .. } = resource.key else { panic!("no shift") };
        let (start, end) = overnight::hours(&resource.values).expect("hours");
        let mut remotes = Vec::new();
        for piece in overnight::pieces(date, start, end, Overnight::Split) {
            self.next_duty += 1;
            let remote = id(&format!("{person}_{}_{}", piece.date, self.next_duty));
            let mut shown = resource.values.clone();
            shown.remove(&Kind::Shift.key("url").expect("a field"));
            shown.insert(Kind::Shift.key("start").expect("a field"), text(&time::format_time(piece.start)));
            shown.insert(Kind::Shift.key("end").expect("a field"), text(&time::format_time(piece.end)));
            self.observed.duties.push(Duty { remote: remote.clone(), person: person.clone(), date: piece.date, values: shown });
            remotes.push(remote);
        }
        remotes
    }

    /// A number that nothing has had.
    pub(crate) fn fresh(&mut self) -> usize {
        self.next_duty += 1;
        self.next_duty
    }

    /// Changes a live value of a support or a seat.
    pub(crate) fn drift(&mut self, address: &str, field: &str, value: Value) {
        let address = Address::parse(address).expect("an address");
        let entry = self.ledger.entries.values().find(|entry| entry.address == address).expect("owned");
        let objects = if address.kind == Kind::Support { &mut self.observed.supports } else { &mut self.observed.agents };
        let object = objects.iter_mut().find(|object| object.remote == entry.remotes[0]).expect("live");
        object.values.insert(address.kind.key(field).expect("a field"), value);
    }

    /// Changes a live value of a duty of an owned shift.
    pub(crate) fn drift_duty(&mut self, address: &str, half: usize, field: &str, value: Value) {
        let remote = self.entry(address).remotes[half].clone();
        let duty = self.observed.duties.iter_mut().find(|duty| duty.remote == remote).expect("live");
        duty.values.insert(Kind::Shift.key(field).expect("a field"), value);
    }

    /// Removes live objects of an owned resource.
    pub(crate) fn vanish(&mut self, address: &str) {
        let remotes = self.entry(address).remotes.clone();
        self.observed.supports.retain(|object| !remotes.contains(&object.remote));
        self.observed.agents.retain(|object| !remotes.contains(&object.remote));
        self.observed.duties.retain(|duty| !remotes.contains(&duty.remote));
    }

    /// Puts an owned support into the bin as deskform would have done.
    pub(crate) fn recycle(&mut self, address: &str) {
        let entry = self.entry(address).clone();
        let NaturalKey::Support { account } = &entry.key else { panic!("no support") };
        let at = self.observed.supports.iter().position(|object| object.remote == entry.remotes[0]).expect("live");
        let object = self.observed.supports.remove(at);
        self.observed.recycled.push(object);
        self.ledger.entries.remove(&entry.id());
        let recycled = Recycled { remote: entry.remotes[0].clone(), address: entry.address.clone(), set: entry.set.clone() };
        self.ledger.recycled.insert(account.clone(), recycled);
    }

    pub(crate) fn entry(&self, address: &str) -> &Entry {
        let address = Address::parse(address).expect("an address");
        self.ledger.entries.values().find(|entry| entry.address == address).expect("owned")
    }

    pub(crate) fn disown(&mut self, address: &str) {
        let id: EntryId = self.entry(address).id();
        self.ledger.entries.remove(&id);
    }

    pub(crate) fn undeclare(&mut self, address: &str) {
        let address = Address::parse(address).expect("an address");
        self.desired.retain(|resource| resource.address != address);
    }

    pub(crate) fn declare(&mut self, resource: Resource) {
        self.desired.retain(|have| have.address != resource.address);
        self.desired.push(resource);
    }

    pub(crate) fn try_plan(&self) -> Result<Plan, Vec<PlanProblem>> {
        let desired = Desired::new(self.desired.clone(), Vec::new(), self.desired.len());
        plan(Inputs {
            desired: &desired,
            observed: &self.observed,
            ledger: &self.ledger,
            ledger_known: true,
            policy: &self.policy,
            now: self.now,
        })
    }

    pub(crate) fn plan(&self) -> Plan {
        self.try_plan().expect("a plan")
    }

    /// The plan in a few words, one line a change: action, address, fields.
    pub(crate) fn summary(&self) -> Vec<String> {
        self.plan().changes.iter().map(describe).collect()
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        self.plan().notes.iter().map(|note| format!("{} {:?}", note.address, note.what)).collect()
    }
}

pub(crate) fn describe(change: &deskform_planner::Change) -> String {
    use deskform_planner::Action;
    let kind = change.kind();
    let fields =
        |fields: &[deskform_planner::plan::FieldChange]| fields.iter().map(|field| field.field.name(kind)).collect::<Vec<_>>().join(" ");
    let what = match &change.action {
        Action::Create { .. } => "create".to_owned(),
        Action::Update { fields: changed, .. } => format!("update [{}]", fields(changed)),
        Action::Restore { fields: changed, .. } => format!("restore [{}]", fields(changed)),
        Action::Delete { .. } => "delete".to_owned(),
        Action::Record { .. } => "record".to_owned(),
        Action::Forget { .. } => "forget".to_owned(),
        Action::Refuse { .. } => "refuse".to_owned(),
    };
    format!("{what} {}", change.address)
}
