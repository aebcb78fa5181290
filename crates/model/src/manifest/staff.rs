//! Who is declared: the Support manifests by name, account and label.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Header;
use crate::Text;
use crate::document::Node;
use crate::resource::Ensure;
use crate::schema::ManifestKind;
use crate::source::Span;

/// One declared support, possibly in a document with other problems.
pub(crate) struct Member<'a> {
    /// `metadata.name`.
    pub(crate) name: &'a Text,
    /// Where the name stands.
    pub(crate) at: Span,
    /// Whether the manifest takes the person away.
    pub(crate) ensure: Ensure,
}

/// The index of declared supports.
pub(crate) struct Staff<'a> {
    members: Vec<Member<'a>>,
    by_name: HashMap<&'a Text, usize>,
    by_account: HashMap<&'a Text, usize>,
    /// By key and value: positions in `members`, ascending.
    by_label: BTreeMap<&'a Text, BTreeMap<&'a Text, Vec<usize>>>,
    /// What could not be read.
    gaps: Gaps,
    /// Whether the labels of all members are known.
    labels_known: bool,
}

/// Where somebody may be declared of whom nothing is known.
#[derive(Default)]
pub(crate) struct Gaps {
    /// Somewhere is text that could not be read; anybody may stand there.
    pub(crate) unread: bool,
    /// Names in documents that may or may not be Supports.
    pub(crate) names: HashSet<Text>,
}

impl<'a> Staff<'a> {
    /// Indexes the Supports among `headers`. Of two with one name or account the first counts; the checks report the other.
    pub(crate) fn new(headers: &[Header<'a>], gaps: Gaps) -> Self {
        let mut staff = Self {
            members: Vec::new(),
            by_name: HashMap::new(),
            by_account: HashMap::new(),
            by_label: BTreeMap::new(),
            labels_known: !gaps.unread && gaps.names.is_empty(),
            gaps,
        };
        for header in headers.iter().filter(|header| header.kind == ManifestKind::Support) {
            let at = staff.members.len();
            staff.labels_known &= header.labels_known;
            staff.members.push(Member { name: header.name, at: header.at, ensure: header.ensure });
            staff.by_name.entry(header.name).or_insert(at);
            if let Some(account) = header.spec("account").and_then(Node::as_text) {
                staff.by_account.entry(account).or_insert(at);
            }
            for label in &header.labels {
                staff.by_label.entry(label.key).or_default().entry(label.value).or_default().push(at);
            }
        }
        staff
    }

    /// The support of this name.
    pub(crate) fn named(&self, name: &Text) -> Option<&Member<'a>> {
        self.by_name.get(name).map(|at| &self.members[*at])
    }

    /// The support with this account.
    pub(crate) fn with_account(&self, account: &Text) -> Option<&Member<'a>> {
        self.by_account.get(account).map(|at| &self.members[*at])
    }

    /// The supports that carry all of these labels, in the order of the files; those who are taken away only where something is taken
    /// away from them.
    pub(crate) fn with_labels(&self, labels: &[(Text, Text)], removal: bool) -> Vec<&Member<'a>> {
        let mut lists: Vec<&[usize]> = labels.iter().map(|pair| self.carrying(pair)).collect();
        lists.sort_by_key(|list| list.len());
        let Some((shortest, others)) = lists.split_first() else { return Vec::new() };
        let in_all = |at: &&usize| others.iter().all(|list| list.binary_search(at).is_ok());
        let meant = |member: &&Member<'a>| removal || member.ensure == Ensure::Present;
        shortest.iter().filter(in_all).map(|at| &self.members[*at]).filter(meant).collect()
    }

    /// Whether anybody carries this label.
    pub(crate) fn has_label(&self, pair: &(Text, Text)) -> bool {
        !self.carrying(pair).is_empty()
    }

    fn carrying(&self, (key, value): &(Text, Text)) -> &[usize] {
        self.by_label.get(key).and_then(|values| values.get(value)).map_or(&[], Vec::as_slice)
    }

    /// Whether somebody of this name who is not here is certainly declared nowhere.
    pub(crate) fn lacks(&self, name: &Text) -> bool {
        !self.gaps.unread && !self.gaps.names.contains(name)
    }

    /// Whether labels that are not here are certainly carried by nobody.
    pub(crate) fn knows_labels(&self) -> bool {
        self.labels_known
    }

    /// All declared names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.members.iter().map(|member| member.name.as_str())
    }

    /// The values that people carry under a key.
    pub(crate) fn values_of(&self, key: &Text) -> impl Iterator<Item = &'a str> {
        self.by_label.get(key).into_iter().flat_map(BTreeMap::keys).map(|value| value.as_str())
    }
}
