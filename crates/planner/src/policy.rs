//! The settings that decide what a plan does with differences.

use std::collections::BTreeMap;

use deskform_model::{FieldKey, Kind};

/// What to do with what the ledger owns and nothing declares (design.md section 3, "Absence").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// Leave it, and say so in every plan.
    Keep,
    /// Delete it; a permission is switched off.
    Delete,
}

/// What to do with a value that changed on the platform and not in the manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drift {
    /// Plan it back.
    Revert,
    /// Show it and leave it.
    Keep,
}

/// How a shift over midnight is sent (api-spec.md H38).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overnight {
    /// As two duties, until 23:59 and from 00:00 the next day.
    #[default]
    Split,
    /// As one duty whose end is before its start.
    Single,
}

/// All settings of a plan.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Per kind; [`Policy::default`] has the documented defaults.
    pub absence: BTreeMap<Kind, Absence>,
    /// Drift of kinds and fields that are not listed below.
    pub drift: Drift,
    /// Drift of kinds.
    pub drift_of_kind: BTreeMap<Kind, Drift>,
    /// Drift of single fields.
    pub drift_of_field: BTreeMap<(Kind, FieldKey), Drift>,
    /// Whether objects that exist already may be taken over.
    pub adopt: bool,
    /// How shifts over midnight are sent.
    pub overnight: Overnight,
    /// Delete everything that the ledger owns (`destroy`).
    pub destroy: bool,
}

impl Default for Policy {
    fn default() -> Self {
        let absence = [
            (Kind::Support, Absence::Keep),
            (Kind::Agent, Absence::Keep),
            (Kind::Permission, Absence::Delete),
            (Kind::Shift, Absence::Delete),
        ];
        Self {
            absence: absence.into(),
            drift: Drift::Revert,
            drift_of_kind: BTreeMap::new(),
            drift_of_field: BTreeMap::new(),
            adopt: true,
            overnight: Overnight::Split,
            destroy: false,
        }
    }
}

impl Policy {
    /// What happens to undeclared objects of a kind.
    pub fn absence(&self, kind: Kind) -> Absence {
        if self.destroy { Absence::Delete } else { self.absence.get(&kind).copied().unwrap_or(Absence::Keep) }
    }

    /// What happens to drift of a field: its own setting, its kind's, the default.
    pub fn drift(&self, kind: Kind, key: &FieldKey) -> Drift {
        self.drift_of_field.get(&(kind, key.clone())).or_else(|| self.drift_of_kind.get(&kind)).copied().unwrap_or(self.drift)
    }
}
