//! Shifts: api-spec.md section 3.2.

use crate::codec::Codec;
use crate::field::{CLEARABLE, CREATE, EDIT, Field, Flags, READ, REQUIRED};

const ALL: Flags = CREATE.with(EDIT).with(READ);

/// The fields of a shift. Person and date are fixed and stand in its natural key; the start stands there too and can be edited.
///
/// A shift is one value: a resource always has all of these, absent text meaning empty (design.md section 2).
pub const FIELDS: &[Field] = &[
    Field::new("start", "start_time", Codec::Time, ALL.with(REQUIRED), "When it starts, HH:MM.", "\"09:00\""),
    Field::new(
        "end",
        "end_time",
        Codec::Time,
        ALL.with(REQUIRED),
        "When it ends, HH:MM; not after the start means the next day.",
        "\"18:00\"",
    ),
    Field::new("name", "name", Codec::text(30), ALL.with(CLEARABLE), "Name of the shift, at most 30 characters.", "早班"),
    Field::new("remark", "remark", Codec::lines(), ALL.with(CLEARABLE), "Remark shown with the shift.", "前台"),
    // No list shows the link (api-spec.md H36).
    Field::new(
        "url",
        "url",
        Codec::url(),
        CREATE.with(EDIT).with(READ).with(CLEARABLE),
        "Link opened by a click on the shift; no call reads it back.",
        "https://example.com/handbook",
    ),
];

/// Position of `start` in [`FIELDS`].
pub const START: u8 = 0;
/// Position of `end` in [`FIELDS`].
pub const END: u8 = 1;
/// Position of `name` in [`FIELDS`].
pub const NAME: u8 = 2;
