//! Who came when: lines, a summary for each person, and the total.

use std::io::{self, Write};

use deskform_applier::live::sign_ins::SignIn;
use deskform_model::printable::printable;
use deskform_model::time::{DateTime, format_date_time};
use deskform_planner::adherence::{Line, Member, NoOwner, Outcome, Report, Tally};
use schemars::JsonSchema;
use serde::Serialize;

use super::{FORMAT_VERSION, csv, listed, table};

/// Who came when.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdherenceDocument {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    pub format_version: u8,
    /// The project's name.
    pub project: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// When the report was made; whoever is due later is not missing.
    pub now: String,
    /// Where the shifts come from.
    pub planned: Planned,
    /// So many seconds before a shift a sign-in counts for it already.
    pub early_by_seconds: i64,
    /// So many seconds after its start a sign-in is still in time.
    pub late_after_seconds: i64,
    /// Shifts that began before the first day and run into it; they belong to the day before and are not counted.
    pub shifts_from_before: usize,
    /// Shifts of the last day that end after it; sign-ins until then are looked at.
    pub shifts_beyond: usize,
    /// All people together.
    pub total: Totals,
    /// Everybody about whom there is something to say.
    pub people: Vec<PersonAdherence>,
    /// Sign-ins of these days that cannot be given to anybody; where people are named, those that may be theirs.
    pub strangers: Vec<Stranger>,
}

/// Where shifts come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Planned {
    /// The manifests.
    Manifests,
    /// The helpdesk; leave still comes from the manifests.
    Live,
}

/// How many lines have which outcome.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Totals {
    /// Shifts with a sign-in in time.
    pub on_time: usize,
    /// Shifts with a sign-in that was late.
    pub late: usize,
    /// Shifts without a sign-in.
    pub missing: usize,
    /// Shifts whose time to sign in is not over.
    pub not_due: usize,
    /// Sign-ins without a shift.
    pub unplanned: usize,
    /// Days of leave.
    pub on_leave: usize,
    /// Shifts of people whom the helpdesk does not know.
    pub unknown: usize,
    /// Minutes of all that were late together.
    pub late_minutes: i64,
    /// Sign-ins beyond the first for a shift.
    pub again: usize,
}

/// One person.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PersonAdherence {
    /// What people call them: the manifest's name, the account, or how they are referred to.
    pub person: String,
    /// The name that colleagues see.
    pub name: String,
    /// The staff number.
    pub staff_number: String,
    /// Whether the helpdesk knows them.
    pub known: bool,
    /// How many lines have which outcome.
    pub total: Totals,
    /// Shifts, sign-ins without a shift, and days of leave, in the order of time.
    pub lines: Vec<AdherenceLine>,
}

/// One shift, one sign-in without a shift, or one day of leave.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdherenceLine {
    /// The day it belongs to: that on which a shift begins.
    pub date: String,
    /// What became of it.
    #[schemars(extend("enum" = Outcome::WORDS))]
    pub outcome: &'static str,
    /// The name of the shift or the leave; may be empty.
    pub name: String,
    /// When the shift begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begins: Option<String>,
    /// When the shift ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<String>,
    /// The sign-in that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<String>,
    /// Whole minutes after the start, when late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_minutes: Option<i64>,
    /// Further sign-ins for the same shift.
    pub again: Vec<String>,
}

/// A sign-in that cannot be given to anybody.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stranger {
    /// When.
    pub time: String,
    /// The name in it.
    pub name: String,
    /// The staff number in it.
    pub staff_number: String,
    /// Why.
    pub reason: StrangerReason,
}

/// Why a sign-in cannot be given to anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum StrangerReason {
    /// Nobody in service has the staff number.
    UnknownStaffNumber,
    /// Several people have it, and the name does not tell which of them it is.
    SharedStaffNumber,
    /// Somebody of another name has it.
    OtherName,
}

impl StrangerReason {
    /// All reasons.
    const ALL: [Self; 3] = [Self::UnknownStaffNumber, Self::SharedStaffNumber, Self::OtherName];

    /// The word for programs.
    fn word(self) -> &'static str {
        match self {
            Self::UnknownStaffNumber => "unknownStaffNumber",
            Self::SharedStaffNumber => "sharedStaffNumber",
            Self::OtherName => "otherName",
        }
    }

    /// What is said of such sign-ins.
    fn words(self) -> &'static str {
        match self {
            Self::UnknownStaffNumber => "with a staff number that nobody in service has",
            Self::SharedStaffNumber => "with a staff number that several people have",
            Self::OtherName => "with the staff number of somebody who has another name",
        }
    }
}

impl From<&Tally> for Totals {
    fn from(tally: &Tally) -> Self {
        let [on_time, late, missing, not_due, unplanned, on_leave, unknown] = Outcome::WORDS.map(|word| tally.of(word));
        Self { on_time, late, missing, not_due, unplanned, on_leave, unknown, late_minutes: tally.late_minutes, again: tally.again }
    }
}

impl Stranger {
    /// A sign-in, and why it is nobody's.
    pub fn new(sign_in: &SignIn, why: NoOwner) -> Self {
        let reason = match why {
            NoOwner::Unknown => StrangerReason::UnknownStaffNumber,
            NoOwner::Ambiguous => StrangerReason::SharedStaffNumber,
            NoOwner::OtherName => StrangerReason::OtherName,
        };
        let SignIn { name, staff_number, at, .. } = sign_in;
        Self { time: format_date_time(*at), name: name.to_string(), staff_number: staff_number.to_string(), reason }
    }
}

impl PersonAdherence {
    fn new(member: &Member, lines: &[Line], tally: &Tally) -> Self {
        Self {
            person: member.label.to_string(),
            name: member.name.to_string(),
            staff_number: member.staff_number.to_string(),
            known: member.known,
            total: tally.into(),
            lines: lines.iter().map(AdherenceLine::from).collect(),
        }
    }
}

impl From<&Line> for AdherenceLine {
    fn from(line: &Line) -> Self {
        let moment = |moment: DateTime| format_date_time(moment);
        Self {
            date: line.date.to_string(),
            outcome: line.outcome.word(),
            name: line.name.to_string(),
            begins: line.hours.map(|(begins, _)| moment(begins)),
            ends: line.hours.map(|(_, ends)| moment(ends)),
            sign_in: line.sign_in.map(moment),
            late_minutes: match line.outcome {
                Outcome::Late { minutes } => Some(minutes),
                _ => None,
            },
            again: line.again.iter().copied().map(moment).collect(),
        }
    }
}

impl AdherenceLine {
    /// `早班 07:00-15:00`; of what is no shift its name.
    pub fn shift(&self) -> String {
        let hours = match (&self.begins, &self.ends) {
            (Some(begins), Some(ends)) => format!("{}-{}", clock(begins), clock(ends)),
            _ => String::new(),
        };
        [self.name.as_str(), &hours].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The sign-in's time; with its day when that is another one.
    pub fn signed(&self) -> String {
        let Some(sign_in) = &self.sign_in else { return String::new() };
        let clock = sign_in.get(11..).unwrap_or(sign_in);
        if sign_in.starts_with(&self.date) { clock.to_owned() } else { format!("{clock} ({})", sign_in.get(..10).unwrap_or_default()) }
    }

    /// What became of it, for people.
    pub fn words(&self) -> String {
        let mut words = match (self.outcome, self.late_minutes) {
            ("late", Some(minutes)) => format!("late by {minutes} min"),
            ("onTime", _) => "on time".to_owned(),
            ("notDue", _) => "not due yet".to_owned(),
            ("onLeave", _) => "on leave".to_owned(),
            ("unknown", _) => "not on the helpdesk".to_owned(),
            (other, _) => other.to_owned(),
        };
        if !self.again.is_empty() {
            let times: Vec<&str> = self.again.iter().map(|time| time.get(11..).unwrap_or(time)).collect();
            words.push_str(&format!(", again at {}", times.join(", ")));
        }
        words
    }
}

fn clock(moment: &str) -> &str {
    moment.get(11..16).unwrap_or(moment)
}

/// What a report is made of, beside the report itself.
pub struct About<'a> {
    /// The project's name.
    pub project: &'a str,
    /// First and last day.
    pub days: (String, String),
    /// When it is made.
    pub now: DateTime,
    /// Where the shifts come from.
    pub planned: Planned,
    /// Tolerances, in seconds: before and after the start.
    pub tolerance: (i64, i64),
}

impl AdherenceDocument {
    /// The document of a report about these people, by what they are called; those without a line are left out.
    pub fn new(about: About<'_>, report: &Report, members: &[Member], strangers: Vec<Stranger>) -> Self {
        let people = members.iter().zip(&report.people).filter(|(_, person)| !person.lines.is_empty());
        let mut people: Vec<_> = people.map(|(member, person)| PersonAdherence::new(member, &person.lines, &person.tally)).collect();
        people.sort_by(|one, other| one.person.cmp(&other.person));
        Self {
            format_version: FORMAT_VERSION,
            project: about.project.to_owned(),
            from: about.days.0,
            to: about.days.1,
            now: format_date_time(about.now),
            planned: about.planned,
            early_by_seconds: about.tolerance.0,
            late_after_seconds: about.tolerance.1,
            shifts_from_before: report.run_in,
            shifts_beyond: report.run_out,
            total: (&report.total).into(),
            people,
            strangers,
        }
    }

    /// What has to be said about edges and strangers, a sentence each.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match self.shifts_from_before {
            0 => {}
            1 => notes.push("1 shift of the day before the first runs into it and is not counted here".to_owned()),
            several => notes.push(format!("{several} shifts of the day before the first run into it and are not counted here")),
        }
        match self.shifts_beyond {
            0 => {}
            1 => notes.push("1 shift of the last day ends after it; sign-ins until then count".to_owned()),
            several => notes.push(format!("{several} shifts of the last day end after it; sign-ins until then count")),
        }
        if self.total.again > 0 {
            notes.push(format!("{} beyond the first for a shift; the first one counts", sign_ins(self.total.again)));
        }
        let unknown: Vec<&str> = self.people.iter().filter(|person| !person.known).map(|person| person.person.as_str()).collect();
        if !unknown.is_empty() {
            notes.push(format!("planned, but not on the helpdesk, so that they cannot sign in: {}", listed(&unknown)));
        }
        for reason in StrangerReason::ALL {
            let of: Vec<&Stranger> = self.strangers.iter().filter(|stranger| stranger.reason == reason).collect();
            if let Some(first) = of.first() {
                let (name, number) = (&first.name, &first.staff_number);
                let words = reason.words();
                notes.push(format!("{} {words}, the first of {name} (staff number {number}) at {}", sign_ins(of.len()), first.time));
            }
        }
        notes
    }

    /// Writes a table of lines, one of people with the total, and the notes.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let lines: Vec<_> = self
            .people
            .iter()
            .flat_map(|person| person.lines.iter().map(move |line| (person, line)))
            .map(|(person, line)| {
                [line.date.clone(), person.person.clone(), person.name.clone(), line.shift(), line.signed(), line.words()]
            })
            .collect();
        if lines.is_empty() {
            writeln!(out, "Nothing was planned from {} to {}, and no sign-in was counted.", self.from, self.to)?;
        } else {
            table::write(["DATE", "PERSON", "NAME", "SHIFT", "SIGN-IN", "OUTCOME"], &lines, out)?;
            writeln!(out)?;
            let row = |who: &str, name: &str, total: &Totals| {
                let Totals { on_time, late, missing, not_due, unplanned, on_leave, unknown, late_minutes, again: _ } = total;
                let [on_time, late, missing, not_due, unplanned, on_leave, unknown] =
                    [on_time, late, missing, not_due, unplanned, on_leave, unknown].map(ToString::to_string);
                [
                    who.to_owned(),
                    name.to_owned(),
                    on_time,
                    late,
                    format!("{late_minutes} min"),
                    missing,
                    not_due,
                    unplanned,
                    on_leave,
                    unknown,
                ]
            };
            let mut rows: Vec<_> = self.people.iter().map(|person| row(&person.person, &person.name, &person.total)).collect();
            rows.push(row("total", "", &self.total));
            let headings = ["PERSON", "NAME", "ON TIME", "LATE", "LATE BY", "MISSING", "NOT DUE", "UNPLANNED", "ON LEAVE", "UNKNOWN"];
            table::write(headings, &rows, out)?;
        }
        for note in self.notes() {
            writeln!(out, "Note: {}.", printable(&note))?;
        }
        Ok(())
    }

    /// Writes one row for each line, and one without a person for each sign-in that is nobody's.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let headings = ["date", "person", "name", "staffNumber", "shift", "begins", "ends", "signIn", "again", "outcome", "lateMinutes"];
        let lines = self.people.iter().flat_map(|person| person.lines.iter().map(move |line| (person, line))).map(|(person, line)| {
            let AdherenceLine { date, outcome, name, begins, ends, sign_in, late_minutes, again } = line.clone();
            let late = late_minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
            let [begins, ends, sign_in] = [begins, ends, sign_in].map(Option::unwrap_or_default);
            let PersonAdherence { person, name: called, staff_number, .. } = person.clone();
            [date, person, called, staff_number, name, begins, ends, sign_in, again.join(" "), outcome.to_owned(), late]
        });
        let strangers = self.strangers.iter().map(|stranger| {
            let Stranger { time, name, staff_number, reason } = stranger.clone();
            let outcome = reason.word();
            let empty = String::new;
            let date = time.get(..10).unwrap_or_default().to_owned();
            [date, empty(), name, staff_number, empty(), empty(), empty(), time, empty(), outcome.to_owned(), empty()]
        });
        csv::write(headings, lines.chain(strangers), out)
    }
}

fn sign_ins(count: usize) -> String {
    if count == 1 { "1 sign-in".to_owned() } else { format!("{count} sign-ins") }
}
