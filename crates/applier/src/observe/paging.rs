//! Lists in pages, of both platforms (api-spec.md 1.2, H2 to H4, A22, A23).

use std::collections::{BTreeMap, HashSet};

use deskform_model::RemoteId;
use deskform_model::codec::scalar_text;
use serde_json::Value as Json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{ObserveError, next, no_list};
use crate::client::{Client, Reply};
use crate::error::RequestError;
use crate::request::Request;
use crate::wire::borrowed::Borrowed;
use crate::wire::decode::UnreadableObject;
use crate::wire::rows::{Rows, Streamed};

/// How often a list is read before it counts as never coming whole.
const READINGS: u32 = 3;

/// No platform has that many pages; a server that always invents new ids must not be followed for ever.
const MOST_PAGES: usize = 100_000;

/// What one page says.
pub(crate) struct Page<T> {
    items: Vec<T>,
    problems: Vec<UnreadableObject>,
    /// Whether there was a list, even an empty one.
    is_list: bool,
    /// How many objects the platform says there are.
    total: Option<usize>,
    /// How many pages the platform says there are.
    pub(super) pages: Option<usize>,
    /// Whether the platform says that another page follows. Its link is never followed (api-spec.md H3).
    pub(super) more: bool,
}

impl<T> Page<T> {
    /// What the page shows, and whether another one follows.
    pub(crate) fn into_found(self) -> Result<(Vec<T>, bool), ObserveError> {
        ObserveError::from_problems(self.problems)?;
        Ok((self.items, self.more))
    }

    /// Decodes a page's list. Null is no list, except behind the end or where the platform says that there is nothing.
    pub(super) fn new(
        total: Option<usize>,
        list: Option<&Json>,
        number: usize,
        decode: impl Fn(&Json) -> Result<T, UnreadableObject>,
    ) -> Self {
        let mut page = Self { items: Vec::new(), problems: Vec::new(), is_list: false, total, pages: None, more: false };
        match list {
            Some(Json::Array(items)) => {
                page.is_list = true;
                page.items.reserve(items.len());
                for item in items {
                    match decode(item) {
                        Ok(item) => page.items.push(item),
                        Err(problem) => page.problems.push(problem),
                    }
                }
            }
            None | Some(Json::Null) if number > 1 || total == Some(0) => {}
            _ => page.problems.push(no_list(number)),
        }
        page
    }
}

impl<T> Page<T> {
    /// The same with the rows that were read along with the reply, whose list is empty because of that. They count for a list only: a
    /// reply may give a member twice, and the last one counts.
    fn with_rows(self, rows: PageRows<T>) -> Self {
        if self.is_list { Self { items: rows.items, problems: rows.problems, ..self } } else { self }
    }
}

/// The rows of a page.
struct PageRows<T> {
    decode: fn(&Borrowed<'_>) -> Result<T, UnreadableObject>,
    items: Vec<T>,
    problems: Vec<UnreadableObject>,
}

impl<T> Rows for PageRows<T> {
    fn begin(&mut self) {
        self.items.clear();
        self.problems.clear();
    }

    fn take(&mut self, row: &Borrowed<'_>) {
        match (self.decode)(row) {
            Ok(item) => self.items.push(item),
            Err(problem) => self.problems.push(problem),
        }
    }
}

/// A number as JSON number or string; `count` is both (api-spec.md H2).
pub(super) fn number(json: Option<&Json>) -> Option<usize> {
    scalar_text(json?)?.trim().parse().ok()
}

/// One list and how it is read.
pub(super) struct List<T> {
    /// What error messages call it.
    pub(super) name: &'static str,
    /// The request for a page, from 1.
    pub(super) request: fn(usize) -> Request,
    /// Where a page's reply has its rows.
    pub(super) rows: &'static [&'static str],
    /// What a row says.
    pub(super) row: fn(&Borrowed<'_>) -> Result<T, UnreadableObject>,
    /// What the rest of the reply says.
    pub(super) decode: fn(usize, Reply) -> Page<T>,
    /// Tells objects apart.
    pub(super) id: fn(&T) -> &RemoteId,
}

/// One reading of a list from its first page to its last.
struct Pass<T> {
    items: Vec<T>,
    seen: HashSet<RemoteId>,
    problems: Vec<UnreadableObject>,
    /// What the pages announced, first to last page.
    totals: Vec<usize>,
}

impl<T: Send + 'static> List<T> {
    /// Reads the whole list, each object once.
    ///
    /// The first page's total only says how many pages to fetch at once; after those, pages are read until one brings nothing new or
    /// everything announced is there. When the total changed meanwhile, or less came than announced, rows have moved between pages,
    /// and the list is read again.
    pub(super) async fn read(&self, client: &Client, report: impl Fn(usize, Option<usize>)) -> Result<Vec<T>, ObserveError> {
        let mut reading = 1;
        loop {
            let pass = self.pass(client, &report).await?;
            ObserveError::from_problems(pass.problems)?;
            let Some(&first) = pass.totals.first() else {
                return Ok(pass.items);
            };
            let expected = pass.totals.iter().copied().max().unwrap_or(first);
            let found = pass.items.len();
            if found >= expected && pass.totals.iter().all(|total| *total == first) {
                return Ok(pass.items);
            }
            if reading == READINGS {
                return Err(ObserveError::Incomplete { request: self.name.to_owned(), expected, found });
            }
            // What moves now may have settled a little later.
            sleep(client.first_wait() * reading).await;
            reading += 1;
        }
    }

    async fn pass(&self, client: &Client, report: &impl Fn(usize, Option<usize>)) -> Result<Pass<T>, ObserveError> {
        let mut pass = Pass { items: Vec::new(), seen: HashSet::new(), problems: Vec::new(), totals: Vec::new() };
        let first = self.fetch(client.clone(), 1).await?;
        let (total, announced, width) = (first.total, first.pages, first.items.len());
        let mut more = first.more;
        let mut brought_new = pass.take(first, self.id);
        report(pass.items.len(), total);

        let hinted = announced.or(total.map(|total| total.div_ceil(width.max(1)))).unwrap_or(1).min(MOST_PAGES);
        // Without a single readable row the width says nothing about the number of pages.
        let hinted = if width == 0 { 1 } else { hinted };
        let mut tasks = JoinSet::new();
        for number in 2..=hinted {
            let page = self.fetch(client.clone(), number);
            tasks.spawn(async move { (number, page.await) });
        }
        // Kept until all are there, so that which of two rows with the same id stays does not depend on timing.
        let mut pages = BTreeMap::new();
        let mut rows = pass.items.len();
        while let Some((number, page)) = next(&mut tasks).await {
            let page = page?;
            rows += page.items.len();
            report(rows, total);
            pages.insert(number, page);
        }
        for (_, page) in pages {
            more = page.more;
            brought_new = pass.take(page, self.id);
        }

        let mut number = hinted.max(1);
        while brought_new && (more || total.is_none_or(|total| pass.items.len() < total)) && number < MOST_PAGES {
            number += 1;
            let page = self.fetch(client.clone(), number).await?;
            more = page.more;
            brought_new = pass.take(page, self.id);
            report(pass.items.len(), total);
        }
        Ok(pass)
    }

    fn fetch(&self, client: Client, number: usize) -> impl Future<Output = Result<Page<T>, RequestError>> + Send + 'static {
        let (request, path, row, decode) = ((self.request)(number), self.rows, self.row, self.decode);
        async move {
            let mut rows = PageRows { decode: row, items: Vec::new(), problems: Vec::new() };
            let reply = client.send_streamed(&request, Some(Streamed { path, rows: &mut rows })).await?;
            Ok(decode(number, reply).with_rows(rows))
        }
    }
}

impl<T> Pass<T> {
    /// Adds a page; whether it brought anything new.
    fn take(&mut self, page: Page<T>, id: fn(&T) -> &RemoteId) -> bool {
        let before = self.items.len();
        for item in page.items {
            if self.seen.insert(id(&item).clone()) {
                self.items.push(item);
            }
        }
        self.totals.extend(page.total);
        self.problems.extend(page.problems);
        self.items.len() > before
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::rows;

    fn items(text: &str) -> Result<Vec<String>, String> {
        let mut taken = PageRows { decode: |row| Ok(row.to_json().to_string()), items: Vec::new(), problems: Vec::new() };
        let tree = rows::parse(text.as_bytes(), &mut Streamed { path: &["list"], rows: &mut taken }).expect("JSON");
        let page = Page::new(None, tree.get("list"), 1, |row| Ok(row.to_string())).with_rows(taken);
        page.into_found().map(|(items, _)| items).map_err(|error| error.to_string())
    }

    #[test]
    fn rows_are_those_of_the_list_that_counts() {
        assert_eq!(items(r#"{"list":[1,{"a":2}]}"#), Ok(vec!["1".to_owned(), json!({ "a": 2 }).to_string()]));
        assert_eq!(items(r#"{"list":[1],"list":[2]}"#), Ok(vec!["2".to_owned()]));
        assert_eq!(items(r#"{"list":[]}"#), Ok(Vec::new()));
        for no_list in [r#"{"list":{"0":1}}"#, r#"{"list":[1],"list":null}"#, "{}"] {
            assert!(items(no_list).is_err(), "{no_list}");
        }
    }
}
