//! What is said on stderr beside errors: questions, notes and warnings, one function for each.

use std::io;
use std::path::Path;
use std::time::Duration;

use deskform_applier::Pause;
use deskform_applier::ledger_store::{Holder, LedgerError};
use deskform_model::printable::printable;
use deskform_model::{Address, Platform};

use super::plural::{Noun, count};
use crate::revision::Doubt;

/// Before the first answer of a platform.
pub fn reading() -> &'static str {
    "reading the platforms"
}

/// How far the list of sign-ins has been read.
pub fn sign_ins_read(read: usize) -> String {
    format!("{read} sign-ins")
}

/// The patterns find nothing, which is rarely meant.
pub fn no_manifests(patterns: &[String]) -> String {
    format!("no file is found by {}", patterns.join(", "))
}

/// A plan is made while an apply runs.
pub fn apply_is_running(holder: Option<&Holder>) -> String {
    let who = holder.map(|holder| format!(": {holder}")).unwrap_or_default();
    format!("an apply is running; this plan may be out of date when it ends{who}")
}

/// Lists may lag behind what was just written.
pub fn waiting_for_lists(wait: Duration, objects: usize) -> String {
    format!("waiting {} for {} to appear in lists", seconds(wait), count(objects, Noun::Object))
}

/// `2 s`, `0.5 s`: to a tenth, and nothing that is waited for is none.
fn seconds(wait: Duration) -> String {
    let tenths = ((wait.as_millis() + 50) / 100).max(1);
    match tenths % 10 {
        0 => format!("{} s", tenths / 10),
        tenth => format!("{}.{tenth} s", tenths / 10),
    }
}

/// A platform is busy or in trouble.
pub fn paused(pause: &Pause) -> String {
    let platform = match pause.platform {
        Platform::Helpdesk => "helpdesk",
        Platform::CallCenter => "call centre",
    };
    let then = match pause.wait {
        wait if wait < Duration::from_millis(500) => "trying again".to_owned(),
        wait => format!("waiting {}", seconds(wait)),
    };
    format!("the {platform} is in trouble ({}); {then}", pause.why)
}

/// Files that look like manifests and match no pattern.
pub fn unread_files(names: &[String], patterns: &[String]) -> String {
    let (first, more) = (names.iter().take(5).cloned().collect::<Vec<_>>().join(", "), names.len().saturating_sub(5));
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("not read: {first}{more}; `manifests` in the project file finds {}", patterns.join(", "))
}

/// An earlier run was cut off, and this is what it made.
pub fn recovered<'a>(addresses: impl ExactSizeIterator<Item = &'a Address>) -> String {
    let total = addresses.len();
    format!("an earlier apply was cut off; {} that it made {} found: {}", count(total, Noun::Object), are(total), first(addresses))
}

/// A run that goes on has made this, and has not written down yet that it has.
pub fn being_made<'a>(addresses: impl ExactSizeIterator<Item = &'a Address>) -> String {
    let total = addresses.len();
    let objects = count(total, Noun::Object);
    format!("{objects} that the running apply is making {} taken as made and may still change: {}", are(total), first(addresses))
}

fn are(total: usize) -> &'static str {
    if total == 1 { "is" } else { "are" }
}

/// The first of several addresses, and how many more there are.
pub fn first<'a>(addresses: impl ExactSizeIterator<Item = &'a Address>) -> String {
    const SHOWN: usize = 5;
    let total = addresses.len();
    let mut shown: Vec<String> = addresses.take(SHOWN).map(ToString::to_string).collect();
    if total > SHOWN {
        shown.push(format!("{} more", total - SHOWN));
    }
    shown.join(", ")
}

/// Another apply holds the lock, and its end is waited for.
pub fn waiting_for_the_lock(error: &LedgerError) -> String {
    format!("waiting: {error}")
}

/// There is no ledger, and there are things that one may have owned.
pub fn lost_ledger(place: &str) -> String {
    format!(
        "there is no ledger {place}. If there was one, restore it: without it deskform owns nothing. It takes over what the manifests \
         declare and deletes nothing else; permissions are sent again, shift urls and drop-downs are written once more, passwords are \
         left alone, and people in the recycle bin are not found"
    )
}

/// Nobody can tell whether the plan lacks what was applied last.
pub fn unknown_lineage(last: &str, doubt: &Doubt) -> String {
    format!("whether this plan takes back what was applied with revision {} cannot be checked: {}", printable(last), self::doubt(doubt))
}

/// Why nobody can tell how revisions are related, or what one is.
pub fn doubt(doubt: &Doubt) -> String {
    match doubt {
        Doubt::NoRevision => "it is not known which revision is planned; give it with --revision".to_owned(),
        Doubt::NoGit => "the git program cannot be run".to_owned(),
        Doubt::Shallow => "the clone is shallow; fetch all of it (actions/checkout: `fetch-depth: 0`, GitLab: `GIT_DEPTH: 0`)".to_owned(),
        Doubt::Missing(revision) => format!("this clone does not hold {}; run `git fetch` first", printable(revision)),
        Doubt::Refused(said) => format!("git says: {}", printable(said)),
    }
}

/// The question before an address is forgotten, and the answer that does it.
pub fn approve_forget() -> (String, &'static str) {
    ("Forget this? It stays on the platform. Only \"yes\" does:".to_owned(), "yes")
}

/// The way to break a lock that is alive.
pub fn force_unlock() -> &'static str {
    "a lock ends by itself a minute after its holder stopped renewing it; --force breaks it at once: be sure that nothing runs any more"
}

/// So many variables have the sandbox's own password in their place.
pub fn stand_ins(variables: usize) -> String {
    let are = if variables == 1 { "is" } else { "are" };
    format!("{} {are} not set; the sandbox uses a password of its own", count(variables, Noun::Variable))
}

/// The question before an apply, and the answer that begins it.
pub fn approve_apply() -> (String, &'static str) {
    ("\nApply this plan? Only \"yes\" does:".to_owned(), "yes")
}

/// The question before everything on this machine's platforms is removed.
pub fn approve_local_destroy() -> (String, &'static str) {
    ("\nRemove all this? Only \"yes\" does:".to_owned(), "yes")
}

/// The question before everything on real platforms is removed; its answer is the project's name.
pub fn approve_destroy(project: &str) -> (String, &str) {
    (format!("\nThis removes what deskform owns on real platforms. Type the project's name, {project}, to do it:"), project)
}

/// The report of a run that is over cannot be written.
pub fn no_report(path: &Path, error: &io::Error) -> String {
    format!("the report {} cannot be written: {error}", path.display())
}

/// A file was written.
pub fn wrote(path: &Path) -> String {
    format!("wrote {}", path.display())
}

/// Some of a saved plan was done by an earlier apply.
pub fn done_already(done: usize, of: usize) -> String {
    format!("{done} of the plan's {} {} done already", count(of, Noun::Change), if done == 1 { "is" } else { "are" })
}

/// A seat was made by a run that was cut off, which may have taken its password along.
pub fn credentials_in_doubt(seat: &Address) -> String {
    format!(
        "passwords that the call centre generated for such seats are lost unless the credentials file of that run holds them; `{}` sets a \
         new one",
        super::credentials_human::rotate_command(&seat.to_string())
    )
}

/// Whether a new password counts is not known.
pub fn password_in_doubt(file: Option<&Path>) -> String {
    match file {
        Some(file) => format!("the new password may count already, so {} is kept; run it again with another file", file.display()),
        None => "the new password may count already; run it again, which is safe".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_to_a_tenth_of_a_second() {
        for (milliseconds, told) in
            [(1, "0.1 s"), (500, "0.5 s"), (1_000, "1 s"), (1_440, "1.4 s"), (1_993, "2 s"), (12_345, "12.3 s"), (90_000, "90 s")]
        {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), told);
        }
        assert_eq!(waiting_for_lists(Duration::from_secs_f64(1.993_543_3), 7), "waiting 2 s for 7 objects to appear in lists");
    }
}
