//! `deskform validate`: reads project and manifests, contacts nobody.

use crate::args::{Format, Global, ValidateArgs};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::output::Outputs;
use crate::pipeline::{self, Stop};
use crate::repository;
use crate::ui::Ui;
use crate::view::diagnostic_human;
use crate::view::findings_view::{FindingsView, Valid};

/// Runs the command. Every output is written, whether the manifests are valid or not.
///
/// # Errors
/// When a file cannot be read or something in them is not valid.
pub fn run(global: &Global, args: &ValidateArgs, ui: &mut Ui) -> Result<Exit, CliError> {
    let outputs = Outputs::open(global, &args.output.output, None)?;
    let folder = repository::folder(global);
    match pipeline::look(global, ui) {
        Ok(workspace) => {
            let valid = Valid { files: workspace.files, manifests: &workspace.manifests, desired: &workspace.desired };
            let view = FindingsView { findings: &workspace.warnings, sources: &workspace.sources, folder: &folder, valid: Some(valid) };
            write(&view, outputs, ui)?;
            // The process ends here: taking a large centre apart piece by piece would only keep somebody waiting.
            std::mem::forget(workspace);
            Ok(Exit::Done)
        }
        Err(Stop::Invalid { findings, sources }) => {
            let view = FindingsView { findings: &findings, sources: &sources, folder: &folder, valid: None };
            write(&view, outputs, ui)?;
            Err(Trouble::Invalid { tally: diagnostic_human::tally(&findings) }.into())
        }
        Err(Stop::Other(error)) => Err(error),
    }
}

/// Findings as text are talk and stand on stderr; only the line that manifests come to is data.
fn write(view: &FindingsView<'_>, outputs: Outputs, ui: &mut Ui) -> Result<(), CliError> {
    match (outputs.stdout, view.valid) {
        (Format::Text, Some(_)) => {
            ui.talk(|out| diagnostic_human::write(view.findings, view.sources, out));
            ui.data(|out| view.write_result(out))?;
        }
        (Format::Text, None) => ui.must_say(|out| diagnostic_human::write(view.findings, view.sources, out)),
        (format, _) => ui.data(|out| view.write(format, out))?,
    }
    outputs.write_files(|format, out| view.write(format, out))
}
