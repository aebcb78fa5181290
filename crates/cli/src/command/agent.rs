//! `deskform agent`: shows one seat from all sides. The ledger is read and never written.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::{Args, Subcommand};
use deskform_applier::ledger_store::Mode;
use deskform_model::{Address, Kind, Platform, RemoteId, Text};
use deskform_planner::Ledger;
use deskform_planner::ledger::EntryId;

use crate::args::{Format, Global};
use crate::error::CliError;
use crate::exit::Exit;
use crate::live_trouble::LiveTrouble;
use crate::pipeline::{self, Connection, Workspace};
use crate::ui::Ui;
use crate::view::live::json;
use crate::view::live::sides::{Place, Sides, SidesDocument};
use crate::view::talk;

/// What to do with seats.
#[derive(Clone, Debug, Subcommand)]
pub enum AgentCommand {
    /// Show what manifest, call centre and ledger say of a seat, field by field
    #[command(after_help = "Example:\n  deskform agent show 8001\n  deskform agent show 8001 --format json")]
    Show(SeatArgs),
}

/// One seat.
#[derive(Clone, Debug, Default, Args)]
pub struct SeatArgs {
    /// The seat's operatorId
    #[arg(value_name = "OPERATORID")]
    pub operator_id: String,
}

/// Runs the command.
///
/// # Errors
/// When there is no such seat, or a request fails.
pub async fn run(global: &Global, command: AgentCommand, ui: &mut Ui) -> Result<Exit, CliError> {
    let AgentCommand::Show(args) = command;
    let workspace = pipeline::read(global, ui)?;
    let word = args.operator_id.strip_prefix("agent/").unwrap_or(&args.operator_id);
    let Some(id) = RemoteId::new(word) else {
        return Err(LiveTrouble::NoSeat { word: word.to_owned(), known: known(&workspace, &Ledger::default()) }.into());
    };
    let connection = workspace.connect(&[Platform::CallCenter]).await?;
    ui.start_spinner(talk::reading());
    let result = show(global, &workspace, &connection, &id, ui).await;
    ui.end_progress();
    connection.end().await;
    result.map(|()| Exit::Done)
}

async fn show(global: &Global, workspace: &Workspace, connection: &Connection, id: &RemoteId, ui: &mut Ui) -> Result<(), CliError> {
    let stored = workspace.open_ledger(connection.sandbox_url(), Mode::Read, Duration::ZERO, ui).await?;
    let ledger = stored.ledger();
    let live = connection.telling(ui, connection.reader.read_agent(id)).await?;
    live.iter().for_each(|live| connection.personal.learn_object(live));
    let resource = workspace.desired.get(&Address::agent(id.as_str()));
    let entry = ledger.entries.get(&EntryId::new(Kind::Agent, id));
    if live.is_none() && resource.is_none() && entry.is_none() {
        return Err(LiveTrouble::NoSeat { word: id.to_string(), known: known(workspace, ledger) }.into());
    }
    let document = SidesDocument::new(&Sides {
        kind: Kind::Agent,
        key: Address::agent(id.as_str()).to_string(),
        resource: resource.map(|resource| (resource, workspace.sources.file_line(resource.origin))),
        live: live.as_ref().map(|live| (live.remote.to_string(), &live.values)),
        place: if live.is_some() { Place::InService } else { Place::Absent },
        entry,
        recycled: None,
    });
    ui.end_progress();
    match global.format {
        Format::Json => ui.data(|out| json(&document, out)),
        _ => ui.data(|out| document.write(out)),
    }
}

/// The seats of manifests and ledger.
fn known(workspace: &Workspace, ledger: &Ledger) -> Vec<Text> {
    let desired = workspace.desired.resources().iter().map(|resource| &resource.address);
    let owned = ledger.of_kind(Kind::Agent).map(|entry| &entry.address);
    let labels: BTreeSet<Text> =
        desired.chain(owned).filter(|address| address.kind == Kind::Agent).map(|address| address.label.clone()).collect();
    labels.into_iter().collect()
}
