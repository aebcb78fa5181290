//! Reads credentials and manifests' secrets where their references point.
//!
//! What is read goes to the platforms and nowhere else; no error holds any of it.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use deskform_model::project::Credential;
use deskform_model::secret::SecretSource;
use secrecy::SecretString;

use crate::error::Trouble;
use crate::settings::under;
use crate::sources;

/// What a manifest's secret is with --sandbox when nothing is set: the quick start needs no preparation.
const SANDBOX_SECRET: &str = "sandbox-pass";

/// A platform credential of the project file.
///
/// # Errors
/// When the variable is not set, the file cannot be read, or the program fails or prints nothing.
pub fn credential(credential: &Credential, root: &Path) -> Result<SecretString, Trouble> {
    match credential {
        Credential::Env(name) => variable(name),
        Credential::File(path) => file(&under(root, Path::new(path))),
        Credential::Command(line) => program(line, root),
    }
}

/// A secret that a manifest refers to. Which variables and files it may name was checked with the manifests.
///
/// # Errors
/// When the variable is not set or the file cannot be read or lies outside of the project folder.
pub fn secret(source: &SecretSource, root: &Path, sandbox: bool) -> Result<SecretString, Trouble> {
    let read = match source {
        SecretSource::Env(name) => variable(name),
        SecretSource::File(path) => inside(root, path).and_then(|path| file(&path)),
    };
    match read {
        Err(Trouble::Unset { .. } | Trouble::File { .. }) if sandbox => Ok(SecretString::from(SANDBOX_SECRET)),
        read => read,
    }
}

/// Whether the secret will be the sandbox's own.
pub fn falls_back(source: &SecretSource, root: &Path) -> bool {
    match source {
        SecretSource::Env(name) => std::env::var(name.as_str()).is_err(),
        SecretSource::File(path) => !under(root, Path::new(path.as_str())).exists(),
    }
}

fn variable(name: &str) -> Result<SecretString, Trouble> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Ok(value.into()),
        _ => Err(Trouble::Unset { name: name.to_owned() }),
    }
}

/// The text without the line break at its end, which editors put there.
fn file(path: &Path) -> Result<SecretString, Trouble> {
    let text = sources::read_text(path)?;
    Ok(text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text)).into())
}

/// A manifest's file, with links resolved, must lie in the project folder.
fn inside(root: &Path, path: &str) -> Result<PathBuf, Trouble> {
    let path = under(root, Path::new(path));
    let failed = |source| Trouble::File { path: path.clone(), source };
    let real = path.canonicalize().map_err(failed)?;
    let folder = root.canonicalize().map_err(|source| Trouble::File { path: root.to_owned(), source })?;
    if real.starts_with(folder) { Ok(real) } else { Err(Trouble::OutsideLink { path }) }
}

/// The first line that a program prints. Its own complaints go to the user's stderr.
fn program(line: &[String], root: &Path) -> Result<SecretString, Trouble> {
    let (program, arguments) = line.split_first().map_or(("", [].as_slice()), |(program, rest)| (program.as_str(), rest));
    let failed = |source| Trouble::Program { program: program.to_owned(), source };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().map_err(failed)?;
    if !output.status.success() {
        return Err(failed(io::Error::other(output.status.to_string())));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| failed(io::Error::other("it prints something that is no text")))?;
    match text.lines().next() {
        Some(first) if !first.is_empty() => Ok(first.into()),
        _ => Err(failed(io::Error::other("its first line is empty"))),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn project() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("token"), "abc \r\n").expect("written");
        folder
    }

    #[test]
    fn a_file_loses_its_last_line_break_and_nothing_else() {
        let project = project();
        let token = credential(&Credential::File("token".into()), project.path()).expect("read");
        assert_eq!(token.expose_secret(), "abc ");
    }

    #[cfg(unix)]
    #[test]
    fn a_program_gives_its_first_line_and_must_succeed() {
        let project = project();
        let run = |line: &[&str]| credential(&Credential::Command(line.iter().map(ToString::to_string).collect()), project.path());
        assert_eq!(run(&["printf", "one\ntwo\n"]).expect("run").expose_secret(), "one");
        assert!(matches!(run(&["false"]), Err(Trouble::Program { .. })));
        assert!(matches!(run(&["true"]), Err(Trouble::Program { .. })));
    }

    #[test]
    fn a_manifests_secret_stays_in_the_project_folder() {
        let project = project();
        let outside = tempfile::NamedTempFile::new().expect("a file");
        let path = outside.path().to_str().expect("text").into();
        assert!(matches!(secret(&SecretSource::File(path), project.path(), false), Err(Trouble::OutsideLink { .. })));
    }

    #[test]
    fn only_the_sandbox_does_without_a_secret() {
        let project = project();
        let unset = SecretSource::Env("DESKFORM_TEST_THAT_NOBODY_SETS".into());
        assert!(matches!(secret(&unset, project.path(), false), Err(Trouble::Unset { .. })));
        assert_eq!(secret(&unset, project.path(), true).expect("the default").expose_secret(), SANDBOX_SECRET);
        assert!(falls_back(&unset, project.path()));
    }
}
