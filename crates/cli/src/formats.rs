//! Which command writes which format: the one table, looked at before a command begins.

use crate::args::{Command, Format, Global};
use crate::command::checkin::CheckinCommand;
use crate::error::Trouble;

/// Findings about manifests.
const FINDINGS: &[Format] = &[Format::Text, Format::Json, Format::Github, Format::Sarif, Format::Codequality];

/// Plans.
const PLANS: &[Format] = &[Format::Text, Format::Json, Format::Markdown, Format::Html, Format::Github, Format::Gitlab];

/// Tables.
const TABLES: &[Format] = &[Format::Text, Format::Json, Format::Csv];

/// Graphs; `text` is DOT.
const GRAPHS: &[Format] = &[Format::Text, Format::Dot, Format::Mermaid, Format::Svg];

/// Everything else.
const DATA: &[Format] = &[Format::Text, Format::Json];

/// A command's name, what it writes, and what was asked for besides `--format`.
fn row(command: &Command) -> (&'static str, &'static [Format], Vec<Format>) {
    let asked = |output: &crate::args::OutputArgs| output.output.iter().map(crate::output::OutputSpec::format).collect();
    match command {
        Command::Validate(args) => ("validate", FINDINGS, asked(&args.output)),
        Command::Plan(args) => ("plan", PLANS, asked(&args.output)),
        Command::Show(args) => ("show", PLANS, asked(&args.output)),
        Command::Graph(args) => ("graph", GRAPHS, asked(&args.output)),
        Command::Adherence(_) => ("adherence", TABLES, Vec::new()),
        Command::Checkin(CheckinCommand::List(_)) => ("checkin list", TABLES, Vec::new()),
        Command::Checkin(_) => ("checkin", DATA, Vec::new()),
        Command::Presence(_) => ("presence", DATA, Vec::new()),
        Command::Support(_) => ("support", DATA, Vec::new()),
        Command::Agent(_) => ("agent", DATA, Vec::new()),
        Command::Drift(_) => ("drift", DATA, Vec::new()),
        Command::Apply(_) => ("apply", DATA, Vec::new()),
        Command::Destroy(_) => ("destroy", DATA, Vec::new()),
        Command::Ledger(_) => ("ledger", DATA, Vec::new()),
        Command::RotatePassword(_) => ("rotate-password", DATA, Vec::new()),
        Command::Schema(_) => ("schema", DATA, Vec::new()),
        Command::Sandbox(_) => ("sandbox", DATA, Vec::new()),
    }
}

/// Whether a command writes something in which personal data is masked unless it is told otherwise.
pub fn are_masked(global: &Global, command: &Command) -> bool {
    let (_, _, asked) = row(command);
    asked.into_iter().chain([global.format]).any(|format| matches!(format, Format::Markdown | Format::Html))
}

/// Whether a command can write everything that it is asked for.
///
/// # Errors
/// When it cannot write a format; the error lists those that it can.
pub fn check(global: &Global, command: &Command) -> Result<(), Trouble> {
    let (command, known, asked) = row(command);
    match asked.into_iter().chain([global.format]).find(|format| !known.contains(format)) {
        None => Ok(()),
        Some(format) => {
            let known = known.iter().map(|format| format.word()).collect::<Vec<_>>().join(", ");
            Err(Trouble::Format { command, format: format.word(), known })
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Cli;
    use crate::exit::Exit;

    fn checked(line: &str) -> Result<(), Trouble> {
        let cli = Cli::try_parse_from(line.split_whitespace()).expect("valid");
        check(&cli.global, &cli.command)
    }

    #[test]
    fn a_format_that_a_command_does_not_write_is_a_usage_error_that_lists_those_that_it_does() {
        for (line, known) in [
            ("deskform apply --format github", "text, json"),
            ("deskform apply --format html", "text, json"),
            ("deskform validate --format markdown", "sarif"),
            ("deskform ledger list --format sarif", "text, json"),
            ("deskform checkin create --format csv", "text, json"),
            ("deskform validate --format gitlab", "text, json, github, sarif, codequality"),
            ("deskform plan --output text=-,sarif=findings.sarif", "gitlab"),
            ("deskform show plan.json --format codequality", "gitlab"),
        ] {
            let trouble = checked(line).expect_err(line);
            assert_eq!(trouble.kind().exit(), Exit::Usage, "{line}");
            assert!(trouble.help().is_some_and(|help| help.contains(known)), "{line}");
        }
    }

    #[test]
    fn validate_and_plan_write_what_ci_reads() {
        for line in [
            "deskform validate --output text=-,sarif=a,codequality=b,github=c,json=d",
            "deskform plan --output text=-,gitlab=a,github=b,json=c",
            "deskform plan --format gitlab",
            "deskform plan --output text=-,markdown=a,html=b --no-mask",
            "deskform show plan.json --format markdown",
            "deskform show plan.json --format github",
            "deskform adherence --from 2026-12-01 --to 2026-12-07 --format csv",
            "deskform checkin list --format csv",
        ] {
            assert!(checked(line).is_ok(), "{line}");
        }
    }
}
