//! Where the views of one value go, a plan or the findings about manifests: `--output FORMAT=FILE,...`, `--out FILE` and `--format`, all from one value.
//!
//! stdout gets `--format` unless an output names it (`text=-`). Files are opened before a platform is contacted, so that a place that cannot be
//! written is noticed first; how they are written is told in `output_file`.

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum as _;

use crate::args::{Format, Global};
use crate::error::{CliError, Trouble};
use crate::mask::{Masked, Personal};
use crate::output_file::OutputFile;
use crate::settings::under;

/// One `FORMAT=PLACE` of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputSpec {
    format: Format,
    /// Nothing for stdout.
    file: Option<PathBuf>,
}

/// Why an output makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutputError {
    /// There is no `=`.
    #[error("write FORMAT=FILE, or FORMAT=- for stdout")]
    NoPlace,
    /// There is no such format.
    #[error("there is no format {0}; there are {1}")]
    NoFormat(String, String),
}

impl OutputSpec {
    /// The format that is asked for.
    pub fn format(&self) -> Format {
        self.format
    }
}

impl FromStr for OutputSpec {
    type Err = OutputError;

    fn from_str(text: &str) -> Result<Self, OutputError> {
        let (format, file) = text.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or(OutputError::NoPlace)?;
        let format = Format::from_str(format, false).map_err(|_| {
            let names = Format::value_variants().iter().map(|format| format.word()).collect::<Vec<_>>().join(", ");
            OutputError::NoFormat(format.to_owned(), names)
        })?;
        Ok(Self { format, file: (file != "-").then(|| file.into()) })
    }
}

/// All outputs of a command.
#[derive(Debug)]
pub struct Outputs {
    /// What stdout gets.
    pub stdout: Format,
    files: Vec<FileOutput>,
    /// What is masked in the files.
    masks: Option<Personal>,
}

#[derive(Debug)]
struct FileOutput {
    format: Format,
    /// As it was named.
    path: PathBuf,
    file: OutputFile,
}

impl Outputs {
    /// Opens everything that is asked for.
    ///
    /// # Errors
    /// When two outputs go to one place, or a place cannot be written.
    pub fn open(global: &Global, specs: &[OutputSpec], out: Option<&Path>) -> Result<Self, CliError> {
        let mut stdout = None;
        let mut files: Vec<FileOutput> = Vec::new();
        let saved = out.map(|path| OutputSpec { format: Format::Json, file: Some(path.to_owned()) });
        for OutputSpec { format, file } in specs.iter().chain(&saved) {
            let Some(file) = file else {
                if stdout.replace(*format).is_some() {
                    return Err(Trouble::OneOutput { place: "stdout".to_owned() }.into());
                }
                continue;
            };
            let path = under(&global.chdir, file);
            let file = OutputFile::open(&path).map_err(|source| Trouble::Write { path: path.clone(), source })?;
            if files.iter().any(|other| other.file.target() == file.target()) {
                return Err(Trouble::OneOutput { place: path.display().to_string() }.into());
            }
            files.push(FileOutput { format: *format, path, file });
        }
        Ok(Self { stdout: stdout.unwrap_or(global.format), files, masks: global.masks() })
    }

    /// The formats that are wanted, in files and on stdout.
    pub fn formats(&self) -> impl Iterator<Item = Format> {
        self.files.iter().map(|file| file.format).chain([self.stdout])
    }

    /// Writes every file with `view`, which writes one format.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_files(self, mut view: impl FnMut(Format, &mut dyn std::io::Write) -> std::io::Result<()>) -> Result<(), CliError> {
        let mask = self.masks.map(|personal| personal.mask());
        for FileOutput { format, path, file } in self.files {
            let failed = |source| Trouble::Write { path: path.clone(), source };
            let mut out = BufWriter::new(file);
            let written = match format {
                // Only text knows colours, and files never do.
                Format::Text => {
                    let mut plain = anstream::StripStream::new(Vec::new());
                    view(format, &mut plain).and_then(|()| {
                        let text = plain.into_inner();
                        match &mask {
                            Some(mask) => out.write_all(mask.apply(&String::from_utf8_lossy(&text)).as_bytes()),
                            None => out.write_all(&text),
                        }
                    })
                }
                _ => match &mask {
                    Some(mask) => {
                        let mut masked = Masked::new(&mut out, mask.clone());
                        view(format, &mut masked).and_then(|()| masked.finish())
                    }
                    None => view(format, &mut out),
                },
            };
            written.and_then(|()| out.flush()).map_err(failed)?;
            let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
            file.finish().map_err(failed)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> Result<OutputSpec, String> {
        text.parse().map_err(|error: OutputError| error.to_string())
    }

    #[test]
    fn an_output_is_a_format_and_a_place() {
        assert_eq!(spec("json=plan.json"), Ok(OutputSpec { format: Format::Json, file: Some("plan.json".into()) }));
        assert_eq!(spec("text=-"), Ok(OutputSpec { format: Format::Text, file: None }));
        assert!(spec("json").expect_err("no place").contains("FORMAT=FILE"));
        assert!(spec("pdf=x").expect_err("no format").contains("json"));
    }

    #[test]
    fn two_outputs_never_share_a_place_and_an_unwritable_one_is_told_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let global = Global { chdir: folder.path().to_owned(), ..Global::default() };
        let specs = |texts: &[&str]| texts.iter().map(|text| spec(text).expect("valid")).collect::<Vec<_>>();
        assert!(Outputs::open(&global, &specs(&["json=a"]), Some(Path::new("a"))).is_err());
        assert!(Outputs::open(&global, &specs(&["text=-", "json=-"]), None).is_err());
        assert!(Outputs::open(&global, &specs(&["json=missing/a"]), None).is_err());
        let outputs = Outputs::open(&global, &specs(&["json=a"]), None).expect("opened");
        assert_eq!(outputs.stdout, Format::Text);
        outputs.write_files(|_, out| writeln!(out, "{{}}")).expect("written");
        assert_eq!(std::fs::read_to_string(folder.path().join("a")).expect("there"), "{}\n");
    }
}
