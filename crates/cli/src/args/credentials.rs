//! Flags about credentials that are generated, and about setting one anew.

use std::path::{Path, PathBuf};

use clap::Args;
use deskform_applier::{CredentialsOut, Recipient};

use super::LockArgs;
use crate::error::{CliError, Trouble};
use crate::settings::under;

/// Where generated credentials go.
#[derive(Clone, Debug, Default, Args)]
pub struct CredentialsArgs {
    /// Write generated passwords into this new file, one JSON line a seat; readable for you alone, or encrypted with --recipient
    #[arg(long, value_name = "FILE")]
    pub credentials_out: Option<PathBuf>,
    /// Encrypt that file for this age public key (repeatable)
    #[arg(long, value_name = "AGE-KEY", requires = "credentials_out")]
    // Read later: what is said about a wrong value here repeats it, and somebody may give the secret key by mistake.
    pub recipient: Vec<String>,
}

impl CredentialsArgs {
    /// The file and who can read it, if one is wanted. Relative paths are taken from `base`.
    ///
    /// # Errors
    /// When somebody is no recipient, or the file is there already.
    pub fn out(&self, base: &Path) -> Result<Option<CredentialsOut>, CliError> {
        let recipient = |(at, text): (usize, &String)| {
            let bad = |_| Trouble::BadRecipient { number: at + 1, is_secret: text.trim().to_uppercase().starts_with("AGE-SECRET-KEY-") };
            text.parse().map_err(bad)
        };
        let recipients: Vec<Recipient> = self.recipient.iter().enumerate().map(recipient).collect::<Result<_, _>>()?;
        let Some(path) = &self.credentials_out else { return Ok(None) };
        let out = CredentialsOut { path: under(base, path), recipients };
        out.check()?;
        Ok(Some(out))
    }
}

/// Flags of `rotate-password`.
#[derive(Clone, Debug, Default, Args)]
pub struct RotatePasswordArgs {
    /// The seat, as plans and `ledger list` show it
    #[arg(value_name = "ADDRESS")]
    pub address: String,
    /// Make up a new password instead of reading the one that the manifest refers to
    #[arg(long, requires = "credentials_out")]
    pub generate: bool,
    /// Where a generated password goes.
    #[command(flatten)]
    pub credentials: CredentialsArgs,
    /// How long to wait for the lock.
    #[command(flatten)]
    pub lock: LockArgs,
}
