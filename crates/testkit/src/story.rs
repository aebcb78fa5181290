//! Stories: a transcript of commands and what they say, in a folder of its own.
//!
//! `story.txt` holds commands behind `$ ` and, below each, what it says. Blessing writes the answers. Commands:
//!
//! ```text
//! $ deskform ARGS...          runs the program in the project folder; then its stdout, `[stderr]` and its lines, `[exit N]` unless 0
//! $ given deskform ARGS...    the same, but it must succeed and what it says is left out
//! $ replace FILE "OLD" "NEW"  changes a file (\n inside quotes is a line break)
//! $ write FILE "TEXT"         writes a file
//! $ append FILE "TEXT"        adds to a file
//! $ rename FILE NEW           moves a file
//! $ remove FILE               deletes a file
//! $ same FILE OTHER           fails unless both hold the same
//! $ use FOLDER                begins with a copy of that folder of the repository (before any other command)
//! ```
//!
//! `[FINGERPRINT]` in the arguments of a command is the last one that was printed before.
//!
//! The folder `in/` beside the story, when there is one, is where the project begins. Lines that begin with `#` are for the reader.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use crate::golden;
use crate::project::Project;

/// Plays a story with the program at `binary`; `repository` is what `use` takes folders from.
///
/// # Errors
/// The difference between the story and what happened.
///
/// # Panics
/// When the story itself is wrong: an unknown command, a file that is not there.
pub fn play(case: &Path, binary: &Path, repository: &Path) -> Result<(), String> {
    let file = case.join("story.txt");
    let story = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let input = case.join("in");
    let mut project = if input.is_dir() { Project::copy_of(&input) } else { Project::empty() };
    let mut told = String::new();
    let mut fingerprint = String::new();
    for line in story.lines() {
        if line.starts_with('#') {
            told.push_str(line);
            told.push('\n');
            continue;
        }
        let Some(command) = line.strip_prefix("$ ") else { continue };
        // A blank line ends what a command has said.
        let silent = told.lines().next_back().is_none_or(|last| last.starts_with("$ ") || last.starts_with('#'));
        if !silent {
            told.push('\n');
        }
        told.push_str(line);
        told.push('\n');
        let words: Vec<String> = split(command).into_iter().map(|word| word.replace("[FINGERPRINT]", &fingerprint)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["use", folder] => project = Project::copy_of(&repository.join(folder)),
            ["replace", file, old, new] => project.replace(file, old, new),
            ["write", file, text] => project.write(file, text),
            ["append", file, text] => project.write(file, &(project.read(file) + text)),
            ["rename", from, to] => {
                project.write(to, &project.read(from));
                fs::remove_file(project.file(from)).map_err(|error| format!("{from}: {error}"))?;
            }
            ["remove", file] => fs::remove_file(project.file(file)).map_err(|error| format!("{file}: {error}"))?,
            ["same", one, other] => {
                if project.read(one) != project.read(other) {
                    return Err(format!("{}: {one} and {other} differ", file.display()));
                }
            }
            ["given", "deskform", ref arguments @ ..] => {
                let said = run(binary, arguments, &project, &mut fingerprint);
                if said.contains("\n[exit ") {
                    return Err(format!("{}: {command}\n{said}", file.display()));
                }
                nothing_is_left(binary, arguments, &project).map_err(|said| format!("{}: {command}\n{said}", file.display()))?;
            }
            ["deskform", ref arguments @ ..] => {
                let said = run(binary, arguments, &project, &mut fingerprint);
                if !said.contains("\n[exit ") {
                    nothing_is_left(binary, arguments, &project).map_err(|said| format!("{}: {command}\n{said}", file.display()))?;
                }
                told.push_str(&said);
            }
            _ => panic!("{}: unknown command: {command}", file.display()),
        }
    }
    golden::compare(&file, &told)
}

/// After every apply that went through, a plan of the same must hold nothing: no story can forget to look. What a saved plan did may not be
/// what the manifests say by now.
fn nothing_is_left(binary: &Path, arguments: &[&str], project: &Project) -> Result<(), String> {
    if arguments.first() != Some(&"apply") || arguments.iter().any(|argument| argument.ends_with(".json")) {
        return Ok(());
    }
    let mine = ["--auto-approve", "--new-ledger", "--quiet"];
    let mine_with_value = ["--expect", "--credentials-out", "--recipient"];
    let mut plan = vec!["plan"];
    let mut rest = arguments[1..].iter().copied();
    while let Some(argument) = rest.next() {
        if mine_with_value.contains(&argument) {
            rest.next();
        } else if !mine.contains(&argument) {
            plan.push(argument);
        }
    }
    let said = run(binary, &plan, project, &mut String::new());
    let empty = said.contains("No changes.") || said.contains("\"empty\":true");
    if empty { Ok(()) } else { Err(format!("what was applied is not in sync:\n{said}")) }
}

/// Runs the program with an empty environment, so that nothing of the machine shows. Remembers the fingerprint that it prints.
fn run(binary: &Path, arguments: &[&str], project: &Project, fingerprint: &mut String) -> String {
    let output = Command::new(binary)
        .args(arguments)
        .current_dir(project.path())
        .env_clear()
        .envs(env::var_os("PATH").map(|path| ("PATH", path)))
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
    let printed = String::from_utf8_lossy(&output.stdout);
    if let Some(found) = printed.lines().rev().find_map(|line| line.strip_prefix("Fingerprint: ")) {
        found.clone_into(fingerprint);
    }
    let clean = |bytes: &[u8]| redact(&String::from_utf8_lossy(bytes), project.path());
    let mut told = clean(&output.stdout);
    end_line(&mut told);
    let errors = clean(&output.stderr);
    if !errors.is_empty() {
        told.push_str("[stderr]\n");
        told.push_str(&errors);
        end_line(&mut told);
    }
    match output.status.code() {
        Some(0) => {}
        Some(code) => told.push_str(&format!("[exit {code}]\n")),
        None => told.push_str("[killed]\n"),
    }
    told
}

fn end_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

/// What stands before a hash.
const HASHES: [&str; 6] =
    ["Fingerprint: ", "has the fingerprint ", "for the ledger ", "\"fingerprint\":\"", "\"digest\":\"", "\"ledger\":{\"id\":\""];

/// Replaces what differs between two runs: the temporary folder, ports, and how long something took.
pub fn redact(text: &str, folder: &Path) -> String {
    let text = text.replace(&*folder.to_string_lossy(), "[DIR]");
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("127.0.0.1:") {
        let (before, after) = rest.split_at(at + "127.0.0.1:".len());
        clean.push_str(before);
        clean.push_str("[PORT]");
        rest = after.trim_start_matches(|letter: char| letter.is_ascii_digit());
    }
    clean.push_str(rest);
    without_hashes(&clean)
}

/// Replaces fingerprints, digests and ids of ledgers: what they hash is another with every version, and ledgers are random.
fn without_hashes(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = HASHES.iter().filter_map(|mark| Some(rest.find(mark)? + mark.len())).min() {
        let (before, after) = rest.split_at(at);
        clean.push_str(before);
        let hash = after.len() - after.trim_start_matches(|letter: char| letter.is_ascii_hexdigit() || letter == '-').len();
        clean.push_str(if hash >= 16 { "[HASH]" } else { &after[..hash] });
        rest = &after[hash..];
    }
    clean.push_str(rest);
    clean
}

/// Splits a command into words; double quotes hold a word together, `\n`, `\"` and `\\` mean what they mean everywhere.
fn split(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut begun) = (false, false);
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                quoted = !quoted;
                begun = true;
            }
            '\\' if quoted => match letters.next() {
                Some('n') => word.push('\n'),
                Some(other) => word.push(other),
                None => {}
            },
            ' ' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            other => {
                word.push(other);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_words_together_and_backslashes_work_inside() {
        assert_eq!(split(r#"replace a.yaml "x: 1" "x: \"2\"\n""#), ["replace", "a.yaml", "x: 1", "x: \"2\"\n"]);
        assert_eq!(split(r#"write a """#), ["write", "a", ""]);
    }

    #[test]
    fn folders_and_ports_are_redacted() {
        assert_eq!(redact("/tmp/x/a http://127.0.0.1:4711/b", Path::new("/tmp/x")), "[DIR]/a http://127.0.0.1:[PORT]/b");
    }
}
