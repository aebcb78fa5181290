//! `deskform ledger`: looks into the ledger, and lets go of what should not be there. No platform is asked about anything.

use std::time::Duration;

use deskform_applier::StoredLedger;
use deskform_applier::ledger_store::Mode;
use deskform_model::{Address, Kind, Text};
use deskform_planner::Ledger;
use deskform_planner::ledger::{Entry, EntryId, Intent, Record, Recycled};
use globset::GlobBuilder;

use crate::args::{ForgetArgs, Format, Global, LedgerCommand, ListArgs};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::pipeline::{self, Workspace, since};
use crate::ui::Ui;
use crate::view::{ledger_human, ledger_json, talk};

/// One thing that a ledger holds.
#[derive(Clone, Copy, Debug)]
pub enum Held<'a> {
    /// It is owned.
    Entry(&'a Entry),
    /// It lies in the recycle bin; with its account.
    Recycled(&'a Text, &'a Recycled),
    /// It was sent, and no answer was recorded.
    Intent(&'a Intent),
}

impl<'a> Held<'a> {
    /// What it was called last.
    pub fn address(&self) -> &'a Address {
        match self {
            Self::Entry(entry) => &entry.address,
            Self::Recycled(_, recycled) => &recycled.address,
            Self::Intent(intent) => &intent.address,
        }
    }

    /// What takes it out of the ledger.
    fn let_go(&self) -> Record {
        match self {
            Self::Entry(entry) => Record::Gone { id: EntryId::clone(&entry.id()) },
            Self::Recycled(account, _) => Record::LeftBin { account: (*account).clone() },
            Self::Intent(intent) => Record::Withdrawn { intent: intent.number },
        }
    }
}

/// Everything that a ledger holds, by kind and address.
fn all(ledger: &Ledger) -> Vec<Held<'_>> {
    let entries = ledger.entries.values().map(Held::Entry);
    let recycled = ledger.recycled.iter().map(|(account, recycled)| Held::Recycled(account, recycled));
    let mut held: Vec<_> = entries.chain(recycled).chain(ledger.intents.values().map(Held::Intent)).collect();
    held.sort_by(|one, other| one.address().cmp(other.address()));
    held
}

/// Runs the command.
///
/// # Errors
/// When the ledger cannot be used, or does not hold what is asked for.
pub async fn run(global: &Global, command: LedgerCommand, ui: &mut Ui) -> Result<Exit, CliError> {
    let workspace = pipeline::read_without_manifests(global, ui)?;
    match command {
        LedgerCommand::List(args) => {
            let stored = open(&workspace, Mode::Read, Duration::ZERO, ui).await?;
            let held = chosen(stored.ledger(), &args)?;
            match global.format {
                Format::Json => ui.data(|out| ledger_json::write(&held, stored.ledger(), out))?,
                _ => ui.data(|out| ledger_human::list(&held, stored.ledger(), out))?,
            }
        }
        LedgerCommand::Show(args) => {
            let stored = open(&workspace, Mode::Read, Duration::ZERO, ui).await?;
            let held = named(&workspace, stored.ledger(), &args.address)?;
            match global.format {
                Format::Json => ui.data(|out| ledger_json::write(&held, stored.ledger(), out))?,
                _ => ui.data(|out| ledger_human::show(&held, out))?,
            }
        }
        LedgerCommand::Forget(args) => forget(global, &workspace, &args, ui).await?,
        LedgerCommand::Unlock(args) => {
            let unlocked = workspace.settings.ledger.unlock(args.force).await;
            let unlocked = unlocked.map_err(|error| CliError::from(error).hint(talk::force_unlock()))?;
            ui.say(&ledger_human::unlocked(&unlocked));
        }
    }
    Ok(Exit::Done)
}

/// Opens the ledger that the settings name. One that does not exist is an error: there is nothing to look at.
async fn open(workspace: &Workspace, mode: Mode, wait: Duration, ui: &mut Ui) -> Result<StoredLedger, CliError> {
    let stored = workspace.open_ledger(None, mode, wait, ui).await?;
    if stored.existed() {
        return Ok(stored);
    }
    Err(Trouble::NoSuchLedger { place: workspace.settings.ledger.to_string() }.into())
}

fn chosen<'a>(ledger: &'a Ledger, args: &ListArgs) -> Result<Vec<Held<'a>>, CliError> {
    let kind = match &args.kind {
        None => None,
        Some(word) => Some(kind(word).ok_or_else(|| Trouble::NoKind { word: word.clone() })?),
    };
    let glob = match &args.glob {
        None => None,
        Some(pattern) => {
            let glob = GlobBuilder::new(pattern).literal_separator(false).build();
            Some(glob.map_err(|source| Trouble::Pattern { pattern: pattern.clone(), source })?.compile_matcher())
        }
    };
    let mut held = all(ledger);
    held.retain(|held| kind.is_none_or(|kind| held.address().kind == kind));
    held.retain(|held| glob.as_ref().is_none_or(|glob| glob.is_match(held.address().to_string())));
    Ok(held)
}

fn kind(word: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word))
}

fn named<'a>(workspace: &Workspace, ledger: &'a Ledger, address: &str) -> Result<Vec<Held<'a>>, CliError> {
    let held: Vec<_> = all(ledger).into_iter().filter(|held| held.address().to_string() == address).collect();
    if held.is_empty() {
        let place = workspace.settings.ledger.to_string();
        return Err(Trouble::NotInLedger { address: address.to_owned(), place }.into());
    }
    Ok(held)
}

async fn forget(global: &Global, workspace: &Workspace, args: &ForgetArgs, ui: &mut Ui) -> Result<(), CliError> {
    if !args.auto_approve && !ui.can_ask() {
        return Err(Trouble::NeedsApproval.into());
    }
    let mode = Mode::Apply { command: "deskform ledger forget".into(), at: since(&workspace.settings) };
    let stored = open(workspace, mode, args.lock.wait(), ui).await?;
    let held = named(workspace, stored.ledger(), &args.address)?;
    if !args.auto_approve {
        ui.must_say(|out| ledger_human::show(&held, out));
        let (question, wanted) = talk::approve_forget();
        if ui.ask(&question).await.as_deref() != Some(wanted) {
            return Err(Trouble::NotForgotten.into());
        }
    }
    let records = held.iter().map(Held::let_go).collect();
    let said = ledger_human::forgot(&held);
    if global.format == Format::Json {
        ui.data(|out| ledger_json::write(&held, stored.ledger(), out))?;
    }
    tokio::task::spawn_blocking(move || stored.edit(records)).await.map_err(|error| Trouble::Runtime { source: error.into() })??;
    ui.say(&said);
    Ok(())
}
