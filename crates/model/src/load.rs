//! The whole way from texts to resources.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{self, Diagnostic, Meaning, Severity};
use crate::document::{self, Node};
use crate::manifest::schedule::ShiftTypes;
use crate::manifest::{self, Budget, Context, Expansion, Gaps, Header, MOST_OBJECTS, Staff};
use crate::parallel::map_in_order;
use crate::project::{Project, Secrets};
use crate::resource::{self, Desired};
use crate::schema::{self, ManifestKind};
use crate::secret::path_key;
use crate::source::{SourceId, Sources};
use crate::time::Date;
use crate::{Text, check};

/// Less text than this is read faster by one thread than by two.
const WORTH_A_THREAD: usize = 128 << 10;

/// Hours of rest between two working days where the project says nothing else.
pub const USUAL_REST_HOURS: u32 = 11;

/// What manifests are read with: the day, and what the project file says about manifests.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The day in the project's time zone. Days more than one day before it may name people who have left.
    pub today: Date,
    /// The project file, if it is among the sources: it is no manifest.
    pub project: Option<SourceId>,
    /// `spec.shiftTypes` of the project, as the schema has accepted it.
    pub shift_types: Option<Node>,
    /// The variables that manifests may name.
    pub secrets: Secrets,
    /// The variables that hold the platforms' credentials. No manifest may name them, whatever is allowed.
    pub credential_env: BTreeSet<Text>,
    /// The files that hold them, as [`crate::secret::path_key`] spells their paths.
    pub credential_files: BTreeSet<Text>,
    /// Hours between the shifts of two days below which a warning is due; `None` for no such warning.
    pub minimum_rest_hours: Option<u32>,
}

impl LoadOptions {
    /// Whether a day is over. Who worked on it may have left since.
    pub(crate) fn is_over(&self, date: Date) -> bool {
        date < self.today
    }

    /// Without a project: no shared shift types, no variables allowed, [`USUAL_REST_HOURS`] of rest.
    pub fn new(today: Date) -> Self {
        Self {
            today,
            project: None,
            shift_types: None,
            secrets: Secrets::default(),
            credential_env: BTreeSet::new(),
            credential_files: BTreeSet::new(),
            minimum_rest_hours: Some(USUAL_REST_HOURS),
        }
    }

    /// With the settings of a project, whose file may be among the sources under `file`.
    pub fn of_project(today: Date, project: &Project, file: Option<SourceId>) -> Self {
        Self {
            today,
            project: file,
            shift_types: project.shift_types.clone(),
            secrets: project.settings.secrets.clone(),
            credential_env: project.credential_variables().into_iter().map(Text::from).collect(),
            credential_files: project.credential_files().map(|path| path_key(path).into()).collect(),
            minimum_rest_hours: Some(project.settings.shifts.minimum_rest_hours).filter(|hours| *hours > 0),
        }
    }
}

/// What came of the sources.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the manifests want; nothing when there is any error.
    pub desired: Option<Desired>,
    /// All findings, in the order of [`diagnostic::sort`].
    pub diagnostics: Vec<Diagnostic>,
    /// How many manifests of each kind were found, those with errors included.
    pub manifests: BTreeMap<ManifestKind, usize>,
}

/// Reads all manifests. Problems of one document hide neither those of others nor one another; the result depends on the sources and the
/// options alone.
pub fn load(sources: &Sources, options: &LoadOptions) -> Loaded {
    let files: Vec<SourceId> =
        sources.iter().filter(|(id, source)| Some(*id) != options.project && !source.is_cut()).map(|(id, _)| id).collect();
    let size: usize = files.iter().map(|id| sources.get(*id).text.len()).sum();
    let large = size >= WORTH_A_THREAD;
    let files = map_in_order(&files, large, |id| File::read(*id, sources));

    let mut headers = Vec::new();
    // What could not even be found may be anybody.
    let mut gaps = Gaps { unread: !sources.findings().is_empty(), ..Gaps::default() };
    for file in &files {
        gaps.unread |= file.unread;
        gaps.names.extend(file.names.iter().cloned());
        for document in &file.documents {
            match Header::read(document.kind, &document.root, document.mended.as_ref()) {
                Some(header) => headers.push(header),
                None => gaps.unread |= document.kind == ManifestKind::Support,
            }
        }
    }
    let certain = files.iter().all(File::is_fine) && sources.findings().is_empty();
    let staff = Staff::new(&headers, gaps);

    let mut found = Expansion::default();
    let shift_types = options.shift_types.as_ref().map(|node| ShiftTypes::read(node, &mut found)).unwrap_or_default();
    let budget = Budget::default();
    let context = Context { sources, options, staff: &staff, shift_types: &shift_types, budget: &budget };
    // Schedules may be large and other documents are small, so that a share of documents is handed out at a time.
    let shares: Vec<&[Header<'_>]> = headers.chunks(16).collect();
    let mut shares = map_in_order(&shares, large, |share| expand(share, &context));
    let lists = shares.iter_mut().map(|share| std::mem::take(&mut share.resources)).collect();
    shares.into_iter().for_each(|share| found.append(share));
    found.resources = resource::gathered(lists);

    if let Some(first) = headers.first().filter(|_| budget.is_exceeded()) {
        // Which objects found room depends on the threads, so nothing is said about any of them.
        found = Expansion::default();
        found.report(Diagnostic::meaning(Meaning::TooManyObjects { limit: MOST_OBJECTS }, first.at));
    }
    let read = files.iter().flat_map(|file| &file.diagnostics);
    let mut diagnostics: Vec<Diagnostic> = sources.findings().iter().chain(read).cloned().collect();
    diagnostics.append(&mut found.diagnostics);
    diagnostics.append(&mut check::run(options, &headers, &found, certain, large));
    diagnostic::sort(&mut diagnostics);
    check::unknown_support::suggest(&mut diagnostics, &staff);

    let mut manifests = BTreeMap::new();
    for header in &headers {
        *manifests.entry(header.kind).or_default() += 1;
    }
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.problem.severity() == Severity::Error);
    // A release is no reason to believe that the manifests were found.
    let declaring = headers.iter().filter(|header| header.kind != ManifestKind::Release).count();
    let mut desired = (!failed).then(|| Desired::of_sorted(found.resources, found.days_off, declaring));
    if let Some(desired) = &mut desired {
        desired.releases = found.releases;
        desired.labels = labels(&headers);
    }
    if large {
        // Nobody needs to wait until all the trees are taken apart; without a thread for it they are at once.
        let _ = std::thread::Builder::new().spawn(move || drop(files));
    }
    Loaded { desired, diagnostics, manifests }
}

/// The labels of all Supports that have any.
fn labels(headers: &[Header<'_>]) -> BTreeMap<Text, BTreeMap<Text, Text>> {
    let labelled = headers.iter().filter(|header| header.kind == ManifestKind::Support && !header.labels.is_empty());
    let pairs = |header: &Header<'_>| header.labels.iter().map(|label| (label.key.clone(), label.value.clone())).collect();
    labelled.map(|header| (header.name.clone(), pairs(header))).collect()
}

fn expand(headers: &[Header<'_>], context: &Context<'_>) -> Expansion {
    let mut found = Expansion::default();
    for header in headers {
        manifest::expand(header, context, &mut found);
    }
    found
}

/// One source as documents.
struct File {
    documents: Vec<Judged>,
    diagnostics: Vec<Diagnostic>,
    /// Names in documents of an unknown kind.
    names: Vec<Text>,
    /// Whether there is text of which not even the names are known.
    unread: bool,
}

/// One document and, where the schema finds mistakes in it, what is left without them.
struct Judged {
    kind: ManifestKind,
    root: Node,
    mended: Option<Node>,
}

impl File {
    fn read(id: SourceId, sources: &Sources) -> Self {
        let parsed = document::parse(id, &sources.get(id).text);
        let mut file = Self { documents: Vec::new(), diagnostics: parsed.diagnostics, names: Vec::new(), unread: parsed.broken_off };
        file.documents.reserve_exact(parsed.documents.len());
        for document in parsed.documents {
            let root = document.root;
            match schema::header(&root) {
                Ok(ManifestKind::Project) => {
                    let at = root.get("kind").unwrap_or(&root).span;
                    file.diagnostics.push(Diagnostic::meaning(Meaning::MisplacedProject, at));
                }
                Ok(kind) => {
                    let (findings, mended) = schema::examine(kind, &root);
                    file.documents.push(Judged { kind, root, mended });
                    file.diagnostics.extend(findings);
                }
                Err(finding) => {
                    match root.pointer("/metadata/name").and_then(Node::as_text) {
                        Some(name) => file.names.push(name.clone()),
                        None => file.unread = true,
                    }
                    file.diagnostics.push(*finding);
                }
            }
        }
        file
    }

    /// Whether everything in it could be read.
    fn is_fine(&self) -> bool {
        self.diagnostics.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_people_are_kept_for_those_who_choose_by_them() {
        let support = |name: &str, labels: &str, number: u8| {
            format!(
                "apiVersion: deskform/v1\nkind: Support\nmetadata: {{name: {name}{labels}}}\n\
                 spec: {{account: \"a{number}\", staffNumber: \"{number}\"}}\n---\n"
            )
        };
        let mut sources = Sources::default();
        sources.add("people.yaml", support("zhang-san", ", labels: {team: tier1, shift: \"1\"}", 1) + &support("li-si", "", 2));
        let today = crate::time::parse_date("2026-12-01").expect("a date");
        let desired = load(&sources, &LoadOptions::new(today)).desired.expect("valid");
        let labels: Vec<String> = desired.labels.iter().map(|(name, labels)| format!("{name} {labels:?}")).collect();
        assert_eq!(labels, [r#"zhang-san {"shift": "1", "team": "tier1"}"#]);
    }
}
