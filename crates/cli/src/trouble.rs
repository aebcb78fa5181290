//! What goes wrong in this crate itself, with the message, the exit and the way on for each.

use std::io;
use std::path::PathBuf;

use deskform_applier::LedgerError;
use deskform_model::time::DateTime;
use deskform_model::{Kind, Platform};
use deskform_planner::scope::ScopeError;

use crate::error::ErrorKind;
use crate::saved::PlanFileError;
use crate::view::graph::TooLarge;
use crate::view::plural::{Noun, count};

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
    /// A file is larger than anything that is read.
    #[error("{} is larger than {megabytes} MiB", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// The limit.
        megabytes: u64,
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
    #[error("a --now that is more than a day off is only for platforms on this machine")]
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
    /// A real service desk is removed without a question, and its name is not given.
    #[error("the service desk is real, and nobody is asked")]
    NeedsName {
        /// The project's name.
        name: String,
    },
    /// A file is no UTF-8 text.
    #[error("{} is not UTF-8 text", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// The answer was not yes.
    #[error("the plan was not approved; nothing was changed")]
    NotApproved,
    /// Time went by while the plan waited for its approval.
    #[error("the plan was valid until {until} and it is later now; nothing was changed")]
    Expired {
        /// Until when, as the plan said.
        until: DateTime,
    },
    /// `--revision` names no commit.
    #[error("--revision {given} is no commit that is known here: {why}")]
    Revision {
        /// What was given.
        given: deskform_model::Text,
        /// Why it cannot be found.
        why: String,
    },
    /// A CI runner may have lost its ledger.
    #[error("there is no ledger {place}")]
    NoLedger {
        /// Where it should be.
        place: String,
    },
    /// There is no ledger to look into.
    #[error("there is no ledger {place}")]
    NoSuchLedger {
        /// Where it was looked for.
        place: String,
    },
    /// The settings name a place that no ledger can be kept in.
    #[error("the project file names no place for a ledger")]
    LedgerPlace {
        /// Why.
        source: Box<LedgerError>,
    },
    /// The ledger does not hold the address.
    #[error("the ledger {place} does not hold {address}")]
    NotInLedger {
        /// What was asked for.
        address: String,
        /// Where it was looked for.
        place: String,
    },
    /// The answer was not yes.
    #[error("nothing was forgotten")]
    NotForgotten,
    /// There is no such kind of resource.
    #[error("there is no kind {word}")]
    NoKind {
        /// What was asked for.
        word: String,
    },
    /// What the plan should be narrowed to is not there.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// Some steps did not succeed; they were listed before.
    #[error("the plan was applied in part: {summary}")]
    Incomplete {
        /// How many of what.
        summary: String,
    },
    /// The ledger could not be saved any more; what became of the steps was listed before.
    #[error("the ledger could not be saved; what became of the plan: {summary}")]
    Unsaved {
        /// How many of what.
        summary: String,
        /// Why.
        source: Box<LedgerError>,
    },
    /// Ctrl-C or SIGTERM.
    #[error("interrupted")]
    Interrupted,
    /// Ctrl-C or SIGTERM, before an apply began to write.
    #[error("interrupted before anything was sent")]
    BrokenOff,
    /// There is no such schema.
    #[error("there is no schema {name}")]
    NoSchema {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A command cannot write a format.
    #[error("`{command}` does not write {format}")]
    Format {
        /// The command.
        command: &'static str,
        /// What was asked for.
        format: &'static str,
        /// What it writes.
        known: String,
    },
    /// Two outputs go to one place.
    #[error("two outputs go to {place}")]
    OneOutput {
        /// The place.
        place: String,
    },
    /// A file is no saved plan that can be used.
    #[error("{} is no plan that can be used", path.display())]
    PlanFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: PlanFileError,
    },
    /// A saved plan was made for or against something else.
    #[error("the plan was made for {what} {theirs}, and this is {ours}")]
    ForeignPlan {
        /// In what they differ.
        what: &'static str,
        /// What the plan says.
        theirs: String,
        /// What the settings or the ledger say.
        ours: String,
    },
    /// A saved plan was applied to the end before.
    #[error("everything in this plan has been done already; nothing was changed")]
    PlanUsed,
    /// What a saved plan was made against has moved; it was told before.
    #[error("the plan is not true any more: {} not as it saw {}; nothing was changed", are(*objects), if *objects == 1 { "it" } else { "them" })]
    PlanMoved {
        /// How many objects.
        objects: usize,
    },
    /// The plan has another fingerprint than the one that was agreed to.
    #[error("the plan has the fingerprint {found}, and {expected} was expected; nothing was changed")]
    Unexpected {
        /// What was agreed to.
        expected: String,
        /// What the plan has.
        found: String,
    },
    /// A saved plan reads a secret from where manifests may not read.
    #[error("the plan reads a password from {place}, which no manifest may")]
    PlanSecret {
        /// The place.
        place: String,
    },
    /// A graph is too large for a picture.
    #[error("the graph cannot be drawn")]
    Picture {
        /// Why.
        source: TooLarge,
    },
    /// stdout cannot be written.
    #[error("cannot write to stdout")]
    Output {
        /// Why.
        source: io::Error,
    },
    /// The password of something else than a seat was to be set.
    #[error("the password of {address} cannot be set")]
    NoSeat {
        /// What was asked for.
        address: String,
    },
    /// There is no password to set.
    #[error("no manifest declares a password for {address}")]
    NoPasswordDeclared {
        /// The seat.
        address: String,
    },
    /// A file for a generated password, and none is to be generated.
    #[error("--credentials-out is for passwords that deskform makes up")]
    NothingToHandOver,
    /// A recipient is no age public key. What was given is not repeated: it may be a secret.
    #[error("recipient {number} is {}", if *is_secret { "a secret key" } else { "no age public key" })]
    BadRecipient {
        /// Counts from 1.
        number: usize,
        /// Whether it looks like a secret key.
        is_secret: bool,
    },
    /// The asynchronous runtime does not start.
    #[error("cannot start")]
    Runtime {
        /// Why.
        source: io::Error,
    },
}

impl Trouble {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NoProject { .. }
            | Self::File { .. }
            | Self::Write { .. }
            | Self::NoPlan { .. }
            | Self::PlanFile { .. }
            | Self::Picture { .. }
            | Self::PlanSecret { .. }
            | Self::NoSuchLedger { .. }
            | Self::NotInLedger { .. }
            | Self::NotConfigured { .. }
            | Self::Secrets { .. }
            | Self::Output { .. }
            | Self::Runtime { .. } => ErrorKind::Failed,
            Self::TooLarge { .. }
            | Self::Pattern { .. }
            | Self::Zone { .. }
            | Self::LedgerPlace { .. }
            | Self::NotUtf8 { .. }
            | Self::Invalid { .. } => ErrorKind::Invalid,
            Self::Braked { .. }
            | Self::NeedsApproval
            | Self::NeedsName { .. }
            | Self::NotApproved
            | Self::NotForgotten
            | Self::NoLedger { .. } => ErrorKind::Refused,
            Self::Incomplete { .. } | Self::Unsaved { .. } => ErrorKind::Incomplete,
            Self::Expired { .. } | Self::ForeignPlan { .. } | Self::PlanUsed | Self::PlanMoved { .. } | Self::Unexpected { .. } => {
                ErrorKind::Stale
            }
            Self::Scope(_)
            | Self::Revision { .. }
            | Self::Now { .. }
            | Self::FarClock
            | Self::Format { .. }
            | Self::OneOutput { .. }
            | Self::NoKind { .. }
            | Self::NoSchema { .. }
            | Self::NoSeat { .. }
            | Self::NoPasswordDeclared { .. }
            | Self::NothingToHandOver
            | Self::BadRecipient { .. } => ErrorKind::Usage,
            Self::Interrupted | Self::BrokenOff => ErrorKind::Interrupted,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoProject { .. } => "run it in the project's folder, or say where it is with --chdir or --project".to_owned(),
            Self::TooLarge { .. } => "use a smaller file".to_owned(),
            Self::Now { .. } => "write it as RFC 3339, for example 2026-12-01T08:00:00+08:00".to_owned(),
            Self::Zone { .. } => "use a name of the IANA database, for example Asia/Shanghai".to_owned(),
            Self::FarClock => "leave out --now and DESKFORM_NOW, or use --sandbox".to_owned(),
            Self::NotConfigured { platform: Platform::Helpdesk } => "add spec.helpdesk.auth to the project file".to_owned(),
            Self::NotConfigured { platform: Platform::CallCenter } => "add spec.callCenter to the project file".to_owned(),
            Self::NeedsName { name } => format!("if everything that the ledger owns should go, add --confirm {name}"),
            Self::NotUtf8 { .. } => "save it as UTF-8; Chinese Windows programs may write GBK or UTF-16".to_owned(),
            Self::NeedsApproval => "look at the plan, then run the same with --auto-approve".to_owned(),
            Self::NoLedger { .. } => {
                "restore it if there was one: without it deskform does not know what it owns; for a first apply add --new-ledger".to_owned()
            }
            Self::Revision { .. } => {
                "give the whole hash of a commit, or a name that `git rev-parse` knows beside the project file".to_owned()
            }
            Self::Picture { .. } => "leave out what stays with --changes, narrow it with --target, or write dot or mermaid".to_owned(),
            Self::PlanFile { .. } => "make it anew with `deskform plan --out FILE`; a plan file is never edited".to_owned(),
            Self::ForeignPlan { .. } => "use it with the project, environment, platforms and ledger that it was made with".to_owned(),
            Self::PlanUsed | Self::PlanMoved { .. } => "make a new plan, and have it looked at again".to_owned(),
            Self::Unexpected { .. } => {
                "something changed since it was agreed to; `deskform plan` shows what, and its new fingerprint".to_owned()
            }
            Self::PlanSecret { .. } => {
                "make the plan anew from manifests; `secrets.allowEnv` says which variables they may name".to_owned()
            }
            Self::Format { command, known, .. } => format!("`{command}` writes {known}"),
            Self::OneOutput { .. } => "give each output a place of its own".to_owned(),
            Self::Expired { .. } => "run the same again for a new plan".to_owned(),
            Self::NotInLedger { .. } => "`deskform ledger list` shows what it holds".to_owned(),
            Self::NoKind { .. } => format!("the kinds are {}", Kind::ALL.map(Kind::word).join(", ")),
            Self::Scope(ScopeError::NoMatch { .. }) => "`deskform ledger list` and the plan show addresses as they are written".to_owned(),
            Self::Scope(_) => "name something that is declared and not left out".to_owned(),
            Self::LedgerPlace { .. } => "write spec.ledger.url as s3://bucket/prefix, or use spec.ledger.file".to_owned(),
            Self::NothingToHandOver => "add --generate, or leave it out: who wrote the manifest has the password".to_owned(),
            Self::BadRecipient { is_secret: true, .. } => {
                "it must not be on a command line, where others can see it; give the public key, age1..., and think of a new pair"
                    .to_owned()
            }
            Self::BadRecipient { .. } => "write it as age-keygen prints it: age1 and 58 letters and digits".to_owned(),
            Self::NoSeat { address } if address.starts_with("support/") => {
                "a person's password is set when the account is created and never again by deskform; the helpdesk itself can reset it"
                    .to_owned()
            }
            Self::NoSeat { .. } => "only seats have one that can be set again: write agent/ and the seat's number".to_owned(),
            Self::NoPasswordDeclared { address } => {
                format!("add --generate --credentials-out FILE, or declare one in the manifest of {address}")
            }
            Self::NoSchema { known, .. } => format!("there are {known}"),
            Self::File { .. }
            | Self::Write { .. }
            | Self::Pattern { .. }
            | Self::Invalid { .. }
            | Self::NoPlan { .. }
            | Self::Secrets { .. }
            | Self::Braked { .. }
            | Self::NotApproved
            | Self::NotForgotten
            | Self::NoSuchLedger { .. }
            | Self::Incomplete { .. }
            | Self::Unsaved { .. }
            | Self::Interrupted
            | Self::BrokenOff
            | Self::Output { .. }
            | Self::Runtime { .. } => return None,
        })
    }
}

fn platform_name(platform: Platform) -> &'static str {
    match platform {
        Platform::Helpdesk => "helpdesk",
        Platform::CallCenter => "call centre",
    }
}

/// `1 object is`, `2 objects are`.
fn are(objects: usize) -> String {
    format!("{} {}", count(objects, Noun::Object), if objects == 1 { "is" } else { "are" })
}

/// `1 brake refuses`, `2 brakes refuse`.
fn refuse(brakes: usize) -> String {
    format!("{} {}", count(brakes, Noun::Brake), if brakes == 1 { "refuses" } else { "refuse" })
}
