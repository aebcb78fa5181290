//! `deskform rotate-password`: sets the password of one seat now, without a plan.
//!
//! The new password is the one that the manifest refers to; `--generate` makes one up instead, which goes into a file, never to the
//! terminal: terminals are recorded. It is in the file before the call centre gets it, so that no seat has a password that nobody knows.

use deskform_applier::ledger_store::Mode;
use deskform_applier::{Client, CredentialsFile, CredentialsOut, ObserveError, SeatCredentials, StoredLedger, rotation, secret};
use deskform_model::secret::SecretRef;
use deskform_model::{Kind, Platform, RemoteId, Resource, Text};
use deskform_planner::ledger::{Entry, Record};
use deskform_sandbox::Running;
use secrecy::SecretString;

use super::apply::check_clock;
use crate::args::{Format, Global, RotatePasswordArgs};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::pipeline::{self, Workspace, since, start_sandbox};
use crate::secrets;
use crate::ui::Ui;
use crate::view::rotation::Rotation;
use crate::view::talk;

/// Runs the command.
///
/// # Errors
/// When the address is no seat that the ledger owns, when there is no password to set, or when it cannot be set.
pub async fn run(global: &Global, args: &RotatePasswordArgs, ui: &mut Ui) -> Result<Exit, CliError> {
    let out = args.credentials.out(&global.chdir)?;
    if out.is_some() && !args.generate {
        return Err(Trouble::NothingToHandOver.into());
    }
    if !args.address.starts_with("agent/") {
        return Err(Trouble::NoSeat { address: args.address.clone() }.into());
    }
    let workspace = pipeline::read(global, ui)?;
    workspace.show_warnings(ui);
    check_clock(&workspace)?;
    let sandbox = match workspace.settings.sandbox {
        true => Some(start_sandbox(&workspace.settings).await?),
        false => None,
    };
    let result = rotate(&workspace, args, out, sandbox.as_ref(), ui).await;
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    let rotation = result?;
    match global.format {
        Format::Json => ui.data(|out| rotation.write_json(out))?,
        _ => ui.data(|out| rotation.write_text(out))?,
    }
    Ok(Exit::Done)
}

async fn rotate(
    workspace: &Workspace,
    args: &RotatePasswordArgs,
    out: Option<CredentialsOut>,
    sandbox: Option<&Running>,
    ui: &mut Ui,
) -> Result<Rotation, CliError> {
    let settings = &workspace.settings;
    let sandbox_url = sandbox.map(Running::helpdesk_url);
    let mode = Mode::Apply { command: "deskform rotate-password".into(), at: since(settings) };
    let stored = workspace.open_ledger(sandbox_url, mode, args.lock.wait(), ui).await?;
    let entry = owned(workspace, &stored, &args.address)?.clone();
    let seat = entry.remotes.first().cloned().ok_or_else(|| not_owned(workspace, &args.address))?;
    let resource = workspace.desired.resources().iter().find(|resource| resource.address == entry.address);
    let declared = resource.and_then(|resource| resource.secret.as_deref());
    let version = declared.map(|declared| rotation::next_version(declared.version, rotation::last_version(&entry)));

    // Nothing is sent before everything that can be wrong here has been looked at.
    let client = Client::new(settings.client(|platform| platform == Platform::CallCenter, sandbox_url)?)?;
    let password = match (args.generate, declared) {
        (true, _) => secret::generate_password()?,
        (false, Some(declared)) => declared_password(workspace, declared, ui)?,
        (false, None) => return Err(Trouble::NoPasswordDeclared { address: args.address.clone() }.into()),
    };
    let handed = out.map(|out| hand_over(&out, &entry, &seat, &password)).transpose()?;
    let set = rotation::set_password(&client, &seat, &password);
    if let Err(error) = client.telling_pauses(&mut |pause| ui.progress(&talk::paused(&pause)), set).await {
        return Err(not_set(error, handed));
    }
    if let Some(version) = version {
        let at: Text = settings.clock.now.strftime("%Y-%m-%dT%H:%M:%S").to_string().into();
        save(stored, rotation::record(&entry, version, at)).await.map_err(|error| {
            error.hint("the password is set; run the same again when the ledger can be saved, or the next apply sets the old version again")
        })?;
    }
    Ok(Rotation {
        address: args.address.clone(),
        operator_id: seat.to_string(),
        version,
        declared: declared.zip(resource).map(|(declared, resource)| (declared.version, place(workspace, resource))),
        handed_over: handed.map(|file| file.out().clone()),
    })
}

/// The seat that the ledger owns under this address.
fn owned<'a>(workspace: &Workspace, stored: &'a StoredLedger, address: &str) -> Result<&'a Entry, CliError> {
    let mut seats = stored.ledger().of_kind(Kind::Agent);
    Ok(seats.find(|entry| entry.address.to_string() == address).ok_or_else(|| not_owned(workspace, address))?)
}

fn not_owned(workspace: &Workspace, address: &str) -> Trouble {
    Trouble::NotInLedger { address: address.to_owned(), place: workspace.settings.ledger.to_string() }
}

/// The password that the manifest refers to.
fn declared_password(workspace: &Workspace, declared: &SecretRef, ui: &mut Ui) -> Result<SecretString, CliError> {
    let settings = &workspace.settings;
    let mut secrets = settings.secrets();
    if settings.sandbox {
        let (with_stand_ins, stand_ins) = secrets::of_sandbox_for([declared].into_iter(), secrets);
        if stand_ins > 0 {
            ui.note(&talk::stand_ins(stand_ins));
        }
        secrets = with_stand_ins;
    }
    Ok(secrets.password(Kind::Agent, declared)?)
}

fn hand_over(out: &CredentialsOut, entry: &Entry, seat: &RemoteId, password: &SecretString) -> Result<CredentialsFile, CliError> {
    let mut file = CredentialsFile::create(out)?;
    file.hand_over(&[SeatCredentials {
        address: entry.address.clone(),
        operator_id: seat.text().clone(),
        operator_password: Some(password.clone()),
        sip_number: None,
        sip_password: None,
    }])?;
    Ok(file)
}

/// Says that the password was not set, and takes back the one that was made up, if it certainly does not count.
fn not_set(error: deskform_applier::RequestError, handed: Option<CredentialsFile>) -> CliError {
    let uncertain = error.may_have_arrived();
    let error = CliError::from(ObserveError::Request(error));
    match handed {
        Some(file) if uncertain => error.hint(talk::password_in_doubt(Some(&file.out().path))),
        Some(file) => {
            file.withdraw();
            error
        }
        None if uncertain => error.hint(talk::password_in_doubt(None)),
        None => error,
    }
}

async fn save(stored: StoredLedger, record: Record) -> Result<(), CliError> {
    let saved = tokio::task::spawn_blocking(move || stored.edit(vec![record])).await;
    Ok(saved.map_err(|error| Trouble::Runtime { source: error.into() })??)
}

/// Where a manifest refers to its password.
fn place(workspace: &Workspace, resource: &Resource) -> String {
    let key = Kind::Agent.key("password");
    let span = resource.field_spans.iter().find(|(field, _)| Some(field) == key.as_ref()).map_or(resource.origin, |(_, span)| *span);
    workspace.sources.file_line(span)
}
