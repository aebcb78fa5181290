//! Every request that writes, built from a plan's values through the field tables. Nothing is sent here.
//!
//! One function an endpoint; which fields take part is asked of [`deskform_model::field::Flags`], their form on the wire of the codec, so
//! that a new field in a table needs no line here.

pub mod agent;
pub mod duty;
pub mod presence;
pub mod sign_in;
pub mod support;

use deskform_model::{FieldKey, Kind, Value};
use serde_json::{Map, Value as Json};

/// Puts a table's field into a body; custom fields, which share one member of the body, are not this function's.
fn put(kind: Kind, key: &FieldKey, value: &Value, editing: bool, body: &mut Map<String, Json>) {
    if matches!(key, FieldKey::Known(_)) {
        let field = key.field(kind);
        field.codec.put(field, kind.platform(), editing, value, body);
    }
}
