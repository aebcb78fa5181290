//! `deskform destroy`: removes everything that the ledger owns.

use super::apply::{carry_out, check_clock};
use super::plan::{refuse, show};
use crate::args::{DestroyArgs, Global};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::pipeline::{self, Purpose, Workspace};
use crate::ui::Ui;

/// Runs the command.
///
/// # Errors
/// When there can be no plan, when it is refused or not approved, or when some of it was not applied.
pub async fn run(global: &Global, args: DestroyArgs, interrupt: &Interrupt, ui: &mut Ui) -> Result<Exit, CliError> {
    let workspace = pipeline::read_without_manifests(global, ui)?;
    check_clock(&workspace)?;
    if !args.auto_approve && !ui.can_ask() {
        return Err(Trouble::NeedsApproval.into());
    }
    let prepared = workspace.prepare(Purpose::Destroy, ui).await?;
    show(&workspace, &prepared, Purpose::Destroy, global.format, ui)?;
    refuse(&prepared)?;
    if prepared.plan.is_empty() && prepared.plan.ended.is_empty() {
        return Ok(Exit::Done);
    }
    if !args.auto_approve {
        approve(&workspace, ui)?;
    }
    carry_out(global, &workspace, prepared, Purpose::Destroy, interrupt, ui).await
}

/// People who remove a real service desk type its name.
fn approve(workspace: &Workspace, ui: &mut Ui) -> Result<(), CliError> {
    let settings = &workspace.settings;
    let (question, wanted) = if settings.is_loopback() {
        ("\nRemove all this? Only \"yes\" does:".to_owned(), "yes")
    } else {
        let name = settings.project.name.as_str();
        (format!("\nThis removes what deskform owns on real platforms. Type the project's name, {name}, to do it:"), name)
    };
    match ui.ask(&question) {
        Some(answer) if answer == wanted => Ok(()),
        _ => Err(Trouble::NotApproved.into()),
    }
}
