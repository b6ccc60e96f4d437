//! The past as plans need it: counts of arrivals, and what became of single visits.
//!
//! Nothing says who the person was.
//! Invariant: a visit without a call took no counter.

use std::sync::Arc;

use domain::{QueueId, Secs, Timestamp};

/// How many of one class came to one queue within one half-hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivalsRow {
    pub queue: QueueId,
    pub class: Arc<str>,
    /// Its beginning.
    pub half_hour: Timestamp,
    pub came: u32,
}

/// One ended visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    pub queue: QueueId,
    pub class: Arc<str>,
    pub arrived_at: Timestamp,
    /// Until the first call, or until the person left.
    pub waited: Secs,
    /// How long a counter was taken, from the last call on; none when nobody called.
    pub taken: Option<Secs>,
}
