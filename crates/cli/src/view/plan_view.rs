//! A plan in every format: which view writes which.

use std::io::{self, Write};

use deskform_model::time::Date;

use super::brake_human::BrakeHuman;
use super::plan_human::PlanHuman;
use super::{github_plan, gitlab};
use crate::args::Format;
use crate::saved::{self, PlanReport};

/// A plan, ready to be written.
#[derive(Clone, Copy, Debug)]
pub struct PlanView<'a> {
    /// The plan and what is said about it.
    pub report: &'a PlanReport,
    /// Whether every detail is wanted.
    pub verbose: bool,
    /// Today, where a Release document can help against a brake; it is shown ready to be pasted.
    pub documents_from: Option<Date>,
    /// What stands before a manifest's path to make it one from the root of the repository.
    pub folder: &'a str,
}

impl PlanView<'_> {
    /// Writes one format; the formats of findings alone are text here.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Json => saved::write::write(self.report, out),
            Format::Github => github_plan::write(self.report, self.folder, out),
            Format::Gitlab => gitlab::write(&self.report.plan, out),
            _ => {
                self.write_text(out)?;
                writeln!(out, "\nFingerprint: {}", self.report.fingerprint)
            }
        }
    }

    /// Plan and brakes as text, without the fingerprint.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        PlanHuman { report: self.report, verbose: self.verbose }.write(out)?;
        BrakeHuman { brakes: &self.report.brakes, documents_from: self.documents_from }.write(out)
    }
}
