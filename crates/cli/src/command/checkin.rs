//! `deskform checkin`: the log of sign-ins, which only grows (api-spec.md 3.1, H45 to H48).

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use deskform_applier::live::sign_ins::{self, Draft, Filter};
use deskform_model::time::{self, DateTime};
use deskform_model::{Platform, Text};

use crate::args::{Format, Global};
use crate::error::{CliError, ErrorKind};
use crate::exit::Exit;
use crate::live_trouble::LiveTrouble;
use crate::people::{self, Everybody, Reference, Selection};
use crate::period::{Period, moment};
use crate::pipeline::{self, Connection, Workspace};
use crate::ui::Ui;
use crate::view::live::checkin::{CheckinsDocument, CreatedDocument};
use crate::view::live::{FORMAT_VERSION, json};
use crate::view::talk;

/// Characters that a remark may have (api-spec.md 3.1).
const MOST_CHARACTERS: usize = 140;
/// Attachments that a sign-in may have (api-spec.md 3.1).
const MOST_ATTACHMENTS: usize = 9;

/// What to do with sign-ins.
#[derive(Clone, Debug, Subcommand)]
pub enum CheckinCommand {
    /// List sign-ins, everybody's or some people's
    #[command(
        after_help = "Times are those of the sign-ins themselves, as the helpdesk's wall-clock. With --from or --to, sign-ins that were recorded\nwithin a week of the time in them are found.\n\nExample:\n  deskform checkin list zhang-san --from 2026-12-01 --to 2026-12-07\n  deskform checkin list --label team=tier1 --from \"2026-12-01 06:00\" --format csv"
    )]
    List(ListArgs),
    /// Sign in with the account that deskform calls with; nobody else can be signed in
    #[command(
        after_help = "Example:\n  deskform checkin create --address 北京市 --landmark 东城区1号 --latitude 39.9238 --longitude 116.4023 --remark 到岗 --tag 早班"
    )]
    Create(CreateArgs),
}

/// Flags of `checkin list`.
#[derive(Clone, Debug, Default, Args)]
pub struct ListArgs {
    /// Whose; everybody's when nobody is named.
    #[command(flatten)]
    pub who: Selection,
    /// The first day or moment: 2026-12-01, "2026-12-01 09:00"
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// The last day or moment, itself included
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
}

/// Flags of `checkin create`.
#[derive(Clone, Debug, Default, Args)]
pub struct CreateArgs {
    /// The address on the map (required)
    #[arg(long, value_name = "TEXT")]
    pub address: Option<String>,
    /// The address in detail (required)
    #[arg(long, value_name = "TEXT")]
    pub landmark: Option<String>,
    /// Degrees north, -90 to 90 (required)
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true)]
    pub latitude: Option<String>,
    /// Degrees east, -180 to 180 (required)
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true)]
    pub longitude: Option<String>,
    /// A remark of at most 140 characters
    #[arg(long, value_name = "TEXT")]
    pub remark: Option<String>,
    /// A label (repeatable)
    #[arg(long, value_name = "TEXT")]
    pub tag: Vec<String>,
    /// An attachment's name and address (repeatable, at most 9)
    #[arg(long, value_name = "NAME=URL")]
    pub attachment: Vec<String>,
    /// The time of the sign-in; now without it
    #[arg(long, value_name = "TIME")]
    pub time: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When the arguments are not good, or a request fails.
pub async fn run(global: &Global, command: CheckinCommand, ui: &mut Ui) -> Result<Exit, CliError> {
    match command {
        CheckinCommand::List(args) => list(global, &args, ui).await,
        CheckinCommand::Create(args) => create(global, &args, ui).await,
    }
}

async fn list(global: &Global, args: &ListArgs, ui: &mut Ui) -> Result<Exit, CliError> {
    let period = Period::read(args.from.as_deref(), args.to.as_deref())?;
    let workspace = pipeline::read(global, ui)?;
    let references = args.who.check(&workspace.desired)?;
    let connection = workspace.connect(&[Platform::Helpdesk]).await?;
    ui.start_spinner(talk::reading());
    let found = read(&workspace, &connection, &references, args, period, ui).await;
    ui.end_progress();
    connection.end().await;
    let document = CheckinsDocument::new(period, &found?);
    match global.format {
        Format::Json => ui.data(|out| json(&document, out))?,
        Format::Csv => ui.data(|out| document.write_csv(out))?,
        _ => ui.data(|out| document.write(out))?,
    }
    Ok(Exit::Done)
}

/// Sign-ins show no id of their person, so that of several people theirs are told by staff number (api-spec.md 3.1); of one person the
/// platform filters by id as well.
async fn read(
    workspace: &Workspace,
    connection: &Connection,
    references: &[Reference],
    args: &ListArgs,
    period: Period,
    ui: &mut Ui,
) -> Result<Vec<sign_ins::SignIn>, CliError> {
    let mut filter = Filter { person: None, from: period.from, to: period.to };
    let mut people = Vec::new();
    if !references.is_empty() {
        let found = connection.telling(ui, people::find(connection, &workspace.desired, references)).await?;
        for (name, account) in found.missing {
            let trouble = LiveTrouble::NotThere { name, account };
            if args.who.is_explicit() {
                return Err(trouble.into());
            }
            ui.warn(&trouble.to_string());
        }
        if let [one] = &found.people[..] {
            filter.person = Some(one.id.clone());
        }
        people = found.people;
    }
    let mut sign_ins = connection.sign_ins(&filter, ui).await?;
    if !references.is_empty() {
        let numbers: BTreeSet<&Text> = people.iter().map(|someone| &someone.staff_number).filter(|number| !number.is_empty()).collect();
        sign_ins.retain(|sign_in| numbers.contains(&sign_in.staff_number));
    }
    Ok(sign_ins)
}

async fn create(global: &Global, args: &CreateArgs, ui: &mut Ui) -> Result<Exit, CliError> {
    let workspace = pipeline::read_without_manifests(global, ui)?;
    if args.time.is_none() {
        super::apply::check_clock(&workspace)?;
    }
    let draft = draft(args, workspace.settings.clock.now)?;
    let connection = workspace.connect(&[Platform::Helpdesk]).await?;
    let mut account = connection.client.caller().cloned();
    let result = connection.telling(ui, sign_ins::create(&connection.client, &draft)).await;
    if let (None, Ok(Some(created))) = (&account, &result) {
        account = account_of(&connection, &workspace, created).await;
    }
    connection.end().await;
    let created = match result {
        Ok(created) => created,
        Err(source) if source.may_have_arrived() => return Err(LiveTrouble::SignInLost { account, source }.into()),
        Err(source) => {
            let hint = source.hint();
            let error = CliError::new(ErrorKind::Failed, source);
            return Err(hint.into_iter().fold(error, CliError::hint));
        }
    };
    let document = CreatedDocument {
        format_version: FORMAT_VERSION,
        account: account.map(|account| account.to_string()),
        checkin: created.as_ref().map(Into::into),
    };
    match global.format {
        Format::Json => ui.data(|out| json(&document, out))?,
        _ => ui.data(|out| document.write(out))?,
    }
    Ok(Exit::Done)
}

/// The account of the one person whose number and name a sign-in shows: a token does not tell who calls. It was recorded, so that a list that
/// cannot be read is no failure.
async fn account_of(connection: &Connection, workspace: &Workspace, created: &sign_ins::SignIn) -> Option<Text> {
    let everybody = Everybody::read(connection, &workspace.desired).await.ok()?;
    let mut fitting = everybody
        .people()
        .iter()
        .filter(|someone| !created.staff_number.is_empty() && someone.staff_number == created.staff_number && someone.name == created.name);
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Some(one.account.clone()).filter(|account| !account.is_empty()),
        _ => None,
    }
}

/// The sign-in, when the platform will take it: everything that is wrong is said at once.
fn draft(args: &CreateArgs, now: DateTime) -> Result<Draft, LiveTrouble> {
    let mut problems = Vec::new();
    let mut required = |flag: &str, value: &Option<String>| -> Text {
        let text = value.as_deref().map(str::trim).unwrap_or_default();
        if text.is_empty() {
            problems.push(format!("{flag} is missing"));
        }
        text.into()
    };
    let address = required("--address", &args.address);
    let landmark = required("--landmark", &args.landmark);
    let latitude = required("--latitude", &args.latitude);
    let longitude = required("--longitude", &args.longitude);
    for (flag, text, most) in [("--latitude", &latitude, 90.0), ("--longitude", &longitude, 180.0)] {
        let is_degrees = text.parse().is_ok_and(|degrees: f64| degrees.abs() <= most);
        if !text.is_empty() && !is_degrees {
            problems.push(format!("{flag} {text} is no number from -{most} to {most}"));
        }
    }
    let remark = args.remark.as_deref().map(Text::from).filter(|remark| !remark.is_empty());
    if let Some(length) = remark.as_ref().map(|remark| remark.chars().count()).filter(|length| *length > MOST_CHARACTERS) {
        problems.push(format!("--remark has {length} characters, {MOST_CHARACTERS} are allowed"));
    }
    if args.attachment.len() > MOST_ATTACHMENTS {
        problems.push(format!("there are {} attachments, {MOST_ATTACHMENTS} are allowed", args.attachment.len()));
    }
    let mut attachments = Vec::new();
    for text in &args.attachment {
        match text.split_once('=').filter(|(name, url)| !name.is_empty() && is_link(url)) {
            Some((name, url)) => attachments.push((name.into(), url.into())),
            None => problems.push(format!("--attachment {text} is not NAME=URL with an http or https address")),
        }
    }
    if args.tag.iter().any(|tag| tag.trim().is_empty()) {
        problems.push("a --tag is empty".to_owned());
    }
    let at = match &args.time {
        None => now.with().subsec_nanosecond(0).build().unwrap_or(now),
        Some(text) => moment(text, time::Time::midnight()).unwrap_or_else(|_| {
            problems.push(format!("--time {text} is neither a date nor a time"));
            now
        }),
    };
    if problems.is_empty() {
        let tags = args.tag.iter().map(|tag| tag.trim().into()).collect();
        Ok(Draft { at, remark, attachments, tags, address, landmark, latitude, longitude })
    } else {
        Err(LiveTrouble::BadSignIn { problems })
    }
}

fn is_link(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty()) && !url.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> CreateArgs {
        let text = |text: &str| Some(text.to_owned());
        CreateArgs {
            address: text("北京市"),
            landmark: text("东城区"),
            latitude: text("-39.9"),
            longitude: text("116.4"),
            ..CreateArgs::default()
        }
    }

    fn now() -> DateTime {
        time::parse_date_time("2026-12-01 06:00:00").expect("a time")
    }

    #[test]
    fn the_limits_of_the_platform_are_the_limits_here() {
        let with = |remark: usize, attachments: usize| CreateArgs {
            remark: Some("到".repeat(remark)),
            attachment: vec!["a.png=https://example.com/a.png".to_owned(); attachments],
            ..good()
        };
        assert!(draft(&with(140, 9), now()).is_ok());
        assert!(draft(&with(141, 9), now()).is_err());
        assert!(draft(&with(140, 10), now()).is_err());
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let args = CreateArgs {
            address: None,
            latitude: Some("90.5".to_owned()),
            longitude: Some("NaN".to_owned()),
            attachment: vec!["https://example.com/a.png".to_owned()],
            tag: vec![" ".to_owned()],
            time: Some("noon".to_owned()),
            ..good()
        };
        let LiveTrouble::BadSignIn { problems } = draft(&args, now()).expect_err("wrong") else { panic!("other trouble") };
        let starts = ["--address is missing", "--latitude 90.5", "--longitude NaN", "--attachment https", "a --tag", "--time noon"];
        assert_eq!(problems.len(), starts.len(), "{problems:?}");
        assert!(problems.iter().zip(starts).all(|(problem, start)| problem.starts_with(start)), "{problems:?}");
    }

    #[test]
    fn without_a_time_it_is_now() {
        assert_eq!(draft(&good(), now()).expect("good").at, now());
    }
}
