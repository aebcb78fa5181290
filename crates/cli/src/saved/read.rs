//! Reads a saved plan back, and refuses everything that deskform did not write like that.
//!
//! What was read is written again and compared with the file byte for byte: whatever was edited, by hand or by a merge, on either side of
//! the file, is noticed, and what a reviewer's tool read in `resource_changes` is what will be done.

use serde::Deserialize;

use super::document::{Document, FORMAT, Version};
use super::{PlanReport, write};

/// Why a file is no plan that can be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PlanFileError {
    /// It ends too early or is no JSON at all.
    #[error("it is not whole: {0}")]
    Broken(String),
    /// Some other JSON.
    #[error("it is no plan of deskform")]
    Foreign,
    /// A newer deskform wrote it.
    #[error("it has format {format}, written by deskform {writer}, and this deskform reads format {FORMAT}")]
    OtherFormat {
        /// Its format.
        format: u32,
        /// The version that wrote it.
        writer: String,
    },
    /// Another deskform wrote it.
    #[error("deskform {writer} wrote it, and this is deskform {}", env!("CARGO_PKG_VERSION"))]
    OtherVersion {
        /// The version that wrote it.
        writer: String,
    },
    /// It was written with `--mask-personal`.
    #[error("its personal data is masked; it is there to be read, not to be applied")]
    Masked,
    /// It is not as deskform wrote it.
    #[error("it was changed after it was written: {0}")]
    Changed(String),
}

#[derive(Deserialize)]
struct Versions {
    deskform: Option<Version>,
}

#[derive(Deserialize)]
struct Whole<'a> {
    #[serde(borrow)]
    deskform: Document<'a>,
}

/// Reads a saved plan.
///
/// # Errors
/// When it is not exactly what this deskform writes.
pub fn read(text: &str) -> Result<PlanReport, PlanFileError> {
    read_as_written(text).map_err(|error| match error {
        // What was masked was changed by the very one who wrote it.
        PlanFileError::Changed(_) if text.contains("***") => PlanFileError::Masked,
        error => error,
    })
}

fn read_as_written(text: &str) -> Result<PlanReport, PlanFileError> {
    let versions: Versions = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => PlanFileError::Foreign,
        _ => PlanFileError::Broken(error.to_string()),
    })?;
    let Some(Version { format_version, written_by }) = versions.deskform else { return Err(PlanFileError::Foreign) };
    if format_version != FORMAT {
        return Err(PlanFileError::OtherFormat { format: format_version, writer: written_by });
    }
    if written_by != env!("CARGO_PKG_VERSION") {
        return Err(PlanFileError::OtherVersion { writer: written_by });
    }
    let whole: Whole<'_> = serde_json::from_str(text).map_err(|error| PlanFileError::Changed(error.to_string()))?;
    let report = whole.deskform.read().map_err(PlanFileError::Changed)?;
    if report.fingerprint() != deskform_planner::fingerprint::fingerprint(&report.plan) {
        return Err(PlanFileError::Changed("its fingerprint is another".to_owned()));
    }
    match first_difference(&report, text) {
        None => Ok(report),
        Some(Difference::Line(line)) => Err(PlanFileError::Changed(format!("line {line} is not what deskform writes"))),
        Some(Difference::Digest) => Err(PlanFileError::Changed("its digest is of another text".to_owned())),
    }
}

/// Where a text begins to differ from what would be written.
enum Difference {
    /// In this line, from 1.
    Line(usize),
    /// Nowhere but in the digest at its end: something was edited that can be read both ways.
    Digest,
}

fn first_difference(report: &PlanReport, text: &str) -> Option<Difference> {
    let mut written = Vec::with_capacity(text.len());
    // A vector takes everything.
    write::write(report, &mut written).ok()?;
    if written == text.as_bytes() {
        return None;
    }
    let same = written.iter().zip(text.as_bytes()).take_while(|(ours, theirs)| ours == theirs);
    let line = same.filter(|(ours, _)| **ours == b'\n').count() + 1;
    let last = written.split_inclusive(|byte| *byte == b'\n').count();
    Some(if line == last { Difference::Digest } else { Difference::Line(line) })
}
