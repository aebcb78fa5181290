//! Duties: dated, no uniqueness but their id (api-spec.md 3.2).

use jiff::civil::Date;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

use crate::envelope::Rejection;

/// Added to the number of a duty in its id, so that ids look like those of the documents: `656d4229600fa`.
const SUFFIX_BASE: i64 = 0x6_5600_0000_0000;

/// One duty as it is stored.
#[derive(Debug, Default)]
pub(crate) struct Duty {
    /// 0 until it is stored.
    pub(crate) number: i64,
    pub(crate) sid: i64,
    /// `2023-11-07`
    pub(crate) date: String,
    pub(crate) name: Option<String>,
    pub(crate) remark: Option<String>,
    /// `15:00`
    pub(crate) start_time: String,
    /// `16:00`
    pub(crate) end_time: String,
    pub(crate) url: Option<String>,
}

/// Start and end as they are stored: `15:00`.
#[derive(Debug)]
pub(crate) struct Times {
    pub(crate) start: String,
    pub(crate) end: String,
}

impl Duty {
    /// `sid_date_suffix`
    pub(crate) fn id(&self) -> String {
        format!("{}_{}_{:013x}", self.sid, self.date, SUFFIX_BASE + self.number)
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            sid: row.get(1)?,
            date: row.get(2)?,
            name: row.get(3)?,
            remark: row.get(4)?,
            start_time: row.get(5)?,
            end_time: row.get(6)?,
            url: row.get(7)?,
        })
    }
}

const COLUMNS: &str = "number, sid, date, name, remark, start_time, end_time, url";

/// Adds a duty; what it holds as a number does not matter.
pub(crate) fn add(database: &Connection, duty: Duty) -> Result<Duty, Rejection> {
    database
        .prepare_cached(
            "INSERT INTO duties (sid, date, name, remark, start_time, end_time, url)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![duty.sid, duty.date, duty.name, duty.remark, duty.start_time, duty.end_time, duty.url])?;
    Ok(Duty { number: database.last_insert_rowid(), ..duty })
}

/// The duty with this id.
pub(crate) fn find(database: &Connection, id: &str) -> Result<Option<Duty>, Rejection> {
    let suffix = id.rsplit('_').next().and_then(|suffix| i64::from_str_radix(suffix, 16).ok());
    let Some(number) = suffix.and_then(|suffix| suffix.checked_sub(SUFFIX_BASE)) else {
        return Ok(None);
    };
    let found = database
        .prepare_cached(&format!("SELECT {COLUMNS} FROM duties WHERE number = ?1"))?
        .query_row([number], Duty::from_row)
        .optional()?;
    Ok(found.filter(|duty| duty.id() == id))
}

/// Visits all duties from one day to another, both included, ordered by day, support and start.
pub(crate) fn for_each(database: &Connection, from: Option<Date>, to: Option<Date>, mut visit: impl FnMut(Duty)) -> Result<(), Rejection> {
    let mut statement = by_day(database)?;
    let from = from.unwrap_or(Date::ZERO).to_string();
    let to = to.unwrap_or(Date::MAX).to_string();
    let mut rows = statement.query(params![from, to])?;
    while let Some(row) = rows.next()? {
        visit(Duty::from_row(row)?);
    }
    Ok(())
}

fn by_day(database: &Connection) -> rusqlite::Result<CachedStatement<'_>> {
    database.prepare_cached(&format!("SELECT {COLUMNS} FROM duties WHERE date BETWEEN ?1 AND ?2 ORDER BY date, sid, start_time, number"))
}

/// Stores times and texts of a duty; its support and day cannot change.
pub(crate) fn update(database: &Connection, duty: &Duty) -> Result<(), Rejection> {
    database
        .prepare_cached("UPDATE duties SET name = ?2, remark = ?3, start_time = ?4, end_time = ?5, url = ?6 WHERE number = ?1")?
        .execute(params![duty.number, duty.name, duty.remark, duty.start_time, duty.end_time, duty.url])?;
    Ok(())
}

/// Removes a duty.
pub(crate) fn delete(database: &Connection, duty: &Duty) -> Result<(), Rejection> {
    database.prepare_cached("DELETE FROM duties WHERE number = ?1")?.execute([duty.number])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::store::{in_memory, supports};

    #[test]
    fn a_list_walks_the_index_and_sorts_nothing() {
        let database = in_memory();
        supports::ensure_administrator(&database, "admin", "secret", "2023-12-01 00:00:00").expect("added");
        for day in ["2023-12-03", "2023-12-01", "2023-12-02"] {
            let duty =
                Duty { sid: 1, date: day.to_owned(), start_time: "09:00".to_owned(), end_time: "10:00".to_owned(), ..Duty::default() };
            add(&database, duty).expect("added");
        }
        let mut statement = by_day(&database).expect("the query is valid");
        let days = statement.query_map(["2023-12-01", "2023-12-02"], |row| row.get::<_, String>(2)).expect("rows");
        assert_eq!(days.collect::<Result<Vec<_>, _>>().expect("texts"), ["2023-12-01", "2023-12-02"]);
        assert_eq!(statement.get_status(StatementStatus::Sort), 0);
        assert_eq!(statement.get_status(StatementStatus::FullscanStep), 0);
    }

    #[test]
    fn an_id_is_known_only_as_it_was_given() {
        let database = in_memory();
        supports::ensure_administrator(&database, "admin", "secret", "2023-12-01 00:00:00").expect("added");
        let duty = Duty { sid: 1, date: "2023-12-04".to_owned(), ..Duty::default() };
        let id = add(&database, duty).expect("added").id();
        assert_eq!(id, "1_2023-12-04_6560000000001");
        assert!(find(&database, &id).expect("readable").is_some());
        for other in ["2_2023-12-04_6560000000001", "1_2023-12-05_6560000000001", "6560000000001", "1_2023-12-04_06560000000001", ""] {
            assert!(find(&database, other).expect("readable").is_none(), "{other}");
        }
    }
}
