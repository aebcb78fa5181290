//! Environments: merge patches over the settings (design.md section 2).

use super::validate;
use crate::diagnostic::{Diagnostic, Shape};
use crate::document::{Entry, Node, NodeKind, merge_patch};
use crate::schema::{self, ManifestKind, nearest};
use crate::{Text, source::Span};

fn environments(root: &Node) -> &[Entry] {
    root.pointer("/spec/environments").map(Node::entries).unwrap_or_default()
}

/// The document with the chosen environment merged in. `None`, with a finding, when there is no such environment.
pub(super) fn merged(root: &Node, environment: Option<&str>, findings: &mut Vec<Diagnostic>) -> Option<Node> {
    let Some(name) = environment else { return Some(root.clone()) };
    if let Some(entry) = environments(root).iter().find(|entry| entry.key == name) {
        return Some(patched(root, &entry.value));
    }
    let known: Vec<Text> = environments(root).iter().map(|entry| entry.key.clone()).collect();
    let nearest = nearest(name, known.iter().map(Text::as_str)).map(Into::into);
    let spec = root.entry("spec").map_or(root.span, |entry| entry.key_span);
    let at = root.pointer_entry("/spec/environments").map_or(spec, |entry| entry.key_span);
    findings.push(Diagnostic::shape(Shape::UnknownEnvironment { name: name.into(), known, nearest }, at));
    None
}

/// Finds what is wrong in any environment. Only for a document that is right by itself.
pub(super) fn check_all(root: &Node, version: &str, findings: &mut Vec<Diagnostic>) {
    let mut ledgers: Vec<Text> = vec![ledger(root).unwrap_or_else(|| super::Ledger::default().file.into())];
    for entry in environments(root) {
        let merged = patched(root, &entry.value);
        findings.extend(schema::check(ManifestKind::Project, &merged));
        validate::check(&merged, version, findings);
        let own = named(&entry.value, "");
        match own.and_then(|node| node.as_text()) {
            Some(name) if !ledgers.iter().any(|other| same(other, name)) => ledgers.push(name.clone()),
            _ => {
                let at: Span = own.map_or(entry.key_span, |node| node.span);
                findings.push(Diagnostic::shape(Shape::SharedLedger { environment: entry.key.clone() }, at));
            }
        }
    }
}

fn ledger(root: &Node) -> Option<Text> {
    named(root, "/spec")?.as_text().cloned()
}

/// What names a ledger: its URL, or else its file.
fn named<'a>(node: &'a Node, below: &str) -> Option<&'a Node> {
    ["url", "file"].into_iter().filter_map(|key| node.pointer(&format!("{below}/ledger/{key}"))).find(|node| node.as_text().is_some())
}

fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

/// The patch goes over `spec`, not over the document.
fn patched(root: &Node, patch: &Node) -> Node {
    let NodeKind::Mapping(entries) = &root.kind else { return root.clone() };
    let entries = entries
        .iter()
        .map(|entry| if entry.key == "spec" { Entry { value: merge_patch(&entry.value, patch), ..entry.clone() } } else { entry.clone() });
    Node { span: root.span, kind: NodeKind::Mapping(entries.collect()) }
}
