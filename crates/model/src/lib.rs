//! What manifests mean: text in, validated resources out.
//!
//! The pipeline, one module a stage:
//!
//! ```text
//! source::Sources --document::parse--> document::Document --schema--> manifest::* --check--> resource::Resource --> Desired
//! ```
//!
//! Every problem found on the way becomes a [`diagnostic::Diagnostic`]; nothing stops at the first one. After this crate nobody knows
//! Permission or Schedule manifests: they have become resources of the kinds permission and shift.
//!
//! Limits: no files, no network, no clock, no terminal and nothing asynchronous. "Today" is a value that the caller passes in.

pub mod address;
mod check;
pub mod codec;
pub mod diagnostic;
pub mod document;
pub mod field;
pub mod kind;
pub mod load;
mod manifest;
mod parallel;
pub mod person;
pub mod printable;
pub mod project;
pub mod release;
pub mod resource;
pub mod schema;
pub mod secret;
pub mod source;
pub mod time;
pub mod value;

/// Short text that is cheap to clone: names, numbers, hours, ids.
pub type Text = smol_str::SmolStr;

pub use address::{Address, NaturalKey, RemoteId};
pub use field::{Field, FieldKey};
pub use kind::{Kind, Platform};
pub use load::{LoadOptions, Loaded, load};
pub use person::Person;
pub use release::{BrakeName, Release};
pub use resource::{Desired, Ensure, Lifecycle, Resource};
pub use schema::ManifestKind;
pub use value::{SharedValues, Value, Values};
