//! What there is to say about one change, for every format: one line that names it, and what changes in it.

use anstyle::Style;
use deskform_model::codec::Codec;
use deskform_model::printable::printable;
use deskform_model::{Kind, RemoteId, Value, Values};
use deskform_planner::plan::{Before, Bookkeeping, FieldChange};
use deskform_planner::{Action, Change, Plan};
use similar::{ChangeTag, TextDiff};

use super::people::People;
use super::words;
use crate::ui::{ADD, CHANGE, FAINT, REMOVE};

/// One thing that is said below the line that names a change. All texts are printable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// A value of something new.
    New {
        /// The field.
        name: String,
        /// Its value.
        value: String,
    },
    /// A value that changes.
    Changed {
        /// The field.
        name: String,
        /// What is there; `?` where nobody knows.
        before: String,
        /// What is wanted.
        after: String,
        /// Who changed it, and whether it could be read.
        notes: Vec<String>,
    },
    /// A set of which some members change.
    Members {
        /// The field.
        name: String,
        /// Those that go.
        gone: Vec<String>,
        /// Those that come.
        come: Vec<String>,
        /// Who changed it.
        notes: Vec<String>,
    },
    /// Several lines of text of which some change.
    Lines {
        /// The field.
        name: String,
        /// The lines that differ, with two unchanged ones around them.
        diff: Vec<DiffLine>,
        /// Who changed it.
        notes: Vec<String>,
    },
    /// Why it cannot be done.
    Refused(String),
    /// Anything else.
    Said(String),
    /// The platform's ids.
    Ids(String),
}

/// One line of a line diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// `-`, `+`, a blank for what stays, `.` where lines are left out.
    pub sign: char,
    /// The line.
    pub line: String,
}

/// The mark of an action, and its colour in a terminal.
pub fn mark(action: &Action) -> (&'static str, Style) {
    match action {
        Action::Create { .. } | Action::Restore { .. } => ("+", ADD),
        Action::Update { .. } => ("~", CHANGE),
        Action::Delete { .. } => ("-", REMOVE),
        Action::Record { .. } => ("=", FAINT),
        Action::Forget { .. } => ("x", FAINT),
        Action::Refuse { .. } => ("!", REMOVE),
    }
}

/// What the mark stands for, in one word.
pub fn verb(action: &Action) -> &'static str {
    match action {
        Action::Create { .. } => "add",
        Action::Restore { .. } => "restore",
        Action::Update { .. } => "change",
        Action::Delete { .. } => "remove",
        Action::Record { .. } => "record",
        Action::Forget { .. } => "forget",
        Action::Refuse { .. } => "cannot change",
    }
}

/// Address, name and reasons.
pub fn head(change: &Change) -> String {
    let mut head = titled(&change.address.to_string(), &change.title);
    let deletion = match change.action {
        Action::Delete { .. } => words::deletion(change.kind()),
        _ => None,
    };
    let forget = match &change.action {
        Action::Forget { why, id: _ } => Some(words::forget(*why)),
        // The reasons of a refusal have lines of their own.
        Action::Refuse { .. } => None,
        Action::Record { .. } if change.bookkeeping == Bookkeeping::default() => Some(words::refresh()),
        _ => words::reason(change.kind(), change.reason),
    };
    let said: Vec<&str> = [forget, deletion].into_iter().flatten().collect();
    if !said.is_empty() {
        head.push_str(&format!(" ({})", said.join("; ")));
    }
    head
}

/// An address and a name for people.
pub fn titled(address: &str, title: &str) -> String {
    let address = printable(address);
    if title.is_empty() { address.into_owned() } else { format!("{address} {}", printable(title)) }
}

/// Everything that is said below the head. Remote ids only where they are wanted.
pub fn details<'a>(plan: &'a Plan, people: &People<'a>, change: &'a Change, ids: bool) -> Vec<Detail> {
    let kind = change.kind();
    let mut details = Vec::new();
    match &change.action {
        Action::Create { values, secret: _ } => details.extend(new_values(kind, values)),
        Action::Update { fields, remotes: _, values: _, saw: _, secret: _ } => details.extend(field_changes(kind, fields)),
        Action::Restore { fields, remote: _, values: _ } => {
            details.push(Detail::Said("taken out of the recycle bin".to_owned()));
            details.extend(field_changes(kind, fields));
        }
        Action::Refuse { why } => details.extend(why.iter().map(|refusal| Detail::Refused(words::refusal(kind, refusal)))),
        Action::Delete { remotes: _, last, successor: Some(successor) } if kind == Kind::Agent => {
            details.extend(words::lost_with_seat(last, &plan.get(*successor).action).map(Detail::Said));
        }
        Action::Delete { .. } | Action::Record { .. } | Action::Forget { .. } => {}
    }
    if kind == Kind::Agent
        && let Some(person) = people.name(plan, change)
    {
        details.push(Detail::Said(format!("support: {}", printable(person))));
    }
    let books = &change.bookkeeping;
    if let Some(before) = &books.moved_from {
        details.push(Detail::Said(format!("was {}", printable(&before.to_string()))));
    }
    if !books.released.is_empty() {
        let names: Vec<String> = books.released.iter().map(|field| field.name(kind)).collect();
        details.push(Detail::Said(format!("no longer managed: {}", names.join(", "))));
    }
    if ids {
        let ids: Vec<&str> = remotes(&change.action).map(RemoteId::as_str).collect();
        if !ids.is_empty() {
            details.push(Detail::Ids(format!("id {}", ids.join(", "))));
        }
    }
    details
}

/// What something new is given; nothing of what is empty.
pub fn new_values(kind: Kind, values: &Values) -> impl Iterator<Item = Detail> {
    let given = values.iter().filter(|(_, value)| **value != Value::Null);
    given.map(move |(key, value)| Detail::New { name: key.name(kind), value: words::show(&key.field(kind).codec, value) })
}

fn field_changes(kind: Kind, fields: &[FieldChange]) -> impl Iterator<Item = Detail> {
    fields.iter().map(move |change| field_change(kind, change))
}

/// A field that differs: old and new, who changed it, and whether it could be read.
pub fn field_change(kind: Kind, change: &FieldChange) -> Detail {
    let FieldChange { field, before, after, why } = change;
    let codec = field.field(kind).codec;
    let name = field.name(kind);
    let (known, unread) = match before {
        Before::Live(value) => (Some(value), None),
        Before::LastSet(value, at) => {
            (Some(value), Some(format!("(not readable; last set on {})", at.split('T').next().unwrap_or_default())))
        }
        Before::Unknown => (None, Some("(not readable; never set from here)".to_owned())),
    };
    let notes: Vec<String> = unread.into_iter().chain(words::field_reason(*why).map(str::to_owned)).collect();
    match (known, after) {
        (Some(Value::Set(old)), Value::Set(new)) => {
            let without = |some: &[deskform_model::Text], others: &[deskform_model::Text]| {
                some.iter().filter(|member| !others.contains(member)).map(|member| printable(member).into_owned()).collect()
            };
            Detail::Members { name, gone: without(old, new), come: without(new, old), notes }
        }
        (Some(old), new) if matches!(codec, Codec::Lines { .. }) && (is_long(old) || is_long(new)) => {
            Detail::Lines { name, diff: line_diff(lines(old), lines(new)), notes }
        }
        (old, new) => {
            let before = old.map_or_else(|| "?".to_owned(), |old| words::show(&codec, old));
            Detail::Changed { name, before, after: words::show(&codec, new), notes }
        }
    }
}

fn is_long(value: &Value) -> bool {
    value.as_text().is_some_and(|text| text.contains('\n'))
}

fn lines(value: &Value) -> &str {
    value.as_text().map(|text| text.as_str()).unwrap_or_default()
}

/// Control characters are made visible: the text comes from a platform.
fn line_diff(old: &str, new: &str) -> Vec<DiffLine> {
    let diff = TextDiff::from_lines(old, new);
    let mut lines = Vec::new();
    for (at, group) in diff.grouped_ops(2).iter().enumerate() {
        if at > 0 {
            lines.push(DiffLine { sign: '.', line: "...".to_owned() });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let mut line = printable(change.value().trim_end_matches(['\n', '\r'])).into_owned();
            if change.missing_newline() {
                line.push_str("  (no line break at the end)");
            }
            lines.push(DiffLine { sign, line });
        }
    }
    lines
}

fn remotes(action: &Action) -> impl Iterator<Item = &RemoteId> {
    let (some, all, one) = match action {
        Action::Update { remotes, .. } => (remotes.as_slice(), [].as_slice(), None),
        Action::Delete { remotes, .. } | Action::Record { remotes, .. } => ([].as_slice(), remotes.as_slice(), None),
        Action::Restore { remote, .. } => ([].as_slice(), [].as_slice(), Some(remote)),
        Action::Create { .. } | Action::Forget { .. } | Action::Refuse { .. } => ([].as_slice(), [].as_slice(), None),
    };
    some.iter().flatten().chain(all).chain(one)
}
