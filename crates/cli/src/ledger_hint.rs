//! What to do about a ledger that cannot be used.

use std::io::ErrorKind;

use deskform_applier::LedgerError;
use deskform_applier::ledger_store::Mismatch;
use deskform_planner::ledger::format::FormatError;

/// One sentence for each way on.
pub(crate) fn of(error: &LedgerError) -> Vec<String> {
    match error {
        LedgerError::Io { source, .. } => match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                vec!["make room where the ledger is kept".to_owned()]
            }
            _ => Vec::new(),
        },
        LedgerError::Broken { .. } => vec!["what was done is still found by the next plan, as far as it can be read".to_owned()],
        LedgerError::Bucket { .. } => {
            vec!["the bucket's credentials, region and endpoint come from the environment: AWS_*, GOOGLE_* or AZURE_*".to_owned()]
        }
        LedgerError::Format { source: FormatError::Newer { .. }, .. } => {
            vec!["install that version; a ledger is never written back in an older format".to_owned()]
        }
        LedgerError::Format { path, source: FormatError::Damaged { .. } } => {
            let path = path.display().to_string();
            match path.strip_suffix(".json") {
                Some(_) => vec![
                    format!(
                        "keep it for inspection, then copy {path}.backup over it: that is the ledger as it was before the last compaction"
                    ),
                    again(),
                ],
                None => vec![format!("move it away: the snapshot that it continues still holds"), again()],
            }
        }
        LedgerError::Foreign { source, .. } => vec![match source.what {
            Mismatch::Project => "give every project a ledger of its own in spec.ledger".to_owned(),
            Mismatch::Environment => "choose its environment with --env, and give every environment a ledger of its own".to_owned(),
            Mismatch::Helpdesk | Mismatch::CallCenter | Mismatch::Abbreviate => {
                "ids of one platform mean nothing on another: give it an environment with a ledger of its own".to_owned()
            }
        }],
        LedgerError::Locked { path, .. } if path.to_string_lossy().contains("://") => vec![
            "wait for it with --lock-timeout 10m; it ends by itself a minute after its holder stopped renewing it".to_owned(),
            "`deskform ledger unlock` breaks one whose holder is gone".to_owned(),
        ],
        LedgerError::Locked { .. } => vec!["wait for it with --lock-timeout 10m; the lock ends with its process".to_owned()],
        LedgerError::LockLost { .. } => {
            vec!["nothing more was sent; plan again when nobody else applies: what this run did is found where it can be read".to_owned()]
        }
        LedgerError::Overtaken { .. } => vec!["plan again: the ledger has changed meanwhile".to_owned()],
        LedgerError::Place { .. } => vec!["write spec.ledger.url as s3://bucket/prefix, or use spec.ledger.file".to_owned()],
    }
}

/// What is lost with records, and what is not.
fn again() -> String {
    "then look at `deskform plan`: what later runs made is found again where it can be read, and taken over".to_owned()
}
