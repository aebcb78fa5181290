//! Counted nouns. The one place that knows how English makes a plural.

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// People on the helpdesk.
    Person,
    /// Seats of the call centre.
    Seat,
    /// Shifts.
    Shift,
    /// Shifts that begin later than now.
    FutureShift,
    /// Permissions.
    Permission,
    /// Anything that is managed.
    Resource,
    /// Steps of an apply.
    Step,
    /// YAML documents.
    Document,
    /// Files.
    File,
    /// Errors in manifests.
    Error,
    /// Warnings about manifests.
    Warning,
    /// Brakes.
    Brake,
    /// Secrets.
    Secret,
    /// Environment variables.
    Variable,
    /// Changes of a plan.
    Change,
    /// Objects of a platform.
    Object,
    /// People that something is encrypted for.
    Recipient,
    /// Annotations that are worth knowing.
    Notice,
}

/// `1 person`, `2 people`.
pub fn count(number: usize, noun: Noun) -> String {
    format!("{number} {}", word(number, noun))
}

/// `person` or `people`.
pub fn word(number: usize, noun: Noun) -> &'static str {
    let (one, many) = match noun {
        Noun::Person => ("person", "people"),
        Noun::Seat => ("seat", "seats"),
        Noun::Shift => ("shift", "shifts"),
        Noun::FutureShift => ("future shift", "future shifts"),
        Noun::Permission => ("permission", "permissions"),
        Noun::Resource => ("resource", "resources"),
        Noun::Step => ("step", "steps"),
        Noun::Document => ("document", "documents"),
        Noun::File => ("file", "files"),
        Noun::Error => ("error", "errors"),
        Noun::Warning => ("warning", "warnings"),
        Noun::Brake => ("brake", "brakes"),
        Noun::Secret => ("secret", "secrets"),
        Noun::Recipient => ("recipient", "recipients"),
        Noun::Variable => ("variable", "variables"),
        Noun::Change => ("change", "changes"),
        Noun::Object => ("object", "objects"),
        Noun::Notice => ("notice", "notices"),
    };
    if number == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_everything_else_plural() {
        assert_eq!(count(1, Noun::Person), "1 person");
        assert_eq!(count(0, Noun::Person), "0 people");
        assert_eq!(count(2, Noun::FutureShift), "2 future shifts");
    }
}
