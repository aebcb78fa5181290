//! Whether a saved plan may be carried out here: of this project, on these platforms, with this ledger, not used, and without a secret that
//! no manifest may name. Nothing of this needs a platform.

use deskform_model::project::Project;
use deskform_model::secret::SecretSource;
use deskform_planner::{Action, Ledger};

use crate::error::Trouble;
use crate::saved::{About, PlanReport};

/// Refuses a plan that is not meant for this place.
///
/// # Errors
/// When it was made for or against something else, was applied to the end before, or reads a forbidden secret.
pub(crate) fn check(saved: &PlanReport, here: &About, ledger: &Ledger, project: &Project) -> Result<(), Trouble> {
    let theirs = &saved.about;
    for (what, theirs, ours) in [
        ("the project", &theirs.project, &here.project),
        ("the environment", &theirs.environment, &here.environment),
        ("the helpdesk", &theirs.helpdesk, &here.helpdesk),
        ("the call centre", &theirs.call_center, &here.call_center),
        ("the call centre's company", &theirs.abbreviate, &here.abbreviate),
    ] {
        if theirs != ours {
            let name = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
            return Err(Trouble::ForeignPlan { what, theirs: name(theirs), ours: name(ours) });
        }
    }
    if let Some(mark) = &theirs.ledger {
        let ours = here.ledger.as_ref().map_or("none", |mark| mark.id.as_str());
        if mark.id != ours {
            return Err(Trouble::ForeignPlan { what: "the ledger", theirs: mark.id.to_string(), ours: ours.to_owned() });
        }
    }
    let since = theirs.ledger.as_ref().map_or(0, |mark| mark.applied).min(ledger.applied_plans.len());
    if ledger.applied_plans[since..].iter().any(|plan| plan.as_str() == saved.fingerprint()) {
        return Err(Trouble::PlanUsed);
    }
    check_secrets(saved, project)
}

/// A plan file is data that somebody may have written by hand: it may name no more than a manifest.
fn check_secrets(saved: &PlanReport, project: &Project) -> Result<(), Trouble> {
    let credentials = project.credential_variables();
    for change in &saved.plan.changes {
        let (Action::Create { secret: Some(secret), .. } | Action::Update { secret: Some(secret), .. }) = &change.action else { continue };
        // Files are looked at when they are read: inside the project folder, in no hidden one, and no credential.
        if let SecretSource::Env(name) = &secret.source
            && (credentials.contains(name.as_str()) || !project.settings.secrets.allows(name))
        {
            return Err(Trouble::PlanSecret { place: format!("the variable {name}") });
        }
    }
    Ok(())
}
