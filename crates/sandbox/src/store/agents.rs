//! Agents of the call centre, their SIP numbers and skill groups (api-spec.md 5.1).

use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use serde_json::{Map, Value, json};

use super::md5_hex;
use crate::envelope::Rejection;

/// The 27 fields of a reply, in the order of the documents.
const SHOWN: &str = "agents.id, companyId, operatorId, agents.name, operatorType, showcaller, priority, \
                     sip_numbers.id AS sipid, sipNumber, sipPassword, bindcode, ismemory, isaudio, isvideo, \
                     ismessage, isHidePhone, outcallflag, email, ctime, utime, ttscontent, status, isrecord, \
                     maingroupid, judge, afterInterval, skill_groups.name AS mainGroupName";

const JOINED: &str = "agents LEFT JOIN sip_numbers ON sip_numbers.agent = agents.id \
                      LEFT JOIN skill_groups ON skill_groups.id = agents.maingroupid";

/// Where generated operator ids begin.
const FIRST_GENERATED: i64 = 8001;

/// The first SIP number; they are digits that begin with 87.
const FIRST_SIP: i64 = 8_700_000_001;

/// Letters of generated passwords, without those that are easily mistaken; 32, so that every byte maps evenly.
const PASSWORD_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A column and its new value.
pub(crate) type Assignment = (&'static str, Sql);

/// The server's number of the agent with this operator id.
pub(crate) fn find(database: &Connection, operator_id: &str) -> Result<Option<i64>, Rejection> {
    Ok(database.prepare_cached("SELECT id FROM agents WHERE operatorId = ?1")?.query_row([operator_id], |row| row.get(0)).optional()?)
}

/// The reply's 27 fields of one agent; what was never set is null.
pub(crate) fn show(database: &Connection, agent: i64) -> Result<Value, Rejection> {
    let mut found = select(database, "agents.id = ?", vec![Sql::Integer(agent)], 1, 0)?;
    found.pop().ok_or(Rejection::NoSuchAgent)
}

/// Exact filters of a page.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) operator_id: Option<String>,
    pub(crate) sip_number: Option<String>,
    pub(crate) main_group_name: Option<String>,
}

impl Filter {
    fn condition(&self) -> (String, Vec<Sql>) {
        let mut conditions = vec!["1"];
        let mut values = Vec::new();
        for (value, condition) in
            [(&self.operator_id, "operatorId = ?"), (&self.sip_number, "sipNumber = ?"), (&self.main_group_name, "skill_groups.name = ?")]
        {
            if let Some(value) = value {
                conditions.push(condition);
                values.push(Sql::Text(value.clone()));
            }
        }
        (conditions.join(" AND "), values)
    }
}

/// How many agents the filter lets through.
pub(crate) fn count(database: &Connection, filter: &Filter) -> Result<i64, Rejection> {
    let (condition, values) = filter.condition();
    let mut statement = database.prepare_cached(&format!("SELECT count(*) FROM {JOINED} WHERE {condition}"))?;
    Ok(statement.query_row(params_from_iter(values), |row| row.get(0))?)
}

/// A page of the agents that the filter lets through, by the server's number.
pub(crate) fn page(database: &Connection, filter: &Filter, limit: i64, offset: i64) -> Result<Vec<Value>, Rejection> {
    let (condition, values) = filter.condition();
    select(database, &condition, values, limit, offset)
}

fn select(database: &Connection, condition: &str, mut values: Vec<Sql>, limit: i64, offset: i64) -> Result<Vec<Value>, Rejection> {
    values.extend([Sql::Integer(limit), Sql::Integer(offset)]);
    let mut statement =
        database.prepare_cached(&format!("SELECT {SHOWN} FROM {JOINED} WHERE {condition} ORDER BY agents.id LIMIT ? OFFSET ?"))?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query(params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut agent = Map::new();
        for (index, name) in names.iter().enumerate() {
            let value = match row.get_ref(index)? {
                ValueRef::Integer(number) => json!(number),
                ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
                _ => Value::Null,
            };
            agent.insert(name.clone(), value);
        }
        found.push(Value::Object(agent));
    }
    Ok(found)
}

/// Adds an agent and returns the server's number of it.
pub(crate) fn add(database: &Connection, operator_id: &str, password: &str, values: &[Assignment], now: i64) -> Result<i64, Rejection> {
    if find(database, operator_id)?.is_some() {
        return Err(Rejection::AgentTaken);
    }
    let mut columns = "operatorId, passwordMd5, ctime, utime".to_owned();
    let mut marks = "?, ?, ?, ?".to_owned();
    let mut bound = vec![Sql::Text(operator_id.to_owned()), Sql::Text(md5_hex(password)), Sql::Integer(now), Sql::Integer(now)];
    for (column, value) in values {
        columns.push_str(&format!(", {column}"));
        marks.push_str(", ?");
        bound.push(value.clone());
    }
    database.prepare_cached(&format!("INSERT INTO agents ({columns}) VALUES ({marks})"))?.execute(params_from_iter(bound))?;
    Ok(database.last_insert_rowid())
}

/// Changes the given columns; the rest stays.
pub(crate) fn update(database: &Connection, agent: i64, values: Vec<Assignment>, now: i64) -> Result<(), Rejection> {
    let mut assignments = "utime = ?".to_owned();
    let mut bound = vec![Sql::Integer(now)];
    for (column, value) in values {
        assignments.push_str(&format!(", {column} = ?"));
        bound.push(value);
    }
    bound.push(Sql::Integer(agent));
    database.prepare_cached(&format!("UPDATE agents SET {assignments} WHERE id = ?"))?.execute(params_from_iter(bound))?;
    Ok(())
}

/// Removes an agent; its SIP number stays and is free.
pub(crate) fn delete(database: &Connection, agent: i64) -> Result<(), Rejection> {
    unbind_sip(database, agent)?;
    database.prepare_cached("DELETE FROM agents WHERE id = ?1")?.execute([agent])?;
    Ok(())
}

/// Stores a digest as the password.
pub(crate) fn password_digest(digest: &str) -> Assignment {
    ("passwordMd5", Sql::Text(digest.to_owned()))
}

/// Stores the digest of a plain text as the password, so that it compares with [`password_digest`].
pub(crate) fn password_text(password: &str) -> Assignment {
    password_digest(&md5_hex(password))
}

/// The skill group with this name, made when there is none; an empty name is no group.
pub(crate) fn main_group(database: &Connection, name: &str) -> Result<Assignment, Rejection> {
    if name.is_empty() {
        return Ok(("maingroupid", Sql::Null));
    }
    database.prepare_cached("INSERT INTO skill_groups (name) VALUES (?1) ON CONFLICT (name) DO NOTHING")?.execute([name])?;
    let id = database.prepare_cached("SELECT id FROM skill_groups WHERE name = ?1")?.query_row([name], |row| row.get(0))?;
    Ok(("maingroupid", Sql::Integer(id)))
}

/// A new SIP number for the agent.
pub(crate) fn issue_sip(database: &Connection, agent: i64) -> Result<(), Rejection> {
    let last: Option<i64> = database.prepare_cached("SELECT max(id) FROM sip_numbers")?.query_row([], |row| row.get(0))?;
    let mut number = FIRST_SIP + last.unwrap_or(0);
    // A number that was bound by hand may be in the way.
    while holder(database, &number.to_string())?.is_some() {
        number += 1;
    }
    insert_sip(database, &number.to_string(), agent)
}

/// Binds a SIP number to the agent instead of the present one; an unknown number comes into being.
pub(crate) fn bind_sip(database: &Connection, agent: i64, number: &str) -> Result<(), Rejection> {
    match holder(database, number)? {
        Some(Some(holder)) if holder == agent => Ok(()),
        Some(Some(_)) => Err(Rejection::SipTaken),
        Some(None) => {
            unbind_sip(database, agent)?;
            database.prepare_cached("UPDATE sip_numbers SET agent = ?2 WHERE sipNumber = ?1")?.execute(params![number, agent])?;
            Ok(())
        }
        None => {
            unbind_sip(database, agent)?;
            insert_sip(database, number, agent)
        }
    }
}

/// Takes the agent's SIP number away, if it has one.
pub(crate) fn unbind_sip(database: &Connection, agent: i64) -> Result<(), Rejection> {
    database.prepare_cached("UPDATE sip_numbers SET agent = NULL WHERE agent = ?1")?.execute([agent])?;
    Ok(())
}

/// The agent that a number is bound to: outer none is an unknown number, inner none a free one.
fn holder(database: &Connection, number: &str) -> Result<Option<Option<i64>>, Rejection> {
    Ok(database.prepare_cached("SELECT agent FROM sip_numbers WHERE sipNumber = ?1")?.query_row([number], |row| row.get(0)).optional()?)
}

fn insert_sip(database: &Connection, number: &str, agent: i64) -> Result<(), Rejection> {
    let password = random_password(database, 8)?;
    database
        .prepare_cached("INSERT INTO sip_numbers (sipNumber, sipPassword, agent) VALUES (?1, ?2, ?3)")?
        .execute(params![number, password, agent])?;
    Ok(())
}

/// An operator id that nobody has: one above the greatest numeric one.
pub(crate) fn free_operator_id(database: &Connection) -> Result<String, Rejection> {
    let greatest: Option<i64> = database
        .prepare_cached(
            "SELECT max(CAST(operatorId AS INTEGER)) FROM agents
             WHERE operatorId NOT GLOB '*[^0-9]*' AND length(operatorId) < 18",
        )?
        .query_row([], |row| row.get(0))?;
    Ok((greatest.unwrap_or(0) + 1).max(FIRST_GENERATED).to_string())
}

/// A password of random letters and digits, from SQLite's generator.
pub(crate) fn random_password(database: &Connection, length: usize) -> Result<String, Rejection> {
    let bytes: Vec<u8> =
        database.prepare_cached("SELECT randomblob(?1)")?.query_row([i64::try_from(length).unwrap_or(8)], |row| row.get(0))?;
    Ok(bytes.iter().map(|byte| char::from(PASSWORD_LETTERS[usize::from(byte % 32)])).collect())
}

/// One of the given names at random: "a random one of the type" (api-spec.md A8).
pub(crate) fn random_choice<'a>(database: &Connection, names: &[&'a str]) -> Result<&'a str, Rejection> {
    let number: i64 = database.prepare_cached("SELECT abs(random() % 1000000)")?.query_row([], |row| row.get(0))?;
    let index = usize::try_from(number).unwrap_or(0) % names.len();
    Ok(names[index])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::in_memory;

    fn digest(database: &Connection, agent: i64) -> String {
        let query = "SELECT passwordMd5 FROM agents WHERE id = ?1";
        database.query_row(query, [agent], |row| row.get(0)).expect("the agent exists")
    }

    fn required() -> Vec<Assignment> {
        let numbers = [
            "companyId",
            "bindSkillLevel",
            "operatorType",
            "isaudio",
            "isvideo",
            "ismessage",
            "isHidePhone",
            "outcallflag",
            "isrecord",
            "judge",
            "afterInterval",
        ];
        let mut values: Vec<Assignment> = numbers.map(|column| (column, Sql::Integer(0))).to_vec();
        values.push(("roleName", Sql::Text("客服".to_owned())));
        values
    }

    #[test]
    fn a_created_password_compares_with_the_digest_that_an_edit_stores() {
        let database = in_memory();
        let agent = add(&database, "8001", "hello!", &required(), 0).expect("added");
        let created = digest(&database, agent);
        assert_eq!(created, "5a8dd3ad0756a93ded72b823b19dd877");
        update(&database, agent, vec![password_digest("5a8dd3ad0756a93ded72b823b19dd877")], 1).expect("updated");
        assert_eq!(digest(&database, agent), created);
        update(&database, agent, vec![password_text("other!")], 2).expect("updated");
        assert_ne!(digest(&database, agent), created);
    }

    #[test]
    fn a_deleted_agent_frees_its_sip_number() {
        let database = in_memory();
        let first = add(&database, "8001", "secret", &required(), 0).expect("added");
        issue_sip(&database, first).expect("issued");
        let number = show(&database, first).expect("shown")["sipNumber"].clone();
        let second = add(&database, "8002", "secret", &required(), 0).expect("added");
        let number = number.as_str().expect("a number was issued");
        assert!(matches!(bind_sip(&database, second, number), Err(Rejection::SipTaken)));
        delete(&database, first).expect("deleted");
        bind_sip(&database, second, number).expect("the number is free");
        assert_eq!(show(&database, second).expect("shown")["sipNumber"], number);
    }
}
