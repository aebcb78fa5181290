//! Personal data in text: phone numbers, e-mail addresses, and accounts that are phone numbers.
//!
//! [`mask`] replaces all digits of a phone number but the last four by stars, and the part of an e-mail address before the `@`. It knows text,
//! not fields: Chinese mobiles with or without country code, landlines with area code and extension, and international numbers. Dates, times,
//! counts, UUIDs and hashes are left alone. [`Mask`] hides besides what [`Personal`] has met in a field for such things, whatever it looks
//! like. Limits: hot lines (`400-...`) are nobody's own, and a number of eleven digits that looks like a mobile's is taken for one, whatever
//! it counts.
//!
//! [`Masked`] does the same for everything that is written through it, by whole lines, so that no number is cut in two.

mod literal;
mod personal;

use std::borrow::Cow;
use std::io::{self, Write};

pub use literal::Mask;
pub use personal::Personal;

/// So many digits of a phone number stay.
const KEPT: usize = 4;
/// Fewest digits of a number with a country code, and most (E.164).
const INTERNATIONAL: std::ops::RangeInclusive<usize> = 8..=15;

/// The text with personal data masked.
pub fn mask(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut masked = String::new();
    let mut copied = 0;
    let mut at = 0;
    // Whether a number or a word may begin here.
    let mut fresh = true;
    while at < bytes.len() {
        if let Some(length) = separator(&bytes[at..]) {
            at += length;
            fresh = true;
        } else if bytes[at] == b'@'
            && let Some(start) = local_part(&text[copied..at]).map(|length| at - length)
            && let Some(end) = domain(&bytes[at + 1..]).map(|length| at + 1 + length)
        {
            masked.push_str(&text[copied..start]);
            masked.push_str("***");
            masked.push_str(&text[at..end]);
            copied = end;
            at = end;
            fresh = false;
        } else if fresh && let Some(length) = left_alone(&bytes[at..]) {
            at += length;
            fresh = false;
        } else if fresh
            && let Some(length) = phone(&bytes[at..])
            && !continues_as_address(&bytes[at + length..])
        {
            masked.push_str(&text[copied..at]);
            star(&text[at..at + length], &mut masked);
            at += length;
            copied = at;
            fresh = false;
        } else {
            fresh = !bytes[at].is_ascii_alphanumeric();
            at += 1;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

/// The length of an escape sequence here, of a terminal or of JSON: neither its letters nor its digits belong to what follows.
fn separator(rest: &[u8]) -> Option<usize> {
    match rest {
        [0x1b, b'[', tail @ ..] => Some(2 + tail.iter().position(|byte| (0x40..=0x7e).contains(byte)).map_or(tail.len(), |end| end + 1)),
        [b'\\', b'u', tail @ ..] if tail.len() >= 4 && tail[..4].iter().all(u8::is_ascii_hexdigit) => Some(6),
        [b'\\', b'n' | b'r' | b't' | b'b' | b'f' | b'"' | b'\\' | b'/', ..] => Some(2),
        _ => None,
    }
}

/// The length of what looks like a number but is a date or a UUID.
fn left_alone(rest: &[u8]) -> Option<usize> {
    if is_date(rest) {
        return Some(10);
    }
    let dashes = [8, 13, 18, 23];
    let uuid = rest.len() >= 36
        && rest[..36].iter().enumerate().all(|(at, byte)| if dashes.contains(&at) { *byte == b'-' } else { byte.is_ascii_hexdigit() });
    uuid.then_some(36)
}

/// Whether `YYYY-MM-DD` stands here.
fn is_date(rest: &[u8]) -> bool {
    shaped(rest, b"0000-00-00")
}

/// Whether the text begins like the pattern, `0` standing for any digit.
fn shaped(rest: &[u8], pattern: &[u8]) -> bool {
    rest.len() >= pattern.len()
        && pattern.iter().zip(rest).all(|(want, have)| if *want == b'0' { have.is_ascii_digit() } else { have == want })
}

/// The length of a phone number here.
fn phone(rest: &[u8]) -> Option<usize> {
    let length = match rest {
        [b'+', b'0'..=b'9', ..] => {
            let (length, digits) = groups(&rest[1..]);
            INTERNATIONAL.contains(&digits).then_some(1 + length)
        }
        [b'0', b'0', b'8', b'6', tail @ ..] => {
            let gap = usize::from(matches!(tail, [b' ' | b'-', ..]));
            mobile(&tail[gap..]).map(|length| 4 + gap + length)
        }
        [b'8', b'6', ..] => mobile(&rest[2..]).map(|length| 2 + length),
        _ => None,
    };
    let length = length.or_else(|| mobile(rest)).or_else(|| landline(rest))?;
    // A number that goes on as something else is none: a hash, a word, a decimal.
    rest.get(length).is_none_or(|next| !next.is_ascii_alphanumeric()).then_some(length)
}

/// A Chinese mobile: eleven digits from 13 to 19, together or as 3-4-4.
fn mobile(rest: &[u8]) -> Option<usize> {
    let [b'1', b'3'..=b'9', ..] = rest else { return None };
    [b"00000000000".as_slice(), b"000-0000-0000", b"000 0000 0000"].into_iter().find(|pattern| shaped(rest, pattern)).map(<[u8]>::len)
}

/// A landline: area code from 0, with a dash or without, perhaps an extension; or a foreign number from 00.
fn landline(rest: &[u8]) -> Option<usize> {
    if rest.first() != Some(&b'0') {
        return None;
    }
    let first = digits(rest);
    match (first, rest.get(first)) {
        (3 | 4, Some(b'-' | b' ')) => {
            let number = digits(&rest[first + 1..]);
            (7..=8).contains(&number).then_some(first + 1 + number).map(|length| length + extension(&rest[length..]))
        }
        (10..=15, _) => Some(first + extension(&rest[first..])),
        _ => None,
    }
}

fn extension(rest: &[u8]) -> usize {
    match rest {
        [b'-', tail @ ..] if (1..=6).contains(&digits(tail)) => 1 + digits(tail),
        _ => 0,
    }
}

fn digits(rest: &[u8]) -> usize {
    rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Groups of digits with one blank or dash between them: the length of all and the number of digits. Ends before a date or a time.
fn groups(rest: &[u8]) -> (usize, usize) {
    let mut length = digits(rest);
    let mut number = length;
    while let [b' ' | b'-', tail @ ..] = &rest[length..] {
        let more = digits(tail);
        if more < 2 || is_date(tail) || tail.get(more) == Some(&b':') {
            break;
        }
        length += 1 + more;
        number += more;
    }
    (length, number)
}

/// A number before an `@` is the first part of an e-mail address, which is masked as a whole.
fn continues_as_address(rest: &[u8]) -> bool {
    rest.first() == Some(&b'@') && domain(&rest[1..]).is_some()
}

/// The length of what stands before an `@` when it belongs to an e-mail address.
fn local_part(before: &str) -> Option<usize> {
    let belongs = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '%' | '+' | '-' | '*');
    let length = before.chars().rev().take_while(|letter| belongs(*letter)).map(char::len_utf8).sum();
    (length > 0).then_some(length)
}

/// The length of a host name with at least one dot.
fn domain(rest: &[u8]) -> Option<usize> {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let mut host = &rest[..rest.iter().take_while(|byte| belongs(byte)).count()];
    while let [head @ .., b'.' | b'-'] = host {
        host = head;
    }
    (host.first().is_some_and(u8::is_ascii_alphanumeric) && host.contains(&b'.')).then_some(host.len())
}

fn star(number: &str, masked: &mut String) {
    let mut left = number.bytes().filter(u8::is_ascii_digit).count();
    for letter in number.chars() {
        let hidden = letter.is_ascii_digit() && left > KEPT;
        if letter.is_ascii_digit() {
            left -= 1;
        }
        masked.push(if hidden { '*' } else { letter });
    }
}

/// A writer that masks what goes through it, by whole lines. What stands behind the last line break is written at [`Masked::finish`] or when
/// it is dropped.
#[derive(Debug)]
pub struct Masked<W: Write> {
    out: W,
    mask: Mask,
    /// The beginning of a line that is not whole yet.
    line: Vec<u8>,
}

impl<W: Write> Masked<W> {
    /// Masks what goes to `out`.
    pub fn new(out: W, mask: Mask) -> Self {
        Self { out, mask, line: Vec::new() }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn finish(mut self) -> io::Result<()> {
        self.write_out(self.line.len())?;
        self.out.flush()
    }

    fn write_out(&mut self, length: usize) -> io::Result<()> {
        if length == 0 {
            return Ok(());
        }
        // Views write text; what is none could only be a letter that is not whole, which no line break cuts.
        let text = String::from_utf8_lossy(&self.line[..length]);
        self.out.write_all(self.mask.apply(&text).as_bytes())?;
        self.line.drain(..length);
        Ok(())
    }
}

impl<W: Write> Write for Masked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map(|last| self.line.len() + last + 1);
        self.line.extend_from_slice(bytes);
        if let Some(whole) = whole {
            self.write_out(whole)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> Drop for Masked<W> {
    fn drop(&mut self) {
        // Whoever wants to know about an error calls `finish`.
        let _ = self.write_out(self.line.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_addresses_of_people_keep_their_last_four_digits() {
        for (text, masked) in [
            ("13909200001", "*******0001"),
            ("\"13240000000\" -> \"13240000001\"", "\"*******0000\" -> \"*******0001\""),
            ("support/13909200001", "support/*******0001"),
            ("shift/13909200001/2026-12-01T09:00", "shift/*******0001/2026-12-01T09:00"),
            ("电话13909200001张三", "电话*******0001张三"),
            ("+8613909200001", "+*********0001"),
            ("+86 139-0920-0001", "+** ***-****-0001"),
            ("008613909200001", "***********0001"),
            ("0086 13909200001", "**** *******0001"),
            ("8613909200001", "*********0001"),
            ("139 0920 0001", "*** **** 0001"),
            ("010-63700000", "***-****0000"),
            ("010-6370000-8280", "***-*******-8280"),
            ("0571-87654321", "****-****4321"),
            ("01012345678", "*******5678"),
            ("+1 415 555 0123", "+* *** *** 0123"),
            ("+44 20 7946 0958, +49-30-901820", "+** ** **** 0958, +**-**-**1820"),
            ("zhang@example.com", "***@example.com"),
            ("<13909200001@139.com>.", "<***@139.com>."),
            ("a.b+c@mail.example.com, d@x.cn", "***@mail.example.com, ***@x.cn"),
            ("\u{1b}[31m13909200001\u{1b}[0m", "\u{1b}[31m*******0001\u{1b}[0m"),
            (r#"{"remark":"a\n13909200001"}"#, r#"{"remark":"a\n*******0001"}"#),
            ("- 13909200001", "- *******0001"),
            ("13909200001,13909200002", "*******0001,*******0002"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
            assert_eq!(mask(&mask(text)), masked, "twice: {text}");
        }
    }

    #[test]
    fn dates_times_ids_hashes_and_counts_are_left_alone() {
        for text in [
            "",
            "2026-12-01T09:00:00+08:00",
            "Valid until 2026-12-03 06:00, when",
            "shifts of 2 people: +12 -1",
            "+1 2026-12-01 06:00-14:00",
            "06:00-14:00 Thu",
            "33000 to add, 1200000000 unchanged",
            "agent/8001 id 344124, 98765432109",
            "Fingerprint: 1390920000113909200001139092000011390920000113909200001139092000ab",
            "Fingerprint: 1390920000113909200001139092000011390920000113909200001139092000",
            "550e8400-e29b-41d4-a716-013909200001",
            "sha 13909200001ab ab13909200001 139092000012",
            "400-123-4567 870001",
            "@team 张三 @example.com a@b",
            "manifests/people.yaml:13",
        ] {
            assert!(matches!(mask(text), Cow::Borrowed(same) if same == text), "{text} became {}", mask(text));
        }
    }

    #[test]
    fn a_number_that_is_written_in_pieces_is_masked_as_one() {
        let mut out = Vec::new();
        let mut masked = Masked::new(&mut out, Mask::default());
        for piece in ["mobile : 1390", "920", "0001\nnext 13909", "200002"] {
            masked.write_all(piece.as_bytes()).expect("written");
            masked.flush().expect("flushed");
        }
        masked.finish().expect("written");
        assert_eq!(String::from_utf8(out).expect("text"), "mobile : *******0001\nnext *******0002");
    }

    #[test]
    fn what_has_no_line_break_is_written_when_the_writer_is_dropped() {
        let mut out = Vec::new();
        Masked::new(&mut out, Mask::default()).write_all(b"13909200001").expect("written");
        assert_eq!(out, b"*******0001");
    }
}
