//! What can be typed behind `deskform ledger`.

use clap::{Args, Subcommand};

use super::LockArgs;

/// What to do with the ledger.
#[derive(Clone, Debug, Subcommand)]
pub enum LedgerCommand {
    /// List what it holds
    #[command(after_help = "Example:\n  deskform ledger list 'shift/zhang-san/*'")]
    List(ListArgs),
    /// Show everything that it knows of one address
    #[command(after_help = "Example:\n  deskform ledger show agent/8029")]
    Show(ShowArgs),
    /// Let go of one address: what is on the platform stays, and deskform no longer owns it
    #[command(after_help = "Example:\n  deskform ledger forget agent/8029")]
    Forget(ForgetArgs),
    /// Break the lock that a run left behind
    #[command(after_help = "Example:\n  deskform ledger unlock --env staging")]
    Unlock(UnlockArgs),
}

/// Flags of `ledger list`.
#[derive(Clone, Debug, Default, Args)]
pub struct ListArgs {
    /// Only addresses that fit; * stands for any text
    #[arg(value_name = "GLOB")]
    pub glob: Option<String>,
    /// Only one kind: support, permission, shift or agent
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
}

/// Flags of `ledger show`.
#[derive(Clone, Debug, Default, Args)]
pub struct ShowArgs {
    /// The address, as plans and `ledger list` show it
    #[arg(value_name = "ADDRESS")]
    pub address: String,
}

/// Flags of `ledger forget`.
#[derive(Clone, Debug, Default, Args)]
pub struct ForgetArgs {
    /// The address, as plans and `ledger list` show it
    #[arg(value_name = "ADDRESS")]
    pub address: String,
    /// Do not ask; required where nobody can answer
    #[arg(long)]
    pub auto_approve: bool,
    /// How long to wait for the lock.
    #[command(flatten)]
    pub lock: LockArgs,
}

/// Flags of `ledger unlock`.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct UnlockArgs {
    /// Break it although its holder has renewed it a short time ago
    #[arg(long)]
    pub force: bool,
}
