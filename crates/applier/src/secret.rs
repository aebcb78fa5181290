//! Reads secrets at apply time, and the platforms' credentials before that. Nothing here is kept, logged or part of a message.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use deskform_model::codec::Codec;
use deskform_model::secret::{AGE_IDENTITY, AGE_IDENTITY_FILE, SecretRef, SecretSource, is_in_hidden_folder};
use deskform_model::{Kind, Text};
use md5::{Digest as _, Md5};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use crate::sealed::Identities;

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
    /// The file of a manifest's secret is in a hidden folder, or a link leads into one.
    #[error("the secret file {0} lies in a hidden folder")]
    Hidden(Text),
    /// The file of a manifest's secret is one that deskform itself signs in or decrypts with.
    #[error("the secret file {0} holds a credential of deskform's own")]
    IsACredential(Text),
    /// The file is too large to be a secret.
    #[error("the secret file {0} is too large to be a secret")]
    TooLarge(Text),
    /// An encrypted secret, and nothing to open it with.
    #[error("the secret file {0} is encrypted, and neither {AGE_IDENTITY} nor {AGE_IDENTITY_FILE} is set")]
    NoIdentity(Text),
    /// Something else stands where an identity should.
    #[error("{0} holds something else than age identities (AGE-SECRET-KEY-1...)")]
    BadIdentity(String),
    /// The file of identities cannot be read.
    #[error("the file that {AGE_IDENTITY_FILE} names cannot be read")]
    IdentityFile(#[source] std::io::Error),
    /// An encrypted secret cannot be opened.
    #[error("the secret file {path} cannot be decrypted: {problem}")]
    Sealed {
        /// As the reference says it.
        path: Text,
        /// Why, in age's words.
        problem: String,
    },
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
    /// The system gives no randomness.
    #[error("the system gives no random numbers")]
    NoRandomness(#[source] getrandom::Error),
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
    /// Files that no manifest's secret may be.
    credentials: Vec<PathBuf>,
    /// Instead of encrypted secrets where there is no identity.
    stand_in: Option<SecretString>,
}

impl Secrets {
    /// Reads from the process's environment and from files below the project folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), variables: None, credentials: Vec::new(), stand_in: None }
    }

    /// No manifest's secret may be one of these files, by whatever links it is reached: they hold the platforms' credentials. Paths are
    /// taken from the project folder.
    pub fn without_files<'a>(mut self, paths: impl IntoIterator<Item = &'a str>) -> Self {
        self.credentials.extend(paths.into_iter().map(|path| self.folder.join(path)));
        self
    }

    /// Encrypted secrets are this where there is no identity to open them with: for rehearsals.
    pub fn with_stand_in(mut self, secret: SecretString) -> Self {
        self.stand_in = Some(secret);
        self
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
            SecretSource::File(path) => text(format!("the secret file {path}"), self.manifest_file(path)?)?,
            SecretSource::Age(path) => self.sealed(path)?,
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
            Credential::File(path) => text(format!("the secret file {path}"), self.read(path, &self.inside(path)?)?)?,
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

    /// Where a path of the project leads, links followed.
    fn inside(&self, path: &Text) -> Result<PathBuf, SecretError> {
        let failed = |source| SecretError::File { path: path.clone(), source };
        let folder = self.folder.canonicalize().map_err(failed)?;
        let real = self.folder.join(Path::new(path.as_str())).canonicalize().map_err(failed)?;
        if real.starts_with(&folder) { Ok(real) } else { Err(SecretError::Outside(path.clone())) }
    }

    fn read(&self, path: &Text, real: &Path) -> Result<Vec<u8>, SecretError> {
        let mut bytes = Vec::new();
        let read = std::fs::File::open(real).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes));
        read.map_err(|source| SecretError::File { path: path.clone(), source })?;
        if bytes.len() as u64 > LARGEST_FILE { Err(SecretError::TooLarge(path.clone())) } else { Ok(bytes) }
    }

    /// A file that a manifest names: the rules that its text was checked by hold for where its links lead as well.
    fn manifest_file(&self, path: &Text) -> Result<Vec<u8>, SecretError> {
        let real = self.inside(path)?;
        let below = self.folder.canonicalize().ok().and_then(|folder| real.strip_prefix(folder).ok()).unwrap_or(&real);
        if is_in_hidden_folder(&below.to_string_lossy()) {
            return Err(SecretError::Hidden(path.clone()));
        }
        let identities = self.value(AGE_IDENTITY_FILE).map(|file| self.folder.join(file));
        if self.credentials.iter().chain(&identities).any(|credential| credential.canonicalize().is_ok_and(|credential| credential == real))
        {
            return Err(SecretError::IsACredential(path.clone()));
        }
        self.read(path, &real)
    }

    fn sealed(&self, path: &Text) -> Result<(String, SecretString), SecretError> {
        let file = self.manifest_file(path)?;
        let identities = match (self.identities()?, &self.stand_in) {
            (Some(identities), _) => identities,
            (None, Some(stand_in)) => return Ok((format!("the secret file {path}"), stand_in.clone())),
            (None, None) => return Err(SecretError::NoIdentity(path.clone())),
        };
        let opened = identities.open(&file, LARGEST_FILE);
        let opened = opened.map_err(|error| SecretError::Sealed { path: path.clone(), problem: error.to_string() })?;
        if opened.len() as u64 > LARGEST_FILE {
            return Err(SecretError::TooLarge(path.clone()));
        }
        text(format!("the secret file {path}"), opened.to_vec())
    }

    /// The identities that open encrypted secrets, if there are any.
    fn identities(&self) -> Result<Option<Identities>, SecretError> {
        let (place, text) = if let Some(text) = self.value(AGE_IDENTITY) {
            let text = text.into_string().map_err(|_| SecretError::NotText(AGE_IDENTITY.to_owned()))?;
            (format!("the environment variable {AGE_IDENTITY}"), Zeroizing::new(text))
        } else if let Some(file) = self.value(AGE_IDENTITY_FILE) {
            let mut text = Zeroizing::new(String::new());
            let read = std::fs::File::open(self.folder.join(file)).and_then(|file| file.take(LARGEST_FILE).read_to_string(&mut text));
            read.map_err(SecretError::IdentityFile)?;
            (format!("the file that {AGE_IDENTITY_FILE} names"), text)
        } else {
            return Ok(None);
        };
        Identities::read(&text).map(Some).ok_or(SecretError::BadIdentity(place))
    }

    /// What a variable holds; an empty one counts as not set.
    fn value(&self, name: &str) -> Option<OsString> {
        let value = match &self.variables {
            Some(variables) => variables.get(name).cloned(),
            None => std::env::var_os(name),
        };
        value.filter(|value| !value.is_empty())
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

/// Letters and digits that nobody takes for another one when they are read from paper.
const ALPHABET: &[u8; 55] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz2345678";

/// Characters of a password that deskform makes up: more than 115 bits, and short enough for both platforms.
const GENERATED: usize = 20;

/// Makes up a password of letters and digits.
///
/// # Errors
/// When the system gives no randomness.
pub fn generate_password() -> Result<SecretString, SecretError> {
    let mut password = Zeroizing::new(String::with_capacity(GENERATED));
    let mut bytes = Zeroizing::new([0_u8; 64]);
    // Every character must be as likely as any other, so bytes above the last whole alphabet do not count.
    let fair = (256 / ALPHABET.len() * ALPHABET.len()) as u16;
    while password.len() < GENERATED {
        getrandom::fill(&mut bytes[..]).map_err(SecretError::NoRandomness)?;
        let chosen =
            bytes.iter().filter(|byte| u16::from(**byte) < fair).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
        let missing = GENERATED - password.len();
        password.extend(chosen.take(missing));
    }
    Ok(password.as_str().into())
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

    #[cfg(unix)]
    #[test]
    fn a_link_into_a_hidden_folder_or_to_a_credential_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path(".git")).expect("created");
        std::fs::write(path(".git/config"), "secret-4").expect("written");
        std::fs::write(path("token"), "secret-5").expect("written");
        std::os::unix::fs::symlink(path(".git"), path("shown")).expect("linked");
        std::os::unix::fs::symlink(path("token"), path("seat")).expect("linked");
        let secrets = secrets(folder.path()).without_files(["./token"]);
        let read = |name| secrets.password(Kind::Agent, &file(name));
        assert!(matches!(read("shown/config"), Err(SecretError::Hidden(_))));
        assert!(matches!(read("seat"), Err(SecretError::IsACredential(_))));
        assert_eq!(secrets.credential(&Credential::File("token".into())).expect("its own use").expose_secret(), "secret-5");
    }

    #[test]
    fn an_encrypted_secret_is_opened_with_an_identity() {
        let folder = tempfile::tempdir().expect("a folder");
        let identity = age::x25519::Identity::generate();
        let sealed = age::encrypt(&identity.to_public(), b"secret-6\n").expect("encrypted");
        std::fs::write(folder.path().join("seat.age"), sealed).expect("written");
        std::fs::write(folder.path().join("plain.age"), "secret-7").expect("written");
        let key = identity.to_string();
        std::fs::write(folder.path().join("key.txt"), key.expose_secret()).expect("written");
        let sealed = |path: &str| SecretRef { source: SecretSource::Age(path.into()), version: 1 };
        let with = |name: &str, value: &str| Secrets::new(folder.path()).with_variables([(name.to_owned(), value.into())]);

        for secrets in [with(AGE_IDENTITY, key.expose_secret()), with(AGE_IDENTITY_FILE, "key.txt")] {
            assert_eq!(secrets.password(Kind::Agent, &sealed("seat.age")).expect("opened").expose_secret(), "secret-6");
            assert!(matches!(secrets.password(Kind::Agent, &sealed("plain.age")), Err(SecretError::Sealed { .. })));
        }
        let by_file = with(AGE_IDENTITY_FILE, "key.txt").password(Kind::Agent, &file("key.txt"));
        assert!(matches!(by_file, Err(SecretError::IsACredential(_))), "the identity is no seat's password");
        let stranger = age::x25519::Identity::generate().to_string();
        let error = with(AGE_IDENTITY, stranger.expose_secret()).password(Kind::Agent, &sealed("seat.age")).expect_err("not for it");
        assert!(error.to_string().starts_with("the secret file seat.age cannot be decrypted: "), "{error}");
        let error = with(AGE_IDENTITY, "hunter2").password(Kind::Agent, &sealed("seat.age")).expect_err("no identity");
        assert!(matches!(error, SecretError::BadIdentity(_)) && !error.to_string().contains("hunter2"), "{error}");
        let error = with("OTHER", "").password(Kind::Agent, &sealed("seat.age")).expect_err("no identity");
        assert!(matches!(error, SecretError::NoIdentity(_)));
        let rehearsal = with("OTHER", "").with_stand_in("stand-in".into()).password(Kind::Agent, &sealed("seat.age"));
        assert_eq!(rehearsal.expect("a stand-in").expose_secret(), "stand-in");
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
    fn a_password_that_is_made_up_fits_both_platforms_and_is_never_the_same() {
        let made: std::collections::BTreeSet<String> =
            (0..100).map(|_| generate_password().expect("random").expose_secret().to_owned()).collect();
        assert_eq!(made.len(), 100);
        assert!(made.iter().all(|password| password.len() == GENERATED && password.bytes().all(|letter| ALPHABET.contains(&letter))));
        let letters: std::collections::BTreeSet<u8> = made.iter().flat_map(|password| password.bytes()).collect();
        assert_eq!(letters.len(), ALPHABET.len(), "2,000 draws reach every letter");
    }

    #[test]
    fn md5_is_of_the_utf8_text_in_lower_case_hex() {
        assert_eq!(md5_hex(&"hello".into()).expose_secret(), "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(md5_hex(&"密码".into()).expose_secret().len(), 32);
    }
}
