//! `deskform sandbox`: both platforms as a server of their own, until Ctrl-C or SIGTERM.

use std::path::PathBuf;
use std::sync::Arc;

use deskform_sandbox::{Clock as SandboxClock, Data, Faults, FaultsError, Options, Sandbox};
use jiff::tz::TimeZone;
use serde_json::json;
use tokio::sync::Notify;

use crate::args::{Global, SandboxArgs};
use crate::clock::Clock;
use crate::error::{CliError, ErrorKind};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::settings::under;
use crate::sources;
use crate::ui::Ui;

/// The file of `--faults` is not one.
#[derive(Debug, thiserror::Error)]
#[error("{} is no script of faults", path.display())]
struct BadFaults {
    path: PathBuf,
    source: FaultsError,
}

/// Runs the command: prints one JSON line with both addresses as soon as they answer, then serves.
///
/// # Errors
/// When a file cannot be read or opened or the address cannot be listened on.
pub async fn run(global: &Global, args: &SandboxArgs, interrupt: &Interrupt, ui: &mut Ui) -> Result<Exit, CliError> {
    let mut options = Options { listen: args.listen, ..Options::default() };
    if let Some(data) = &args.data {
        options.data = Data::File(under(&global.chdir, data));
    }
    if let Some(faults) = &args.faults {
        let path = under(&global.chdir, faults);
        let text = sources::read_text(&path)?;
        options.faults = Faults::parse(&text).map_err(|source| {
            CliError::new(ErrorKind::Failed, BadFaults { path, source }).hint("the sandbox's README describes the form, with examples")
        })?;
    }
    options.journal = args.journal.as_ref().map(|journal| under(&global.chdir, journal));
    if let Some(now) = &global.now {
        // The platforms' wall-clock is where both vendors are; no project says otherwise here.
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        options.clock = SandboxClock::Fixed(Clock::read(Some(now), &zone)?.now);
    }
    let stop = Arc::new(Notify::new());
    let asked = Arc::clone(&stop);
    interrupt.tell(move || asked.notify_one())?;
    let sandbox = Sandbox::start(options).await?;
    let addresses = json!({ "helpdesk": sandbox.helpdesk_url(), "callCenter": sandbox.call_center_url() });
    ui.data(|out| writeln!(out, "{addresses}"))?;
    stop.notified().await;
    sandbox.stop().await;
    Ok(Exit::Done)
}
