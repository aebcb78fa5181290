//! Who is meant: people on the command line, checked against the manifests before anything is sent, then found on the helpdesk.
//!
//! A word is a manifest's name, or the account of somebody whom a manifest declares; `account:ACCOUNT` and `id:ID` name anybody. Another word
//! is looked up as an account, unless it is so near to a manifest's name that it is a slip of the pen.

use std::collections::{BTreeSet, HashMap};

use clap::Args;
use deskform_applier::wire::decode::{Stat, SupportRecord};
use deskform_model::schema::nearest;
use deskform_model::{Address, Desired, Ensure, Kind, NaturalKey, RemoteId, Text, Value, Values};
use deskform_planner::{LiveObject, Needs};

use crate::error::CliError;
use crate::live_trouble::LiveTrouble;
use crate::pipeline::Connection;

/// Up to so many people are looked up one by one; for more the whole list is read.
const FEW: usize = 5;

/// People on the command line.
#[derive(Clone, Debug, Default, Args)]
pub struct Selection {
    /// People: names of Support manifests, accounts, or id:123
    #[arg(value_name = "PERSON")]
    pub people: Vec<String>,
    /// Everybody whose manifest carries this label; of several all must fit
    #[arg(long, value_name = "KEY=VALUE")]
    pub label: Vec<String>,
    /// Everybody whom the manifests declare
    #[arg(long, conflicts_with_all = ["people", "label"])]
    pub all: bool,
}

/// Somebody as the command line refers to them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// Whom a manifest declares.
    Declared {
        /// The manifest's name.
        name: Text,
        /// Its account.
        account: Text,
    },
    /// Anybody, by account.
    Account(Text),
    /// Anybody, by `sId`.
    Id(RemoteId),
}

/// Somebody on the helpdesk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Someone {
    /// `sId`.
    pub id: RemoteId,
    /// `sPassportName`; empty where no reply shows it.
    pub account: Text,
    /// The name that colleagues see; may be empty.
    pub name: Text,
    /// The staff number; may be empty.
    pub staff_number: Text,
    /// The name of the manifest that declares them.
    pub manifest: Option<Text>,
}

/// Who was found, and who was not.
#[derive(Debug, Default)]
pub struct Found {
    /// On the helpdesk, in the order in which they were named.
    pub people: Vec<Someone>,
    /// Declared, but not on the helpdesk.
    pub missing: Vec<(Text, Text)>,
}

impl Selection {
    /// Whether nobody is named, not even everybody.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.label.is_empty() && !self.all
    }

    /// Whether people are named one by one, so that nobody of them may be missing.
    pub fn is_explicit(&self) -> bool {
        self.label.is_empty() && !self.all
    }

    /// Who is meant, each once. Nothing is sent.
    ///
    /// # Errors
    /// When a word or label means nobody.
    pub fn check(&self, desired: &Desired) -> Result<Vec<Reference>, LiveTrouble> {
        let mut meant = Vec::new();
        for word in &self.people {
            meant.push(reference(word, desired)?);
        }
        if !self.label.is_empty() {
            meant.extend(carrying(&self.label, desired)?);
        }
        if self.all {
            meant.extend(declared(desired));
        }
        let mut seen = BTreeSet::new();
        meant.retain(|reference| seen.insert(reference.clone()));
        Ok(meant)
    }
}

/// Whom a word means.
///
/// # Errors
/// When it is nearly a manifest's name, or empty.
pub fn reference(word: &str, desired: &Desired) -> Result<Reference, LiveTrouble> {
    let nobody = || LiveTrouble::NoPerson { word: word.to_owned(), known: names(desired) };
    let by_account = |account: &str| match declared(desired).find(|reference| reference.account() == Some(account)) {
        Some(declared) => declared,
        None => Reference::Account(account.into()),
    };
    let word = word.strip_prefix("support/").unwrap_or(word);
    if let Some(account) = desired.account_of(word) {
        return Ok(Reference::Declared { name: word.into(), account: account.clone() });
    }
    if let Some(id) = word.strip_prefix("id:") {
        return RemoteId::new(id).map(Reference::Id).ok_or_else(nobody);
    }
    let account = word.strip_prefix("account:");
    let reference = by_account(account.unwrap_or(word));
    let slip = || nearest(word, names(desired).iter().map(Text::as_str)).is_some();
    match &reference {
        Reference::Account(text) if text.is_empty() || (account.is_none() && slip()) => Err(nobody()),
        _ => Ok(reference),
    }
}

/// Names of the declared supports, sorted.
pub fn names(desired: &Desired) -> Vec<Text> {
    supports(desired).map(|resource| resource.address.label.clone()).collect()
}

fn supports(desired: &Desired) -> impl Iterator<Item = &deskform_model::Resource> {
    desired.resources().iter().filter(|resource| resource.kind() == Kind::Support)
}

/// Everybody whom a manifest wants to be there.
fn declared(desired: &Desired) -> impl Iterator<Item = Reference> {
    supports(desired).filter(|resource| resource.lifecycle.ensure == Ensure::Present).filter_map(|resource| match &resource.key {
        NaturalKey::Support { account } => Some(Reference::Declared { name: resource.address.label.clone(), account: account.clone() }),
        _ => None,
    })
}

fn carrying(labels: &[String], desired: &Desired) -> Result<Vec<Reference>, LiveTrouble> {
    let mut pairs = Vec::new();
    for text in labels {
        let pair = text.split_once('=').filter(|(key, value)| !key.is_empty() && !value.is_empty());
        pairs.push(pair.ok_or_else(|| LiveTrouble::NotALabel { text: text.clone() })?);
    }
    let carries = |reference: &Reference| {
        let Reference::Declared { name, .. } = reference else { return false };
        let of = desired.labels.get(name);
        pairs.iter().all(|(key, value)| of.and_then(|labels| labels.get(*key)).is_some_and(|have| have == value))
    };
    let found: Vec<Reference> = declared(desired).filter(carries).collect();
    if found.is_empty() {
        let known: BTreeSet<Text> = desired.labels.values().flatten().map(|(key, value)| Text::from(format!("{key}={value}"))).collect();
        return Err(LiveTrouble::NoLabel { label: labels.join(","), known: known.into_iter().collect() });
    }
    Ok(found)
}

impl Reference {
    fn account(&self) -> Option<&str> {
        match self {
            Self::Declared { account, .. } | Self::Account(account) => Some(account),
            Self::Id(_) => None,
        }
    }
}

/// Finds people on the helpdesk: a few by searching for each, many in the list of all.
///
/// # Errors
/// When a request fails for good, or somebody who is not declared is not there.
pub async fn find(connection: &Connection, desired: &Desired, references: &[Reference]) -> Result<Found, CliError> {
    let manifests = manifests(desired);
    let mut found = Found::default();
    let all = if references.len() > FEW { Some(Everybody::read(connection, desired).await?) } else { None };
    for reference in references {
        let someone = match (&all, reference) {
            (Some(all), Reference::Declared { account, .. } | Reference::Account(account)) => all.with_account(account)?.cloned(),
            (Some(all), Reference::Id(id)) if all.with_id(id).is_some() => all.with_id(id).cloned(),
            (_, Reference::Id(id)) => {
                let record = connection.reader.read_support(id).await?;
                record.iter().for_each(|record| connection.personal.learn_record(record));
                record.map(|record| Someone::of_record(record, &manifests))
            }
            (None, Reference::Declared { account, .. } | Reference::Account(account)) => {
                let records = connection.reader.search_account(account).await?;
                records.iter().for_each(|record| connection.personal.learn_record(record));
                one(account, records.into_iter().map(|record| Someone::of_record(record, &manifests)).collect())?
            }
        };
        match (someone, reference) {
            (Some(someone), _) => found.people.push(someone),
            (None, Reference::Declared { name, account }) => found.missing.push((name.clone(), account.clone())),
            (None, Reference::Account(account)) => {
                return Err(LiveTrouble::NoPerson { word: account.to_string(), known: names(desired) }.into());
            }
            (None, Reference::Id(id)) => {
                return Err(LiveTrouble::NoPerson { word: format!("id:{id}"), known: names(desired) }.into());
            }
        }
    }
    Ok(found)
}

/// At most one; several with one account are for people to sort out.
fn one(account: &Text, mut people: Vec<Someone>) -> Result<Option<Someone>, LiveTrouble> {
    if people.len() > 1 {
        let ids = people.iter().map(|someone| format!("id:{}", someone.id)).collect::<Vec<_>>().join(", ");
        return Err(LiveTrouble::SharedAccount { account: account.clone(), ids });
    }
    Ok(people.pop())
}

/// The name of each declared account's manifest.
pub fn manifests(desired: &Desired) -> HashMap<Text, Text> {
    declared(desired)
        .filter_map(|reference| match reference {
            Reference::Declared { name, account } => Some((account, name)),
            _ => None,
        })
        .collect()
}

/// Everybody in service on the helpdesk.
#[derive(Debug)]
pub struct Everybody {
    people: Vec<Someone>,
    by_account: HashMap<Text, Vec<usize>>,
    by_id: HashMap<RemoteId, usize>,
}

impl Everybody {
    /// Reads the list.
    ///
    /// # Errors
    /// When it does not come whole.
    pub async fn read(connection: &Connection, desired: &Desired) -> Result<Self, CliError> {
        let needs = Needs { supports: true, ..Needs::default() };
        let observed = connection.reader.observe(&needs, &mut |_| ()).await?;
        connection.personal.learn_observed(&observed);
        Ok(Self::new(observed.supports, desired))
    }

    /// Indexes those who were read.
    pub fn new(supports: Vec<LiveObject>, desired: &Desired) -> Self {
        let manifests = manifests(desired);
        let people: Vec<Someone> = supports.into_iter().filter_map(|object| Someone::of_object(object, &manifests)).collect();
        let mut by_account: HashMap<Text, Vec<usize>> = HashMap::new();
        for (at, someone) in people.iter().enumerate() {
            by_account.entry(someone.account.clone()).or_default().push(at);
        }
        let by_id = people.iter().enumerate().map(|(at, someone)| (someone.id.clone(), at)).collect();
        Self { people, by_account, by_id }
    }

    /// All of them.
    pub fn people(&self) -> &[Someone] {
        &self.people
    }

    /// Who has this account.
    ///
    /// # Errors
    /// When several have it.
    pub fn with_account(&self, account: &Text) -> Result<Option<&Someone>, LiveTrouble> {
        let having = self.by_account.get(account).map(Vec::as_slice).unwrap_or_default();
        one(account, having.iter().map(|at| self.people[*at].clone()).collect())?;
        Ok(having.first().map(|at| &self.people[*at]))
    }

    /// Who has this id.
    pub fn with_id(&self, id: &RemoteId) -> Option<&Someone> {
        self.by_id.get(id).map(|at| &self.people[*at])
    }
}

impl Someone {
    /// What people call them: the manifest's name, the account, or the id.
    pub fn label(&self) -> String {
        match &self.manifest {
            Some(name) => name.to_string(),
            None if self.account.is_empty() => format!("id:{}", self.id),
            None => self.account.to_string(),
        }
    }

    fn of_object(object: LiveObject, manifests: &HashMap<Text, Text>) -> Option<Self> {
        let NaturalKey::Support { account } = object.key else { return None };
        Some(Self::new(object.remote, account, &object.values, manifests))
    }

    /// Somebody as one reply shows them.
    pub fn of_record(record: SupportRecord, manifests: &HashMap<Text, Text>) -> Self {
        let SupportRecord { remote, account, values, stat: _ } = record;
        Self::new(remote, account.unwrap_or_default(), &values, manifests)
    }

    fn new(id: RemoteId, account: Text, values: &Values, manifests: &HashMap<Text, Text>) -> Self {
        let text = |name: &str| values.named(Kind::Support, name).and_then(Value::as_text).cloned().unwrap_or_default();
        let manifest = manifests.get(&account).cloned();
        Self { id, name: text("name"), staff_number: text("staffNumber"), account, manifest }
    }
}

/// Whether a record says that its person is in service; nothing said means yes (api-spec.md H10).
pub fn is_in_service(record: &SupportRecord) -> bool {
    matches!(record.stat, None | Some(Stat::InService))
}

/// The resource of a declared support.
pub fn resource<'a>(desired: &'a Desired, name: &str) -> Option<&'a deskform_model::Resource> {
    desired.get(&Address::support(name))
}
