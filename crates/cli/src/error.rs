//! Errors as the command line reports them: what failed, what caused it, what to do, and with which code the run ends.
//!
//! Every error of another crate becomes a [`CliError`] here and nowhere else.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;

use deskform_applier::ledger_file::LedgerError;
use deskform_applier::{ApplyError, ClientError, ObserveError, SecretError};
use deskform_model::Platform;
use deskform_model::time::DateTime;

use crate::exit::Exit;
use crate::ui::{ERROR, HINT};
use crate::view::plural::{Noun, count};

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Network, API or files.
    Failed,
    /// The manifests or the project file.
    Invalid,
    /// A brake, or a confirmation that was not given.
    Refused,
    /// Some of the plan was not applied.
    Incomplete,
    /// The plan is not true any more.
    Stale,
    /// The command line.
    Usage,
    /// Somebody stopped it.
    Interrupted,
}

impl ErrorKind {
    /// How a run with this error ends.
    pub const fn exit(self) -> Exit {
        match self {
            Self::Failed => Exit::Failed,
            Self::Invalid => Exit::Invalid,
            Self::Refused => Exit::Refused,
            Self::Incomplete => Exit::Incomplete,
            Self::Stale => Exit::Stale,
            Self::Usage => Exit::Usage,
            Self::Interrupted => Exit::Interrupted,
        }
    }
}

/// A failed run.
#[derive(Debug)]
pub struct CliError {
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// What failed, with its causes behind it.
    pub source: Box<dyn Error + Send + Sync>,
    /// What to do, one sentence each.
    pub hints: Vec<String>,
}

impl CliError {
    /// An error of this kind without hints.
    pub fn new(kind: ErrorKind, source: impl Error + Send + Sync + 'static) -> Self {
        Self { kind, source: Box::new(source), hints: Vec::new() }
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// stdout cannot be written.
    pub fn output(source: io::Error) -> Self {
        Trouble::Output { source }.into()
    }

    /// Writes `error:`, `caused by:` lines, and after an empty line `hint:` lines.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{ERROR}error{ERROR:#}: {}", self.source)?;
        let mut cause = self.source.source();
        while let Some(error) = cause {
            writeln!(out, "caused by: {error}")?;
            cause = error.source();
        }
        for (at, hint) in self.hints.iter().enumerate() {
            let gap = if at == 0 { "\n" } else { "" };
            writeln!(out, "{gap}{HINT}hint{HINT:#}: {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Error for CliError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}

/// What goes wrong in this crate itself.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// There is no project file.
    #[error("there is no project file {}", path.display())]
    NoProject {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A file or folder cannot be read.
    #[error("cannot read {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or folder cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is larger than any manifest should be.
    #[error("{} is larger than {megabytes} MiB", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// The limit.
        megabytes: u64,
    },
    /// A link leads out of the project.
    #[error("the link {} leads out of the project folder", path.display())]
    OutsideLink {
        /// The link.
        path: PathBuf,
    },
    /// A pattern leads out of the project.
    #[error("the manifest pattern {pattern} leads out of the project folder")]
    OutsidePattern {
        /// The pattern.
        pattern: String,
    },
    /// A pattern makes no sense.
    #[error("the manifest pattern {pattern} makes no sense")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// Why.
        source: globset::Error,
    },
    /// `--now` is no time.
    #[error("{text} is no time")]
    Now {
        /// What was given.
        text: String,
        /// Why.
        source: jiff::Error,
    },
    /// The zone is unknown.
    #[error("the time zone {name} is unknown")]
    Zone {
        /// The zone.
        name: String,
        /// Why.
        source: jiff::Error,
    },
    /// An apply to a real platform at another time than now.
    #[error("apply takes a --now that is more than a day off only for platforms on this machine")]
    FarClock,
    /// The manifests have errors, which were shown before.
    #[error("the manifests are not valid: {tally}")]
    Invalid {
        /// How many of what.
        tally: String,
    },
    /// There can be no plan; the reasons were shown before.
    #[error("no plan can be made: {}", count(*problems, Noun::Error))]
    NoPlan {
        /// How many reasons.
        problems: usize,
    },
    /// The plan needs a platform that the project does not configure.
    #[error("the manifests or the ledger use the {}, which the project file does not configure", platform_name(*platform))]
    NotConfigured {
        /// Which.
        platform: Platform,
    },
    /// Secrets of manifests cannot be read; the hints name them.
    #[error("{} of the plan cannot be read; nothing was sent", count(*secrets, Noun::Secret))]
    Secrets {
        /// How many.
        secrets: usize,
    },
    /// Brakes refuse the plan; they were shown with it.
    #[error("{} this plan", refuse(*brakes))]
    Braked {
        /// How many.
        brakes: usize,
    },
    /// Nobody is there to answer.
    #[error("nobody is there to approve the plan")]
    NeedsApproval,
    /// The answer was not yes.
    #[error("the plan was not approved; nothing was changed")]
    NotApproved,
    /// Time went by while the plan waited for its approval.
    #[error("the plan was valid until {until} and it is later now; nothing was changed")]
    Expired {
        /// Until when, as the plan said.
        until: DateTime,
    },
    /// A CI runner may have lost its ledger.
    #[error("there is no ledger {}", path.display())]
    NoLedger {
        /// Where it should be.
        path: PathBuf,
    },
    /// Some steps did not succeed; they were listed before.
    #[error("the plan was applied in part: {summary}")]
    Incomplete {
        /// How many of what.
        summary: String,
    },
    /// Ctrl-C or SIGTERM.
    #[error("interrupted")]
    Interrupted,
    /// There is no such schema.
    #[error("there is no schema {name}")]
    NoSchema {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// stdout cannot be written.
    #[error("cannot write to stdout")]
    Output {
        /// Why.
        source: io::Error,
    },
    /// The asynchronous runtime does not start.
    #[error("cannot start")]
    Runtime {
        /// Why.
        source: io::Error,
    },
}

impl Trouble {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoProject { .. }
            | Self::File { .. }
            | Self::Write { .. }
            | Self::NoPlan { .. }
            | Self::NotConfigured { .. }
            | Self::Secrets { .. }
            | Self::Output { .. }
            | Self::Runtime { .. } => ErrorKind::Failed,
            Self::TooLarge { .. }
            | Self::OutsideLink { .. }
            | Self::OutsidePattern { .. }
            | Self::Pattern { .. }
            | Self::Zone { .. }
            | Self::Invalid { .. } => ErrorKind::Invalid,
            Self::Braked { .. } | Self::NeedsApproval | Self::NotApproved | Self::NoLedger { .. } => ErrorKind::Refused,
            Self::Incomplete { .. } => ErrorKind::Incomplete,
            Self::Expired { .. } => ErrorKind::Stale,
            Self::Now { .. } | Self::FarClock | Self::NoSchema { .. } => ErrorKind::Usage,
            Self::Interrupted => ErrorKind::Interrupted,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoProject { .. } => "run it in the project's folder, or say where it is with --chdir or --project".to_owned(),
            Self::TooLarge { .. } => "split the file; every file below the manifest patterns is read".to_owned(),
            Self::OutsideLink { .. } | Self::OutsidePattern { .. } => {
                "manifests are read from the project folder only, so that a foreign pull request is safe to plan".to_owned()
            }
            Self::Now { .. } => "write it as RFC 3339, for example 2026-12-01T08:00:00+08:00".to_owned(),
            Self::Zone { .. } => "use a name of the IANA database, for example Asia/Shanghai".to_owned(),
            Self::FarClock => "leave out --now and DESKFORM_NOW, or use --sandbox".to_owned(),
            Self::NotConfigured { platform: Platform::Helpdesk } => "add spec.helpdesk.auth to the project file".to_owned(),
            Self::NotConfigured { platform: Platform::CallCenter } => "add spec.callCenter to the project file".to_owned(),
            Self::NeedsApproval => "look at the plan, then run the same with --auto-approve".to_owned(),
            Self::NoLedger { .. } => {
                "restore it if there was one: without it deskform does not know what it owns; for a first apply add --new-ledger".to_owned()
            }
            Self::Expired { .. } => "run the same again for a new plan".to_owned(),
            Self::NoSchema { known, .. } => format!("there are {known}"),
            Self::File { .. }
            | Self::Write { .. }
            | Self::Pattern { .. }
            | Self::Invalid { .. }
            | Self::NoPlan { .. }
            | Self::Secrets { .. }
            | Self::Braked { .. }
            | Self::NotApproved
            | Self::Incomplete { .. }
            | Self::Interrupted
            | Self::Output { .. }
            | Self::Runtime { .. } => return None,
        })
    }
}

impl From<Trouble> for CliError {
    fn from(trouble: Trouble) -> Self {
        let hints = trouble.help().into_iter().collect();
        Self { kind: trouble.kind(), source: Box::new(trouble), hints }
    }
}

impl From<ClientError> for CliError {
    fn from(error: ClientError) -> Self {
        let hint = match &error {
            ClientError::Url { .. } => Some("write it like https://helpdesk.example.com"),
            ClientError::Insecure { .. } => Some("use https://; plain http is for this machine only"),
            ClientError::Credentials { .. } => Some("look for line breaks and blanks around the credential"),
            ClientError::Setup(_) => None,
        };
        let hints = hint.map(str::to_owned).into_iter().collect();
        Self { kind: ErrorKind::Failed, source: Box::new(error), hints }
    }
}

impl From<SecretError> for CliError {
    fn from(error: SecretError) -> Self {
        Self::new(ErrorKind::Failed, error).hint("the project file says where credentials are read; --sandbox needs none")
    }
}

impl From<ObserveError> for CliError {
    fn from(error: ObserveError) -> Self {
        let hint = match &error {
            ObserveError::Request(error) => error.hint().map(str::to_owned),
            ObserveError::Incomplete { .. } => {
                Some("a plan needs a complete reading; try again when nobody else changes the platform".to_owned())
            }
            ObserveError::Unreadable { .. } => Some("correct these on the platform; a plan needs a complete reading".to_owned()),
            ObserveError::OtherObject { .. } => None,
        };
        let hints = hint.into_iter().collect();
        Self { kind: ErrorKind::Failed, source: Box::new(error), hints }
    }
}

impl From<ApplyError> for CliError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Ledger(error) => Self::from(error).hint("nothing was sent: without a ledger deskform would not know what it owns"),
            ApplyError::Secrets(unusable) => {
                let hints = unusable.iter().map(ToString::to_string).collect();
                Self { kind: ErrorKind::Failed, source: Box::new(Trouble::Secrets { secrets: unusable.len() }), hints }
            }
            ApplyError::Order(error) => {
                Self::new(ErrorKind::Failed, error).hint("this is a bug in deskform; please report it with the plan")
            }
        }
    }
}

impl From<LedgerError> for CliError {
    fn from(error: LedgerError) -> Self {
        let hint = match &error {
            LedgerError::Io { .. } | LedgerError::Broken { .. } => None,
            LedgerError::Format { .. } => {
                Some("restore it from the file beside it that ends with .backup, or use the deskform that wrote it")
            }
            LedgerError::Foreign { .. } => Some("give every project, environment and platform a ledger file of its own"),
            LedgerError::Locked { .. } => Some("wait until it has ended; the lock ends with its process"),
        };
        let hints = hint.map(str::to_owned).into_iter().collect();
        Self { kind: ErrorKind::Failed, source: Box::new(error), hints }
    }
}

impl From<deskform_sandbox::StartError> for CliError {
    fn from(error: deskform_sandbox::StartError) -> Self {
        Self::new(ErrorKind::Failed, error)
    }
}

fn platform_name(platform: Platform) -> &'static str {
    match platform {
        Platform::Helpdesk => "helpdesk",
        Platform::CallCenter => "call centre",
    }
}

/// `1 brake refuses`, `2 brakes refuse`.
fn refuse(brakes: usize) -> String {
    format!("{} {}", count(brakes, Noun::Brake), if brakes == 1 { "refuses" } else { "refuse" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(error: &CliError) -> String {
        let mut out = anstream::StripStream::new(Vec::new());
        error.write(&mut out).expect("written");
        String::from_utf8(out.into_inner()).expect("text")
    }

    #[test]
    fn causes_follow_the_error_and_hints_follow_an_empty_line() {
        let source = io::Error::new(io::ErrorKind::PermissionDenied, "permission denied");
        let error = CliError::from(Trouble::File { path: "deskform.yaml".into(), source }).hint("look at its owner").hint("or at its mode");
        assert_eq!(
            shown(&error),
            "error: cannot read deskform.yaml\ncaused by: permission denied\n\nhint: look at its owner\nhint: or at its mode\n"
        );
    }

    #[test]
    fn a_refusal_ends_with_four_and_tells_the_way_on() {
        let error = CliError::from(Trouble::NoLedger { path: ".deskform/ledger.json".into() });
        assert_eq!(error.kind.exit().code(), 4);
        assert!(shown(&error).contains("--new-ledger"));
    }
}
