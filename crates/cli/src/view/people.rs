//! Whose a change is, as people call them: permissions and shifts carry the name in their address, seats and people's own changes do not.

use std::collections::BTreeMap;

use deskform_model::{Kind, RemoteId};
use deskform_planner::plan::PersonTarget;
use deskform_planner::{Action, Change, Plan};

/// The people whom a plan names.
///
/// Limit: a plan holds no list of people. Somebody of whom nothing changes but a linked seat is known by id alone, and has no name here.
#[derive(Debug, Default)]
pub struct People<'a> {
    by_id: BTreeMap<&'a RemoteId, &'a str>,
}

impl<'a> People<'a> {
    /// Collects the names in a plan.
    pub fn of(plan: &'a Plan) -> Self {
        let mut by_id = BTreeMap::new();
        for change in &plan.changes {
            match (&change.person, change.kind()) {
                (Some(PersonTarget::Live(id)), Kind::Permission | Kind::Shift) => {
                    by_id.entry(id).or_insert(owner(change));
                }
                (_, Kind::Support) => {
                    if let Some(id) = remote(&change.action) {
                        by_id.insert(id, &*change.address.label);
                    }
                }
                _ => {}
            }
        }
        Self { by_id }
    }

    /// Whose a change is; nothing for a seat of nobody, or of somebody whom the plan does not name.
    pub fn name(&self, plan: &'a Plan, change: &'a Change) -> Option<&'a str> {
        match change.kind() {
            Kind::Support => Some(&change.address.label),
            Kind::Permission | Kind::Shift => Some(owner(change)),
            Kind::Agent => match change.person.as_ref()? {
                PersonTarget::Live(id) => self.by_id.get(id).copied(),
                PersonTarget::New(at) => Some(&plan.get(*at).address.label),
            },
        }
    }
}

/// `zhang-san` of `zhang-san/callCenter` and of `zhang-san/2026-12-01T09:00`.
fn owner(change: &Change) -> &str {
    change.address.label.rsplit_once('/').map_or(&*change.address.label, |(person, _)| person)
}

fn remote(action: &Action) -> Option<&RemoteId> {
    match action {
        Action::Update { remotes, .. } => remotes.first()?.as_ref(),
        Action::Restore { remote, .. } => Some(remote),
        Action::Delete { remotes, .. } | Action::Record { remotes, .. } => remotes.first(),
        Action::Create { .. } | Action::Forget { .. } | Action::Refuse { .. } => None,
    }
}
