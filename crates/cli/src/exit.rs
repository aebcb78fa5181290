//! The table of exit codes (design.md section 5).

use std::process::ExitCode;

/// How a run ended, as far as its caller can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything that was asked for is done.
    Done,
    /// Network, API or files.
    Failed,
    /// `plan --detailed-exitcode`, and there are changes.
    Changes,
    /// The manifests or the project file are invalid.
    Invalid,
    /// A brake or a missing confirmation refused.
    Refused,
    /// Some of the plan was not applied.
    Incomplete,
    /// The plan is not true any more.
    Stale,
    /// The command line makes no sense.
    Usage,
    /// A bug in deskform.
    Bug,
    /// Somebody stopped it.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Changes => 2,
            Self::Invalid => 3,
            Self::Refused => 4,
            Self::Incomplete => 5,
            Self::Stale => 6,
            Self::Usage => 64,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
