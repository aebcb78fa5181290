//! `deskform adherence`: planned shifts joined with sign-ins. The join is [`deskform_planner::adherence`]'s; here both sides are read and
//! people are found.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use deskform_applier::live::sign_ins::{self, Filter};
use deskform_model::project::Milliseconds;
use deskform_model::resource::DayOffKind;
use deskform_model::time::{self, Date, Time};
use deskform_model::{Desired, Ensure, Kind, NaturalKey, Person, Platform, RemoteId, Resource, Text, Value};
use deskform_planner::adherence::{
    DayOff, Inputs, Member, Ownerless, Owners, PlannedShift, SignIn, Tolerance, adherence, shifts_of_duties,
};
use deskform_planner::overnight::hours;
use deskform_planner::{Needs, Observed};

use crate::args::{Format, Global};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::live_trouble::LiveTrouble;
use crate::mask::{Masked, Personal};
use crate::people::{Everybody, Reference, Selection, Someone};
use crate::period::{self, Period};
use crate::pipeline::{self, Connection, Workspace};
use crate::settings::under;
use crate::ui::Ui;
use crate::view::live::adherence::{About, AdherenceDocument, Planned, Stranger};
use crate::view::live::{adherence_html, json};
use crate::view::talk;

/// Flags of `adherence`.
#[derive(Clone, Debug, Default, Args)]
pub struct AdherenceArgs {
    /// Whose; everybody's when nobody is named.
    #[command(flatten)]
    pub who: Selection,
    /// The first day
    #[arg(long, value_name = "DATE")]
    pub from: String,
    /// The last day
    #[arg(long, value_name = "DATE")]
    pub to: String,
    /// Take the shifts that are on the helpdesk instead of those in the manifests
    #[arg(long)]
    pub live: bool,
    /// Write the report into this file as well, as one HTML page that needs nothing else
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// The days of a report.
#[derive(Clone, Copy)]
struct Days {
    first: Date,
    last: Date,
}

impl Days {
    /// One day more on both sides: what belongs to a neighbouring day must not be taken for something else.
    fn around(self) -> (Date, Date) {
        (time::previous_day(self.first).unwrap_or(self.first), time::next_day(self.last).unwrap_or(self.last))
    }
}

/// Runs the command.
///
/// # Errors
/// When the arguments are not good, something cannot be read, or the page cannot be written.
pub async fn run(global: &Global, args: &AdherenceArgs, ui: &mut Ui) -> Result<Exit, CliError> {
    let days = Days { first: period::day(&args.from)?, last: period::day(&args.to)? };
    Period::read(Some(&args.from), Some(&args.to))?;
    let workspace = pipeline::read(global, ui)?;
    let references = args.who.check(&workspace.desired)?;
    let connection = workspace.connect(&[Platform::Helpdesk]).await?;
    ui.start_spinner(talk::reading());
    let read = read(&connection, days, args.live, ui).await;
    ui.end_progress();
    connection.end().await;
    let (observed, sign_ins) = read?;
    let document = report(&workspace, args, days, &references, observed, &sign_ins)?;
    match global.format {
        Format::Json => ui.data(|out| json(&document, out))?,
        Format::Csv => ui.data(|out| document.write_csv(out))?,
        _ => ui.data(|out| document.write(out))?,
    }
    if let Some(path) = &args.html {
        let path = under(&global.chdir, path);
        write_page(&document, &path, global.masks()).map_err(|source| Trouble::Write { path: path.clone(), source })?;
        ui.say(&talk::wrote(&path));
    }
    Ok(Exit::Done)
}

fn write_page(document: &AdherenceDocument, path: &Path, masks: Option<Personal>) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    match masks {
        Some(personal) => {
            let mut masked = Masked::new(&mut out, personal.mask());
            adherence_html::write(document, &mut masked)?;
            masked.finish()?;
        }
        None => adherence_html::write(document, &mut out)?,
    }
    out.flush()
}

async fn read(connection: &Connection, days: Days, live: bool, ui: &mut Ui) -> Result<(Observed, Vec<sign_ins::SignIn>), CliError> {
    let (first, last) = days.around();
    let needs = Needs { supports: true, duties: live.then_some((first, last)), ..Needs::default() };
    let observed = connection.telling(ui, connection.reader.observe(&needs, &mut |_| ())).await?;
    connection.personal.learn_observed(&observed);
    let end = last.to_datetime(Time::constant(23, 59, 59, 0));
    let filter = Filter { person: None, from: Some(first.to_datetime(Time::midnight())), to: Some(end) };
    let sign_ins = connection.sign_ins(&filter, ui).await?;
    Ok((observed, sign_ins))
}

fn report(
    workspace: &Workspace,
    args: &AdherenceArgs,
    days: Days,
    references: &[Reference],
    mut observed: Observed,
    sign_ins: &[sign_ins::SignIn],
) -> Result<AdherenceDocument, CliError> {
    let (settings, desired) = (&workspace.settings, &workspace.desired);
    let everybody = Everybody::new(std::mem::take(&mut observed.supports), desired);
    let mut staff = Staff::new(&everybody);
    let shifts = if args.live {
        for duty in &observed.duties {
            staff.of_id(&duty.person);
        }
        shifts_of_duties(&observed.duties, |id| staff.by_id.get(id).copied())
    } else {
        planned(desired, days, &mut staff)?
    };
    let mut days_off = Vec::new();
    for day in desired.days_off.iter().filter(|day| (days.first..=days.last).contains(&day.date)) {
        let person = staff.of(&day.person, desired)?;
        days_off.push(DayOff { person, date: day.date, leave: day.kind == DayOffKind::Leave, name: day.name.clone() });
    }
    let mut chosen = BTreeSet::new();
    for reference in references {
        let person = match reference {
            Reference::Declared { name, .. } => Person::Declared(name.clone()),
            Reference::Account(account) => Person::Account(account.clone()),
            Reference::Id(id) => Person::Id(id.text().clone()),
        };
        let known = staff.members.len();
        let at = staff.of(&person, desired)?;
        // Whom nothing but the command line names need not exist.
        if at == known && !matches!(reference, Reference::Declared { .. }) {
            return Err(LiveTrouble::NoPerson { word: person.to_string(), known: crate::people::names(desired) }.into());
        }
        chosen.insert(at);
    }
    let everyone = references.is_empty();
    let is_chosen = |person: usize| everyone || chosen.contains(&person);
    let members = staff.members;
    let owners = Owners::new(&members);
    let mut moments = Vec::with_capacity(sign_ins.len());
    let mut strangers = Vec::new();
    for sign_in in sign_ins {
        match owners.find(&sign_in.staff_number, &sign_in.name) {
            Ok(person) if is_chosen(person) => moments.push(SignIn { person, at: sign_in.at }),
            Ok(_) => {}
            Err(Ownerless { why, maybe }) => {
                let is_theirs = everyone || maybe.into_iter().any(is_chosen);
                if is_theirs && (days.first..=days.last).contains(&sign_in.at.date()) {
                    strangers.push(Stranger::new(sign_in, why));
                }
            }
        }
    }
    let shifts: Vec<PlannedShift> = shifts.into_iter().filter(|shift| is_chosen(shift.person)).collect();
    days_off.retain(|day| is_chosen(day.person));
    let seconds = |span: Milliseconds| i64::try_from(span.0 / 1_000).unwrap_or(i64::MAX);
    let tolerances = &settings.project.settings.adherence;
    let tolerance = Tolerance { early_by: seconds(tolerances.early_by), late_after: seconds(tolerances.late_after) };
    let now = settings.clock.now;
    let inputs = Inputs {
        first: days.first,
        last: days.last,
        now,
        tolerance,
        people: &members,
        shifts: &shifts,
        sign_ins: &moments,
        days_off: &days_off,
    };
    let about = About {
        project: &settings.project.name,
        days: (days.first.to_string(), days.last.to_string()),
        now,
        planned: if args.live { Planned::Live } else { Planned::Manifests },
        tolerance: (tolerance.early_by, tolerance.late_after),
    };
    Ok(AdherenceDocument::new(about, &adherence(&inputs), &members, strangers))
}

/// The shifts that manifests want, with those of the days around.
fn planned(desired: &Desired, days: Days, staff: &mut Staff<'_>) -> Result<Vec<PlannedShift>, LiveTrouble> {
    let (first, last) = days.around();
    let mut shifts = Vec::new();
    let wanted = desired.resources().iter().filter(|resource| resource.lifecycle.ensure == Ensure::Present);
    for Resource { key, values, title, .. } in wanted {
        let NaturalKey::Shift { person, date, .. } = key else { continue };
        let Some((start, end)) = hours(values).filter(|_| (first..=last).contains(date)) else { continue };
        let (begins, ends) = time::interval(*date, start, end);
        shifts.push(PlannedShift { person: staff.of(person, desired)?, begins, ends, name: title.clone() });
    }
    Ok(shifts)
}

/// Everybody who may be reported on: those on the helpdesk, then those whom only manifests or duties name.
struct Staff<'a> {
    everybody: &'a Everybody,
    members: Vec<Member>,
    by_id: HashMap<RemoteId, usize>,
    others: BTreeMap<Person, usize>,
}

impl<'a> Staff<'a> {
    fn new(everybody: &'a Everybody) -> Self {
        let member = |someone: &Someone| Member {
            label: someone.label().into(),
            name: someone.name.clone(),
            staff_number: someone.staff_number.clone(),
            known: true,
        };
        let people = everybody.people();
        let by_id = people.iter().enumerate().map(|(at, someone)| (someone.id.clone(), at)).collect();
        Self { everybody, members: people.iter().map(member).collect(), by_id, others: BTreeMap::new() }
    }

    /// The position of somebody whom a manifest names.
    fn of(&mut self, person: &Person, desired: &Desired) -> Result<usize, LiveTrouble> {
        let account = match person {
            Person::Declared(name) => desired.account_of(name).cloned(),
            Person::Account(account) => Some(account.clone()),
            Person::Id(_) => None,
        };
        let someone = match (&account, person) {
            (Some(account), _) => self.everybody.with_account(account)?,
            (None, Person::Id(id)) => RemoteId::new(id.clone()).and_then(|id| self.everybody.with_id(&id)),
            (None, _) => None,
        };
        match someone.and_then(|someone| self.by_id.get(&someone.id)) {
            Some(at) => Ok(*at),
            None => Ok(self.other(person, desired)),
        }
    }

    /// The position of a duty's person.
    fn of_id(&mut self, id: &RemoteId) -> usize {
        match self.by_id.get(id) {
            Some(at) => *at,
            None => {
                let at = self.other(&Person::Id(id.text().clone()), &Desired::default());
                self.by_id.insert(id.clone(), at);
                at
            }
        }
    }

    /// Somebody whom the helpdesk does not know.
    fn other(&mut self, person: &Person, desired: &Desired) -> usize {
        if let Some(at) = self.others.get(person) {
            return *at;
        }
        let resource = match person {
            Person::Declared(name) => crate::people::resource(desired, name),
            Person::Account(_) | Person::Id(_) => None,
        };
        let text = |name: &str| resource.and_then(|resource| resource.values.named(Kind::Support, name)).and_then(Value::as_text);
        let name = text("name").cloned().unwrap_or_default();
        // Without a number: nobody can sign in for them, and the number may be somebody else's by now.
        let at = self.members.len();
        self.members.push(Member { label: person.to_string().into(), name, staff_number: Text::default(), known: false });
        self.others.insert(person.clone(), at);
        at
    }
}
