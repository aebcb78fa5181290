//! `deskform destroy`: removes everything that the ledger owns.

use super::apply::{Question, Wish, ask_and_apply, check_clock};
use crate::args::{DestroyArgs, Global};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::pipeline::{self, Purpose, Workspace};
use crate::report::Report;
use crate::ui::Ui;
use crate::view::talk;

/// Runs the command.
///
/// # Errors
/// When there can be no plan, when it is refused or not approved, or when some of it was not applied.
pub async fn run(global: &Global, args: DestroyArgs, interrupt: &Interrupt, ui: &mut Ui) -> Result<Exit, CliError> {
    let mut report = Report::begin(global, args.report.as_deref(), "destroy")?;
    let result = interrupt.unless(Trouble::BrokenOff, begin(global, &args, interrupt, &mut report, ui)).await;
    report.end(result, ui)
}

async fn begin(global: &Global, args: &DestroyArgs, interrupt: &Interrupt, report: &mut Report, ui: &mut Ui) -> Result<Exit, CliError> {
    let workspace = pipeline::read_without_manifests(global, ui)?;
    check_clock(&workspace)?;
    check_name(&workspace, args.auto_approve, args.confirm.as_deref())?;
    let question = (!args.auto_approve).then(|| question(&workspace));
    let prepared = workspace.prepare(Purpose::Destroy, &args.allow, args.lock.wait(), ui).await?;
    ask_and_apply(global, &workspace, prepared, Wish { purpose: Purpose::Destroy, question, credentials: None }, interrupt, report, ui)
        .await
}

/// Whoever removes a real service desk types its name: to the question, or behind --confirm where nobody is asked.
///
/// # Errors
/// When nobody is asked and the name is not given.
pub(super) fn check_name(workspace: &Workspace, auto_approve: bool, confirm: Option<&str>) -> Result<(), Trouble> {
    let settings = &workspace.settings;
    let name = &settings.project.name;
    if auto_approve && !settings.is_loopback() && confirm != Some(name.as_str()) {
        return Err(Trouble::NeedsName { name: name.to_string() });
    }
    Ok(())
}

/// What is asked before everything is removed.
pub(super) fn question(workspace: &Workspace) -> Question<'_> {
    let settings = &workspace.settings;
    if settings.is_loopback() { talk::approve_local_destroy() } else { talk::approve_destroy(&settings.project.name) }
}
