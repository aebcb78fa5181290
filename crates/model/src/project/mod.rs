//! The project file `deskform.yaml`: settings, environments, defaults.
//!
//! [`read`] takes the file's text and the chosen environment and gives typed settings with every default applied. Flags and environment
//! variables come on top of that in the command line; secrets are read by whoever uses them.

mod auth;
mod credential;
mod duration;
mod environment;
mod requires;
mod schema;
mod settings;
mod validate;

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::Text;
use crate::diagnostic::{self, Diagnostic, Shape};
use crate::document::{self, Node};
use crate::schema::{ManifestKind, check, header};
use crate::secret::{AGE_IDENTITY, AGE_IDENTITY_FILE};
use crate::source::SourceId;

pub use auth::{Auth, Basic, OAuth2};
pub use credential::Credential;
pub use duration::Milliseconds;
pub use settings::{
    Absence, Adopt, Brake, Brakes, CallCenter, Drift, Helpdesk, Ledger, Limit, OnAbsence, OnDrift, Overnight, Sandbox, Secrets, Settings,
    Shifts,
};

/// A project as one environment sees it.
#[derive(Clone, Debug)]
pub struct Project {
    /// `metadata.name`.
    pub name: Text,
    /// The environment whose settings were merged in.
    pub environment: Option<Text>,
    /// All settings, defaults applied.
    pub settings: Settings,
    /// `shiftTypes` that all schedules share, with their places.
    pub shift_types: Option<Node>,
    /// The whole document with the environment merged in; each value has the place where it is written.
    pub root: Node,
}

impl Project {
    /// The environment variables that hold the platforms' credentials, and those about age identities, which open every encrypted secret.
    /// Manifests may not name them (design.md section 2).
    pub fn credential_variables(&self) -> BTreeSet<&str> {
        let named =
            self.credentials().filter_map(|credential| if let Credential::Env(name) = credential { Some(name.as_str()) } else { None });
        named.chain([AGE_IDENTITY, AGE_IDENTITY_FILE]).collect()
    }

    /// The files that hold the platforms' credentials, as the project file names them. Manifests may not name them either.
    pub fn credential_files(&self) -> impl Iterator<Item = &str> {
        self.credentials().filter_map(|credential| if let Credential::File(path) = credential { Some(path.as_str()) } else { None })
    }

    fn credentials(&self) -> impl Iterator<Item = &Credential> {
        let auth = self.settings.helpdesk.auth.iter().flat_map(Auth::credentials);
        auth.chain(self.settings.call_center.iter().map(|call_center| &call_center.token))
    }
}

/// Reads the project file. `version` is that of the running program, for `requires`.
///
/// The project is there when nothing was found. Every environment is checked, not only the chosen one.
pub fn read(source: SourceId, text: &str, environment: Option<&str>, version: &str) -> (Option<Project>, Vec<Diagnostic>) {
    let mut parsed = document::parse(source, text);
    let mut findings = std::mem::take(&mut parsed.diagnostics);
    let project = match parsed.documents.as_slice() {
        _ if !findings.is_empty() => None,
        [only] => build(&only.root, environment, version, &mut findings),
        [] => {
            let whole = crate::source::Span::new(source, 0, 0);
            findings.push(Diagnostic::shape(Shape::MissingKind, whole));
            None
        }
        [_, second, ..] => {
            let reason = "the project file holds one document".to_owned();
            let fix = Some("move the others to a file that `manifests` finds".to_owned());
            findings.push(Diagnostic::shape(Shape::BadSetting { reason, fix }, second.root.span));
            None
        }
    };
    diagnostic::sort(&mut findings);
    (project.filter(|_| findings.is_empty()), findings)
}

fn build(root: &Node, environment: Option<&str>, version: &str, findings: &mut Vec<Diagnostic>) -> Option<Project> {
    match header(root) {
        Ok(ManifestKind::Project) => {}
        Ok(other) => {
            let reason = format!("the project file holds a Project, not a {}", other.word());
            findings.push(Diagnostic::shape(
                Shape::BadSetting { reason, fix: Some("move it to a file that `manifests` finds".to_owned()) },
                root.get("kind").map_or(root.span, |kind| kind.span),
            ));
            return None;
        }
        Err(finding) => {
            findings.push(*finding);
            return None;
        }
    }
    findings.extend(check(ManifestKind::Project, root));
    validate::check(root, version, findings);
    if findings.is_empty() {
        environment::check_all(root, version, findings);
    }
    let merged = environment::merged(root, environment, findings)?;
    if !findings.is_empty() {
        return None;
    }
    let settings = typed(&merged, findings)?;
    Some(Project {
        name: merged.pointer("/metadata/name")?.as_text()?.clone(),
        environment: environment.map(Into::into),
        settings,
        shift_types: merged.pointer("/spec/shiftTypes").cloned(),
        root: merged,
    })
}

/// The settings of a document that the schema has accepted.
fn typed(root: &Node, findings: &mut Vec<Diagnostic>) -> Option<Settings> {
    let Some(spec) = root.get("spec") else { return Some(Settings::default()) };
    match serde_json::from_value::<Settings>(spec.to_json()) {
        Ok(mut settings) => {
            settings.trim_urls();
            Some(settings)
        }
        Err(error) => {
            // Guarded: the types' words may repeat a value.
            let category = format!("the settings cannot be read ({:?})", error.classify());
            findings.push(Diagnostic::shape(Shape::BadSetting { reason: category, fix: None }.guarded(), spec.span));
            None
        }
    }
}

/// The schema of the project file, from the types of the settings.
pub(crate) fn json_schema() -> Json {
    schema::document_schema()
}
