//! What the platforms' JSON costs without a network: pages read from bytes to values, and requests written from values to bytes.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use deskform_applier::wire::decode::{decode_agent, decode_support};
use deskform_applier::wire::duties::decode_duties;
use deskform_applier::writes::duty;
use deskform_model::kind::shift::{END, NAME, START};
use deskform_model::time::{next_day, parse_date, parse_time};
use deskform_model::{FieldKey, Kind, RemoteId, Value, Values};
use deskform_planner::overnight::Piece;
use serde_json::{Value as Json, json};

/// A page of the lists that have pages.
const PAGE: usize = 100;
/// People in a reply with everybody's duties, thirty each.
const PEOPLE: usize = 300;
/// Duties in one request.
const MONTH: usize = 31;

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("wire");
    group.sample_size(10);

    let supports = json!({ "count": "100", "supports": (0..PAGE).map(support).collect::<Vec<_>>() }).to_string();
    group.throughput(Throughput::Elements(PAGE as u64));
    group.bench_function("parse/page of supports", |bench| {
        bench.iter(|| {
            let page: Json = serde_json::from_str(black_box(&supports)).expect("JSON");
            let items = page["supports"].as_array().expect("a list");
            items.iter().map(|item| decode_support(item, false).expect("readable")).collect::<Vec<_>>()
        });
    });

    let agents = json!({ "code": 0, "data": { "result": (0..PAGE).map(agent).collect::<Vec<_>>() } }).to_string();
    group.bench_function("parse/page of seats", |bench| {
        bench.iter(|| {
            let page: Json = serde_json::from_str(black_box(&agents)).expect("JSON");
            let items = page["data"]["result"].as_array().expect("a list");
            items.iter().map(|item| decode_agent(item).expect("readable")).collect::<Vec<_>>()
        });
    });

    let list: Vec<Json> = (0..PEOPLE).flat_map(|person| (1..=30).map(move |day| duty_of(person, day))).collect();
    let duties = json!({ "code": "0", "data": { "duty": list } }).to_string();
    group.throughput(Throughput::Elements((PEOPLE * 30) as u64));
    group.bench_function("parse/month of duties", |bench| {
        bench.iter(|| {
            let mut page: Json = serde_json::from_str(black_box(&duties)).expect("JSON");
            let (duties, problems) = decode_duties(&page["data"].take());
            assert!(problems.is_empty() && duties.len() == PEOPLE * 30);
            duties
        });
    });

    let person = RemoteId::new("1").expect("not empty");
    let values = Values::from_iter([
        (FieldKey::Known(START), Value::text("09:00")),
        (FieldKey::Known(END), Value::text("18:00")),
        (FieldKey::Known(NAME), Value::text("中班")),
        (Kind::Shift.key("remark").expect("a field"), Value::text("前台")),
    ]);
    let first = parse_date("2026-12-01").expect("a date");
    let time = |text| parse_time(text).expect("a time");
    let days = std::iter::successors(Some(first), |day| next_day(*day)).take(MONTH);
    let month: Vec<(Piece, &Values)> = days.map(|date| (Piece { date, start: time("09:00"), end: time("18:00") }, &values)).collect();
    group.throughput(Throughput::Elements(MONTH as u64));
    group.bench_function("serialise/month of one person", |bench| {
        bench.iter(|| duty::create(black_box(&person), black_box(&month)).body.expect("a body"));
    });
    group.finish();
}

fn support(number: usize) -> Json {
    json!({
        "sId": 1_000 + number, "sPassportName": format!("130{number:08}"), "sNum": format!("{number:05}"), "name": "欧阳秀英",
        "sex": "1", "email": format!("staff-{number:05}@example.com"), "mobile": format!("130{number:08}"), "groupId": "344124,344214",
        "isAdmin": "0",
    })
}

fn agent(number: usize) -> Json {
    json!({
        "operatorId": format!("{}", 10_000 + number), "name": "欧阳秀英", "operatorType": 0, "isHidePhone": 0, "isrecord": "1", "status": 1,
        "isaudio": 1, "ttscontent": "您好,欢迎致电。", "sipnumber": null,
    })
}

fn duty_of(person: usize, day: usize) -> Json {
    json!({
        "dutyId": format!("{person}-{day}"), "sid": 1_000 + person, "date": format!("2026-12-{day:02}"), "start_time": "09:00",
        "end_time": "18:00", "name": "中班", "remark": "前台",
    })
}

criterion_group!(benches, bench);
criterion_main!(benches);
