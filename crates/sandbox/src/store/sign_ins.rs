//! Sign-ins: added and listed, never changed.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params, params_from_iter};

use crate::envelope::Rejection;

/// One sign-in with the present name and staff number of its support.
#[derive(Debug, Default)]
pub(crate) struct SignIn {
    pub(crate) name: String,
    pub(crate) staff_number: String,
    pub(crate) remark: Option<String>,
    /// Addresses joined by commas.
    pub(crate) attachments: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) checkin_time: String,
    pub(crate) place: Place,
}

/// Where a sign-in happened.
#[derive(Debug, Default)]
pub(crate) struct Place {
    pub(crate) address: String,
    pub(crate) landmark: String,
    pub(crate) latitude: String,
    pub(crate) longitude: String,
}

/// Which sign-ins to list; the bounds are about the time of the record and inclusive (api-spec.md H47).
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) support: Option<i64>,
}

impl Filter {
    fn condition(&self) -> (String, Vec<Sql>) {
        let text = |bound: &Option<String>| bound.clone().map(Sql::Text);
        let parts = [
            (text(&self.from), "sign_ins.createDT >= ?"),
            (text(&self.to), "sign_ins.createDT <= ?"),
            (self.support.map(Sql::Integer), "sign_ins.sId = ?"),
        ];
        let mut conditions = vec!["1"];
        let mut values = Vec::new();
        for (value, condition) in parts {
            if let Some(value) = value {
                conditions.push(condition);
                values.push(value);
            }
        }
        (conditions.join(" AND "), values)
    }
}

/// Adds a sign-in of the support and returns it as it is shown; name and staff number of the draft do not matter.
pub(crate) fn add(database: &Connection, support: i64, draft: SignIn, now: &str) -> Result<SignIn, Rejection> {
    let Place { address, landmark, latitude, longitude } = &draft.place;
    let tags = serde_json::to_string(&draft.tags).map_err(Rejection::Unwritable)?;
    database
        .prepare_cached(
            "INSERT INTO sign_ins (sId, remark, attachments, tags, checkinTime, address, landmark, latitude,
                                   longitude, createDT)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            support,
            draft.remark,
            draft.attachments,
            tags,
            draft.checkin_time,
            address,
            landmark,
            latitude,
            longitude,
            now
        ])?;
    let (name, staff_number) = database
        .prepare_cached("SELECT name, sNum FROM supports WHERE sId = ?1")?
        .query_row([support], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(SignIn { name, staff_number, ..draft })
}

/// How many sign-ins the filter lets through.
pub(crate) fn count(database: &Connection, filter: &Filter) -> Result<i64, Rejection> {
    let (condition, values) = filter.condition();
    let mut statement = database.prepare_cached(&format!("SELECT count(*) FROM sign_ins WHERE {condition}"))?;
    Ok(statement.query_row(params_from_iter(values), |row| row.get(0))?)
}

/// A page of the sign-ins that the filter lets through, by time of record.
pub(crate) fn page(database: &Connection, filter: &Filter, descending: bool, limit: i64, offset: i64) -> Result<Vec<SignIn>, Rejection> {
    let (condition, mut values) = filter.condition();
    values.extend([Sql::Integer(limit), Sql::Integer(offset)]);
    let direction = if descending { "DESC" } else { "ASC" };
    let mut statement = database.prepare_cached(&format!(
        "SELECT name, sNum, remark, attachments, tags, checkinTime, address, landmark, latitude, longitude
         FROM sign_ins JOIN supports USING (sId) WHERE {condition}
         ORDER BY sign_ins.createDT {direction}, sign_ins.id {direction} LIMIT ? OFFSET ?"
    ))?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let tags: String = row.get(4)?;
        found.push(SignIn {
            name: row.get(0)?,
            staff_number: row.get(1)?,
            remark: row.get(2)?,
            attachments: row.get(3)?,
            tags: serde_json::from_str(&tags).map_err(Rejection::Unwritable)?,
            checkin_time: row.get(5)?,
            place: Place { address: row.get(6)?, landmark: row.get(7)?, latitude: row.get(8)?, longitude: row.get(9)? },
        });
    }
    Ok(found)
}
