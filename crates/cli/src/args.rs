//! What was typed; what it means is decided in [`crate::settings`].

mod credentials;
mod ledger;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use deskform_model::project::Milliseconds;
use deskform_planner::brake::Allow;

use crate::command::adherence::AdherenceArgs;
use crate::command::agent::AgentCommand;
use crate::command::checkin::CheckinCommand;
use crate::command::presence::PresenceCommand;
use crate::command::support::SupportCommand;
use crate::mask::Personal;
use crate::output::OutputSpec;
use scope::{NarrowArgs, RevisionArgs, ScopeArgs};

pub mod scope;

pub use credentials::{CredentialsArgs, RotatePasswordArgs};
pub use ledger::{ForgetArgs, LedgerCommand, ListArgs, ShowArgs, UnlockArgs};

/// The command line.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "deskform",
    version,
    about = "A customer-service centre as code: staff, permissions, shifts and phone seats from YAML manifests.",
    after_help = "Example:\n  deskform plan --sandbox\n  deskform apply --sandbox",
    disable_help_subcommand = true
)]
pub struct Cli {
    /// The flags that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The flags that every command takes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Folder to work in; all relative paths are taken from it
    #[arg(long, global = true, value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub chdir: PathBuf,
    /// The project file
    #[arg(long, global = true, value_name = "FILE", default_value = "deskform.yaml")]
    pub project: PathBuf,
    /// Environment of the project file to use
    #[arg(long, global = true, value_name = "NAME", env = "DESKFORM_ENV", hide_env_values = true)]
    pub env: Option<String>,
    /// How data is written to stdout; not every command takes every format
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: Format,
    /// Never use colour (also: NO_COLOR)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Say nothing but data and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: remote ids, every note
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// Mask phone numbers and e-mail addresses in everything that is written, the credentials file excepted
    #[arg(long, global = true)]
    pub mask_personal: bool,
    /// Use a sandbox in .deskform instead of the configured platforms and ledger
    #[arg(long, global = true)]
    pub sandbox: bool,
    /// Address of the helpdesk, instead of the project file's
    #[arg(long, global = true, value_name = "URL", env = "DESKFORM_HELPDESK_URL", hide_env_values = true)]
    pub helpdesk_url: Option<String>,
    /// Address of the call centre, instead of the project file's
    #[arg(long, global = true, value_name = "URL", env = "DESKFORM_CALL_CENTER_URL", hide_env_values = true)]
    pub call_center_url: Option<String>,
    /// The time to take for now, as RFC 3339
    #[arg(long, global = true, value_name = "TIME", env = "DESKFORM_NOW", hide_env_values = true)]
    pub now: Option<String>,
    /// What belongs to people of all that was read
    #[arg(skip)]
    pub personal: Personal,
}

/// How data is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For a comment on a pull request.
    Markdown,
    /// For a browser, in one file.
    Html,
    /// Tables for spreadsheets; a text that one would take for a formula gets an apostrophe in front.
    Csv,
    /// Annotations on the lines of manifests, as GitHub Actions reads them from a step's output.
    Github,
    /// The numbers that GitLab shows in a merge request (`reports: terraform`).
    Gitlab,
    /// Findings for code scanning (SARIF 2.1.0).
    Sarif,
    /// Findings for GitLab's code quality report.
    Codequality,
    /// A graph for Graphviz.
    Dot,
    /// A graph for Mermaid, which pull requests and wikis draw.
    Mermaid,
    /// A graph as a picture.
    Svg,
}

impl Format {
    /// The word on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Sarif => "sarif",
            Self::Codequality => "codequality",
            Self::Dot => "dot",
            Self::Mermaid => "mermaid",
            Self::Svg => "svg",
        }
    }
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Show a saved plan again, in any format; contacts nobody
    #[command(after_help = "Example:\n  deskform plan --out plan.json\n  deskform show plan.json --format json")]
    Show(ShowPlanArgs),
    /// Draw a plan: what is changed, and what waits for what
    #[command(
        after_help = "Example:\n  deskform graph > plan.dot\n  deskform graph --format mermaid --changes\n  deskform graph plan.json --output svg=plan.svg"
    )]
    Graph(GraphArgs),
    /// Check the manifests; contacts nobody
    #[command(
        after_help = "Example:\n  deskform validate\n  deskform validate --format json\n  deskform validate --output text=-,sarif=findings.sarif"
    )]
    Validate(ValidateArgs),
    /// Show what apply would do
    #[command(
        after_help = "Example:\n  deskform plan\n  deskform plan --detailed-exitcode --env staging\n  deskform plan --out plan.json\n  deskform plan --output text=-,markdown=plan.md,html=plan.html\n  deskform plan --allow too-many-deletions:shift\n  deskform plan --target 'shift/zhang-san/*' --target team=tier1"
    )]
    Plan(PlanArgs),
    /// Plan, ask, and do it
    #[command(
        after_help = "Example:\n  deskform apply\n  deskform apply --auto-approve --env staging\n  deskform apply plan.json\n  deskform apply --credentials-out seats.age --recipient age1...\n  deskform apply --allow too-many-deletions:shift"
    )]
    Apply(ApplyArgs),
    /// Remove everything that the ledger owns
    #[command(after_help = "Example:\n  deskform destroy --sandbox\n  deskform destroy --env staging")]
    Destroy(DestroyArgs),
    /// Show what somebody else changed since the last apply, whatever the manifests want by now
    #[command(
        long_about = "Show what somebody else changed since the last apply, whatever the manifests want by now.\n\nCompares the ledger \
                      with the platforms. Manifests are read for settings and for fields that they leave alone; what changed in them is \
                      shown by `plan`. With --detailed-exitcode it ends with 2 when there is drift.",
        after_help = "Example:\n  deskform drift\n  deskform drift --detailed-exitcode --format json\n  deskform drift --target team=tier1"
    )]
    Drift(DriftArgs),
    /// Look into the ledger, or take something out of it; contacts no platform
    #[command(subcommand, after_help = "Example:\n  deskform ledger list --kind shift\n  deskform ledger show support/zhang-san")]
    Ledger(LedgerCommand),
    /// See or set who is online, for tickets, chat and the call centre
    #[command(
        subcommand,
        after_help = "Example:\n  deskform presence set zhang-san --module chat --state 在线\n  deskform presence get --label team=tier1 --format json"
    )]
    Presence(PresenceCommand),
    /// List sign-ins, or sign in
    #[command(
        subcommand,
        after_help = "Example:\n  deskform checkin list zhang-san --from 2026-12-01 --to 2026-12-07\n  deskform checkin list --format csv"
    )]
    Checkin(CheckinCommand),
    /// Compare planned shifts with sign-ins: who was in time, late or missing
    #[command(
        after_help = "Example:\n  deskform adherence --from 2026-12-01 --to 2026-12-07\n  deskform adherence --from 2026-12-01 --to 2026-12-07 --html week.html"
    )]
    Adherence(AdherenceArgs),
    /// Find people, show one from all sides, or take one out of the recycle bin
    #[command(
        subcommand,
        after_help = "Example:\n  deskform support search mobile:13800000001 --exact\n  deskform support show zhang-san\n  deskform support restore 13900000002"
    )]
    Support(SupportCommand),
    /// Show a seat from all sides
    #[command(subcommand, after_help = "Example:\n  deskform agent show 8001")]
    Agent(AgentCommand),
    /// Print or write the JSON Schemas of manifests and project file
    #[command(after_help = "Example:\n  deskform schema support > support.schema.json\n  deskform schema --out schemas")]
    Schema(SchemaArgs),
    /// Serve both platforms' APIs for rehearsals, until Ctrl-C
    #[command(
        after_help = "Example:\n  deskform sandbox --listen 127.0.0.1:8080 --data centre.db\n  deskform sandbox --faults bad-day.yaml --journal requests.jsonl"
    )]
    Sandbox(SandboxArgs),
    /// Set the password of a seat anew, now and without a plan
    #[command(
        after_help = "Example:\n  deskform rotate-password agent/8001\n  deskform rotate-password agent/8001 --generate --credentials-out seat-8001.json"
    )]
    RotatePassword(RotatePasswordArgs),
}

/// Flags of `plan`.
#[derive(Clone, Debug, Default, Args)]
pub struct PlanArgs {
    /// Exit with 2 when there are changes
    #[arg(long, action = ArgAction::SetTrue)]
    pub detailed_exitcode: bool,
    /// Let the plan pass a brake in this run, for all kinds or for one (repeatable)
    #[arg(long, value_name = "BRAKE[:KIND]")]
    pub allow: Vec<Allow>,
    /// Save the plan as JSON, for `apply FILE` and `show FILE`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Where its views go.
    #[command(flatten)]
    pub output: OutputArgs,
    /// What its views hide.
    #[command(flatten)]
    pub mask: MaskArgs,
    /// What is done, and to what.
    #[command(flatten)]
    pub narrow: NarrowArgs,
    /// Which revision is planned.
    #[command(flatten)]
    pub revision: RevisionArgs,
    /// Show what `destroy` would do; reads no manifests
    #[arg(long, conflicts_with_all = ["target", "exclude", "replace", "no_delete"])]
    pub destroy: bool,
}

/// Flags of `validate`.
#[derive(Clone, Debug, Default, Args)]
pub struct ValidateArgs {
    /// Where its views go.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Where the views of a command's one value go.
#[derive(Clone, Debug, Default, Args)]
pub struct OutputArgs {
    /// Write it in these formats as well: text=-,json=plan.json (- is stdout)
    #[arg(long, value_name = "FORMAT=FILE", value_delimiter = ',')]
    pub output: Vec<OutputSpec>,
}

/// Whether personal data stays in the formats of plans that are sent around.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct MaskArgs {
    /// Show phone numbers and e-mail addresses in Markdown and HTML, which mask them otherwise
    #[arg(long)]
    pub no_mask: bool,
}

/// Flags of `show`.
#[derive(Clone, Debug, Default, Args)]
pub struct ShowPlanArgs {
    /// The saved plan
    #[arg(value_name = "FILE")]
    pub plan: PathBuf,
    /// Where its views go.
    #[command(flatten)]
    pub output: OutputArgs,
    /// What its views hide.
    #[command(flatten)]
    pub mask: MaskArgs,
}

/// Flags of `graph`.
#[derive(Clone, Debug, Default, Args)]
pub struct GraphArgs {
    /// A saved plan; without it the plan is made anew
    #[arg(value_name = "PLAN", conflicts_with_all = ["target", "exclude", "replace", "no_delete"])]
    pub plan: Option<PathBuf>,
    /// Leave out what stays as it is
    #[arg(long)]
    pub changes: bool,
    /// Where its pictures go.
    #[command(flatten)]
    pub output: OutputArgs,
    /// What is drawn.
    #[command(flatten)]
    pub narrow: NarrowArgs,
}

/// Flags of `drift`.
#[derive(Clone, Debug, Default, Args)]
pub struct DriftArgs {
    /// Exit with 2 when there is drift
    #[arg(long, action = ArgAction::SetTrue)]
    pub detailed_exitcode: bool,
    /// What is looked at.
    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// How long a lock that somebody else holds is waited for.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct LockArgs {
    /// Wait so long for another apply to end (30s, 5m); not at all without it
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub lock_timeout: Option<Duration>,
}

impl LockArgs {
    /// The time to wait.
    pub fn wait(self) -> Duration {
        self.lock_timeout.unwrap_or_default()
    }
}

fn fingerprint(text: &str) -> Result<String, &'static str> {
    let whole = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if whole { Ok(text.to_ascii_lowercase()) } else { Err("a fingerprint is 64 hex digits, the last line of `deskform plan`") }
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    let milliseconds = Milliseconds::parse(text).ok_or("write a number with its unit: 500ms, 30s, 5m, 1h")?;
    Ok(Duration::from_millis(milliseconds.0))
}

/// Flags of `apply`.
#[derive(Clone, Debug, Default, Args)]
pub struct ApplyArgs {
    /// A saved plan: it is carried out exactly as it is, or not at all
    #[arg(value_name = "PLAN", conflicts_with_all = ["target", "exclude", "replace", "no_delete"])]
    pub plan: Option<PathBuf>,
    /// Go on only if the plan has this fingerprint, as `plan` printed it
    #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint)]
    pub expect: Option<String>,
    /// The project's name; with --auto-approve for a saved plan that removes everything, wherever a platform is not on this machine
    #[arg(long, value_name = "PROJECT", requires = "plan")]
    pub confirm: Option<String>,
    /// How long to wait for the lock.
    #[command(flatten)]
    pub lock: LockArgs,
    /// Do not ask; required where nobody can answer
    #[arg(long)]
    pub auto_approve: bool,
    /// Begin a new ledger where there is none, although nobody can be asked
    #[arg(long)]
    pub new_ledger: bool,
    /// Write a JSON report of the run into this file, whatever becomes of it
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Let the plan pass a brake in this run, for all kinds or for one (repeatable)
    #[arg(long, value_name = "BRAKE[:KIND]")]
    pub allow: Vec<Allow>,
    /// What is done, and to what.
    #[command(flatten)]
    pub narrow: NarrowArgs,
    /// Which revision is applied.
    #[command(flatten)]
    pub revision: RevisionArgs,
    /// Where generated credentials go.
    #[command(flatten)]
    pub credentials: CredentialsArgs,
}

/// Flags of `destroy`.
#[derive(Clone, Debug, Default, Args)]
pub struct DestroyArgs {
    /// How long to wait for the lock.
    #[command(flatten)]
    pub lock: LockArgs,
    /// Do not ask; required where nobody can answer
    #[arg(long)]
    pub auto_approve: bool,
    /// The project's name; with --auto-approve wherever a platform is not on this machine
    #[arg(long, value_name = "PROJECT")]
    pub confirm: Option<String>,
    /// Write a JSON report of the run into this file, whatever becomes of it
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Let the plan pass a brake in this run, for all kinds or for one (repeatable)
    #[arg(long, value_name = "BRAKE[:KIND]")]
    pub allow: Vec<Allow>,
}

/// Flags of `schema`.
#[derive(Clone, Debug, Default, Args)]
pub struct SchemaArgs {
    /// Which schema (support, permission, schedule, agent, release, project); all without it
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Write one file for each schema into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "name")]
    pub out: Option<PathBuf>,
}

/// Flags of `sandbox`.
#[derive(Clone, Debug, Args)]
pub struct SandboxArgs {
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// SQLite file that holds the data; in memory without it
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// YAML or JSON file with scripted trouble: throttling, broken connections, lost answers, lagging lists
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// File to append every request to, as a line of JSON without credentials and passwords
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
}

impl Global {
    /// The same with empty environment variables taken as not set.
    #[must_use]
    pub fn settled(mut self) -> Self {
        for value in [&mut self.env, &mut self.helpdesk_url, &mut self.call_center_url, &mut self.now] {
            value.take_if(|text| text.is_empty());
        }
        self
    }

    /// What is masked in everything that is written (`--mask-personal`).
    pub fn masks(&self) -> Option<Personal> {
        self.mask_personal.then(|| self.personal.clone())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("deskform {}", command.get_name())), "{}", command.get_name());
        }
    }

    #[test]
    fn global_flags_stand_before_or_after_the_command() {
        for line in ["deskform --chdir x plan --env staging", "deskform plan --env staging --chdir x"] {
            let cli = parse(line).expect("valid");
            assert_eq!((cli.global.chdir.to_str(), cli.global.env.as_deref()), (Some("x"), Some("staging")), "{line}");
        }
    }

    #[test]
    fn contradictions_are_usage_errors() {
        for line in ["deskform plan --quiet --verbose", "deskform", "deskform plam"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_brake_that_does_not_exist_is_a_usage_error_that_names_the_nearest() {
        let cli = parse("deskform apply --allow protected --allow too-many-deletions:shift").expect("valid");
        let Command::Apply(args) = cli.command else { panic!("apply") };
        assert_eq!(args.allow.iter().map(ToString::to_string).collect::<Vec<_>>(), ["protected", "too-many-deletions:shift"]);
        for command in ["plan", "apply", "destroy"] {
            let error = parse(&format!("deskform {command} --allow protect")).expect_err("unknown").to_string();
            assert!(error.contains("did you mean protected?") && error.contains("kind-vanished"), "{error}");
        }
    }

    #[test]
    fn an_empty_variable_counts_as_not_set() {
        let global = Global { env: Some(String::new()), now: Some("x".into()), ..Global::default() }.settled();
        assert_eq!((global.env, global.now.as_deref()), (None, Some("x")));
    }
}
