//! Roll-ups: the legs of one queue and one local day, counted once, so that reports over years add up small rows.
//!
//! Whatever is counted is counted from the legs alone. How soon is soon enough is not: targets are judged against the
//! spread of waits when a report is made.
//! Invariant: the same legs and the same zone give the same rows, whenever they are counted.

mod counting;
mod figures;
mod overtaking;

use domain::{LocalDay, QueueId, ServiceId, SiteId, Timestamp};
use uuid::Uuid;

pub use counting::count_day;
pub(crate) use figures::{COUNTS, MEASURES};
pub use figures::{Count, Figures, Measure, Spread};

/// What the legs of a day are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// By priority class: the whole of the day, with every spread.
    Class,
    /// By who called; the nil id where nobody did.
    Agent,
    /// By where the ticket was taken.
    Channel,
    /// By half-hour of arrival on the clock of the site: `00` to `47`.
    Slot,
}

impl Part {
    pub const ALL: [Self; 4] = [Self::Class, Self::Agent, Self::Channel, Self::Slot];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Agent => "agent",
            Self::Channel => "channel",
            Self::Slot => "slot",
        }
    }

    /// Whether the spread of a measure is kept, and not only its sum.
    pub(crate) const fn keeps(self, measure: Measure) -> bool {
        match self {
            Self::Class => true,
            Self::Agent => matches!(measure, Measure::Wait | Measure::Walk | Measure::Service),
            Self::Channel | Self::Slot => matches!(measure, Measure::Wait),
        }
    }
}

/// One part of one queue's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollUpRow {
    pub part: Part,
    pub day: LocalDay,
    pub queue: QueueId,
    /// Which class, agent, channel or half-hour.
    pub item: String,
    pub site: SiteId,
    pub service: ServiceId,
    pub figures: Figures,
}

/// The rows of one queue's day, counted anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCount {
    pub day: LocalDay,
    pub rows: Vec<RollUpRow>,
}

/// An hour of a queue whose legs changed since they were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueRow {
    pub queue: QueueId,
    /// The first instant of the hour, in UTC.
    pub hour_at: Timestamp,
    /// New with each change.
    pub token: Uuid,
}

/// Which marks go with rows that are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// These, if none of them was set anew meanwhile.
    Seen(Vec<DueRow>),
    /// All of the queue, and all rows of it that there are: nobody else writes.
    All,
}
