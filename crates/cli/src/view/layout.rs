//! Columns: display widths, so that lines with Chinese text line up.

use unicode_width::UnicodeWidthStr as _;

/// How many columns of a terminal a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The blanks that bring a text of `have` columns to `want`; at least `gap`.
pub fn blanks(have: usize, want: usize, gap: usize) -> String {
    " ".repeat(want.saturating_sub(have).max(gap))
}

/// The text filled with blanks to `want` columns.
pub fn pad(text: &str, want: usize) -> String {
    format!("{text}{}", blanks(width(text), want, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_letter_takes_two_columns() {
        assert_eq!(width("早班"), 4);
        assert_eq!(pad("早班", 6), "早班  ");
        assert_eq!(pad("early", 6), "early ");
        assert_eq!(blanks(9, 6, 2), "  ");
    }
}
