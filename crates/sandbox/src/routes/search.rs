//! `supportgroups/supports/search.json` (api-spec.md 2.2, H23, H24).

use serde_json::json;

use super::paging::Page;
use super::supports::with_text_id;
use super::{HelpdeskCall, SEARCH};
use crate::envelope::{Rejection, Reply};
use crate::store::supports::{self, Searched, Sort};

/// Rows per page of a search by mobile; other searches are not paged.
const MOBILE_PAGE: i64 = 10;

pub(super) fn search(call: &HelpdeskCall<'_>) -> Result<Reply, Rejection> {
    let query = call.query()?;
    let asked = query.get("query").ok_or_else(|| Rejection::Missing("query".to_owned()))?;
    let (field, text) = asked.split_once(':').ok_or_else(|| Rejection::invalid("query", "is not field:text"))?;
    let field = match field {
        "sPassportName" => Searched::Account,
        "name" => Searched::Name,
        "sNum" => Searched::StaffNumber,
        "mobile" => Searched::Mobile,
        _ => return Err(Rejection::invalid("query", "names none of sPassportName, name, sNum, mobile")),
    };
    if text.is_empty() {
        return Err(Rejection::invalid("query", "has no text to look for"));
    }
    let sort = match query.get("sort_by").map(String::as_str) {
        None => Sort::Number,
        Some("createDT") => Sort::Created,
        Some("updateDT") => Sort::Updated,
        Some(_) => return Err(Rejection::invalid("sort_by", "is neither createDT nor updateDT")),
    };
    let descending = match query.get("sort_order").map(String::as_str) {
        // "Ascending by code" without a sort key, "descending" as the default of the key (api-spec.md H23).
        None => sort != Sort::Number,
        Some("asc") => false,
        Some("desc") => true,
        Some(_) => return Err(Rejection::invalid("sort_order", "is neither asc nor desc")),
    };
    let count = supports::count_found(call.database, field, text)?;
    let page = match field {
        Searched::Mobile => Page::of_size(MOBILE_PAGE, &query)?,
        _ => Page { number: 1, size: count.max(1) },
    };
    let found = supports::search(call.database, field, text, (sort, descending), (page.size, page.offset()))?;
    let (next, previous) = page.links(count, SEARCH, &query, &["query", "sort_by", "sort_order"]);
    Reply::new(&json!({
        "supports": found.iter().map(with_text_id).collect::<Vec<_>>(),
        "count": count.to_string(),
        "previous_page": previous.unwrap_or_default(),
        "next_page": next.unwrap_or_default(),
    }))
}
