//! The server's idea of the current time.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, offset};

/// What the server takes for the current time: the platforms speak in wall-clock time without a zone (api-spec.md X3).
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock, shown in this zone.
    System {
        /// The zone of every time in requests and replies.
        zone: TimeZone,
    },
    /// A time that stands still, for tests and rehearsals. Timestamps treat it as UTC+8.
    Fixed(DateTime),
}

impl Default for Clock {
    /// The machine's clock in Asia/Shanghai.
    fn default() -> Self {
        Self::System { zone: TimeZone::get("Asia/Shanghai").unwrap_or_else(|_| vendors_offset()) }
    }
}

impl Clock {
    /// The wall-clock time, to the second.
    pub(crate) fn now(&self) -> DateTime {
        let now = match self {
            Self::System { zone } => zone.to_datetime(Timestamp::now()),
            Self::Fixed(fixed) => *fixed,
        };
        now.with().subsec_nanosecond(0).build().unwrap_or(now)
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub(crate) fn epoch_milliseconds(&self) -> i64 {
        match self {
            Self::System { .. } => Timestamp::now().as_millisecond(),
            Self::Fixed(fixed) => vendors_offset().to_timestamp(*fixed).map_or(0, |timestamp| timestamp.as_millisecond()),
        }
    }
}

/// UTC+8, where both vendors are.
fn vendors_offset() -> TimeZone {
    TimeZone::fixed(offset(8))
}

/// Renders a time as both platforms write it: `2018-02-03 00:00:00`.
pub(crate) fn written(time: DateTime) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}
