//! `deskform presence`: who is in which state, per module. A run-time state of people and no desired one (api-spec.md H30).

use std::collections::BTreeSet;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use deskform_applier::live::presence::{self, Plate, PresenceError};
use deskform_model::Platform;
use futures_util::{StreamExt as _, stream};

use crate::args::{Format, Global};
use crate::error::{CliError, ErrorKind};
use crate::exit::Exit;
use crate::live_trouble::LiveTrouble;
use crate::people::{self, Selection, Someone};
use crate::pipeline::{self, Connection};
use crate::ui::Ui;
use crate::view::live::presence::{self as view, Presence, PresenceDocument, SetDocument, SetLine, SetOutcome};
use crate::view::live::{FORMAT_VERSION, json};
use crate::view::talk;

/// Requests that wait for their platform's lane at once.
const AT_ONCE: usize = 32;

/// What to do with presence.
#[derive(Clone, Debug, Subcommand)]
pub enum PresenceCommand {
    /// Show who is in which state
    #[command(after_help = "Example:\n  deskform presence get zhang-san --module chat --format json\n  deskform presence get --all")]
    Get(GetArgs),
    /// Put people into a state; who is in it already is left alone
    #[command(
        after_help = "Example:\n  deskform presence set zhang-san --module chat --state 在线\n  deskform presence set --label team=tier1 --module tickets --state 离线 --dry-run"
    )]
    Set(SetArgs),
}

/// Flags of `presence get`.
#[derive(Clone, Debug, Args)]
pub struct GetArgs {
    /// Whose.
    #[command(flatten)]
    pub who: Selection,
    /// Which module (repeatable); all three without it
    #[arg(long, value_name = "MODULE", value_parser = plate())]
    pub module: Vec<Plate>,
}

/// Flags of `presence set`.
#[derive(Clone, Debug, Args)]
pub struct SetArgs {
    /// Whose.
    #[command(flatten)]
    pub who: Selection,
    /// Which module
    #[arg(long, value_name = "MODULE", value_parser = plate())]
    pub module: Plate,
    /// The state's name, as the helpdesk's back office calls it (在线, 离线)
    #[arg(long, value_name = "STATE", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub state: String,
    /// Say what would be set, and send nothing but reads
    #[arg(long)]
    pub dry_run: bool,
}

fn plate() -> impl TypedValueParser<Value = Plate> {
    PossibleValuesParser::new(Plate::ALL.map(Plate::word)).try_map(|word| Plate::from_word(&word).ok_or("no module"))
}

/// Runs the command.
///
/// # Errors
/// When somebody who is named does not exist, or a state cannot be read or set.
pub async fn run(global: &Global, command: PresenceCommand, ui: &mut Ui) -> Result<Exit, CliError> {
    let workspace = pipeline::read(global, ui)?;
    let who = match &command {
        PresenceCommand::Get(args) => &args.who,
        PresenceCommand::Set(args) => &args.who,
    };
    if who.is_empty() {
        return Err(LiveTrouble::NobodyNamed.into());
    }
    let references = who.check(&workspace.desired)?;
    let connection = workspace.connect(&[Platform::Helpdesk]).await?;
    ui.start_spinner(talk::reading());
    let result = match connection.telling(ui, people::find(&connection, &workspace.desired, &references)).await {
        Ok(found) => match there(found, who.is_explicit(), ui) {
            Ok(people) => work(global, &connection, &command, &people, ui).await,
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    ui.end_progress();
    connection.end().await;
    result
}

/// Those who are on the helpdesk. Of those who are named one by one nobody may be missing; of a label some may, and that is said.
fn there(found: people::Found, explicit: bool, ui: &mut Ui) -> Result<Vec<Someone>, CliError> {
    for (name, account) in found.missing {
        let trouble = LiveTrouble::NotThere { name, account };
        if explicit {
            return Err(trouble.into());
        }
        ui.warn(&trouble.to_string());
    }
    Ok(found.people)
}

async fn work(
    global: &Global,
    connection: &Connection,
    command: &PresenceCommand,
    people: &[Someone],
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    match command {
        PresenceCommand::Get(args) => get(global, connection, args, people, ui).await,
        PresenceCommand::Set(args) => set(global, connection, args, people, ui).await,
    }
}

async fn get(global: &Global, connection: &Connection, args: &GetArgs, people: &[Someone], ui: &mut Ui) -> Result<Exit, CliError> {
    let modules: BTreeSet<Plate> = args.module.iter().copied().collect();
    let modules: Vec<Plate> = if modules.is_empty() { Plate::ALL.to_vec() } else { modules.into_iter().collect() };
    let wanted = people.iter().flat_map(|someone| modules.iter().map(move |plate| (someone, *plate)));
    let client = &connection.client;
    let read = stream::iter(wanted)
        .map(|(someone, plate)| async move { (someone, plate, presence::read(client, &someone.id, plate).await) })
        .buffered(AT_ONCE)
        .collect::<Vec<_>>();
    let read = connection.telling(ui, read).await;
    ui.end_progress();
    let mut failed = Vec::new();
    let mut lines = Vec::with_capacity(read.len());
    for (someone, plate, result) in read {
        let (state, error) = match result {
            Ok(state) => (Some(state.to_string()), None),
            Err(error) => {
                let text = view::error_line(&error, &someone.label(), plate, None);
                failed.push((someone, plate, error));
                (None, Some(text))
            }
        };
        lines.push(Presence { person: someone.into(), module: plate.word(), plate: plate.number(), state, error });
    }
    let several = lines.len() > 1;
    let document = PresenceDocument::new(lines);
    if failed.is_empty() || several || global.format == Format::Json {
        match global.format {
            Format::Json => ui.data(|out| json(&document, out))?,
            _ => ui.data(|out| document.write(out))?,
        }
    }
    let failures = failed.len();
    match failed.into_iter().next() {
        None => Ok(Exit::Done),
        Some((someone, plate, error)) => {
            let trouble = LiveTrouble::PresenceInPart { failed: failures, setting: false, some_done: false };
            Err(explained(error, someone, plate, None, &[], several.then_some(trouble)))
        }
    }
}

async fn set(global: &Global, connection: &Connection, args: &SetArgs, people: &[Someone], ui: &mut Ui) -> Result<Exit, CliError> {
    let (plate, state) = (args.module, args.state.as_str());
    let client = &connection.client;
    let before = stream::iter(people)
        .map(|someone| async move { (someone, presence::read(client, &someone.id, plate).await) })
        .buffered(AT_ONCE)
        .collect::<Vec<_>>();
    let before = connection.telling(ui, before).await;
    let mut failed: Option<(&Someone, PresenceError)> = None;
    let mut lines: Vec<SetLine> = Vec::with_capacity(people.len());
    let mut open = Vec::new();
    for (at, (someone, before)) in before.into_iter().enumerate() {
        let mut line = SetLine { person: someone.into(), outcome: SetOutcome::Unchanged, before: None, after: None, error: None };
        match before {
            Ok(before) => {
                if before != state {
                    line.outcome = SetOutcome::WouldSet;
                    open.push((at, someone));
                }
                line.before = Some(before.to_string());
            }
            Err(error) => fail(&mut line, error, someone, args, &mut failed, false),
        }
        lines.push(line);
    }
    if !args.dry_run {
        // A name that the back office does not have is refused for everybody, so one person goes first.
        let (first, rest) = open.split_at(open.len().min(1));
        let mut refused = false;
        for group in [first, rest] {
            if refused {
                group.iter().for_each(|(at, _)| not_sent(&mut lines[*at]));
                continue;
            }
            let written = stream::iter(group.iter().copied())
                .map(|(at, someone)| async move { (at, someone, presence::write(client, &someone.id, plate, state).await) })
                .buffered(AT_ONCE)
                .collect::<Vec<_>>();
            let written = connection.telling(ui, written).await;
            for (at, someone, result) in written {
                match result {
                    Ok(after) => {
                        lines[at].outcome = SetOutcome::Set;
                        lines[at].after = Some(after.to_string());
                    }
                    Err(error) => {
                        refused |= matches!(error, PresenceError::UnknownState(_) | PresenceError::WrongModule(_));
                        fail(&mut lines[at], error, someone, args, &mut failed, true);
                    }
                }
            }
        }
    }
    ui.end_progress();
    let seen: BTreeSet<String> = lines.iter().filter_map(|line| line.before.clone()).collect();
    let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
    let several = lines.len() > 1;
    let document = SetDocument {
        format_version: FORMAT_VERSION,
        dry_run: args.dry_run,
        module: plate.word(),
        plate: plate.number(),
        state: state.into(),
        people: lines,
    };
    if failed.is_none() || several || global.format == Format::Json {
        match global.format {
            Format::Json => ui.data(|out| json(&document, out))?,
            _ => ui.data(|out| document.write(out))?,
        }
    }
    match failed {
        None => Ok(Exit::Done),
        Some((someone, error)) => {
            let (failures, some_done) = document.failures();
            let trouble = LiveTrouble::PresenceInPart { failed: failures, setting: true, some_done };
            Err(explained(error, someone, plate, Some(state), &seen, several.then_some(trouble)))
        }
    }
}

fn fail<'a>(
    line: &mut SetLine,
    error: PresenceError,
    someone: &'a Someone,
    args: &SetArgs,
    failed: &mut Option<(&'a Someone, PresenceError)>,
    sent: bool,
) {
    line.outcome = if sent && error.may_have_arrived() { SetOutcome::Unknown } else { SetOutcome::Failed };
    line.error = Some(view::error_line(&error, &someone.label(), args.module, Some(&args.state)));
    failed.get_or_insert((someone, error));
}

fn not_sent(line: &mut SetLine) {
    line.outcome = SetOutcome::NotSent;
    line.error = Some("not sent: the same was refused before".to_owned());
}

/// The error that ends the run: of one person what went wrong, of several `summary`, with the first one's hints.
fn explained(
    error: PresenceError,
    someone: &Someone,
    plate: Plate,
    state: Option<&str>,
    seen: &[&str],
    summary: Option<LiveTrouble>,
) -> CliError {
    let hints = view::hints(&error, &someone.label(), state, seen);
    let mut result = match summary {
        Some(summary) => summary.into(),
        None => {
            let text = view::error(&error, &someone.label(), plate, state);
            CliError::new(ErrorKind::Failed, Explained { text, source: error.into_cause() })
        }
    };
    result.hints.extend(hints);
    result
}

/// A refusal in the words of who was meant and what was sent; the cause is the request's own.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Explained {
    text: String,
    source: Box<dyn std::error::Error + Send + Sync>,
}
