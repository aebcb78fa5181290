//! A plan as a graph: what is changed, and what waits for what.
//!
//! One node is one object, but for shifts: those of one person that have the same done to them are one node with their number, so that a month of
//! a whole centre stays a picture. An arrow leads from what comes first to what waits for it. Declared objects that stay as they are stand
//! beside them in grey, with arrows from the person to what is theirs.

mod dot;
mod mermaid;
mod svg;

use std::collections::{BTreeMap, BTreeSet};

use deskform_model::printable::printable;
use deskform_model::{Address, Desired, Kind, NaturalKey, Person};
use deskform_planner::{Action, Change, Selection};

pub use svg::TooLarge;

use super::plural::{Noun, count};
use crate::saved::PlanReport;

/// What is done to the objects of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Made, or taken out of the bin.
    Create,
    /// Edited.
    Update,
    /// Taken away.
    Delete,
    /// Only the ledger learns.
    Record,
    /// Cannot be done.
    Refuse,
    /// Stays as it is.
    Unchanged,
}

impl Mark {
    /// The sign before a label, so that the picture is readable without colours.
    const fn sign(self) -> &'static str {
        match self {
            Self::Create => "+ ",
            Self::Update => "~ ",
            Self::Delete => "- ",
            Self::Record => "= ",
            Self::Refuse => "! ",
            Self::Unchanged => "",
        }
    }

    /// Line and fill as RGB. Dark on light, so that black text is readable on all of them.
    const fn colors(self) -> (u32, u32) {
        match self {
            Self::Create => (0x1a_7f_37, 0xda_fb_e1),
            Self::Update => (0x9a_67_00, 0xff_f8_c5),
            Self::Delete | Self::Refuse => (0xcf_22_2e, 0xff_eb_e9),
            Self::Record => (0x57_60_6a, 0xf6_f8_fa),
            Self::Unchanged => (0xaf_b8_c1, 0xff_ff_ff),
        }
    }

    const ALL: [Self; 6] = [Self::Create, Self::Update, Self::Delete, Self::Record, Self::Refuse, Self::Unchanged];

    const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Record => "record",
            Self::Refuse => "refuse",
            Self::Unchanged => "unchanged",
        }
    }

    fn of(change: &Change) -> Self {
        match change.action {
            Action::Create { .. } | Action::Restore { .. } => Self::Create,
            Action::Update { .. } => Self::Update,
            Action::Delete { .. } => Self::Delete,
            Action::Record { .. } | Action::Forget { .. } => Self::Record,
            Action::Refuse { .. } => Self::Refuse,
        }
    }
}

/// One object, or several shifts of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What is done to it.
    pub mark: Mark,
    /// What stands in the picture, without the sign.
    pub label: String,
}

/// A plan as nodes and arrows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// All nodes; an arrow's ends are positions in here.
    pub nodes: Vec<Node>,
    /// From what comes first to what waits for it, sorted.
    pub edges: BTreeSet<(usize, usize)>,
}

/// What is drawn as one node: an object, or a person's shifts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Object(&'a Address, Mark),
    Shifts(&'a str, Mark),
}

impl Graph {
    /// Draws a plan, and with `desired` what was selected and stays as it is.
    pub fn of(report: &PlanReport, desired: Option<(&Desired, &Selection)>) -> Self {
        let mut drawing = Drawing::default();
        let plan = &report.plan;
        let nodes: Vec<usize> = plan.changes.iter().map(|change| drawing.node(&change.address, &change.title, Mark::of(change))).collect();
        let mut graph_edges = BTreeSet::new();
        for (at, change) in plan.changes.iter().enumerate() {
            for before in &change.waits_for {
                graph_edges.insert((nodes[before.0], nodes[at]));
            }
        }
        if let Some((desired, selection)) = desired {
            let changed: BTreeMap<&Address, usize> =
                plan.changes.iter().zip(&nodes).map(|(change, node)| (&change.address, *node)).collect();
            // A person's node, changed or not, by name.
            let mut people: BTreeMap<&str, usize> = BTreeMap::new();
            let mut theirs: Vec<(&Person, usize)> = Vec::new();
            for resource in desired.resources() {
                let node = match changed.get(&resource.address) {
                    Some(node) => *node,
                    None if !selection.covers(&resource.address) => continue,
                    None => drawing.node(&resource.address, &resource.title, Mark::Unchanged),
                };
                if matches!(resource.key, NaturalKey::Support { .. }) {
                    people.insert(&resource.address.label, node);
                } else {
                    theirs.extend(resource.people().map(|person| (person, node)));
                }
            }
            for (person, node) in theirs {
                if let Person::Declared(name) = person
                    && let Some(owner) = people.get(name.as_str())
                {
                    // Where the plan has an order between the two, that is the arrow.
                    if !graph_edges.contains(&(node, *owner)) {
                        graph_edges.insert((*owner, node));
                    }
                }
            }
        }
        graph_edges.retain(|(from, to)| from != to);
        Self { nodes: drawing.finish(), edges: graph_edges }
    }
}

#[derive(Default)]
struct Drawing<'a> {
    places: BTreeMap<Key<'a>, usize>,
    nodes: Vec<(Node, usize)>,
}

impl<'a> Drawing<'a> {
    fn node(&mut self, address: &'a Address, title: &str, mark: Mark) -> usize {
        let key = match address.kind {
            Kind::Shift => Key::Shifts(address.label.rsplit_once('/').map_or("", |(person, _)| person), mark),
            _ => Key::Object(address, mark),
        };
        let label = || match &key {
            Key::Shifts(person, _) => printable(person).into_owned(),
            Key::Object(address, _) if title.is_empty() => printable(&address.to_string()).into_owned(),
            Key::Object(address, _) => format!("{} {}", printable(&address.to_string()), printable(title)),
        };
        let next = self.nodes.len();
        let at = *self.places.entry(key.clone()).or_insert(next);
        if at == next {
            self.nodes.push((Node { mark, label: label() }, 0));
        }
        if address.kind == Kind::Shift {
            self.nodes[at].1 += 1;
        }
        at
    }

    fn finish(self) -> Vec<Node> {
        let finished = |(node, shifts): (Node, usize)| match shifts {
            0 => node,
            number => Node { label: format!("{} of {}", count(number, Noun::Shift), node.label), ..node },
        };
        self.nodes.into_iter().map(finished).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_break_out_of_any_format() {
        let graph = Graph {
            nodes: vec![
                Node { mark: Mark::Create, label: "a\"b\\c<script>]%%".into() },
                Node { mark: Mark::Unchanged, label: "夜班".into() },
            ],
            edges: [(0, 1)].into(),
        };
        let text = |write: &dyn Fn(&mut dyn std::io::Write) -> std::io::Result<()>| {
            let mut out = Vec::new();
            write(&mut out).expect("written");
            String::from_utf8(out).expect("text")
        };
        let dot = text(&|out| graph.write_dot(out));
        assert!(dot.contains(r#"label="+ a\"b\\c<script>]%%""#) && dot.contains("n0 -> n1;"), "{dot}");
        let mermaid = text(&|out| graph.write_mermaid(out));
        assert!(mermaid.contains("n0[\"+ a#34;b#92;c#60;script#62;#93;#37;#37;\"]:::create") && mermaid.contains("n0 --> n1"), "{mermaid}");
        let svg = text(&|out| graph.write_svg(out).map_err(|_| std::io::ErrorKind::Other.into()));
        assert!(svg.contains("&lt;script&gt;") && svg.contains("夜班") && svg.ends_with("</svg>\n"), "{svg}");
    }
}
