//! Permissions: api-spec.md section 2.2, PUT permissions. Nothing reads them (H26).

use crate::codec::Codec;
use crate::field::{CREATE, EDIT, Field};

/// The fields of a permission. Person and module are its natural key.
pub const FIELDS: &[Field] = &[Field::new(
    "enabled",
    "state",
    // The encoding is inverted: "0" is on, "1" is off (api-spec.md H25).
    Codec::Flag { on: 0, off: 1 },
    CREATE.with(EDIT),
    "Whether the module is switched on for these people.",
    "true",
)];
