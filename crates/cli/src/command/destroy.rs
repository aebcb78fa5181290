//! `deskform destroy`: removes everything that the ledger owns.

use super::apply::{Wish, check_clock, plan_and_apply};
use crate::args::{DestroyArgs, Global};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::pipeline::{self, Purpose};
use crate::report::Report;
use crate::settings::under;
use crate::ui::Ui;
use crate::view::talk;

/// Runs the command.
///
/// # Errors
/// When there can be no plan, when it is refused or not approved, or when some of it was not applied.
pub async fn run(global: &Global, args: DestroyArgs, interrupt: &Interrupt, ui: &mut Ui) -> Result<Exit, CliError> {
    let mut report = Report::begin(args.report.as_ref().map(|path| under(&global.chdir, path)), "destroy")?;
    let result = begin(global, &args, interrupt, &mut report, ui).await;
    report.end(result, ui)
}

async fn begin(global: &Global, args: &DestroyArgs, interrupt: &Interrupt, report: &mut Report, ui: &mut Ui) -> Result<Exit, CliError> {
    let workspace = pipeline::read_without_manifests(global, ui)?;
    check_clock(&workspace)?;
    // Whoever removes a real service desk types its name: to the question, or behind --confirm where nobody is asked.
    let settings = &workspace.settings;
    let name = &settings.project.name;
    if args.auto_approve && !settings.is_loopback() && args.confirm.as_deref() != Some(name.as_str()) {
        return Err(Trouble::NeedsName { name: name.to_string() }.into());
    }
    let ask = || if settings.is_loopback() { talk::approve_local_destroy() } else { talk::approve_destroy(&settings.project.name) };
    let question = (!args.auto_approve).then(ask);
    let wish = Wish { purpose: Purpose::Destroy, allow: &args.allow, question, wait: args.lock.wait() };
    plan_and_apply(global, &workspace, wish, interrupt, report, ui).await
}
