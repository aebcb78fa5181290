//! Views: each takes a value and a writer, and computes nothing that another view would have to compute as well.

pub mod apply_human;
pub mod apply_json;
pub mod brake_human;
pub mod credentials_human;
pub mod diagnostic_human;
pub mod diagnostic_json;
pub mod drift_human;
pub mod drift_json;
pub mod field_human;
pub mod layout;
pub mod ledger_human;
pub mod ledger_json;
pub mod live;
pub mod moved_human;
pub mod plan_human;
pub mod plan_outline;
pub mod plan_view;
pub mod plural;
pub mod problem_human;
pub mod read_progress;
pub mod rotation;
pub mod scope_human;
pub mod shift_human;
pub mod talk;
pub mod validate_human;
pub mod words;
