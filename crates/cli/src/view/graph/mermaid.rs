//! A graph for Mermaid, which pull requests and wikis draw.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Graph, Mark};

impl Graph {
    /// Writes a Mermaid flowchart.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_mermaid(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "flowchart LR")?;
        for mark in Mark::ALL {
            let (line, fill) = mark.colors();
            writeln!(out, "  classDef {} stroke:#{line:06x},fill:#{fill:06x},color:#1f2328", mark.word())?;
        }
        for (at, node) in self.nodes.iter().enumerate() {
            writeln!(out, "  n{at}[\"{}{}\"]:::{}", node.mark.sign(), escaped(&node.label), node.mark.word())?;
        }
        for (from, to) in &self.edges {
            writeln!(out, "  n{from} --> n{to}")?;
        }
        Ok(())
    }
}

/// Everything that could mean something to Mermaid or to HTML, as its number.
fn escaped(label: &str) -> String {
    let mut text = String::with_capacity(label.len());
    for letter in label.chars() {
        if letter.is_alphanumeric() || " -_./:@+~=".contains(letter) || !letter.is_ascii() {
            text.push(letter);
        } else {
            let _ = write!(text, "#{};", u32::from(letter));
        }
    }
    text
}
