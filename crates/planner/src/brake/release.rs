//! Which findings of the brakes are permitted, by `--allow` or by a Release document, and which permissions permit nothing.
//!
//! A document counts only while the brake finds exactly as many as it expects and its last day is not over, so that one that is forgotten
//! in the repository permits nothing later. A flag is given for one run and counts for any number.

use std::fmt;
use std::str::FromStr;

use deskform_model::time::Date;
use deskform_model::{BrakeName, Kind, Release};

use super::Brake;

/// What was permitted for a plan.
#[derive(Clone, Copy, Debug)]
pub struct Releases<'a> {
    /// What the command line allows.
    pub allow: &'a [Allow],
    /// The Release documents of the manifests.
    pub documents: &'a [Release],
    /// The day, on the project's wall clock.
    pub today: Date,
}

/// One `--allow`: `last-admin`, `too-many-deletions` for every kind, `too-many-deletions:shift` for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The brake.
    pub brake: BrakeName,
    /// For this kind only.
    pub kind: Option<Kind>,
}

/// Why a text is no [`Allow`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllowError {
    /// No brake has this name.
    #[error("no brake is called {name}{}; there are {}", did_you_mean(*nearest), join(BrakeName::ALL.map(BrakeName::word)))]
    UnknownBrake {
        /// What was given.
        name: String,
        /// The brake with the most similar name.
        nearest: Option<BrakeName>,
    },
    /// No kind has this name.
    #[error("no kind is called {name}; there are {}", join(Kind::ALL.map(Kind::word)))]
    UnknownKind {
        /// What was given.
        name: String,
    },
    /// The brake looks at the plan as a whole.
    #[error("{} looks at all kinds together; write it without one", brake.word())]
    NotPerKind {
        /// The brake.
        brake: BrakeName,
    },
}

fn did_you_mean(nearest: Option<BrakeName>) -> String {
    nearest.map(|brake| format!(" (did you mean {}?)", brake.word())).unwrap_or_default()
}

fn join<const N: usize>(words: [&str; N]) -> String {
    words.join(", ")
}

impl FromStr for Allow {
    type Err = AllowError;

    fn from_str(text: &str) -> Result<Self, AllowError> {
        let (name, kind) = text.split_once(':').map_or((text, None), |(name, kind)| (name, Some(kind)));
        let unknown = || AllowError::UnknownBrake { name: name.to_owned(), nearest: BrakeName::nearest(name) };
        let brake = BrakeName::from_word(name).ok_or_else(unknown)?;
        let Some(kind) = kind else { return Ok(Self { brake, kind: None }) };
        if !brake.is_per_kind() {
            return Err(AllowError::NotPerKind { brake });
        }
        let kind = Kind::from_word(kind).ok_or_else(|| AllowError::UnknownKind { name: kind.to_owned() })?;
        Ok(Self { brake, kind: Some(kind) })
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Some(kind) => write!(f, "{}:{}", self.brake.word(), kind.word()),
            None => f.write_str(self.brake.word()),
        }
    }
}

impl Allow {
    fn means(self, brake: &Brake) -> bool {
        self.brake == brake.name() && (self.kind.is_none() || self.kind == brake.kind())
    }
}

/// A brake that is permitted to let the plan pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// What it found.
    pub brake: Brake,
    /// What permits it.
    pub by: ReleasedBy,
}

/// What permits a brake to let a plan pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReleasedBy {
    /// A document.
    Document(Release),
    /// A flag.
    Flag(Allow),
}

/// A permission that permits nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unused {
    /// The brake of a flag finds nothing.
    Flag(Allow),
    /// The brake of a document finds nothing.
    Document(Release),
    /// The brake finds another number than the document expects.
    WrongNumber {
        /// The document.
        release: Release,
        /// What the brake finds.
        found: usize,
    },
    /// The last day of the document is over, whatever its brake finds. The manifest's own finding (`expired-release`) says so as well.
    Expired(Release),
}

impl Unused {
    /// The kebab-case code that people search for.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Flag(_) => "allow-not-used",
            Self::Document(_) => "release-not-used",
            Self::WrongNumber { .. } => "release-expects-another-number",
            Self::Expired(_) => "release-expired",
        }
    }

    /// Why it permits nothing, in one line without the place.
    pub fn message(&self) -> String {
        match self {
            Self::Flag(allow) => format!("--allow {allow} releases nothing: the brake finds nothing in this plan"),
            Self::Document(release) => {
                format!("the release {} is not used: {} finds nothing in this plan", release.name, subject(release))
            }
            Self::WrongNumber { release, found } => {
                format!(
                    "the release {} does not count: it expects {}, and {} finds {found}",
                    release.name,
                    release.expect,
                    subject(release)
                )
            }
            Self::Expired(release) => {
                format!("the release {} does not count: its last day was {}", release.name, release.until)
            }
        }
    }

    /// The document, if it is one.
    pub fn release(&self) -> Option<&Release> {
        match self {
            Self::Flag(_) => None,
            Self::Document(release) | Self::WrongNumber { release, .. } | Self::Expired(release) => Some(release),
        }
    }
}

/// What a document is for, as `--allow` would name it.
fn subject(release: &Release) -> Allow {
    Allow { brake: release.brake, kind: release.kind }
}

/// Sorts findings into refused and released. A document goes before a flag: it was reviewed and has a reason to show.
pub(super) fn judge(found: Vec<Brake>, releases: &Releases<'_>) -> super::Verdict {
    let mut verdict = super::Verdict::default();
    let names = |release: &Release, brake: &Brake| subject(release) == brake.allow();
    for release in releases.documents {
        let number = found.iter().find(|brake| names(release, brake)).map(Brake::number);
        let unused = match number {
            _ if release.until < releases.today => Unused::Expired(release.clone()),
            None => Unused::Document(release.clone()),
            Some(found) if found != release.expect => Unused::WrongNumber { release: release.clone(), found },
            Some(_) => continue,
        };
        verdict.warnings.push(unused);
    }
    for allow in releases.allow {
        if !found.iter().any(|brake| allow.means(brake)) {
            verdict.warnings.push(Unused::Flag(*allow));
        }
    }
    for brake in found {
        let counts = |release: &&Release| names(release, &brake) && release.expect == brake.number() && releases.today <= release.until;
        let document = releases.documents.iter().find(counts).cloned().map(ReleasedBy::Document);
        let flag = || releases.allow.iter().find(|allow| allow.means(&brake)).copied().map(ReleasedBy::Flag);
        match document.or_else(flag) {
            Some(by) => verdict.released.push(Released { brake, by }),
            None => verdict.refused.push(brake),
        }
    }
    verdict
}

#[cfg(test)]
mod tests {
    use deskform_model::source::{SourceId, Span};
    use deskform_model::time::parse_date;

    use super::*;
    use crate::brake::{NoManifests, Protected, Verdict};

    fn date(text: &str) -> Date {
        parse_date(text).expect("a date")
    }

    fn protected(kind: Kind, count: usize) -> Brake {
        Brake::Protected(Protected { kind, count, first: Vec::new() })
    }

    fn release(kind: Kind, expect: usize, until: &str) -> Release {
        let origin = Span::new(SourceId(0), 0, 0);
        Release { name: "r".into(), brake: BrakeName::Protected, kind: Some(kind), expect, until: date(until), reason: "x".into(), origin }
    }

    fn judged(found: &[Brake], allow: &[&str], documents: &[Release]) -> Verdict {
        let allow: Vec<Allow> = allow.iter().map(|text| text.parse().expect("an allowance")).collect();
        judge(found.to_vec(), &Releases { allow: &allow, documents, today: date("2026-12-01") })
    }

    #[test]
    fn a_flag_releases_one_kind_or_all() {
        let found = [protected(Kind::Shift, 2), protected(Kind::Agent, 1)];
        assert_eq!(judged(&found, &["protected:shift"], &[]).refused, [protected(Kind::Agent, 1)]);
        let all = judged(&found, &["protected"], &[]);
        assert_eq!((all.refused.len(), all.released.len(), all.warnings.len()), (0, 2, 0));
    }

    #[test]
    fn a_flag_that_releases_nothing_is_a_warning() {
        let verdict = judged(&[protected(Kind::Shift, 2)], &["protected:agent", "last-admin"], &[]);
        assert_eq!(verdict.refused.len(), 1);
        let messages: Vec<String> = verdict.warnings.iter().map(Unused::message).collect();
        assert_eq!(
            messages,
            [
                "--allow protected:agent releases nothing: the brake finds nothing in this plan",
                "--allow last-admin releases nothing: the brake finds nothing in this plan"
            ]
        );
    }

    #[test]
    fn a_document_counts_for_exactly_its_number_through_its_last_day() {
        let found = [protected(Kind::Shift, 2)];
        let released = |expect, until| judged(&found, &[], &[release(Kind::Shift, expect, until)]).refused.is_empty();
        assert!(released(2, "2026-12-01"));
        assert!(!released(2, "2026-11-30"));
        assert!(!released(1, "2026-12-31"));
        assert!(!released(3, "2026-12-31"));
    }

    #[test]
    fn a_document_that_does_not_count_says_why() {
        let found = [protected(Kind::Shift, 2)];
        let code = |kind, expect, until| judged(&found, &[], &[release(kind, expect, until)]).warnings.first().map(Unused::code);
        assert_eq!(code(Kind::Shift, 2, "2026-12-01"), None);
        assert_eq!(code(Kind::Shift, 2, "2026-11-30"), Some("release-expired"));
        assert_eq!(code(Kind::Shift, 3, "2026-12-31"), Some("release-expects-another-number"));
        assert_eq!(code(Kind::Agent, 2, "2026-12-31"), Some("release-not-used"));
        assert_eq!(code(Kind::Agent, 2, "2026-11-30"), Some("release-expired"));
    }

    #[test]
    fn a_document_goes_before_a_flag_and_a_flag_helps_where_a_document_does_not_count() {
        let found = [protected(Kind::Shift, 2)];
        let both = judged(&found, &["protected"], &[release(Kind::Shift, 2, "2026-12-31")]);
        assert!(matches!(both.released[0].by, ReleasedBy::Document(_)));
        assert_eq!(both.warnings, []);
        let flag = judged(&found, &["protected"], &[release(Kind::Shift, 9, "2026-12-31")]);
        assert!(matches!(flag.released[0].by, ReleasedBy::Flag(_)));
        assert_eq!(flag.warnings.len(), 1);
    }

    #[test]
    fn what_is_allowed_reads_as_it_is_written() {
        for text in ["last-admin", "too-many-deletions", "too-many-deletions:shift"] {
            assert_eq!(text.parse::<Allow>().map(|allow| allow.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_wrong_name_gets_the_nearest_and_the_list() {
        let error = |text: &str| text.parse::<Allow>().expect_err("wrong").to_string();
        assert_eq!(
            error("to-many-deletion:shift"),
            "no brake is called to-many-deletion (did you mean too-many-deletions?); there are behind, kind-vanished, last-admin, no-manifests, \
             protected, replaces-person, too-many-deletions"
        );
        assert_eq!(error("protected:shifts"), "no kind is called shifts; there are support, permission, shift, agent");
        assert_eq!(error("last-admin:support"), "last-admin looks at all kinds together; write it without one");
    }

    #[test]
    fn the_document_of_a_brake_releases_it() {
        for brake in [protected(Kind::Agent, 7), Brake::NoManifests(NoManifests { owned: 3 })] {
            let mut sources = deskform_model::source::Sources::default();
            sources.add("release.yaml", brake.document(date("2026-12-08")));
            let loaded = deskform_model::load(&sources, &deskform_model::LoadOptions::new(date("2026-12-01")));
            let desired = loaded.desired.expect("valid");
            assert_eq!(desired.manifests, 0, "a release declares nothing");
            assert_eq!(judged(std::slice::from_ref(&brake), &[], &desired.releases).refused, []);
        }
    }
}
