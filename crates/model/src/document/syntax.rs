//! The parser's errors in words for people who write manifests.

use granit_parser::{ErrorKind, ScanError};

use crate::diagnostic::Shape;

/// The problem and its place in bytes, one character wide.
pub(super) fn explain(error: &ScanError, text: &str, max_depth: usize) -> (Shape, usize, usize) {
    let at = error.marker().byte_offset().unwrap_or_else(|| line_start(text, error.marker().line()) + error.marker().col()).min(text.len());
    let start = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let start = if is_tab(error.kind()) && text[..start].ends_with('\t') { start - 1 } else { start };
    let end = text[start..].chars().next().map_or(start, |letter| start + letter.len_utf8());
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        return (Shape::TooDeep { limit: max_depth }, start, end);
    }
    (Shape::Syntax { reason: reason(error), fix: fix(error.kind()) }, start, end)
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabAtBlockScalarStart
    )
}

fn line_start(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}

/// What to do about it; the reason itself often says so.
fn fix(kind: &ErrorKind) -> &'static str {
    match kind {
        kind if is_tab(kind) => "two spaces a level are usual",
        ErrorKind::UnclosedQuotedScalar | ErrorKind::InvalidQuotedScalarIndent => {
            "close the quote; a quote within quotes is written twice or as \\\""
        }
        ErrorKind::UnknownAnchor => "quote a text that begins with \"*\"",
        ErrorKind::UnexpectedCharacter { .. } => "write it in double quotes",
        _ => "look at brackets, quotes and indentation, here and in the lines above",
    }
}

fn reason(error: &ScanError) -> String {
    match error.kind() {
        kind if is_tab(kind) => "a tab cannot indent; use spaces".into(),
        ErrorKind::UnclosedQuotedScalar => "a quote is opened and never closed".into(),
        ErrorKind::InvalidQuotedScalarIndent => "a quote is opened and not closed before text that is less indented".into(),
        ErrorKind::UnclosedFlowCollection { open } => format!("\"{open}\" is opened and never closed"),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => format!("\"{open}\" is closed by \"{close}\""),
        ErrorKind::UnexpectedEofFlowSequence => "\"[\" is opened and never closed".into(),
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => "\"{\" is opened and never closed".into(),
        ErrorKind::MisplacedFlowCollectionEnd => "a closing bracket without an opening one".into(),
        ErrorKind::ExpectedFlowMappingSeparator => "\",\" or \"}\" is missing".into(),
        ErrorKind::ExpectedFlowSequenceSeparator => "\",\" or \"]\" is missing".into(),
        ErrorKind::UnknownAnchor => "the alias has no anchor before it".into(),
        ErrorKind::MappingValueNotAllowed => "a value cannot begin here; quote the text if it holds \": \"".into(),
        ErrorKind::InvalidColonPlacement => "\":\" cannot stand here; is a bracket or a quote still open?".into(),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => "\":\" is missing after a key".into(),
        ErrorKind::ExpectedBlockMappingKey => "a key is expected here; check the indentation".into(),
        ErrorKind::ExpectedBlockSequenceEntry => "\"- \" is expected here; check the indentation".into(),
        ErrorKind::InvalidIndentation => "the indentation fits nothing above".into(),
        ErrorKind::UnexpectedCharacter { character } => format!("a plain text cannot begin with \"{character}\"; quote it"),
        _ => error.kind().to_string(),
    }
}
