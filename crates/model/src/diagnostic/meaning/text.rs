//! The English texts of problems of meaning.

use super::{BadRange, Meaning};
use crate::Text;
use crate::codec::quote;
use crate::resource::Ensure;
use crate::time::{DateTime, format_time};

impl Meaning {
    pub(in crate::diagnostic) fn message(&self) -> String {
        match self {
            Self::MisplacedProject => "a project is not a manifest".to_owned(),
            Self::TooManyObjects { limit } => format!("the manifests together expand to more than {limit} objects"),
            Self::DuplicateName { kind, name } => {
                let article = if kind.starts_with('A') { "an" } else { "a" };
                format!("{article} {kind} called {} exists already", quote(name))
            }
            Self::DuplicateAccount { account } => format!("the account {} belongs to another Support already", quote(account)),
            Self::DuplicateOperatorId { operator_id, more: 0 } => format!("the seat {} is declared already", quote(operator_id)),
            Self::DuplicateOperatorId { operator_id, more } => {
                format!("the seat {} and {more} more are declared already", quote(operator_id))
            }
            Self::BadSeatRange { range, why } => match why {
                BadRange::NotNumbers => format!("{} is no range of seats", quote(range)),
                BadRange::Widths => format!("the ends of {} have different numbers of digits", quote(range)),
                BadRange::Reversed => format!("{} ends before it begins", quote(range)),
                BadRange::TooMany { seats, limit } => format!("{} holds {seats} seats; {limit} are the most", quote(range)),
            },
            Self::AmbiguousSeat { operator_id, field } => {
                format!("another range as wide as this one holds {} too and gives another {field}", quote(operator_id))
            }
            Self::DuplicatePermission { person, module } => {
                format!("another Permission speaks about {module} of {} already", person)
            }
            Self::DuplicateShift { person, begins } => format!("{} has a shift at {} already", person, moment(*begins)),
            Self::DuplicateStaffNumber { number } => format!("the staff number {} is used already", quote(number)),
            Self::UnknownSupport { name, .. } => format!("no Support is called {}", quote(name)),
            Self::ReferenceToRemoved { name, ensure } => {
                let ensure = if *ensure == Ensure::Released { "released" } else { "absent" };
                format!("the Support {} is \"ensure: {ensure}\"", quote(name))
            }
            Self::LabelsMatchNobody { labels, stray } => match stray.as_deref() {
                Some((key, value, _)) => format!("no Support has the label {}", pair(key, value)),
                None => format!(
                    "no Support has all of the labels {}",
                    labels.iter().map(|(key, value)| pair(key, value)).collect::<Vec<_>>().join(", ")
                ),
            },
            Self::LabelUsedOnce { key, value, .. } => {
                format!("only this Support has the label {}, and no reference uses it", pair(key, value))
            }
            Self::ProtectAndAbsent => "protected and absent contradict each other".to_owned(),
            Self::CannotBeEmpty { field } => format!("{field} cannot be empty"),
            Self::SecretNotAllowed { variable, .. } => format!("manifests may not name the variable {variable}"),
            Self::SecretIsACredential { place } => format!("{place} holds a credential of deskform's own"),
            Self::SecretInHiddenFolder { path } => format!("the file {} is in a hidden folder", quote(path)),
            Self::SecretOutsideProject { path } => format!("the file {} is outside the project folder", quote(path)),
            Self::NoSuchDate { text } => format!("there is no day {}", quote(text)),
            Self::DatesReversed { from, to } => format!("the last day {to} is before the first day {from}"),
            Self::RangeTooLong { days } => format!("{days} days are more than a year"),
            Self::NoDayLeft => "weekdays and except leave no day".to_owned(),
            Self::RosterWithoutDates => "a roster needs from and to".to_owned(),
            Self::RosterTooShort { signs, from, to, days } | Self::RosterTooLong { signs, from, to, days } => {
                format!("{} for {} ({from} to {to})", count(*signs, "sign"), count(*days, "day"))
            }
            Self::UnknownSign { sign, uses: 1, .. } => format!("no shift type has the sign {}", quote(sign)),
            Self::UnknownSign { sign, uses, .. } => format!("no shift type has the sign {}, which stands here {uses} times", quote(sign)),
            Self::ShiftTypeWithoutTimes { sign } => format!("the shift type {} needs start and end", quote(sign)),
            Self::DayOffWithTimes { sign, key } => format!("the shift type {} is a free day and has no {key}", quote(sign)),
            Self::ShiftWithoutDate => "a shift needs date or dates".to_owned(),
            Self::DateAndDates => "a shift has either date or dates".to_owned(),
            Self::ShiftWithoutTimes => "a shift needs start and end, or type".to_owned(),
            Self::TypeAndTimes { key } => format!("a shift has either type or {key}"),
            Self::ShiftIsEmpty { time } => format!("the shift starts and ends at {}", format_time(*time)),
            Self::OverlappingShifts { person, earlier, later } => {
                format!("the shift of {} from {} overlaps with the one from {}", person, range(*later), range(*earlier))
            }
            Self::ShortRest { person, ends, begins, minutes, .. } => {
                format!("{} has {} of rest between {} and {}", person, hours(*minutes), moment(*ends), moment(*begins))
            }
            Self::ShiftOnLeave { person, date } => format!("{} is on leave on {date}", person),
            Self::BrakeHasNoKinds { brake } => format!("the brake {brake} looks at all kinds together"),
            Self::ExpiredRelease { until } => format!("this release ended after {until} and releases nothing"),
            Self::SeatWithoutRole { operator_id, more: 0 } => format!("the seat {} has no role", quote(operator_id)),
            Self::SeatWithoutRole { operator_id, more } => format!("the seat {} and {more} more have no role", quote(operator_id)),
        }
    }

    pub(in crate::diagnostic) fn help(&self) -> String {
        match self {
            Self::UnknownSupport { nearest: Some(nearest), .. } | Self::LabelUsedOnce { nearest: Some(nearest), .. } => {
                did_you_mean(nearest)
            }
            Self::UnknownSupport { nearest: None, .. } => {
                "somebody who lives on the helpdesk only is referred to as {account: ...} or {id: ...}".to_owned()
            }
            Self::LabelsMatchNobody { stray, .. } => match stray.as_deref() {
                Some((_, _, Some(nearest))) => did_you_mean(nearest),
                Some((key, value, None)) => format!("give a Support `metadata.labels: {{{key}: {value}}}`, or correct the reference"),
                None => "one Support must carry all of them; two groups are two references".to_owned(),
            },
            Self::LabelUsedOnce { nearest: None, .. } => "correct it, or let a reference use it".to_owned(),
            Self::DuplicateName { .. } => "rename one of the two".to_owned(),
            Self::DuplicateAccount { .. } => "remove one of the two, or correct its account".to_owned(),
            Self::DuplicateOperatorId { .. } => "remove one of the two, or correct its number".to_owned(),
            Self::DuplicateStaffNumber { .. } => "reports count by it; give one of the two another number".to_owned(),
            Self::DuplicateShift { .. } => "remove one of the two".to_owned(),
            Self::OverlappingShifts { .. } => "let one end before the other begins, or remove one".to_owned(),
            Self::ShiftOnLeave { .. } => "take the shift or the leave out".to_owned(),
            Self::SecretOutsideProject { .. } => {
                "keep the file below the project folder and name it from there, as in secrets/seat-8001".to_owned()
            }
            Self::NoSuchDate { .. } => "write a day of the calendar as YYYY-MM-DD".to_owned(),
            Self::DatesReversed { .. } => "the earlier day comes first".to_owned(),
            Self::NoDayLeft => "widen the range, or take days out of weekdays or except".to_owned(),
            Self::RosterWithoutDates => "add the first and the last day, as in `from: 2026-12-01` and `to: 2026-12-07`".to_owned(),
            Self::RosterTooLong { .. } => "one sign a day; take out what is marked, or move `to`".to_owned(),
            Self::DayOffWithTimes { key, .. } => format!("take {key} out, or make it a type of work"),
            Self::ShiftWithoutDate => "add `date: 2026-12-01`, or `dates: {from: 2026-12-01, to: 2026-12-05}`".to_owned(),
            Self::DateAndDates => "keep one of the two".to_owned(),
            Self::ShiftWithoutTimes => "add `start: \"09:00\"` and `end: \"18:00\"`, or the sign of a shift type as `type`".to_owned(),
            Self::TypeAndTimes { .. } => "the type says the rest; keep one of the two".to_owned(),
            Self::ReferenceToRemoved { .. } => "take the reference out, or bring the Support back".to_owned(),
            Self::DuplicatePermission { .. } => "one Permission decides about each module of a person".to_owned(),
            Self::ProtectAndAbsent => "take protect out first and apply that; ensure: absent comes after".to_owned(),
            Self::MisplacedProject => "keep it in the project file, outside the folders that `manifests` finds".to_owned(),
            Self::TooManyObjects { .. } => "look for labels with long ranges of dates".to_owned(),
            Self::CannotBeEmpty { field } if field == "customFields" => "null clears single custom fields: {field_1: null}".to_owned(),
            Self::CannotBeEmpty { .. } => "leave the field out to keep what the platform has".to_owned(),
            Self::SecretNotAllowed { allowed, .. } if allowed.is_empty() => {
                "secrets.allowEnv in the project file lists the allowed variables; it is empty".to_owned()
            }
            Self::SecretNotAllowed { allowed, .. } => format!("secrets.allowEnv in the project file allows {}", allowed.join(", ")),
            Self::SecretIsACredential { .. } => "give the secret a variable or a file of its own".to_owned(),
            Self::SecretInHiddenFolder { .. } => "keep secrets in a folder whose name does not begin with a dot".to_owned(),
            Self::RangeTooLong { .. } => "split the range; 366 days are the most".to_owned(),
            Self::RosterTooShort { .. } => "one sign a day; \".\" leaves a day alone".to_owned(),
            Self::UnknownSign { known, .. } if known.is_empty() => "there are no shift types yet: add shiftTypes".to_owned(),
            Self::UnknownSign { known, .. } => format!("known signs: {known}"),
            Self::ShiftTypeWithoutTimes { .. } => "only type: rest and type: leave have no times".to_owned(),
            Self::ShiftIsEmpty { .. } => "a shift whose end is before its start ends the next day".to_owned(),
            Self::ShortRest { minimum, .. } => format!("at least {minimum} hours are expected"),
            Self::BrakeHasNoKinds { .. } => "leave kind out".to_owned(),
            Self::ExpiredRelease { .. } => "remove the document, or release the brake anew".to_owned(),
            Self::BadSeatRange { why: BadRange::NotNumbers, .. } => "write the first and the last number, as in \"8031..8040\"".to_owned(),
            Self::BadSeatRange { why: BadRange::Widths, .. } => {
                "zeros in front are part of a number, as in \"0098..0102\"; without them write two ranges".to_owned()
            }
            Self::BadSeatRange { why: BadRange::Reversed, .. } => "the lower number comes first".to_owned(),
            Self::BadSeatRange { why: BadRange::TooMany { .. }, .. } => "split it, if it is meant".to_owned(),
            Self::AmbiguousSeat { .. } => {
                "the narrower entry wins: give the seats that both hold an entry of their own, or make one range smaller".to_owned()
            }
            Self::SeatWithoutRole { .. } => "without one the platform picks a role at random; set spec.role".to_owned(),
        }
    }

    pub(in crate::diagnostic) fn other_label(&self) -> &'static str {
        match self {
            Self::DuplicateName { .. }
            | Self::DuplicateAccount { .. }
            | Self::DuplicateOperatorId { .. }
            | Self::DuplicatePermission { .. }
            | Self::DuplicateShift { .. }
            | Self::DuplicateStaffNumber { .. } => "first here",
            Self::AmbiguousSeat { .. } => "the other range",
            Self::ReferenceToRemoved { .. } => "removed here",
            Self::ProtectAndAbsent => "absent here",
            Self::OverlappingShifts { .. } | Self::ShortRest { .. } => "the earlier shift",
            Self::ShiftOnLeave { .. } => "leave is marked here",
            Self::UnknownSign { .. } => "and here",
            Self::DateAndDates | Self::TypeAndTimes { .. } => "beside this",
            _ => "",
        }
    }
}

fn did_you_mean(nearest: &Text) -> String {
    format!("did you mean {}?", quote(nearest))
}

fn pair(key: &str, value: &str) -> String {
    quote(&format!("{key}: {value}"))
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `2026-12-01 22:00`
fn moment(at: DateTime) -> String {
    format!("{} {}", at.date(), format_time(at.time()))
}

/// `2026-12-01 22:00 to 06:00`; the day of the end goes without saying.
fn range((begins, ends): (DateTime, DateTime)) -> String {
    format!("{} to {}", moment(begins), format_time(ends.time()))
}

/// `9 h`, `8 h 30 min`
fn hours(minutes: i64) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    if rest == 0 { format!("{hours} h") } else { format!("{hours} h {rest} min") }
}
