//! `deskform destroy`: removes everything that the ledger owns.

use super::apply::{approve, carry_out, check_clock, check_validity};
use super::plan::{refuse, show};
use crate::args::{DestroyArgs, Global};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::pipeline::{self, Purpose};
use crate::ui::Ui;
use crate::view::talk;

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
        // People who remove a real service desk type its name.
        let settings = &workspace.settings;
        let local = settings.is_loopback();
        approve(if local { talk::approve_local_destroy() } else { talk::approve_destroy(&settings.project.name) }, ui)?;
        check_validity(&workspace, &prepared.plan)?;
    }
    carry_out(global, &workspace, prepared, Purpose::Destroy, interrupt, ui).await
}
