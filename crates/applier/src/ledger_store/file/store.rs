//! Writing: groups of records to a segment, and now and then a whole snapshot.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::super::growth::Growth;
use super::super::{LedgerError, LedgerStore};
use super::lock::FileLock;

/// A ledger's files in one folder.
#[derive(Debug)]
pub struct FileStore {
    path: PathBuf,
    serial: u64,
    clean: bool,
    growth: Growth,
    segment: Option<Segment>,
    /// A group is missing, so nothing may come after it.
    broken: bool,
    /// Without it the ledger was opened to be read.
    lock: Option<FileLock>,
}

#[derive(Debug)]
struct Segment {
    file: File,
    /// How much of it is durable.
    length: u64,
}

impl FileStore {
    pub(super) fn new(path: PathBuf, serial: u64, clean: bool, growth: Growth, lock: Option<FileLock>) -> Self {
        Self { path, serial, clean, growth, segment: None, broken: false, lock }
    }

    /// Where the snapshot lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Two processes that write the same files would destroy each other's records.
    fn check_lock(&self) -> Result<(), LedgerError> {
        if self.lock.is_some() {
            return Ok(());
        }
        let source = io::Error::new(ErrorKind::PermissionDenied, "it was opened for reading, without its lock");
        Err(failed("write", &self.path)(source))
    }

    fn segment(&mut self) -> Result<&mut Segment, LedgerError> {
        if self.segment.is_none() {
            let path = segment_path(&self.path, self.serial);
            let mut options = OpenOptions::new();
            // What earlier runs wrote was read with the ledger; nothing else may lie there.
            let continued = self.growth.segment > 0;
            options.append(true).create_new(!continued);
            owner_only(&mut options);
            let file = options.open(&path).map_err(failed(if continued { "open" } else { "create" }, &path))?;
            sync_folder(&self.path)?;
            self.segment = Some(Segment { file, length: self.growth.segment });
            self.growth.runs += 1;
        }
        Ok(self.segment.as_mut().expect("it was put there"))
    }
}

impl LedgerStore for FileStore {
    fn is_clean(&self) -> bool {
        self.clean
    }

    fn append(&mut self, group: &str) -> Result<(), LedgerError> {
        self.check_lock()?;
        if self.broken {
            return Err(LedgerError::Broken { path: self.path.clone() });
        }
        let path = segment_path(&self.path, self.serial);
        let segment = self.segment()?;
        match segment.file.write_all(group.as_bytes()).and_then(|()| segment.file.sync_data()) {
            Ok(()) => {
                segment.length += group.len() as u64;
                self.growth.segment = segment.length;
                Ok(())
            }
            Err(error) => {
                // Half a group must not stand before a later one.
                let _ = segment.file.set_len(segment.length);
                self.broken = true;
                Err(failed("write", &path)(error))
            }
        }
    }

    fn replace(&mut self, serial: u64, snapshot: &mut dyn Iterator<Item = String>) -> Result<(), LedgerError> {
        self.check_lock()?;
        let folder = folder(&self.path);
        let error = |source| LedgerError::Io { doing: "write", path: self.path.clone(), source };
        // Readable for the owner alone, like every temporary file.
        let file = tempfile::Builder::new().prefix(".ledger").tempfile_in(folder).map_err(error)?;
        let mut writer = BufWriter::new(file);
        let mut size = 0;
        for line in snapshot {
            size += line.len() as u64;
            writer.write_all(line.as_bytes()).map_err(error)?;
        }
        let file = writer.into_inner().map_err(|stopped| error(stopped.into_error()))?;
        file.as_file().sync_all().map_err(error)?;
        remove_leftover(&segment_path(&self.path, serial))?;
        keep_backup(&self.path)?;
        file.persist(&self.path).map_err(|stopped| error(stopped.error))?;
        sync_folder(&self.path)?;
        self.segment = None;
        self.growth = Growth { snapshot: size, ..Growth::default() };
        self.serial = serial;
        self.clean = true;
        self.broken = false;
        remove_old_segments(&self.path, serial);
        Ok(())
    }

    fn wants_snapshot(&self) -> bool {
        self.growth.wants_snapshot()
    }
}

/// `<ledger>.<serial>.jsonl`.
pub(super) fn segment_path(path: &Path, serial: u64) -> PathBuf {
    beside(path, &format!("{serial}.jsonl"))
}

/// The file that is called like the ledger with something behind it.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, ToOwned::to_owned);
    name.push(".");
    name.push(suffix);
    path.with_file_name(name)
}

/// Creates the ledger's folder, closed to others, unless it is there.
pub(super) fn create_folder(path: &Path) -> Result<(), LedgerError> {
    let folder = folder(path);
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(failed("create", folder))
}

/// New files are readable for their owner alone.
pub(super) fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes names durable: a file that was synced can still be missing from its folder after a power cut.
fn sync_folder(path: &Path) -> Result<(), LedgerError> {
    #[cfg(unix)]
    {
        let folder = folder(path);
        File::open(folder).and_then(|opened| opened.sync_all()).map_err(failed("save the folder", folder))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Keeps the snapshot that is about to be replaced under another name, without a moment in which it is not there under its own.
fn keep_backup(path: &Path) -> Result<(), LedgerError> {
    let backup = beside(path, "backup");
    match fs::remove_file(&backup) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(failed("replace", &backup)(error)),
    }
    match fs::hard_link(path, &backup)
        .or_else(|error| if error.kind() == ErrorKind::NotFound { Err(error) } else { fs::copy(path, &backup).map(drop) })
    {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed("write", &backup)(error)),
    }
}

/// Removes a segment that would seem to continue a snapshot that is not written yet: one of a time from which somebody went back to the
/// backup.
fn remove_leftover(segment: &Path) -> Result<(), LedgerError> {
    match fs::remove_file(segment) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", segment)(error)),
        _ => Ok(()),
    }
}

/// Removes segments that the snapshot of `serial` contains. One that stays is ignored by readers and tried again next time.
fn remove_old_segments(path: &Path, serial: u64) {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return };
    let Ok(files) = fs::read_dir(folder(path)) else { return };
    for file in files.flatten() {
        let file_name = file.file_name();
        let number = file_name.to_str().and_then(|file| file.strip_prefix(name)?.strip_prefix('.')?.strip_suffix(".jsonl")?.parse().ok());
        if number.is_some_and(|number: u64| number < serial) {
            let _ = fs::remove_file(file.path());
        }
    }
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LedgerError {
    move |source| LedgerError::Io { doing, path: path.to_owned(), source }
}
