//! What is counted of legs: how they ended, and how long what took.
//!
//! The names are those of the columns, so that a row is put and read by one list.
//! Invariant: figures of parts added up are the figures of the whole.

use domain::Secs;

use crate::durations::Cells;

/// A number of legs, or of overtakings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Legs,
    Served,
    Transferred,
    NoShow,
    WalkedOut,
    Cancelled,
    Removed,
    Expired,
    /// Called at least once.
    Called,
    /// Walked out or cancelled before any call.
    LeftUncalled,
    /// Called out of turn by an agent.
    OutOfOrder,
    /// People who saw at least one younger ticket called before them.
    Overtaken,
    /// How many younger tickets were called before older ones, in all.
    Overtakes,
    /// The most that one person saw.
    OvertakesMax,
}

/// Column names, in the order of [`Count`].
pub(crate) const COUNTS: [&str; 14] = [
    "legs",
    "served",
    "transferred",
    "no_show",
    "walked_out",
    "cancelled",
    "removed",
    "expired",
    "called",
    "left_uncalled",
    "out_of_order",
    "overtaken",
    "overtakes",
    "overtakes_max",
];

/// A duration that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Arrival to first call.
    Wait,
    /// Arrival to last call.
    LastWait,
    /// Last call to start.
    Walk,
    /// Start to end, less the time parked.
    Service,
    /// Parked, of those who were.
    Hold,
    /// Issue to end, of legs with which the visit ended.
    Stay,
    /// Arrival to end, of those who left uncalled.
    Leave,
}

/// The beginnings of column names, in the order of [`Measure`].
pub(crate) const MEASURES: [&str; 7] =
    ["wait", "last_wait", "walk", "service", "hold", "stay", "leave"];

/// How long something took.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spread {
    pub count: u64,
    pub sum: u64,
    pub min: Option<Secs>,
    pub max: Option<Secs>,
    /// Empty where a part does not keep it.
    pub cells: Cells,
}

/// Everything counted of some legs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    pub counts: [u64; COUNTS.len()],
    pub spreads: [Spread; MEASURES.len()],
}

impl Figures {
    pub const fn count(&self, count: Count) -> u64 {
        self.counts[count as usize]
    }

    pub(crate) const fn count_mut(&mut self, count: Count) -> &mut u64 {
        &mut self.counts[count as usize]
    }

    pub const fn spread(&self, measure: Measure) -> &Spread {
        &self.spreads[measure as usize]
    }
}

impl Spread {
    pub(crate) fn of(seen: &[Secs], keeps: bool) -> Self {
        Self {
            count: u64::try_from(seen.len()).unwrap_or(u64::MAX),
            sum: seen.iter().map(|secs| u64::from(secs.0)).sum(),
            min: seen.iter().min().copied(),
            max: seen.iter().max().copied(),
            cells: if keeps { Cells::of(seen) } else { Cells::default() },
        }
    }
}
