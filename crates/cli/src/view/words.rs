//! What plans say about each code, in one place per code: another language is another set of these functions.

use deskform_model::codec::Codec;
use deskform_model::{Kind, Value, Values};
use deskform_planner::Action;
use deskform_planner::plan::{FieldReason, ForgetReason, NoteKind, Reason, Refusal};
use deskform_planner::scope::HeldBack;

use super::plural::Noun;

/// Why a change is there, where the mark alone does not say it.
pub fn reason(kind: Kind, reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::New | Reason::YourChange | Reason::Drift | Reason::Both | Reason::Destroy => None,
        Reason::Vanished => Some("gone from the platform, made again"),
        Reason::Adopted => Some("exists already, taken over"),
        Reason::NotDeclared => Some("no longer declared"),
        Reason::EnsureAbsent => Some("ensure: absent"),
        Reason::EnsureReleased => Some("ensure: released"),
        Reason::ReplaceAsked => Some("replaced, as --replace asks"),
        Reason::Replaced => Some(match kind {
            Kind::Support | Kind::Agent => "replaced, a fixed field changed",
            Kind::Permission | Kind::Shift => "its person is replaced",
        }),
    }
}

/// What happens to an object of this kind when it is deleted, beyond its being gone.
pub fn deletion(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Support => Some("to the recycle bin"),
        Kind::Permission => Some("switched off"),
        Kind::Shift | Kind::Agent => None,
    }
}

/// What a seat loses when it is deleted and created anew, because the new one is not given it.
pub fn lost_with_seat(last: &Values, successor: &Action) -> Option<String> {
    let Action::Create { values, secret } = successor else { return None };
    let sip = last.named(Kind::Agent, "sipNumber").and_then(Value::as_text);
    let sip = sip.filter(|_| values.named(Kind::Agent, "sipNumber").is_none_or(|value| *value == Value::Null));
    match (secret, sip) {
        (None, Some(sip)) => Some(format!("its password and its SIP number {sip} are lost")),
        (None, None) => Some("its password is lost".to_owned()),
        (Some(_), Some(sip)) => Some(format!("its SIP number {sip} is lost")),
        (Some(_), None) => None,
    }
}

/// Who changed a field, where it was not the manifests alone.
pub fn field_reason(why: FieldReason) -> Option<&'static str> {
    match why {
        FieldReason::YourChange | FieldReason::Unrecorded => None,
        FieldReason::Drift => Some("(changed on the platform)"),
        FieldReason::Both => Some("(changed here and on the platform)"),
    }
}

/// What the ledger alone learns without anything being taken over, moved or released: protection, or whose seat it is.
pub fn refresh() -> &'static str {
    "recorded anew"
}

/// Why something leaves the ledger.
pub fn forget(why: ForgetReason) -> &'static str {
    match why {
        ForgetReason::Gone => "neither declared nor on the platform",
        ForgetReason::Released => "ensure: released; it stays on the platform",
        ForgetReason::AlreadyOff => "switched off already",
    }
}

/// Why a resource cannot be as declared, and what can be done about it.
pub fn refusal(kind: Kind, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Fixed { field, have, want } => format!(
            "{} : {} -> {} is fixed once created; `lifecycle: {{replace: allow}}` would delete it and create it anew",
            field.name(kind),
            show(&field.field(kind).codec, have),
            show(&field.field(kind).codec, want),
        ),
        Refusal::BelowMinimum { field, have, want, min } => format!(
            "{} : {} -> {} is below {min}, the smallest that an edit accepts",
            field.name(kind),
            show(&field.field(kind).codec, have),
            show(&field.field(kind).codec, want),
        ),
        Refusal::PasswordCreateOnly { have, want } => {
            format!("password : (secret) version {have} -> {want}; the platform takes it at creation only, let the person change it")
        }
        Refusal::AdoptionRefused => "it exists already and is not managed here; `adopt: allow` would take it over".to_owned(),
        Refusal::TooLate { since } => format!("too late: its shift has begun or ended at {}", since.strftime("%Y-%m-%d %H:%M")),
    }
}

/// Why something selected is not carried out.
pub fn held_back(why: HeldBack) -> &'static str {
    match why {
        HeldBack::Removes => "it removes something",
        HeldBack::Replaces => "it belongs to a replacement, which removes something",
        HeldBack::Waits => "it waits for something that is left out",
    }
}

/// What a note says.
pub fn note(kind: Kind, note: &NoteKind) -> String {
    match note {
        NoteKind::NoLongerDeclared => "no longer declared and kept; `ensure: absent` or `ensure: released` decides".to_owned(),
        NoteKind::DriftKept { field, live, want } => format!(
            "{} : {} on the platform is kept, {} is declared",
            field.name(kind),
            show(&field.field(kind).codec, live),
            show(&field.field(kind).codec, want),
        ),
        NoteKind::Ended => "is over and differs from what is declared; left as it is".to_owned(),
        NoteKind::StartPinned { live, want } => {
            format!("is in progress: its start stays {}, {} is declared", show(&Codec::Time, live), show(&Codec::Time, want))
        }
        NoteKind::InProgressKept => "is in progress and no longer declared; left until it has ended".to_owned(),
        NoteKind::InitialOnly { field } => format!("{} is only used at creation; the change has no effect", field.name(kind)),
        NoteKind::MayStillAppear => {
            "may have been created already: the answer was lost a moment ago; apply waits and looks again".to_owned()
        }
    }
}

/// A field's value; of a secret only that it is one.
pub fn show(codec: &Codec, value: &Value) -> String {
    if matches!(codec, Codec::Secret { .. }) && !matches!(value, Value::Secret { .. } | Value::Null) {
        return "(secret)".to_owned();
    }
    codec.show(value)
}

/// What unmanaged objects of a kind are called: shifts that are over are not counted.
pub fn unmanaged(kind: Kind) -> Noun {
    match kind {
        Kind::Support => Noun::Person,
        Kind::Permission => Noun::Permission,
        Kind::Shift => Noun::FutureShift,
        Kind::Agent => Noun::Seat,
    }
}

/// `Mon` to `Sun`.
pub fn weekday(weekday: jiff::civil::Weekday) -> &'static str {
    use jiff::civil::Weekday;
    match weekday {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

/// What objects of a kind are called in tables and filters.
pub fn many(kind: Kind) -> &'static str {
    match kind {
        Kind::Support => "people",
        Kind::Permission => "permissions",
        Kind::Shift => "shifts",
        Kind::Agent => "seats",
    }
}

/// The text with a capital first letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
