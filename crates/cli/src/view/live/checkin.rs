//! Sign-ins: a list of them, and one that was made.

use std::io::{self, Write};

use deskform_applier::live::sign_ins::SignIn;
use deskform_model::printable::printable;
use deskform_model::time::{DateTime, format_date_time};
use schemars::JsonSchema;
use serde::Serialize;

use super::{FORMAT_VERSION, csv, table};
use crate::period::Period;

/// What `checkin list` found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckinsDocument {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    pub format_version: u8,
    /// The first moment that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last moment that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Sign-ins in the order of time.
    pub checkins: Vec<Checkin>,
}

/// What became of `checkin create`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreatedDocument {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    pub format_version: u8,
    /// The account whose sign-in it is: the one that deskform calls with. Absent where a token says who calls and nobody knows the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The sign-in as the helpdesk shows it; absent when its reply shows none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkin: Option<Checkin>,
}

/// One sign-in.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Checkin {
    /// When, as the helpdesk's wall-clock, YYYY-MM-DD HH:MM:SS.
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"))]
    pub time: String,
    /// The person's name.
    pub name: String,
    /// The person's staff number.
    pub staff_number: String,
    /// Place and coordinates in one text.
    pub place: String,
    /// The remark, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Addresses of the attachments.
    pub attachments: Vec<String>,
    /// The tags.
    pub tags: Vec<String>,
}

impl From<&SignIn> for Checkin {
    fn from(sign_in: &SignIn) -> Self {
        let SignIn { name, staff_number, at, place, remark, attachments, tags } = sign_in;
        let texts = |texts: &[deskform_model::Text]| texts.iter().map(ToString::to_string).collect();
        Self {
            time: format_date_time(*at),
            name: name.to_string(),
            staff_number: staff_number.to_string(),
            place: place.to_string(),
            remark: remark.as_ref().map(ToString::to_string),
            attachments: texts(attachments),
            tags: texts(tags),
        }
    }
}

impl CheckinsDocument {
    /// A document of these sign-ins.
    pub fn new(period: Period, sign_ins: &[SignIn]) -> Self {
        let bound = |moment: Option<DateTime>| moment.map(format_date_time);
        Self {
            format_version: FORMAT_VERSION,
            from: bound(period.from),
            to: bound(period.to),
            checkins: sign_ins.iter().map(Checkin::from).collect(),
        }
    }

    /// Writes the table and how many there are.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let row = |checkin: &Checkin| {
            let Checkin { time, name, staff_number, place, remark, attachments, tags } = checkin;
            let files = if attachments.is_empty() { String::new() } else { attachments.len().to_string() };
            let remark = remark.clone().unwrap_or_default();
            [time.clone(), staff_number.clone(), name.clone(), place.clone(), tags.join(","), files, remark]
        };
        let rows: Vec<_> = self.checkins.iter().map(row).collect();
        if !rows.is_empty() {
            table::write(["TIME", "NUMBER", "NAME", "PLACE", "TAGS", "FILES", "REMARK"], &rows, out)?;
        }
        let noun = if rows.len() == 1 { "sign-in" } else { "sign-ins" };
        writeln!(out, "{} {noun}.", rows.len())
    }

    /// Writes the table as CSV: attachments and tags are joined by blanks.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let row = |checkin: &Checkin| {
            let Checkin { time, name, staff_number, place, remark, attachments, tags } = checkin.clone();
            [time, staff_number, name, place, remark.unwrap_or_default(), tags.join(" "), attachments.join(" ")]
        };
        csv::write(["time", "staffNumber", "name", "place", "remark", "tags", "attachments"], self.checkins.iter().map(row), out)
    }
}

impl CreatedDocument {
    /// Says whose sign-in it is, and what it holds.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let account = self.account.as_deref().map(|account| format!(" as account {}", printable(account))).unwrap_or_default();
        match &self.checkin {
            None => writeln!(out, "Signed in{account}; the helpdesk's reply shows nothing of it."),
            Some(Checkin { time, name, staff_number, place, .. }) => {
                writeln!(
                    out,
                    "Signed in{account}: {} (staff number {}), {time}, {}",
                    printable(name),
                    printable(staff_number),
                    printable(place)
                )
            }
        }
    }
}
