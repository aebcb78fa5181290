//! How far reading has come, in words for a spinner.

use deskform_applier::ReadProgress;

/// `120 of 303 people read`.
pub fn words(progress: ReadProgress) -> String {
    let of = |read: usize, total: Option<usize>| total.map_or_else(|| read.to_string(), |total| format!("{read} of {total}"));
    match progress {
        ReadProgress::Supports { read, total } => format!("reading people: {}", of(read, total)),
        ReadProgress::SupportDetails { read, total } => format!("reading people one by one: {read} of {total}"),
        ReadProgress::Duties { read, days, total_days } => format!("reading shifts: {read}, day {days} of {total_days}"),
        ReadProgress::Agents { read, total } => format!("reading seats: {}", of(read, total)),
    }
}
