//! A plan in every format: which view writes which.

use std::io::{self, Write};

use deskform_model::time::Date;

use super::brake_human::BrakeHuman;
use super::glance::Glance;
use super::plan_html::PlanHtml;
use super::plan_human::PlanHuman;
use super::plan_markdown::PlanMarkdown;
use super::{github_plan, gitlab};
use crate::args::Format;
use crate::mask::Mask;
use crate::saved::{self, PlanReport};
use crate::ui::Screen;

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
    /// The room that readers of the text have.
    pub screen: Screen,
    /// What masks phone numbers and e-mail addresses in Markdown and HTML, which are meant to be sent around.
    pub mask: Option<&'a Mask>,
}

impl PlanView<'_> {
    /// The same for a file, which has no terminal's size.
    #[must_use]
    pub fn on_paper(self) -> Self {
        Self { screen: Screen::PAPER, ..self }
    }

    /// Writes one format; the formats of findings and of graphs are text here.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        let Self { report, documents_from, mask, .. } = *self;
        match format {
            Format::Json => saved::write::write(report, out),
            Format::Markdown => PlanMarkdown { report, documents_from, mask }.write(out),
            Format::Html => PlanHtml { report, documents_from, mask }.write(out),
            Format::Github => github_plan::write(report, self.folder, out),
            Format::Gitlab => gitlab::write(&report.plan, out),
            _ => {
                self.write_text(out)?;
                writeln!(out, "\nFingerprint: {}", report.fingerprint())
            }
        }
    }

    /// Plan and brakes as text, without the fingerprint. What is longer than the terminal begins with what matters most.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(rows) = self.screen.rows else { return self.write_whole(out) };
        let mut text = Vec::new();
        self.write_whole(&mut text)?;
        if text.iter().filter(|byte| **byte == b'\n').count() > rows {
            Glance { report: self.report, rows, columns: self.screen.columns }.write(out)?;
        }
        out.write_all(&text)
    }

    fn write_whole(&self, out: &mut dyn Write) -> io::Result<()> {
        PlanHuman { report: self.report, verbose: self.verbose, columns: self.screen.columns }.write(out)?;
        BrakeHuman { brakes: &self.report.brakes, documents_from: self.documents_from }.write(out)
    }
}
