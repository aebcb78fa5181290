//! Writing: the shapes of [`super::document`] as text, straight from what the ledger holds.
//!
//! A run writes two records an object, and a snapshot all of them, so nothing is copied or made on the way: texts go letter by letter into
//! the one that grows, dates digit by digit. Only what is rare is left to the JSON library.

use std::borrow::Cow;
use std::fmt::Write as _;

use deskform_model::field::READ;
use deskform_model::time::{Date, Time};
use deskform_model::{Address, FieldKey, Kind, NaturalKey, Person, RemoteId, Text, Value, Values};

use super::super::{Entry, EntryId, Intent, Record, Recycled};
use super::json;

/// An entry and, in a record, the intent that it fulfils.
pub(super) fn entry(text: &mut String, entry: &Entry, intent: Option<u64>) {
    let kind = entry.key.kind();
    text.push_str("{\"address\":");
    address(text, &entry.address);
    text.push_str(",\"key\":");
    key(text, &entry.key);
    text.push_str(",\"remotes\":");
    list(text, entry.remotes.iter().map(RemoteId::as_str));
    text.push_str(",\"set\":");
    values(text, kind, entry.set.iter());
    if let Some(seen) = &entry.seen {
        seen_after(text, kind, &entry.set, seen);
    }
    text.push_str(",\"at\":");
    string(text, &entry.at);
    if entry.protect {
        text.push_str(",\"protect\":true");
    }
    support(text, entry.support.as_ref());
    if !entry.title.is_empty() {
        text.push_str(",\"title\":");
        string(text, &entry.title);
    }
    if let Some(intent) = intent {
        text.push_str(",\"intent\":");
        number(text, intent);
    }
    text.push('}');
}

/// A person in the bin, by account.
pub(super) fn recycled(text: &mut String, account: &str, recycled: &Recycled) {
    text.push_str("{\"account\":");
    string(text, account);
    text.push_str(",\"remote\":");
    string(text, recycled.remote.as_str());
    text.push_str(",\"address\":");
    address(text, &recycled.address);
    text.push_str(",\"set\":");
    values(text, Kind::Support, recycled.set.iter());
    text.push('}');
}

/// An open intent.
pub(super) fn intent(text: &mut String, intent: &Intent) {
    text.push_str("{\"number\":");
    number(text, intent.number);
    text.push_str(",\"address\":");
    address(text, &intent.address);
    text.push_str(",\"key\":");
    key(text, &intent.key);
    text.push_str(",\"set\":");
    values(text, intent.key.kind(), intent.set.iter());
    text.push_str(",\"at\":");
    string(text, &intent.at);
    support(text, intent.support.as_ref());
    text.push('}');
}

/// A record.
pub(super) fn record(text: &mut String, record: &Record) {
    match record {
        Record::Intended(announced) => {
            text.push_str("{\"intended\":");
            intent(text, announced);
        }
        Record::Withdrawn { intent } => {
            text.push_str("{\"withdrawn\":");
            number(text, *intent);
        }
        Record::Done { intent, entry: done } => {
            text.push_str("{\"done\":");
            entry(text, done, *intent);
        }
        Record::Gone { id } => {
            text.push_str("{\"gone\":");
            entry_id(text, id);
        }
        Record::Recycled { account, recycled: binned } => {
            text.push_str("{\"recycled\":");
            recycled(text, account, binned);
        }
        Record::Seen { id, seen } => {
            text.push_str("{\"seen\":{\"id\":");
            entry_id(text, id);
            text.push_str(",\"seen\":");
            values(text, id.kind, seen.iter());
            text.push('}');
        }
        Record::LeftBin { account } => {
            text.push_str("{\"leftBin\":");
            string(text, account);
        }
        Record::Applied { revision, plan } => {
            text.push_str("{\"applied\":{\"revision\":");
            string(text, revision);
            text.push_str(",\"plan\":");
            string(text, plan);
            text.push('}');
        }
    }
    text.push('}');
}

/// What of `seen` does not follow from `set`: other values, and the names of readable fields that were not shown.
fn seen_after(text: &mut String, kind: Kind, set: &Values, seen: &Values) {
    let readable = |key: &FieldKey| key.field(kind).has(READ);
    text.push_str(",\"seen\":");
    values(text, kind, seen.iter().filter(|(key, value)| !(readable(key) && set.get(key) == Some(value))));
    let mut unseen = set.iter().map(|(key, _)| key).filter(|key| readable(key) && seen.get(key).is_none()).peekable();
    if unseen.peek().is_some() {
        text.push_str(",\"unseen\":");
        list(text, unseen.map(|key| name(kind, key)));
    }
}

/// Fields by the names of manifests, sorted by these.
fn values<'a>(text: &mut String, kind: Kind, fields: impl Iterator<Item = (&'a FieldKey, &'a Value)>) {
    let mut members: Vec<(Cow<'static, str>, &Value)> = fields.map(|(key, value)| (name(kind, key), value)).collect();
    members.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    text.push('{');
    separated(text, members, |text, (name, value)| {
        string(text, &name);
        text.push(':');
        match value {
            Value::Null => text.push_str("null"),
            Value::Text(words) => string(text, words),
            value => text.push_str(&json(value)),
        }
    });
    text.push('}');
}

fn name(kind: Kind, key: &FieldKey) -> Cow<'static, str> {
    match key {
        FieldKey::Known(_) => Cow::Borrowed(key.field(kind).name),
        FieldKey::Custom(_) => Cow::Owned(key.name(kind)),
    }
}

fn key(text: &mut String, key: &NaturalKey) {
    match key {
        NaturalKey::Support { account } => {
            text.push_str("{\"account\":");
            string(text, account);
        }
        NaturalKey::Agent { operator_id } => {
            text.push_str("{\"operatorId\":");
            string(text, operator_id);
        }
        NaturalKey::Permission { person: whose, module } => {
            text.push_str("{\"person\":");
            person(text, whose);
            text.push_str(",\"module\":");
            string(text, module.word());
        }
        NaturalKey::Shift { person: whose, date: day, start } => {
            text.push_str("{\"person\":");
            person(text, whose);
            text.push_str(",\"date\":\"");
            date(text, *day);
            text.push_str("\",\"start\":\"");
            time(text, *start);
            text.push('"');
        }
    }
    text.push('}');
}

/// What [`Person`] displays.
fn person(text: &mut String, person: &Person) {
    let (form, name) = match person {
        Person::Declared(name) => ("", name),
        Person::Account(account) => ("account:", account),
        Person::Id(id) => ("id:", id),
    };
    text.push('"');
    text.push_str(form);
    letters(text, name);
    text.push('"');
}

/// What [`Address`] displays.
fn address(text: &mut String, address: &Address) {
    slashed(text, address.kind, &address.label);
}

fn entry_id(text: &mut String, id: &EntryId) {
    slashed(text, id.kind, &id.id);
}

fn slashed(text: &mut String, kind: Kind, name: &Text) {
    text.push('"');
    text.push_str(kind.word());
    text.push('/');
    letters(text, name);
    text.push('"');
}

fn support(text: &mut String, support: Option<&RemoteId>) {
    if let Some(support) = support {
        text.push_str(",\"support\":");
        string(text, support.as_str());
    }
}

fn list<S: AsRef<str>>(text: &mut String, items: impl Iterator<Item = S>) {
    text.push('[');
    separated(text, items, |text, item| string(text, item.as_ref()));
    text.push(']');
}

fn separated<T>(text: &mut String, items: impl IntoIterator<Item = T>, write: impl Fn(&mut String, T)) {
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        write(text, item);
    }
}

fn string(text: &mut String, words: &str) {
    text.push('"');
    letters(text, words);
    text.push('"');
}

/// The inside of a JSON string.
fn letters(text: &mut String, words: &str) {
    if words.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        let quoted = json(&words);
        text.push_str(&quoted[1..quoted.len() - 1]);
    } else {
        text.push_str(words);
    }
}

fn number(text: &mut String, number: u64) {
    // Text takes whatever is written to it.
    let _ = write!(text, "{number}");
}

fn date(text: &mut String, date: Date) {
    match u16::try_from(date.year()) {
        Ok(year) => {
            two_digits(text, (year / 100) as u8);
            two_digits(text, (year % 100) as u8);
            text.push('-');
            two_digits(text, date.month().unsigned_abs());
            text.push('-');
            two_digits(text, date.day().unsigned_abs());
        }
        // Years before the first have a form of their own.
        Err(_) => text.push_str(&date.to_string()),
    }
}

fn time(text: &mut String, time: Time) {
    two_digits(text, time.hour().unsigned_abs());
    text.push(':');
    two_digits(text, time.minute().unsigned_abs());
}

fn two_digits(text: &mut String, number: u8) {
    text.push(char::from(b'0' + number / 10));
    text.push(char::from(b'0' + number % 10));
}
