//! Reading a whole centre from the sandbox.
#![allow(clippy::unwrap_used, missing_docs)]

mod scripted;

use std::collections::BTreeSet;

use deskform_applier::{Client, Method, ReadProgress, Reader, Repeat, Request, Wrapper};
use deskform_model::time::{self, Date};
use deskform_model::{FieldKey, Kind, NaturalKey, Person, Platform, RemoteId, Value};
use deskform_planner::{Needs, Observed};
use deskform_sandbox::{Options, Running, Sandbox};
use serde_json::{Value as Json, json};

struct Desk {
    sandbox: Running,
    client: Client,
}

impl Desk {
    async fn open() -> Self {
        let sandbox = Sandbox::start(Options {
            account: "planted-account".into(),
            password: "planted-password".into(),
            token: "planted-token".into(),
            abbreviate: "acme".into(),
            ..Options::default()
        })
        .await
        .unwrap();
        let client = Client::new(scripted::options(sandbox.helpdesk_url())).unwrap();
        Self { sandbox, client }
    }

    fn reader(&self) -> Reader {
        Reader::new(self.client.clone())
    }

    async fn send(&self, method: Method, path: &str, wrapper: Wrapper, body: Json) -> Json {
        let request = Request::new(Platform::Helpdesk, method, path, Repeat::Unsafe, wrapper).body(body);
        self.client.send(&request).await.unwrap().content
    }

    async fn support(&self, account: &str) -> RemoteId {
        let body = json!({ "support": { "sPassportName": account, "sNum": "001", "name": account, "custom_fields": [
            { "key": "field_2", "value": "一线" },
        ] } });
        let created = self.send(Method::Post, "/api/v1/supports.json", Wrapper::Key("support"), body).await;
        RemoteId::new(created["sId"].to_string()).unwrap()
    }

    async fn recycle(&self, id: &RemoteId) {
        self.send(Method::Delete, &format!("/api/v1/supports/{id}.json"), Wrapper::Key("support"), json!({})).await;
    }

    async fn duty(&self, person: &RemoteId, date: &str) {
        let schedules = json!([{ "start_time": "09:00", "end_time": "18:00", "name": "早班" }]);
        let body = json!({ "duty": [{ "sid": person.as_str(), "date": date, "schedules": schedules }] });
        self.send(Method::Post, "/api/v1/schedules.json", Wrapper::Envelope, body).await;
    }

    async fn seat(&self, operator_id: &str) {
        let body = json!({ "operatorId": operator_id, "name": operator_id });
        let request = Request::call_center("create/v2", Repeat::Unsafe, body.as_object().unwrap().clone());
        self.client.send(&request).await.unwrap();
    }

    async fn observe(&self, needs: &Needs) -> Observed {
        self.reader().observe(needs, &mut |_| {}).await.unwrap()
    }

    fn sent(&self) -> Vec<String> {
        self.sandbox.journal().into_iter().map(|entry| format!("{} {}", entry.method, entry.path)).collect()
    }
}

fn day(text: &str) -> Date {
    time::parse_date(text).unwrap()
}

fn accounts(observed: &Observed) -> Vec<String> {
    let account = |key: &NaturalKey| if let NaturalKey::Support { account } = key { account.to_string() } else { panic!("{key:?}") };
    observed.supports.iter().map(|object| account(&object.key)).collect()
}

#[tokio::test]
async fn everything_that_is_there_is_read_and_sorted() {
    let desk = Desk::open().await;
    let mut people = Vec::new();
    for number in (0..105).rev() {
        people.push(desk.support(&format!("staff-{number:03}")).await);
    }
    for number in (0..12).rev() {
        desk.seat(&format!("80{number:02}")).await;
    }
    for date in ["2026-11-30", "2026-12-01", "2026-12-09", "2026-12-10", "2026-12-11"] {
        desk.duty(&people[0], date).await;
    }
    let needs = Needs { supports: true, duties: Some((day("2026-12-01"), day("2026-12-10"))), agents: true, ..Needs::default() };
    let mut steps = Vec::new();
    let observed = desk.reader().observe(&needs, &mut |step| steps.push(step)).await.unwrap();

    let mut expected: Vec<String> = (0..105).map(|number| format!("staff-{number:03}")).collect();
    expected.insert(0, "planted-account".into());
    assert_eq!(accounts(&observed), expected);
    assert_eq!(observed.caller.as_deref(), Some("planted-account"));
    let seats: Vec<&str> = observed.agents.iter().map(|seat| seat.remote.as_str()).collect();
    let expected: Vec<String> = (0..12).map(|number| format!("80{number:02}")).collect();
    assert_eq!(seats, expected);
    let days: Vec<String> = observed.duties.iter().map(|duty| format!("{} {}", duty.person, duty.date)).collect();
    assert_eq!(days, ["2026-12-01", "2026-12-09", "2026-12-10"].map(|date| format!("{} {date}", people[0])));
    assert_eq!(observed.duties[0].values.named(Kind::Shift, "name"), Some(&Value::text("早班")));
    assert_eq!(observed.supports[1].values.named(Kind::Support, "staffNumber"), Some(&Value::text("001")));

    assert!(steps.contains(&ReadProgress::Supports { read: 106, total: Some(106) }), "{steps:?}");
    assert!(steps.contains(&ReadProgress::Agents { read: 12, total: Some(12) }), "{steps:?}");
    assert!(steps.contains(&ReadProgress::Duties { read: 3, days: 10, total_days: 10 }), "{steps:?}");
}

#[tokio::test]
async fn one_list_a_page_and_nothing_else_is_requested() {
    let desk = Desk::open().await;
    for number in 0..99 {
        desk.support(&format!("staff-{number}")).await;
    }
    desk.sandbox.clear_journal();
    desk.observe(&Needs { supports: true, agents: true, ..Needs::default() }).await;
    let mut sent = desk.sent();
    sent.sort();
    assert_eq!(sent, ["GET /api/v1/supports.json?created_order=asc&page=1&per_page=100", "POST /api/v1/config/openapi/agent/page"]);
}

#[tokio::test]
async fn a_platform_that_nothing_concerns_is_not_contacted() {
    let desk = Desk::open().await;
    desk.observe(&Needs { agents: true, ..Needs::default() }).await;
    assert_eq!(desk.sent(), ["POST /api/v1/config/openapi/agent/page"]);
    desk.sandbox.clear_journal();
    desk.observe(&Needs { supports: true, duties: Some((day("2026-12-01"), day("2026-12-01"))), ..Needs::default() }).await;
    assert!(desk.sent().iter().all(|line| !line.contains("agent")));
    desk.sandbox.clear_journal();
    assert_eq!(desk.observe(&Needs::default()).await, Observed { caller: Some("planted-account".into()), ..Observed::default() });
    assert_eq!(desk.sent(), [""; 0]);
}

#[tokio::test]
async fn custom_fields_are_read_by_id_where_they_are_managed() {
    let desk = Desk::open().await;
    let managed = desk.support("managed").await;
    desk.support("other").await;
    desk.sandbox.clear_journal();
    let detail_accounts = BTreeSet::from(["managed".into(), "not-made-yet".into()]);
    let observed = desk.observe(&Needs { supports: true, detail_accounts, ..Needs::default() }).await;
    assert_eq!(desk.sent()[1..], [format!("GET /api/v1/supports/{managed}.json")]);
    let custom = |at: usize| observed.supports[at].values.get(&FieldKey::Custom("field_2".into())).cloned();
    assert_eq!(accounts(&observed), ["managed", "other", "planted-account"]);
    assert_eq!((custom(0), custom(1)), (Some(Value::text("一线")), None));
}

#[tokio::test]
async fn whom_the_list_lacks_is_looked_for_in_the_bin_before_being_called_gone() {
    let desk = Desk::open().await;
    let (kept, binned) = (desk.support("kept").await, desk.support("binned").await);
    desk.recycle(&binned).await;
    let unknown = RemoteId::new("999999").unwrap();
    let support_ids = BTreeSet::from([kept, binned.clone(), unknown]);
    let observed = desk.observe(&Needs { supports: true, support_ids, ..Needs::default() }).await;
    assert_eq!(accounts(&observed), ["kept", "planted-account"]);
    assert_eq!(observed.recycled.len(), 1);
    assert_eq!((&observed.recycled[0].remote, &observed.recycled[0].key), (&binned, &NaturalKey::Support { account: "binned".into() }));
}

#[tokio::test]
async fn duties_belong_to_people_by_id() {
    let desk = Desk::open().await;
    let person = desk.support("staff").await;
    desk.duty(&person, "2026-12-01").await;
    let observed = desk.observe(&Needs { supports: true, duties: Some((day("2026-12-01"), day("2026-12-01"))), ..Needs::default() }).await;
    assert_eq!(observed.duties[0].person, person);
    // What the ledger calls the same person.
    assert_eq!(Person::Id(person.text().clone()).to_string(), format!("id:{person}"));
}

#[tokio::test]
async fn single_objects_are_found_or_not() {
    let desk = Desk::open().await;
    let (exact, _similar) = (desk.support("zhang").await, desk.support("zhang-san").await);
    desk.seat("8001").await;
    let reader = desk.reader();
    let id = |text: &str| RemoteId::new(text).unwrap();

    let support = reader.read_support(&exact).await.unwrap().unwrap();
    assert_eq!(support.account.as_deref(), Some("zhang"));
    assert!(support.values.get(&FieldKey::Custom("field_2".into())).is_some());
    assert!(reader.read_support(&id("999999")).await.unwrap().is_none());

    assert_eq!(reader.read_agent(&id("8001")).await.unwrap().unwrap().remote, id("8001"));
    assert!(reader.read_agent(&id("8002")).await.unwrap().is_none());

    let found: Vec<RemoteId> = reader.search_account("zhang").await.unwrap().into_iter().map(|record| record.remote).collect();
    assert_eq!(found, [exact]);
    assert!(reader.search_account("nobody").await.unwrap().is_empty());
}
