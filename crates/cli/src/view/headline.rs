//! A plan in one sentence of plain words, danger first: `1 person loses call-centre access, 3 people change shifts.`
//!
//! It holds numbers and words of ours alone, no value of a manifest or platform, so that it can stand anywhere.

use std::collections::{BTreeMap, BTreeSet};

use deskform_model::kind::Module;
use deskform_model::{Kind, NaturalKey, Value};
use deskform_planner::plan::FieldChange;
use deskform_planner::{Action, Change};

use super::plan_outline::{Counts, Outline, Section};
use super::plural::{Noun, count};
use crate::saved::PlanReport;

/// The sentence. Of a plan that was narrowed it says so first.
pub fn sentence(report: &PlanReport, outline: &Outline<'_>, counts: &Counts) -> String {
    let whole = all(report, outline, counts);
    match report.plan.scope {
        Some(_) => format!("Not the whole plan: {}{}", whole[..1].to_lowercase(), &whole[1..]),
        None => whole,
    }
}

fn all(report: &PlanReport, outline: &Outline<'_>, counts: &Counts) -> String {
    if report.plan.is_empty() {
        return "No changes.".to_owned();
    }
    let mut parts = Parts::default();
    access_lost(outline.get(Section::AccessLost).iter().map(|item| item.change), &mut parts);
    let gone =
        |section| outline.get(section).iter().map(|item| item.change).filter(|change| matches!(change.action, Action::Delete { .. }));
    parts.kinds(gone(Section::Replaced), "is replaced", "are replaced");
    parts.kinds(gone(Section::Removed), "is removed", "are removed");
    parts.add(outline.get(Section::SeatsAtOnce).len(), Noun::Seat, "in use changes at once", "in use change at once");
    others(outline.get(Section::Other).iter().map(|item| item.change), &mut parts);
    parts.add(counts.shift_people, Noun::Person, "changes shifts", "change shifts");
    parts.add(counts.refused, Noun::Resource, "cannot be changed", "cannot be changed");
    if !counts.writes() && counts.refused == 0 {
        return "Nothing changes on the platforms; only the ledger does.".to_owned();
    }
    format!("{}.", parts.0.join(", "))
}

/// What the sentence is put together of.
#[derive(Default)]
struct Parts(Vec<String>);

impl Parts {
    fn add(&mut self, number: usize, noun: Noun, one: &str, many: &str) {
        if number > 0 {
            self.0.push(format!("{} {}", count(number, noun), if number == 1 { one } else { many }));
        }
    }

    /// People and seats; permissions and shifts go with their people.
    fn kinds<'a>(&mut self, changes: impl Iterator<Item = &'a Change>, one: &str, many: &str) {
        let mut numbers: BTreeMap<Kind, usize> = BTreeMap::new();
        for change in changes {
            *numbers.entry(change.kind()).or_default() += 1;
        }
        for (kind, noun) in [(Kind::Support, Noun::Person), (Kind::Agent, Noun::Seat)] {
            self.add(numbers.get(&kind).copied().unwrap_or_default(), noun, one, many);
        }
    }
}

fn access_lost<'a>(changes: impl Iterator<Item = &'a Change> + Clone, parts: &mut Parts) {
    modules(changes.clone(), "loses", "lose", parts);
    let seats = changes.filter(|change| change.kind() == Kind::Agent).count();
    parts.add(seats, Noun::Seat, "is switched off", "are switched off");
}

/// How many people lose or get which access.
fn modules<'a>(changes: impl Iterator<Item = &'a Change>, one: &str, many: &str, parts: &mut Parts) {
    let mut people: BTreeMap<Module, BTreeSet<&str>> = BTreeMap::new();
    for change in changes {
        if let NaturalKey::Permission { module, .. } = change.key {
            people.entry(module).or_default().insert(&change.address.label);
        }
    }
    for (module, people) in people {
        let access = match module {
            Module::CallCenter => "call-centre access",
        };
        parts.add(people.len(), Noun::Person, &format!("{one} {access}"), &format!("{many} {access}"));
    }
}

fn others<'a>(changes: impl Iterator<Item = &'a Change> + Clone, parts: &mut Parts) {
    let of =
        |kind, action: fn(&Action) -> bool| changes.clone().filter(move |change| change.kind() == kind && action(&change.action)).count();
    let created = |action: &Action| matches!(action, Action::Create { .. });
    parts.add(of(Kind::Support, created), Noun::Person, "is new", "are new");
    parts.add(of(Kind::Support, |action| matches!(action, Action::Restore { .. })), Noun::Person, "comes back", "come back");
    parts.add(of(Kind::Support, |action| matches!(action, Action::Update { .. })), Noun::Person, "is edited", "are edited");
    modules(changes.clone().filter(|change| opens(change)), "gets", "get", parts);
    let rest = changes.clone().filter(|change| change.kind() == Kind::Permission && !opens(change)).count();
    parts.add(rest, Noun::Permission, "is set to off", "are set to off");
    parts.add(of(Kind::Agent, created), Noun::Seat, "is new", "are new");
    parts.add(of(Kind::Agent, |action| matches!(action, Action::Restore { .. })), Noun::Seat, "comes back", "come back");
}

fn opens(change: &Change) -> bool {
    let on = |values: &[FieldChange]| values.iter().any(|change| change.after == Value::Flag(true));
    match &change.action {
        Action::Create { values, .. } => values.named(Kind::Permission, "enabled") != Some(&Value::Flag(false)),
        Action::Update { fields, .. } | Action::Restore { fields, .. } => on(fields),
        _ => false,
    }
}
