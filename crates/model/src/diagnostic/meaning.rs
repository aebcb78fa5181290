//! Problems of meaning: references, duplicates, rosters, overlaps.

mod text;

use super::Severity;
use crate::resource::Ensure;
use crate::time::{Date, DateTime, Time};
use crate::{Person, Text};

/// The documents are well formed, but do not make sense together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A project file among the manifests.
    MisplacedProject,
    /// The manifests expand to more objects than are read; the place is the first manifest.
    TooManyObjects {
        /// The most objects.
        limit: usize,
    },
    /// Two manifests of one kind have the same `metadata.name`.
    DuplicateName {
        /// The word of a manifest's kind.
        kind: &'static str,
        /// The name.
        name: Text,
    },
    /// Two Supports have the same account.
    DuplicateAccount {
        /// The login name.
        account: Text,
    },
    /// Two Agents, or seats of sets, have the same number.
    DuplicateOperatorId {
        /// The seat's number, or the lowest of several.
        operator_id: Text,
        /// How many more the same two places declare.
        more: usize,
    },
    /// A range of seats that cannot be.
    BadSeatRange {
        /// As it is written.
        range: Text,
        /// What is wrong with it.
        why: BadRange,
    },
    /// Two ranges of a set are equally wide, share seats, and give them different values; the other place is the earlier range.
    AmbiguousSeat {
        /// The lowest seat that both name.
        operator_id: Text,
        /// What they differ in, as manifests call it.
        field: Text,
    },
    /// Two Permission manifests say something about the same module of the same person.
    DuplicatePermission {
        /// Whose.
        person: Person,
        /// The module's word.
        module: &'static str,
    },
    /// One person has two shifts that start at the same time.
    DuplicateShift {
        /// Whose.
        person: Person,
        /// When both start.
        begins: DateTime,
    },
    /// Two Supports have the same staff number.
    DuplicateStaffNumber {
        /// The number.
        number: Text,
    },
    /// A reference names a support that no manifest declares.
    UnknownSupport {
        /// The name.
        name: Text,
        /// The nearest one that exists.
        nearest: Option<Text>,
    },
    /// A reference names a support that its own manifest takes away.
    ReferenceToRemoved {
        /// The name.
        name: Text,
        /// What its manifest says.
        ensure: Ensure,
    },
    /// No support carries all labels of a reference.
    LabelsMatchNobody {
        /// The pairs of the reference.
        labels: Vec<(Text, Text)>,
        /// The first pair that nobody carries at all, if there is one, and the nearest value that somebody carries under its key.
        stray: Option<Box<(Text, Text, Option<Text>)>>,
    },
    /// A label that one support alone carries, under a key by which references choose people, but with a value that none of them uses.
    LabelUsedOnce {
        /// The label's key.
        key: Text,
        /// The label's value.
        value: Text,
        /// The nearest value that references use.
        nearest: Option<Text>,
    },
    /// `lifecycle` protects what it takes away.
    ProtectAndAbsent,
    /// An empty text where the platform has no empty value.
    CannotBeEmpty {
        /// The field's name in manifests.
        field: String,
    },
    /// A manifest names a variable that the project does not allow.
    SecretNotAllowed {
        /// The variable.
        variable: Text,
        /// The patterns of `secrets.allowEnv`.
        allowed: Vec<String>,
    },
    /// A manifest names a variable or a file that holds a credential of a platform.
    SecretIsACredential {
        /// The variable, or the file's path.
        place: Text,
    },
    /// A secret's file is in a folder whose name begins with a dot.
    SecretInHiddenFolder {
        /// The path.
        path: Text,
    },
    /// A secret's file is outside the project folder.
    SecretOutsideProject {
        /// The path.
        path: Text,
    },
    /// A date that the calendar does not have.
    NoSuchDate {
        /// What it says.
        text: Text,
    },
    /// A range of dates ends before it begins.
    DatesReversed {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// A range of dates is longer than a year.
    RangeTooLong {
        /// How many days it has.
        days: i32,
    },
    /// `weekdays` and `except` leave no day of the range.
    NoDayLeft,
    /// A roster in a schedule without `from` or `to`.
    RosterWithoutDates,
    /// A roster line ends too early.
    RosterTooShort {
        /// Signs in the line.
        signs: usize,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// Days from first to last.
        days: usize,
    },
    /// A roster line has signs left over.
    RosterTooLong {
        /// Signs in the line.
        signs: usize,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// Days from first to last.
        days: usize,
    },
    /// A sign that `shiftTypes` does not explain.
    UnknownSign {
        /// The sign.
        sign: Text,
        /// How often this schedule uses it.
        uses: usize,
        /// The signs that exist.
        known: String,
    },
    /// A shift type of work lacks its start or its end.
    ShiftTypeWithoutTimes {
        /// The sign.
        sign: Text,
    },
    /// A shift type of rest or leave has what only work has.
    DayOffWithTimes {
        /// The sign.
        sign: Text,
        /// The key that does not belong there.
        key: Text,
    },
    /// A single shift has neither `date` nor `dates`.
    ShiftWithoutDate,
    /// A single shift has both `date` and `dates`.
    DateAndDates,
    /// A single shift has neither times nor a type.
    ShiftWithoutTimes,
    /// A single shift has a type and says itself what the type says.
    TypeAndTimes {
        /// The key beside `type`.
        key: Text,
    },
    /// A shift that ends when it starts.
    ShiftIsEmpty {
        /// When.
        time: Time,
    },
    /// Two shifts of one person overlap.
    OverlappingShifts {
        /// Whose.
        person: Person,
        /// The earlier shift.
        earlier: (DateTime, DateTime),
        /// The later shift.
        later: (DateTime, DateTime),
    },
    /// Too little time between two shifts of one person.
    ShortRest {
        /// Whose.
        person: Person,
        /// End of the earlier shift.
        ends: DateTime,
        /// Start of the later shift.
        begins: DateTime,
        /// Minutes between them.
        minutes: i64,
        /// Hours that there should be.
        minimum: u32,
    },
    /// A shift on a day that a roster marks as leave.
    ShiftOnLeave {
        /// Whose.
        person: Person,
        /// The day.
        date: Date,
    },
    /// A Release names a kind for a brake that is not per kind.
    BrakeHasNoKinds {
        /// The brake's word.
        brake: &'static str,
    },
    /// The last day of a Release is over.
    ExpiredRelease {
        /// That day.
        until: Date,
    },
    /// A seat without `role`: the platform picks one at random.
    SeatWithoutRole {
        /// The seat's number, or the lowest of several.
        operator_id: Text,
        /// How many more the same place declares.
        more: usize,
    },
}

/// Why a range of seats cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadRange {
    /// It is not two numbers.
    NotNumbers,
    /// Its ends have different numbers of digits.
    Widths,
    /// It ends before it begins.
    Reversed,
    /// It holds too many seats.
    TooMany {
        /// How many it holds.
        seats: u64,
        /// The most.
        limit: usize,
    },
}

impl Meaning {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::MisplacedProject => "misplaced-project",
            Self::TooManyObjects { .. } => "too-many-objects",
            Self::DuplicateName { .. } => "duplicate-name",
            Self::DuplicateAccount { .. } => "duplicate-account",
            Self::DuplicateOperatorId { .. } => "duplicate-operator-id",
            Self::BadSeatRange { .. } => "bad-seat-range",
            Self::AmbiguousSeat { .. } => "ambiguous-seat",
            Self::DuplicatePermission { .. } => "duplicate-permission",
            Self::DuplicateShift { .. } => "duplicate-shift",
            Self::DuplicateStaffNumber { .. } => "duplicate-staff-number",
            Self::UnknownSupport { .. } => "unknown-support",
            Self::ReferenceToRemoved { .. } => "reference-to-removed",
            Self::LabelsMatchNobody { .. } => "labels-match-nobody",
            Self::LabelUsedOnce { .. } => "label-used-once",
            Self::ProtectAndAbsent => "protect-and-absent",
            Self::CannotBeEmpty { .. } => "cannot-be-empty",
            Self::SecretNotAllowed { .. } => "secret-not-allowed",
            Self::SecretIsACredential { .. } => "secret-is-a-credential",
            Self::SecretInHiddenFolder { .. } => "secret-in-hidden-folder",
            Self::SecretOutsideProject { .. } => "secret-outside-project",
            Self::NoSuchDate { .. } => "no-such-date",
            Self::DatesReversed { .. } => "dates-reversed",
            Self::RangeTooLong { .. } => "range-too-long",
            Self::NoDayLeft => "no-day-left",
            Self::RosterWithoutDates => "roster-without-dates",
            Self::RosterTooShort { .. } => "roster-too-short",
            Self::RosterTooLong { .. } => "roster-too-long",
            Self::UnknownSign { .. } => "unknown-sign",
            Self::ShiftTypeWithoutTimes { .. } => "shift-type-without-times",
            Self::DayOffWithTimes { .. } => "day-off-with-times",
            Self::ShiftWithoutDate => "shift-without-date",
            Self::DateAndDates => "date-and-dates",
            Self::ShiftWithoutTimes => "shift-without-times",
            Self::TypeAndTimes { .. } => "type-and-times",
            Self::ShiftIsEmpty { .. } => "shift-is-empty",
            Self::OverlappingShifts { .. } => "overlapping-shifts",
            Self::ShortRest { .. } => "short-rest",
            Self::ShiftOnLeave { .. } => "shift-on-leave",
            Self::BrakeHasNoKinds { .. } => "brake-has-no-kinds",
            Self::ExpiredRelease { .. } => "expired-release",
            Self::SeatWithoutRole { .. } => "seat-without-role",
        }
    }

    pub(super) fn severity(&self) -> Severity {
        match self {
            Self::DuplicateStaffNumber { .. }
            | Self::LabelUsedOnce { .. }
            | Self::ShortRest { .. }
            | Self::ShiftOnLeave { .. }
            | Self::ExpiredRelease { .. }
            | Self::SeatWithoutRole { .. } => Severity::Warning,
            _ => Severity::Error,
        }
    }
}
