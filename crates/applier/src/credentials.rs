//! Hands credentials that a platform generates to people: once, into a file of their choice that did not exist before.
//!
//! An open file holds one JSON line a seat and is readable for its owner alone; lines are appended. A sealed one is a single age message
//! around the same lines, so that `age --decrypt` reads it: it is written anew beside the old one and takes its place, so that a run that
//! is killed leaves the file as it was. What is handed over is on the disk when the call returns.
//!
//! ```text
//! {"address":"agent/8001","operatorId":"8001","operatorPassword":"...","sipNumber":"870001","sipPassword":"..."}
//! ```
//!
//! Limits: a sealed file is written whole for each group that is handed over together, which for 10,000 seats is some seconds in all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use deskform_model::{Address, Text};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value as Json};

use crate::sealed::{Recipient, seal};

/// Where credentials go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialsOut {
    /// The file, which must not exist.
    pub path: PathBuf,
    /// Who can read it: with nobody here it is not encrypted.
    pub recipients: Vec<Recipient>,
}

/// What a platform generated for a seat, or deskform for it.
#[derive(Clone, Debug)]
pub struct SeatCredentials {
    /// What people call the seat.
    pub address: Address,
    /// Its number.
    pub operator_id: Text,
    /// The password to sign in with, when nobody chose one.
    pub operator_password: Option<SecretString>,
    /// The number of its phone.
    pub sip_number: Option<Text>,
    /// The password of its phone.
    pub sip_password: Option<SecretString>,
}

/// Why credentials cannot be handed over.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The file is there already. It may hold credentials that nobody has anywhere else.
    #[error("the credentials file {} exists already", .0.display())]
    Exists(PathBuf),
    /// The file cannot be written.
    #[error("the credentials file {} cannot be written", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// A file that credentials go into. One that nothing was handed over into goes away with the value.
#[derive(Debug)]
pub struct CredentialsFile {
    out: CredentialsOut,
    /// Where lines are appended; a sealed file is replaced, for which nobody may hold it open.
    file: Option<File>,
    /// All lines so far, where they have to be sealed again.
    lines: Zeroizing<String>,
    /// How many bytes of the open file are whole lines.
    length: u64,
}

impl CredentialsOut {
    /// Refuses a file that is there already, before there is anything to hand over.
    ///
    /// # Errors
    /// When it exists.
    pub fn check(&self) -> Result<(), CredentialsError> {
        // A dangling link is there as well.
        if self.path.symlink_metadata().is_ok() { Err(CredentialsError::Exists(self.path.clone())) } else { Ok(()) }
    }
}

impl CredentialsFile {
    /// Creates the file, readable for its owner alone.
    ///
    /// # Errors
    /// When it exists or cannot be created.
    pub fn create(out: &CredentialsOut) -> Result<Self, CredentialsError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&out.path).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => CredentialsError::Exists(out.path.clone()),
            _ => CredentialsError::Write { path: out.path.clone(), source },
        })?;
        let file = Some(file).filter(|_| out.recipients.is_empty());
        Ok(Self { out: out.clone(), file, lines: Zeroizing::default(), length: 0 })
    }

    /// Where it is, and for whom.
    pub fn out(&self) -> &CredentialsOut {
        &self.out
    }

    /// Hands over credentials. They are durable when this returns.
    ///
    /// # Errors
    /// When they cannot be written. The file holds what it held before.
    pub fn hand_over(&mut self, seats: &[SeatCredentials]) -> Result<(), CredentialsError> {
        let lines: Zeroizing<String> = Zeroizing::new(seats.iter().map(|seat| seat.line().to_string()).collect());
        let written = if self.file.is_some() { self.append(&lines) } else { self.replace(&lines) };
        written.map_err(|source| CredentialsError::Write { path: self.out.path.clone(), source })
    }

    /// Takes back everything: what it holds never came to count.
    pub fn withdraw(mut self) {
        self.length = 0;
    }

    fn append(&mut self, lines: &str) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_all()).and_then(|()| sync_folder(&self.out.path));
        match written {
            Ok(()) => {
                self.length += lines.len() as u64;
                Ok(())
            }
            Err(error) => {
                // Half a line would be taken for a credential. Where even this fails, whoever reads it sees that the line has no end.
                let _ = file.set_len(self.length).and_then(|()| file.sync_all());
                Err(error)
            }
        }
    }

    fn replace(&mut self, lines: &str) -> io::Result<()> {
        let whole = Zeroizing::new(format!("{}{lines}", *self.lines));
        let sealed = seal(&self.out.recipients, whole.as_bytes())?;
        // Readable for the owner alone, like every temporary file; what it leaves behind after a kill is sealed.
        let mut file = tempfile::Builder::new().prefix(".credentials").tempfile_in(folder(&self.out.path))?;
        file.write_all(&sealed)?;
        file.as_file().sync_all()?;
        file.persist(&self.out.path).map_err(|error| error.error)?;
        sync_folder(&self.out.path)?;
        self.lines = whole;
        self.length = sealed.len() as u64;
        Ok(())
    }
}

impl Drop for CredentialsFile {
    fn drop(&mut self) {
        if self.length == 0 {
            // It is ours, and empty: the next run may want its name.
            let _ = std::fs::remove_file(&self.out.path);
        }
    }
}

impl SeatCredentials {
    /// Whether there is anything to hand over.
    pub fn is_empty(&self) -> bool {
        self.operator_password.is_none() && self.sip_password.is_none()
    }

    fn line(&self) -> Zeroizing<String> {
        let mut line = Map::new();
        line.insert("address".into(), self.address.to_string().into());
        line.insert("operatorId".into(), self.operator_id.as_str().into());
        let password = self.operator_password.as_ref().map(|password| password.expose_secret());
        let sip_password = self.sip_password.as_ref().map(|password| password.expose_secret());
        for (name, value) in [("operatorPassword", password), ("sipNumber", self.sip_number.as_deref()), ("sipPassword", sip_password)] {
            if let Some(value) = value {
                line.insert(name.into(), value.into());
            }
        }
        Zeroizing::new(format!("{}\n", Json::Object(line)))
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the name durable: a file that was synced can still be missing from its folder after a power cut.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder(path))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealed::Identities;

    fn seat(number: &str) -> SeatCredentials {
        SeatCredentials {
            address: Address::agent(number),
            operator_id: number.into(),
            operator_password: Some(format!("password-{number}").into()),
            sip_number: Some("870001".into()),
            sip_password: None,
        }
    }

    fn line(number: &str) -> String {
        format!(
            "{{\"address\":\"agent/{number}\",\"operatorId\":\"{number}\",\"operatorPassword\":\"password-{number}\",\"sipNumber\":\"870001\"}}\n"
        )
    }

    fn out(folder: &tempfile::TempDir, recipients: Vec<Recipient>) -> CredentialsOut {
        CredentialsOut { path: folder.path().join("seats"), recipients }
    }

    #[test]
    fn an_open_file_has_one_line_a_seat_and_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = out(&folder, Vec::new());
        let mut file = CredentialsFile::create(&out).expect("created");
        file.hand_over(&[seat("8001")]).expect("written");
        file.hand_over(&[seat("8002"), seat("8003")]).expect("written");
        drop(file);
        assert_eq!(std::fs::read_to_string(&out.path).expect("there"), line("8001") + &line("8002") + &line("8003"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(out.path.metadata().expect("there").permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_sealed_file_is_one_message_after_every_group() {
        let folder = tempfile::tempdir().expect("a folder");
        let identity = age::x25519::Identity::generate();
        let identities = Identities::read(identity.to_string().expose_secret()).expect("an identity");
        let out = out(&folder, vec![identity.to_public().to_string().parse().expect("a recipient")]);
        let mut file = CredentialsFile::create(&out).expect("created");
        let mut expected = String::new();
        for number in ["8001", "8002"] {
            file.hand_over(&[seat(number)]).expect("written");
            expected += &line(number);
            let sealed = std::fs::read(&out.path).expect("there");
            assert!(!String::from_utf8_lossy(&sealed).contains("password"));
            assert_eq!(identities.open(&sealed, 10_000).expect("opened").as_slice(), expected.as_bytes());
        }
        let names: Vec<_> = std::fs::read_dir(folder.path()).expect("there").flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(names, ["seats"], "nothing is left beside it");
    }

    #[test]
    fn a_file_that_exists_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = out(&folder, Vec::new());
        assert!(out.check().is_ok());
        std::fs::write(&out.path, "kept").expect("written");
        assert!(matches!(out.check(), Err(CredentialsError::Exists(_))));
        assert!(matches!(CredentialsFile::create(&out), Err(CredentialsError::Exists(_))));
        assert_eq!(std::fs::read_to_string(&out.path).expect("there"), "kept");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_or_a_device_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        for target in ["/dev/null", "nowhere"] {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(target, &link).expect("linked");
            for path in [link.clone(), "/dev/null".into()] {
                let out = CredentialsOut { path, recipients: Vec::new() };
                assert!(matches!(out.check(), Err(CredentialsError::Exists(_))));
                assert!(matches!(CredentialsFile::create(&out), Err(CredentialsError::Exists(_))));
            }
            assert_eq!(link.read_link().expect("a link still"), Path::new(target));
            std::fs::remove_file(&link).expect("removed");
        }
        assert!(!folder.path().join("nowhere").exists());
    }

    #[test]
    fn a_file_that_nothing_went_into_goes_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = out(&folder, Vec::new());
        drop(CredentialsFile::create(&out).expect("created"));
        assert!(!out.path.exists());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_and_never_half_a_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = CredentialsFile::create(&out(&folder, Vec::new())).expect("created");
        file.file = Some(OpenOptions::new().write(true).open("/dev/full").expect("linux has it"));
        let error = file.hand_over(&[seat("8001")]).expect_err("it is full");
        let CredentialsError::Write { source, .. } = &error else { panic!("{error}") };
        assert_eq!(source.kind(), io::ErrorKind::StorageFull);
        assert!(!format!("{error} {error:?} {:?}", seat("8001")).contains("password-8001"));
    }
}
