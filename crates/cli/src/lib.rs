//! The deskform command: arguments, views, exit codes. Everything but `main`, so that tests call views and commands without a process.
//!
//! ```text
//! args --settings--> pipeline (project, manifests, plan) --> command --> view --> ui
//! ```
//!
//! Limits: this crate decides nothing about resources and speaks no HTTP. [`ui`] is the only door to the terminal, [`exit`] the only place
//! that knows exit codes, [`error`] the only one that knows what an error means to a person.

pub mod args;
pub mod clock;
pub mod command;
pub mod error;
pub mod exit;
pub mod formats;
pub mod interrupt;
mod ledger_hint;
pub mod live_trouble;
pub mod mask;
pub mod output;
mod output_file;
pub mod output_schema;
pub mod people;
pub mod period;
pub mod pipeline;
pub mod report;
mod repository;
pub mod revision;
pub mod saved;
mod saved_plan;
pub mod secrets;
pub mod settings;
pub mod sources;
pub mod trouble;
pub mod ui;
pub mod view;

use std::ffi::OsString;
use std::io::Write as _;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::pin::Pin;

use clap::Parser as _;

use args::{Cli, Command, Global};
use error::{CliError, Trouble};
use exit::Exit;
use interrupt::Interrupt;
use mask::Personal;
use ui::{Loudness, Ui};

/// Runs a command line to its end.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let masks = arguments.iter().any(|argument| argument == "--mask-personal");
    let words: Vec<String> = arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let personal = Personal::default();
            personal.collect();
            words.iter().for_each(|word| personal.learn_word(word));
            // A closed stream leaves nobody to tell.
            let _ =
                if masks { write!(anstream::stderr(), "{}", personal.mask().apply(&error.render().to_string())) } else { error.print() };
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    panic::set_hook(Box::new(report_bug));
    panic::catch_unwind(AssertUnwindSafe(|| begin(cli, &words))).unwrap_or(Exit::Bug)
}

fn begin(cli: Cli, words: &[String]) -> Exit {
    let global = cli.global.settled();
    let loudness = match (global.quiet, global.verbose) {
        (true, _) => Loudness::Quiet,
        (_, true) => Loudness::Verbose,
        _ => Loudness::Normal,
    };
    let mut ui = Ui::new(!global.no_color, loudness).masking(global.masks());
    if global.mask_personal || formats::are_masked(&global, &cli.command) {
        global.personal.collect();
        words.iter().for_each(|word| global.personal.learn_word(word));
    }
    let result = execute(&global, cli.command, &mut ui);
    ui.end_progress();
    match result {
        Ok(exit) => exit,
        Err(error) => {
            ui.error(&error);
            error.kind.exit()
        }
    }
}

fn execute(global: &Global, command: Command, ui: &mut Ui) -> Result<Exit, CliError> {
    formats::check(global, &command)?;
    match command {
        Command::Validate(args) => command::validate::run(global, &args, ui),
        Command::Schema(args) => command::schema::run(global, &args, ui),
        Command::Show(args) => command::show::run(global, &args, ui),
        command => {
            // One thread for everything but blocking work: waiting for platforms needs no second one, and the sandbox on loopback has a use
            // for the other core.
            let mut builder = match command {
                Command::Sandbox(_) => tokio::runtime::Builder::new_multi_thread(),
                _ => tokio::runtime::Builder::new_current_thread(),
            };
            let runtime = builder.enable_all().build().map_err(|source| Trouble::Runtime { source })?;
            let result = runtime.block_on(with_platforms(global, command, ui));
            // A request that nobody waits for any more must not hold up the end.
            runtime.shutdown_background();
            result
        }
    }
}

async fn with_platforms(global: &Global, command: Command, ui: &mut Ui) -> Result<Exit, CliError> {
    let interrupt = Interrupt::listen().map_err(|source| Trouble::Runtime { source })?;
    // These finish their reports first.
    let ends_by_itself = matches!(command, Command::Apply(_) | Command::Destroy(_));
    let work = dispatch(global, command, &interrupt, ui);
    if ends_by_itself { work.await } else { interrupt.unless(Trouble::Interrupted, work).await }
}

async fn dispatch(global: &Global, command: Command, interrupt: &Interrupt, ui: &mut Ui) -> Result<Exit, CliError> {
    // Boxed, or whoever waits for one command would have room for the largest of all on the stack, and more than once.
    let work: Pin<Box<dyn Future<Output = Result<Exit, CliError>>>> = match command {
        Command::Plan(args) => Box::pin(command::plan::run(global, args, ui)),
        Command::Graph(args) => Box::pin(command::graph::run(global, args, ui)),
        Command::Drift(args) => Box::pin(command::drift::run(global, args, ui)),
        Command::Apply(args) => Box::pin(command::apply::run(global, args, interrupt, ui)),
        Command::Destroy(args) => Box::pin(command::destroy::run(global, args, interrupt, ui)),
        Command::Presence(presence) => Box::pin(command::presence::run(global, presence, ui)),
        Command::Checkin(checkin) => Box::pin(command::checkin::run(global, checkin, ui)),
        Command::Adherence(args) => Box::pin(async move { command::adherence::run(global, &args, ui).await }),
        Command::Support(support) => Box::pin(command::support::run(global, support, ui)),
        Command::Agent(agent) => Box::pin(command::agent::run(global, agent, ui)),
        Command::Ledger(ledger) => Box::pin(command::ledger::run(global, ledger, ui)),
        Command::Sandbox(args) => Box::pin(async move { command::sandbox::run(global, &args, interrupt, ui).await }),
        Command::RotatePassword(args) => Box::pin(async move { command::rotate_password::run(global, &args, ui).await }),
        Command::Validate(args) => return command::validate::run(global, &args, ui),
        Command::Schema(args) => return command::schema::run(global, &args, ui),
        Command::Show(args) => return command::show::run(global, &args, ui),
    };
    work.await
}

/// Says that this is a bug. The panic's own message stays out: it may hold a value, and a value may be a secret.
fn report_bug(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    let mut stderr = anstream::stderr().lock();
    // There is nowhere else to say it.
    let _ = writeln!(
        stderr,
        "error: this is a bug in deskform {version}{place}\n\nhint: please report it with this line and the command that you ran"
    );
}
