//! `deskform validate`: reads project and manifests, contacts nobody.

use crate::args::{Format, Global};
use crate::error::CliError;
use crate::exit::Exit;
use crate::pipeline;
use crate::ui::Ui;
use crate::view::{diagnostic_json, validate_human};

/// Runs the command.
///
/// # Errors
/// When a file cannot be read or something in them is not valid.
pub fn run(global: &Global, ui: &mut Ui) -> Result<Exit, CliError> {
    let workspace = pipeline::read(global, ui)?;
    match global.format {
        Format::Json => ui.data(|out| diagnostic_json::write(&workspace.warnings, &workspace.sources, out))?,
        _ => {
            workspace.show_warnings(ui);
            ui.data(|out| validate_human::write(workspace.files, &workspace.manifests, &workspace.desired, out))?;
        }
    }
    Ok(Exit::Done)
}
