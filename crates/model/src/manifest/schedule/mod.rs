//! Schedule manifests: rosters and single shifts.

mod schema;

pub(crate) use schema::{shift_types_schema, spec_schema};
