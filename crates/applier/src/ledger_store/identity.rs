//! Whose a ledger is. Applying one environment's manifests with another's ledger would delete what only the other declares.

use std::net::IpAddr;

use deskform_model::Text;
use deskform_planner::ledger::Identity;

/// A ledger of another project, environment or platform.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("it is the ledger of {what} \"{theirs}\", and this is {what} \"{ours}\"")]
pub struct ForeignLedger {
    /// In what they differ.
    pub what: Mismatch,
    /// What the ledger says.
    pub theirs: Text,
    /// What the settings say.
    pub ours: Text,
}

/// In what a ledger and the settings differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// `metadata.name` of the project.
    Project,
    /// `--env`.
    Environment,
    /// The helpdesk's URL.
    Helpdesk,
    /// The call centre's URL.
    CallCenter,
    /// The call centre's `abbreviate`.
    Abbreviate,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Project => "project",
            Self::Environment => "environment",
            Self::Helpdesk => "helpdesk",
            Self::CallCenter => "call centre",
            Self::Abbreviate => "call centre's company",
        })
    }
}

/// The identity of a ledger that is used with these settings: its own, and what it did not know yet.
pub(super) fn join(stored: &Identity, ours: Identity) -> Result<Identity, ForeignLedger> {
    let refuse = |what, theirs: &Text, ours: &Text| Err(ForeignLedger { what, theirs: theirs.clone(), ours: ours.clone() });
    for (what, theirs, ours) in
        [(Mismatch::Project, &stored.project, &ours.project), (Mismatch::Environment, &stored.environment, &ours.environment)]
    {
        if theirs != ours {
            return refuse(what, theirs, ours);
        }
    }
    // Empty means that the platform was not used yet.
    let used = |a: &Text, b: &Text| !a.is_empty() && !b.is_empty();
    for (what, theirs, ours) in
        [(Mismatch::Helpdesk, &stored.helpdesk, &ours.helpdesk), (Mismatch::CallCenter, &stored.call_center, &ours.call_center)]
    {
        if used(theirs, ours) && theirs != ours && !(is_loopback(theirs) && is_loopback(ours)) {
            return refuse(what, theirs, ours);
        }
    }
    if used(&stored.abbreviate, &ours.abbreviate) && stored.abbreviate != ours.abbreviate {
        return refuse(Mismatch::Abbreviate, &stored.abbreviate, &ours.abbreviate);
    }
    let known = |theirs: &Text, ours: Text| if theirs.is_empty() { ours } else { theirs.clone() };
    Ok(Identity {
        project: ours.project,
        environment: ours.environment,
        helpdesk: known(&stored.helpdesk, ours.helpdesk),
        call_center: known(&stored.call_center, ours.call_center),
        abbreviate: known(&stored.abbreviate, ours.abbreviate),
    })
}

/// Whether an origin is on this machine: sandboxes get another port each time.
pub(super) fn is_loopback(origin: &str) -> bool {
    let rest = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let host = match rest.strip_prefix('[') {
        Some(six) => six.split(']').next(),
        None => rest.split([':', '/']).next(),
    };
    let host = host.unwrap_or_default();
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(helpdesk: &str) -> Identity {
        Identity { project: "acme".into(), helpdesk: helpdesk.into(), ..Identity::default() }
    }

    #[test]
    fn another_project_environment_platform_or_company_is_refused_with_both_names() {
        let stored = Identity {
            project: "acme".into(),
            environment: "staging".into(),
            helpdesk: "https://a.example".into(),
            call_center: "https://c.example".into(),
            abbreviate: "acme".into(),
        };
        let others = [
            (Mismatch::Project, Identity { project: "other".into(), ..stored.clone() }),
            (Mismatch::Environment, Identity { environment: "".into(), ..stored.clone() }),
            (Mismatch::Helpdesk, Identity { helpdesk: "https://b.example".into(), ..stored.clone() }),
            (Mismatch::CallCenter, Identity { call_center: "https://d.example".into(), ..stored.clone() }),
            (Mismatch::Abbreviate, Identity { abbreviate: "other".into(), ..stored.clone() }),
        ];
        for (what, ours) in others {
            assert_eq!(join(&stored, ours).expect_err("foreign").what, what);
        }
        let error = join(&stored, Identity { helpdesk: "https://b.example".into(), ..stored.clone() }).expect_err("foreign");
        assert_eq!(error.to_string(), "it is the ledger of helpdesk \"https://a.example\", and this is helpdesk \"https://b.example\"");
    }

    #[test]
    fn loopback_hosts_of_any_port_count_as_one() {
        let one = identity("http://127.0.0.1:4000");
        for other in ["http://localhost:1", "http://[::1]:9", "http://127.9.9.9"] {
            assert_eq!(join(&one, identity(other)).map(|joined| joined.helpdesk), Ok(one.helpdesk.clone()));
        }
        assert!(join(&one, identity("http://127.0.0.1.example.com")).is_err());
        assert!(join(&one, identity("https://localhost.example.com")).is_err());
    }

    #[test]
    fn a_platform_that_was_not_used_yet_is_added() {
        assert_eq!(join(&identity(""), identity("https://a.example")).map(|joined| joined.helpdesk), Ok("https://a.example".into()));
        assert_eq!(join(&identity("https://a.example"), identity("")).map(|joined| joined.helpdesk), Ok("https://a.example".into()));
    }
}
