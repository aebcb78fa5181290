//! Builders of plans, and their text.
#![allow(dead_code, reason = "each test file uses its own part")]

use deskform_cli::saved::{self, About, PlanReport};
use deskform_cli::view::plan_human::PlanHuman;
use deskform_model::kind::Module;
use deskform_model::source::{SourceId, Sources, Span};
use deskform_model::time::{DateTime, parse_date, parse_time};
use deskform_model::{Address, Kind, NaturalKey, Person, RemoteId, Value, Values};
use deskform_planner::brake::Verdict;
use deskform_planner::ledger::EntryId;
use deskform_planner::plan::{Before, Bookkeeping, FieldChange, FieldReason, Reason};
use deskform_planner::{Action, Change, Plan};

/// A plan with a ledger and these changes.
pub(crate) fn plan(changes: Vec<Change>) -> Plan {
    Plan { changes, ledger_known: true, ..Plan::default() }
}

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

pub(crate) fn id(text: &str) -> RemoteId {
    RemoteId::new(text).unwrap()
}

pub(crate) fn entry_id(kind: Kind, text: &str) -> EntryId {
    EntryId::new(kind, &id(text))
}

pub(crate) fn date_time(text: &str) -> DateTime {
    text.parse().unwrap()
}

pub(crate) fn values(kind: Kind, pairs: &[(&str, Value)]) -> Values {
    pairs.iter().map(|(name, value)| (kind.key(name).unwrap(), value.clone())).collect()
}

/// A place in the one source file of these tests.
pub(crate) fn origin(line: usize) -> Span {
    Span::new(SourceId(0), line - 1, line)
}

pub(crate) fn sources() -> Sources {
    let mut sources = Sources::default();
    sources.add("manifests/tier1.yaml", "\n".repeat(20));
    sources
}

pub(crate) fn changed(kind: Kind, name: &str, before: Before, after: Value, why: FieldReason) -> FieldChange {
    FieldChange { field: kind.key(name).unwrap(), before, after, why }
}

pub(crate) fn change(at: &str, title: &str, action: Action, reason: Reason) -> Change {
    let address = address(at);
    let person = || Person::Declared(address.label.split('/').next().unwrap().into());
    let key = match address.kind {
        Kind::Support => NaturalKey::Support { account: address.label.clone() },
        Kind::Permission => NaturalKey::Permission { person: person(), module: Module::CallCenter },
        Kind::Agent => NaturalKey::Agent { operator_id: address.label.clone() },
        Kind::Shift => {
            let (date, start) = address.label.rsplit_once('/').unwrap().1.split_once('T').unwrap();
            NaturalKey::Shift { person: person(), date: parse_date(date).unwrap(), start: parse_time(start).unwrap() }
        }
    };
    Change {
        address,
        key,
        title: title.into(),
        action,
        reason,
        bookkeeping: Bookkeeping::default(),
        person: None,
        waits_for: Vec::new(),
        origin: None,
        protect: false,
        valid_until: None,
    }
}

/// A shift that is created, deleted, or whose end is set back from 15:00.
pub(crate) fn shift(person: &str, date: &str, start: &str, end: &str, name: &str, deed: &str) -> Change {
    let text = |text: &str| Value::text(text);
    let values = values(Kind::Shift, &[("start", text(start)), ("end", text(end)), ("name", text(name))]);
    let (action, reason) = match deed {
        "create" => (Action::Create { values, secret: None }, Reason::New),
        "delete" => (Action::Delete { remotes: vec![id("9")], last: values, successor: None }, Reason::NotDeclared),
        _ => {
            let fields = vec![changed(Kind::Shift, "end", Before::Live(text("15:00")), text(end), FieldReason::Drift)];
            (Action::Update { remotes: vec![Some(id("9"))], values, fields, saw: Values::new(), secret: None }, Reason::YourChange)
        }
    };
    change(&format!("shift/{person}/{date}T{start}"), name, action, reason)
}

/// A plan of the project acme with what is said about it.
pub(crate) fn report(plan: &Plan, verdict: &Verdict) -> PlanReport {
    let about = About { project: "acme".into(), ..About::default() };
    PlanReport::new(plan.clone(), verdict, &sources(), about)
}

/// The report as JSON.
pub(crate) fn json(plan: &Plan, verdict: &Verdict) -> serde_json::Value {
    let mut out = Vec::new();
    saved::write::write(&report(plan, verdict), &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

/// The plan as text without colour.
pub(crate) fn text(plan: &Plan) -> String {
    render(plan, false, 80)
}

/// The same with everything that --verbose adds.
pub(crate) fn verbose_text(plan: &Plan) -> String {
    render(plan, true, 80)
}

/// The same for a terminal of that width.
pub(crate) fn text_within(plan: &Plan, columns: usize) -> String {
    render(plan, false, columns)
}

fn render(plan: &Plan, verbose: bool, columns: usize) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    PlanHuman { report: &report(plan, &Verdict::default()), verbose, columns }.write(&mut out).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}
