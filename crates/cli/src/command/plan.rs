//! `deskform plan`: shows what apply would do. Takes no lock, writes nothing, resolves no manifest's secret.

use std::time::Duration;

use deskform_planner::brake::Verdict;
use deskform_planner::{Action, Plan};

use crate::args::{Format, Global, PlanArgs};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::pipeline::{self, Prepared, Purpose, Workspace};
use crate::ui::Ui;
use crate::view::brake_human::BrakeHuman;
use crate::view::plan_human::PlanHuman;
use crate::view::plan_json::PlanJson;

/// Runs the command.
///
/// # Errors
/// When there can be no plan, or brakes refuse it.
pub async fn run(global: &Global, args: PlanArgs, ui: &mut Ui) -> Result<Exit, CliError> {
    let purpose = if args.destroy { Purpose::LookAtDestroy } else { Purpose::Look };
    let mut workspace = if args.destroy { pipeline::read_without_manifests(global, ui)? } else { pipeline::read(global, ui)? };
    workspace.show_warnings(ui);
    workspace.narrowing = args.narrow.narrowing();
    workspace.revision = args.revision.revision;
    let prepared = workspace.prepare(purpose, &args.allow, Duration::ZERO, ui).await?;
    let Prepared { plan, verdict, .. } = prepared;
    match global.format {
        Format::Text => show_text(&workspace, &plan, &verdict, purpose, ui)?,
        Format::Json => ui.data(|out| plan_json(&workspace, &plan, &verdict).write(out))?,
    }
    refuse(&verdict)?;
    Ok(if args.detailed_exitcode && has_changes(&plan) { Exit::Changes } else { Exit::Done })
}

/// Shows a plan and its brakes as text.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn show_text(workspace: &Workspace, plan: &Plan, verdict: &Verdict, purpose: Purpose, ui: &mut Ui) -> Result<(), CliError> {
    let (plan, brakes) = text_views(workspace, plan, verdict, purpose, ui);
    ui.data(|out| plan.write(out).and_then(|()| brakes.write(out)))
}

/// A plan and its brakes, ready to be written as text.
pub(super) fn text_views<'a>(
    workspace: &'a Workspace,
    plan: &'a Plan,
    verdict: &'a Verdict,
    purpose: Purpose,
    ui: &Ui,
) -> (PlanHuman<'a>, BrakeHuman<'a>) {
    let sources = &workspace.sources;
    let destroy = purpose.destroys();
    let today = workspace.settings.clock.now.date();
    // `destroy` reads no manifests, so that no document can release it.
    let plan = PlanHuman { plan, sources, destroy, verbose: ui.verbose() };
    (plan, BrakeHuman { verdict, sources, documents_from: (!destroy).then_some(today) })
}

/// A plan and its brakes, ready to be written as JSON.
pub(super) fn plan_json<'a>(workspace: &'a Workspace, plan: &'a Plan, verdict: &'a Verdict) -> PlanJson<'a> {
    let settings = &workspace.settings;
    PlanJson {
        plan,
        verdict,
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
pub(super) fn refuse(verdict: &Verdict) -> Result<(), CliError> {
    match verdict.refused.len() {
        0 => Ok(()),
        brakes => Err(Trouble::Braked { brakes }.into()),
    }
}

/// Whether the platforms differ from what is declared. What only the ledger learns is no change.
fn has_changes(plan: &Plan) -> bool {
    plan.changes.iter().any(|change| change.action.writes() || matches!(change.action, Action::Refuse { .. }))
}
