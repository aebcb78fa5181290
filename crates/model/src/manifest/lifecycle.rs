//! The `lifecycle:` section (design.md section 2).

use std::sync::{Arc, LazyLock};

use super::{Expansion, Header};
use crate::check;
use crate::document::Node;
use crate::field::FieldKey;
use crate::kind::{Kind, support};
use crate::resource::{Ensure, Lifecycle};

/// Shared by the many resources without the section.
static USUAL: LazyLock<Arc<Lifecycle>> = LazyLock::new(Arc::default);

/// `lifecycle.ensure` alone.
pub(super) fn ensure(root: &Node) -> Ensure {
    root.get("lifecycle").and_then(given_ensure).unwrap_or_default()
}

/// `ensure` of a section that gives it.
pub(super) fn given_ensure(lifecycle: &Node) -> Option<Ensure> {
    Some(match lifecycle.get("ensure")?.as_str() {
        Some("absent") => Ensure::Absent,
        Some("released") => Ensure::Released,
        _ => Ensure::Present,
    })
}

/// `ignore` of a section that gives it, in the order of the fields. Not for custom fields.
pub(super) fn given_ignore(kind: Kind, lifecycle: &Node) -> Option<Vec<FieldKey>> {
    let names = lifecycle.get("ignore")?.items().iter().filter_map(Node::as_str);
    Some(in_order(names.filter_map(|name| kind.key(name)).collect()))
}

/// `replace` of a section that gives it.
pub(super) fn given_replace(lifecycle: &Node) -> Option<bool> {
    Some(lifecycle.get("replace")?.as_str() == Some("allow"))
}

/// The whole section, and what contradicts itself in it.
pub(super) fn read(kind: Kind, header: &Header<'_>, out: &mut Expansion) -> Arc<Lifecycle> {
    let Some(node) = header.root.get("lifecycle") else { return Arc::clone(&USUAL) };
    let names = node.get("ignore").map(Node::items).unwrap_or_default().iter().filter_map(Node::as_str);
    let ignore = in_order(names.flat_map(|name| fields_called(kind, name, header)).collect());
    out.diagnostics.extend(check::protect_and_absent::check(node, header.ensure));
    let protect = node.get("protect").and_then(Node::as_bool).unwrap_or(false);
    let replace = given_replace(node).unwrap_or(false);
    Arc::new(Lifecycle { protect, ignore, replace, ensure: header.ensure })
}

fn in_order(mut fields: Vec<FieldKey>) -> Vec<FieldKey> {
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// The fields that a name in `ignore` stands for: `customFields` means all that the manifest gives, everything else one field.
fn fields_called(kind: Kind, name: &str, header: &Header<'_>) -> Vec<FieldKey> {
    if kind == Kind::Support && name == support::FIELDS[support::CUSTOM_FIELDS].name {
        let given = header.spec(name).map(Node::entries).unwrap_or_default();
        return given.iter().map(|entry| FieldKey::Custom(entry.key.clone())).collect();
    }
    kind.key(name).into_iter().collect()
}
