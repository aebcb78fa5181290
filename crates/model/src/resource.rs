//! Resources: what manifests want, validated, one value for each object of a platform.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::field::FieldKey;
use crate::release::Release;
use crate::secret::SecretRef;
use crate::source::Span;
use crate::time::Date;
use crate::value::Values;
use crate::{Address, Kind, NaturalKey, Person, Text};

/// One desired object. Its values are valid; a field without a value is not ours.
///
/// What shifts never have is boxed: a month of a large centre is hundreds of thousands of them.
#[derive(Clone, Debug)]
pub struct Resource {
    /// What people call it.
    pub address: Address,
    /// What makes it itself.
    pub key: NaturalKey,
    /// A name for people beside the address (`张三`, `早班`); may be empty.
    pub title: Text,
    /// What it should hold. Empty for a tombstone that gives nothing but the key.
    pub values: Values,
    /// Where its password comes from, if it has one that is ours.
    pub secret: Option<Box<SecretRef>>,
    /// The person whose seat this is (agents only).
    pub support: Option<Box<Person>>,
    /// How deskform treats it.
    pub lifecycle: Arc<Lifecycle>,
    /// Where it is declared: the name of a document, the reference of a permission, the sign of a roster or a single shift.
    pub origin: Span,
    /// Where single fields stand, for those that stand alone.
    pub field_spans: Box<[(FieldKey, Span)]>,
}

impl Resource {
    /// The kind of the object.
    pub fn kind(&self) -> Kind {
        self.address.kind
    }

    /// Where a field stands, or the resource when the field stands nowhere alone.
    pub fn span_of(&self, key: &FieldKey) -> Span {
        self.field_spans.iter().find(|(have, _)| have == key).map_or(self.origin, |(_, span)| *span)
    }

    /// All people that it refers to: whose permission, shift or seat it is.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.key.person().into_iter().chain(self.support.as_deref())
    }
}

/// The `lifecycle:` section (design.md section 2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Never delete it.
    pub protect: bool,
    /// Set these on create, then leave them alone.
    pub ignore: Vec<FieldKey>,
    /// Whether delete-and-create is permitted when a fixed field changes.
    pub replace: bool,
    /// Whether it should exist.
    pub ensure: Ensure,
}

/// Whether an object should exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ensure {
    /// It should (the default).
    #[default]
    Present,
    /// It should not, whoever made it.
    Absent,
    /// It is no longer ours; keep it.
    Released,
}

/// A day that a roster marks as free: nothing on the platform, but known here (design.md section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayOff {
    /// Who is off.
    pub person: Person,
    /// When.
    pub date: Date,
    /// Why.
    pub kind: DayOffKind,
    /// The sign's name (`年假`), or empty.
    pub name: Text,
    /// Where it is declared.
    pub origin: Span,
}

/// Why somebody is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayOffKind {
    /// `type: rest`.
    Rest,
    /// `type: leave`.
    Leave,
}

/// Everything that the manifests want.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    resources: Vec<Resource>,
    /// Free days, by person and date.
    pub days_off: Vec<DayOff>,
    /// How many documents declare something; releases do not.
    pub manifests: usize,
    /// Permission to pass brakes, in the order of the files.
    pub releases: Vec<Release>,
    /// The labels of the declared supports, by `metadata.name`; who has none is not here.
    pub labels: BTreeMap<Text, BTreeMap<Text, Text>>,
}

/// Brings lists of resources together in the order of their addresses; equal ones keep theirs. The shifts of one person then follow each
/// other in time.
///
/// Only positions move while it sorts, and each resource goes to its place once: it is large, and there may be hundreds of thousands.
pub(crate) fn gathered(mut lists: Vec<Vec<Resource>>) -> Vec<Resource> {
    if lists.len() == 1 && lists[0].is_sorted_by(|a, b| a.address <= b.address) {
        return lists.remove(0);
    }
    let count = lists.iter().map(Vec::len).sum();
    let mut order: Vec<(usize, usize)> = Vec::with_capacity(count);
    order.extend(lists.iter().enumerate().flat_map(|(list, resources)| (0..resources.len()).map(move |at| (list, at))));
    order.sort_by(|(list, at), (other, there)| lists[*list][*at].address.cmp(&lists[*other][*there].address));
    let mut lists: Vec<Vec<Option<Resource>>> = lists.into_iter().map(|list| list.into_iter().map(Some).collect()).collect();
    let mut sorted = Vec::with_capacity(count);
    sorted.extend(order.into_iter().filter_map(|(list, at)| lists[list][at].take()));
    sorted
}

/// The resources of one kind among such as are sorted by address.
pub(crate) fn of_kind(resources: &[Resource], kind: Kind) -> &[Resource] {
    let from = resources.partition_point(|resource| resource.kind() < kind);
    let to = resources.partition_point(|resource| resource.kind() <= kind);
    &resources[from..to]
}

impl Desired {
    /// Collects resources; they are sorted by address. Addresses are unique, the checks have seen to that; of two equal ones the first
    /// wins. There are no releases and no labels yet.
    pub fn new(resources: Vec<Resource>, days_off: Vec<DayOff>, manifests: usize) -> Self {
        let mut resources = gathered(vec![resources]);
        resources.dedup_by(|later, first| later.address == first.address);
        Self::of_sorted(resources, days_off, manifests)
    }

    /// The same of resources that stand in their order already, each address once.
    pub(crate) fn of_sorted(resources: Vec<Resource>, mut days_off: Vec<DayOff>, manifests: usize) -> Self {
        days_off.sort_by(|a, b| (&a.person, a.date).cmp(&(&b.person, b.date)));
        Self { resources, days_off, manifests, releases: Vec::new(), labels: BTreeMap::new() }
    }

    /// All resources by address.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The resources of one kind, by address.
    pub fn of_kind(&self, kind: Kind) -> &[Resource] {
        of_kind(&self.resources, kind)
    }

    /// The resource at an address.
    pub fn get(&self, address: &Address) -> Option<&Resource> {
        let at = self.resources.binary_search_by(|resource| resource.address.cmp(address)).ok()?;
        Some(&self.resources[at])
    }

    /// The account of a declared support.
    pub fn account_of(&self, name: &str) -> Option<&Text> {
        match &self.get(&Address::support(name))?.key {
            NaturalKey::Support { account } => Some(account),
            _ => None,
        }
    }
}
