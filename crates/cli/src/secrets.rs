//! Where a run's secrets come from, and what stands in for those that the sandbox can do without.
//!
//! Reading them is the applier's ([`deskform_applier::Secrets`]), which does it before the first write.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use deskform_applier::{Credential, SecretError, Secrets};
use deskform_model::project;
use deskform_model::secret::{SecretRef, SecretSource};
use deskform_planner::{Action, Plan};
use secrecy::SecretString;

/// What a manifest's secret is with --sandbox when its variable is not set: the quick start needs no preparation.
const SANDBOX_SECRET: &str = "sandbox-pass";

/// The secrets of a plan that goes to the sandbox, and how many variables have a stand-in.
pub fn of_sandbox(plan: &Plan, root: &Path) -> (Secrets, usize) {
    let (variables, stand_ins) = variables(plan, |name| std::env::var_os(name));
    (Secrets::new(root).with_variables(variables), stand_ins)
}

fn variables(plan: &Plan, set: impl Fn(&str) -> Option<OsString>) -> (BTreeMap<String, OsString>, usize) {
    let mut stand_ins = 0;
    let mut variables = BTreeMap::new();
    for reference in plan.changes.iter().filter_map(|change| reference(&change.action)) {
        let SecretSource::Env(name) = &reference.source else { continue };
        variables.entry(name.to_string()).or_insert_with(|| {
            set(name).unwrap_or_else(|| {
                stand_ins += 1;
                SANDBOX_SECRET.into()
            })
        });
    }
    (variables, stand_ins)
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

    fn plan(names: &[&str]) -> Plan {
        let change = |name: &&str| Change {
            address: Address::agent(name),
            key: NaturalKey::Permission { person: Person::Id("1".into()), module: Module::CallCenter },
            title: "".into(),
            action: Action::Create {
                values: Values::new(),
                secret: Some(SecretRef { source: SecretSource::Env((*name).into()), version: 1 }),
            },
            reason: Reason::New,
            bookkeeping: Bookkeeping::default(),
            person: None,
            waits_for: Vec::new(),
            origin: None,
            protect: false,
            valid_until: None,
        };
        Plan { changes: names.iter().map(change).collect(), ..Plan::default() }
    }

    #[test]
    fn unset_variables_have_a_stand_in_and_set_ones_are_used() {
        let (variables, stand_ins) = variables(&plan(&["A", "B", "B"]), |name| (name == "A").then(|| "from-outside".into()));
        assert_eq!(variables["A"], "from-outside");
        assert_eq!(variables["B"], SANDBOX_SECRET);
        assert_eq!(stand_ins, 1);
    }
}
