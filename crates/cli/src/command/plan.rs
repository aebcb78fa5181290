//! `deskform plan`: shows what apply would do. Takes no lock, writes nothing, resolves no manifest's secret.

use std::time::Duration;

use deskform_planner::brake::Brake;
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
    let prepared = workspace.prepare(Purpose::Look, Duration::ZERO, ui).await?;
    let Prepared { plan, brakes, .. } = prepared;
    match global.format {
        Format::Text => show_text(&workspace, &plan, &brakes, Purpose::Look, ui)?,
        Format::Json => ui.data(|out| plan_json(&workspace, &plan, &brakes).write(out))?,
    }
    refuse(&brakes)?;
    Ok(if args.detailed_exitcode && has_changes(&plan) { Exit::Changes } else { Exit::Done })
}

/// Shows a plan and its brakes as text.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn show_text(workspace: &Workspace, plan: &Plan, brakes: &[Brake], purpose: Purpose, ui: &mut Ui) -> Result<(), CliError> {
    let view = PlanHuman { plan, sources: &workspace.sources, destroy: purpose == Purpose::Destroy, verbose: ui.verbose() };
    ui.data(|out| view.write(out).and_then(|()| brake_human::write(brakes, out)))
}

/// A plan and its brakes, ready to be written as JSON.
pub(super) fn plan_json<'a>(workspace: &'a Workspace, plan: &'a Plan, brakes: &'a [Brake]) -> PlanJson<'a> {
    let settings = &workspace.settings;
    PlanJson {
        plan,
        brakes,
        sources: &workspace.sources,
        project: &settings.project.name,
        environment: settings.environment(),
        now: settings.clock.now,
    }
}

/// Stops when brakes refuse the plan.
///
/// # Errors
/// When they do.
pub(super) fn refuse(brakes: &[Brake]) -> Result<(), CliError> {
    if brakes.is_empty() { Ok(()) } else { Err(Trouble::Braked { brakes: brakes.len() }.into()) }
}

/// Whether the platforms differ from what is declared. What only the ledger learns is no change.
fn has_changes(plan: &Plan) -> bool {
    plan.changes.iter().any(|change| change.action.writes() || matches!(change.action, Action::Refuse { .. }))
}
