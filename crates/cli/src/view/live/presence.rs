//! Presence: who is in which state, and what became of setting it.

use std::io::{self, Write};

use deskform_applier::live::presence::{Plate, PresenceError};
use deskform_model::printable::printable;
use schemars::JsonSchema;
use serde::Serialize;

use super::person::Person;
use super::{FORMAT_VERSION, table};
use crate::ui::{CHANGE, ERROR, FAINT};

/// What `presence get` found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PresenceDocument {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    pub format_version: u8,
    /// One entry for each person and module, in the order in which they were named.
    pub presence: Vec<Presence>,
}

/// One person's state in one module.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Presence {
    /// Who.
    pub person: Person,
    /// The module.
    #[schemars(extend("enum" = ["tickets", "chat", "callCenter"]))]
    pub module: &'static str,
    /// The module's number on the wire, which is not the number that permissions have.
    #[schemars(range(min = 1, max = 3))]
    pub plate: u8,
    /// The name of the state, as the back office calls it; absent when it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What became of `presence set`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetDocument {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    pub format_version: u8,
    /// Whether nothing was to be sent.
    pub dry_run: bool,
    /// The module.
    #[schemars(extend("enum" = ["tickets", "chat", "callCenter"]))]
    pub module: &'static str,
    /// The module's number on the wire, which is not the number that permissions have.
    #[schemars(range(min = 1, max = 3))]
    pub plate: u8,
    /// The state that was wanted.
    pub state: String,
    /// One entry for each person, in the order in which they were named.
    pub people: Vec<SetLine>,
}

/// What became of one person's state.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetLine {
    /// Who.
    pub person: Person,
    /// What became of it.
    pub outcome: SetOutcome,
    /// The state before; absent when it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The state that the helpdesk shows now, where something was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What became of one person's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum SetOutcome {
    /// It was sent and taken.
    Set,
    /// It is so already; nothing was sent.
    Unchanged,
    /// It would be sent without --dry-run.
    WouldSet,
    /// It was refused.
    Failed,
    /// The answer was lost; it may be so.
    Unknown,
    /// Nothing was sent, because the same was refused for somebody else.
    NotSent,
}

impl PresenceDocument {
    /// A document of these entries.
    pub fn new(presence: Vec<Presence>) -> Self {
        Self { format_version: FORMAT_VERSION, presence }
    }

    /// Writes the table.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let row = |presence: &Presence| {
            let Presence { person, module, plate: _, state, error } = presence;
            let state = match (state, error) {
                (Some(state), _) => state.clone(),
                (None, error) => format!("unknown: {}", error.as_deref().unwrap_or_default()),
            };
            [person.label(), person.name.clone(), (*module).to_owned(), state]
        };
        let rows: Vec<_> = self.presence.iter().map(row).collect();
        table::write(["PERSON", "NAME", "MODULE", "STATE"], &rows, out)
    }
}

impl SetDocument {
    /// How many people it was not set for, and whether it was for others.
    pub fn failures(&self) -> (usize, bool) {
        let failed = |line: &&SetLine| matches!(line.outcome, SetOutcome::Failed | SetOutcome::Unknown | SetOutcome::NotSent);
        (self.people.iter().filter(failed).count(), self.people.iter().any(|line| line.outcome == SetOutcome::Set))
    }

    /// Writes a line for each person, and how many there are of which.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (module, state) = (self.module, printable(&self.state).into_owned());
        for line in &self.people {
            let who = format!("{} {}", line.person.label(), line.person.name);
            let who = printable(who.trim_end()).into_owned();
            let before = printable(line.before.as_deref().unwrap_or("?")).into_owned();
            match line.outcome {
                SetOutcome::Set => {
                    let after = line.after.as_deref().filter(|after| *after != self.state);
                    let other = after.map(|after| format!(" (the helpdesk shows {})", printable(after))).unwrap_or_default();
                    writeln!(out, "{CHANGE}~{CHANGE:#} {who}: {module} {before} -> {state}{other}")?;
                }
                SetOutcome::WouldSet => {
                    writeln!(out, "{CHANGE}~{CHANGE:#} {who}: {module} {before} -> {state} {FAINT}(not sent){FAINT:#}")?
                }
                SetOutcome::Unchanged => writeln!(out, "  {FAINT}{who}: {module} is {state} already; nothing sent{FAINT:#}")?,
                SetOutcome::Failed | SetOutcome::Unknown | SetOutcome::NotSent => {
                    let mark = if line.outcome == SetOutcome::Unknown { "?" } else { "!" };
                    let error = line.error.as_deref().unwrap_or_default();
                    writeln!(out, "{ERROR}{mark}{ERROR:#} {who}: {}", printable(error))?;
                }
            }
        }
        let count = |outcome| self.people.iter().filter(|line| line.outcome == outcome).count();
        let parts = [
            (SetOutcome::Set, "set"),
            (SetOutcome::WouldSet, "would be set"),
            (SetOutcome::Unchanged, "so already"),
            (SetOutcome::Failed, "refused"),
            (SetOutcome::Unknown, "unknown"),
            (SetOutcome::NotSent, "not sent"),
        ];
        let parts: Vec<String> = parts
            .map(|(outcome, words)| (count(outcome), words))
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, words)| format!("{count} {words}"))
            .collect();
        writeln!(out, "Presence in {module}: {}.", if parts.is_empty() { "nobody".to_owned() } else { parts.join(", ") })
    }
}

/// What an error says about this person, module and state; its cause is told beside it.
pub fn error(error: &PresenceError, who: &str, plate: Plate, state: Option<&str>) -> String {
    let module = format!("plate {} ({})", plate.number(), plate.word());
    match (error, state) {
        (PresenceError::UnknownPerson(_), None) => format!("{who} does not exist on the helpdesk (code 10011), asked for {module}"),
        (PresenceError::UnknownPerson(_), Some(state)) => {
            format!("{who} does not exist on the helpdesk (code 10011), sent for {module} and state \"{state}\"")
        }
        (PresenceError::WrongModule(_), _) => format!("the helpdesk does not take {module} as a module (code 10012), sent for {who}"),
        (PresenceError::UnknownState(_), state) => {
            let state = state.unwrap_or_default();
            format!("\"{state}\" is no state that the back office has (code 10013), sent for {who} and {module}")
        }
        (PresenceError::OtherReply { .. } | PresenceError::Request(_), None) => format!("the presence of {who} in {module} cannot be read"),
        (PresenceError::OtherReply { .. } | PresenceError::Request(_), Some(state)) => {
            format!("the presence of {who} in {module} was not set to \"{state}\"")
        }
    }
}

/// The same in one line, with the cause where the words do not hold it.
pub fn error_line(error: &PresenceError, who: &str, plate: Plate, state: Option<&str>) -> String {
    let text = self::error(error, who, plate, state);
    match error {
        PresenceError::OtherReply { .. } | PresenceError::Request(_) => format!("{text}: {error}"),
        PresenceError::UnknownPerson(_) | PresenceError::WrongModule(_) | PresenceError::UnknownState(_) => text,
    }
}

/// What can be done about an error. `seen` are states that people are in at the moment.
pub fn hints(error: &PresenceError, who: &str, state: Option<&str>, seen: &[&str]) -> Vec<String> {
    match error {
        PresenceError::UnknownPerson(_) => {
            vec![format!("the person may be in the recycle bin: `deskform support show {who}` tells")]
        }
        PresenceError::WrongModule(_) => {
            let modules = Plate::ALL.map(|plate| format!("{} {}", plate.number(), plate.word())).join(", ");
            vec![format!("the modules are {modules}; this one may not be switched on for your centre")]
        }
        PresenceError::UnknownState(_) => {
            let near = state.and_then(|state| deskform_model::schema::nearest(state, seen.iter().copied()));
            let near = near.map(|near| format!("did you mean {near}?"));
            let seen = if seen.is_empty() { String::new() } else { format!("; in use at this moment: {}", seen.join(", ")) };
            near.into_iter().chain([format!("states are configured in the helpdesk's back office, and no call lists them{seen}")]).collect()
        }
        PresenceError::OtherReply { .. } => {
            vec!["check that the url is the platform's api and nothing in between caches its replies".to_owned()]
        }
        PresenceError::Request(error) => error.hint().map(str::to_owned).into_iter().collect(),
    }
}
