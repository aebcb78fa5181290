//! `deskform support`: finds people, shows one from all sides, takes one out of the recycle bin. The ledger is read and never written.

use std::time::Duration;

use clap::{Args, Subcommand};
use deskform_applier::ledger_store::Mode;
use deskform_applier::live::{restore as bin, search};
use deskform_applier::wire::decode::{Stat, SupportRecord};
use deskform_model::{Address, Desired, Kind, NaturalKey, Platform, RemoteId, Text};
use deskform_planner::Ledger;
use deskform_planner::ledger::{Entry, EntryId, Recycled};

use crate::args::{Format, Global};
use crate::error::CliError;
use crate::exit::Exit;
use crate::live_trouble::LiveTrouble;
use crate::people::{self, Reference, Someone};
use crate::pipeline::{self, Connection, Workspace};
use crate::ui::Ui;
use crate::view::live::search::{Hit, RestoreDocument, RestoreOutcome, SearchDocument};
use crate::view::live::sides::{Place, Sides, SidesDocument};
use crate::view::live::{FORMAT_VERSION, json};
use crate::view::talk;

/// What to do with people.
#[derive(Clone, Debug, Subcommand)]
pub enum SupportCommand {
    /// Find people in service by account, name, staffNumber or mobile
    #[command(
        after_help = "Example:\n  deskform support search mobile:13800000001 --format json\n  deskform support search name:张 \n  deskform support search account:13900000001 --exact"
    )]
    Search(SearchArgs),
    /// Take somebody out of the recycle bin
    #[command(after_help = "Example:\n  deskform support restore 13900000002\n  deskform support restore id:1342642")]
    Restore(PersonArgs),
    /// Show what manifest, helpdesk and ledger say of somebody, field by field
    #[command(after_help = "Example:\n  deskform support show zhang-san\n  deskform support show id:1342642 --format json")]
    Show(PersonArgs),
}

/// Flags of `support search`.
#[derive(Clone, Debug, Default, Args)]
pub struct SearchArgs {
    /// Where to look for which text: account, name, staffNumber or mobile
    #[arg(value_name = "FIELD:TEXT")]
    pub query: String,
    /// Only those whose field is the text; the helpdesk finds everything that resembles it
    #[arg(long)]
    pub exact: bool,
}

/// One person.
#[derive(Clone, Debug, Default, Args)]
pub struct PersonArgs {
    /// Name of a Support manifest, account, or id
    #[arg(value_name = "PERSON")]
    pub person: String,
}

/// Runs the command.
///
/// # Errors
/// When the arguments are not good, somebody does not exist, or a request fails.
pub async fn run(global: &Global, command: SupportCommand, ui: &mut Ui) -> Result<Exit, CliError> {
    let query = match &command {
        SupportCommand::Search(args) => Some(query(&args.query)?),
        SupportCommand::Restore(_) | SupportCommand::Show(_) => None,
    };
    let workspace = pipeline::read(global, ui)?;
    let desired = &workspace.desired;
    let reference = match &command {
        SupportCommand::Search(_) => None,
        SupportCommand::Restore(args) | SupportCommand::Show(args) => Some(people::reference(&args.person, desired)?),
    };
    let connection = workspace.connect(&[Platform::Helpdesk]).await?;
    ui.start_spinner(talk::reading());
    let result = match (&command, query, reference) {
        (SupportCommand::Search(args), Some((field, text)), _) => find(global, &connection, desired, (field, text), args.exact, ui).await,
        (SupportCommand::Restore(args), _, Some(reference)) => restore(global, &workspace, &connection, &args.person, &reference, ui).await,
        (SupportCommand::Show(args), _, Some(reference)) => show(global, &workspace, &connection, &args.person, &reference, ui).await,
        (SupportCommand::Search(_) | SupportCommand::Restore(_) | SupportCommand::Show(_), ..) => Ok(()),
    };
    ui.end_progress();
    connection.end().await;
    result.map(|()| Exit::Done)
}

fn query(text: &str) -> Result<(search::SearchField, String), LiveTrouble> {
    // The colon of a Chinese keyboard is taken as well.
    let parts = text.split_once([':', '\u{ff1a}']);
    let (field, wanted) =
        parts.filter(|(_, wanted)| !wanted.trim().is_empty()).ok_or_else(|| LiveTrouble::NotAQuery { text: text.to_owned() })?;
    let field = search::SearchField::from_word(field.trim()).ok_or_else(|| LiveTrouble::NoField { word: field.trim().to_owned() })?;
    Ok((field, wanted.trim().to_owned()))
}

async fn find(
    global: &Global,
    connection: &Connection,
    desired: &Desired,
    (field, text): (search::SearchField, String),
    exact: bool,
    ui: &mut Ui,
) -> Result<(), CliError> {
    let records = connection.telling(ui, search::search(&connection.client, field, &text)).await?;
    records.iter().for_each(|record| connection.personal.learn_record(record));
    let manifests = people::manifests(desired);
    let hits = records.into_iter().map(|record| Hit::new(&record, &Someone::of_record(record.clone(), &manifests))).collect();
    let document = SearchDocument::new(field, &text, exact, hits);
    ui.end_progress();
    match global.format {
        Format::Json => ui.data(|out| json(&document, out)),
        _ => ui.data(|out| document.write(out)),
    }
}

/// What helpdesk and ledger know of one person.
struct Known {
    record: Option<SupportRecord>,
    place: Place,
    entry: Option<Entry>,
    recycled: Option<(Text, Recycled)>,
}

/// Looks somebody up: by account among those in service, by the ids that the ledger has, and where nobody is found by the word as an id.
async fn look_up(connection: &Connection, ledger: &Ledger, word: &str, reference: &Reference) -> Result<Known, CliError> {
    let account = match reference {
        Reference::Declared { account, .. } | Reference::Account(account) => Some(account),
        Reference::Id(_) => None,
    };
    let mut ids: Vec<RemoteId> = Vec::new();
    if let Some(account) = account {
        let found = connection.reader.search_account(account).await?;
        if found.len() > 1 {
            let ids = found.iter().map(|record| format!("id:{}", record.remote)).collect::<Vec<_>>().join(", ");
            return Err(LiveTrouble::SharedAccount { account: account.clone(), ids }.into());
        }
        ids.extend(found.into_iter().map(|record| record.remote));
    }
    let in_service = ids.first().cloned();
    let recycled = match reference {
        Reference::Id(id) => ledger.recycled.iter().find(|(_, recycled)| recycled.remote == *id),
        _ => account.and_then(|account| ledger.recycled.get_key_value(account)),
    };
    let entry = ledger.of_kind(Kind::Support).find(|entry| match reference {
        Reference::Id(id) => entry.remotes.contains(id),
        _ => matches!(&entry.key, NaturalKey::Support { account: have } if Some(have) == account),
    });
    match reference {
        Reference::Id(id) => ids.push(id.clone()),
        _ => {
            ids.extend(recycled.map(|(_, recycled)| recycled.remote.clone()));
            ids.extend(entry.and_then(|entry| entry.remotes.first().cloned()));
            // Nobody has such an account, so that a bare number can only be an id.
            if let (Reference::Account(_), true) = (reference, ids.is_empty()) {
                ids.extend(RemoteId::new(word).filter(|_| word.bytes().all(|byte| byte.is_ascii_digit())));
            }
        }
    }
    let mut record = None;
    if let Some(id) = ids.first() {
        record = connection.reader.read_support(id).await?;
        record.iter().for_each(|record| connection.personal.learn_record(record));
    }
    let place = match &record {
        None => Place::Absent,
        Some(record) => place(connection, record, in_service.as_ref()).await?,
    };
    let entry = entry.cloned().or_else(|| {
        let id = &record.as_ref()?.remote;
        ledger.entries.get(&EntryId::new(Kind::Support, id)).cloned()
    });
    let recycled = recycled.map(|(account, recycled)| (account.clone(), recycled.clone()));
    Ok(Known { record, place, entry, recycled })
}

/// Where somebody is whom a get finds. Replies need not say it (api-spec.md H10, H20): whoever no search shows is in the bin then.
async fn place(connection: &Connection, record: &SupportRecord, in_service: Option<&RemoteId>) -> Result<Place, CliError> {
    Ok(match record.stat {
        Some(Stat::InService) => Place::InService,
        Some(Stat::Recycled) => Place::Recycled,
        Some(Stat::Purged) => Place::Absent,
        None if in_service == Some(&record.remote) => Place::InService,
        None => {
            let account = record.account.clone().unwrap_or_default();
            let found = connection.reader.search_account(&account).await?;
            if found.iter().any(|other| other.remote == record.remote) { Place::InService } else { Place::Recycled }
        }
    })
}

async fn ledger(workspace: &Workspace, connection: &Connection, ui: &mut Ui) -> Result<Ledger, CliError> {
    let stored = workspace.open_ledger(connection.sandbox_url(), Mode::Read, Duration::ZERO, ui).await?;
    Ok(stored.ledger().clone())
}

async fn show(
    global: &Global,
    workspace: &Workspace,
    connection: &Connection,
    word: &str,
    reference: &Reference,
    ui: &mut Ui,
) -> Result<(), CliError> {
    let desired = &workspace.desired;
    let ledger = ledger(workspace, connection, ui).await?;
    let Known { record, place, entry, recycled } = connection.telling(ui, look_up(connection, &ledger, word, reference)).await?;
    let account = record.as_ref().and_then(|record| record.account.clone());
    let resource = match reference {
        Reference::Declared { name, .. } => desired.get(&Address::support(name)),
        _ => account
            .as_ref()
            .and_then(|account| people::manifests(desired).get(account).cloned())
            .and_then(|name| desired.get(&Address::support(&name))),
    };
    if record.is_none() && resource.is_none() && entry.is_none() && recycled.is_none() {
        return Err(LiveTrouble::NoPerson { word: word.to_owned(), known: people::names(desired) }.into());
    }
    let key = account.map_or_else(|| word.to_owned(), |account| format!("account:{account}"));
    let document = SidesDocument::new(&Sides {
        kind: Kind::Support,
        key,
        resource: resource.map(|resource| (resource, workspace.sources.file_line(resource.origin))),
        live: record.as_ref().map(|record| (record.remote.to_string(), &record.values)),
        place,
        entry: entry.as_ref(),
        recycled: recycled.as_ref().map(|(_, recycled)| (recycled.address.to_string(), recycled.remote.to_string(), &recycled.set)),
    });
    ui.end_progress();
    match global.format {
        Format::Json => ui.data(|out| json(&document, out)),
        _ => ui.data(|out| document.write(out)),
    }
}

async fn restore(
    global: &Global,
    workspace: &Workspace,
    connection: &Connection,
    word: &str,
    reference: &Reference,
    ui: &mut Ui,
) -> Result<(), CliError> {
    let desired = &workspace.desired;
    let ledger = ledger(workspace, connection, ui).await?;
    let Known { record, place, .. } = connection.telling(ui, look_up(connection, &ledger, word, reference)).await?;
    let Some(record) = record.filter(|_| place != Place::Absent) else {
        return Err(LiveTrouble::NotInBin { word: word.to_owned(), known: ledger.recycled.keys().cloned().collect() }.into());
    };
    let someone = Someone::of_record(record, &people::manifests(desired));
    let mut outcome = RestoreOutcome::InService;
    if place == Place::Recycled {
        connection.telling(ui, bin::restore(&connection.client, &someone.id)).await?;
        let after = connection.telling(ui, connection.reader.read_support(&someone.id)).await?;
        if after.is_none_or(|after| !people::is_in_service(&after)) {
            return Err(LiveTrouble::StillInBin { who: someone.label() }.into());
        }
        outcome = RestoreOutcome::Restored;
    }
    let document = RestoreDocument { format_version: FORMAT_VERSION, person: (&someone).into(), outcome };
    ui.end_progress();
    match global.format {
        Format::Json => ui.data(|out| json(&document, out))?,
        _ => ui.data(|out| document.write(out))?,
    }
    if outcome == RestoreOutcome::Restored {
        ui.note("manifests and ledger were not changed; `deskform plan` shows what they want of this person");
    }
    Ok(())
}
