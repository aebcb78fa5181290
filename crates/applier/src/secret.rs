//! Reads secrets at apply time, and the platforms' credentials before that. Nothing here is kept, logged or part of a message.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use deskform_model::codec::Codec;
use deskform_model::secret::{SecretRef, SecretSource};
use deskform_model::{Kind, Text};
use md5::{Digest as _, Md5};
use secrecy::{ExposeSecret, SecretString};

/// Nobody's password is longer; a file of that size was meant for something else.
const LARGEST_FILE: u64 = 64 << 10;

/// Where a platform's credential is read: like a manifest's secret, or from a program, which only the project file may name
/// (design.md section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An environment variable.
    Env(Text),
    /// A file, relative to the project folder and inside it.
    File(Text),
    /// What a program prints: name and arguments. No shell is involved.
    Command(Vec<Text>),
}

/// Why a secret cannot be had. Names the reference, never anything of the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// No such environment variable.
    #[error("the environment variable {0} is not set")]
    NotSet(Text),
    /// The file cannot be read.
    #[error("the secret file {path} cannot be read")]
    File {
        /// As the reference says it.
        path: Text,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not below the project folder, or a link leads out of it.
    #[error("the secret file {0} lies outside of the project folder")]
    Outside(Text),
    /// The file is too large to be a secret.
    #[error("the secret file {0} is too large to be a secret")]
    TooLarge(Text),
    /// The program cannot be run.
    #[error("the command {program} cannot be run")]
    Command {
        /// Its name, without arguments.
        program: Text,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The program failed.
    #[error("the command {program} ended with {status}")]
    CommandFailed {
        /// Its name, without arguments.
        program: Text,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// A command without a program.
    #[error("the command is empty")]
    NoCommand,
    /// Not UTF-8.
    #[error("{0} does not hold text")]
    NotText(String),
    /// Nothing there.
    #[error("{0} is empty")]
    Empty(String),
    /// Too short or too long for what it is used as.
    #[error("{place} must have {min} to {max} characters")]
    Length {
        /// Where it was read.
        place: String,
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
    },
}

/// Where secrets come from.
pub struct Secrets {
    folder: PathBuf,
    /// Instead of the process's environment.
    variables: Option<BTreeMap<String, OsString>>,
}

impl Secrets {
    /// Reads from the process's environment and from files below the project folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), variables: None }
    }

    /// Reads from these variables instead of the process's environment.
    pub fn with_variables(mut self, variables: impl IntoIterator<Item = (String, OsString)>) -> Self {
        self.variables = Some(variables.into_iter().collect());
        self
    }

    /// The password that a manifest of this kind refers to. One newline at its end does not belong to it.
    ///
    /// # Errors
    /// When it cannot be read, or its length is not what the kind's platform takes (api-spec.md A9).
    pub fn password(&self, kind: Kind, reference: &SecretRef) -> Result<SecretString, SecretError> {
        let (place, secret) = match &reference.source {
            SecretSource::Env(name) => self.variable(name)?,
            SecretSource::File(path) => self.file(path)?,
        };
        for field in kind.fields() {
            if let Codec::Secret { min, max } = field.codec
                && !(min..=max).contains(&secret.expose_secret().chars().count())
            {
                return Err(SecretError::Length { place, min, max });
            }
        }
        Ok(secret)
    }

    /// A platform's credential. Blocks while a command runs.
    ///
    /// # Errors
    /// When it cannot be read or is empty.
    pub fn credential(&self, credential: &Credential) -> Result<SecretString, SecretError> {
        let (place, secret) = match credential {
            Credential::Env(name) => self.variable(name)?,
            Credential::File(path) => self.file(path)?,
            Credential::Command(words) => self.command(words)?,
        };
        if secret.expose_secret().is_empty() { Err(SecretError::Empty(place)) } else { Ok(secret) }
    }

    fn variable(&self, name: &Text) -> Result<(String, SecretString), SecretError> {
        let value = match &self.variables {
            Some(variables) => variables.get(name.as_str()).cloned(),
            None => std::env::var_os(name),
        };
        let value = value.ok_or_else(|| SecretError::NotSet(name.clone()))?;
        text(format!("the environment variable {name}"), value.into_encoded_bytes())
    }

    fn file(&self, path: &Text) -> Result<(String, SecretString), SecretError> {
        let failed = |source| SecretError::File { path: path.clone(), source };
        let folder = self.folder.canonicalize().map_err(failed)?;
        let real = self.folder.join(Path::new(path.as_str())).canonicalize().map_err(failed)?;
        if !real.starts_with(&folder) {
            return Err(SecretError::Outside(path.clone()));
        }
        let mut bytes = Vec::new();
        std::fs::File::open(real).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes)).map_err(failed)?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(SecretError::TooLarge(path.clone()));
        }
        text(format!("the secret file {path}"), bytes)
    }

    fn command(&self, words: &[Text]) -> Result<(String, SecretString), SecretError> {
        let (program, arguments) = words.split_first().ok_or(SecretError::NoCommand)?;
        let output = Command::new(program.as_str())
            .args(arguments.iter().map(Text::as_str))
            .current_dir(&self.folder)
            // It may have to ask for a passphrase, so input stays; what it complains about may hold the secret, so that is dropped.
            .stdin(Stdio::inherit())
            .stderr(Stdio::null())
            .output()
            .map_err(|source| SecretError::Command { program: program.clone(), source })?;
        if !output.status.success() {
            return Err(SecretError::CommandFailed { program: program.clone(), status: output.status });
        }
        text(format!("the output of the command {program}"), output.stdout)
    }
}

/// The MD5 of the UTF-8 text in 32 lower-case hex digits, as `editPwd` wants it (api-spec.md A9). As secret as the text: it opens
/// the same door.
pub fn md5_hex(secret: &SecretString) -> SecretString {
    let digest = Md5::digest(secret.expose_secret().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

fn text(place: String, bytes: Vec<u8>) -> Result<(String, SecretString), SecretError> {
    let Ok(mut text) = String::from_utf8(bytes) else {
        return Err(SecretError::NotText(place));
    };
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok((place, text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(folder: &Path) -> Secrets {
        let variables =
            [("STAFF", "secret-1\r\n"), ("SHORT", "12345"), ("LINES", "secret-1\n\n"), ("NOTHING", "\n"), ("WIDE", "密码密码密码")];
        Secrets::new(folder).with_variables(variables.map(|(name, value)| (name.to_owned(), value.into())))
    }

    fn env(name: &str) -> SecretRef {
        SecretRef { source: SecretSource::Env(name.into()), version: 1 }
    }

    fn file(path: &str) -> SecretRef {
        SecretRef { source: SecretSource::File(path.into()), version: 1 }
    }

    #[test]
    fn one_newline_at_the_end_is_not_part_of_a_secret() {
        let secrets = secrets(Path::new("."));
        let read = |name| secrets.password(Kind::Agent, &env(name)).expect("readable").expose_secret().to_owned();
        assert_eq!(read("STAFF"), "secret-1");
        assert_eq!(read("LINES"), "secret-1\n");
    }

    #[test]
    fn length_is_counted_in_characters_and_never_shows_the_secret() {
        let secrets = secrets(Path::new("."));
        let error = secrets.password(Kind::Agent, &env("SHORT")).expect_err("too short");
        assert_eq!(error.to_string(), "the environment variable SHORT must have 6 to 31 characters");
        assert!(secrets.password(Kind::Agent, &env("WIDE")).is_ok());
        assert!(matches!(secrets.password(Kind::Agent, &env("MISSING")), Err(SecretError::NotSet(_))));
    }

    #[test]
    fn a_file_is_read_only_inside_the_project_folder() {
        let outer = tempfile::tempdir().expect("a folder");
        let folder = outer.path().join("project");
        std::fs::create_dir(&folder).expect("created");
        std::fs::write(folder.join("inside"), "secret-2\n").expect("written");
        std::fs::write(outer.path().join("outside"), "secret-3").expect("written");
        let secrets = secrets(&folder);
        assert_eq!(secrets.password(Kind::Support, &file("inside")).expect("readable").expose_secret(), "secret-2");
        assert!(matches!(secrets.password(Kind::Support, &file("../outside")), Err(SecretError::Outside(_))));
        let absolute = outer.path().join("outside");
        assert!(matches!(secrets.password(Kind::Support, &file(absolute.to_str().expect("utf-8"))), Err(SecretError::Outside(_))));
        assert!(matches!(secrets.password(Kind::Support, &file("nowhere")), Err(SecretError::File { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_project_folder_is_refused() {
        let outer = tempfile::tempdir().expect("a folder");
        let folder = outer.path().join("project");
        std::fs::create_dir(&folder).expect("created");
        std::fs::write(outer.path().join("outside"), "secret-3").expect("written");
        std::os::unix::fs::symlink(outer.path().join("outside"), folder.join("link")).expect("linked");
        assert!(matches!(secrets(&folder).password(Kind::Support, &file("link")), Err(SecretError::Outside(_))));
    }

    #[test]
    fn a_credential_cannot_be_empty() {
        let error = secrets(Path::new(".")).credential(&Credential::Env("NOTHING".into())).expect_err("empty");
        assert!(matches!(error, SecretError::Empty(_)), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_credential_may_come_from_a_program() {
        let secrets = secrets(Path::new("."));
        let run = |words: &[&str]| secrets.credential(&Credential::Command(words.iter().copied().map(Text::from).collect()));
        assert_eq!(run(&["echo", "a b"]).expect("runs").expose_secret(), "a b");
        assert!(matches!(run(&["false"]), Err(SecretError::CommandFailed { .. })));
        assert!(matches!(run(&[]), Err(SecretError::NoCommand)));
    }

    #[test]
    fn md5_is_of_the_utf8_text_in_lower_case_hex() {
        assert_eq!(md5_hex(&"hello".into()).expose_secret(), "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(md5_hex(&"密码".into()).expose_secret().len(), 32);
    }
}
