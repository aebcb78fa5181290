//! The six endpoints of the call centre (api-spec.md 5).
//!
//! Strict about JSON types: an integer is not taken as a string, nor the reverse (A28).

use rusqlite::types::Value as Sql;
use serde_json::{Map, Value, json};

use super::AgentCall;
use crate::envelope::{Rejection, Reply};
use crate::fields;
use crate::store::agents::{self, Assignment, Filter};

/// `companyId` of agents that were created without one.
const COMPANY: i64 = 1;

const MOST_IN_A_BATCH: i64 = 1000;

/// The roles there are, by `operatorType`: plain agents and team leaders.
const ROLES: [&[&str]; 2] = [&["客服", "坐席"], &["班长"]];

/// An integer of an agent: its name, the default of a create, the least and the greatest value.
struct Number(&'static str, i64, i64, i64);

/// The integers that a create takes.
const CREATE_NUMBERS: [Number; 10] = [
    Number("operatorType", 0, 0, 1),
    Number("afterInterval", 0, 0, i64::MAX),
    Number("isHidePhone", 0, 0, 1),
    Number("isaudio", 1, 0, 1),
    Number("ismessage", 1, 0, 1),
    Number("isrecord", 1, 0, 1),
    Number("isvideo", 0, 0, 1),
    Number("judge", 1, 0, 1),
    Number("outcallflag", 0, 0, 3),
    Number("bindSkillLevel", 0, i64::MIN, i64::MAX),
];

/// The integers that an edit takes; defaults do not matter.
const EDIT_NUMBERS: [Number; 6] = [
    Number("operatorType", 0, 0, 1),
    // A create allows 0 (api-spec.md A5).
    Number("afterInterval", 1, 1, i64::MAX),
    Number("isHidePhone", 0, 0, 1),
    Number("isrecord", 0, 0, 1),
    Number("outcallflag", 0, 0, 3),
    Number("status", 0, 0, 1),
];

const CREATE_TEXTS: [&str; 6] = ["name", "bindcode", "showcaller", "ttscontent", "email", "bindSkillName"];

const EDIT_TEXTS: [&str; 5] = ["name", "bindcode", "showcaller", "ttscontent", "roleName"];

pub(super) fn create(call: &AgentCall<'_>) -> Result<Reply, Rejection> {
    let mut values: Vec<Assignment> = Vec::new();
    values.push(("companyId", Sql::Integer(call.company()?.unwrap_or(COMPANY))));
    for number in &CREATE_NUMBERS {
        values.push((number.0, Sql::Integer(call.number(number)?.unwrap_or(number.1))));
    }
    for name in CREATE_TEXTS {
        if let Some(text) = call.text(name)? {
            values.push((name, Sql::Text(text)));
        }
    }
    let operator_type = call.number(&CREATE_NUMBERS[0])?.unwrap_or(0);
    let role = match call.text("roleName")?.filter(|role| !role.is_empty()) {
        Some(role) => role,
        None => agents::random_choice(call.database, ROLES[usize::from(operator_type == 1)])?.to_owned(),
    };
    values.push(("roleName", Sql::Text(role)));
    // The skill that is bound first becomes the main group (api-spec.md A15).
    if let Some(skill) = call.text("bindSkillName")?.filter(|skill| !skill.is_empty()) {
        values.push(agents::main_group(call.database, &skill)?);
    }
    let password = call.password()?;
    let with_sip = call.number(&Number("sipFlag", 1, 0, 1))? != Some(0);
    let now = call.options.clock.epoch_milliseconds();

    let mut created = Vec::new();
    for operator_id in new_operator_ids(call)? {
        let password = match &password {
            Some(password) => password.clone(),
            None => agents::random_password(call.database, 6)?,
        };
        let agent = agents::add(call.database, &operator_id, &password, &values, now)?;
        let mut shown = json!({"operatorId": operator_id, "operatorPassword": password});
        if with_sip {
            agents::issue_sip(call.database, agent)?;
            let stored = agents::show(call.database, agent)?;
            shown["sipNumber"] = stored["sipNumber"].clone();
            shown["sipPassword"] = stored["sipPassword"].clone();
        }
        created.push(shown);
    }
    call.success(Some(&json!(created)))
}

/// The ids that a create makes: one, or as many consecutive ones as `batchSize` says.
fn new_operator_ids(call: &AgentCall<'_>) -> Result<Vec<String>, Rejection> {
    let batch = call.number(&Number("batchFlag", 0, 0, 1))? == Some(1);
    let size = call.number(&Number("batchSize", 1, 1, MOST_IN_A_BATCH))?.unwrap_or(1);
    let first = match call.text("operatorId")?.filter(|id| !id.is_empty()) {
        Some(id) => id,
        None => agents::free_operator_id(call.database)?,
    };
    if !batch {
        return Ok(vec![first]);
    }
    let number: Option<i64> = first.parse().ok().filter(|number| (0..i64::MAX - MOST_IN_A_BATCH).contains(number));
    let number = number.filter(|_| first.bytes().all(|byte| byte.is_ascii_digit()));
    let number = number.ok_or_else(|| Rejection::invalid("operatorId", "is not a number, as a batch needs"))?;
    let width = first.len();
    Ok((number..number + size).map(|number| format!("{number:0width$}")).collect())
}

pub(super) fn edit(call: &AgentCall<'_>) -> Result<Reply, Rejection> {
    let agent = call.agent()?;
    call.company()?;
    let mut values: Vec<Assignment> = Vec::new();
    for number in &EDIT_NUMBERS {
        if let Some(value) = call.number(number)? {
            values.push((number.0, Sql::Integer(value)));
        }
    }
    for name in EDIT_TEXTS {
        if let Some(text) = call.text(name)? {
            values.push((name, Sql::Text(text)));
        }
    }
    if let Some(password) = call.password()? {
        values.push(agents::password_text(&password));
    }
    if let Some(group) = call.text("mainGroupName")? {
        values.push(agents::main_group(call.database, &group)?);
    }
    agents::update(call.database, agent, values, call.options.clock.epoch_milliseconds())?;
    let number = call.text("sipnumber")?.filter(|number| !number.is_empty());
    if call.number(&Number("unbindSip", 0, 0, 1))? == Some(1) {
        agents::unbind_sip(call.database, agent)?;
    } else if let Some(number) = number {
        agents::bind_sip(call.database, agent, &number)?;
    }
    let stored = agents::show(call.database, agent)?;
    let shown: Map<String, Value> = ["operatorId", "sipPassword", "sipNumber", "mainGroupName"]
        .into_iter()
        .map(|name| (name.to_owned(), stored[name].clone()))
        .collect();
    call.success(Some(&Value::Object(shown)))
}

pub(super) fn delete(call: &AgentCall<'_>) -> Result<Reply, Rejection> {
    call.company()?;
    let ids = fields::array(fields::required(&call.body, "operatorIds")?, "operatorIds")?;
    if ids.is_empty() {
        return Err(Rejection::Missing("operatorIds".to_owned()));
    }
    for id in ids {
        let id = id.as_str().ok_or_else(|| Rejection::invalid("operatorIds", "are not strings"))?;
        // One unknown id refuses the whole call: nothing is deleted (api-spec.md A18).
        let agent = agents::find(call.database, id)?.ok_or(Rejection::NoSuchAgent)?;
        agents::delete(call.database, agent)?;
    }
    call.success(None)
}

pub(super) fn one(call: &AgentCall<'_>) -> Result<Reply, Rejection> {
    call.company()?;
    call.text("mainGroupName")?;
    call.success(Some(&agents::show(call.database, call.agent()?)?))
}

pub(super) fn page(call: &AgentCall<'_>) -> Result<Reply, Rejection> {
    let number = call.number(&Number("pageNumber", 1, 1, i64::MAX))?.unwrap_or(1);
    let size = call.number(&Number("pageSize", 10, 10, 100))?.unwrap_or(10);
    let filled = |name: &str| Ok::<_, Rejection>(call.text(name)?.filter(|text| !text.is_empty()));
    let filter = Filter { operator_id: filled("operatorId")?, sip_number: filled("sipNumber")?, main_group_name: filled("mainGroupName")? };
    let total = agents::count(call.database, &filter)?;
    let result = agents::page(call.database, &filter, size, size.saturating_mul(number - 1))?;
    call.success(Some(&json!({
        "result": result,
        "pageSize": size,
        "total": total,
        "pageNumber": number,
        "pageTotal": (total + size - 1) / size,
    })))
}

pub(super) fn edit_password(call: &AgentCall<'_>) -> Result<Reply, Rejection> {
    call.company()?;
    let agent = call.agent()?;
    let digest = call.text("password")?.ok_or_else(|| Rejection::Missing("password".to_owned()))?;
    if digest.len() != 32 || !digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(Rejection::invalid("password", "is not an MD5 digest of 32 lower-case digits"));
    }
    let values = vec![agents::password_digest(&digest)];
    agents::update(call.database, agent, values, call.options.clock.epoch_milliseconds())?;
    call.success(None)
}

impl AgentCall<'_> {
    fn success(&self, data: Option<&Value>) -> Result<Reply, Rejection> {
        let mut body = json!({"code": self.options.success_code, "msg": "success"});
        if let Some(data) = data {
            body["data"] = data.clone();
        }
        Reply::new(&body)
    }

    /// The agent that `operatorId` names.
    fn agent(&self) -> Result<i64, Rejection> {
        let id = self.text("operatorId")?.filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| Rejection::Missing("operatorId".to_owned()))?;
        agents::find(self.database, &id)?.ok_or(Rejection::NoSuchAgent)
    }

    /// `companyId` is checked for its type only.
    fn company(&self) -> Result<Option<i64>, Rejection> {
        self.number(&Number("companyId", COMPANY, i64::MIN, i64::MAX))
    }

    /// A string; null counts as absent.
    fn text(&self, name: &str) -> Result<Option<String>, Rejection> {
        match self.body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Rejection::invalid(name, "is not a string")),
        }
    }

    /// An integer within its bounds; null counts as absent.
    fn number(&self, &Number(name, _, least, greatest): &Number) -> Result<Option<i64>, Rejection> {
        let value = match self.body.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(value) => value.as_i64().ok_or_else(|| Rejection::invalid(name, "is not an integer"))?,
        };
        if (least..=greatest).contains(&value) {
            return Ok(Some(value));
        }
        let problem = match greatest {
            i64::MAX => format!("is less than {least}"),
            _ => format!("is not between {least} and {greatest}"),
        };
        Err(Rejection::invalid(name, problem))
    }

    /// A plain-text password of 6 to 32 characters.
    fn password(&self) -> Result<Option<String>, Rejection> {
        let password = self.text("password")?;
        match &password {
            Some(text) if !(6..=32).contains(&text.chars().count()) => {
                Err(Rejection::invalid("password", "is not between 6 and 32 characters long"))
            }
            _ => Ok(password),
        }
    }
}
