//! The documents that people write, and how they become resources.
//!
//! [`header`] reads what all manifests share, [`staff`] indexes who is declared, and then one reader a kind turns a document into
//! resources: [`object`] for Support and Agent, which are one resource each, [`permission`] and [`schedule`] for those that expand to many.
//! A reader gets documents that the schema has accepted; it reports what a schema cannot say.

mod expansion;
mod header;
mod lifecycle;
mod object;
pub(crate) mod permission;
pub(crate) mod reference;
pub(crate) mod schedule;
mod staff;

pub(crate) use expansion::{Context, Expansion};
pub(crate) use header::{Header, Label};
pub(crate) use staff::{Member, Staff};

use crate::Kind;
use crate::schema::ManifestKind;

/// Turns one valid document into resources.
pub(crate) fn expand(header: &Header<'_>, context: &Context<'_>, out: &mut Expansion) {
    match header.kind {
        ManifestKind::Support => object::expand(Kind::Support, header, context, out),
        ManifestKind::Agent => object::expand(Kind::Agent, header, context, out),
        ManifestKind::Permission => permission::expand(header, context, out),
        ManifestKind::Schedule => schedule::expand(header, context, out),
        ManifestKind::Project => {}
    }
}
