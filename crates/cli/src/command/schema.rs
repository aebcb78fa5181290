//! `deskform schema`: the JSON Schemas that editors and reviews use.

use deskform_model::{ManifestKind, schema};

use crate::args::{Global, SchemaArgs};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::settings::under;
use crate::ui::Ui;
use crate::view::talk;

/// Runs the command.
///
/// # Errors
/// When there is no such schema or a file cannot be written.
pub fn run(global: &Global, args: &SchemaArgs, ui: &mut Ui) -> Result<Exit, CliError> {
    match (&args.name, &args.out) {
        (Some(name), _) => {
            let known = |kind: &ManifestKind| kind.word().eq_ignore_ascii_case(name);
            let kind = ManifestKind::ALL.into_iter().find(known).ok_or_else(|| Trouble::NoSchema {
                name: name.clone(),
                known: ManifestKind::ALL.map(|kind| kind.word().to_lowercase()).join(", "),
            })?;
            ui.data(|out| writeln!(out, "{:#}", schema::json_schema(kind)))?;
        }
        (None, Some(folder)) => {
            let folder = under(&global.chdir, folder);
            std::fs::create_dir_all(&folder).map_err(|source| Trouble::Write { path: folder.clone(), source })?;
            for (name, text) in schema::files() {
                let path = folder.join(name);
                std::fs::write(&path, text).map_err(|source| Trouble::Write { path: path.clone(), source })?;
                ui.say(&talk::wrote(&path));
            }
        }
        (None, None) => {
            let all: serde_json::Map<_, _> =
                ManifestKind::ALL.into_iter().map(|kind| (kind.word().to_lowercase(), schema::json_schema(kind))).collect();
            ui.data(|out| writeln!(out, "{:#}", serde_json::Value::Object(all)))?;
        }
    }
    Ok(Exit::Done)
}
