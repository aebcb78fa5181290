//! Columns: display widths, so that lines with Chinese text line up and fit.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

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

/// The text cut to `most` columns, with two dots where something is missing.
pub fn fit(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut left = most.saturating_sub(2);
    let room = |letter: &char| {
        let taken = letter.width().unwrap_or_default();
        let fits = taken <= left;
        left = left.saturating_sub(taken);
        fits
    };
    text.chars().take_while(room).chain(['.'; 2]).collect()
}

/// The parts one behind the other in lines of at most `most` columns; a longer part has a line of its own.
pub fn wrap(parts: &[String], gap: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if width(line) + width(gap) + width(part) <= most => {
                line.push_str(gap);
                line.push_str(part);
            }
            _ => lines.push(part.clone()),
        }
    }
    lines
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

    #[test]
    fn what_is_too_long_is_cut_and_what_are_too_many_are_wrapped() {
        assert_eq!(fit("早班", 4), "早班");
        assert_eq!(fit("早班早班", 7), "早班..");
        let parts = ["早 早班", "B", "long part"].map(str::to_owned);
        assert_eq!(wrap(&parts, "  ", 10), ["早 早班  B", "long part"]);
    }
}
