//! Whose a sign-in is. Replies show name and staff number and nothing else of a person (api-spec.md 3.1), and staff numbers need not be unique
//! (H17), nor stay whose they were: a new colleague may have that of one who has left.

use std::collections::HashMap;

use deskform_model::Text;

use super::Member;

/// Finds people by what a sign-in shows of them.
#[derive(Debug)]
pub struct Owners<'a> {
    people: &'a [Member],
    by_number: HashMap<&'a str, Vec<usize>>,
    by_name: HashMap<&'a str, Vec<usize>>,
}

/// A sign-in that cannot be given to anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ownerless {
    /// Why not.
    pub why: NoOwner,
    /// The positions of those whose it may be: by its number as far as its name is theirs or nobody's of them, and by its name.
    pub maybe: Vec<usize>,
}

/// Why a sign-in cannot be given to anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoOwner {
    /// Nobody has the staff number.
    Unknown,
    /// Several people have it, and the name does not tell which of them it is.
    Ambiguous,
    /// Somebody of another name has it.
    OtherName,
}

impl<'a> Owners<'a> {
    /// Indexes people; those without a staff number own nothing.
    pub fn new(people: &'a [Member]) -> Self {
        let mut by_number: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, person) in people.iter().enumerate() {
            for (index, text) in [(&mut by_number, &person.staff_number), (&mut by_name, &person.name)] {
                if !text.is_empty() {
                    index.entry(text).or_default().push(at);
                }
            }
        }
        Self { people, by_number, by_name }
    }

    /// The position of the person whose sign-in it is: who has the number and, where both show one, the name.
    ///
    /// # Errors
    /// When it is nobody's, or may be of several people.
    pub fn find(&self, staff_number: &Text, name: &str) -> Result<usize, Ownerless> {
        let having = self.by_number.get(staff_number.as_str()).map(Vec::as_slice).unwrap_or_default();
        let called: Vec<usize> = having.iter().copied().filter(|at| name.is_empty() || self.people[*at].name == name).collect();
        let why = match (having, &called[..]) {
            ([], _) => NoOwner::Unknown,
            (_, [one]) => return Ok(*one),
            // Somebody without a name may be called anything.
            ([one], []) if self.people[*one].name.is_empty() => return Ok(*one),
            ([_], _) => NoOwner::OtherName,
            _ => NoOwner::Ambiguous,
        };
        let numbered = if called.is_empty() { having } else { &called };
        let named = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        Err(Ownerless { why, maybe: numbered.iter().chain(named).copied().collect() })
    }
}
