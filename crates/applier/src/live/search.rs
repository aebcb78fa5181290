//! Search of supports in service: fuzzy, by one of four fields (api-spec.md 2.2, H23, H24).

use std::collections::BTreeSet;

use crate::client::Client;
use crate::observe::ObserveError;
use crate::request::search_supports;
use crate::wire::decode::{SupportRecord, decode_support};

/// No search finds that many pages.
const MOST_PAGES: usize = 10_000;

/// A field that can be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchField {
    /// `sPassportName`.
    Account,
    /// `name`.
    Name,
    /// `sNum`.
    StaffNumber,
    /// `mobile`: the only one that is paged, ten a page.
    Mobile,
}

impl SearchField {
    /// All fields.
    pub const ALL: [Self; 4] = [Self::Account, Self::Name, Self::StaffNumber, Self::Mobile];

    /// The name in manifests.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Name => "name",
            Self::StaffNumber => "staffNumber",
            Self::Mobile => "mobile",
        }
    }

    /// The name on the wire.
    pub const fn api(self) -> &'static str {
        match self {
            Self::Account => "sPassportName",
            Self::Name => "name",
            Self::StaffNumber => "sNum",
            Self::Mobile => "mobile",
        }
    }

    /// Reads either name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.word() == word || field.api() == word)
    }
}

/// Everybody in service whose field resembles the text, by id, each once.
///
/// # Errors
/// When a request fails for good or a reply cannot be read.
pub async fn search(client: &Client, field: SearchField, text: &str) -> Result<Vec<SupportRecord>, ObserveError> {
    let mut found: Vec<SupportRecord> = Vec::new();
    let mut seen = BTreeSet::new();
    for page in 1..=MOST_PAGES {
        let mut request = search_supports(field.api(), text);
        if field == SearchField::Mobile {
            // No document has this parameter for the search; a platform that ignores it shows the first page again, which brings nobody new.
            request = request.query("page", page.to_string());
        }
        let reply = client.send(&request).await?;
        let before = found.len();
        for item in reply.content.as_array().map(Vec::as_slice).unwrap_or_default() {
            let record = decode_support(item, false).map_err(ObserveError::unreadable)?;
            if seen.insert(record.remote.clone()) {
                found.push(record);
            }
        }
        if field != SearchField::Mobile || found.len() == before {
            break;
        }
    }
    found.sort_by(|a, b| a.remote.cmp(&b.remote));
    Ok(found)
}
