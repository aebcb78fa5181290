//! What replies and lists show of something that was created.

use std::collections::BTreeMap;

use deskform_model::codec::scalar_text;
use deskform_model::kind::shift::NAME;
use deskform_model::{Address, FieldKey, Kind, RemoteId, Text, Value, Values};
use deskform_planner::Duty;
use deskform_planner::overnight::hours;
use secrecy::SecretString;
use serde_json::Value as Json;

use super::job::Wanted;
use crate::client::Reply;
use crate::credentials::SeatCredentials;
use crate::wire::decode::{UnreadableObject, decode_support};

/// The new `sId`: from the body, else from `Location` (api-spec.md H13).
pub(super) fn created_support(reply: &Reply) -> Option<RemoteId> {
    if let Ok(record) = decode_support(&reply.content, false) {
        return Some(record.remote);
    }
    let last = reply.location.as_deref()?.rsplit('/').next()?;
    RemoteId::new(last.strip_suffix(".json").unwrap_or(last))
}

/// What the platform generated for a new seat (api-spec.md section 5, A25): the password to sign in with unless a manifest chose it, and
/// its phone's number and password. Empty where the reply shows nothing of the seat.
pub(super) fn created_credentials(data: &Json, id: &RemoteId, values: &Values) -> SeatCredentials {
    let seat = match shown(data) {
        // The only one there is belongs to this request, whether it says so or not.
        [only] if text(only, "operatorId").is_none_or(|shown| shown == id.as_str()) => Some(only),
        several => several.iter().find(|seat| text(seat, "operatorId").is_some_and(|shown| shown == id.as_str())),
    };
    credentials(seat, id, values.named(Kind::Agent, "password").is_some())
}

/// The seats that a reply to a batch shows, by number. One without a number could be any of them and is left out.
pub(super) fn created_seats(data: &Json) -> BTreeMap<RemoteId, &Json> {
    shown(data).iter().filter_map(|seat| Some((RemoteId::new(text(seat, "operatorId")?)?, seat))).collect()
}

/// What a reply shows of one seat's credentials; a password that a manifest chose is none of the platform's.
pub(super) fn credentials(seat: Option<&Json>, id: &RemoteId, chosen: bool) -> SeatCredentials {
    let secret = |name: &str| seat.and_then(|seat| text(seat, name)).map(|text| SecretString::from(text.as_str()));
    SeatCredentials {
        address: Address::agent(id.as_str()),
        operator_id: id.text().clone(),
        operator_password: secret("operatorPassword").filter(|_| !chosen),
        sip_number: seat.and_then(|seat| text(seat, "sipNumber")),
        sip_password: secret("sipPassword"),
    }
}

fn shown(data: &Json) -> &[Json] {
    data.as_array().map_or(std::slice::from_ref(data), Vec::as_slice)
}

fn text(seat: &Json, name: &str) -> Option<Text> {
    seat.get(name).and_then(scalar_text).filter(|text| !text.is_empty())
}

/// The ids of what was created, in the order of what was wanted; `None` unless each is shown exactly once.
///
/// The reply is about this request, so a duty at the wanted hours is the wanted one even where the platform rewrote its name. Taking it
/// for another would send the creation again and make the shift twice.
pub(super) fn created_duties(shown: (Vec<Duty>, Vec<UnreadableObject>), person: &RemoteId, wanted: &[Wanted]) -> Option<Vec<RemoteId>> {
    let (mut shown, problems) = shown;
    if !problems.is_empty() || shown.len() != wanted.len() {
        return None;
    }
    let mut ids: Vec<Option<RemoteId>> = vec![None; wanted.len()];
    // Replies list duties in the order of the request, so the first match is near the front; at most a month's shifts are in one request.
    for fits in [is_equal, is_at_the_hours] {
        for (wanted, id) in wanted.iter().zip(&mut ids).filter(|(_, id)| id.is_none()) {
            *id = shown.iter().position(|duty| fits(duty, person, wanted)).map(|at| shown.remove(at).remote);
        }
    }
    ids.into_iter().collect()
}

/// Whether a live duty is the wanted one, ids aside (api-spec.md section 7).
fn is_equal(duty: &Duty, person: &RemoteId, wanted: &Wanted) -> bool {
    is_at_the_hours(duty, person, wanted) && duty.values.get(&FieldKey::Known(NAME)).unwrap_or(&Value::Null) == &wanted.name
}

fn is_at_the_hours(duty: &Duty, person: &RemoteId, wanted: &Wanted) -> bool {
    let piece = &wanted.piece;
    duty.person == *person && duty.date == piece.date && hours(&duty.values) == Some((piece.start, piece.end))
}

#[cfg(test)]
mod tests {
    use deskform_model::time::{parse_date, parse_time};
    use deskform_planner::overnight::Piece;
    use serde_json::json;

    use super::*;
    use crate::wire::duties::decode_duties;

    fn wanted(start: &str, end: &str) -> Wanted {
        let time = |text| parse_time(text).expect("a time");
        let piece = Piece { date: parse_date("2026-12-01").expect("a date"), start: time(start), end: time(end) };
        Wanted { piece, name: Value::text("早班") }
    }

    fn reply(duties: &[(&str, &str, &str)]) -> Json {
        let schedules: Vec<Json> =
            duties.iter().map(|(id, start, end)| json!({ "dutyId": id, "start_time": start, "end_time": end, "name": "早班" })).collect();
        json!({ "duty": [{ "sid": "7", "date": "2026-12-01", "schedules": schedules }] })
    }

    fn ids(reply: &Json, wanted: &[Wanted]) -> Option<Vec<String>> {
        let person = RemoteId::new("7").expect("not empty");
        Some(created_duties(decode_duties(reply), &person, wanted)?.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn ids_are_told_apart_by_hours_whatever_the_order_of_the_reply() {
        let reply = reply(&[("b", "14:00:00", "18:00:00"), ("a", "08:00", "12:00")]);
        assert_eq!(ids(&reply, &[wanted("08:00", "12:00"), wanted("14:00", "18:00")]), Some(vec!["a".into(), "b".into()]));
    }

    #[test]
    fn a_reply_that_lacks_a_shift_or_shows_others_is_no_proof() {
        let both = [wanted("08:00", "12:00"), wanted("14:00", "18:00")];
        assert_eq!(ids(&reply(&[("a", "08:00", "12:00")]), &both), None);
        assert_eq!(ids(&reply(&[("a", "08:00", "12:00"), ("b", "14:00", "19:00")]), &both), None);
        assert_eq!(ids(&json!(null), &both), None);
    }

    #[test]
    fn a_name_that_the_platform_rewrote_does_not_make_a_shift_another_one() {
        let mut early = wanted("08:00", "12:00");
        early.name = Value::text("早班 (前台)");
        let both = [early, wanted("08:00", "12:00")];
        // The exact one takes its own; what is left at the same hours is the rewritten one.
        assert_eq!(ids(&reply(&[("a", "08:00", "12:00"), ("b", "08:00", "12:00")]), &both), Some(vec!["b".into(), "a".into()]));
    }

    fn credentials(data: &Json, values: &Values) -> (Option<String>, Option<String>, Option<String>) {
        use secrecy::ExposeSecret as _;
        let seat = created_credentials(data, &RemoteId::new("8001").expect("not empty"), values);
        let shown = |secret: Option<SecretString>| secret.map(|secret| secret.expose_secret().to_owned());
        (shown(seat.operator_password), seat.sip_number.map(|number| number.to_string()), shown(seat.sip_password))
    }

    #[test]
    fn credentials_are_those_of_the_seat_and_a_chosen_password_is_none_of_them() {
        let seat = |id: &str| json!({ "operatorId": id, "operatorPassword": "p", "sipNumber": 870_001, "sipPassword": "s" });
        let all = (Some("p".to_owned()), Some("870001".to_owned()), Some("s".to_owned()));
        let none = (None, None, None);
        for (data, expected) in [
            (json!([seat("8001")]), &all),
            (seat("8001"), &all),
            (json!([seat("8000"), seat("8001")]), &all),
            (json!([{ "operatorPassword": "p", "sipNumber": "870001", "sipPassword": "s" }]), &all),
            (json!([seat("8002")]), &none),
            (json!([]), &none),
            (json!(null), &none),
            (json!([{ "operatorId": "8001", "operatorPassword": "", "sipPassword": null }]), &none),
        ] {
            assert_eq!(&credentials(&data, &Values::new()), expected, "{data}");
        }
        let chosen = Values::from_iter([(Kind::Agent.key("password").expect("a field"), Value::Secret { version: 1 })]);
        assert_eq!(credentials(&json!([seat("8001")]), &chosen).0, None);
    }

    #[test]
    fn two_equal_shifts_get_two_ids() {
        let twice = [wanted("08:00", "12:00"), wanted("08:00", "12:00")];
        assert_eq!(ids(&reply(&[("a", "08:00", "12:00"), ("b", "08:00", "12:00")]), &twice), Some(vec!["a".into(), "b".into()]));
    }
}
