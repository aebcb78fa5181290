//! The findings about manifests in every format: which view writes which.

use std::collections::BTreeMap;
use std::io::{self, Write};

use deskform_model::diagnostic::Diagnostic;
use deskform_model::source::Sources;
use deskform_model::{Desired, ManifestKind};

use super::{codequality, diagnostic_human, diagnostic_json, github_findings, sarif, validate_human};
use crate::args::Format;

/// What a run found out about manifests.
#[derive(Clone, Copy, Debug)]
pub struct FindingsView<'a> {
    /// The findings, in the order of the files.
    pub findings: &'a [Diagnostic],
    /// What they point into.
    pub sources: &'a Sources,
    /// What stands before a path of the sources to make it one from the root of the repository.
    pub folder: &'a str,
    /// What valid manifests come to; nothing when they are not valid.
    pub valid: Option<Valid<'a>>,
}

/// What valid manifests come to.
#[derive(Clone, Copy, Debug)]
pub struct Valid<'a> {
    /// How many files there are.
    pub files: usize,
    /// How many documents of each kind there are.
    pub manifests: &'a BTreeMap<ManifestKind, usize>,
    /// What they want.
    pub desired: &'a Desired,
}

impl FindingsView<'_> {
    /// Writes one format; plans' own formats are text here.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Json => diagnostic_json::write(self.findings, self.sources, out),
            Format::Github => github_findings::write(self, out),
            Format::Sarif => sarif::write(self, out),
            Format::Codequality => codequality::write(self, out),
            _ => {
                diagnostic_human::write(self.findings, self.sources, out)?;
                self.write_result(out)
            }
        }
    }

    /// Writes the last line of the text: what it all comes to.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_result(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.valid {
            Some(Valid { files, manifests, desired }) => validate_human::write(files, manifests, desired, out),
            None => writeln!(out, "Not valid: {}.", diagnostic_human::tally(self.findings)),
        }
    }
}
