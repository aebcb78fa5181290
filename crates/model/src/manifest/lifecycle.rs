//! The `lifecycle:` section (design.md section 2).

use std::sync::{Arc, LazyLock};

use super::{Expansion, Header};
use crate::diagnostic::{Diagnostic, Meaning};
use crate::document::Node;
use crate::field::FieldKey;
use crate::kind::{Kind, support};
use crate::resource::{Ensure, Lifecycle};
use crate::{Text, check};

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
pub(super) fn read(header: &Header<'_>, out: &mut Expansion) -> Arc<Lifecycle> {
    let Some(node) = header.root.get("lifecycle") else { return Arc::clone(&USUAL) };
    let kind = header.kind.resource();
    let mut ignore = Vec::new();
    for name in node.get("ignore").map(Node::items).unwrap_or_default() {
        let Some(text) = name.as_text() else { continue };
        let keys = fields_called(kind, text, header.spec("customFields"));
        match keys {
            Some(keys) => ignore.extend(keys),
            None => {
                let nearest = check::nearest(text, kind.fields().iter().map(|field| field.name));
                out.report(Diagnostic::meaning(Meaning::UnknownField { name: text.clone(), kind, nearest }, name.span));
            }
        }
    }
    ignore.sort_unstable();
    ignore.dedup();
    let protect = node.get("protect").and_then(Node::as_bool).unwrap_or(false);
    out.diagnostics.extend(check::protect_and_absent::check(node, header.ensure));
    let replace = node.get("replace").and_then(Node::as_str) == Some("allow");
    Arc::new(Lifecycle { protect, ignore, replace, ensure: header.ensure })
}

/// The fields that a name in `ignore` stands for: one field, the members of a section (`initialSkill`), or all custom fields that the
/// manifest gives. `None` when the kind has nothing of that name.
fn fields_called(kind: Kind, name: &Text, custom: Option<&Node>) -> Option<Vec<FieldKey>> {
    if kind == Kind::Support && name == support::FIELDS[support::CUSTOM_FIELDS].name {
        return Some(custom.map(Node::entries).unwrap_or_default().iter().map(|entry| FieldKey::Custom(entry.key.clone())).collect());
    }
    if let Some(key) = kind.key(name) {
        return Some(vec![key]);
    }
    let inside = |field: &&crate::Field| field.name.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
    let members: Vec<FieldKey> = kind.fields().iter().filter(inside).filter_map(|field| kind.key(field.name)).collect();
    (!members.is_empty()).then_some(members)
}
