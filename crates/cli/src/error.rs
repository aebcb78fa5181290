//! Errors as the command line reports them: what failed, what caused it, what to do, and with which code the run ends.
//!
//! Every error of another crate becomes a [`CliError`] here and nowhere else.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};

use deskform_applier::ledger_store::LedgerError;
use deskform_applier::{ApplyError, ClientError, CredentialsError, ObserveError, SecretError};

use crate::exit::Exit;
use crate::ledger_hint;
pub use crate::trouble::Trouble;
use crate::ui::{ERROR, HINT};

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

    /// The ledger could not be saved while a plan was applied. `summary` says how many changes ended how.
    pub fn unsaved(summary: String, source: LedgerError) -> Self {
        let mut hints = ledger_hint::of(&source);
        if matches!(source, LedgerError::Io { .. } | LedgerError::Bucket { .. } | LedgerError::Broken { .. }) {
            hints.push(
                "then run the same again: what this run began is written down, so the next apply finds what became of it and does the rest"
                    .to_owned(),
            );
        }
        Self { kind: ErrorKind::Incomplete, source: Box::new(Trouble::Unsaved { summary, source: Box::new(source) }), hints }
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
            ApplyError::Credentials(error) => Self::from(error),
            ApplyError::Order(error) => {
                Self::new(ErrorKind::Failed, error).hint("this is a bug in deskform; please report it with the plan")
            }
        }
    }
}

impl From<CredentialsError> for CliError {
    fn from(error: CredentialsError) -> Self {
        let hint = match &error {
            CredentialsError::Exists(_) => "nothing was sent; name a file that is not there yet, or move this one away",
            CredentialsError::Write { .. } => "nothing was sent: what the platform generates is shown once and would be lost",
        };
        Self::new(ErrorKind::Failed, error).hint(hint)
    }
}

impl From<LedgerError> for CliError {
    fn from(error: LedgerError) -> Self {
        let hints = ledger_hint::of(&error);
        Self { kind: ErrorKind::Failed, source: Box::new(error), hints }
    }
}

impl From<deskform_sandbox::StartError> for CliError {
    fn from(error: deskform_sandbox::StartError) -> Self {
        Self::new(ErrorKind::Failed, error)
    }
}

/// An error with its causes, from the outermost in.
pub fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    std::iter::successors(Some(error), |error| (*error).source()).map(ToString::to_string).collect()
}

/// The same in one line.
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    causes(error).join(": ")
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
        let error = CliError::from(Trouble::NoLedger { place: ".deskform/ledger.json".into() });
        assert_eq!(error.kind.exit().code(), 4);
        assert!(shown(&error).contains("--new-ledger"));
    }
}
