//! `deskform plan`: shows what apply would do. Takes no lock, writes nothing but the files it is asked for, resolves no manifest's secret.

use std::time::Duration;

use deskform_planner::{Action, Plan};

use crate::args::{Global, PlanArgs};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::output::Outputs;
use crate::pipeline::{self, Prepared, Purpose, Workspace};
use crate::saved::{BrakeReport, PlanReport};
use crate::ui::Ui;
use crate::view::plan_view::PlanView;

/// Runs the command.
///
/// # Errors
/// When there can be no plan, brakes refuse it, or an output cannot be written.
pub async fn run(global: &Global, args: PlanArgs, ui: &mut Ui) -> Result<Exit, CliError> {
    let outputs = Outputs::open(global, &args.output.output, args.out.as_deref())?;
    let purpose = if args.destroy { Purpose::LookAtDestroy } else { Purpose::Look };
    let mut workspace = if args.destroy { pipeline::read_without_manifests(global, ui)? } else { pipeline::read(global, ui)? };
    workspace.show_warnings(ui);
    workspace.narrowing = args.narrow.narrowing();
    workspace.set_revision(args.revision.revision.as_ref())?;
    let Prepared { report, ledger, .. } = workspace.prepare(purpose, &args.allow, Duration::ZERO, ui).await?;
    let mask = (!args.mask.no_mask).then(|| global.personal.mask());
    let view = PlanView { mask: mask.as_ref(), ..view(&workspace, &report, purpose, ui) };
    ui.data(|out| view.write(outputs.stdout, out))?;
    outputs.write_files(|format, out| view.on_paper().write(format, out))?;
    refuse(&report.brakes)?;
    let exit = if args.detailed_exitcode && has_changes(&report.plan) { Exit::Changes } else { Exit::Done };
    // The process ends here: taking a large centre apart piece by piece would only keep somebody waiting.
    std::mem::forget((report, ledger, workspace));
    Ok(exit)
}

/// A plan, ready to be written as text.
pub(super) fn view<'a>(workspace: &'a Workspace, report: &'a PlanReport, purpose: Purpose, ui: &Ui) -> PlanView<'a> {
    let today = workspace.settings.clock.now.date();
    // `destroy` reads no manifests, so that no document can release it.
    let documents_from = (!purpose.destroys()).then_some(today);
    let folder = &workspace.settings.folder;
    PlanView { report, verbose: ui.verbose(), documents_from, folder, screen: ui.screen(), mask: None }
}

/// Stops when brakes refuse the plan.
///
/// # Errors
/// When they do.
pub(super) fn refuse(brakes: &BrakeReport) -> Result<(), CliError> {
    match brakes.refused.len() {
        0 => Ok(()),
        brakes => Err(Trouble::Braked { brakes }.into()),
    }
}

/// Whether the platforms differ from what is declared. What only the ledger learns is no change.
fn has_changes(plan: &Plan) -> bool {
    plan.changes.iter().any(|change| change.action.writes() || matches!(change.action, Action::Refuse { .. }))
}
