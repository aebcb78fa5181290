//! CSV as RFC 4180 has it: commas, quotes where they are needed, and line breaks of two characters.

use std::io::{self, Write};

/// Writes headings and rows.
///
/// # Errors
/// When the writer fails.
pub fn write<const N: usize>(headings: [&str; N], rows: impl IntoIterator<Item = [String; N]>, out: &mut dyn Write) -> io::Result<()> {
    line(headings.iter().copied(), out)?;
    for row in rows {
        line(row.iter().map(String::as_str), out)?;
    }
    Ok(())
}

fn line<'a>(cells: impl Iterator<Item = &'a str>, out: &mut dyn Write) -> io::Result<()> {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            write!(out, "\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    out.write_all(b"\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_commas_and_line_breaks_are_quoted_and_nothing_else() {
        let mut out = Vec::new();
        write(["a", "b"], [["张三, 李四".to_owned(), "say \"x\"\ny".to_owned()], ["001".to_owned(), String::new()]], &mut out)
            .expect("memory");
        assert_eq!(String::from_utf8(out).expect("text"), "a,b\r\n\"张三, 李四\",\"say \"\"x\"\"\ny\"\r\n001,\r\n");
    }
}
