//! A graph for Graphviz.

use std::io::{self, Write};

use super::{Graph, Mark};

impl Graph {
    /// Writes DOT.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_dot(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "digraph plan {{")?;
        writeln!(out, "  rankdir=LR;")?;
        writeln!(out, "  node [shape=box, style=\"filled,rounded\", fontname=\"sans-serif\"];")?;
        for (at, node) in self.nodes.iter().enumerate() {
            let (line, fill) = node.mark.colors();
            let label = escaped(node.mark, &node.label);
            writeln!(out, "  n{at} [label=\"{label}\", color=\"#{line:06x}\", fillcolor=\"#{fill:06x}\"];")?;
        }
        for (from, to) in &self.edges {
            writeln!(out, "  n{from} -> n{to};")?;
        }
        writeln!(out, "}}")
    }
}

fn escaped(mark: Mark, label: &str) -> String {
    format!("{}{}", mark.sign(), label.replace('\\', "\\\\").replace('"', "\\\""))
}
