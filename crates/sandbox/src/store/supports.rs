//! Supports: accounts, the recycle bin, custom fields (api-spec.md 2.1).

use rusqlite::types::Value as Sql;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params, params_from_iter};
use serde_json::Value;

use super::custom_fields::merge;
use super::md5_hex;
use crate::auth::Caller;
use crate::envelope::Rejection;
use crate::fields::{self, Object};

/// What every reply shows besides `sId`, in the order of the documents.
const SHOWN: [&str; 11] =
    ["sPassportName", "groupId", "sNum", "name", "gnder", "email", "fixnumber", "mobile", "QQ", "isAdmin", "createDT"];

/// What a request may set besides account, password and custom fields.
const WRITABLE: [&str; 9] = ["groupId", "sNum", "name", "gnder", "email", "fixnumber", "mobile", "QQ", "isAdmin"];

const COLUMNS: &str = "sId, isStat, custom_fields, sPassportName, groupId, sNum, name, gnder, email, fixnumber, \
                       mobile, QQ, isAdmin, createDT";

/// `isStat`. The documents' third value, 2 for "deleted from the recycle bin", has no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Recycled,
    Active,
}

/// A support as it is stored.
#[derive(Debug)]
pub(crate) struct Support {
    pub(crate) id: i64,
    pub(crate) standing: Standing,
    custom_fields: String,
    shown: [String; SHOWN.len()],
}

impl Support {
    /// Names and values of what every reply shows besides `sId`.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&'static str, &str)> {
        SHOWN.into_iter().zip(self.shown.iter().map(String::as_str))
    }

    /// `[{"key", "value"}]` as they are read back.
    pub(crate) fn custom_fields(&self) -> Result<Vec<Value>, Rejection> {
        serde_json::from_str(&self.custom_fields).map_err(Rejection::Unwritable)
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut shown: [String; SHOWN.len()] = Default::default();
        for (index, value) in shown.iter_mut().enumerate() {
            *value = row.get(index + 3)?;
        }
        let standing = if row.get::<_, i64>(1)? == 1 { Standing::Active } else { Standing::Recycled };
        Ok(Self { id: row.get(0)?, standing, custom_fields: row.get(2)?, shown })
    }
}

/// What a request wants to set, checked. Fields that cannot be written are ignored, as are unknown ones.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    values: Vec<(&'static str, String)>,
    custom_fields: Vec<(String, Value)>,
}

impl Draft {
    /// Reads the object `support` of a request.
    pub(crate) fn read(support: &Object) -> Result<Self, Rejection> {
        let mut draft = Self::default();
        for field in WRITABLE {
            let Some(value) = fields::optional_scalar(support, field)? else {
                continue;
            };
            match (field, value.as_str()) {
                ("sNum", "") => return Err(Rejection::Missing(field.to_owned())),
                ("gnder", "1" | "2") | ("isAdmin", "0" | "1") => {}
                ("gnder", _) => return Err(Rejection::invalid(field, "is neither 1 nor 2")),
                ("isAdmin", _) => return Err(Rejection::invalid(field, "is neither 0 nor 1")),
                _ => {}
            }
            draft.values.push((field, value));
        }
        if let Some(sent) = support.get("custom_fields").filter(|sent| !sent.is_null()) {
            for field in fields::array(sent, "custom_fields")? {
                let field = fields::object(field, "custom_fields")?;
                let key = fields::required_scalar(field, "key")?;
                let value = match fields::required(field, "value")? {
                    Value::Array(values) => Value::Array(values.clone()),
                    other => Value::String(fields::scalar(other, &key)?),
                };
                draft.custom_fields.push((key, value));
            }
        }
        Ok(draft)
    }
}

/// A filter by creation time; both bounds are inclusive.
#[derive(Debug, Default)]
pub(crate) struct Created {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
}

/// The order of the list.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    Number,
    CreatedAscending,
    CreatedDescending,
}

/// The fields that can be searched.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Searched {
    Account,
    Name,
    StaffNumber,
    Mobile,
}

impl Searched {
    fn column(self) -> &'static str {
        match self {
            Self::Account => "sPassportName",
            Self::Name => "name",
            Self::StaffNumber => "sNum",
            Self::Mobile => "mobile",
        }
    }
}

/// The sort keys of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Number,
    Created,
    Updated,
}

/// Finds the active support with this account and password.
pub(crate) fn sign_on(database: &Connection, account: &str, password: &str) -> rusqlite::Result<Option<Caller>> {
    database
        .prepare_cached("SELECT sId, isAdmin = '1' FROM supports WHERE sPassportName = ?1 AND passwordMd5 = ?2 AND isStat = 1")?
        .query_row(params![account, md5_hex(password)], |row| Ok(Caller { id: row.get(0)?, administrator: row.get(1)? }))
        .optional()
}

/// The active support of this account.
pub(crate) fn called(database: &Connection, account: &str) -> rusqlite::Result<Option<Caller>> {
    database
        .prepare_cached("SELECT sId, isAdmin = '1' FROM supports WHERE sPassportName = ?1 AND isStat = 1")?
        .query_row([account], |row| Ok(Caller { id: row.get(0)?, administrator: row.get(1)? }))
        .optional()
}

/// Makes the account an active administrator with this password.
pub(crate) fn ensure_administrator(database: &Connection, account: &str, password: &str, now: &str) -> rusqlite::Result<()> {
    database.execute(
        "INSERT INTO supports (sPassportName, passwordMd5, sNum, name, isAdmin, createDT, updateDT)
         VALUES (?1, ?2, '000', '管理员', '1', ?3, ?3)
         ON CONFLICT (sPassportName) DO UPDATE SET passwordMd5 = ?2, isAdmin = '1', isStat = 1",
        params![account, md5_hex(password), now],
    )?;
    Ok(())
}

/// The support with this number, in the recycle bin or not.
pub(crate) fn find(database: &Connection, id: i64) -> Result<Option<Support>, Rejection> {
    let mut statement = database.prepare_cached(&format!("SELECT {COLUMNS} FROM supports WHERE sId = ?1"))?;
    Ok(statement.query_row([id], Support::from_row).optional()?)
}

/// The support with this number unless it is in the recycle bin.
pub(crate) fn find_active(database: &Connection, id: i64) -> Result<Option<Support>, Rejection> {
    Ok(find(database, id)?.filter(|support| support.standing == Standing::Active))
}

/// How many active supports the filter lets through.
pub(crate) fn count(database: &Connection, created: &Created) -> Result<i64, Rejection> {
    let (condition, values) = condition(created);
    let mut statement = database.prepare_cached(&format!("SELECT count(*) FROM supports WHERE {condition}"))?;
    Ok(statement.query_row(params_from_iter(values), |row| row.get(0))?)
}

/// A page of the active supports that the filter lets through.
pub(crate) fn page(database: &Connection, created: &Created, order: Order, limit: i64, offset: i64) -> Result<Vec<Support>, Rejection> {
    let (condition, mut values) = condition(created);
    values.extend([Sql::Integer(limit), Sql::Integer(offset)]);
    let mut statement = ordered(database, &condition, order)?;
    let rows = statement.query_map(params_from_iter(values), Support::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn ordered<'a>(database: &'a Connection, condition: &str, order: Order) -> rusqlite::Result<CachedStatement<'a>> {
    let order = match order {
        Order::Number => "sId",
        Order::CreatedAscending => "createDT, sId",
        Order::CreatedDescending => "createDT DESC, sId DESC",
    };
    database.prepare_cached(&format!("SELECT {COLUMNS} FROM supports WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?"))
}

fn condition(created: &Created) -> (String, Vec<Sql>) {
    let mut condition = "isStat = 1".to_owned();
    let mut values = Vec::new();
    for (bound, comparison) in [(&created.from, " AND createDT >= ?"), (&created.to, " AND createDT <= ?")] {
        if let Some(bound) = bound {
            condition.push_str(comparison);
            values.push(Sql::Text(bound.clone()));
        }
    }
    (condition, values)
}

/// How many active supports hold the text in the field, in any case of letters.
pub(crate) fn count_found(database: &Connection, field: Searched, text: &str) -> Result<i64, Rejection> {
    let column = field.column();
    let mut statement =
        database.prepare_cached(&format!("SELECT count(*) FROM supports WHERE isStat = 1 AND instr(lower({column}), lower(?1)) > 0"))?;
    Ok(statement.query_row([text], |row| row.get(0))?)
}

/// The active supports that hold the text in the field; `window` is limit and offset.
pub(crate) fn search(
    database: &Connection,
    field: Searched,
    text: &str,
    (sort, descending): (Sort, bool),
    window: (i64, i64),
) -> Result<Vec<Support>, Rejection> {
    let column = field.column();
    let key = match sort {
        Sort::Number => "sId",
        Sort::Created => "createDT",
        Sort::Updated => "updateDT",
    };
    let direction = if descending { "DESC" } else { "ASC" };
    let mut statement = database.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM supports WHERE isStat = 1 AND instr(lower({column}), lower(?1)) > 0
         ORDER BY {key} {direction}, sId {direction} LIMIT ?2 OFFSET ?3"
    ))?;
    let rows = statement.query_map(params![text, window.0, window.1], Support::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Adds a support; an account is taken also while its support is in the recycle bin (api-spec.md H21).
pub(crate) fn create(database: &Connection, account: &str, password: &str, draft: Draft, now: &str) -> Result<Support, Rejection> {
    let added = database
        .prepare_cached(
            "INSERT INTO supports (sPassportName, passwordMd5, createDT, updateDT) VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (sPassportName) DO NOTHING",
        )?
        .execute(params![account, md5_hex(password), now])?;
    if added == 0 {
        return Err(Rejection::AccountTaken);
    }
    let support = find(database, database.last_insert_rowid())?.ok_or(Rejection::NoSuchSupport)?;
    update(database, &support, draft, now)
}

/// Changes what the draft has; the rest stays.
pub(crate) fn update(database: &Connection, support: &Support, draft: Draft, now: &str) -> Result<Support, Rejection> {
    let mut assignments = "updateDT = ?".to_owned();
    let mut values = vec![Sql::Text(now.to_owned())];
    for (column, value) in draft.values {
        assignments.push_str(&format!(", {column} = ?"));
        values.push(Sql::Text(value));
    }
    if !draft.custom_fields.is_empty() {
        let merged = merge(database, support.custom_fields()?, draft.custom_fields)?;
        assignments.push_str(", custom_fields = ?");
        values.push(Sql::Text(Value::Array(merged).to_string()));
    }
    values.push(Sql::Integer(support.id));
    database.prepare_cached(&format!("UPDATE supports SET {assignments} WHERE sId = ?"))?.execute(params_from_iter(values))?;
    find(database, support.id)?.ok_or(Rejection::NoSuchSupport)
}

/// Moves a support into the recycle bin or back.
pub(crate) fn set_standing(database: &Connection, id: i64, standing: Standing, now: &str) -> Result<(), Rejection> {
    let standing = match standing {
        Standing::Recycled => 0,
        Standing::Active => 1,
    };
    database.prepare_cached("UPDATE supports SET isStat = ?2, updateDT = ?3 WHERE sId = ?1")?.execute(params![id, standing, now])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::store::in_memory;

    #[test]
    fn every_order_of_the_list_walks_an_index_and_sorts_nothing() {
        let database = in_memory();
        for account in ["a", "b", "c"] {
            create(&database, account, "secret", Draft::default(), "2023-12-01 00:00:00").expect("added");
        }
        for order in [Order::Number, Order::CreatedAscending, Order::CreatedDescending] {
            let (condition, _) = condition(&Created::default());
            let mut statement = ordered(&database, &condition, order).expect("the query is valid");
            let rows = statement.query_map([2, 0], |row| row.get::<_, i64>(0)).expect("rows");
            assert_eq!(rows.count(), 2);
            assert_eq!(statement.get_status(StatementStatus::Sort), 0, "{order:?}");
            assert_eq!(statement.get_status(StatementStatus::FullscanStep), 0, "{order:?}");
        }
    }
}
