//! `deskform drift`: what somebody else changed since the last apply. Takes no lock, writes nothing.

use std::time::Duration;

use deskform_applier::ledger_store::Mode;
use deskform_planner::drift::{self, Report};
use deskform_sandbox::Running;

use crate::args::{DriftArgs, Format, Global};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::pipeline::{self, Lock, Reading, Workspace, start_sandbox};
use crate::ui::Ui;
use crate::view::drift_human::DriftHuman;
use crate::view::drift_json;

/// Runs the command.
///
/// # Errors
/// When project, manifests, ledger or a platform cannot be read, or there is no ledger to compare with.
pub async fn run(global: &Global, args: DriftArgs, ui: &mut Ui) -> Result<Exit, CliError> {
    let mut workspace = pipeline::read(global, ui)?;
    workspace.show_warnings(ui);
    workspace.narrowing = args.scope.narrowing();
    let report = compare(&workspace, ui).await?;
    let selectors = &args.scope;
    match global.format {
        Format::Json => ui.data(|out| drift_json::write(&report, selectors, out))?,
        _ => ui.data(|out| DriftHuman { report: &report, selectors }.write(out))?,
    }
    Ok(if args.detailed_exitcode && !report.is_empty() { Exit::Changes } else { Exit::Done })
}

async fn compare(workspace: &Workspace, ui: &mut Ui) -> Result<Report, CliError> {
    let settings = &workspace.settings;
    let sandbox = match settings.sandbox {
        true => Some(start_sandbox(settings).await?),
        false => None,
    };
    let sandbox_url = sandbox.as_ref().map(Running::helpdesk_url);
    let stored = workspace.open_ledger(sandbox_url, Mode::Read, Duration::ZERO, ui).await?;
    // A runner that lost its ledger must not report that nothing has changed.
    if !stored.existed() {
        return Err(Trouble::NoSuchLedger { place: settings.ledger.to_string() }.into());
    }
    let (now, policy) = (settings.clock.now, settings.policy(&workspace.desired, false));
    let selection = workspace.narrowing.choose(&workspace.desired, stored.ledger(), &policy).map_err(Trouble::from)?;
    let ledger = selection.decidable(stored.ledger());
    let needs = drift::needs(&ledger, now, &selection);
    let Reading { observed, healed, client: _ } = workspace.look(&needs, &ledger, sandbox_url, Lock::Free, ui).await?;
    let report = drift::drift(&workspace.desired, &observed, &healed.ledger, &policy, now, &selection);
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    Ok(report)
}
