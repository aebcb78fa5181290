//! Flags about credentials that are generated, and about setting one anew.

use std::path::{Path, PathBuf};

use clap::Args;
use deskform_applier::{CredentialsOut, Recipient};

use super::LockArgs;
use crate::settings::under;

/// Where generated credentials go.
#[derive(Clone, Debug, Default, Args)]
pub struct CredentialsArgs {
    /// Write generated passwords into this new file, one JSON line a seat; readable for you alone, or encrypted with --recipient
    #[arg(long, value_name = "FILE")]
    pub credentials_out: Option<PathBuf>,
    /// Encrypt that file for this age public key (repeatable)
    #[arg(long, value_name = "AGE-KEY", requires = "credentials_out")]
    pub recipient: Vec<Recipient>,
}

impl CredentialsArgs {
    /// The file and who can read it, if one is wanted. Relative paths are taken from `base`.
    pub fn out(&self, base: &Path) -> Option<CredentialsOut> {
        let path = self.credentials_out.as_ref()?;
        Some(CredentialsOut { path: under(base, path), recipients: self.recipient.clone() })
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
