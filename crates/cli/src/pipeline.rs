//! The way from a command line to a plan, the same for every command that needs one.
//!
//! ```text
//! project file -> settings -> manifest files -> load -> needs -> observe -> heal -> plan -> brakes
//! ```

mod reading;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use deskform_applier::ledger_store::{LedgerError, Mode};
use deskform_applier::live::sign_ins::{self, Filter, SignIn};
use deskform_applier::{Client, ObserveError, Reader, StoredLedger};
use deskform_model::diagnostic::{Diagnostic, Severity};
use deskform_model::project::{self, Project};
use deskform_model::source::{SourceId, Sources};
use deskform_model::{Desired, LoadOptions, ManifestKind, Platform, Text, load};
use deskform_planner::brake::{self, Allow, Lineage, Releases, Unused, Verdict, behind};
use deskform_planner::ledger::Record;
use deskform_planner::recheck;
use deskform_planner::{Inputs, Ledger, Narrowing, Plan, needs, needs_narrowed, plan_narrowed};
use deskform_sandbox::{Clock as SandboxClock, Data, Options as SandboxOptions, Running, Sandbox};

pub(crate) use reading::{Lock, Reading};

use crate::args::{Format, Global};
use crate::error::{CliError, Trouble};
use crate::mask::Personal;
use crate::saved::{About, PlanReport};
use crate::settings::{Settings, under};
use crate::ui::Ui;
use crate::view::findings_view::FindingsView;
use crate::view::{brake_human, diagnostic_human, moved_human, problem_human, talk};
use crate::{repository, revision, saved_plan, sources};

/// A project that was read, with what its manifests want.
#[derive(Debug)]
pub struct Workspace {
    /// Flags, variables and project file in one.
    pub settings: Settings,
    /// All texts, the project file first.
    pub sources: Sources,
    /// What the manifests want.
    pub desired: Desired,
    /// Findings that are no errors.
    pub warnings: Vec<Diagnostic>,
    /// How many manifest files there are.
    pub files: usize,
    /// How many documents of each kind there are.
    pub manifests: BTreeMap<ManifestKind, usize>,
    /// What plans are narrowed to.
    pub narrowing: Narrowing,
    /// The commit of the manifests, where somebody gave it.
    pub revision: Option<Text>,
    /// What belongs to people of all that was read.
    pub personal: Personal,
}

/// A plan, and everything that is needed to carry it out.
#[derive(Debug)]
pub struct Prepared {
    /// The plan, and what the brakes say about it.
    pub report: PlanReport,
    /// The fingerprint of the saved plan that this is, or empty.
    pub saved: Text,
    /// The way to the platforms.
    pub client: Client,
    /// What was done before.
    pub ledger: StoredLedger,
    /// What became of creations whose answers an earlier run lost; the ledger learns it before anything is sent.
    pub recovered: Vec<Record>,
    /// The platforms of --sandbox; they serve as long as this lives.
    pub sandbox: Option<Running>,
}

/// The way to the platforms, for commands that make no plan.
#[derive(Debug)]
pub struct Connection {
    /// Sends requests.
    pub client: Client,
    /// Reads lists and single objects through the same client.
    pub reader: Reader,
    /// What belongs to people of all that was read.
    pub personal: Personal,
    /// The platforms of --sandbox; they serve as long as this lives.
    sandbox: Option<Running>,
}

impl Connection {
    /// Where the platforms of --sandbox are.
    pub fn sandbox_url(&self) -> Option<&str> {
        self.sandbox.as_ref().map(Running::helpdesk_url)
    }

    /// Does some work with the platforms; where they make it wait, people are told.
    pub async fn telling<T>(&self, ui: &mut Ui, work: impl Future<Output = T>) -> T {
        self.client.telling_pauses(&mut |pause| ui.progress(&talk::paused(&pause)), work).await
    }

    /// The sign-ins that a filter lets through, counted while they are read.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn sign_ins(&self, filter: &Filter, ui: &mut Ui) -> Result<Vec<SignIn>, ObserveError> {
        let screen = RefCell::new(ui);
        let mut progress = |read, _| screen.borrow_mut().spin(&talk::sign_ins_read(read));
        let list = sign_ins::list(&self.client, filter, &mut progress);
        self.client.telling_pauses(&mut |pause| screen.borrow_mut().progress(&talk::paused(&pause)), list).await
    }

    /// Ends the platforms of --sandbox, with their data written.
    pub async fn end(self) {
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
    }
}

/// A plan with what was found out on the way to it.
struct Planned {
    plan: Plan,
    client: Client,
    recovered: Vec<Record>,
}

/// What a plan is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be looked at: no lock.
    Look,
    /// To be carried out: holds the ledger's lock.
    Apply,
    /// To be carried out, and it removes everything that the ledger owns.
    Destroy,
    /// To be looked at, and it would remove everything that the ledger owns.
    LookAtDestroy,
}

impl Purpose {
    /// Whether it removes everything that the ledger owns.
    pub fn destroys(self) -> bool {
        matches!(self, Self::Destroy | Self::LookAtDestroy)
    }

    /// Whether nothing will be sent.
    pub fn only_looks(self) -> bool {
        matches!(self, Self::Look | Self::LookAtDestroy)
    }
}

/// Reads project and manifests; errors in them are shown before this fails.
///
/// # Errors
/// When a file cannot be read, or project or manifests are not valid.
pub fn read(global: &Global, ui: &mut Ui) -> Result<Workspace, CliError> {
    look(global, ui).map_err(|stop| stop.shown(global, ui))
}

/// The same, with errors in them handed back to be shown.
///
/// # Errors
/// When a file cannot be read, or project or manifests are not valid.
pub fn look(global: &Global, ui: &mut Ui) -> Result<Workspace, Stop> {
    let (project, mut sources, file) = read_project(global)?;
    let path = under(&global.chdir, &global.project);
    let settings = Settings::new(global, folder_of(&path), project)?;
    let patterns = &settings.project.settings.manifests;
    let sources::Found { files, unread } = sources::read(&settings.root, patterns, &path, &mut sources)?;
    if !unread.is_empty() {
        ui.warn(&talk::unread_files(&unread, patterns));
    }
    if files == 0 {
        ui.warn(&talk::no_manifests(patterns));
    }
    let options = LoadOptions::of_project(settings.clock.now.date(), &settings.project, Some(file));
    let loaded = load(&sources, &options);
    let Some(desired) = loaded.desired else {
        sources.iter().for_each(|(_, source)| global.personal.learn_text(&source.text));
        return Err(Stop::Invalid { findings: loaded.diagnostics, sources });
    };
    global.personal.learn_desired(&desired);
    Ok(Workspace {
        settings,
        sources,
        desired,
        warnings: loaded.diagnostics,
        files,
        manifests: loaded.manifests,
        narrowing: Narrowing::default(),
        revision: None,
        personal: global.personal.clone(),
    })
}

/// The same without looking at the manifests, for `destroy`.
///
/// # Errors
/// When the project file cannot be read or is not valid.
pub fn read_without_manifests(global: &Global, ui: &mut Ui) -> Result<Workspace, CliError> {
    let (project, sources, _) = read_project(global).map_err(|stop| stop.shown(global, ui))?;
    let settings = Settings::new(global, folder_of(&under(&global.chdir, &global.project)), project)?;
    Ok(Workspace {
        settings,
        sources,
        desired: Desired::default(),
        warnings: Vec::new(),
        files: 0,
        manifests: BTreeMap::new(),
        narrowing: Narrowing::default(),
        revision: None,
        personal: global.personal.clone(),
    })
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn read_project(global: &Global) -> Result<(Project, Sources, SourceId), Stop> {
    let path = under(&global.chdir, &global.project);
    if !path.exists() {
        return Err(Trouble::NoProject { path }.into());
    }
    let mut sources = Sources::default();
    let name = global.project.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file = sources::add(&mut sources, &name, &path).map_err(|source| Trouble::File { path, source })?;
    if !sources.findings().is_empty() {
        return Err(Stop::Invalid { findings: sources.findings().to_vec(), sources });
    }
    let (project, findings) = project::read(file, &sources.get(file).text, global.env.as_deref(), env!("CARGO_PKG_VERSION"));
    match project {
        Some(project) => Ok((project, sources, file)),
        None => Err(Stop::Invalid { findings, sources }),
    }
}

/// Why there is no workspace.
#[derive(Debug)]
pub enum Stop {
    /// Project or manifests are not valid.
    Invalid {
        /// What is wrong with them.
        findings: Vec<Diagnostic>,
        /// What the findings point into.
        sources: Sources,
    },
    /// They cannot be read.
    Other(CliError),
}

impl<E: Into<CliError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

impl Stop {
    /// Shows the findings, for a command whose own data has no place for them, and makes the error that ends the run.
    fn shown(self, global: &Global, ui: &mut Ui) -> CliError {
        let (findings, sources) = match self {
            Self::Invalid { findings, sources } => (findings, sources),
            Self::Other(error) => return error,
        };
        let folder = repository::folder(global);
        let view = FindingsView { findings: &findings, sources: &sources, folder: &folder, valid: None };
        let shown = match global.format {
            format @ (Format::Json | Format::Github) => ui.data(|out| view.write(format, out)),
            _ => {
                ui.must_say(|out| diagnostic_human::write(&findings, &sources, out));
                Ok(())
            }
        };
        match shown {
            Ok(()) => Trouble::Invalid { tally: diagnostic_human::tally(&findings) }.into(),
            Err(error) => error,
        }
    }
}

impl Workspace {
    /// Shows warnings on stderr, before anything else happens.
    pub fn show_warnings(&self, ui: &mut Ui) {
        if self.warnings.iter().any(|finding| finding.problem.severity() == Severity::Warning) {
            ui.talk(|out| diagnostic_human::write(&self.warnings, &self.sources, out));
        }
    }

    /// Reads the platforms and plans. `allow` lets brakes pass; what permits nothing is a warning. A lock that somebody else holds is
    /// waited for as long as `wait` says.
    ///
    /// # Errors
    /// When the ledger or a platform cannot be read, or when there can be no plan; the reasons are shown before.
    pub async fn prepare(&self, purpose: Purpose, allow: &[Allow], wait: Duration, ui: &mut Ui) -> Result<Prepared, CliError> {
        let settings = &self.settings;
        let sandbox = match settings.sandbox {
            true => Some(start_sandbox(settings).await?),
            false => None,
        };
        let sandbox_url = sandbox.as_ref().map(Running::helpdesk_url);
        let mut lock = Lock::Ours;
        if purpose.only_looks() {
            lock = Lock::Free;
            if let Some(holder) = settings.ledger.holder().await {
                lock = Lock::Theirs;
                ui.warn(&talk::apply_is_running(holder.as_ref()));
            }
        }
        let mode = match purpose {
            Purpose::Look | Purpose::LookAtDestroy => Mode::Read,
            Purpose::Apply => Mode::Apply { command: "deskform apply".into(), at: since(settings) },
            Purpose::Destroy => Mode::Apply { command: "deskform destroy".into(), at: since(settings) },
        };
        let ledger = self.open_ledger(sandbox_url, mode, wait, ui).await?;
        let Planned { plan, client, recovered } = self.plan(ledger.ledger(), ledger.existed(), sandbox_url, (purpose, lock), ui).await?;
        if !ledger.existed() && !settings.sandbox && takes_over(&plan) {
            ui.note(&talk::lost_ledger(&settings.ledger.to_string()));
        }
        let lineage = self.lineage(&plan, ledger.ledger(), purpose, ui);
        let verdict = self.judge(&plan, purpose, allow, lineage);
        let known = ledger.existed().then(|| ledger.ledger());
        let overnight = settings.overnight();
        let about = About::new(settings.identity(sandbox_url), known, overnight, purpose);
        let report = PlanReport::new(plan, &verdict, &self.sources, about);
        // An expired document was among the findings about the manifests.
        let unused = verdict.warnings.iter().zip(&report.brakes.warnings).filter(|(unused, _)| !matches!(unused, Unused::Expired(_)));
        for (_, words) in unused {
            ui.warn(&brake_human::unused(words));
        }
        Ok(Prepared { report, saved: Text::default(), client, ledger, recovered, sandbox })
    }

    /// Reads the platforms and holds a saved plan against them: what is left of it, or nothing at all.
    ///
    /// # Errors
    /// When the ledger or a platform cannot be read, or when the plan is of something else, used, or not true any more; what has moved is
    /// shown before.
    pub async fn prepare_saved(&self, saved: PlanReport, allow: &[Allow], wait: Duration, ui: &mut Ui) -> Result<Prepared, CliError> {
        self.personal.learn_plan(&saved.plan);
        let settings = &self.settings;
        let sandbox = match settings.sandbox {
            true => Some(start_sandbox(settings).await?),
            false => None,
        };
        let sandbox_url = sandbox.as_ref().map(Running::helpdesk_url);
        let mode = Mode::Apply { command: "deskform apply".into(), at: since(settings) };
        let stored = self.open_ledger(sandbox_url, mode, wait, ui).await?;
        let purpose = if saved.about.destroy { Purpose::Destroy } else { Purpose::Apply };
        let known = stored.existed().then(|| stored.ledger());
        let here = About::new(settings.identity(sandbox_url), known, saved.about.overnight(), purpose);
        saved_plan::check(&saved, &here, stored.ledger(), &settings.project)?;

        let now = settings.clock.now;
        let mut needs = needs(&Desired::default(), stored.ledger(), now);
        recheck::widen(&mut needs, &saved.plan, now);
        let Reading { observed, healed, client } = self.look(&needs, stored.ledger(), sandbox_url, Lock::Ours, ui).await?;
        let before = saved.plan.changes.len();
        let rechecked = recheck::recheck(saved.plan.clone(), &observed, &healed.ledger, now, saved.about.overnight()).map_err(|moved| {
            ui.must_say(|out| moved_human::write(&moved, &saved, out));
            Trouble::PlanMoved { objects: moved.len() }
        })?;
        if rechecked.plan.is_empty() {
            return Err(Trouble::PlanUsed.into());
        }
        if rechecked.done > 0 {
            ui.note(&talk::done_already(rechecked.done, before));
        }
        let recovered = healed.records();
        let fingerprint = Text::from(saved.fingerprint());
        let mut report = saved.with_plan(Plan { ledger_known: stored.existed(), ..rechecked.plan });
        report.brakes = report.brakes.judged_again(allow, now.date());
        Ok(Prepared { report, saved: fingerprint, client, ledger: stored, recovered, sandbox })
    }

    /// Prepares to talk to some platforms; nothing is sent yet. Only their credentials are read.
    ///
    /// # Errors
    /// When one of them is not configured, or a credential cannot be read.
    pub async fn connect(&self, wanted: &[Platform]) -> Result<Connection, CliError> {
        let sandbox = match self.settings.sandbox {
            true => Some(start_sandbox(&self.settings).await?),
            false => None,
        };
        let url = sandbox.as_ref().map(Running::helpdesk_url);
        let client = Client::new(self.settings.client(|platform| wanted.contains(&platform), url)?)?;
        Ok(Connection { reader: Reader::new(client.clone()), client, personal: self.personal.clone(), sandbox })
    }

    /// Opens the ledger, for which a lock that somebody else holds is waited for; people are told.
    ///
    /// # Errors
    /// When it cannot be used.
    pub async fn open_ledger(&self, sandbox_url: Option<&str>, mode: Mode, wait: Duration, ui: &mut Ui) -> Result<StoredLedger, CliError> {
        let settings = &self.settings;
        let mut on_wait = |error: &LedgerError| ui.say(&talk::waiting_for_the_lock(error));
        let stored = settings.ledger.open(settings.identity(sandbox_url), mode, wait, &mut on_wait).await?;
        self.personal.learn_ledger(stored.ledger());
        Ok(stored)
    }

    async fn plan(
        &self,
        ledger: &Ledger,
        ledger_known: bool,
        sandbox_url: Option<&str>,
        (purpose, lock): (Purpose, Lock),
        ui: &mut Ui,
    ) -> Result<Planned, CliError> {
        let settings = &self.settings;
        let now = settings.clock.now;
        let policy = settings.policy(&self.desired, purpose.destroys());
        let selection = self.narrowing.choose(&self.desired, ledger, &policy).map_err(Trouble::from)?;
        let ledger = selection.decidable(ledger);
        let needs = needs_narrowed(&self.desired, &ledger, now, &selection);
        let Reading { client, observed, healed } = self.look(&needs, &ledger, sandbox_url, lock, ui).await?;
        let inputs = Inputs { desired: &self.desired, observed: &observed, ledger: &healed.ledger, ledger_known, policy: &policy, now };
        let plan = plan_narrowed(inputs, &selection).map_err(|problems| {
            ui.must_say(|out| problem_human::write(&problems, &self.sources, out));
            Trouble::NoPlan { problems: problems.len() }
        })?;
        let recovered = healed.records();
        if purpose.only_looks() {
            // The process ends soon: taking a large centre apart piece by piece would only keep somebody waiting.
            std::mem::forget(observed);
        }
        Ok(Planned { plan, client, recovered })
    }

    /// Takes over what `--revision` says.
    ///
    /// # Errors
    /// When it is no commit.
    pub fn set_revision(&mut self, given: Option<&Text>) -> Result<(), CliError> {
        let resolve = |given: &Text| {
            revision::resolve(&self.settings.root, given)
                .map_err(|doubt| Trouble::Revision { given: given.clone(), why: talk::doubt(&doubt) })
        };
        self.revision = given.map(resolve).transpose()?;
        Ok(())
    }

    /// The revision that is planned, as far as anybody knows.
    pub fn planned_revision(&self) -> Option<Text> {
        revision::planned(self.revision.as_ref(), &self.settings.root, |name| std::env::var(name).ok())
    }

    /// How the planned revision is related to the one that was applied last. Git is asked only where it matters.
    fn lineage(&self, plan: &Plan, ledger: &Ledger, purpose: Purpose, ui: &mut Ui) -> Lineage {
        if purpose.destroys() || ledger.revision.is_empty() || !behind::matters(plan) {
            return Lineage::Unknown;
        }
        let ours = self.planned_revision();
        revision::lineage(&self.settings.root, &ledger.revision, ours.as_ref()).unwrap_or_else(|doubt| {
            ui.note(&talk::unknown_lineage(&ledger.revision, &doubt));
            Lineage::Unknown
        })
    }

    /// Asks the brakes.
    fn judge(&self, plan: &Plan, purpose: Purpose, allow: &[Allow], lineage: Lineage) -> Verdict {
        let settings = brake::Settings::new(self.settings.limits(), &self.desired, purpose.destroys());
        let settings = brake::Settings { lineage, ..settings };
        let releases = Releases { allow, documents: &self.desired.releases, today: self.settings.clock.now.date() };
        brake::check(plan, &settings, &releases)
    }
}

/// Whether a plan meets objects that a lost ledger may have owned.
fn takes_over(plan: &Plan) -> bool {
    plan.changes.iter().any(|change| change.bookkeeping.adopted)
}

/// Since when a lock is held, as others read it.
pub(crate) fn since(settings: &Settings) -> deskform_model::Text {
    settings.clock.at.to_zoned(settings.zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string().into()
}

/// Both platforms on a free port, with the data of earlier runs and this run's clock.
pub(crate) async fn start_sandbox(settings: &Settings) -> Result<Running, CliError> {
    let data = settings.sandbox_data();
    if let Some(folder) = data.parent() {
        std::fs::create_dir_all(folder).map_err(|source| Trouble::Write { path: folder.to_owned(), source })?;
    }
    let clock =
        if settings.clock.fixed { SandboxClock::Fixed(settings.clock.now) } else { SandboxClock::System { zone: settings.zone.clone() } };
    let options = SandboxOptions { data: Data::File(data), clock, ..SandboxOptions::default() };
    Ok(Sandbox::start(options).await?)
}
