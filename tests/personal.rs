//! `--mask-personal`: whatever a command writes, to a terminal or into a file, no phone number and no e-mail address can be read in it.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;
use std::path::Path;

use clap::CommandFactory as _;
use deskform_cli::args::Cli;
use deskform_testkit::process::{self, Said};
use deskform_testkit::project::Project;

/// What belongs to people in the desk below. The last four digits of a number may stay.
const PERSONAL: [&str; 8] =
    ["13000000001", "13000000002", "13000000011", "010-6370000", "zhang@example.com", "li.si@example.com", "+8613000000001", "01063700001"];

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_deskform"))
}

/// The small desk with something personal in every field that takes it.
fn desk() -> Project {
    let project = Project::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/desk"));
    let more = "  mobile: \"13000000001\"\n  email: zhang@example.com\n  landline: \"010-6370000-8280\"\n";
    project.replace("manifests/people.yaml", "  mobile: \"13000000001\"\n", more);
    project.replace("manifests/people.yaml", "  name: 李四", "  name: 李四\n  email: li.si@example.com\n  mobile: \"+8613000000001\"");
    project.replace("manifests/seats.yaml", "  name: 张三", "  name: 张三\n  boundPhone: \"13000000001\"\n  callerId: \"01063700001\"");
    project
}

struct Rehearsal {
    project: Project,
    seen: BTreeSet<String>,
}

impl Rehearsal {
    /// Runs a command line with the flag, and searches what it says.
    fn run(&mut self, line: &str) -> Said {
        self.seen.insert(line.split(' ').next().unwrap().to_owned());
        let arguments: Vec<&str> = line.split(' ').chain(["--mask-personal"]).collect();
        let said = process::run(process::command(binary(), &self.project, &arguments));
        for (stream, text) in [("stdout", &said.stdout), ("stderr", &said.stderr)] {
            assert_clean(&format!("{stream} of {line}"), text);
        }
        said
    }

    fn must(&mut self, line: &str) -> Said {
        let said = self.run(line);
        assert_eq!(said.code, Some(0), "{line}: {said:?}");
        said
    }

    fn file(&self, name: &str) {
        let text = self.project.read(name);
        assert!(!text.is_empty(), "{name}");
        assert_clean(name, &text);
    }
}

fn assert_clean(place: &str, text: &str) {
    for personal in PERSONAL {
        assert!(!text.contains(personal), "{personal} in {place}:\n{text}");
    }
}

#[test]
fn no_output_of_any_command_shows_whose_phone_it_is() {
    let mut desk = Rehearsal { project: desk(), seen: BTreeSet::new() };
    for format in ["text", "json", "github", "sarif", "codequality"] {
        desk.must(&format!("validate --format {format}"));
    }
    for format in ["text", "json", "markdown", "html", "github", "gitlab"] {
        desk.must(&format!("plan --sandbox --verbose --format {format}"));
        desk.must(&format!("plan --sandbox --quiet --output {format}=plan.{format}"));
        desk.file(&format!("plan.{format}"));
    }
    // A masked plan is there to be read.
    let said = desk.run("apply plan.json --sandbox --auto-approve");
    assert!(said.code == Some(1) && said.stderr.contains("masked"), "{said:?}");
    let whole = process::run(process::command(binary(), &desk.project, &["plan", "--sandbox", "--out", "whole.json"]));
    assert_eq!(whole.code, Some(0), "{whole:?}");
    for format in ["text", "json", "markdown", "html"] {
        desk.must(&format!("show whole.json --no-mask --format {format}"));
    }
    for format in ["dot", "mermaid", "svg"] {
        desk.must(&format!("graph --sandbox --format {format}"));
    }
    desk.must("apply --sandbox --auto-approve --verbose --report report.json");
    desk.file("report.json");
    desk.must("ledger list --sandbox --format json");
    for format in ["text", "json"] {
        for line in [
            "ledger list --sandbox",
            "ledger show support/zhang-san --sandbox",
            "drift --sandbox",
            "presence get --all --sandbox --module chat",
            "support search mobile:13000000001 --sandbox",
            "support show zhang-san --sandbox",
            "support show 13000000002 --sandbox",
            "agent show 8001 --sandbox",
            "checkin list --sandbox",
            "adherence --from 2026-12-01 --to 2026-12-04 --sandbox",
        ] {
            desk.must(&format!("{line} --format {format}"));
        }
    }
    desk.must("presence set zhang-san --module chat --state 在线 --sandbox --dry-run");
    desk.must("adherence --from 2026-12-01 --to 2026-12-04 --sandbox --format csv --html adherence.html");
    desk.file("adherence.html");
    desk.run("support restore 13000000001 --sandbox");
    desk.run("rotate-password agent/8001 --sandbox");
    desk.run("support show 13000000011 --sandbox");
    desk.run("support show 13000000011 --no-such-flag");
    desk.must("schema support");
    // What is wrong is shown with its line.
    desk.project.replace("manifests/people.yaml", "mobile: \"13000000001\"", "mobile: 13000000001");
    assert_eq!(desk.run("validate").code, Some(3));
    desk.project.replace("manifests/people.yaml", "mobile: 13000000001", "mobile: \"13000000011\"");
    desk.run("plan --sandbox --destroy --format json");
    desk.must("apply --sandbox --auto-approve --format json");
    desk.must("destroy --sandbox --auto-approve --allow last-admin --format json --report destroyed.json");
    desk.file("destroyed.json");

    // The sandbox is a platform of its own: what it serves is for whoever asks.
    let commands: BTreeSet<String> = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let missing: Vec<&String> = commands.difference(&desk.seen).filter(|name| *name != "sandbox").collect();
    assert!(missing.is_empty(), "not tried: {missing:?}");
}

/// What belongs to people as well, and looks like nothing of the kind.
const ODD: [&str; 9] = [
    "139.1234.5678",
    "(010) 6370-0000",
    "x@例子.com",
    "+1 (555) 123-4567",
    "5551234",
    "6370000",
    "１３９１２３４５６７８",
    "13912345670",
    "13912345674",
];

/// The small desk with an odd spelling in every field that takes something personal.
fn odd_desk() -> Project {
    let project = Project::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/desk"));
    let more = "  mobile: \"139.1234.5678\"\n  email: x@例子.com\n  landline: \"(010) 6370-0000\"\n";
    project.replace("manifests/people.yaml", "  mobile: \"13000000001\"\n", more);
    project.replace("manifests/people.yaml", "  name: 李四", "  name: 李四\n  mobile: \"+1 (555) 123-4567\"\n  landline: \"6370000\"");
    let people = project.read("manifests/people.yaml");
    project.write("manifests/people.yaml", &people.replace("\"13000000002\"", "a13912345674").replace("\"13000000001\"", "13912345670x"));
    let odd = "  name: 张三\n  boundPhone: \"5551234\"\n  callerId: \"１３９１２３４５６７８\"";
    project.replace("manifests/seats.yaml", "  name: 张三", odd);
    project
}

fn assert_nothing_odd(place: &str, text: &str) {
    for personal in ODD {
        assert!(!text.contains(personal), "{personal} in {place}:\n{text}");
    }
}

#[test]
fn what_stands_in_a_personal_field_is_masked_whatever_it_looks_like() {
    let project = odd_desk();
    let run = |line: &str, masks: bool| {
        let arguments: Vec<&str> = line.split(' ').chain(masks.then_some("--mask-personal")).collect();
        let said = process::run(process::command(binary(), &project, &arguments));
        assert_nothing_odd(&format!("stdout of {line}"), &said.stdout);
        assert_nothing_odd(&format!("stderr of {line}"), &said.stderr);
        said
    };
    // Before anything is there, and in what is sent around without being asked.
    let text = run("plan --sandbox", true).stdout;
    assert!(text.contains("***.****.5678") && text.contains("***@例子.com") && text.contains("a*******5674"), "{text}");
    for format in ["json", "markdown", "html"] {
        run(&format!("plan --sandbox --format {format}"), true);
    }
    assert_eq!(process::run(process::command(binary(), &project, &["plan", "--sandbox", "--out", "whole.json"])).code, Some(0));
    for line in ["plan --sandbox --format", "show whole.json --format"] {
        for format in ["markdown", "html"] {
            assert!(run(&format!("{line} {format}"), false).stdout.contains("***@例子.com"), "{line} {format}");
        }
    }
    run("graph whole.json", true);
    assert_eq!(run("apply whole.json --sandbox --auto-approve --report report.json", true).code, Some(0));
    assert_nothing_odd("the report", &project.read("report.json"));
    let people = project.read("manifests/people.yaml");
    // What only the platform and the ledger know by now.
    project.write("manifests/people.yaml", &people.replace("139.1234.5678", "139.8765.4321").replace("6370000\"", "6370001\""));
    for line in [
        "plan --sandbox --verbose",
        "plan --sandbox --format json",
        "drift --sandbox",
        "ledger list --sandbox",
        "ledger show support/zhang-san --sandbox",
        "support search name:张三 --sandbox",
        "support show zhang-san --sandbox",
        "support show a13912345674 --sandbox",
        "agent show 8001 --sandbox --format json",
        "presence get --all --sandbox --module chat",
        "checkin list --all --sandbox",
        "adherence --from 2026-12-01 --to 2026-12-04 --sandbox --format csv --html adherence.html",
    ] {
        assert_eq!(run(line, true).code, Some(0), "{line}");
    }
    assert_nothing_odd("the page", &project.read("adherence.html"));
    for line in
        ["support search mobile:5559876 --sandbox", "support show c13912345674 --sandbox", "support show c13912345674 --no-such-flag"]
    {
        let said = run(line, true);
        assert!(!said.stdout.contains("5559876") && !said.stderr.contains("13912345674"), "{line}: {said:?}");
    }
    // A finding shows the line, and of a manifest that is not valid nothing else is known.
    project.write("manifests/people.yaml", &people.replace("  mobile:", "  nobile:").replace("  email:", "  imail: 1\n  email:"));
    let said = run("validate", true);
    assert_eq!(said.code, Some(3), "{said:?}");
}

#[test]
fn without_the_flag_a_plan_shows_what_it_changes() {
    let project = desk();
    let said = process::run(process::command(binary(), &project, &["plan", "--sandbox"]));
    assert!(said.stdout.contains("13000000001") && said.stdout.contains("zhang@example.com"), "{said:?}");
}
