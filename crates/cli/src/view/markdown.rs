//! Markdown for places where strangers' text must not do anything: not break out of its place, not link, not mention anybody.
//!
//! Escaping letter by letter is not enough there: renderers find links, `@mentions`, `#numbers` and `:emoji:` in plain text after Markdown has
//! been read. None of them looks into code, so every value stands in a code span or in a fenced block, and everything else is words of ours.

use deskform_model::printable::printable;

/// A value in a line of text, or in a table, where it keeps everything but its bars: no escape makes them safe in every renderer.
pub fn code(text: &str) -> String {
    let text = printable(text).replace('|', "\u{a6}");
    let ticks = "`".repeat(longest_run(&text) + 1);
    // A blank on either side is taken away again; without it a backtick at the border would join the others.
    let gap = if text.starts_with('`') || text.ends_with('`') || text.starts_with(' ') || text.is_empty() { " " } else { "" };
    format!("{ticks}{gap}{text}{gap}{ticks}")
}

/// Lines as a block of code; `language` is a word of ours.
pub fn fenced(language: &str, lines: &str) -> String {
    let ticks = "`".repeat((longest_run(lines) + 1).max(3));
    let end = if lines.ends_with('\n') { "" } else { "\n" };
    format!("{ticks}{language}\n{lines}{end}{ticks}\n")
}

/// The most backticks in a row.
fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default()
}

/// How many characters a text has, as the platforms that limit comments count them.
pub fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_code() {
        assert_eq!(code("张三"), "`张三`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a|b\n@team"), "`a\u{a6}b\\n@team`");
        assert_eq!(code(""), "`  `");
    }

    #[test]
    fn a_block_ends_where_it_should() {
        assert_eq!(fenced("diff", "+ a\n"), "```diff\n+ a\n```\n");
        assert_eq!(fenced("", "````\n</details>"), "`````\n````\n</details>\n`````\n");
    }
}
