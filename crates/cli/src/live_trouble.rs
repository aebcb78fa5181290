//! What goes wrong in the commands for the live side, with the message, the exit and the way on for each. A value that was given and is
//! unknown is answered with the nearest spelling and what exists.

use deskform_applier::RequestError;
use deskform_applier::live::search::SearchField;
use deskform_model::Text;
use deskform_model::schema::nearest;

use crate::error::{CliError, ErrorKind};
use crate::view::live::listed;
use crate::view::plural::{Noun, count};

/// What goes wrong in the commands for the live side.
#[derive(Debug, thiserror::Error)]
pub enum LiveTrouble {
    /// A word that means nobody.
    #[error("there is nobody called {word}")]
    NoPerson {
        /// The word.
        word: String,
        /// Whom the manifests declare.
        known: Vec<Text>,
    },
    /// No people are named.
    #[error("nobody is named")]
    NobodyNamed,
    /// `--label` without `=`.
    #[error("{text} is no label")]
    NotALabel {
        /// What was given.
        text: String,
    },
    /// A label that nobody carries.
    #[error("nobody carries the label {label}")]
    NoLabel {
        /// `key=value`.
        label: String,
        /// All labels that somebody carries.
        known: Vec<Text>,
    },
    /// Declared, and not on the helpdesk.
    #[error("{name} is declared, but nobody on the helpdesk has the account {account}")]
    NotThere {
        /// The manifest's name.
        name: Text,
        /// Its account.
        account: Text,
    },
    /// An account that several people have (api-spec.md H17).
    #[error("several people on the helpdesk have the account {account}: {ids}")]
    SharedAccount {
        /// The account.
        account: Text,
        /// Their ids, as they are referred to.
        ids: String,
    },
    /// A field that cannot be searched.
    #[error("there is no field {word} to search in")]
    NoField {
        /// What was given.
        word: String,
    },
    /// A query without a colon or without a text.
    #[error("{text} is not FIELD:TEXT")]
    NotAQuery {
        /// What was given.
        text: String,
    },
    /// Neither a date nor a time.
    #[error("{text} is neither a date nor a time")]
    NotATime {
        /// What was given.
        text: String,
    },
    /// Not a date.
    #[error("{text} is no date")]
    NotADay {
        /// What was given.
        text: String,
    },
    /// A range that ends before it begins.
    #[error("--to is before --from")]
    Backwards,
    /// A sign-in that the platform would refuse.
    #[error("the sign-in cannot be sent: {}", problems.join("; "))]
    BadSignIn {
        /// Everything that is wrong with it.
        problems: Vec<String>,
    },
    /// The answer to a sign-in was lost.
    #[error("nobody knows whether the sign-in{} was recorded: its answer was lost, and it was not sent again", of_account(account.as_ref()))]
    SignInLost {
        /// Whose it would be; nothing where a token says who calls.
        account: Option<Text>,
        /// What became of the request.
        source: RequestError,
    },
    /// Presence was not read or set for some people, which was told line by line.
    #[error("presence {} for {}", if *setting { "was not set" } else { "cannot be read" }, count(*failed, Noun::Person))]
    PresenceInPart {
        /// For how many.
        failed: usize,
        /// Whether it was to be set.
        setting: bool,
        /// Whether it was set for others.
        some_done: bool,
    },
    /// Nobody is known to be in the recycle bin under this name.
    #[error("nobody called {word} is known to be in the recycle bin")]
    NotInBin {
        /// What was given.
        word: String,
        /// Accounts that the ledger knows to be there.
        known: Vec<Text>,
    },
    /// The platform took the request, and the person is not in service.
    #[error("the helpdesk took the request, but {who} is still not in service")]
    StillInBin {
        /// Who.
        who: String,
    },
    /// A seat that neither manifests nor ledger nor call centre know.
    #[error("there is no seat {word}")]
    NoSeat {
        /// What was given.
        word: String,
        /// Those of manifests and ledger.
        known: Vec<Text>,
    },
}

impl LiveTrouble {
    /// What kind of failure it is.
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoPerson { .. }
            | Self::NobodyNamed
            | Self::NotALabel { .. }
            | Self::NoLabel { .. }
            | Self::NoField { .. }
            | Self::NotAQuery { .. }
            | Self::NotATime { .. }
            | Self::NotADay { .. }
            | Self::Backwards
            | Self::BadSignIn { .. }
            | Self::NotInBin { .. }
            | Self::NoSeat { .. } => ErrorKind::Usage,
            Self::PresenceInPart { some_done: true, .. } => ErrorKind::Incomplete,
            Self::NotThere { .. }
            | Self::SharedAccount { .. }
            | Self::SignInLost { .. }
            | Self::PresenceInPart { .. }
            | Self::StillInBin { .. } => ErrorKind::Failed,
        }
    }

    /// What to do about it, one sentence each.
    fn help(&self) -> Vec<String> {
        let one = |text: &str| vec![text.to_owned()];
        match self {
            Self::NoPerson { word, known } => {
                let mut help = choices(word, known, "the manifests declare");
                help.push("somebody whom only the helpdesk knows is named account:ACCOUNT or id:ID".to_owned());
                help
            }
            Self::NobodyNamed => one("name people, or use --label KEY=VALUE, or --all for everybody whom the manifests declare"),
            Self::NotALabel { .. } => one("write it as KEY=VALUE, for example --label team=tier1"),
            Self::NoLabel { label, known } => choices(label, known, "the labels are"),
            Self::NotThere { .. } => one("`deskform plan` shows what an apply would do about it"),
            Self::SharedAccount { .. } => one("name one of them by id"),
            Self::NoField { word } => {
                let known: Vec<Text> = SearchField::ALL.map(|field| field.word().into()).into();
                choices(word, &known, "the fields are")
            }
            Self::NotAQuery { .. } => {
                let words = SearchField::ALL.map(SearchField::word).join(", ");
                vec![format!("write it as mobile:13800000001; the fields are {words}")]
            }
            Self::NotATime { .. } => one("write it as 2026-12-01, or with its time as \"2026-12-01 09:00\""),
            Self::NotADay { .. } => one("write it as 2026-12-01"),
            Self::BadSignIn { .. } => one("nothing was sent"),
            Self::SignInLost { .. } => one(
                "look with `deskform checkin list` before you sign in again: a sign-in cannot be taken back, and a second one stays as well",
            ),
            Self::NotInBin { word, known } => {
                let mut help = if known.is_empty() { Vec::new() } else { choices(word, known, "the ledger knows these accounts there:") };
                help.push("no call lists the recycle bin; whoever was put there by somebody else is restored by id (deskform support restore id:123)".to_owned());
                help
            }
            Self::StillInBin { .. } => one("restore the person in the helpdesk's back office"),
            Self::NoSeat { word, known } => choices(word, known, "manifests and ledger know"),
            Self::Backwards | Self::PresenceInPart { .. } => Vec::new(),
        }
    }
}

impl From<LiveTrouble> for CliError {
    fn from(trouble: LiveTrouble) -> Self {
        let hints = trouble.help();
        Self { kind: trouble.kind(), source: Box::new(trouble), hints }
    }
}

/// ` of account 13900000001`, or nothing.
fn of_account(account: Option<&Text>) -> String {
    account.map(|account| format!(" of account {account}")).unwrap_or_default()
}

/// `did you mean X?` where something is near, and what there is.
fn choices(word: &str, known: &[Text], lead: &str) -> Vec<String> {
    let known: Vec<&str> = known.iter().map(Text::as_str).collect();
    let near = nearest(word, known.iter().copied()).map(|near| format!("did you mean {near}?"));
    let list = if known.is_empty() { format!("{lead} nothing") } else { format!("{lead} {}", listed(&known)) };
    near.into_iter().chain([list]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_word_gets_the_nearest_spelling_and_a_short_list() {
        let known: Vec<Text> = (0..20).map(|at| format!("person-{at:02}").into()).collect();
        let help = CliError::from(LiveTrouble::NoPerson { word: "persn-07".into(), known }).hints;
        assert_eq!(help[0], "did you mean person-07?");
        assert!(help[1].starts_with("the manifests declare person-00, ") && help[1].ends_with("person-11 and 8 more"), "{help:?}");
    }

    #[test]
    fn a_set_that_was_done_in_part_is_incomplete() {
        let exit = |some_done| CliError::from(LiveTrouble::PresenceInPart { failed: 1, setting: true, some_done }).kind.exit().code();
        assert_eq!((exit(true), exit(false)), (5, 1));
    }
}
