//! Supports: api-spec.md section 2.1.

use crate::codec::{Choices, Codec};
use crate::field::{CLEARABLE, CREATE, DETAIL, EDIT, Field, Flags, KEY, READ, REQUIRED};

const TEXT: Flags = CREATE.with(EDIT).with(READ).with(CLEARABLE);

/// Where `customFields` stands in [`FIELDS`].
pub const CUSTOM_FIELDS: usize = 10;

/// The fields of a support.
pub const FIELDS: &[Field] = &[
    Field::new(
        "account",
        "sPassportName",
        Codec::text(255),
        CREATE.with(READ).with(KEY).with(REQUIRED),
        "Login name; fixed once created.",
        "\"13900000001\"",
    ),
    Field::new(
        "staffNumber",
        "sNum",
        Codec::text(255),
        CREATE.with(EDIT).with(READ).with(REQUIRED),
        "Staff number; leading zeros are kept.",
        "\"001\"",
    ),
    Field::new("name", "name", Codec::text(255), TEXT, "Name as colleagues see it.", "张三"),
    Field::new(
        "gender",
        "gnder",
        Codec::Choice(GENDERS),
        CREATE.with(EDIT).with(READ),
        "Gender; the platform's default is female.",
        "female",
    ),
    Field::new("email", "email", Codec::email(), TEXT, "E-mail address.", "zhang@example.com"),
    Field::new("landline", "fixnumber", Codec::text(255), TEXT, "Landline number.", "\"010-60000000-8280\""),
    Field::new("mobile", "mobile", Codec::text(255), TEXT, "Mobile number.", "\"13200000000\""),
    Field::new("qq", "QQ", Codec::text(255), TEXT, "QQ number.", "\"600000000\""),
    Field::new("admin", "isAdmin", Codec::FLAG, CREATE.with(EDIT).with(READ), "Whether the person administers the helpdesk.", "false"),
    Field::new(
        "groups",
        "groupId",
        Codec::IdSet,
        TEXT,
        "Ids of the groups that the person belongs to; no call lists them.",
        "[344124, 344214]",
    ),
    Field::new(
        "customFields",
        "custom_fields",
        Codec::Custom,
        CREATE.with(EDIT).with(READ).with(CLEARABLE).with(DETAIL),
        "Values of custom fields, by key.",
        "{field_1: 一线}",
    ),
    Field::new(
        "password",
        "password",
        Codec::Secret { min: 6, max: 31 },
        CREATE,
        "First password, given at creation only; the platform's default applies without one.",
        "{env: STAFF_ZHANG, version: 1}",
    ),
];

const GENDERS: Choices = &[("female", 1), ("male", 2)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_fields_stand_where_the_constant_says() {
        assert_eq!(FIELDS[CUSTOM_FIELDS].name, "customFields");
    }
}
