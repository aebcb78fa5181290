//! Workflow commands of GitHub Actions: lines of a step's output that become annotations on lines of files.
//!
//! ```text
//! ::error file=manifests/people.yaml,line=4,col=9,title=unknown-key::unknown key mobil%0Adid you mean mobile?
//! ```
//!
//! GitHub shows ten annotations of each level for a step and keeps the rest in its log, so that the most important must come first.

use std::io::{self, Write};

use super::plural;

/// How many annotations of one level GitHub shows for a step.
const SHOWN: usize = 10;

/// How loud an annotation is; the loudest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It fails.
    Error,
    /// Somebody should look.
    Warning,
    /// Worth knowing.
    Notice,
}

impl Level {
    const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }

    const fn noun(self) -> plural::Noun {
        match self {
            Self::Error => plural::Noun::Error,
            Self::Warning => plural::Noun::Warning,
            Self::Notice => plural::Noun::Notice,
        }
    }
}

/// A line of a file, named from the root of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Path from the root of the repository.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// How loud it is.
    pub level: Level,
    /// Where it stands; nothing for what stands nowhere any more.
    pub spot: Option<Spot>,
    /// A few words.
    pub title: String,
    /// What it says, on one line or several.
    pub message: String,
}

/// Writes annotations, level by level, each level in the given order. Where GitHub leaves some out, one line more says so.
///
/// # Errors
/// When the writer fails.
pub fn write(annotations: &[Annotation], out: &mut dyn Write) -> io::Result<()> {
    for level in Level::ALL {
        let of_level = || annotations.iter().filter(|annotation| annotation.level == level);
        of_level().try_for_each(|annotation| line(annotation, out))?;
        let hidden = of_level().count().saturating_sub(SHOWN);
        if hidden > 0 {
            writeln!(out, "{} more: GitHub shows {SHOWN} for a step, this log has all of them", plural::count(hidden, level.noun()))?;
        }
    }
    Ok(())
}

fn line(annotation: &Annotation, out: &mut dyn Write) -> io::Result<()> {
    let Annotation { level, spot, title, message } = annotation;
    write!(out, "::{} ", level.word())?;
    if let Some(Spot { path, line, column }) = spot {
        write!(out, "file={},line={line},col={column},", property(path))?;
    }
    writeln!(out, "title={}::{}", property(title), data(message))
}

/// What stands behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands behind a `=`: commas and colons end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(annotations: &[Annotation]) -> String {
        let mut out = Vec::new();
        write(annotations, &mut out).expect("memory takes everything");
        String::from_utf8(out).expect("text")
    }

    fn annotation(level: Level, message: &str) -> Annotation {
        Annotation { level, spot: None, title: "t".into(), message: message.into() }
    }

    #[test]
    fn what_would_end_a_command_or_a_property_is_escaped() {
        let spot = Spot { path: "manifests/50%,a:b.yaml".into(), line: 3, column: 7 };
        let annotation =
            Annotation { level: Level::Error, spot: Some(spot), title: "a,b: c".into(), message: "100%\r\nsure, ok: yes".into() };
        assert_eq!(
            written(&[annotation]),
            "::error file=manifests/50%25%2Ca%3Ab.yaml,line=3,col=7,title=a%2Cb%3A c::100%25%0D%0Asure, ok: yes\n"
        );
    }

    #[test]
    fn a_message_cannot_begin_a_command_of_its_own() {
        let text = written(&[annotation(Level::Notice, "a\n::add-mask::b\r::stop-commands::c")]);
        assert_eq!(text.lines().count(), 1, "{text}");
    }

    #[test]
    fn errors_come_before_warnings_and_notices_and_what_github_leaves_out_is_told() {
        let mut annotations = vec![annotation(Level::Notice, "last"), annotation(Level::Warning, "second")];
        annotations.extend((0..12).map(|number| annotation(Level::Error, &number.to_string())));
        let text = written(&annotations);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines[0], lines[11]), ("::error title=t::0", "::error title=t::11"));
        assert!(lines[12].starts_with("2 errors more"), "{}", lines[12]);
        assert_eq!(lines[13..], ["::warning title=t::second", "::notice title=t::last"]);
    }
}
