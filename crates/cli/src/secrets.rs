//! Where a run's secrets come from, and what stands in for those that the sandbox can do without.
//!
//! Reading them is the applier's ([`deskform_applier::Secrets`]), which does it before the first write.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use deskform_applier::{Credential, SecretError, Secrets};
use deskform_model::project;
use deskform_model::secret::{AGE_IDENTITY, AGE_IDENTITY_FILE, SecretRef, SecretSource};
use deskform_planner::{Action, Plan};
use secrecy::SecretString;

/// What a manifest's secret is with --sandbox when its variable is not set: the quick start needs no preparation.
const SANDBOX_SECRET: &str = "sandbox-pass";

/// The secrets of a plan that goes to the sandbox, and how many variables have a stand-in.
pub fn of_sandbox(plan: &Plan, secrets: Secrets) -> (Secrets, usize) {
    of_sandbox_for(plan.changes.iter().filter_map(|change| reference(&change.action)), secrets)
}

/// The same for these references.
pub fn of_sandbox_for<'a>(references: impl Iterator<Item = &'a SecretRef>, secrets: Secrets) -> (Secrets, usize) {
    let (variables, stand_ins) = variables(references, |name| std::env::var_os(name));
    (secrets.with_variables(variables).with_stand_in(SANDBOX_SECRET.into()), stand_ins)
}

fn variables<'a>(
    references: impl Iterator<Item = &'a SecretRef>,
    set: impl Fn(&str) -> Option<OsString>,
) -> (BTreeMap<String, OsString>, usize) {
    let mut variables: BTreeMap<String, Option<OsString>> = BTreeMap::new();
    let mut missing = BTreeSet::new();
    for reference in references {
        match &reference.source {
            SecretSource::Env(name) => {
                let value = variables.entry(name.to_string()).or_insert_with(|| set(name));
                if value.is_none() {
                    missing.insert(name.as_str());
                }
            }
            SecretSource::Age(_) => {
                let identities = [AGE_IDENTITY, AGE_IDENTITY_FILE].map(|name| (name.to_owned(), set(name)));
                if identities.iter().all(|(_, value)| value.is_none()) {
                    missing.insert(AGE_IDENTITY);
                }
                variables.extend(identities.into_iter().filter(|(_, value)| value.is_some()));
            }
            SecretSource::File(_) => {}
        }
    }
    let variables = variables.into_iter().map(|(name, value)| (name, value.unwrap_or_else(|| SANDBOX_SECRET.into())));
    (variables.collect(), missing.len())
}

fn reference(action: &Action) -> Option<&SecretRef> {
    match action {
        Action::Create { secret, .. } | Action::Update { secret, .. } => secret.as_ref(),
        Action::Restore { .. } | Action::Delete { .. } | Action::Record { .. } | Action::Forget { .. } | Action::Refuse { .. } => None,
    }
}

/// A platform's credential.
///
/// # Errors
/// When it cannot be read.
pub fn credential(secrets: &Secrets, credential: &project::Credential) -> Result<SecretString, SecretError> {
    secrets.credential(&match credential {
        project::Credential::Env(name) => Credential::Env(name.into()),
        project::Credential::File(path) => Credential::File(path.into()),
        project::Credential::Command(words) => Credential::Command(words.iter().map(Into::into).collect()),
    })
}

#[cfg(test)]
mod tests {
    use deskform_model::kind::Module;
    use deskform_model::{Address, NaturalKey, Person, Values};
    use deskform_planner::Change;
    use deskform_planner::plan::{Bookkeeping, Reason};

    use super::*;

    fn plan(sources: &[SecretSource]) -> Plan {
        let change = |source: &SecretSource| Change {
            address: Address::agent("8001"),
            key: NaturalKey::Permission { person: Person::Id("1".into()), module: Module::CallCenter },
            title: "".into(),
            action: Action::Create { values: Values::new(), secret: Some(SecretRef { source: source.clone(), version: 1 }) },
            reason: Reason::New,
            bookkeeping: Bookkeeping::default(),
            person: None,
            waits_for: Vec::new(),
            origin: None,
            protect: false,
            valid_until: None,
        };
        Plan { changes: sources.iter().map(change).collect(), ..Plan::default() }
    }

    #[test]
    fn unset_variables_have_a_stand_in_and_set_ones_are_used() {
        let plan = plan(&["A", "B", "B"].map(|name| SecretSource::Env(name.into())));
        let references = plan.changes.iter().filter_map(|change| reference(&change.action));
        let (variables, stand_ins) = variables(references, |name| (name == "A").then(|| "from-outside".into()));
        assert_eq!(variables["A"], "from-outside");
        assert_eq!(variables["B"], SANDBOX_SECRET);
        assert_eq!(stand_ins, 1);
    }

    #[test]
    fn an_identity_is_looked_for_only_where_something_is_encrypted() {
        let said = |source: SecretSource, set: Option<&str>| {
            let plan = plan(&[source.clone(), source]);
            let references = plan.changes.iter().filter_map(|change| reference(&change.action));
            let (variables, stand_ins) = variables(references, |name| set.filter(|set| *set == name).map(|_| "key".into()));
            (variables.into_keys().collect::<Vec<_>>(), stand_ins)
        };
        assert_eq!(said(SecretSource::File("a".into()), Some(AGE_IDENTITY)), (Vec::new(), 0));
        assert_eq!(said(SecretSource::Age("a".into()), Some(AGE_IDENTITY_FILE)), (vec![AGE_IDENTITY_FILE.to_owned()], 0));
        assert_eq!(said(SecretSource::Age("a".into()), None), (Vec::new(), 1));
    }
}
