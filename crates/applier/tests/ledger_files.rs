//! The ledger's files: what a crash, another process, another project and a full or closed folder do to them.
#![allow(clippy::unwrap_used, missing_docs)]

mod ledger_records;

use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};

use deskform_applier::ledger_store::{FileLedger, FileStore, LedgerError, LedgerStore, LockProbe, Mode};
use deskform_model::Kind;
use deskform_planner::Ledger;
use deskform_planner::ledger::{EntryId, Identity, Record, format};
use ledger_records::done;
use tempfile::TempDir;

fn identity() -> Identity {
    Identity { project: "acme".into(), helpdesk: "https://h.example".into(), ..Identity::default() }
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/ledger.json");
    (folder, path)
}

fn apply() -> Mode {
    Mode::Apply { command: "deskform apply".into(), at: "2026-11-21T09:00:00".into() }
}

fn open(path: &Path, mode: Mode) -> FileLedger {
    FileLedger::open(path, identity(), mode).unwrap()
}

fn read(path: &Path) -> Ledger {
    open(path, Mode::Read).into_parts().0
}

fn seat(id: &str) -> EntryId {
    EntryId { kind: Kind::Agent, id: id.into() }
}

/// Begins a run as the executor does: a snapshot if there is no clean one, then the segment's first line.
fn begin(path: &Path) -> (Ledger, FileStore) {
    let (mut ledger, mut store) = open(path, apply()).into_parts();
    if !store.is_clean() {
        replace(&mut ledger, &mut store);
    }
    store.append(&format::segment_header(&ledger)).unwrap();
    (ledger, store)
}

fn append(ledger: &mut Ledger, store: &mut FileStore, record: Record) {
    store.append(&format::record_line(&record)).unwrap();
    ledger.record(record);
}

fn replace(ledger: &mut Ledger, store: &mut FileStore) {
    ledger.serial += 1;
    store.replace(ledger.serial, &mut format::snapshot(ledger)).unwrap();
}

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(path.parent().unwrap()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn opening_for_reading_creates_nothing_and_says_that_there_was_none() {
    let (folder, path) = folder();
    let ledger = open(&path, Mode::Read);
    assert!(!ledger.existed() && ledger.ledger().is_empty());
    assert_eq!(ledger.ledger().id.len(), 32);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_was_opened_for_reading_cannot_be_written() {
    let (_folder, path) = folder();
    drop(begin(&path));
    let (ledger, mut store) = open(&path, Mode::Read).into_parts();
    assert!(store.append(&format::segment_header(&ledger)).is_err());
    assert!(store.replace(9, &mut format::snapshot(&ledger)).is_err());
    assert_eq!(names(&path), ["ledger.json", "ledger.json.1.jsonl", "ledger.json.lock"]);
}

#[test]
fn a_run_that_wrote_nothing_leaves_no_ledger_that_the_next_would_find() {
    let (_folder, path) = folder();
    drop(open(&path, apply()));
    assert!(!open(&path, apply()).existed());
}

#[test]
fn what_was_appended_is_there_after_a_crash() {
    let (_folder, path) = folder();
    let (mut ledger, mut store) = begin(&path);
    append(&mut ledger, &mut store, done("8001"));
    append(&mut ledger, &mut store, done("8002"));
    drop(store);
    let found = open(&path, Mode::Read);
    assert!(found.existed());
    assert_eq!(found.ledger(), &ledger);
    assert_eq!(found.ledger().entries.len(), 2);
}

#[test]
fn a_line_that_was_not_written_to_its_end_is_ignored_and_the_next_run_goes_on() {
    let (_folder, path) = folder();
    let (mut ledger, mut store) = begin(&path);
    append(&mut ledger, &mut store, done("8001"));
    drop(store);
    let segment = path.with_file_name("ledger.json.1.jsonl");
    let whole = fs::read_to_string(&segment).unwrap();
    fs::write(&segment, format!("{whole}{{\"done\":{{\"addr")).unwrap();
    assert_eq!(read(&path).entries.len(), 1);

    let (mut ledger, mut store) = begin(&path);
    append(&mut ledger, &mut store, done("8002"));
    drop(store);
    assert_eq!(read(&path).entries.len(), 2);
}

#[test]
fn a_damaged_line_in_the_middle_is_told_with_file_and_line() {
    let (_folder, path) = folder();
    let (mut ledger, mut store) = begin(&path);
    append(&mut ledger, &mut store, done("8001"));
    drop(store);
    let segment = path.with_file_name("ledger.json.1.jsonl");
    let whole = fs::read_to_string(&segment).unwrap().replace("{\"done\"", "{\"dne\"");
    fs::write(&segment, whole).unwrap();
    let error = FileLedger::open(&path, identity(), Mode::Read).unwrap_err();
    assert!(error.to_string().contains("ledger.json.1.jsonl"), "{error}");
    assert!(error.source().unwrap().to_string().starts_with("line 2 is damaged"), "{:?}", error.source());
}

#[test]
fn a_segment_that_an_older_serial_left_behind_is_ignored_and_removed_at_the_next_compaction() {
    let (_folder, path) = folder();
    let (mut ledger, mut store) = begin(&path);
    append(&mut ledger, &mut store, done("8001"));
    let leftover = fs::read_to_string(path.with_file_name("ledger.json.1.jsonl")).unwrap();
    replace(&mut ledger, &mut store);
    assert_eq!(names(&path), ["ledger.json", "ledger.json.backup", "ledger.json.lock"]);
    // The machine stopped between the new snapshot and the removal.
    ledger.record(Record::Gone { id: seat("8001") });
    replace(&mut ledger, &mut store);
    fs::write(path.with_file_name("ledger.json.1.jsonl"), leftover).unwrap();
    assert!(read(&path).entries.is_empty());
    replace(&mut ledger, &mut store);
    assert_eq!(names(&path), ["ledger.json", "ledger.json.backup", "ledger.json.lock"]);
}

#[test]
fn a_later_run_continues_the_segment_and_writes_no_snapshot_for_it() {
    let (_folder, path) = folder();
    let (mut ledger, mut store) = begin(&path);
    append(&mut ledger, &mut store, done("8001"));
    drop(store);
    let snapshot = fs::read_to_string(&path).unwrap();
    for seat in ["8002", "8003"] {
        let (mut ledger, mut store) = begin(&path);
        append(&mut ledger, &mut store, done(seat));
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), snapshot);
    assert_eq!(names(&path), ["ledger.json", "ledger.json.1.jsonl", "ledger.json.lock"]);
    assert_eq!(read(&path).entries.len(), 3);
}

#[test]
fn a_large_ledger_is_folded_when_its_segment_has_grown_and_a_small_one_always() {
    let (_folder, path) = folder();
    let (mut ledger, mut store) = begin(&path);
    assert!(store.wants_snapshot(), "small");
    (0..12_000).for_each(|n| ledger.record(done(&format!("{n:05}"))));
    replace(&mut ledger, &mut store);
    assert!(fs::metadata(&path).unwrap().len() > 1024 * 1024);
    store.append(&format::segment_header(&ledger)).unwrap();
    append(&mut ledger, &mut store, done("a"));
    assert!(!store.wants_snapshot(), "one record");
    let group: String = (0..6_000).map(|n| format::record_line(&done(&format!("b{n:05}")))).collect();
    store.append(&group).unwrap();
    assert!(store.wants_snapshot(), "more than a fourth");
}

#[test]
fn a_segment_from_before_somebody_went_back_to_the_backup_is_not_taken_for_the_next_one() {
    let (_folder, path) = folder();
    let (mut ledger, mut store) = begin(&path);
    replace(&mut ledger, &mut store);
    store.append(&format::segment_header(&ledger)).unwrap();
    append(&mut ledger, &mut store, done("8001"));
    drop(store);
    assert_eq!(names(&path), ["ledger.json", "ledger.json.2.jsonl", "ledger.json.backup", "ledger.json.lock"]);

    fs::copy(path.with_file_name("ledger.json.backup"), &path).unwrap();
    let (mut ledger, mut store) = begin(&path);
    assert!(ledger.entries.is_empty());
    replace(&mut ledger, &mut store);
    drop(store);
    assert!(read(&path).entries.is_empty(), "what the abandoned segment says is over");
}

#[test]
fn the_snapshot_before_the_last_is_kept_as_a_backup() {
    let (_folder, path) = folder();
    let (mut ledger, mut store) = begin(&path);
    let before = fs::read_to_string(&path).unwrap();
    ledger.record(done("8001"));
    replace(&mut ledger, &mut store);
    assert_eq!(fs::read_to_string(path.with_file_name("ledger.json.backup")).unwrap(), before);
    assert_ne!(fs::read_to_string(&path).unwrap(), before);
}

#[test]
fn a_newer_format_is_refused_and_says_which_version_is_needed() {
    let (_folder, path) = folder();
    drop(begin(&path));
    let newer = fs::read_to_string(&path).unwrap().replacen("\"format\":1,\"writtenBy\":\"", "\"format\":2,\"writtenBy\":\"9.", 1);
    fs::write(&path, &newer).unwrap();
    let error = FileLedger::open(&path, identity(), apply()).unwrap_err();
    assert!(matches!(error, LedgerError::Format { source: format::FormatError::Newer { format: 2, .. }, .. }), "{error:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), newer, "it is left alone");
}

#[test]
fn a_ledger_of_another_project_or_platform_is_refused_for_reading_too() {
    let (_folder, path) = folder();
    drop(begin(&path));
    for other in [
        Identity { project: "other".into(), ..identity() },
        Identity { environment: "staging".into(), ..identity() },
        Identity { helpdesk: "https://other.example".into(), ..identity() },
    ] {
        for mode in [Mode::Read, apply()] {
            assert!(matches!(FileLedger::open(&path, other.clone(), mode), Err(LedgerError::Foreign { .. })), "{other:?}");
        }
    }
}

#[test]
fn a_platform_that_is_used_for_the_first_time_is_remembered_even_without_a_compaction() {
    let (_folder, path) = folder();
    drop(begin(&path));
    let used = Identity { call_center: "https://c.example".into(), abbreviate: "acme".into(), ..identity() };
    let (ledger, mut store) = FileLedger::open(&path, used, apply()).unwrap().into_parts();
    let mut ledger = ledger;
    replace(&mut ledger, &mut store);
    store.append(&format::segment_header(&ledger)).unwrap();
    drop(store);
    assert_eq!(read(&path).identity.call_center, "https://c.example");
    let other = Identity { call_center: "https://d.example".into(), ..identity() };
    assert!(matches!(FileLedger::open(&path, other, Mode::Read), Err(LedgerError::Foreign { .. })));
}

#[test]
fn a_second_apply_is_told_who_holds_the_lock_and_a_plan_can_ask() {
    let (_folder, path) = folder();
    assert_eq!(LockProbe::held(&path), None);
    let first = open(&path, apply());
    let error = FileLedger::open(&path, identity(), apply()).unwrap_err();
    let LedgerError::Locked { holder: Some(holder), .. } = &error else { panic!("{error:?}") };
    assert_eq!((holder.pid, holder.command.as_str(), holder.since.as_str()), (std::process::id(), "deskform apply", "2026-11-21T09:00:00"));
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    assert_eq!(LockProbe::held(&path), Some(Some(holder.clone())));
    open(&path, Mode::Read);

    drop(first);
    assert_eq!(LockProbe::held(&path), None, "the lock ends with its holder, the file stays");
    open(&path, apply());
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path) = folder();
    let (mut ledger, mut store) = begin(&path);
    append(&mut ledger, &mut store, done("8001"));
    for name in names(&path) {
        let mode = fs::metadata(path.with_file_name(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    replace(&mut ledger, &mut store);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("made"), "a file, not a folder").unwrap();
    let error = FileLedger::open(&folder.path().join("made/ledger.json"), identity(), apply()).unwrap_err();
    assert!(error.to_string().starts_with("cannot create ") && error.to_string().ends_with("made"), "{error}");
}

#[test]
fn a_segment_that_cannot_be_written_is_named() {
    let (_folder, path) = folder();
    drop(begin(&path));
    let (mut ledger, mut store) = open(&path, apply()).into_parts();
    replace(&mut ledger, &mut store);
    // Works for root as well, whom a read-only folder does not stop.
    fs::create_dir(path.with_file_name("ledger.json.2.jsonl")).unwrap();
    let error = store.append(&format::segment_header(&ledger)).unwrap_err();
    assert!(error.to_string().contains("ledger.json.2.jsonl"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_named_before_anything_is_done() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path) = folder();
    let (mut ledger, mut store) = begin(&path);
    replace(&mut ledger, &mut store);
    drop(store);
    let folder = path.parent().unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o500)).unwrap();
    let for_root = fs::write(folder.join("probe"), "").is_ok();
    let (ledger, mut store) = open(&path, apply()).into_parts();
    let result = store.append(&format::segment_header(&ledger));
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    match result {
        Err(error) => assert!(error.to_string().contains("ledger.json"), "{error}"),
        Ok(()) => assert!(for_root, "only root may write there"),
    }
}

#[cfg(unix)]
#[test]
fn a_ledger_behind_a_link_is_written_where_the_link_leads() {
    let (folder, path) = folder();
    let link = folder.path().join("link.json");
    fs::create_dir(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("made/ledger.json", &link).unwrap();
    let (mut ledger, mut store) = begin(&link);
    append(&mut ledger, &mut store, done("8001"));
    assert!(LockProbe::held(&path).is_some() && LockProbe::held(&link).is_some(), "one ledger has one lock");
    replace(&mut ledger, &mut store);
    drop(store);
    assert!(link.is_symlink());
    assert_eq!(names(&link), ["link.json", "made"]);
    assert_eq!((read(&path), read(&link)), (ledger.clone(), ledger));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_no_ledger_and_is_left_alone() {
    let (folder, _) = folder();
    let link = folder.path().join("ledger.json");
    // It can be read without an end.
    std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
    for mode in [Mode::Read, apply()] {
        let error = FileLedger::open(&link, identity(), mode).unwrap_err();
        assert!(matches!(&error, LedgerError::Io { doing: "use", .. }), "{error}");
    }
    assert_eq!(link.read_link().unwrap(), Path::new("/dev/zero"));
}
