//! `deskform apply`: plans, asks, and carries the plan out.

use std::cell::RefCell;
use std::time::Duration;

use deskform_applier::steps::StepOptions;
use deskform_applier::{ApplyOptions, Client, CredentialsOut, Event, Outcome, StoredLedger};
use deskform_planner::Plan;

use super::plan::{refuse, view};
use crate::args::{ApplyArgs, Format, Global};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::pipeline::{self, Prepared, Purpose, Workspace};
use crate::report::Report;
use crate::saved::{self, PlanReport};
use crate::secrets;
use crate::settings::under;
use crate::ui::Ui;
use crate::view::apply_human::{self, ApplyHuman};
use crate::view::apply_json::ApplyJson;
use crate::view::talk;

/// Runs the command.
///
/// # Errors
/// When there can be no plan, when it is refused or not approved, or when some of it was not applied.
pub async fn run(global: &Global, args: ApplyArgs, interrupt: &Interrupt, ui: &mut Ui) -> Result<Exit, CliError> {
    let mut report = Report::begin(global, args.report.as_deref(), "apply")?;
    let result = interrupt.unless(Trouble::BrokenOff, begin(global, &args, interrupt, &mut report, ui)).await;
    report.end(result, ui)
}

async fn begin(global: &Global, args: &ApplyArgs, interrupt: &Interrupt, report: &mut Report, ui: &mut Ui) -> Result<Exit, CliError> {
    let credentials = args.credentials.out(&global.chdir)?;
    let saved = args.plan.as_ref().map(|path| saved::open(&under(&global.chdir, path))).transpose()?;
    if let Some(saved) = &saved {
        expected(args.expect.as_deref(), saved)?;
    }
    let mut workspace = match &saved {
        // A saved plan is carried out as it is, whatever the manifests say by now.
        Some(_) => pipeline::read_without_manifests(global, ui)?,
        None => pipeline::read(global, ui)?,
    };
    workspace.show_warnings(ui);
    workspace.narrowing = args.narrow.narrowing();
    workspace.set_revision(args.revision.revision.as_ref())?;
    let settings = &workspace.settings;
    check_clock(&workspace)?;
    if !settings.sandbox && !args.new_ledger && !ui.can_ask() && !settings.ledger.exists().await? {
        return Err(Trouble::NoLedger { place: settings.ledger.to_string() }.into());
    }
    let purpose = match &saved {
        Some(saved) if saved.about.destroy => Purpose::Destroy,
        _ => Purpose::Apply,
    };
    if purpose.destroys() {
        super::destroy::check_name(&workspace, args.auto_approve, args.confirm.as_deref())?;
    }
    let ask = || if purpose.destroys() { super::destroy::question(&workspace) } else { talk::approve_apply() };
    let question = (!args.auto_approve).then(ask);
    let wait = args.lock.wait();
    let prepared = match saved {
        Some(saved) => workspace.prepare_saved(saved, &args.allow, wait, ui).await?,
        None => {
            let prepared = workspace.prepare(purpose, &args.allow, wait, ui).await?;
            if let Err(error) = expected(args.expect.as_deref(), &prepared.report) {
                // What it would do now is what its reader has to look at.
                let view = view(&workspace, &prepared.report, purpose, ui);
                ui.must_say(|out| view.write_text(out));
                return Err(error.into());
            }
            prepared
        }
    };
    let result = ask_and_apply(global, &workspace, prepared, Wish { purpose, question, credentials }, interrupt, report, ui).await;
    // The process ends here: taking a large centre apart piece by piece would only keep somebody waiting.
    std::mem::forget(workspace);
    result
}

/// Whether a plan is the one that was agreed to.
fn expected(fingerprint: Option<&str>, report: &PlanReport) -> Result<(), Trouble> {
    match fingerprint {
        Some(expected) if expected != report.fingerprint() => {
            Err(Trouble::Unexpected { expected: expected.to_owned(), found: report.fingerprint().to_owned() })
        }
        _ => Ok(()),
    }
}

/// A clock of its own belongs to rehearsals.
///
/// # Errors
/// When it is far from the real time and a platform is not on this machine.
pub(super) fn check_clock(workspace: &Workspace) -> Result<(), CliError> {
    let settings = &workspace.settings;
    if settings.clock.is_far_off() && !settings.is_loopback() { Err(Trouble::FarClock.into()) } else { Ok(()) }
}

/// A question, and the one answer that means yes.
pub(super) type Question<'a> = (String, &'a str);

/// What somebody wants done, and whom to ask.
pub(super) struct Wish<'a> {
    /// What the plan was made for.
    pub(super) purpose: Purpose,
    /// What is asked before anything is sent; nothing where everything is approved.
    pub(super) question: Option<Question<'a>>,
    /// Where generated credentials go.
    pub(super) credentials: Option<CredentialsOut>,
}

/// Shows a plan, and carries it out when neither brakes nor the person who is asked object.
///
/// JSON is one document for plan and outcome, written at the end; a person who is asked sees the plan as text on stderr.
///
/// # Errors
/// When the plan is refused or not approved, or when some of it was not applied.
pub(super) async fn ask_and_apply(
    global: &Global,
    workspace: &Workspace,
    prepared: Prepared,
    wish: Wish<'_>,
    interrupt: &Interrupt,
    report: &mut Report,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    let Wish { purpose, question, credentials } = wish;
    let Prepared { report: planned, saved, client, ledger, recovered, sandbox } = prepared;
    let plan = &planned.plan;
    let json = global.format == Format::Json;
    let next = next_command(global, purpose);
    let document = |outcome| ApplyJson { report: &planned, outcome, next: &next };
    // A run that panics or is killed has at least said what it was about to do.
    report.run(|out| document(None).write(out));
    let view = view(workspace, &planned, purpose, ui);
    if !json {
        ui.data(|out| view.write_text(out))?;
    } else if question.is_some() {
        ui.must_say(|out| view.write_text(out));
    }
    let booked = !plan.ended.is_empty() || !recovered.is_empty();
    let outcome = match consent(workspace, &planned, booked, question, ui).await {
        Err(error) => Err(error),
        Ok(Consent::NothingToDo) => Ok(None),
        Ok(Consent::Given) => {
            let options = ApplyOptions { recovered, saved_plan: saved, credentials, ..options(workspace, &planned) };
            carry_out(workspace, &planned, options, &client, ledger, interrupt, ui).await.map(Some)
        }
    };
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    let known = outcome.as_ref().ok().and_then(Option::as_ref);
    report.run(|out| document(known).write(out));
    if json {
        ui.data(|out| document(known).write(out))?;
    }
    let Some(mut outcome) = outcome? else { return Ok(Exit::Done) };
    // Where "No changes." was said, the ledger has only let go of what has ended.
    let said = plan.is_empty() && outcome.is_complete();
    if !json && !said {
        let view = ApplyHuman { report: &planned, outcome: &outcome, next: &next };
        ui.data(|out| view.write(out))?;
    }
    if let Some(error) = outcome.ledger_error.take() {
        return Err(CliError::unsaved(apply_human::counts(&outcome), error));
    }
    if outcome.interrupted {
        return Err(Trouble::Interrupted.into());
    }
    let result = match outcome.is_complete() {
        true => Ok(Exit::Done),
        false => Err(Trouble::Incomplete { summary: apply_human::counts(&outcome) }.into()),
    };
    // The process ends here: taking a large centre apart piece by piece would only keep somebody waiting.
    std::mem::forget((planned, outcome));
    result
}

enum Consent {
    NothingToDo,
    Given,
}

/// Whether nobody objects: no brake, no person, no clock. What only the ledger learns (`booked`) needs nobody's consent.
async fn consent(
    workspace: &Workspace,
    planned: &PlanReport,
    booked: bool,
    question: Option<Question<'_>>,
    ui: &mut Ui,
) -> Result<Consent, CliError> {
    refuse(&planned.brakes)?;
    let plan = &planned.plan;
    if plan.is_empty() {
        return Ok(if booked { Consent::Given } else { Consent::NothingToDo });
    }
    if let Some((question, wanted)) = question {
        // The plan has been shown, so that a run without anybody is at least a look.
        if !ui.can_ask() {
            return Err(Trouble::NeedsApproval.into());
        }
        match ui.ask(&question).await {
            Some(answer) if answer == wanted => check_validity(workspace, plan)?,
            _ => return Err(Trouble::NotApproved.into()),
        }
    }
    Ok(Consent::Given)
}

/// People may think for long; shifts do not wait for them.
///
/// # Errors
/// When the plan is not true any more.
fn check_validity(workspace: &Workspace, plan: &Plan) -> Result<(), CliError> {
    let settings = &workspace.settings;
    match plan.valid_until {
        Some(until) if settings.clock.by_now(&settings.zone) >= until => Err(Trouble::Expired { until }.into()),
        _ => Ok(()),
    }
}

/// How the settings want a plan to be carried out.
fn options(workspace: &Workspace, planned: &PlanReport) -> ApplyOptions {
    let settings = &workspace.settings;
    ApplyOptions {
        steps: StepOptions { overnight: planned.about.overnight(), ..StepOptions::default() },
        concurrency: settings.project.settings.helpdesk.concurrency as usize,
        helpdesk_settle: settings.settle(),
        call_center_settle: settings.settle(),
        revision: workspace.planned_revision().unwrap_or_default(),
        ..ApplyOptions::new(settings.clock.now)
    }
}

/// Carries a plan out that nobody objects to.
///
/// # Errors
/// When nothing could be sent.
async fn carry_out(
    workspace: &Workspace,
    planned: &PlanReport,
    options: ApplyOptions,
    client: &Client,
    ledger: StoredLedger,
    interrupt: &Interrupt,
    ui: &mut Ui,
) -> Result<Outcome, CliError> {
    let (plan, settings) = (&planned.plan, &workspace.settings);
    let secrets = if settings.sandbox {
        let (secrets, stand_ins) = secrets::of_sandbox(plan, settings.secrets());
        if stand_ins > 0 {
            ui.note(&talk::stand_ins(stand_ins));
        }
        secrets
    } else {
        settings.secrets()
    };
    let stop = deskform_applier::Interrupt::new();
    let press = stop.clone();
    interrupt.tell(move || press.press())?;

    ui.start_bar(plan.changes.len());
    let screen = RefCell::new(&mut *ui);
    let mut on_event = |event: Event| tell(&event, plan, &mut screen.borrow_mut());
    let work = deskform_applier::apply(plan, ledger.for_apply(), client, &secrets, &options, &stop, &mut on_event);
    // A run is large, and would lie on the stack once for each who waits for it.
    let outcome = now_and_then(|| screen.borrow_mut().flush(), Box::pin(work)).await;
    ui.flush();
    ui.end_progress();
    Ok(outcome?)
}

/// How long a line about one of many steps may wait for others. A fast platform takes thousands a second.
const LINES_WAIT: Duration = Duration::from_millis(50);

/// Does some work, and something else again and again meanwhile.
async fn now_and_then<T>(mut flush: impl FnMut(), mut work: impl Future<Output = T> + Unpin) -> T {
    loop {
        tokio::select! {
            biased;
            result = &mut work => return result,
            () = tokio::time::sleep(LINES_WAIT) => flush(),
        }
    }
}

/// Shows one event: on the bar, or as lines where there is none.
fn tell(event: &Event, plan: &Plan, ui: &mut Ui) {
    let warning = apply_human::rewritten(event).or_else(|| apply_human::unasked(event)).or_else(|| apply_human::not_shown(event));
    if let Some(warning) = warning {
        return ui.warn(&warning);
    }
    if !ui.draws() {
        if let Some(line) = apply_human::line(event, plan) {
            ui.say_soon(&line);
        }
        return;
    }
    match event {
        Event::StepStarted { changes, .. } => {
            if let Some((_, address)) = changes.first() {
                ui.spin(&address.to_string());
            }
        }
        Event::StepFinished { changes, .. } => ui.advance(changes.len()),
        Event::Stopping { under_way, why } => ui.say(&apply_human::stopping(*under_way, *why)),
        Event::Paused(_) | Event::Waiting { .. } | Event::LookingFor { .. } | Event::ReadBack { .. } => {
            if let Some(line) = apply_human::line(event, plan) {
                ui.spin(&line);
            }
        }
        Event::Started { .. } | Event::Rewritten { .. } | Event::Unasked { .. } | Event::NotShown { .. } | Event::LedgerSaved { .. } => {}
    }
}

/// The command that goes on where this run ended: a plan sees what was done, and the next apply does the rest.
fn next_command(global: &Global, purpose: Purpose) -> String {
    let mut command = "deskform".to_owned();
    let mut add = |word: &str| {
        command.push(' ');
        command.push_str(word);
    };
    if global.chdir.as_os_str() != "." {
        add(&format!("--chdir {}", global.chdir.display()));
    }
    if global.project.as_os_str() != "deskform.yaml" {
        add(&format!("--project {}", global.project.display()));
    }
    if let Some(environment) = &global.env {
        add(&format!("--env {environment}"));
    }
    if global.sandbox {
        add("--sandbox");
    }
    for (flag, value) in [("--helpdesk-url", &global.helpdesk_url), ("--call-center-url", &global.call_center_url), ("--now", &global.now)]
    {
        if let Some(value) = value {
            add(&format!("{flag} {value}"));
        }
    }
    add(if purpose.destroys() { "destroy" } else { "plan" });
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_command_can_be_copied() {
        let global = Global { chdir: "desk".into(), project: "deskform.yaml".into(), env: Some("staging".into()), ..Global::default() };
        assert_eq!(next_command(&global, Purpose::Apply), "deskform --chdir desk --env staging plan");
    }
}
