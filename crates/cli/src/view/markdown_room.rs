//! The room of a Markdown document that must not exceed a number of characters: what gets in, and what is said of the rest.
//!
//! Parts come with the most important first. Open parts take what they need. Folded ones first get a line for everything and then, with
//! what is left, details; so details go before lines do, and both from the end. After the first line that does not fit nothing is in, so that
//! a reader knows what is missing.

use super::markdown::{fenced, length};
use super::plural::{Noun, count};

/// Room that a part takes beside its pieces: heading, folding, fences of ordinary length.
const FRAME: usize = 300;
/// Room for the sentences that say what was left out.
const NOTICE: usize = 900;

/// Lines that are in with their details, without them, or left out.
pub struct Piece<'p> {
    /// The least that makes sense.
    pub line: String,
    /// Makes what stands below it.
    pub details: Option<Box<dyn FnOnce() -> String + 'p>>,
    /// How many changes it stands for.
    pub changes: usize,
}

impl Piece<'_> {
    /// A piece without details.
    pub fn plain(line: String, changes: usize) -> Self {
        Self { line, details: None, changes }
    }
}

/// How the pieces of a part stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Lines of a block of code in this language.
    Code(&'static str),
    /// Markdown as it is.
    Plain,
}

impl Form {
    /// What a text takes at most: backticks in code may make the fences around it that much longer.
    fn need(self, text: &str) -> usize {
        match self {
            Self::Code(_) => length(text) + 2 * text.matches('`').count(),
            Self::Plain => length(text),
        }
    }
}

/// A heading and what stands below it.
pub struct Part<'p> {
    /// The heading: words of ours.
    pub heading: String,
    /// What its changes are called where they are left out.
    pub noun: &'static str,
    /// Whether it is never folded away.
    pub open: bool,
    /// How its pieces stand.
    pub form: Form,
    /// How many changes all pieces stand for.
    pub changes: usize,
    /// Made when they are looked at: of a plan that is too large, most are not.
    pub pieces: Box<dyn Iterator<Item = Piece<'p>> + 'p>,
}

/// What is left of the room, and what did not fit.
#[derive(Debug)]
pub struct Room {
    left: usize,
    /// What folded parts may use for details.
    spare: usize,
    /// Set when the first line did not fit.
    full: bool,
    shortened: usize,
    left_out: Vec<String>,
}

impl Room {
    /// Room for so many characters, the sentences about what is left out included.
    pub fn new(characters: usize) -> Self {
        Self { left: characters.saturating_sub(NOTICE), spare: 0, full: false, shortened: 0, left_out: Vec::new() }
    }

    /// Keeps room for a line for everything in these parts: only the rest is for details.
    pub fn reserve<'p>(&mut self, parts: impl IntoIterator<Item = Part<'p>>) {
        self.spare = self.left;
        for part in parts {
            self.spare = self.spare.saturating_sub(FRAME + length(&part.heading));
            for piece in part.pieces {
                self.spare = self.spare.saturating_sub(part.form.need(&piece.line));
                if self.spare == 0 {
                    return;
                }
            }
        }
    }

    /// As much of a part as there is room for.
    pub fn fit(&mut self, part: Part<'_>) -> String {
        let Part { heading, noun, open, form, changes: mut left_out, mut pieces } = part;
        let mut lines = String::new();
        let frame = FRAME + length(&heading);
        self.full |= self.left < frame;
        let mut left = self.left.saturating_sub(frame);
        while !self.full
            && let Some(Piece { line, details, changes }) = pieces.next()
        {
            if form.need(&line) > left {
                self.full = true;
                break;
            }
            left -= form.need(&line);
            lines.push_str(&line);
            left_out = left_out.saturating_sub(changes);
            if let Some(details) = details {
                let details = self.details(form, details, if open { left } else { left.min(self.spare) }, open);
                left -= form.need(&details);
                lines.push_str(&details);
            }
        }
        if left_out > 0 {
            self.left_out.push(format!("{left_out} of \"{noun}\""));
        } else if self.full {
            self.left_out.push(format!("remarks on \"{noun}\""));
        }
        if lines.is_empty() {
            return String::new();
        }
        let body = match form {
            Form::Code(language) => fenced(language, &lines),
            Form::Plain => lines,
        };
        let text = if open {
            format!("**{heading}**\n\n{body}\n")
        } else {
            format!("<details><summary>{heading}</summary>\n\n{body}\n</details>\n\n")
        };
        self.left = self.left.saturating_sub(length(&text));
        text
    }

    /// The details if they fit, nothing otherwise.
    fn details(&mut self, form: Form, details: Box<dyn FnOnce() -> String + '_>, room: usize, open: bool) -> String {
        // Without any room they need not even be made.
        match (room > 0).then(details) {
            Some(details) if form.need(&details) <= room => {
                if !open {
                    self.spare -= form.need(&details);
                }
                details
            }
            _ => {
                self.shortened += 1;
                if !open {
                    self.spare = 0;
                }
                String::new()
            }
        }
    }

    /// What was left out, in a sentence; nothing when everything is in.
    pub fn notice(&self, limit: usize) -> String {
        let mut said = Vec::new();
        if self.shortened > 0 {
            said.push(format!("the details of {}", count(self.shortened, Noun::Change)));
        }
        said.extend(self.left_out.iter().cloned());
        if said.is_empty() {
            return String::new();
        }
        let said = said.join(", ");
        format!("**Left out** to stay below {limit} characters: {said}. The text and HTML views of the same plan hold everything.\n\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(open: bool, pieces: usize) -> Part<'static> {
        let piece = |at| Piece { line: format!("line {at:04}\n"), details: Some(Box::new(|| "    details\n".repeat(10))), changes: 1 };
        let pieces = Box::new((0..pieces).map(piece));
        Part { heading: "part".to_owned(), noun: "part", open, form: Form::Code("diff"), changes: pieces.len(), pieces }
    }

    fn numbers(text: &str) -> (usize, usize) {
        (text.matches("line ").count(), text.matches("details\n").count() / 10)
    }

    #[test]
    fn details_of_folded_parts_go_before_lines_do() {
        let mut room = Room::new(NOTICE + 2 * (FRAME + 4) + 20 * 10 + 3 * 120);
        room.reserve([part(false, 10), part(false, 10)]);
        let (first, second) = (room.fit(part(false, 10)), room.fit(part(false, 10)));
        assert_eq!((numbers(&first), numbers(&second)), ((10, 3), (10, 0)));
        assert!(room.notice(1).contains("the details of 17 changes."), "{}", room.notice(1));
    }

    #[test]
    fn open_parts_are_whole_before_anything_is_folded() {
        let mut room = Room::new(NOTICE + FRAME + 4 + 10 * 130 + 50);
        let open = room.fit(part(true, 10));
        room.reserve([part(false, 10)]);
        let (lines, details) = numbers(&room.fit(part(false, 10)));
        assert_eq!((numbers(&open), details), ((10, 10), 0));
        assert!(lines < 10 && room.notice(1).contains(&format!(", {} of \"part\".", 10 - lines)), "{lines}: {}", room.notice(1));
    }

    #[test]
    fn nothing_is_said_when_everything_is_in() {
        let mut room = Room::new(10_000);
        room.reserve([part(false, 3)]);
        assert_eq!(numbers(&room.fit(part(false, 3))), (3, 3));
        assert_eq!(room.notice(1), "");
    }
}
