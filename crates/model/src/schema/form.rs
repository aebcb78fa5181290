//! What the patterns of our schemas ask for, in words, and what to write instead of a text that does not fit.

use super::pattern;

/// One sort of patterns.
pub(super) struct Form {
    /// A part of the pattern that no other sort has.
    part: &'static str,
    /// What a text must be, to follow "must be".
    pub(super) wanted: &'static str,
    /// What to do where nothing better is known.
    hint: &'static str,
    /// What was likely meant by a text.
    rewrite: fn(&str) -> Option<String>,
}

const FORMS: [Form; 13] = [
    Form {
        part: r"\p{L}",
        wanted: "1 to 63 letters, digits, \"-\", \"_\" or \".\"",
        hint: "write it without blanks and other signs, for example zhang-san",
        rewrite: |_| None,
    },
    Form {
        part: "[0-9]{4}-",
        wanted: "a date as YYYY-MM-DD",
        hint: "write YYYY-MM-DD in quotes, for example \"2026-12-01\"",
        rewrite: date,
    },
    Form {
        part: "([01][0-9]|2[0-3]):",
        wanted: "a time as HH:MM, from 00:00 to 23:59",
        hint: "write HH:MM in quotes, for example \"09:00\"",
        rewrite: time,
    },
    Form { part: r"^([^@\s]+@", wanted: "an e-mail address", hint: "write it like zhang@example.com", rewrite: |_| None },
    Form {
        part: "https?://",
        wanted: "a link that begins with http:// or https://",
        hint: "write it like https://example.com/page, without blanks",
        rewrite: |_| None,
    },
    Form { part: r"[^\r\n]", wanted: "one line", hint: "take the line breaks out", rewrite: |_| None },
    Form {
        part: r"^[^\s.]$",
        wanted: "one character, neither a space nor \".\"",
        hint: "take one character for it, for example 早",
        rewrite: |_| None,
    },
    Form {
        part: "[A-Za-z_][A-Za-z0-9_]*$",
        wanted: "the name of an environment variable: letters, digits and \"_\"",
        hint: "write the name alone, without \"$\", for example SEAT_8001",
        rewrite: |_| None,
    },
    Form {
        part: r"^field_[0-9]",
        wanted: "field_ and a number",
        hint: "write the key that the helpdesk shows, for example field_1",
        rewrite: |_| None,
    },
    Form {
        part: r"^[^,\s]+$",
        wanted: "an id without commas and spaces",
        hint: "write several as a list: [344124, 344214]",
        rewrite: |_| None,
    },
    Form { part: "^[0-9]+$", wanted: "a number", hint: "write digits alone, for example 123", rewrite: |_| None },
    Form {
        part: r"^[A-Za-z0-9_*]+$",
        wanted: "the name of an environment variable, perhaps with \"*\"",
        hint: "write it like SEAT_* or SEAT_8001",
        rewrite: |_| None,
    },
    Form {
        part: "(ms|s|m|h)$",
        wanted: "a number with a unit: 500ms, 2s, 1m",
        hint: "write the unit behind the number, for example 2s",
        rewrite: duration,
    },
];

const OTHER: Form = Form { part: "", wanted: "of another form", hint: "compare it with the documentation of the field", rewrite: |_| None };

/// The sort of a pattern.
pub(super) fn of(pattern: &str) -> &'static Form {
    FORMS.iter().find(|form| pattern.contains(form.part)).unwrap_or(&OTHER)
}

impl Form {
    /// What to write instead of this text; of a text that must not be repeated nothing is known.
    pub(super) fn fix(&self, text: Option<&str>) -> String {
        text.and_then(self.rewrite).map_or_else(|| self.hint.to_owned(), |better| format!("write {better}"))
    }
}

/// Whether a text certainly does not fit a pattern.
pub(super) fn misses(pattern: &str, text: &str) -> bool {
    pattern::fits(pattern).and_then(|fits| fits(text)) == Some(false)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `9`, `9:00`, `930`, `09:00:30` and `9.30` as `"09:30"`.
fn time(text: &str) -> Option<String> {
    let (hour, minute) = match text.split_once([':', '.', '：']) {
        Some((hour, rest)) => (hour, rest.split(':').next()?),
        None if text.len() <= 2 => (text, "00"),
        None => text.split_at_checked(text.len() - 2)?,
    };
    let fits = |part: &str, limit: u8| is_digits(part) && part.len() <= 2 && part.parse::<u8>().is_ok_and(|number| number < limit);
    (fits(hour, 24) && fits(minute, 60) && minute.len() == 2).then(|| format!("\"{hour:0>2}:{minute}\""))
}

/// `20261201`, `2026/12/1` and `2026.12.1` as `"2026-12-01"`.
fn date(text: &str) -> Option<String> {
    let parts: Vec<&str> = if is_digits(text) && text.len() == 8 {
        vec![&text[..4], &text[4..6], &text[6..]]
    } else {
        text.trim_end_matches('日').split(['-', '/', '.', '年', '月']).collect()
    };
    let [year, month, day] = parts.as_slice() else { return None };
    let better = format!("{year}-{month:0>2}-{day:0>2}");
    crate::time::parse_date(&better).map(|_| format!("\"{better}\""))
}

/// `2` as `2s`.
fn duration(text: &str) -> Option<String> {
    let text = text.trim();
    let joined: String = text.split_whitespace().collect();
    if is_digits(text) {
        Some(format!("{text}s"))
    } else {
        Some(joined).filter(|joined| crate::project::Milliseconds::parse(joined).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_written_as_it_should_be_or_not_at_all() {
        for (rewrite, text, expected) in [
            (time as fn(&str) -> Option<String>, "9", Some("\"09:00\"")),
            (time, "9:05", Some("\"09:05\"")),
            (time, "930", Some("\"09:30\"")),
            (time, "09:00:30", Some("\"09:00\"")),
            (time, "24:00", None),
            (time, "9:5", None),
            (time, "早", None),
            (date, "20261201", Some("\"2026-12-01\"")),
            (date, "2026/12/1", Some("\"2026-12-01\"")),
            (date, "2026年12月1日", Some("\"2026-12-01\"")),
            (date, "2026-02-30", None),
            (date, "01/12/2026", None),
            (duration, "2", Some("2s")),
            (duration, "2 s", Some("2s")),
            (duration, "soon", None),
        ] {
            assert_eq!(rewrite(text).as_deref(), expected, "{text}");
        }
    }
}
