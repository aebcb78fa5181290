//! A ledger for people: a line for each thing that it holds, or everything that it knows of one.

use std::io::{self, Write};

use deskform_applier::ledger_store::Unlocked;
use deskform_model::{Kind, RemoteId, Values};
use deskform_planner::Ledger;
use deskform_planner::ledger::{Entry, Intent, Recycled};

use super::layout::{pad, width};
use super::plural::{Noun, count};
use super::words;
use crate::command::ledger::Held;
use crate::ui::{CHANGE, FAINT, STRONG};

/// Writes one line for each thing, and how many there are.
///
/// # Errors
/// When the writer fails.
pub fn list(held: &[Held<'_>], ledger: &Ledger, out: &mut dyn Write) -> io::Result<()> {
    let column = held.iter().map(|held| width(&held.address().to_string())).max().unwrap_or_default();
    for held in held {
        let address = pad(&held.address().to_string(), column);
        match held {
            Held::Entry(entry) => {
                let Entry { remotes, title, at, protect, .. } = entry;
                let lock = if *protect { "  protected" } else { "" };
                let title = if title.is_empty() { String::new() } else { format!("  {title}") };
                writeln!(out, "{address}  {FAINT}id {}, written {at}{FAINT:#}{title}{lock}", ids(remotes))?;
            }
            Held::Recycled(account, recycled) => {
                writeln!(out, "{address}  {FAINT}id {}, account {account}{FAINT:#}  in the recycle bin", recycled.remote.as_str())?;
            }
            Held::Intent(intent) => writeln!(out, "{address}  {CHANGE}sent {} without an answer{CHANGE:#}", intent.at)?,
        }
    }
    let revision = if ledger.revision.is_empty() { String::new() } else { format!("; revision {}", ledger.revision) };
    writeln!(out, "{STRONG}{}{STRONG:#}, serial {}{revision}", count(held.len(), Noun::Resource), ledger.serial)
}

/// Writes everything that the ledger knows of some things, which have one address.
///
/// # Errors
/// When the writer fails.
pub fn show(held: &[Held<'_>], out: &mut dyn Write) -> io::Result<()> {
    for held in held {
        writeln!(out, "{STRONG}{}{STRONG:#}", held.address())?;
        match held {
            Held::Entry(entry) => show_entry(entry, out)?,
            Held::Recycled(account, recycled) => show_recycled(account, recycled, out)?,
            Held::Intent(intent) => show_intent(intent, out)?,
        }
    }
    Ok(())
}

fn show_entry(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    let Entry { address: _, key, remotes, set, seen, at, protect, support, title } = entry;
    if !title.is_empty() {
        line(out, "name", title)?;
    }
    line(out, "remote id", &ids(remotes))?;
    if let Some(support) = support {
        line(out, "person", support.as_str())?;
    }
    line(out, "written", at)?;
    if *protect {
        line(out, "protected", "yes")?;
    }
    writeln!(out, "  set:")?;
    values(key.kind(), set, out)?;
    match seen {
        None => writeln!(out, "  seen: nothing was read after it was written"),
        Some(seen) => {
            let kind = key.kind();
            let differs: Values =
                seen.iter().filter(|(key, value)| set.get(key) != Some(value)).map(|(key, value)| (key.clone(), value.clone())).collect();
            if differs.is_empty() {
                return writeln!(out, "  seen: the same, as far as it can be read");
            }
            writeln!(out, "  seen differently:")?;
            values(kind, &differs, out)
        }
    }
}

fn show_recycled(account: &str, recycled: &Recycled, out: &mut dyn Write) -> io::Result<()> {
    line(out, "remote id", recycled.remote.as_str())?;
    line(out, "account", account)?;
    line(out, "where", "in the recycle bin")?;
    writeln!(out, "  set:")?;
    values(Kind::Support, &recycled.set, out)
}

fn show_intent(intent: &Intent, out: &mut dyn Write) -> io::Result<()> {
    line(out, "sent", &format!("{}, without an answer; the next plan finds out what became of it", intent.at))?;
    writeln!(out, "  to be set:")?;
    values(intent.key.kind(), &intent.set, out)
}

fn values(kind: Kind, values: &Values, out: &mut dyn Write) -> io::Result<()> {
    let column = values.iter().map(|(key, _)| width(&key.name(kind))).max().unwrap_or_default();
    for (key, value) in values.iter() {
        writeln!(out, "    {} : {}", pad(&key.name(kind), column), words::show(&key.field(kind).codec, value))?;
    }
    Ok(())
}

fn line(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    writeln!(out, "  {name}: {text}")
}

fn ids(remotes: &[RemoteId]) -> String {
    remotes.iter().map(RemoteId::as_str).collect::<Vec<_>>().join(" and ")
}

/// What was forgotten, and what that means.
pub fn forgot(held: &[Held<'_>]) -> String {
    let address = held.first().map(|held| held.address().to_string()).unwrap_or_default();
    format!("forgot {address}; the platform was not touched, and deskform no longer owns what is there")
}

/// What became of a lock.
pub fn unlocked(unlocked: &Unlocked) -> String {
    match unlocked {
        Unlocked::Free => "nobody holds the lock".to_owned(),
        Unlocked::EndsWithItsHolder(holder) => {
            let who = holder.as_ref().map(|holder| format!(" It is held by {holder}.")).unwrap_or_default();
            format!(
                "the lock of a file is the operating system's: it ends with the process that holds it, and nothing else ends it.{who} \
                 End that process, or wait for it; there is nothing to unlock"
            )
        }
        Unlocked::Broken(holder) => {
            let whose = holder.as_ref().map(|holder| format!("; it was held by {holder}")).unwrap_or_default();
            format!("the lock is free{whose}")
        }
    }
}
