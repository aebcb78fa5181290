//! What valid manifests come to.

use std::collections::BTreeMap;
use std::io::{self, Write};

use deskform_model::{Desired, Kind, ManifestKind};

use super::plural::{Noun, count};

/// Writes one line: `Valid: 12 documents in 4 files are 303 resources (10 people, ...).`
///
/// # Errors
/// When the writer fails.
pub fn write(files: usize, manifests: &BTreeMap<ManifestKind, usize>, desired: &Desired, out: &mut dyn Write) -> io::Result<()> {
    let kinds = Kind::ALL.into_iter().map(|kind| (kind, desired.of_kind(kind).len())).filter(|(_, number)| *number > 0);
    let noun = |kind| match kind {
        Kind::Support => Noun::Person,
        Kind::Permission => Noun::Permission,
        Kind::Shift => Noun::Shift,
        Kind::Agent => Noun::Seat,
    };
    let parts: Vec<String> = kinds.map(|(kind, number)| count(number, noun(kind))).collect();
    let documents = count(manifests.values().sum(), Noun::Document);
    let files = count(files, Noun::File);
    if parts.is_empty() {
        return writeln!(out, "Valid: {documents} in {files}.");
    }
    writeln!(out, "Valid: {documents} in {files}: {}.", parts.join(", "))
}
