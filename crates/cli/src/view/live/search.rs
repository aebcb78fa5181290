//! People who were found, and one who came back from the recycle bin.

use std::io::{self, Write};

use deskform_applier::live::search::SearchField;
use deskform_applier::wire::decode::SupportRecord;
use deskform_model::printable::printable;
use deskform_model::{Kind, Value};
use schemars::JsonSchema;
use serde::Serialize;

use super::person::Person;
use super::{FORMAT_VERSION, table};
use crate::people::Someone;
use crate::view::plural::{Noun, count};

/// What `support search` found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchDocument {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    pub format_version: u8,
    /// The field that was searched in.
    #[schemars(extend("enum" = ["account", "name", "staffNumber", "mobile"]))]
    pub field: &'static str,
    /// The text that was looked for.
    pub text: String,
    /// Whether only those are shown whose field is the text; the platform shows everybody whose field resembles it.
    pub exact: bool,
    /// People in service, by id.
    pub people: Vec<Hit>,
}

/// Somebody who was found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hit {
    /// Who.
    pub person: Person,
    /// The mobile number; absent where the platform does not show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    /// The e-mail address; absent where the platform does not show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// What became of `support restore`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RestoreDocument {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    pub format_version: u8,
    /// Who.
    pub person: Person,
    /// What became of it.
    pub outcome: RestoreOutcome,
}

/// What became of a restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum RestoreOutcome {
    /// The person is in service again.
    Restored,
    /// The person was in service already; nothing was sent.
    InService,
}

impl Hit {
    /// Somebody as one reply shows them.
    pub fn new(record: &SupportRecord, someone: &Someone) -> Self {
        let text = |name: &str| match record.values.named(Kind::Support, name)? {
            Value::Null => Some(String::new()),
            value => value.as_text().map(ToString::to_string),
        };
        Self { person: someone.into(), mobile: text("mobile"), email: text("email") }
    }

    fn value(&self, field: SearchField) -> &str {
        match field {
            SearchField::Account => &self.person.account,
            SearchField::Name => &self.person.name,
            SearchField::StaffNumber => &self.person.staff_number,
            SearchField::Mobile => self.mobile.as_deref().unwrap_or_default(),
        }
    }
}

impl SearchDocument {
    /// A document of these people; with `exact` without those whose field merely resembles the text.
    pub fn new(field: SearchField, text: &str, exact: bool, mut people: Vec<Hit>) -> Self {
        people.retain(|hit| !exact || hit.value(field) == text);
        Self { format_version: FORMAT_VERSION, field: field.word(), text: text.to_owned(), exact, people }
    }

    /// Writes the table and how many there are.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let row = |hit: &Hit| {
            let Person { id, account, name, staff_number, manifest } = hit.person.clone();
            let declared = manifest.map(|name| format!("support/{name}")).unwrap_or_default();
            [id, account, name, staff_number, hit.mobile.clone().unwrap_or_default(), declared]
        };
        let rows: Vec<_> = self.people.iter().map(row).collect();
        if !rows.is_empty() {
            table::write(["ID", "ACCOUNT", "NAME", "NUMBER", "MOBILE", "MANIFEST"], &rows, out)?;
        }
        let how = if self.exact { "is" } else { "resembles" };
        writeln!(out, "{} whose {} {how} {}.", count(rows.len(), Noun::Person), self.field, printable(&self.text))
    }
}

impl RestoreDocument {
    /// Writes one line.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Person { id, account, name, .. } = &self.person;
        let who = format!("{} {name} (account {account}, id {id})", self.person.label());
        match self.outcome {
            RestoreOutcome::Restored => writeln!(out, "Restored {}.", printable(&who)),
            RestoreOutcome::InService => writeln!(out, "{} is in service already; nothing was sent.", printable(&who)),
        }
    }
}
