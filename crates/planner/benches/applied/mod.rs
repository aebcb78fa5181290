//! A centre as its manifests want it, and the platforms and the ledger after a perfect apply.

use deskform_model::load::{LoadOptions, load};
use deskform_model::source::{SourceId, Sources};
use deskform_model::{Desired, Kind, NaturalKey, Person, RemoteId, Resource, Text, Value, Values, project, time};
use deskform_planner::ledger::Entry;
use deskform_planner::policy::Overnight;
use deskform_planner::{Duty, Ledger, LiveObject, Observed, overnight};
use deskform_testkit::centre::Centre;

/// The files of a centre, and what they are read with.
pub(crate) struct Manifests {
    sources: Sources,
    options: LoadOptions,
}

/// The manifests of a centre of so many people.
pub(crate) fn manifests(people: usize) -> Manifests {
    let centre = Centre::new(people);
    let mut sources = Sources::default();
    for (path, text) in centre.files() {
        sources.add(path, text);
    }
    let (project, findings) = project::read(SourceId(0), &centre.project(), None, "0.1.0");
    let mut options = LoadOptions::new(time::parse_date("2026-11-30").expect("a date"));
    options.shift_types = project.unwrap_or_else(|| panic!("{findings:?}")).shift_types;
    Manifests { sources, options }
}

impl Manifests {
    /// Reads them, the whole way from text to resources.
    pub(crate) fn load(&self) -> Desired {
        let loaded = load(&self.sources, &self.options);
        loaded.desired.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics.first()))
    }
}

/// The platforms and the ledger after a perfect apply.
pub(crate) fn applied(desired: &Desired) -> (Observed, Ledger) {
    let (mut observed, mut ledger) = (Observed::default(), Ledger::default());
    let id = |text: &str| RemoteId::new(text).expect("not empty");
    let person = |person: &Person| match person {
        Person::Declared(name) => id(name),
        Person::Account(text) | Person::Id(text) => id(text),
    };
    for resource in desired.resources() {
        let mut key = resource.key.clone();
        let remotes = match &mut key {
            NaturalKey::Support { .. } => vec![id(&resource.address.label)],
            NaturalKey::Agent { operator_id } => vec![id(operator_id)],
            NaturalKey::Permission { person: owner, .. } | NaturalKey::Shift { person: owner, .. } => {
                let sid = person(owner);
                *owner = Person::Id(sid.text().clone());
                if resource.kind() == Kind::Shift { duties(&mut observed, &sid, resource) } else { vec![sid] }
            }
        };
        let live = LiveObject { remote: remotes[0].clone(), key: key.clone(), values: shown(resource) };
        match resource.kind() {
            Kind::Support => observed.supports.push(live),
            Kind::Agent => observed.agents.push(live),
            Kind::Permission | Kind::Shift => {}
        }
        let entry = Entry {
            address: resource.address.clone(),
            key,
            remotes,
            set: resource.values.clone(),
            seen: (resource.kind() != Kind::Permission).then(|| shown(resource)),
            at: Text::new_static("2026-11-30T09:00:00"),
            protect: false,
            support: resource.support.as_deref().map(person),
            title: resource.title.clone(),
        };
        ledger.entries.insert(entry.id(), entry);
    }
    (observed, ledger)
}

fn shown(resource: &Resource) -> Values {
    let hidden = ["role", "password", "url"].map(|name| resource.kind().key(name));
    resource
        .values
        .iter()
        .filter(|(key, _)| !hidden.contains(&Some((*key).clone())))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn duties(observed: &mut Observed, sid: &RemoteId, resource: &Resource) -> Vec<RemoteId> {
    let NaturalKey::Shift { date, .. } = resource.key else { return Vec::new() };
    let (start, end) = overnight::hours(&resource.values).expect("hours");
    let mut remotes = Vec::new();
    for piece in overnight::pieces(date, start, end, Overnight::Split) {
        let remote = RemoteId::new(format!("{sid}_{}_{}", piece.date, observed.duties.len())).expect("not empty");
        let mut values = shown(resource);
        for (name, hour) in [("start", piece.start), ("end", piece.end)] {
            values.insert(Kind::Shift.key(name).expect("a field"), Value::Text(time::format_time(hour).into()));
        }
        observed.duties.push(Duty { remote: remote.clone(), person: sid.clone(), date: piece.date, values });
        remotes.push(remote);
    }
    remotes
}
