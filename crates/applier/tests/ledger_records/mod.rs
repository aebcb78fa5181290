//! Records for ledgers that nobody reads but tests.

use deskform_model::{Address, NaturalKey, RemoteId, Text, Values};
use deskform_planner::ledger::{Entry, Record};

/// A seat that is there.
pub(crate) fn done(id: &str) -> Record {
    let entry = Entry {
        address: Address::agent(id),
        key: NaturalKey::Agent { operator_id: id.into() },
        remotes: vec![RemoteId::new(id).unwrap()],
        set: Values::new(),
        seen: None,
        at: "2026-11-21T09:00:00".into(),
        protect: false,
        support: None,
        title: Text::default(),
    };
    Record::Done { intent: None, entry: Box::new(entry) }
}
