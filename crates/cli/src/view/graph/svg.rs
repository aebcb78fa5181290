//! A graph as a picture, drawn without any other program.

use std::io::{self, Write};

use layout::backends::svg::SVGWriter;
use layout::core::base::Orientation;
use layout::core::color::Color;
use layout::core::geometry::Point;
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;

use super::super::layout::width;
use super::Graph;

/// More than this nobody can look at, and placing it takes minutes.
const MOST_NODES: usize = 600;

/// The text size in pixels; a column of text is a bit more than half as wide.
const FONT: usize = 14;

/// Why no picture is drawn.
#[derive(Debug, thiserror::Error)]
pub enum TooLarge {
    /// There are too many nodes.
    #[error("a picture of {nodes} nodes is more than anybody can look at; {MOST_NODES} are drawn at most")]
    Nodes {
        /// How many there are.
        nodes: usize,
    },
    /// It cannot be written.
    #[error("the picture cannot be written")]
    Output(#[from] io::Error),
}

impl Graph {
    /// Writes an SVG picture.
    ///
    /// # Errors
    /// When there are too many nodes, or the writer fails.
    pub fn write_svg(&self, out: &mut dyn Write) -> Result<(), TooLarge> {
        if self.nodes.len() > MOST_NODES {
            return Err(TooLarge::Nodes { nodes: self.nodes.len() });
        }
        let mut picture = VisualGraph::new(Orientation::LeftToRight);
        let mut handles = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let text = format!("{}{}", node.mark.sign(), node.label);
            let (line, fill) = node.mark.colors();
            let style = StyleAttr::new(Color::new(rgba(line)), 1, Some(Color::new(rgba(fill))), 6, FONT);
            #[expect(clippy::cast_precision_loss, reason = "labels are short")]
            let size = Point::new(width(&text) as f64 * 8.0 + 24.0, 32.0);
            handles.push(picture.add_node(Element::create(ShapeKind::new_box(&text), style, Orientation::LeftToRight, size)));
        }
        for (from, to) in &self.edges {
            picture.add_edge(Arrow::simple(""), handles[*from], handles[*to]);
        }
        let mut writer = SVGWriter::new();
        if !self.nodes.is_empty() {
            picture.do_it(false, false, false, &mut writer);
        }
        writeln!(out, "{}", writer.finalize())?;
        Ok(())
    }
}

/// Without transparency.
const fn rgba(rgb: u32) -> u32 {
    rgb << 8 | 0xff
}
