//! What each code of a finding means in general, for reports that list rules: what is looked for, and what to do when it is found.
//!
//! Limits: a finding's own message and help name the values; these do not.

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What the rule looks for, one sentence.
    pub description: &'static str,
    /// What to do, one sentence.
    pub help: &'static str,
}

/// The rule behind a code; codes of newer findings have none of their own words.
pub fn rule(code: &str) -> Rule {
    let found = RULES.iter().find(|(known, ..)| *known == code);
    found.map_or(
        Rule { description: "Something in a manifest is not as it should be.", help: "See the finding's own message." },
        |&(_, description, help)| Rule { description, help },
    )
}

const WRITE_ONCE: &str = "Remove or correct one of the two.";
const SEE_SCHEMA: &str = "Look the key up in the kind's JSON Schema (`deskform schema KIND`).";

/// Code, description, help.
const RULES: &[(&str, &str, &str)] = &[
    // Texts, keys and values.
    ("yaml-syntax", "A manifest is YAML 1.2.", "Correct the syntax at the marked place."),
    ("file-too-large", "A manifest is small enough to be read.", "Split the file."),
    ("too-many-values", "A manifest holds few enough values to be read.", "Split the file."),
    ("not-utf8", "A manifest is UTF-8 text.", "Save it as UTF-8."),
    ("unreadable-file", "Every file and link that the patterns find can be read.", "Correct its permissions, or what the link leads to."),
    ("link-outside-project", "Links stay below the project folder.", "Move what it leads to into the project folder, or remove it."),
    ("bad-pattern", "The patterns of `manifests` can find files below the project folder.", "Correct the pattern."),
    ("too-deep", "Values are nested a few levels only.", "Write the value flat."),
    ("too-many-aliases", "Aliases do not multiply without bound.", "Write the values out, or use fewer aliases."),
    ("duplicate-key", "A key stands once in a mapping.", WRITE_ONCE),
    ("yaml-tag", "Values carry no YAML tags.", "Write the value without a tag; quotes make a text."),
    ("key-not-text", "Keys are texts.", "Quote the key."),
    ("merge-not-mapping", "`<<` merges mappings.", "Give it a mapping or a list of mappings."),
    ("not-a-document", "A document is a mapping with apiVersion, kind, metadata and spec.", "Write these four keys."),
    ("missing-kind", "A document says its kind.", "Add a line like `kind: Support`."),
    ("unknown-kind", "A document's kind exists.", "Use Project, Support, Permission, Schedule, Agent or Release."),
    ("reserved-kind", "Kinds of later versions are not used yet.", "Use a kind that this version knows."),
    ("missing-field", "Required fields are given.", "Add the field."),
    ("unknown-key", "Keys are known where they stand.", SEE_SCHEMA),
    ("wrong-type", "Values have the type of their field.", SEE_SCHEMA),
    ("null-not-allowed", "null clears only what can be empty.", "Write a value or leave the key out."),
    ("bad-value", "Values are among those that their field allows.", SEE_SCHEMA),
    ("bad-form", "Values have the form that their field wants.", SEE_SCHEMA),
    ("too-long", "Texts fit into their fields.", "Shorten the text."),
    ("empty", "What is given holds something.", "Write a value or leave the key out."),
    ("out-of-range", "Numbers lie in the range of their field.", SEE_SCHEMA),
    ("repeated", "Lists hold nothing twice.", "Remove the second one."),
    ("bad-seat-range", "Ranges of seats count up between numbers of one width.", "Write it as \"8031..8040\", or split it."),
    ("ambiguous-seat", "No two ranges of a set say different things about one seat.", "Give the seat an entry of its own."),
    ("exactly-one", "Of alternatives, exactly one is given.", "Keep one of them."),
    (
        "literal-secret",
        "No secret stands in the repository.",
        "Refer to an environment variable or a file, and change the secret: it has been seen.",
    ),
    ("bad-setting", "Settings of the project make sense.", SEE_SCHEMA),
    ("requires", "The project is read by a version of deskform that it allows.", "Install a version that `requires` names."),
    ("unknown-environment", "The chosen environment is in the project file.", "Choose one that spec.environments holds."),
    ("shared-ledger", "Each environment has a ledger of its own.", "Add `ledger` to the environment."),
    // Documents together.
    ("misplaced-project", "The project file is not among the manifests.", "Move the document out of the folders that are read."),
    ("too-many-objects", "Manifests expand to a number of objects that can be managed.", "Shorten the schedules."),
    ("duplicate-name", "A name stands once for each kind.", "Rename one of the two documents."),
    ("duplicate-account", "An account belongs to one Support.", WRITE_ONCE),
    ("duplicate-operator-id", "A seat number belongs to one Agent.", WRITE_ONCE),
    ("duplicate-permission", "One manifest alone decides on a module of a person.", WRITE_ONCE),
    ("duplicate-shift", "A person begins one shift at a time.", WRITE_ONCE),
    ("duplicate-staff-number", "A staff number belongs to one Support.", "Look whether one of the two is a mistake."),
    ("unknown-support", "References name Supports that exist.", "Correct the name, or declare the Support."),
    ("reference-to-removed", "References do not name people who are taken away.", "Remove the reference."),
    ("labels-match-nobody", "Labels of a reference match somebody.", "Correct the label, or give it to somebody."),
    ("label-used-once", "A label that references choose by is not a typing mistake.", "Compare it with the labels of the others."),
    ("protect-and-absent", "What is protected is not taken away.", "Remove `protect` or `ensure`."),
    ("cannot-be-empty", "Fields that the platform cannot empty are not emptied.", "Write a value or leave the key out."),
    (
        "secret-not-allowed",
        "Manifests name only variables that the project allows.",
        "Add the variable to spec.secrets.allowEnv, or name another.",
    ),
    ("secret-is-a-credential", "Manifests do not read the platforms' credentials.", "Name a variable of its own."),
    ("secret-in-hidden-folder", "Files of secrets lie in no hidden folder.", "Move the file, or use a variable."),
    ("secret-outside-project", "Files of secrets lie inside the project folder.", "Move the file, or use a variable."),
    ("no-such-date", "Dates are in the calendar.", "Correct the date."),
    ("dates-reversed", "Ranges of dates begin before they end.", "Exchange the dates."),
    ("range-too-long", "Ranges of dates are at most a year long.", "Split the range."),
    ("no-day-left", "A range of dates has days left.", "Look at `weekdays` and `except`."),
    ("roster-without-dates", "A schedule with a roster has `from` and `to`.", "Add both dates."),
    ("roster-too-short", "A roster line has a sign for each day.", "Add signs; `.` is a day that is not ours."),
    ("roster-too-long", "A roster line has no signs left over.", "Remove signs, or move `to`."),
    ("unknown-sign", "Signs of a roster are among the shift types.", "Add the sign to `shiftTypes`, or correct it."),
    ("shift-type-without-times", "Shift types of work have start and end.", "Add both times."),
    ("day-off-with-times", "Rest and leave have no times.", "Remove what only work has."),
    ("shift-without-date", "A single shift has a date.", "Add `date` or `dates`."),
    ("date-and-dates", "A single shift has either `date` or `dates`.", "Keep one of them."),
    ("shift-without-times", "A single shift has times or a type.", "Add `start` and `end`, or `type`."),
    ("type-and-times", "A single shift has times or a type, not both.", "Keep one of them."),
    ("shift-is-empty", "A shift ends at another time than it starts.", "Correct its end."),
    ("overlapping-shifts", "A person's shifts do not overlap, over midnight either.", "Move or shorten one of the two."),
    ("short-rest", "There is rest between two shifts of a person.", "Look whether the rest is long enough."),
    ("shift-on-leave", "Nobody works on a day of leave.", "Remove the shift or the leave."),
    ("brake-has-no-kinds", "A Release names kinds only for brakes that have them.", "Remove the kind."),
    ("expired-release", "A Release is removed when its last day is over.", "Remove the document."),
    ("seat-without-role", "A seat has a role; without one the platform picks one at random.", "Set spec.role."),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes in the one place that gives them out.
    fn codes(source: &str) -> Vec<&str> {
        let body = source.split("fn code(&self)").nth(1).and_then(|rest| rest.split("\n    }").next()).expect("a function");
        body.split('"').skip(1).step_by(2).collect()
    }

    #[test]
    fn every_code_has_a_rule_and_every_rule_a_code() {
        let shape = codes(include_str!("../../../model/src/diagnostic/shape.rs"));
        let meaning = codes(include_str!("../../../model/src/diagnostic/meaning.rs"));
        let mut codes: Vec<&str> = shape.into_iter().chain(meaning).collect();
        let mut rules: Vec<&str> = RULES.iter().map(|(code, ..)| *code).collect();
        codes.sort_unstable();
        rules.sort_unstable();
        assert!(codes.len() > 50);
        assert_eq!(codes, rules);
    }
}
