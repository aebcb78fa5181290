//! How a resource refers to a member of staff.

use std::fmt;

use crate::Text;

/// One person, in the form that the reference had after all names were resolved: a reference by account to somebody whom a Support
/// manifest declares has become [`Person::Declared`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Person {
    /// The support that a manifest declares under this `metadata.name`.
    Declared(Text),
    /// A support that lives on the helpdesk only, by account (`sPassportName`).
    Account(Text),
    /// A support by its `sId`, as the platform's string.
    Id(Text),
}

/// The person's part of an address: `zhang-san`, `account:13909200001`, `id:123`. Names never hold a colon.
impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared(name) => f.write_str(name),
            Self::Account(account) => write!(f, "account:{account}"),
            Self::Id(id) => write!(f, "id:{id}"),
        }
    }
}
