//! A file that an output goes into. A regular one takes its name when it is whole, so that nobody reads half of it; everything else is
//! written where it is.
//!
//! ```text
//! nothing there, or a regular file    written beside it, then renamed; what was there keeps its permissions
//! a link                              the same at its target, which need not exist
//! a device, a pipe, /dev/fd/63        opened and written
//! ```
//!
//! Limits: a file whose owner or group cannot be given away gets the process's own.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// As many links as the kernel follows.
const MOST_LINKS: usize = 40;

/// A file that is being written. Dropped before [`OutputFile::finish`], a regular one is as it was.
#[derive(Debug)]
pub(crate) struct OutputFile {
    target: PathBuf,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// Into what is there.
    Straight(File),
    /// Beside it; with what was known of the file that is replaced.
    Beside(NamedTempFile, Option<Box<Metadata>>),
}

impl OutputFile {
    /// Opens it.
    ///
    /// # Errors
    /// When it cannot be written, or nothing can be written beside it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let there = match fs::metadata(path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if there.as_ref().is_some_and(Metadata::is_dir) {
            return Err(ErrorKind::IsADirectory.into());
        }
        let target = target(path)?.filter(|_| there.as_ref().is_none_or(Metadata::is_file));
        let Some(target) = target else {
            let file = OpenOptions::new().write(true).truncate(true).open(path)?;
            return Ok(Self { target: path.to_owned(), way: Way::Straight(file) });
        };
        let folder = folder(&target);
        fs::metadata(folder)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".deskform-");
        // What replaces a closed file is closed from its first byte on: a temporary file is for its owner alone.
        if there.is_none() {
            builder.permissions(readable());
        }
        let file = builder.tempfile_in(folder)?;
        Ok(Self { target, way: Way::Beside(file, there.map(Box::new)) })
    }

    /// Where it goes, links followed.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Gives a regular file its name.
    ///
    /// # Errors
    /// When that fails; what was there before is there still.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self.way {
            Way::Straight(mut file) => file.flush(),
            Way::Beside(file, there) => {
                if let Some(there) = there {
                    keep_owner(file.as_file(), &there);
                    file.as_file().set_permissions(there.permissions())?;
                }
                file.persist(&self.target).map_err(|error| error.error).map(drop)
            }
        }
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.way {
            Way::Straight(file) => file.write(bytes),
            Way::Beside(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.way {
            Way::Straight(file) => file.flush(),
            Way::Beside(file, _) => file.flush(),
        }
    }
}

/// What a chain of links leads to, whether it is there or not. Nothing when it is one of the process's open files, which links of the kernel
/// show: their texts are no names.
fn target(path: &Path) -> io::Result<Option<PathBuf>> {
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        if folder(&target).canonicalize().is_ok_and(|folder| folder.starts_with("/proc")) {
            return Ok(None);
        }
        match target.read_link() {
            Ok(next) => target = folder(&target).join(next),
            // It is there and no link, or it is not there.
            Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::NotFound) => return Ok(Some(target)),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many links"))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Before the permissions, some of which a new owner takes away.
fn keep_owner(file: &File, there: &Metadata) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    if file.metadata().is_ok_and(|new| (new.uid(), new.gid()) != (there.uid(), there.gid())) {
        // Only the superuser gives files away.
        let _ = fchown(file, Some(there.uid()), Some(there.gid()));
    }
}

/// As the shell would create it. The process's mask still takes away what it takes away.
fn readable() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::Permissions::from_mode(0o666)
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn write(path: &Path, text: &str) -> io::Result<()> {
        let mut file = OutputFile::open(path)?;
        file.write_all(text.as_bytes())?;
        file.finish()
    }

    fn mode(path: &Path) -> u32 {
        path.metadata().expect("there").permissions().mode() & 0o777
    }

    #[test]
    fn a_device_is_written_and_stays_a_device() {
        let folder = tempfile::tempdir().expect("a folder");
        let link = folder.path().join("full");
        symlink("/dev/full", &link).expect("linked");
        assert_eq!(write(&link, "text").expect_err("it is full").kind(), ErrorKind::StorageFull);
        assert_eq!(link.read_link().expect("a link still"), Path::new("/dev/full"));
        assert_eq!(folder.path().read_dir().expect("readable").count(), 1, "nothing is left beside it");
    }

    #[test]
    fn an_open_pipe_is_written_under_the_name_that_a_shell_gives_it() {
        let (mut reader, writer) = io::pipe().expect("a pipe");
        write(Path::new(&format!("/dev/fd/{}", writer.as_raw_fd())), "text").expect("written");
        drop(writer);
        assert_eq!(io::read_to_string(&mut reader).expect("text"), "text");
    }

    #[test]
    fn an_open_file_is_written_itself_and_not_a_new_one_of_its_name() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        write(Path::new(&format!("/dev/fd/{}", file.as_file().as_raw_fd())), "text").expect("written");
        assert_eq!(io::read_to_string(file.as_file_mut()).expect("text"), "text");
    }

    #[test]
    fn a_link_is_followed_whether_its_target_is_there_or_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("below")).expect("a folder");
        symlink("below/file", at("inner")).expect("linked");
        symlink("inner", at("outer")).expect("linked");
        for text in ["new", "again"] {
            write(&at("outer"), text).expect("written");
            assert_eq!(fs::read_to_string(at("below/file")).expect("there"), text);
            assert!(at("inner").is_symlink() && at("outer").is_symlink());
        }
        assert_eq!(OutputFile::open(&at("outer")).expect("opened").target(), at("below/file"));
        symlink("round", at("round")).expect("linked");
        assert!(OutputFile::open(&at("round")).is_err());
    }

    #[test]
    fn a_file_that_is_replaced_keeps_its_permissions_and_a_new_one_gets_the_usual_ones() {
        let folder = tempfile::tempdir().expect("a folder");
        let (closed, new, plain) = (folder.path().join("closed"), folder.path().join("new"), folder.path().join("plain"));
        fs::write(&closed, "old").expect("written");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o600)).expect("set");
        write(&closed, "text").expect("written");
        assert_eq!((fs::read_to_string(&closed).expect("there").as_str(), mode(&closed)), ("text", 0o600));
        write(&new, "text").expect("written");
        fs::write(&plain, "text").expect("written");
        assert_eq!(mode(&new), mode(&plain));
    }

    #[test]
    fn what_is_not_finished_leaves_the_old_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        fs::write(&path, "old").expect("written");
        OutputFile::open(&path).expect("opened").write_all(b"half").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("there"), "old");
        assert_eq!(folder.path().read_dir().expect("readable").count(), 1);
    }
}
