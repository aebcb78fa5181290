//! What the platforms said, in the words of the model.

use deskform_model::time::Date;
use deskform_model::{NaturalKey, RemoteId, Text, Values};

/// A complete reading of everything that [`crate::Needs`] asked for. A reading that could not be proved complete never becomes one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Supports in service.
    pub supports: Vec<LiveObject>,
    /// Supports in the recycle bin, as far as they were asked for by id: no call lists the bin (api-spec.md H19).
    pub recycled: Vec<LiveObject>,
    /// Seats.
    pub agents: Vec<LiveObject>,
    /// Duties of the days that were asked for.
    pub duties: Vec<Duty>,
    /// The helpdesk account that deskform calls with.
    pub caller: Option<Text>,
}

/// A support or a seat as its platform shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveObject {
    /// `sId` or `operatorId`.
    pub remote: RemoteId,
    /// Account or operator id.
    pub key: NaturalKey,
    /// The fields that the platform shows; what it does not show is not there.
    pub values: Values,
}

/// One duty. An overnight shift may be two of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// `dutyId`, opaque (api-spec.md H33).
    pub remote: RemoteId,
    /// Whose: `sid`.
    pub person: RemoteId,
    /// The day.
    pub date: Date,
    /// `start`, `end`, `name`, `remark`, and `url` only where a reply shows it.
    pub values: Values,
}
