//! A person in a document.

use schemars::JsonSchema;
use serde::Serialize;

use crate::people::Someone;

/// Somebody on the helpdesk.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Person {
    /// The platform's id, sId.
    pub id: String,
    /// The account, sPassportName.
    pub account: String,
    /// The name that colleagues see.
    pub name: String,
    /// The staff number, sNum.
    pub staff_number: String,
    /// The name of the Support manifest that declares the person, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
}

impl From<&Someone> for Person {
    fn from(someone: &Someone) -> Self {
        let Someone { id, account, name, staff_number, manifest } = someone;
        Self {
            id: id.to_string(),
            account: account.to_string(),
            name: name.to_string(),
            staff_number: staff_number.to_string(),
            manifest: manifest.as_ref().map(ToString::to_string),
        }
    }
}

impl Person {
    /// What people call them: the manifest's name, the account, or the id.
    pub fn label(&self) -> String {
        match &self.manifest {
            Some(name) => name.clone(),
            None if self.account.is_empty() => format!("id:{}", self.id),
            None => self.account.clone(),
        }
    }
}
