use deskform_model::kind::Module;
use deskform_model::time::{parse_date, parse_time};
use deskform_model::{Address, FieldKey, Kind, NaturalKey, Person, RemoteId, Text, Value, Values};
use proptest::prelude::*;

use super::super::{Entry, EntryId, Identity, Intent, Recycled};
use super::*;

fn remote(id: &str) -> RemoteId {
    RemoteId::new(id).expect("not empty")
}

fn set(kind: Kind, values: &[(&str, Value)]) -> Values {
    values.iter().map(|(name, value)| (kind.key(name).expect("a field"), value.clone())).collect()
}

fn shift(duties: &[&str]) -> Entry {
    let person = Person::Declared("zhang-san".into());
    let date = parse_date("2026-12-01").expect("a date");
    let start = parse_time("22:00").expect("a time");
    let values = [
        ("start", Value::text("22:00")),
        ("end", Value::text("06:00")),
        ("name", Value::text("夜班")),
        ("remark", Value::text("line one\nline \"two\"")),
        ("url", Value::Null),
    ];
    Entry {
        address: Address::shift(&person, date, start),
        key: NaturalKey::Shift { person: Person::Id("10591".into()), date, start },
        remotes: duties.iter().map(|id| remote(id)).collect(),
        set: set(Kind::Shift, &values),
        seen: Some(set(Kind::Shift, &values[..4])),
        at: "2026-11-21T09:00:00".into(),
        protect: false,
        support: None,
        title: "夜班".into(),
    }
}

fn seat() -> Entry {
    Entry {
        address: Address::agent("8001"),
        key: NaturalKey::Agent { operator_id: "8001".into() },
        remotes: vec![remote("8001")],
        set: set(Kind::Agent, &[("name", Value::text("张三")), ("password", Value::Secret { version: 3 }), ("role", Value::text("客服"))]),
        seen: Some(set(Kind::Agent, &[("name", Value::text("ZHANG"))])),
        at: "2026-11-21T09:00:00".into(),
        protect: true,
        support: Some(remote("10591")),
        title: Text::default(),
    }
}

fn permission() -> Entry {
    let person = Person::Id("10591".into());
    Entry {
        address: Address::permission(&person, Module::CallCenter),
        key: NaturalKey::Permission { person, module: Module::CallCenter },
        remotes: vec![remote("10591")],
        set: set(Kind::Permission, &[("enabled", Value::Flag(true))]),
        seen: None,
        at: "2026-11-21T09:00:00".into(),
        protect: false,
        support: None,
        title: Text::default(),
    }
}

fn ledger() -> Ledger {
    let mut custom = set(Kind::Support, &[("staffNumber", Value::text("001")), ("groups", Value::set(["2".into(), "1".into()]))]);
    custom.insert(FieldKey::Custom("field_11".into()), Value::List(vec!["北京市".into(), "丰台区".into()]));
    let mut ledger = Ledger {
        id: "a1b2".into(),
        serial: 7,
        identity: Identity { project: "acme".into(), helpdesk: "https://h.example".into(), ..Identity::default() },
        revision: "4f2c".into(),
        applied_plans: vec!["p1".into()],
        ..Ledger::default()
    };
    for entry in [shift(&["10591_2026-12-01_1", "10591_2026-12-02_2"]), seat(), permission()] {
        ledger.entries.insert(entry.id(), entry);
    }
    let recycled = Recycled { remote: remote("77"), address: Address::support("li-si"), set: custom };
    ledger.recycled.insert("13900000002".into(), recycled);
    let Entry { address, key, set, at, .. } = shift(&["x"]);
    ledger.intents.insert(4, Intent { number: 4, address, key, set, at, support: None });
    ledger
}

fn text(ledger: &Ledger) -> String {
    snapshot(ledger).collect()
}

fn segment(ledger: &Ledger, records: &[Record]) -> String {
    let mut text = segment_header(ledger);
    records.iter().for_each(|record| write_record(&mut text, record));
    text
}

#[test]
fn a_snapshot_reads_back_as_the_same_ledger() {
    assert_eq!(read_snapshot(&text(&ledger())), Ok(ledger()));
    assert_eq!(read_snapshot(&text(&Ledger::default())), Ok(Ledger::default()));
}

#[test]
fn a_snapshot_is_json_with_the_header_first_and_one_entry_a_line() {
    let text = text(&ledger());
    serde_json::from_str::<serde_json::Value>(&text).expect("valid JSON");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("{\"ledger\":{\"format\":1,"), "{}", lines[0]);
    assert!(lines[1].starts_with("{\"address\":\"permission/id:10591/callCenter\""), "{}", lines[1]);
    assert!(lines[2].starts_with("{\"address\":\"shift/zhang-san/2026-12-01T22:00\""), "{}", lines[2]);
    assert!(lines[3].starts_with("{\"address\":\"agent/8001\""), "{}", lines[3]);
}

#[test]
fn a_snapshot_in_many_pieces_has_its_lines_in_order() {
    for entries in [0, 1, PIECE / 300, 3 * PIECE / 300] {
        let ids = (0..entries).map(|at| format!("{at:05}"));
        let many = Ledger { entries: ids.map(|id| shift(&[&id])).map(|entry| (entry.id(), entry)).collect(), ..ledger() };
        let lines = |text: &str| text.lines().filter(|line| line.starts_with("{\"address\":\"shift/")).count();
        assert_eq!(lines(&text(&many)), entries);
        assert_eq!(read_snapshot(&text(&many)), Ok(many));
    }
}

#[test]
fn a_snapshot_that_was_reformatted_still_reads() {
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&text(&ledger())).expect("JSON")).expect("JSON");
    assert_eq!(read_snapshot(&pretty), Ok(ledger()));
}

#[test]
fn what_was_seen_as_it_was_sent_is_not_written_twice() {
    let mut line = String::new();
    super::written::entry(&mut line, &shift(&["1"]), None);
    assert_eq!(line.matches("夜班").count(), 2, "once in set, once as the title: {line}");
}

#[test]
fn every_record_has_the_shape_that_readers_know() {
    let (duty, announced) = (EntryId { kind: Kind::Shift, id: "10591_2026-12-01_1".into() }, ledger().intents[&4].clone());
    let values = r#"{"end":"06:00","name":"夜班","remark":"line one\nline \"two\"","start":"22:00","url":null}"#;
    let shift_key = r#"{"person":"id:10591","date":"2026-12-01","start":"22:00"}"#;
    let done = |entry: Entry, intent| Record::Done { intent, entry: Box::new(entry) };
    let recycled =
        Recycled { remote: remote("7"), address: Address::support("li"), set: set(Kind::Support, &[("name", Value::text("李"))]) };
    for (record, line) in [
        (
            Record::Intended(announced),
            format!(
                r#"{{"intended":{{"number":4,"address":"shift/zhang-san/2026-12-01T22:00","key":{shift_key},"set":{values},"at":"2026-11-21T09:00:00"}}}}"#
            ),
        ),
        (Record::Withdrawn { intent: 4 }, r#"{"withdrawn":4}"#.to_owned()),
        (
            done(shift(&["a", "b"]), Some(4)),
            format!(
                r#"{{"done":{{"address":"shift/zhang-san/2026-12-01T22:00","key":{shift_key},"remotes":["a","b"],"set":{values},"seen":{{}},"unseen":["url"],"at":"2026-11-21T09:00:00","title":"夜班","intent":4}}}}"#
            ),
        ),
        (
            done(seat(), None),
            r#"{"done":{"address":"agent/8001","key":{"operatorId":"8001"},"remotes":["8001"],"set":{"name":"张三","password":{"secretVersion":3},"role":"客服"},"seen":{"name":"ZHANG"},"at":"2026-11-21T09:00:00","protect":true,"support":"10591"}}"#
                .to_owned(),
        ),
        (
            done(permission(), None),
            r#"{"done":{"address":"permission/id:10591/callCenter","key":{"person":"id:10591","module":"callCenter"},"remotes":["10591"],"set":{"enabled":true},"at":"2026-11-21T09:00:00"}}"#
                .to_owned(),
        ),
        (Record::Gone { id: duty.clone() }, r#"{"gone":"shift/10591_2026-12-01_1"}"#.to_owned()),
        (
            Record::Recycled { account: "a\"b".into(), recycled: Box::new(recycled) },
            r#"{"recycled":{"account":"a\"b","remote":"7","address":"support/li","set":{"name":"李"}}}"#.to_owned(),
        ),
        (
            Record::Seen { id: duty, seen: set(Kind::Shift, &[("name", Value::text("NIGHT"))]) },
            r#"{"seen":{"id":"shift/10591_2026-12-01_1","seen":{"name":"NIGHT"}}}"#.to_owned(),
        ),
        (Record::LeftBin { account: "a".into() }, r#"{"leftBin":"a"}"#.to_owned()),
        (Record::Applied { revision: "4f2c".into(), plan: Text::default() }, r#"{"applied":{"revision":"4f2c","plan":""}}"#.to_owned()),
    ] {
        assert_eq!(record_line(&record), line + "\n");
    }
}

#[test]
fn a_damaged_entry_is_named_by_its_line() {
    let damaged = text(&ledger()).replace("\"address\":\"agent/8001\"", "\"address\":\"robot/8001\"");
    let Err(FormatError::Damaged { line, what }) = read_snapshot(&damaged) else { panic!("it was read") };
    assert_eq!((line, what.as_str()), (4, "\"robot/8001\" is no address"));
}

#[test]
fn damaged_values_are_named_by_their_line_however_often_they_were_read_before() {
    let mut twins = ledger();
    let mut twin = shift(&["10591_2026-12-03_3"]);
    twin.at = "2026-11-22T09:00:00".into();
    twins.entries.insert(twin.id(), twin);
    let text = text(&twins);
    for (good, bad, what) in [
        ("\"unseen\":[\"url\"],\"at\":\"2026-11-22", "\"unseen\":[8],\"at\":\"2026-11-22", "invalid type: integer `8`, expected a string"),
        (
            "\"seen\":{},\"unseen\":[\"url\"],\"at\":\"2026-11-22",
            "\"seen\":7,\"at\":\"2026-11-22",
            "invalid type: integer `7`, expected a map",
        ),
        (
            "\"seen\":{},\"unseen\":[\"url\"],\"at\":\"2026-11-22",
            "\"seen\":{\"name\":{\"set\":7}},\"at\":\"2026-11-22",
            "the values of a shift are of no known form",
        ),
    ] {
        assert!(text.contains(good), "{text}");
        let damaged = FormatError::Damaged { line: 4, what: what.to_owned() };
        assert_eq!(read_snapshot(&text.replace(good, bad)), Err(damaged), "{bad}");
    }
}

#[test]
fn entries_with_the_same_values_differ_in_what_was_seen_of_them() {
    let mut alike = ledger();
    let seen = shift(&["a"]).seen;
    let mut other = seen.clone().unwrap_or_default();
    other.insert(Kind::Shift.key("name").expect("a field"), Value::text("NIGHT"));
    let all = Some(set(Kind::Shift, &[("url", Value::Null)]));
    for (id, seen) in [("a", seen.clone()), ("b", seen), ("c", None), ("d", Some(other)), ("e", all), ("f", Some(Values::new()))] {
        let entry = Entry { seen, ..shift(&[id]) };
        alike.entries.insert(entry.id(), entry);
    }
    assert_eq!(read_snapshot(&text(&alike)), Ok(alike.clone()));
    let records: Vec<Record> = alike.entries.values().map(|entry| Record::Done { intent: None, entry: Box::new(entry.clone()) }).collect();
    let mut replayed = ledger();
    replay(&segment(&replayed, &records), &mut replayed).expect("readable");
    assert_eq!(replayed, alike);
}

#[test]
fn a_cut_snapshot_is_damaged() {
    let text = text(&ledger());
    let cut = &text[..text.char_indices().map(|(at, _)| at).nth(text.chars().count() / 2).expect("inside")];
    assert!(matches!(read_snapshot(cut), Err(FormatError::Damaged { .. })));
}

#[test]
fn a_newer_format_says_who_wrote_it_even_when_nothing_else_is_understood() {
    let newer = "{\"ledger\":{\"format\":9,\"writtenBy\":\"3.1.0\"},\"things\":{}}";
    let error = read_snapshot(newer).expect_err("newer");
    assert_eq!(error, FormatError::Newer { format: 9, writer: "3.1.0".into() });
    assert!(error.to_string().contains("use deskform 3.1.0 or newer"), "{error}");
    let newer = "{\"segment\":{\"format\":9,\"writtenBy\":\"3.1.0\"}}\n";
    assert_eq!(replay(newer, &mut ledger()), Err(FormatError::Newer { format: 9, writer: "3.1.0".into() }));
}

#[test]
fn a_segment_replays_to_the_ledger_that_wrote_it() {
    let start = ledger();
    let mut wanted = start.clone();
    let Entry { address, key, set, at, .. } = shift(&["x"]);
    let records = [
        Record::Intended(Intent { number: 9, address, key, set: set.clone(), at, support: Some(remote("5")) }),
        Record::Done { intent: Some(9), entry: Box::new(shift(&["new/1", "new 2"])) },
        Record::Withdrawn { intent: 4 },
        Record::Gone { id: EntryId::new(Kind::Agent, &remote("8001")) },
        Record::Seen { id: shift(&["new/1"]).id(), seen: set },
        Record::Recycled {
            account: "139".into(),
            recycled: Box::new(Recycled { remote: remote("3"), address: Address::support("a"), set: Values::new() }),
        },
        Record::LeftBin { account: "13900000002".into() },
        Record::Applied { revision: "77aa".into(), plan: "p2".into() },
    ];
    for record in &records {
        wanted.record(record.clone());
    }
    let mut replayed = start.clone();
    assert_eq!(replay(&segment(&start, &records), &mut replayed), Ok(Replayed { runs: 1, records: 8, torn: false }));
    assert_eq!(replayed, wanted);
}

#[test]
fn an_unfinished_last_line_is_ignored_and_any_other_bad_line_is_damage() {
    let start = ledger();
    let whole = segment(&start, &[Record::Withdrawn { intent: 4 }, Record::Gone { id: seat().id() }]);
    for cut in whole.find("{\"gone\"").expect("there") + 1..whole.len() {
        let mut replayed = start.clone();
        assert_eq!(replay(&whole[..cut], &mut replayed), Ok(Replayed { runs: 1, records: 1, torn: true }));
        assert!(replayed.intents.is_empty() && replayed.entries.len() == 3);
    }
    let bad = whole.replace("{\"withdrawn\":4}", "{\"withdr");
    assert!(matches!(replay(&bad, &mut start.clone()), Err(FormatError::Damaged { line: 2, .. })));
}

#[test]
fn a_later_run_continues_the_segment_behind_a_header_of_its_own() {
    let start = ledger();
    let text = segment(&start, &[Record::Withdrawn { intent: 4 }]) + &segment(&start, &[Record::Gone { id: seat().id() }]);
    let mut replayed = start.clone();
    assert_eq!(replay(&text, &mut replayed), Ok(Replayed { runs: 2, records: 2, torn: false }));
    assert!(replayed.intents.is_empty() && !replayed.entries.contains_key(&seat().id()));
    let foreign = segment(&start, &[]) + &segment(&Ledger { serial: 6, ..ledger() }, &[]);
    assert!(matches!(replay(&foreign, &mut start.clone()), Err(FormatError::Damaged { .. })));
}

#[test]
fn a_segment_of_another_ledger_or_serial_is_refused() {
    let other = Ledger { id: "ffff".into(), ..ledger() };
    assert!(matches!(replay(&segment(&other, &[]), &mut ledger()), Err(FormatError::Damaged { line: 1, .. })));
    let older = Ledger { serial: 6, ..ledger() };
    assert!(matches!(replay(&segment(&older, &[]), &mut ledger()), Err(FormatError::Damaged { line: 1, .. })));
}

#[test]
fn a_segment_tells_which_platforms_were_used_first_after_the_snapshot() {
    let mut used = ledger();
    used.identity.call_center = "https://cc.example".into();
    let mut read = ledger();
    replay(&segment(&used, &[]), &mut read).expect("readable");
    assert_eq!(read.identity.call_center, "https://cc.example");
}

proptest! {
    #[test]
    fn any_text_and_any_seen_survive(name in ".*", title in ".*", id in ".+", shown in proptest::option::of(proptest::option::of(".*"))) {
        let mut entry = seat();
        entry.title = title.as_str().into();
        entry.remotes = vec![remote(&id)];
        let key = Kind::Agent.key("name").expect("a field");
        entry.set.insert(key.clone(), Value::text(name.as_str()));
        entry.seen = shown.map(|shown| shown.map(|shown| (key, Value::text(shown.as_str()))).into_iter().collect());
        let record = Record::Done { intent: None, entry: Box::new(entry) };
        let mut read = ledger();
        let mut wanted = ledger();
        wanted.record(record.clone());
        prop_assert_eq!(replay(&segment(&ledger(), &[record]), &mut read), Ok(Replayed { runs: 1, records: 1, torn: false }));
        prop_assert_eq!(&read, &wanted);
        prop_assert_eq!(read_snapshot(&text(&wanted)), Ok(wanted));
    }
}
