//! Support and Agent manifests: one loop over the field table, which the seats of an AgentSet share.

use super::reference::{self, Purpose};
use super::{Context, Expansion, Header, lifecycle};
use crate::codec::Codec;
use crate::diagnostic::{Diagnostic, Meaning};
use crate::document::Node;
use crate::field::{CLEARABLE, Field, FieldKey, KEY};
use crate::resource::{Ensure, Resource};
use crate::secret::{SecretRef, SecretSource};
use crate::source::Span;
use crate::{Address, Kind, NaturalKey, Text, Value, Values, check};

/// Adds the one resource of a Support or an Agent.
pub(super) fn expand(kind: Kind, header: &Header<'_>, context: &Context<'_>, out: &mut Expansion) {
    let Some(spec) = header.root.get("spec") else { return };
    let lifecycle = lifecycle::read(kind, header, out);
    // A seat that goes away may still name a person who has gone before it.
    let tombstone = header.ensure != Ensure::Present;
    let purpose = Purpose { past: tombstone, removal: tombstone };
    let support = spec.get("support").and_then(|node| reference::one(node, purpose, context, out));
    // Of a tombstone nothing counts but who it is: a stale value in it must neither be sent nor be wrong.
    let Given { values, spans, secret, .. } = Given::read(kind, spec, tombstone, context, out);
    let text = |name: &str| values.named(kind, name).and_then(Value::as_text).cloned();
    let (address, key) = match kind {
        Kind::Support => match text("account") {
            Some(account) => (Address::support(header.name), NaturalKey::Support { account }),
            None => return,
        },
        _ => match text("operatorId") {
            Some(operator_id) => (Address::agent(&operator_id), NaturalKey::Agent { operator_id }),
            None => return,
        },
    };
    let title = text("name").unwrap_or_default();
    let (secret, support) = (secret.map(Box::new), support.map(Box::new));
    let resource = Resource { address, key, title, values, secret, support, lifecycle, origin: header.at, field_spans: spans.into() };
    out.add(resource, context);
}

/// What a mapping gives of a kind's fields.
pub(super) struct Given {
    kind: Kind,
    pub(super) values: Values,
    /// Where each value stands, those included that were refused.
    pub(super) spans: Vec<(FieldKey, Span)>,
    pub(super) secret: Option<SecretRef>,
}

impl Given {
    /// Reads the fields that are there, or those of the natural key alone.
    pub(super) fn read(kind: Kind, spec: &Node, key_only: bool, context: &Context<'_>, out: &mut Expansion) -> Self {
        let mut given = Self { kind, values: Values::new(), spans: Vec::new(), secret: None };
        for (field, at) in kind.fields().iter().zip(0u8..) {
            if (!key_only || field.has(KEY))
                && let Some(node) = inside(spec, field.name)
            {
                given.field(field, FieldKey::Known(at), node, context, out);
            }
        }
        given
    }

    fn field(&mut self, field: &'static Field, key: FieldKey, node: &Node, context: &Context<'_>, out: &mut Expansion) {
        if node.is_refused() {
            // There is one, and nobody knows which.
            return self.spans.push((key, node.span));
        }
        match field.codec {
            // Null would have to mean "clear them all", and nobody knows which there are.
            Codec::Custom if node.is_null() => self.cannot_be_empty(&key, node, out),
            Codec::Custom => {
                for entry in node.entries() {
                    if let Some(value) = field.codec.read(&entry.value) {
                        self.set(FieldKey::Custom(entry.key.clone()), value, entry.value.span);
                    }
                }
            }
            Codec::Secret { .. } => {
                let Some(secret) = secret(node, context, out) else { return };
                self.set(key, Value::Secret { version: secret.version }, node.span);
                self.secret = Some(secret);
            }
            _ => match field.codec.read(node) {
                Some(Value::Null) if !field.has(CLEARABLE) => self.cannot_be_empty(&key, node, out),
                Some(value) => self.set(key, value, node.span),
                None => {}
            },
        }
    }

    fn cannot_be_empty(&self, key: &FieldKey, node: &Node, out: &mut Expansion) {
        out.report(Diagnostic::meaning(Meaning::CannotBeEmpty { field: key.name(self.kind) }, node.span));
    }

    fn set(&mut self, key: FieldKey, value: Value, at: Span) {
        self.spans.push((key.clone(), at));
        self.values.insert(key, value);
    }
}

/// The value at a field's name, where a dot goes one level down.
fn inside<'a>(spec: &'a Node, name: &str) -> Option<&'a Node> {
    name.split('.').try_fold(spec, |node, part| node.get(part))
}

/// Reads `{env: NAME, version: 2}`, or one with `file` or `age`. Reports a reference that manifests may not make.
fn secret(node: &Node, context: &Context<'_>, out: &mut Expansion) -> Option<SecretRef> {
    let version = node.get("version").and_then(Node::as_integer).map_or(Some(1), |version| u32::try_from(version).ok())?;
    let given = |key: &str| node.get(key).and_then(|value| Some((value.as_text()?.clone(), value.span)));
    let mut file = |path: &Text, at| {
        let found = check::secret_outside_project::check(path, at)
            .or_else(|| check::secret_in_hidden_folder::check(path, at))
            .or_else(|| check::secret_not_allowed::check_file(path, at, context.options));
        out.diagnostics.extend(found);
    };
    let source = if let Some((variable, at)) = given("env") {
        out.diagnostics.extend(check::secret_not_allowed::check(&variable, at, context.options));
        SecretSource::Env(variable)
    } else if let Some((path, at)) = given("file") {
        file(&path, at);
        SecretSource::File(path)
    } else {
        let (path, at) = given("age")?;
        file(&path, at);
        SecretSource::Age(path)
    };
    Some(SecretRef { source, version })
}
