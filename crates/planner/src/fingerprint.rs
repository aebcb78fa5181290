//! The fingerprint of a plan: a hash of what it means, so that a reviewer's yes can be held to exactly that.
//!
//! It covers, for every change, the object (kind, natural key, remote ids), what is done, what was observed and what is wanted. A field that
//! no call shows counts with what the ledger says was last sent, a secret with its version. It leaves out whatever may change without
//! changing the deed: file names and lines, addresses, the order of documents, reasons, notes, counts and the clock.

use std::fmt::Write as _;

use deskform_model::{Kind, NaturalKey, Person, RemoteId, Value, Values};
use sha2::{Digest as _, Sha256};

use crate::plan::{Action, Before, Change, FieldChange, PersonTarget, Plan, Refusal};

/// Hashes a plan to 64 lower-case hex digits.
pub fn fingerprint(plan: &Plan) -> String {
    let mut known = Known::default();
    let mut lines: Vec<Vec<u8>> = plan.changes.iter().map(|change| meaning(change, plan, &mut known)).collect();
    lines.sort_unstable();
    let mut hash = Sha256::new();
    for line in &lines {
        hash.update(line);
        hash.update(b"\n");
    }
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// One change as one line of JSON: no two meanings give the same line.
fn meaning(change: &Change, plan: &Plan, known: &mut Known) -> Vec<u8> {
    let kind = change.kind();
    let mut line = Line::default();
    line.text(kind.word());
    key(&change.key, &mut line);
    match &change.person {
        None => line.text("-"),
        Some(PersonTarget::Live(id)) => line.text(id.as_str()),
        // Somebody whom the plan makes is known by the account.
        Some(PersonTarget::New(id)) => key(&plan.get(*id).key, &mut line),
    }
    match &change.action {
        Action::Create { values: wanted, secret: _ } => {
            line.text("create");
            known.values(kind, wanted, &mut line);
        }
        Action::Update { remotes, values: wanted, fields, saw, secret: _ } => {
            line.text("update");
            for remote in remotes {
                line.text(remote.as_ref().map_or("", RemoteId::as_str));
            }
            changes(kind, fields, &mut line);
            line.text("saw");
            known.values(kind, saw, &mut line);
            // Some calls write the whole object, so that fields which stay are sent as well.
            line.text("wanted");
            known.values(kind, wanted, &mut line);
        }
        Action::Restore { remote, values: wanted, fields } => {
            line.text("restore");
            line.text(remote.as_str());
            changes(kind, fields, &mut line);
            line.text("wanted");
            known.values(kind, wanted, &mut line);
        }
        Action::Delete { remotes, last, successor } => {
            line.text(if successor.is_some() { "replace" } else { "delete" });
            for remote in remotes {
                line.text(remote.as_str());
            }
            known.values(kind, last, &mut line);
        }
        Action::Record { remotes, values: wanted } => {
            line.text("record");
            for remote in remotes {
                line.text(remote.as_str());
            }
            known.values(kind, wanted, &mut line);
        }
        Action::Forget { id, why } => {
            line.text("forget");
            line.text(&id.id);
            line.text(&format!("{why:?}"));
        }
        Action::Refuse { why } => {
            line.text("refuse");
            for refusal in why {
                refused(kind, refusal, &mut line);
            }
        }
    }
    line.0
}

fn key(key: &NaturalKey, line: &mut Line) {
    let who = |person: &Person| match person {
        Person::Id(id) => format!("id:{id}"),
        // The name is a label; whose it is stands behind it.
        Person::Declared(_) => "declared".to_owned(),
        Person::Account(account) => format!("account:{account}"),
    };
    match key {
        NaturalKey::Support { account } => line.text(account),
        NaturalKey::Permission { person, module } => {
            line.text(&who(person));
            line.text(module.word());
        }
        NaturalKey::Shift { person, date, start } => {
            line.text(&who(person));
            line.text(&date.to_string());
            line.text(&start.to_string());
        }
        NaturalKey::Agent { operator_id } => line.text(operator_id),
    }
}

/// What the first values of shifts look like here: a month of shifts has a dozen different ones.
#[derive(Default)]
struct Known(Vec<(Values, Vec<u8>)>);

impl Known {
    /// So many are remembered; comparing with these is cheaper than writing one.
    const MOST: usize = 16;

    fn values(&mut self, kind: Kind, values: &Values, line: &mut Line) {
        let repeats = kind == Kind::Shift;
        if repeats && let Some((_, text)) = self.0.iter().find(|(known, _)| known == values) {
            line.0.extend_from_slice(text);
            return;
        }
        let begin = line.0.len();
        for (key, value) in values.iter() {
            line.text(&key.name(kind));
            line.value(value);
        }
        if repeats && self.0.len() < Self::MOST {
            self.0.push((values.clone(), line.0[begin..].to_vec()));
        }
    }
}

fn changes(kind: Kind, fields: &[FieldChange], line: &mut Line) {
    for change in fields {
        line.text(&change.field.name(kind));
        match &change.before {
            Before::Live(value) => line.value(value),
            Before::LastSet(value, _) => {
                line.text("last set");
                line.value(value);
            }
            Before::Unknown => line.text("unknown"),
        }
        line.value(&change.after);
    }
}

fn refused(kind: Kind, refusal: &Refusal, line: &mut Line) {
    match refusal {
        Refusal::Fixed { field, have, want } | Refusal::BelowMinimum { field, have, want, min: _ } => {
            line.text(&field.name(kind));
            line.value(have);
            line.value(want);
        }
        Refusal::PasswordCreateOnly { have, want } => line.text(&format!("password {have} {want}")),
        Refusal::AdoptionRefused => line.text("adopt"),
        Refusal::TooLate { since } => line.text(&format!("too late {since}")),
    }
}

/// Texts and values one behind the other, each quoted as JSON so that none runs into the next.
#[derive(Default)]
struct Line(Vec<u8>);

impl Line {
    fn text(&mut self, text: &str) {
        self.json(text);
    }

    fn value(&mut self, value: &Value) {
        self.json(value);
    }

    fn json<T: serde::Serialize + ?Sized>(&mut self, value: &T) {
        serde_json::to_writer(&mut self.0, value).expect("values are texts, numbers and lists, and a vector takes everything");
        self.0.push(b' ');
    }
}
