//! Plays every story of `tests/stories`: each folder is one, see `deskform_testkit::story`.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use deskform_testkit::{golden, story};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_story_goes_as_told() {
    let cases = golden::cases(&repository().join("tests/stories"));
    let binary = Path::new(env!("CARGO_BIN_EXE_deskform"));
    let queue = Mutex::new(cases.iter());
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("no story panics while it holds this").next();
                    let Some(case) = next else { break };
                    if let Err(difference) = story::play(case, binary, &repository()) {
                        failures.lock().expect("no story panics while it holds this").push(difference);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no story panics while it holds this");
    assert!(failures.is_empty(), "{} of {} stories differ:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn the_readme_shows_what_the_program_says() {
    let read = |path: &str| std::fs::read_to_string(repository().join(path)).expect(path);
    let (readme, story) = (read("README.md"), read("tests/stories/the_second_look_of_the_readme/story.txt"));
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a plan in the README");
    assert!(story.contains(shown), "the plan in README.md is not what the program says:\n{}", golden::diff(&story, shown));
    let mistake = readme.split("```text\n").nth(2).and_then(|rest| rest.split("```").next()).expect("a mistake in the README");
    assert!(
        read("tests/stories/all_mistakes_are_shown_in_one_run/story.txt").contains(mistake),
        "the mistake in README.md is shown differently"
    );
}
