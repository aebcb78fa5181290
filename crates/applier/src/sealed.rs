//! What is encrypted with age: secrets in a repository, which an identity opens, and credentials that are handed over, sealed for
//! recipients. Plain X25519 keys, as `age-keygen` makes them and SOPS users have them; no passphrases, no plug-ins.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::str::FromStr;

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::{DecryptError, Decryptor, Encryptor};
use secrecy::zeroize::Zeroizing;

/// Somebody who can open what is sealed: an age public key.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(age::x25519::Recipient);

/// A text that is no age public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write an age public key: age1 and 58 letters and digits")]
pub struct BadRecipient;

impl FromStr for Recipient {
    type Err = BadRecipient;

    fn from_str(text: &str) -> Result<Self, BadRecipient> {
        text.trim().parse().map(Self).map_err(|_| BadRecipient)
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({})", self.0)
    }
}

/// Who can open what is sealed for them. Never shown.
pub(crate) struct Identities(Vec<age::x25519::Identity>);

impl Identities {
    /// Reads identities as `age-keygen` writes them: one a line, `#` begins a comment. `None` when a line is something else, or there is none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let identities: Vec<_> = lines.map(|line| line.parse().ok()).collect::<Option<_>>()?;
        (!identities.is_empty()).then_some(Self(identities))
    }

    /// Opens an age file, armoured or not, of at most `limit` bytes inside; more is cut off one byte behind the limit.
    pub(crate) fn open(&self, file: &[u8], limit: u64) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
        let decryptor = Decryptor::new_buffered(ArmoredReader::new(file))?;
        let reader = decryptor.decrypt(self.0.iter().map(|identity| identity as &dyn age::Identity))?;
        let mut text = Zeroizing::new(Vec::new());
        reader.take(limit + 1).read_to_end(&mut text)?;
        Ok(text)
    }
}

/// Seals a text for all recipients, in armour: the file can be pasted, and `age --decrypt` reads it.
///
/// # Errors
/// When there is no recipient.
pub(crate) fn seal(recipients: &[Recipient], text: &[u8]) -> std::io::Result<Vec<u8>> {
    let recipients = recipients.iter().map(|recipient| &recipient.0 as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(recipients).map_err(std::io::Error::other)?;
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(ArmoredWriter::wrap_output(&mut sealed, Format::AsciiArmor)?)?;
    writer.write_all(text)?;
    writer.finish()?.finish()?;
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn pair() -> (age::x25519::Identity, Recipient) {
        let identity = age::x25519::Identity::generate();
        let recipient = Recipient(identity.to_public());
        (identity, recipient)
    }

    #[test]
    fn every_recipient_opens_what_is_sealed_and_nobody_else() {
        let (one, other, stranger) = (pair(), pair(), pair());
        let sealed = seal(&[one.1, other.1], "密码".as_bytes()).expect("sealed");
        assert!(sealed.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----\n"));
        for identity in [one.0, other.0] {
            assert_eq!(Identities(vec![identity]).open(&sealed, 100).expect("opened").as_slice(), "密码".as_bytes());
        }
        assert!(matches!(Identities(vec![stranger.0]).open(&sealed, 100), Err(DecryptError::NoMatchingKeys)));
        assert!(seal(&[], b"x").is_err());
    }

    #[test]
    fn identities_are_read_as_age_keygen_writes_them() {
        let (identity, recipient) = pair();
        let key = identity.to_string();
        let file = format!("# created: 2026-12-01\n# public key: {recipient}\n{}\n", key.expose_secret());
        assert_eq!(Identities::read(&file).expect("one").0.len(), 1);
        for text in ["", "# nothing\n", "AGE-SECRET-KEY-1SHORT", &recipient.to_string()] {
            assert!(Identities::read(text).is_none(), "{text}");
        }
        assert_eq!(recipient.to_string().parse(), Ok(recipient));
        assert_eq!(key.expose_secret().parse::<Recipient>(), Err(BadRecipient));
    }
}
