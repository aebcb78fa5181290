//! The ledger as text: a snapshot, and segments of one JSON record a line.
//!
//! A snapshot is one JSON document with its header on the first line and one entry on each line after it, so that a diff of two
//! snapshots shows the objects that changed and a writer never holds the whole text. A segment begins with a line that says which
//! snapshot it continues, and so does what each later run appends to it. Reading accepts any layout of the same JSON.
//!
//! Limits: no files. Nothing here is ever a secret: values hold at most a secret's version ([`deskform_model::Value::Secret`]).

pub(crate) mod document;
mod stored;
mod written;

use document::{Binned, Header, SnapshotDocument};
use stored::KnownValues;

use super::{Ledger, Record};

/// The format that this version writes. It reads this one and nothing newer.
pub const FORMAT: u32 = 1;

/// The version of deskform that is written into new ledgers, so that an older one can say what is needed to read them.
const WRITER: &str = env!("CARGO_PKG_VERSION");

/// A piece of a snapshot ends with the line that brings it to this size, in bytes.
const PIECE: usize = 256 * 1024;

/// How a segment's headers begin; no record does.
const HEADER: &str = "{\"segment\":";

/// Why a ledger's text cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FormatError {
    /// A line is not what deskform writes.
    #[error("line {line} is damaged: {what}")]
    Damaged {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A newer deskform wrote it.
    #[error(
        "it has format {format}, written by deskform {writer}, and this deskform reads up to format {FORMAT}; use deskform {writer} or newer"
    )]
    Newer {
        /// The format that it has.
        format: u32,
        /// The version that wrote it.
        writer: String,
    },
}

/// How far a segment could be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// How many runs wrote it; each begins with a header.
    pub runs: usize,
    /// Records that were taken over.
    pub records: usize,
    /// Whether the last line was not written to its end and was ignored.
    pub torn: bool,
}

/// A snapshot, in pieces of many lines.
pub fn snapshot(ledger: &Ledger) -> impl Iterator<Item = String> {
    let first = format!("{{\"ledger\":{},\"entries\":[\n", json(&Header::of(ledger, WRITER)));
    let entries = pieces(ledger.entries.values(), |text, entry| written::entry(text, entry, None));
    let recycled = pieces(ledger.recycled.iter(), |text, (account, recycled)| written::recycled(text, account, recycled));
    let intents = pieces(ledger.intents.values(), written::intent);
    std::iter::once(first)
        .chain(entries)
        .chain(std::iter::once("],\"recycled\":[\n".to_owned()))
        .chain(recycled)
        .chain(std::iter::once("],\"intents\":[\n".to_owned()))
        .chain(intents)
        .chain(std::iter::once("]}\n".to_owned()))
}

/// Reads a snapshot.
///
/// # Errors
/// When the text is damaged or of a newer format.
pub fn read_snapshot(text: &str) -> Result<Ledger, FormatError> {
    let document = serde_json::from_str::<SnapshotDocument>(text).map_err(|error| {
        // A newer format may look different everywhere but in its header, so that is asked before calling it damaged.
        newer(serde_json::from_str::<document::SnapshotVersion>(text).ok().map(|version| version.ledger)).unwrap_or_else(|| damaged(&error))
    })?;
    if let Some(error) = newer(Some(document.ledger.version())) {
        return Err(error);
    }
    let SnapshotDocument { ledger: header, entries, recycled, intents } = document;
    Ok(Ledger {
        // Sorted where they lie: a second list of them would be the largest thing in memory.
        entries: entries.0.into_iter().collect(),
        recycled: recycled.0.into_iter().map(|Binned(account, recycled)| (account, recycled)).collect(),
        intents: intents.0.into_iter().map(|intent| (intent.number, intent)).collect(),
        ..header.into_ledger()
    })
}

/// The line with which a run begins to continue this ledger: whose segment it is, and who writes.
pub fn segment_header(ledger: &Ledger) -> String {
    json(&document::SegmentHeader { segment: Header::of(ledger, WRITER) }) + "\n"
}

/// One record as a line.
pub fn record_line(record: &Record) -> String {
    let mut line = String::new();
    write_record(&mut line, record);
    line
}

/// Adds one record as a line.
pub fn write_record(text: &mut String, record: &Record) {
    written::record(text, record);
    text.push('\n');
}

/// Makes a segment's changes to the ledger that its snapshot held.
///
/// # Errors
/// When a line other than an unfinished last one is damaged, or the segment belongs to another ledger. The ledger may have changed then.
pub fn replay(segment: &str, ledger: &mut Ledger) -> Result<Replayed, FormatError> {
    let mut replayed = Replayed::default();
    let mut known = KnownValues::default();
    for (at, line) in segment.split_inclusive('\n').enumerate() {
        let Some(line) = line.strip_suffix('\n') else {
            // The end was being written when the writer died; what it announces was never sent (design.md section 4).
            replayed.torn = true;
            break;
        };
        let at_line = |error: FormatError| match error {
            FormatError::Damaged { what, .. } => FormatError::Damaged { line: at + 1, what },
            newer => newer,
        };
        if at == 0 || line.starts_with(HEADER) {
            read_segment_header(line, ledger).map_err(at_line)?;
            replayed.runs += 1;
            continue;
        }
        let record = stored::from_str::<Record>(line, &mut known).map_err(|error| at_line(damaged(&error)))?;
        ledger.record(record);
        replayed.records += 1;
    }
    Ok(replayed)
}

fn read_segment_header(line: &str, ledger: &mut Ledger) -> Result<(), FormatError> {
    let header = serde_json::from_str::<document::SegmentHeader>(line).map_err(|error| {
        newer(serde_json::from_str::<document::SegmentVersion>(line).ok().map(|version| version.segment)).unwrap_or_else(|| damaged(&error))
    })?;
    if let Some(error) = newer(Some(header.segment.version())) {
        return Err(error);
    }
    let header = header.segment.into_ledger();
    if (&header.id, header.serial) != (&ledger.id, ledger.serial) {
        let what =
            format!("the segment continues ledger {} serial {}, not {} serial {}", header.id, header.serial, ledger.id, ledger.serial);
        return Err(FormatError::Damaged { line: 1, what });
    }
    // A platform may have been used for the first time since the snapshot.
    ledger.identity = header.identity;
    Ok(())
}

/// The items of a list, one a line.
fn pieces<T>(items: impl Iterator<Item = T>, write: impl Fn(&mut String, T)) -> impl Iterator<Item = String> {
    let mut items = items.peekable();
    std::iter::from_fn(move || {
        items.peek()?;
        let mut text = String::with_capacity(PIECE + PIECE / 8);
        while text.len() < PIECE
            && let Some(item) = items.next()
        {
            write(&mut text, item);
            text.push_str(if items.peek().is_some() { ",\n" } else { "\n" });
        }
        Some(text)
    })
}

fn json(document: &impl serde::Serialize) -> String {
    serde_json::to_string(document).expect("documents hold nothing but texts, numbers and maps with text keys")
}

fn newer(version: Option<document::Version>) -> Option<FormatError> {
    let version = version.filter(|version| version.format > FORMAT)?;
    Some(FormatError::Newer { format: version.format, writer: version.written_by })
}

fn damaged(error: &serde_json::Error) -> FormatError {
    // The position is told as a line of the file, not of the record.
    FormatError::Damaged { line: error.line(), what: stored::without_place(error) }
}

#[cfg(test)]
mod tests;
