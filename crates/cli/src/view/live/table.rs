//! A table of texts: columns line up whatever the script, and nothing in a cell steers the terminal.

use std::io::{self, Write};

use deskform_model::printable::printable;

use super::super::layout::{blanks, width};
use crate::ui::STRONG;

/// Writes headings and rows, two blanks between columns, none at the ends of lines.
///
/// # Errors
/// When the writer fails.
pub fn write<const N: usize>(headings: [&str; N], rows: &[[String; N]], out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(|cell| printable(cell).into_owned())).collect();
    let mut widths = headings.map(width);
    for row in &rows {
        for (have, cell) in widths.iter_mut().zip(row) {
            *have = (*have).max(width(cell));
        }
    }
    writeln!(out, "{STRONG}{}{STRONG:#}", line(&headings, &widths))?;
    for row in &rows {
        writeln!(out, "{}", line(&row.each_ref().map(String::as_str), &widths))?;
    }
    Ok(())
}

fn line(cells: &[&str], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, want) in cells.iter().zip(widths) {
        line.push_str(cell);
        line.push_str(&blanks(width(cell), *want, 0));
        line.push_str("  ");
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_control_characters_are_shown() {
        let mut out = anstream::StripStream::new(Vec::new());
        let rows = [["张三".to_owned(), "x".to_owned()], ["li-si".to_owned(), "a\u{1b}b".to_owned()]];
        write(["NAME", "TEXT"], &rows, &mut out).expect("memory");
        let text = String::from_utf8(out.into_inner()).expect("text");
        assert_eq!(text, "NAME   TEXT\n张三   x\nli-si  a\\u{1b}b\n");
    }
}
