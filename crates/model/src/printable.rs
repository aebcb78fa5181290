//! Text from manifests and platforms that nobody has reviewed yet, made harmless for terminals.

use std::borrow::Cow;

/// Whether a letter would break the line, colour the terminal or turn the direction of writing.
pub fn is_harmful(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with harmful letters escaped.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let escaped = |letter: char| if is_harmful(letter) { letter.escape_default().to_string() } else { letter.to_string() };
    Cow::Owned(text.chars().map(escaped).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_chinese_is_not() {
        assert_eq!(printable("张三"), "张三");
        assert_eq!(printable("张\u{1b}[31m三\t\u{202e}x"), "张\\u{1b}[31m三\\t\\u{202e}x");
    }
}
