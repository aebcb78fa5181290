//! Who holds a lock.

use std::fmt;

use deskform_model::Text;
use serde::{Deserialize, Serialize};

/// Who holds a lock, for people who meet it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// Where it runs.
    pub host: Text,
    /// What it does.
    pub command: Text,
    /// Since when, as people read it.
    pub since: Text,
}

impl Holder {
    /// This process.
    pub(super) fn this_process(command: Text, since: Text) -> Self {
        Self { pid: std::process::id(), host: host_name(), command, since }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, host, command, since } = self;
        write!(f, "process {pid} on {host} since {since} ({command})")
    }
}

fn host_name() -> Text {
    let from_kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = from_kernel.or_else(|| std::env::var("COMPUTERNAME").ok()).unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "an unknown host".into() } else { name.into() }
}
