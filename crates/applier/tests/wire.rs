//! Objects in replies, in every shape that the documents show.
#![allow(clippy::unwrap_used, missing_docs)]

use deskform_applier::wire::decode::{Stat, decode_agent, decode_support};
use deskform_applier::wire::duties::decode_duties;
use deskform_model::{FieldKey, Kind, NaturalKey, Text, Value, Values};
use serde_json::{Value as Json, json};

fn support(values: &Values, field: &str) -> Option<Value> {
    values.named(Kind::Support, field).cloned()
}

fn custom(values: &Values, key: &str) -> Option<Value> {
    values.get(&FieldKey::Custom(key.into())).cloned()
}

#[test]
fn ids_are_numbers_or_strings_and_compare_alike() {
    let number = decode_support(&json!({ "sId": 11, "sPassportName": "a" }), false).unwrap();
    let string = decode_support(&json!({ "sId": "11", "sPassportName": "a" }), false).unwrap();
    assert_eq!(number, string);
}

#[test]
fn a_list_item_shows_only_what_it_holds() {
    let record = decode_support(&json!({ "sId": 1, "name": "张三", "email": "", "mobile": null, "isAdmin": "1" }), false).unwrap();
    assert_eq!((record.account.as_deref(), record.is_whole()), (None, false));
    assert_eq!(support(&record.values, "name"), Some(Value::text("张三")));
    assert_eq!(support(&record.values, "email"), Some(Value::Null));
    assert_eq!(support(&record.values, "mobile"), Some(Value::Null));
    assert_eq!(support(&record.values, "admin"), Some(Value::Flag(true)));
    assert_eq!(support(&record.values, "qq"), None);
}

#[test]
fn a_single_reply_shows_absent_texts_as_empty_and_absent_flags_not_at_all() {
    let record = decode_support(&json!({ "sId": "1", "sPassportName": "a", "groupId": "9,10" }), true).unwrap();
    assert_eq!(support(&record.values, "qq"), Some(Value::Null));
    assert_eq!(support(&record.values, "groups"), Some(Value::set(["10".into(), "9".into()])));
    assert_eq!(support(&record.values, "admin"), None);
}

#[test]
fn custom_fields_are_read_from_single_replies_in_every_form_of_value() {
    let fields = json!([
        { "key": "field_1", "value": "4464896" },
        { "key": "field_2", "value": ["北京市", "丰台区"] },
        { "key": "field_3", "value": [{ "fileName": "a.txt", "fileUrl": "https://example.com/a" }] },
        { "key": "field_4", "value": 5 },
        { "key": "field_5" },
    ]);
    let json = json!({ "sId": 1, "sPassportName": "a", "custom_fields": fields });
    let values = decode_support(&json, true).unwrap().values;
    assert_eq!(custom(&values, "field_1"), Some(Value::text("4464896")));
    assert_eq!(custom(&values, "field_2"), Some(Value::List(vec!["北京市".into(), "丰台区".into()])));
    assert_eq!(custom(&values, "field_3"), Some(Value::Files(vec![("a.txt".into(), "https://example.com/a".into())])));
    assert_eq!(custom(&values, "field_4"), Some(Value::text("5")));
    assert_eq!(custom(&values, "field_5"), Some(Value::Null));
    assert_eq!(custom(&decode_support(&json, false).unwrap().values, "field_1"), None);
    let keyed = json!({ "sId": 1, "sPassportName": "a", "custom_fields": { "field_1": "x" } });
    assert_eq!(custom(&decode_support(&keyed, true).unwrap().values, "field_1"), Some(Value::text("x")));
}

#[test]
fn standing_is_known_only_where_it_is_shown() {
    for (stat, expected) in
        [(json!("0"), Some(Stat::Recycled)), (json!(1), Some(Stat::InService)), (json!("2"), Some(Stat::Purged)), (Json::Null, None)]
    {
        assert_eq!(decode_support(&json!({ "sId": 1, "isStat": stat }), false).unwrap().stat, expected);
    }
}

#[test]
fn a_wrapper_in_the_singular_may_hold_a_list() {
    assert_eq!(decode_support(&json!([{ "sId": 5 }]), true).unwrap().remote.as_str(), "5");
}

#[test]
fn what_cannot_be_read_is_named_without_its_value() {
    let message = |json: Json| decode_support(&json, false).unwrap_err().to_string();
    assert_eq!(message(json!({ "name": "x" })), "a support: \"sId\" is missing");
    assert_eq!(message(json!({ "sId": "" })), "a support: \"sId\" is missing");
    assert_eq!(message(json!("x")), "a support: an object is expected");
    let gender = message(json!({ "sId": 12, "gnder": "planted" }));
    assert!(gender.starts_with("support 12: field \"gnder\" holds") && !gender.contains("planted"), "{gender}");
}

#[test]
fn secrets_in_replies_are_dropped() {
    let agent = json!({ "operatorId": "8001", "password": "planted", "sipPassword": "planted", "operatorPassword": "planted" });
    assert!(!format!("{:?}", decode_agent(&agent).unwrap()).contains("planted"));
    let support = json!({ "sId": 1, "password": "planted" });
    assert!(!format!("{:?}", decode_support(&support, true).unwrap()).contains("planted"));
}

#[test]
fn null_empty_and_absent_texts_of_a_seat_are_alike() {
    let seat = |extra: Json| {
        let mut json = json!({ "operatorId": "8001", "operatorType": 1, "ctime": 5, "priority": 1 });
        json.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        decode_agent(&json).unwrap()
    };
    let absent = seat(json!({}));
    assert_eq!(absent, seat(json!({ "name": "", "sipNumber": "", "email": "" })));
    assert_eq!(absent, seat(json!({ "name": null, "sipNumber": null, "email": null })));
    assert_eq!(absent.key, NaturalKey::Agent { operator_id: "8001".into() });
    assert_eq!(absent.values.named(Kind::Agent, "type"), Some(&Value::text("leader")));
    assert_eq!(absent.values.named(Kind::Agent, "sipNumber"), Some(&Value::Null));
    assert_eq!(absent.values.named(Kind::Agent, "recordCalls"), None);
    assert_eq!(absent.values.named(Kind::Agent, "role"), None);
}

fn duty(id: &str) -> Json {
    json!({ "dutyId": id, "name": "早班", "start_time": "06:00:00", "end_time": "14:00", "status": "1" })
}

fn day(schedules: Json) -> Json {
    json!({ "sid": "10591", "date": "2023-12-04", "schedules": schedules })
}

/// The ids of the duties in `data`, with whose and when.
fn found(data: Json) -> Vec<String> {
    let (duties, problems) = decode_duties(&data);
    assert!(problems.is_empty(), "{problems:?}");
    duties.iter().map(|duty| format!("{} {} {}", duty.person, duty.date, duty.remote)).collect()
}

#[test]
fn duties_are_found_in_whatever_they_are_packed() {
    let one = ["10591 2023-12-04 a".to_owned()];
    for duty in [
        // One object, schedules nested twice: the documents' GET.
        day(json!([[duty("a")]])),
        // A list, schedules flat: the documents' POST.
        json!([day(json!([duty("a")]))]),
        // One duty where a list could be: the documents' PUT and DELETE.
        day(duty("a")),
        json!([[day(json!([[[duty("a")]]]))]]),
        json!({ "0": day(json!({ "0": duty("a") })) }),
        json!({ "7": { "1": day(json!([{ "3": duty("a") }])) } }),
    ] {
        assert_eq!(found(json!({ "duty": duty })), one);
    }
    assert_eq!(found(json!([day(json!([duty("a")]))])), one);
}

#[test]
fn nothing_on_a_day_has_many_forms() {
    for data in [
        Json::Null,
        json!([]),
        json!({}),
        json!({ "duty": [] }),
        json!({ "duty": null }),
        json!({ "duty": "" }),
        json!({ "duty": {} }),
        json!({ "duty": day(json!([])) }),
        json!({ "duty": day(json!([[]])) }),
        json!({ "duty": [day(Json::Null)] }),
    ] {
        assert_eq!(found(data.clone()), [""; 0], "{data}");
    }
}

#[test]
fn duties_are_sorted_by_person_and_day_wherever_they_stood() {
    let other = json!({ "sid": 2, "date": "2023-12-03 00:00:00", "schedules": [duty("c")] });
    let data = json!({ "duty": [day(json!([duty("b")])), other, day(json!([duty("a")]))] });
    assert_eq!(found(data), ["10591 2023-12-04 a", "10591 2023-12-04 b", "2 2023-12-03 c"]);
}

#[test]
fn a_duty_says_nothing_about_a_link_that_is_not_shown() {
    let read = |duty: Json| decode_duties(&json!({ "duty": day(json!([duty])) })).0.remove(0).values;
    let values = read(duty("a"));
    assert_eq!(values.named(Kind::Shift, "start"), Some(&Value::text("06:00")));
    assert_eq!(values.named(Kind::Shift, "remark"), Some(&Value::Null));
    assert_eq!(values.named(Kind::Shift, "url"), None);
    let mut linked = duty("a");
    linked["url"] = json!("");
    assert_eq!(read(linked).named(Kind::Shift, "url"), Some(&Value::Null));
}

#[test]
fn the_end_of_a_day_is_the_next_midnight() {
    let mut late = duty("a");
    late["end_time"] = json!("24:00");
    let values = decode_duties(&json!({ "duty": day(late) })).0.remove(0).values;
    assert_eq!(values.named(Kind::Shift, "end"), Some(&Value::text("00:00")));
}

#[test]
fn one_unreadable_duty_does_not_hide_the_rest() {
    let mut broken = duty("b");
    broken["start_time"] = json!("noon");
    let mut endless = duty("c");
    endless["end_time"] = json!("");
    let nobody = json!({ "date": "2023-12-04", "schedules": [duty("d")] });
    let never = json!({ "sid": 1, "date": "soon", "schedules": [duty("e")] });
    let nameless = json!({ "sid": 1, "date": "2023-12-04", "schedules": [{ "start_time": "06:00" }] });
    let data = json!({ "duty": [day(json!([duty("a"), broken, endless])), nobody, never, nameless, 5] });
    let (duties, problems) = decode_duties(&data);
    let ids: Vec<&Text> = duties.iter().map(|duty| duty.remote.text()).collect();
    assert_eq!(ids, ["a"]);
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(problems[0].starts_with("duty b: field \"start_time\" holds"), "{problems:?}");
    assert_eq!(
        problems[1..],
        [
            "duty c: \"end_time\" is missing",
            "duty d: \"sid\" is missing",
            "duty e: \"date\" is missing",
            "a duty of 1 on 2023-12-04: \"dutyId\" is missing",
            "the schedules: a list of duties is expected",
        ]
    );
}

#[test]
fn a_reply_without_duties_but_with_something_else_is_not_an_empty_one() {
    let (_, problems) = decode_duties(&json!({ "duties": [] }));
    assert_eq!(problems[0].to_string(), "the schedules: \"duty\" is missing");
}

#[test]
fn a_duty_is_read_alike_whatever_stands_beside_it() {
    let mut looks = vec![
        json!({ "start_time": "09:00", "end_time": "18:00" }),
        json!({ "start_time": "09:00", "end_time": "18:00", "name": "" }),
        json!({ "start_time": "09:00", "end_time": "18:00", "name": null }),
        json!({ "start_time": "09:00", "end_time": "18:00", "name": 7 }),
        json!({ "start_time": "09:00", "end_time": "18:00", "name": "7" }),
        json!({ "start_time": "09:00", "end_time": "18:00", "remark": "7" }),
        json!({ "start_time": "09:00", "end_time": "18:00", "url": "" }),
        json!({ "start_time": "09:00", "end_time": "24:00" }),
        json!({ "start_time": "09:00", "end_time": "25:00" }),
        json!({ "start_time": "09:00" }),
    ];
    looks.extend((0..40).map(|number| json!({ "start_time": "09:00:00", "end_time": "18:00", "remark": format!("前台 {number}") })));
    let duties: Vec<Json> = looks
        .iter()
        .chain(&looks)
        .enumerate()
        .map(|(at, look)| {
            let mut duty = json!({ "dutyId": format!("{at:03}"), "sid": 7, "date": "2026-12-01" });
            duty.as_object_mut().unwrap().extend(look.as_object().unwrap().clone());
            duty
        })
        .collect();
    let (mut alone, mut unreadable) = (Vec::new(), Vec::new());
    for duty in &duties {
        let (read, problems) = decode_duties(&json!({ "duty": duty }));
        alone.extend(read);
        unreadable.extend(problems);
    }
    let (mut together, problems) = decode_duties(&json!({ "duty": duties }));
    together.sort_by(|a, b| a.remote.cmp(&b.remote));
    assert_eq!((together, problems), (alone, unreadable));
}
