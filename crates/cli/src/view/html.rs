//! HTML in which a value is always text: one writer through which all values go, and the policy that forbids a page everything but its own
//! style and script.

use std::borrow::Cow;
use std::io::{self, Write};

use deskform_model::printable::printable;
use sha2::{Digest as _, Sha256};

use crate::mask::Mask;

/// A page that is being written.
pub struct Page<'a> {
    out: &'a mut dyn Write,
    mask: Option<&'a Mask>,
}

impl<'a> Page<'a> {
    /// Writes to `out`; values masked or not.
    pub fn new(out: &'a mut dyn Write, mask: Option<&'a Mask>) -> Self {
        Self { out, mask }
    }

    /// Writes markup of ours.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn raw(&mut self, markup: &str) -> io::Result<()> {
        self.out.write_all(markup.as_bytes())
    }

    /// Writes text, or a value between the double quotes of an attribute.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        let safe = self.escaped(text);
        self.raw(&safe)
    }

    /// What [`Page::text`] writes, for texts that stand in many places.
    pub fn escaped(&self, text: &str) -> String {
        let text = printable(text);
        let text = match self.mask {
            Some(mask) => mask.apply(&text),
            None => Cow::Borrowed(&*text),
        };
        let mut safe = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '&' => safe.push_str("&amp;"),
                '<' => safe.push_str("&lt;"),
                '>' => safe.push_str("&gt;"),
                '"' => safe.push_str("&quot;"),
                '\'' => safe.push_str("&#39;"),
                _ => safe.push(letter),
            }
        }
        safe
    }

    /// Writes `<name class="class">text</name>`.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn element(&mut self, name: &str, class: &str, text: &str) -> io::Result<()> {
        self.raw("<")?;
        self.raw(name)?;
        if !class.is_empty() {
            self.raw(" class=\"")?;
            self.raw(class)?;
            self.raw("\"")?;
        }
        self.raw(">")?;
        self.text(text)?;
        self.raw("</")?;
        self.raw(name)?;
        self.raw(">")
    }

    /// Writes ` name="value"`.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn attribute(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.raw(" ")?;
        self.raw(name)?;
        self.raw("=\"")?;
        self.text(value)?;
        self.raw("\"")
    }
}

/// The content security policy of a page with exactly this style and this script: no network, no other script, no form, no frame.
pub fn policy(style: &str, script: &str) -> String {
    format!("default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'", hash(style), hash(script))
}

/// `sha256-` and the hash in base 64, as policies name what they permit.
fn hash(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut hash = "sha256-".to_owned();
    for three in Sha256::digest(text.as_bytes()).chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            hash.push(if at > three.len() { '=' } else { char::from(letter) });
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(mask: Option<&Mask>, text: &str) -> String {
        let mut out = Vec::new();
        Page::new(&mut out, mask).text(text).expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_value_is_text_whatever_it_holds() {
        assert_eq!(written(None, "<script>'&\"</script>张三\u{202e}"), "&lt;script&gt;&#39;&amp;&quot;&lt;/script&gt;张三\\u{202e}");
        assert_eq!(written(Some(&Mask::default()), "<13909200001>"), "&lt;*******0001&gt;");
    }

    #[test]
    fn a_policy_names_hashes_as_browsers_compute_them() {
        assert_eq!(hash(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(hash("abc"), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }
}
