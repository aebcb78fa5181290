//! What has to be read before a plan can be made (design.md section 4, "Reads").

use std::collections::BTreeSet;

use deskform_model::time::{self, Date, DateTime};
use deskform_model::{Desired, FieldKey, Kind, NaturalKey, Person, Platform, RemoteId, Text};

use crate::ledger::Ledger;
use crate::scope::Selection;

/// The reading that a plan needs. A platform that nothing concerns is not contacted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Whether the helpdesk's supports are listed.
    pub supports: bool,
    /// First and last day whose duties are listed.
    pub duties: Option<(Date, Date)>,
    /// Whether the call centre's seats are listed.
    pub agents: bool,
    /// Accounts whose custom fields are managed: each is read by id.
    pub detail_accounts: BTreeSet<Text>,
    /// Owned supports, to be read by id when the list does not show them (design.md section 4, "Recovery").
    pub support_ids: BTreeSet<RemoteId>,
    /// Supports that the ledger put into the bin and that are wanted again: to be read by id. One that a get finds and no list shows is
    /// in the bin, whether or not the reply says so (api-spec.md H10, H20).
    pub recycled_ids: BTreeSet<RemoteId>,
    /// Owned and wanted seats, to be read by number when the list does not show them.
    pub agent_ids: BTreeSet<RemoteId>,
}

impl Needs {
    /// Whether a platform has to be contacted at all.
    pub fn concerns(&self, platform: Platform) -> bool {
        match platform {
            Platform::Helpdesk => self.supports || self.duties.is_some(),
            Platform::CallCenter => self.agents,
        }
    }
}

/// Works out what to read for these manifests and this ledger.
///
/// Duties are read from the day before `now` (a night shift may still run) to the last day that is wanted or owned or that an open intent
/// is about. What an intent of an earlier day made has ended, and nobody needs to know it.
pub fn needs(desired: &Desired, ledger: &Ledger, now: DateTime) -> Needs {
    needs_narrowed(desired, ledger, now, &Selection::default())
}

/// The same for a plan of what was selected: only the kinds that it takes, and of people one by one only those whom it is about.
pub fn needs_narrowed(desired: &Desired, ledger: &Ledger, now: DateTime, selection: &Selection) -> Needs {
    let mut needs = Needs::default();
    let wanted = |kind: Kind| selection.wants(kind);
    let mut last: Option<Date> = None;
    let mut helpdesk = false;
    let keys = desired.resources().iter().map(|resource| &resource.key).chain(ledger.entries.values().map(|entry| &entry.key));
    for key in keys.filter(|key| wanted(key.kind())) {
        match key {
            NaturalKey::Agent { .. } => needs.agents = true,
            NaturalKey::Support { .. } | NaturalKey::Permission { .. } => helpdesk = true,
            NaturalKey::Shift { date, .. } => {
                helpdesk = true;
                last = last.max(Some(*date));
            }
        }
    }
    for intent in ledger.intents.values().filter(|intent| wanted(intent.key.kind())) {
        match &intent.key {
            NaturalKey::Agent { .. } => needs.agents = true,
            NaturalKey::Shift { date, .. } => {
                helpdesk = true;
                last = last.max(Some(*date));
            }
            _ => helpdesk = true,
        }
    }
    // A seat may be linked to a person by account or id, which only the list can resolve.
    helpdesk |= wanted(Kind::Support)
        && desired
            .of_kind(Kind::Agent)
            .iter()
            .any(|resource| matches!(resource.support.as_deref(), Some(Person::Account(_) | Person::Id(_))));
    needs.supports = helpdesk;

    let first = time::previous_day(now.date()).unwrap_or(now.date());
    // The second half of a night shift lies on the day after.
    needs.duties = last.and_then(time::next_day).filter(|last| *last >= first).map(|last| (first, last));

    let supports = desired.of_kind(Kind::Support);
    for resource in supports.iter().filter(|resource| selection.concerns(&resource.address)) {
        if resource.values.iter().any(|(key, _)| matches!(key, FieldKey::Custom(_)))
            && let NaturalKey::Support { account } = &resource.key
        {
            needs.detail_accounts.insert(account.clone());
        }
    }
    let owned = |kind| ledger.of_kind(kind).filter(move |_| wanted(kind)).filter_map(|entry| entry.remotes.first().cloned());
    needs.support_ids.extend(owned(Kind::Support));
    // Who has left and is not wanted again is not asked for: a ledger remembers leavers for years.
    let accounts = supports.iter().filter_map(|resource| match &resource.key {
        NaturalKey::Support { account } if selection.concerns(&resource.address) => ledger.recycled.get(account),
        _ => None,
    });
    needs.recycled_ids.extend(accounts.map(|recycled| recycled.remote.clone()));
    needs.agent_ids.extend(owned(Kind::Agent));
    needs
}
