//! `deskform plan`: shows what apply would do. Takes no lock, writes nothing, resolves no manifest's secret.

use deskform_planner::{Action, Plan};

use crate::args::{Format, Global, PlanArgs};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::pipeline::{self, Prepared, Purpose, Workspace};
use crate::ui::Ui;
use crate::view::brake_human;
use crate::view::plan_human::PlanHuman;
use crate::view::plan_json::PlanJson;

/// Runs the command.
///
/// # Errors
/// When there can be no plan, or brakes refuse it.
pub async fn run(global: &Global, args: PlanArgs, ui: &mut Ui) -> Result<Exit, CliError> {
    let workspace = pipeline::read(global, ui)?;
    workspace.show_warnings(ui);
    let prepared = workspace.prepare(Purpose::Look, ui).await?;
    show(&workspace, &prepared, Purpose::Look, global.format, ui)?;
    refuse(&prepared)?;
    Ok(if args.detailed_exitcode && has_changes(&prepared.plan) { Exit::Changes } else { Exit::Done })
}

/// Shows a plan and its brakes.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn show(workspace: &Workspace, prepared: &Prepared, purpose: Purpose, format: Format, ui: &mut Ui) -> Result<(), CliError> {
    let Prepared { plan, brakes, .. } = prepared;
    let Workspace { settings, sources, .. } = workspace;
    match format {
        Format::Text => {
            let view = PlanHuman { plan, sources, destroy: purpose == Purpose::Destroy, verbose: ui.verbose() };
            ui.data(|out| view.write(out))?;
            ui.data(|out| brake_human::write(brakes, out))
        }
        Format::Json => {
            let environment = settings.environment();
            let project = &settings.project.name;
            let view = PlanJson { plan, brakes, sources, project, environment: &environment, now: settings.clock.now };
            ui.data(|out| view.write(out))
        }
    }
}

/// Stops when brakes refuse the plan.
///
/// # Errors
/// When they do.
pub(super) fn refuse(prepared: &Prepared) -> Result<(), CliError> {
    if prepared.brakes.is_empty() { Ok(()) } else { Err(Trouble::Braked { brakes: prepared.brakes.len() }.into()) }
}

/// Whether the platforms differ from what is declared. What only the ledger learns is no change.
fn has_changes(plan: &Plan) -> bool {
    plan.changes.iter().any(|change| change.action.writes() || matches!(change.action, Action::Refuse { .. }))
}
