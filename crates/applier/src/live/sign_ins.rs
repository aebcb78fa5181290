//! The log of sign-ins (api-spec.md 3.1, H45 to H48).

use deskform_model::codec::scalar_text;
use deskform_model::time::{self, DateTime};
use deskform_model::{RemoteId, Text};
use futures_util::{StreamExt as _, stream};
use serde_json::Value as Json;

use crate::client::{Client, Reply};
use crate::error::RequestError;
use crate::observe::{self, ObserveError};
use crate::request::list_sign_ins;
use crate::wire::decode::{Illegible, UnreadableObject};
use crate::writes;

/// How many days before and after the wanted ones are asked for: the platform's filter may be about the moment of the record instead of the
/// time in it (api-spec.md H47), and whoever had no network records later.
pub const MARGIN_DAYS: u8 = 7;

/// Pages that are asked for at once.
const AT_ONCE: usize = 8;

/// No log has that many pages; a server that never comes to an end must not be followed for ever.
const MOST_PAGES: usize = 100_000;

/// Whose sign-ins are wanted, and of when. Nothing is no limit.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// One person.
    pub person: Option<RemoteId>,
    /// The first moment, in the time of the sign-in itself.
    pub from: Option<DateTime>,
    /// The last moment.
    pub to: Option<DateTime>,
}

/// One sign-in as a reply shows it. It has no id (api-spec.md H46).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// `name` of the person; may be empty.
    pub name: Text,
    /// `sNum` of the person; may be empty.
    pub staff_number: Text,
    /// `checkinTime`.
    pub at: DateTime,
    /// `clockingPoint`, place and coordinates in one text, or what `current` says; may be empty.
    pub place: Text,
    /// `remark`, if there is one.
    pub remark: Option<Text>,
    /// Addresses of the attachments.
    pub attachments: Vec<Text>,
    /// `tags`.
    pub tags: Vec<Text>,
}

/// A sign-in to be made. What its limits are is for the caller to see to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// `checkinTime`.
    pub at: DateTime,
    /// At most 140 characters.
    pub remark: Option<Text>,
    /// At most 9: name and address.
    pub attachments: Vec<(Text, Text)>,
    /// Labels.
    pub tags: Vec<Text>,
    /// From the map.
    pub address: Text,
    /// In detail.
    pub landmark: Text,
    /// As text, like the platform's own.
    pub latitude: Text,
    /// As text.
    pub longitude: Text,
}

/// Reads all pages and keeps what the filter wants, by time, name and number. The platform filters as well, more widely
/// ([`MARGIN_DAYS`]); `progress` hears how many rows were read and how many there are.
///
/// # Errors
/// When a request fails for good, a row cannot be read, or the log does not come whole.
pub async fn list(client: &Client, filter: &Filter, progress: &mut dyn FnMut(usize, Option<usize>)) -> Result<Vec<SignIn>, ObserveError> {
    let margin = jiff::Span::new().days(MARGIN_DAYS);
    let first = filter.from.map(|from| from.checked_sub(margin).unwrap_or(from));
    let last = filter.to.map(|to| to.checked_add(margin).unwrap_or(to));
    let fetch = |number: usize| {
        let request = list_sign_ins(filter.person.as_ref(), first, last, number);
        async move { client.send(&request).await.map(|reply| Page::read(number, &reply)) }
    };
    let mut log = Log::default();
    let page = fetch(1).await?;
    let hinted = page.total.unwrap_or_default().div_ceil(page.rows.len().max(1)).clamp(1, MOST_PAGES);
    log.take(page)?;
    progress(log.rows.len(), log.total);
    let mut pages = stream::iter(2..=hinted).map(fetch).buffered(AT_ONCE);
    while let Some(page) = pages.next().await {
        log.take(page?)?;
        progress(log.rows.len(), log.total);
    }
    drop(pages);
    let mut number = hinted;
    while log.goes_on() && number < MOST_PAGES {
        number += 1;
        log.take(fetch(number).await?)?;
        progress(log.rows.len(), log.total);
    }
    ObserveError::from_problems(log.problems)?;
    // A log only grows, so fewer rows than were announced are a reading that is not whole.
    let expected = log.total.unwrap_or_default();
    if log.rows.len() < expected {
        return Err(ObserveError::Incomplete { request: "/api/v1/signin.json".to_owned(), expected, found: log.rows.len() });
    }
    let mut kept = log.rows;
    kept.retain(|row| filter.from.is_none_or(|from| row.at >= from) && filter.to.is_none_or(|to| row.at <= to));
    kept.sort_by(|a, b| (a.at, &a.name, &a.staff_number).cmp(&(b.at, &b.name, &b.staff_number)));
    Ok(kept)
}

/// Adds a sign-in, which belongs to the calling account (api-spec.md H48), and returns it as the platform shows it. Sent once; when the error
/// may have arrived ([`RequestError::may_have_arrived`]), nobody knows whether it was recorded.
///
/// # Errors
/// When the request fails.
pub async fn create(client: &Client, draft: &Draft) -> Result<Option<SignIn>, RequestError> {
    let reply = client.send(&writes::sign_in::create(draft)).await?;
    // It was recorded, whatever the reply shows of it.
    Ok(decode(&reply.content).ok())
}

/// One page of the log.
struct Page {
    rows: Vec<SignIn>,
    problems: Vec<UnreadableObject>,
    total: Option<usize>,
    more: bool,
}

impl Page {
    fn read(number: usize, reply: &Reply) -> Self {
        let data = &reply.content;
        let total = data.get("count").and_then(scalar_text).and_then(|count| count.trim().parse().ok());
        let more = data.get("next_page").is_some_and(|link| !observe::supports::is_empty(link));
        let mut page = Self { rows: Vec::new(), problems: Vec::new(), total, more };
        match data.get("signIn") {
            Some(Json::Array(items)) => {
                for (at, item) in items.iter().enumerate() {
                    match decode(item) {
                        Ok(row) => page.rows.push(row),
                        Err(problem) => {
                            page.problems.push(UnreadableObject::new(format_args!("sign-in {} of page {number}", at + 1), problem))
                        }
                    }
                }
            }
            None | Some(Json::Null) if number > 1 || total == Some(0) => {}
            _ => page.problems.push(UnreadableObject::new(format_args!("page {number}"), Illegible::Expected("a list"))),
        }
        page
    }
}

/// What was read of the log so far.
#[derive(Default)]
struct Log {
    rows: Vec<SignIn>,
    problems: Vec<UnreadableObject>,
    /// The largest announced.
    total: Option<usize>,
    more: bool,
    /// Where the last page begins.
    last_page: usize,
}

impl Log {
    /// Adds a page. Rows have no id, so that only a whole page that comes again shows that the platform does not turn pages.
    fn take(&mut self, page: Page) -> Result<(), ObserveError> {
        let before = &self.rows[self.last_page..];
        if before.len() > 1 && before == page.rows.as_slice() {
            let (expected, found) = (page.total.or(self.total).unwrap_or_default(), self.rows.len());
            return Err(ObserveError::Incomplete { request: "/api/v1/signin.json".to_owned(), expected, found });
        }
        self.last_page = self.rows.len();
        self.more = page.more && !(page.rows.is_empty() && page.problems.is_empty());
        self.total = self.total.max(page.total);
        self.rows.extend(page.rows);
        self.problems.extend(page.problems);
        Ok(())
    }

    /// Whether another page follows: the platform says so, or less came than it announced and the last page held something.
    fn goes_on(&self) -> bool {
        let short = self.total.is_some_and(|total| self.rows.len() + self.problems.len() < total);
        self.more || (short && self.rows.len() > self.last_page)
    }
}

/// Remark, attachments and tags may be absent; attachments are addresses joined by commas or objects (api-spec.md 3.1, H45).
fn decode(item: &Json) -> Result<SignIn, Illegible> {
    let text = |json: &Json, name: &str| json.get(name).and_then(scalar_text).unwrap_or_default();
    let at = text(item, "checkinTime");
    let at = time::parse_date_time(&at).ok_or(if at.is_empty() {
        Illegible::Missing("checkinTime")
    } else {
        Illegible::Expected("checkinTime as YYYY-MM-DD HH:MM:SS")
    })?;
    let place = match (item.get("clockingPoint"), item.get("current")) {
        (Some(place), _) => scalar_text(place).unwrap_or_default(),
        (None, Some(current)) => place(current, text),
        (None, None) => Text::default(),
    };
    Ok(SignIn {
        name: text(item, "name"),
        staff_number: text(item, "sNum"),
        at,
        place,
        remark: Some(text(item, "remark")).filter(|remark| !remark.is_empty()),
        attachments: item.get("attachments").map(attachments).unwrap_or_default(),
        tags: item.get("tags").map(texts).unwrap_or_default(),
    })
}

/// The same form as `clockingPoint`.
fn place(current: &Json, text: impl Fn(&Json, &str) -> Text) -> Text {
    let of = |name| text(current, name);
    format!("{}{},经度:{}、纬度:{}", of("address"), of("landmark"), of("longitude"), of("latitude")).into()
}

fn attachments(json: &Json) -> Vec<Text> {
    match json {
        Json::Array(items) => {
            items.iter().filter_map(|item| scalar_text(item).or_else(|| item.get("fileUrl").and_then(scalar_text))).collect()
        }
        _ => texts(json),
    }
}

/// A list, or texts joined by commas.
fn texts(json: &Json) -> Vec<Text> {
    let texts: Vec<Text> = match json {
        Json::Array(items) => items.iter().filter_map(scalar_text).collect(),
        _ => scalar_text(json).map(|text| text.split(',').map(|part| part.trim().into()).collect()).unwrap_or_default(),
    };
    texts.into_iter().filter(|text| !text.is_empty()).collect()
}
