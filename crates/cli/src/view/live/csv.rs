//! CSV as RFC 4180 has it: commas, quotes where they are needed, and line breaks of two characters.
//!
//! What people write may begin like a formula, which a spreadsheet would carry out: such a text gets an apostrophe in front, as OWASP advises
//! (CSV injection). Numbers are left alone.

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
        let apostrophe = if is_formula(cell) { "'" } else { "" };
        if cell.contains(['"', ',', '\n', '\r']) {
            write!(out, "\"{apostrophe}{}\"", cell.replace('"', "\"\""))?;
        } else {
            write!(out, "{apostrophe}{cell}")?;
        }
    }
    out.write_all(b"\r\n")
}

/// Whether a spreadsheet may take it for one; some take wide signs for narrow ones.
fn is_formula(cell: &str) -> bool {
    let number = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    let is_number = number.parse::<f64>().is_ok() && number.starts_with(|letter: char| letter.is_ascii_digit());
    !is_number && cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_carry_out_is_text_and_numbers_stay_numbers() {
        for (cell, written) in [
            ("=HYPERLINK(\"https://example.com\",1)", "\"'=HYPERLINK(\"\"https://example.com\"\",1)\""),
            ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("＝1", "'＝1"),
            ("-", "'-"),
            ("+inf", "'+inf"),
            ("-12.5", "-12.5"),
            ("+8613900000001", "+8613900000001"),
            ("001", "001"),
            ("2026-12-01 09:00:00", "2026-12-01 09:00:00"),
            ("a=b", "a=b"),
        ] {
            let mut out = Vec::new();
            line([cell].into_iter(), &mut out).expect("memory");
            assert_eq!(String::from_utf8(out).expect("text"), format!("{written}\r\n"));
        }
    }

    #[test]
    fn quotes_commas_and_line_breaks_are_quoted_and_nothing_else() {
        let mut out = Vec::new();
        write(["a", "b"], [["张三, 李四".to_owned(), "say \"x\"\ny".to_owned()], ["001".to_owned(), String::new()]], &mut out)
            .expect("memory");
        assert_eq!(String::from_utf8(out).expect("text"), "a,b\r\n\"张三, 李四\",\"say \"\"x\"\"\ny\"\r\n001,\r\n");
    }
}
