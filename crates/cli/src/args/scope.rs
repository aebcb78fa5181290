//! Flags that narrow a plan to some of what is declared and owned, or say which revision it is made from.

use clap::Args;
use deskform_model::{Address, Kind, Text};
use deskform_planner::Narrowing;
use deskform_planner::scope::Selector;

/// Where help lists these flags.
const NARROWING: &str = "Narrowing";

/// What is looked at.
#[derive(Clone, Debug, Default, Args)]
pub struct ScopeArgs {
    /// Only this and what it needs: an address, a pattern (shift/zhang-san/*), a kind, or a label of people (team=tier1) (repeatable)
    #[arg(long, value_name = "WHAT", help_heading = NARROWING)]
    pub target: Vec<Selector>,
    /// Everything but this and what needs it; stronger than --target (repeatable)
    #[arg(long, value_name = "WHAT", help_heading = NARROWING)]
    pub exclude: Vec<Selector>,
}

/// What is done.
#[derive(Clone, Debug, Default, Args)]
pub struct NarrowArgs {
    /// What is looked at.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Delete and create anew: a seat, or a person whose account changed (repeatable)
    #[arg(long, value_name = "ADDRESS", help_heading = NARROWING, value_parser = replaceable, conflicts_with = "no_delete")]
    pub replace: Vec<Address>,
    /// Delete nothing and replace nothing; the plan lists what is left out
    #[arg(long, help_heading = NARROWING)]
    pub no_delete: bool,
}

/// Which revision the manifests are at.
#[derive(Clone, Debug, Default, Args)]
pub struct RevisionArgs {
    /// The Git revision of the manifests, where neither .git nor the CI's variables tell it
    #[arg(long, value_name = "REV", value_parser = revision)]
    pub revision: Option<Text>,
}

impl ScopeArgs {
    /// What it narrows a plan to.
    pub fn narrowing(&self) -> Narrowing {
        Narrowing { targets: self.target.clone(), excludes: self.exclude.clone(), ..Narrowing::default() }
    }
}

impl NarrowArgs {
    /// What it narrows a plan to.
    pub fn narrowing(&self) -> Narrowing {
        Narrowing { no_delete: self.no_delete, replace: self.replace.iter().cloned().collect(), ..self.scope.narrowing() }
    }
}

fn replaceable(text: &str) -> Result<Address, String> {
    let address = Address::parse(text).ok_or_else(|| "write an address like agent/8001 or support/zhang-san".to_owned())?;
    match address.kind {
        Kind::Support | Kind::Agent => Ok(address),
        Kind::Permission => Err("a permission is switched on and off, there is nothing to replace".to_owned()),
        Kind::Shift => Err("every field of a shift can be edited, there is nothing to replace".to_owned()),
    }
}

/// A name that Git could know: it is handed to the `git` program.
fn revision(text: &str) -> Result<Text, &'static str> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._/-@^~+".contains(letter);
    let is_name = !text.is_empty() && text.len() <= 200 && !text.starts_with('-') && text.chars().all(plain);
    if is_name { Ok(text.into()) } else { Err("write a commit, a tag or a branch") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_made_anew_can_be_replaced() {
        assert_eq!(replaceable("agent/8001").map(|address| address.kind), Ok(Kind::Agent));
        for text in ["agent", "shift/a/2026-12-01T09:00", "permission/a/callCenter", "seat/8001"] {
            assert!(replaceable(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_revision_is_never_an_option_of_git() {
        for text in ["0123abc", "v1.2", "origin/main", "HEAD~1"] {
            assert!(revision(text).is_ok(), "{text}");
        }
        for text in ["", "--upload-pack=x", "a b", "a\nb", "a:b", "a..b\u{1b}"] {
            assert!(revision(text).is_err(), "{text}");
        }
    }
}
