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
    match root.get("lifecycle").and_then(|lifecycle| lifecycle.get("ensure")).and_then(Node::as_str) {
        Some("absent") => Ensure::Absent,
        Some("released") => Ensure::Released,
        _ => Ensure::Present,
    }
}

/// The whole section, and what contradicts itself in it.
pub(super) fn read(kind: Kind, header: &Header<'_>, out: &mut Expansion) -> Arc<Lifecycle> {
    let Some(node) = header.root.get("lifecycle") else { return Arc::clone(&USUAL) };
    let names = node.get("ignore").map(Node::items).unwrap_or_default().iter().filter_map(Node::as_str);
    let mut ignore: Vec<FieldKey> = names.flat_map(|name| fields_called(kind, name, header)).collect();
    ignore.sort_unstable();
    ignore.dedup();
    out.diagnostics.extend(check::protect_and_absent::check(node, header.ensure));
    let protect = node.get("protect").and_then(Node::as_bool).unwrap_or(false);
    let replace = node.get("replace").and_then(Node::as_str) == Some("allow");
    Arc::new(Lifecycle { protect, ignore, replace, ensure: header.ensure })
}

/// The fields that a name in `ignore` stands for: `customFields` means all that the manifest gives, everything else one field.
fn fields_called(kind: Kind, name: &str, header: &Header<'_>) -> Vec<FieldKey> {
    if kind == Kind::Support && name == support::FIELDS[support::CUSTOM_FIELDS].name {
        let given = header.spec(name).map(Node::entries).unwrap_or_default();
        return given.iter().map(|entry| FieldKey::Custom(entry.key.clone())).collect();
    }
    kind.key(name).into_iter().collect()
}
