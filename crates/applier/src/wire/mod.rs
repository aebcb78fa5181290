//! The platforms' JSON: what wraps a reply, and what an object in it says. Pure functions; field values go through the codecs of the
//! model, so that a field is still described once.

pub(crate) mod borrowed;
pub mod decode;
pub mod duties;
pub(crate) mod envelope;
pub(crate) mod rows;
pub(crate) mod token;
