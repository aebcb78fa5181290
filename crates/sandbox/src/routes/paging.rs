//! Pages of the helpdesk and the links between them (api-spec.md 1.2).

use std::collections::BTreeMap;

use crate::envelope::Rejection;

/// The host in links. It is the vendor's whatever the server listens on, so a client that follows links leaves the
/// sandbox and shows its mistake (api-spec.md H3).
pub(super) const VENDOR: &str = "https://www.bangwo8.com";

/// Rows per page when `per_page` is absent, and the most there ever are.
const MOST: i64 = 100;

/// The page asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) number: i64,
    pub(super) size: i64,
}

impl Page {
    /// Reads `page` (default 1) and `per_page` (default 100, at most 100).
    pub(super) fn read(query: &BTreeMap<String, String>) -> Result<Self, Rejection> {
        let size = positive(query, "per_page")?.unwrap_or(MOST).min(MOST);
        Ok(Self { number: positive(query, "page")?.unwrap_or(1), size })
    }

    /// Reads `page` for an endpoint that fixes the size.
    pub(super) fn of_size(size: i64, query: &BTreeMap<String, String>) -> Result<Self, Rejection> {
        Ok(Self { number: positive(query, "page")?.unwrap_or(1), size })
    }

    /// Rows before this page.
    pub(super) fn offset(&self) -> i64 {
        self.size.saturating_mul(self.number - 1)
    }

    /// Absolute links to the next and the previous page; `filters` are repeated in them.
    pub(super) fn links(
        &self,
        count: i64,
        path: &str,
        query: &BTreeMap<String, String>,
        filters: &[&str],
    ) -> (Option<String>, Option<String>) {
        let link = |number: i64| {
            let filters: String =
                filters.iter().filter_map(|name| Some(format!("{name}={}&", percent_encoded(query.get(*name)?)))).collect();
            format!("{VENDOR}{path}?{filters}per_page={}&page={number}", self.size)
        };
        let next = self.offset().saturating_add(self.size) < count;
        (next.then(|| link(self.number + 1)), (self.number > 1).then(|| link(self.number - 1)))
    }
}

fn positive(query: &BTreeMap<String, String>, name: &str) -> Result<Option<i64>, Rejection> {
    let number = query.get(name).map(|text| text.parse().ok().filter(|number: &i64| *number >= 1));
    match number {
        Some(None) => Err(Rejection::invalid(name, "is not a number from 1")),
        Some(number) => Ok(number),
        None => Ok(None),
    }
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_on_the_vendors_host_and_absent_at_the_ends() {
        let none = BTreeMap::new();
        let page = Page { number: 2, size: 40 };
        let (next, previous) = page.links(81, "/api/v1/supports.json", &none, &[]);
        assert_eq!(next.as_deref(), Some("https://www.bangwo8.com/api/v1/supports.json?per_page=40&page=3"));
        assert_eq!(previous.as_deref(), Some("https://www.bangwo8.com/api/v1/supports.json?per_page=40&page=1"));
        assert_eq!(page.links(80, "/p", &none, &[]).0, None);
        assert_eq!(Page { number: 1, size: 40 }.links(80, "/p", &none, &[]).1, None);
    }

    #[test]
    fn filters_are_repeated_in_links_and_encoded() {
        let query = BTreeMap::from([("query".to_owned(), "name:陆 a".to_owned())]);
        let (next, _) = Page { number: 1, size: 10 }.links(11, "/s", &query, &["query", "sort_by"]);
        assert_eq!(next.as_deref(), Some("https://www.bangwo8.com/s?query=name:%E9%99%86%20a&per_page=10&page=2"));
    }
}
