//! Whose a sign-in is. Replies show name and staff number and nothing else of a person (api-spec.md 3.1), and staff numbers need not be unique
//! (H17).

use std::collections::HashMap;

use deskform_model::Text;

use super::Member;

/// Finds people by what a sign-in shows of them.
#[derive(Debug)]
pub struct Owners<'a> {
    people: &'a [Member],
    by_number: HashMap<&'a Text, Vec<usize>>,
}

/// Why a sign-in cannot be given to anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoOwner {
    /// Nobody has the staff number.
    Unknown,
    /// Several people have it, and the name does not tell which of them it is.
    Ambiguous,
}

impl<'a> Owners<'a> {
    /// Indexes people; those without a staff number own nothing.
    pub fn new(people: &'a [Member]) -> Self {
        let mut by_number: HashMap<&Text, Vec<usize>> = HashMap::new();
        for (at, person) in people.iter().enumerate().filter(|(_, person)| !person.staff_number.is_empty()) {
            by_number.entry(&person.staff_number).or_default().push(at);
        }
        Self { people, by_number }
    }

    /// The position of the person whose sign-in it is.
    ///
    /// # Errors
    /// When it is nobody's, or may be of several people.
    pub fn find(&self, staff_number: &Text, name: &str) -> Result<usize, NoOwner> {
        let having = self.by_number.get(staff_number).map(Vec::as_slice).unwrap_or_default();
        match having {
            [] => Err(NoOwner::Unknown),
            [one] => Ok(*one),
            several => {
                let mut called = several.iter().filter(|at| self.people[**at].name == name);
                match (called.next(), called.next()) {
                    (Some(one), None) => Ok(*one),
                    _ => Err(NoOwner::Ambiguous),
                }
            }
        }
    }
}
