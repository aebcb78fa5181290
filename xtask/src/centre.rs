//! Writes a service centre of any size, for measuring and for rehearsals.

use std::fs;
use std::path::Path;

use deskform_testkit::centre::Centre;

/// Writes the project and its manifests below `out`.
pub(crate) fn write(people: &str, out: &str) -> Result<String, String> {
    let people: usize = people.parse().map_err(|_| format!("{people} is no number of people"))?;
    let centre = Centre::new(people);
    let out = Path::new(out);
    let mut files = centre.files();
    files.push(("deskform.yaml".to_owned(), centre.project()));
    for (name, text) in &files {
        let path = out.join(name);
        let folder = path.parent().unwrap_or(out);
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(format!("{} files with {} resources written to {}", files.len(), centre.resources(), out.display()))
}
