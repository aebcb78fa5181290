//! The files in `schemas/`: generated from the field tables, the types of the settings and the documents that commands write.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas")
}

/// What editors use for manifests, and what programs use for the output of commands.
fn files() -> Vec<(String, String)> {
    let mut files = deskform_model::schema::files();
    files.extend(deskform_cli::view::live::schema_files());
    files.extend(deskform_cli::output_schema::files());
    files
}

/// Writes all files and removes those that are no longer generated.
pub(crate) fn write() -> Result<String, String> {
    let folder = folder();
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let files = files();
    for (name, text) in &files {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    for name in present(&folder)?.difference(&files.iter().map(|(name, _)| name.clone()).collect()) {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(format!("{} files written to schemas/", files.len()))
}

/// Says which files are not what would be written.
pub(crate) fn check() -> Result<String, String> {
    let folder = folder();
    let files = files();
    let mut wrong: BTreeSet<String> = present(&folder)?.into_iter().filter(|name| files.iter().all(|(known, _)| known != name)).collect();
    for (name, text) in &files {
        if fs::read_to_string(folder.join(name)).ok().as_deref() != Some(text) {
            wrong.insert(name.clone());
        }
    }
    if wrong.is_empty() {
        return Ok("schemas/ is up to date".into());
    }
    let names: Vec<&str> = wrong.iter().map(String::as_str).collect();
    Err(format!("schemas/ is out of date: {}\nrun: cargo xtask schema", names.join(", ")))
}

fn present(folder: &Path) -> Result<BTreeSet<String>, String> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(BTreeSet::new()) };
    let name = |entry: std::io::Result<fs::DirEntry>| entry.map(|entry| entry.file_name().to_string_lossy().into_owned());
    entries.map(name).collect::<Result<_, _>>().map_err(|error| format!("{}: {error}", folder.display()))
}
