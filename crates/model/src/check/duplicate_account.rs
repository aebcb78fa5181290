//! `duplicate-account`: two Supports have the same account, so they would be one person. A Support that takes the account away counts too.
//!
//! Bad:
//! ```yaml
//! {metadata: {name: zhang-san}, spec: {account: "13900000001"}}
//! {metadata: {name: zhang}, spec: {account: "13900000001"}}
//! ```
//! Good: one of the two.

use super::{Facts, duplicates};
use crate::diagnostic::{Diagnostic, Meaning};
use crate::{Kind, NaturalKey};

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let key = Kind::Support.key("account");
    let accounts = facts.of(Kind::Support).iter().filter_map(|resource| match &resource.key {
        NaturalKey::Support { account } => Some((account, key.as_ref().map_or(resource.origin, |key| resource.span_of(key)))),
        _ => None,
    });
    duplicates(accounts, |account| Meaning::DuplicateAccount { account: account.clone() }, out);
}
